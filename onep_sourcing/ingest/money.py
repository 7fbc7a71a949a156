"""How currencies are written beside a figure: codes, signs and words, and the patterns of them.

The codes of today are Babel's, the signs and words those of the vocabulary. A code that is a word
too (`ALL`, `TOP`, `KGS`) only counts in a column of currencies. A `$` after letters is the
currency of those letters or none: never the dollar of the United States. A sign that several
currencies share (`$`, `kr`, `¥`) is that of the column's currency where it may be, else of the
first of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

from . import arrow, vocabulary

#: `R$`, `CA$`, of letters that may be none one knows; a longer word is no country.
_ANY_DOLLAR = r"(?:\b[A-Za-z]{1,3})?\$"


@lru_cache(maxsize=1)
def iso_codes() -> frozenset[str]:
    """Return the ISO 4217 codes of what is legal tender somewhere today, as Babel has them."""
    return frozenset(
        code
        for used in get_global("territory_currencies").values()
        for code, _since, until, is_tender in used
        if until is None and is_tender
    )


@lru_cache(maxsize=1)
def spellings() -> dict[str, str]:
    """Return folded sign, word or code → code, the first one where several share it."""
    return {code.lower(): code for code in sorted(iso_codes())} | vocabulary.codes("currency")


def candidates(spelling: str) -> tuple[str, ...]:
    """Return the codes that a spelling of `telling` may stand for, the most usual one first."""
    shared = vocabulary.codes("currency_several").get(spelling)
    return tuple(shared.split()) if shared else (telling()[spelling],)


@lru_cache(maxsize=1)
def telling() -> dict[str, str]:
    """Return those spellings that can be nothing but a currency, dollars of all ways to write."""
    words = vocabulary.words("currency_or_word")
    told = {word: code for word, code in spellings().items() if word not in words}
    for word, code in list(told.items()):
        letters = word.removesuffix("$")
        if letters.isalpha() and (word.endswith("$") or word == code.lower()):
            told |= {f"{letters}$": code, f"${letters}": code}
    return told


@lru_cache(maxsize=1)
def signs() -> str:
    """Return the pattern (RE2 and re, any case) of signs: they count wherever they stand."""
    before = _any_of(word[:-1] for word in telling() if re.fullmatch(r"[a-z]+\$", word))
    others = _any_of(word for word in telling() if not word.isascii())
    return rf"\b(?:{before})\$|{_dollar_before()}|\$|{others}"


@lru_cache(maxsize=1)
def codes() -> str:
    """Return the pattern (RE2 and re, any case) of codes and words: they count between blanks."""
    return _any_of(word for word in telling() if re.fullmatch(r"[a-z]{2,}\.?", word))


@lru_cache(maxsize=1)
def _dollar_before() -> str:
    after = _any_of(word[1:] for word in telling() if re.fullmatch(r"\$[a-z]{2,}", word))
    return rf"\$\s?(?:{after})\b"


@lru_cache(maxsize=1)
def _sign_in_text() -> str:
    others = _any_of(word for word in telling() if not word.isascii())
    return rf"(?i)(?P<found>{_dollar_before()}|{_ANY_DOLLAR}|{others})"


@lru_cache(maxsize=1)
def _code_in_text() -> str:
    return rf"(?i)(?:^|[^\pL])(?P<found>{codes()})(?:$|[^\pL])"


def find(cells: pa.Array) -> pa.Array:
    """Return per cell the spelling (of `telling`) of the currency in it, null where none is.

    A code says more than a sign of several currencies: `$ 12.50 CAD`.
    """
    sign, has_sign = _extract(cells, _sign_in_text())
    shared = pa.array(list(vocabulary.codes("currency_several")), pa.large_string())
    is_open = pc.or_(pc.invert(has_sign), pc.is_in(sign, shared))
    if not pc.any(is_open).as_py():
        return sign
    code, has_code = _extract(cells, _code_in_text())
    return pc.if_else(pc.and_(is_open, has_code), code, sign)


def _extract(cells: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    """Return what a pattern finds, null where it is no spelling; and where it found something."""
    found = pc.struct_field(pc.extract_regex(cells, pattern), "found")
    folded = arrow.fold(pc.fill_null(found, "").cast(pa.large_string()))
    folded = pc.replace_substring(folded, " ", "")
    known = pa.array(list(telling()), pa.large_string())
    is_known = pc.is_in(folded, known)
    return pc.if_else(is_known, folded, pa.scalar(None, folded.type)), pc.is_valid(found)


def codes_of(found: pa.Array, usual: str | None = None) -> pa.Array:
    """Return the code of each spelling, null for none: `usual` where several share its sign.

    found: folded, as `find` or a column of currencies gives them
    """
    known = dict(spellings()) | telling()
    if usual:
        shared = vocabulary.codes("currency_several").items()
        known |= {sign: usual for sign, written in shared if usual in written.split()}
    keys, values = (pa.array(list(part), pa.large_string()) for part in (known, known.values()))
    return pc.take(values, pc.index_in(found, keys))


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in longest_first)
