"""What the words of a cell say of its line: a total, a charge, a footer; and how surely.

`Net à payer` is no article whatever stands beside it, `SUM` may well be the code of one. The words
are those of the vocabulary; their value tells which of them an article may bear too: `name` those
that only do beside a name of its own, `code` those that may do alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from . import arrow, money, vocabulary

#: How surely a cell names no article, from not at all.
NO, CODE, OPEN, BARE, CERTAIN = range(5)

_KINDS = "total subtotal count_of page end vat_line vat_line_before amount_line charge_line".split()
_FIGURE = r"[-+]?\d[\d .,'’]*"
_DECIMALS = r"[-+]?\d[\d .,'’]*[.,]\d{1,2}"
#: What parts the words of a line; those of a code stand closer: `TOTAL-01`, `SUM/NET`.
_THEN = r"(?:\s\W*|\s*[(:=,]\W*)"
_PERCENT = r"\d{1,2}(?:[.,]\d{1,2})?\s*%"


@dataclass(frozen=True, slots=True)
class Said:
    """What n cells say of their lines.

    level: int (n), from NO to CERTAIN: CODE could be a code, OPEN begins as a total does and goes
        on with other words, BARE needs a name beside it to be an article
    rule: object (n), the rule of such lines, None where level is NO
    """

    level: np.ndarray
    rule: np.ndarray


def read(cells: pa.Array) -> Said:
    """Say it of cells; most begin as no such word does, and are not looked at further."""
    level = np.full(len(cells), NO)
    rule = np.full(len(cells), None, dtype=object)
    rows = np.flatnonzero(arrow.matches(cells, _beginning()))
    if rows.size:
        folded = arrow.fold(cells.take(pa.array(rows)))
        for own_level, own_rule, pattern in _patterns():
            found = rows[arrow.matches(folded, rf"^\W*(?:{pattern})$")]
            weaker = found[level[found] < own_level]
            level[weaker], rule[weaker] = own_level, own_rule
    return Said(level, rule)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[int, str, str]]:
    """Return level, rule and pattern (RE2, of folded text) of all that lines say they are."""
    sure, bare, codes = (_any_of(_terms("total", value)) for value in ("", "name", "code"))
    totals = f"{sure}|{bare}|{codes}"
    chain = rf"(?:{_THEN}(?:{_closed()}))"
    counted = rf"\d[\d .]*\s+(?:{_any_of(vocabulary.words('counted'))})"
    free_tail = _any_of(_terms("total_tail", "name"))
    of = _any_of(vocabulary.words("total_of"))
    page = _any_of(vocabulary.words("page"))
    subtotal = _any_of(vocabulary.words("subtotal"))
    figure = r"(?:\s\W*\d[\d .]*)?"
    closed = rf"(?:{chain}+(?:\W*[:=]\s*{_FIGURE})?|\W*[:=]\s*(?:{_FIGURE})?)"
    tails = rf"(?:{_THEN}(?:(?:{of})\W+)*(?:{free_tail})|{chain})+"
    goes_on = rf"(?:[:=(]|[-–—]\s|\s(?:{of})\b|\s(?:{free_tail})\b).*"
    count_of = _any_of(vocabulary.words("count_of"))
    end, weak_end = (_any_of(_terms("end", value)) for value in ("", "code"))
    return [
        (CODE, "row-total", rf"(?:{codes})(?:[ -]?\d+)?\W*"),
        (CERTAIN, "row-total", rf"(?:{sure})(?:{_THEN}{_FIGURE})?\W*"),
        (CERTAIN, "row-total", rf"(?:{totals}){closed}\W*"),
        (BARE, "row-total", rf"(?:{bare}){figure}\W*"),
        (BARE, "row-total", rf"(?:{totals}){tails}{figure}\W*"),
        (OPEN, "row-total", rf"(?:{totals})\W?\s*{goes_on}"),
        (CERTAIN, "row-total", rf"(?:{subtotal})\W*"),
        (OPEN, "row-total", rf"(?:{subtotal})(?:[\s:=(].*|\s?[-–—]\s.*)"),
        (CERTAIN, "row-section", rf"(?:{count_of})\s*[:=]?\s*[\d .,]*"),
        (BARE, "row-section", counted),
        (CERTAIN, "row-section", rf"(?:{page})\s*\d+\s*(?:/|sur|of|von|de|di|van|z)\s*\d+"),
        (CODE, "row-section", rf"(?:{page})\s*\d+"),
        (CERTAIN, "row-section", rf"(?:{end})(?:\s*[(:–—-].*)?\W*"),
        (CODE, "row-section", rf"(?:{weak_end})\W*"),
        *_line_items(),
    ]


def _line_items() -> list[tuple[int, str, str]]:
    """Return the same of amounts that are due or carried over, of VAT, and of charges."""
    vat = _any_of(vocabulary.words("vat_line"))
    before = _any_of(vocabulary.words("vat_line_before"))
    found = [
        (CERTAIN, "row-charge", rf"(?:(?:{before})\W+)*{_PERCENT}\W*(?:{vat})\W*"),
        (CERTAIN, "row-charge", rf"(?:(?:{before})\W+)+(?:{vat})(?:\W+{_PERCENT})?\W*"),
        (CERTAIN, "row-charge", rf"(?:{vat}){_THEN}(?:{_PERCENT}.*|{_amount()}\W*)"),
        (CODE, "row-charge", rf"(?:{vat})(?:\W+\d+)?\W*"),
    ]
    # `Transport 3 pièces` is an article, `Transport 12,00 € HT` is none.
    then = rf"(?:{_amount()}|{_PERCENT}|(?:{_any_of(_terms('total_tail', ''))})\.?)"
    charges = _any_of(_terms("charge_line", ""))
    found.append((CERTAIN, "row-charge", rf"(?:{charges})\s.*"))  # by whom, or for what
    for kind, rule in (("amount_line", "row-total"), ("charge_line", "row-charge")):
        sure, weak = _any_of(_terms(kind, "")), _any_of(_terms(kind, "code"))
        found += [
            (CERTAIN, rule, rf"(?:{sure})(?:{_THEN}(?:{_closed()}))*(?:\W*{_FIGURE})?\W*"),
            (CERTAIN, rule, rf"(?:{weak})(?:{_THEN}{then})+\W*"),
            (CERTAIN, rule, rf"(?:{weak})\W*[:=]\s*(?:{_FIGURE})?\W*"),
            (CODE, rule, rf"(?:{weak})(?:[ -]?\d+)?\W*"),
        ]
    return found


@lru_cache(maxsize=1)
def _closed() -> str:
    """Return the pattern of what may follow a total and keep it one: `HT`, `3 lignes`, `12,50 €`.

    `Total Net Curtain` goes on with a word that is none of them.
    """
    of = _any_of(vocabulary.words("total_of"))
    page = _any_of(vocabulary.words("page"))
    tails = _any_of(_terms("total_tail", ""))
    counted = _any_of(vocabulary.words("counted"))
    return (
        rf"(?:(?:{of})\W+)*(?:(?:{page})\s*\d*|(?:\d[\d .]*\s*)?(?:{counted})(?:\W+{_FIGURE})?|"
        rf"{_amount()}|{_PERCENT}|(?:{tails})\.?)"
    )


@lru_cache(maxsize=1)
def _amount() -> str:
    coin = f"{money.signs()}|{money.codes()}"
    return (
        rf"(?:(?:{coin})\s*)?(?:{_DECIMALS})(?:\s*(?:{coin}))?|"
        rf"{_FIGURE}\s*(?:{coin})|(?:{coin})\s*{_FIGURE}"
    )


@lru_cache(maxsize=1)
def _beginning() -> str:
    """Return the pattern of the first letters of all such words, in cells as they are written."""
    starts = {word[:3] for kind in _KINDS for word in vocabulary.words(kind)}
    return rf"(?i)^\W*(?:{_any_of(starts)}|\d[\d .,]*(?:%|\s*[a-z])|.{{0,2}}[^\x00-\x7f])"


def _terms(kind: str, value: str) -> list[str]:
    return [word for word, own in vocabulary.codes(kind).items() if own == value]


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(word.replace(".", r"\.").replace("'", "['’]") for word in longest_first)
