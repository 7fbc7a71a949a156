"""How currencies are written beside a figure: codes, signs and words, and the patterns of them.

The codes of today are Babel's, the signs and words those of the vocabulary. A code that is a word
too (`ALL`, `TOP`, `KGS`) only counts in a column of currencies. A `$` after letters is the
currency of those letters or none: never the dollar of the United States.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

from . import arrow, vocabulary

#: `R$`, `CA$`, and what may follow: `$ CAD`, `$US`.
_DOLLAR = r"\pL*\$"


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
    """Return folded sign, word or code → code."""
    return {code.lower(): code for code in sorted(iso_codes())} | vocabulary.codes("currency")


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
    """Return the pattern (RE2, any case) of signs: they count wherever they stand."""
    after = _any_of(word[1:] for word in telling() if re.fullmatch(r"\$[a-z]{2,}", word))
    single = "".join(word for word in telling() if len(word) == 1 and word != "$")
    return rf"{_DOLLAR}(?:\s?(?:{after})\b)?|[{single}]|zł|kč"


@lru_cache(maxsize=1)
def codes() -> str:
    """Return the pattern (RE2, any case) of codes and words: they count between blanks."""
    return _any_of(word for word in telling() if re.fullmatch(r"[a-z]{2,}", word))


@lru_cache(maxsize=1)
def _in_text() -> str:
    return rf"(?i)(?P<sign>{signs()})|(?:^|[^\pL])(?P<code>{codes()})(?:$|[^\pL])"


def find(cells: pa.Array) -> pa.Array:
    """Return per cell the code of the currency that stands in it, null where none does."""
    known = telling()
    keys, values = (pa.array(list(part), pa.large_string()) for part in (known, known.values()))
    parts = pc.extract_regex(cells, _in_text())
    found = _part(parts, "sign")
    found = pc.if_else(pa.array(arrow.known(found)), found, _part(parts, "code"))
    folded = pc.replace_substring(arrow.fold(found), " ", "")
    return pc.take(values, pc.index_in(folded, keys))


def _part(parts: pa.Array, name: str) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, name), "").cast(pa.large_string())


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in longest_first)
