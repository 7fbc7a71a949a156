"""Everything that speaks for or against a field, as numbers: one row a (column, option).

Options are the target fields, and last, that the column fills none. The model weighs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from ..fields import FIELDS
from . import fit, lexicon, series
from .evidence import Content
from .lexicon import Hit

_SPEAKS = 0.85
OPTIONS: tuple[str | None, ...] = (*FIELDS, None)
IGNORED = len(OPTIONS) - 1
_PLACE = {name: place for place, name in enumerate(OPTIONS)}
_PRICES = ("purchase_price", "recommended_retail_price")
_STEPS = ("tier_qty", "tier_price")
_COUNTS = ("tier_qty", "stock_quantity", "minimum_order_quantity", "pack_size")
#: Words for suppliers, in a list that a supplier made: those it buys from itself.
_THEIRS = frozenset(
    "vendor vendors supplier suppliers fournisseur frs fourn lieferant lieferanten proveedor prov "
    "fornitore forn leverancier dostawca dostawcy fornecedor".split()
)

#: Of a field: what its header says (`term` to `apart`), what its cells say (`cells` to `claimed`),
#: how it stands beside the other columns (`lag` on).
_OF_FIELD = (
    "term",  # likeness of the header to the nearest synonym, 0-1
    "exact",  # the header is that synonym
    "whole",  # nothing else stands in the header
    "telling",  # words of the synonym beyond the first
    "lead",  # likeness beyond that of the next field
    "behind",  # likeness the best field has beyond this one
    "unsaid",  # the header says nothing of this field
    "leave",  # likeness to headers that are left out
    "apart",  # it is at least as like those
    "repeated",  # several columns have this header
    "cells",  # log of how well the cells fit, -1 to 0.3
    "denied",  # the cells speak against
    "claimed",  # how sure the cells alone are
    "unknown",  # no cells to look at
    "lag",  # another column fits the field better, by so much
    "tie",  # another column fits it as well
    "alone",  # no other column can be the name of the article
    "dearer",  # rank among the prices of the file, -0.5 the lowest to 0.5 the highest
    "early",  # place in the file, 1 first to 0 last
    "deep",  # place among the columns that may be categories, -0.5 the first to 0.5 the last
    "step",  # one of numbered columns that pair quantities and prices, as the field does
    "from",  # the header of a price names the quantity it is from
    "stepped",  # the same, for another field
    "theirs",  # a code of suppliers beside a code that is nobody's: the maker's
    "letters",  # probability by the letters of the header alone, 0-1
    "letters-odds",  # its log-odds against the likeliest of the others, -4 to 4
    "suits",  # how well the cells alone fit, where the header says nothing and no other column does
)
_OF_NONE = (
    "none",
    "none-leave",  # likeness to headers that are left out
    "none-best",  # how well the best field fits
    "none-unnamed",
    "none-foreign",  # a header of which no word is known
    "none-empty",
    "none-counting",  # 1, 2, 3…
    "none-date",
    "none-link",  # addresses that are no pictures
    "none-constant",
    "none-repeated",
    "none-letters",  # probability, by its letters, of a header that is left out
)
NAMES = (
    *_OF_FIELD,
    *_OF_NONE,
    *(f"is-{name}" for name in FIELDS),
)
_FEATURE = {name: place for place, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the mapper sees it.

    header: unique name; words: as in the file, empty when it has none
    hits: field → likeness of the header; leave: the same for headers that are left out
    factors, claims: see `fit`
    """

    index: int
    header: str
    words: str
    content: Content
    hits: dict[str, Hit]
    leave: Hit | None
    factors: dict[str, float]
    claims: dict[str, tuple[float, str]]
    letters: dict[str, float]
    repeated: bool

    def strength(self, field: str) -> float:
        """Return likeness and content together (0-1.3), the likeliest of header and cells."""
        hit = self.hits.get(field)
        said = hit.score * self.factors[field] if hit else 0.0
        return max(said, self.claims.get(field, (0.0, ""))[0])


def columns(
    headers: Sequence[str],
    words: Sequence[str],
    contents: Sequence[Content],
    book: lexicon.Lexicon,
) -> list[Column]:
    """Look up each header and judge each content.

    headers: unique names; words: headers as the file has them
    """
    # a column without any value repeats nothing
    counts = Counter(
        word
        for word, content in zip(words, contents, strict=True)
        if word and (content.known or not content.rows)
    )
    leads = Counter(lexicon.lead(word) for word in words)
    found = []
    for index, (header, word, content) in enumerate(zip(headers, words, contents, strict=True)):
        is_path = "[]" in word or (leads[lexicon.lead(word)] > 1 and bool(lexicon.lead(word)))
        hits = dict(book.hits(word, is_path=is_path))
        leave = hits.pop(lexicon.IGNORE, None)
        factors = {field: fit.factor(field, content) for field in FIELDS}
        claims = fit.claims(content)
        repeated = counts[word] > 1
        found.append(
            Column(
                index,
                header,
                word,
                content,
                hits,
                leave,
                factors,
                claims,
                book.by_letters(word),
                repeated,
            )
        )
    return found


def matrix(found: Sequence[Column]) -> np.ndarray:
    """Return features (columns × OPTIONS × NAMES)."""
    count = len(found)
    values = np.zeros((count, len(OPTIONS), len(NAMES)))
    strengths = np.array([[column.strength(field) for field in FIELDS] for column in found])
    strengths = strengths.reshape(count, len(FIELDS))
    quantity, price, named = _steps(found, strengths)
    nobodys = any(
        column.strength("supplier_sku") >= 0.5 and not _THEIRS & set(lexicon.words(column.words))
        for column in found
    )
    ranks = _price_ranks(found)
    levels = _category_levels(strengths)
    for row, column in enumerate(found):
        others = np.delete(strengths, row, axis=0)
        rivals = others.max(axis=0) if len(others) else np.zeros(len(FIELDS))
        early = 1 - row / max(1, count - 1)
        for place, field in enumerate(FIELDS):
            told = _of_field(column, field, strengths[row, place], rivals[place])
            if field == "name":
                told["alone"] = float(strengths[row, place] > 0 and rivals[place] < 0.5)
            if field in _PRICES:
                told["dearer"] = ranks[row] * (1 if field == _PRICES[1] else -1)
            if field == "category":
                told["deep"] = levels[row]
            if field in ("supplier_sku", "ean", "name"):
                told["early"] = early
            if field in _STEPS:
                own = quantity if field == "tier_qty" else price
                told["step"] = float(own[row])
                told["from"] = float(field == "tier_price" and named[row])
            else:
                told["stepped"] = float(quantity[row] or price[row] or named[row])
            if field == "manufacturer_part_number" and nobodys:
                told["theirs"] = float(bool(_THEIRS & set(lexicon.words(column.words))))
            if rivals[place] < 0.5 and field not in column.hits:
                told["suits"] = fit.suits(field, column.content)
            told[f"is-{field}"] = 1.0
            for name, value in told.items():
                values[row, place, _FEATURE[name]] = value
        best = strengths[row].max(initial=0.0)
        for name, value in _of_none(column, best).items():
            values[row, IGNORED, _FEATURE[name]] = value
    return values


def _steps(
    found: Sequence[Column], strengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which columns are steps' quantities, their prices, prices from a quantity."""
    prices = [_PLACE[name] for name in (*_PRICES, "tier_price")]
    counts = [_PLACE[name] for name in _COUNTS]
    priced, counted = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
    for row, column in enumerate(found):
        content = column.content
        figures = content.numeric > 0.5 or not content.known
        said = strengths[row, prices].max() >= strengths[row, counts].max()
        priced[row] = figures and strengths[row, prices].max() > 0.15 and said
        counted[row] = figures and (strengths[row, counts].max() > 0.15 or not column.hits)
        counted[row] &= content.whole > 0.9 or not content.known
    return series.steps([column.words for column in found], priced, counted)


def _of_field(column: Column, field: str, strength: float, rival: float) -> dict[str, float]:
    hit = column.hits.get(field)
    score = hit.score if hit else 0.0
    claim = column.claims.get(field, (0.0, ""))[0]
    spoken = claim >= _SPEAKS > score  # cells that no other field has say as much as a header
    if spoken:
        score = claim
    next_best = max((h.score for name, h in column.hits.items() if name != field), default=0.0)
    leave = column.leave.score if column.leave else 0.0
    factor = column.factors[field]
    told = {
        "letters": column.letters.get(field, 0.0),
        "letters-odds": _letters_odds(column.letters, field),
        "unsaid": float(score == 0),
        "claimed": claim,
        "unknown": float(not column.content.known),
    }
    if score:
        told |= {
            "term": score,
            "exact": float(score > 0.97),
            "whole": score * (spoken or hit.whole),
            "telling": 0 if spoken else min(2, len(hit.term.split()) - 1),
            "lead": max(0.0, score - next_best),
            "behind": max(0.0, next_best - score),
            "leave": leave,
            "apart": score * (leave >= score - 0.02),
            "repeated": float(column.repeated),
        }
    if score or claim:
        told |= {
            "cells": max(-1.0, float(np.log(factor))),
            "denied": float(factor < 0.5),
            "lag": max(0.0, rival - strength),
            "tie": float(rival > 0 and abs(rival - strength) < 0.03),
        }
    return told


def _of_none(column: Column, best: float) -> dict[str, float]:
    content = column.content
    constant = content.rows >= 3 and content.filled > 0.9 and content.distinct * content.rows <= 1
    return {
        "none": 1.0,
        "none-leave": column.leave.score if column.leave else 0.0,
        "none-best": best,
        "none-unnamed": float(not column.words.strip()),
        "none-foreign": float(bool(column.words.strip()) and not column.hits and not column.leave),
        "none-empty": float(content.rows > 0 and not content.filled),
        "none-counting": float(content.ordinal),
        "none-date": content.date,
        "none-link": max(0.0, content.url - content.image),
        "none-constant": float(constant),
        "none-repeated": float(column.repeated),
        "none-letters": column.letters.get(lexicon.IGNORE, 0.0),
    }


def _letters_odds(letters: dict[str, float], field: str) -> float:
    if not letters:
        return 0.0
    own = max(letters.get(field, 0.0), 1e-9)
    others = max((value for name, value in letters.items() if name != field), default=1e-9)
    return float(np.clip(np.log(own / others), -4, 4))


def _price_ranks(found: Sequence[Column]) -> np.ndarray:
    """Return for each column where its median stands among those that may be prices, else 0."""
    ranks = np.zeros(len(found))
    priced = [
        row
        for row, column in enumerate(found)
        if max(column.strength(field) for field in _PRICES) >= 0.4 and column.content.middle > 0
    ]
    if len(priced) > 1:
        middles = np.array([found[row].content.middle for row in priced])
        ranks[priced] = (rankdata(middles) - 1) / (len(priced) - 1) - 0.5
    return ranks


def _category_levels(strengths: np.ndarray) -> np.ndarray:
    """Return for each column its place among those that may be categories, else 0."""
    levels = np.zeros(len(strengths))
    rows = np.flatnonzero(strengths[:, _PLACE["category"]] >= 0.5)
    if rows.size > 1:
        levels[rows] = np.linspace(-0.5, 0.5, rows.size)
    return levels


def place(field: str | None) -> int:
    """Return the place of a field among OPTIONS."""
    return _PLACE[field]
