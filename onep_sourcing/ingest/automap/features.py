"""Everything that speaks for or against a field, as numbers: one row a (column, option).

Options are the target fields, and last, that the column fills none. The model weighs them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import money
from ..fields import FIELDS
from . import fit, lexicon, pricewords, ranks, series
from .columns import CODES, PRICES, Column
from .evidence import Content
from .lexicon import Hit

_SPEAKS = 0.85
_LEFT = 0.6  # likeness to headers that are left out from which cells alone name no field
OPTIONS: tuple[str | None, ...] = (*FIELDS, None)
IGNORED = len(OPTIONS) - 1
_PLACE = {name: place for place, name in enumerate(OPTIONS)}
_TAXABLE = ("purchase_price", "tier_price")
_PRICED = (*PRICES, "tier_price")
_TEXTS = ("name", "description")
_WORDS = (*_TEXTS, "brand")
_STEPS = ("tier_qty", "tier_price")
_COUNTS = ("tier_qty", "stock_quantity", "minimum_order_quantity", "pack_size")
#: Words for a code: what they follow is named by it, not given.
_CODE_WORDS = frozenset(
    "code cod codigo codice kod key id ident index indice indeks kennzeichen flag".split()
)
#: Words for the number of a record in a database.
_RECORD_WORDS = frozenset("id ids uid uuid guid oid pk rowid idx identifier identifiant".split())
_FIGURE_KINDS = frozenset({"price", "percent", "quantity", "pack", "weight", "size"})
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
    "not-own",  # the same, for the supplier's own code
    "holds",  # its codes hold those of another column, share of the rows: maker's behind a prefix
    "held",  # the same, of the codes that are held
    "coded",  # a word for a code in the header of a figure
    "over",  # likeness to headers that are left out beyond that to the field
    "sole",  # no other column can be it
    "longer",  # rank of its length among the texts of the file, -0.5 to 0.5
    "letters",  # probability by the letters of the header alone, 0-1
    "letters-odds",  # its log-odds against the likeliest of the others, -4 to 4
    "proven",  # list price, discount and price to pay agree
    "disproven",  # the same, for another field
    "suits",  # how well the cells alone fit, where the header says nothing and no other column does
    "side",  # the header says whose price it is, this field's: 1, the other's: -1
    "other-side",  # it says nothing of that beside a column that says this field's
    "taxed",  # the header of a price says that VAT is in
    "taxed-twin",  # beside a price whose header says that VAT is not in
    "packed",  # its header says that a price is of a package
    "packed-twin",  # beside a price whose header does not
    "piece-twin",  # its header says that a price is of a piece, beside one of a package
    "money-twin",  # the same price stands beside it in another currency
    "finest",  # the last of several columns that may be categories
    "coded-text",  # a word for a code in the header of a text
    "rises",  # it rises from row to row of the same article, as steps do
    "level",  # the same, for stocks and other quantities
    "counts",  # the header of a price has a word for a quantity
    "currency-beside",  # a price next to a currency
    "record",  # the number of a record (`id`) beside a code that is none
    "named",  # a code whose header says that it is the supplier's SKU
    "named-twin",  # another code beside that one
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
    "none-told",  # the header is one that is left out, and is less like any field
    "none-letters",  # probability, by its letters, of a header that is left out
)
NAMES = (
    *_OF_FIELD,
    *_OF_NONE,
    *(f"is-{name}" for name in FIELDS),
)
_FEATURE = {name: place for place, name in enumerate(NAMES)}


def matrix(found: Sequence[Column]) -> np.ndarray:
    """Return features (columns × OPTIONS × NAMES)."""
    count = len(found)
    values = np.zeros((count, len(OPTIONS), len(NAMES)))
    strengths = np.array([[column.strength(field) for field in FIELDS] for column in found])
    strengths = strengths.reshape(count, len(FIELDS))
    quantity, price, named = _steps(found, strengths)
    nobodys = any(
        column.strength("supplier_sku") >= 0.5 and not _is_of_others(column) for column in found
    )
    coded = [column for column in found if column.strength("supplier_sku") >= 0.5]
    unrecorded = any(not _is_record(column) for column in coded)
    declared = any(_is_named(column) for column in coded)
    prices = ranks.of_prices(found, PRICES)
    priced = _may_be_prices(found, strengths)
    sides = {column.side for column in priced}
    untaxed = any(column.taxed is False for column in priced)
    pieces = any(not column.packed for column in priced)
    packages = any(column.packed for column in priced)
    levels = ranks.of_levels(found, strengths[:, _PLACE["category"]])
    finest = levels.max(initial=0.0)
    monies = _monies(found)
    is_money = np.pad(strengths[:, _PLACE["currency"]] >= 0.6, 1)
    money_beside = is_money[:-2] | is_money[2:]
    lengths = ranks.of_texts(found, _TEXTS)
    for row, column in enumerate(found):
        others = np.delete(strengths, row, axis=0)
        rivals = others.max(axis=0) if len(others) else np.zeros(len(FIELDS))
        early = 1 - row / max(1, count - 1)
        for place, field in enumerate(FIELDS):
            said = field
            if field == "tier_price" and (price[row] or named[row]):
                said = "purchase_price"  # `cost from 10` is as much a price as `cost`
            elif field == "tier_qty" and quantity[row]:
                said = "stock_quantity"
            elif field == "stock_quantity" and _counts(column.content):
                said = "availability"  # `Disponibile`: 12, 0, 60
            if said != field and _likeness(column, said) <= _likeness(column, field):
                said = field
            strength = column.strength(said)
            if said == "availability" != field:  # which the cells deny as such
                strength = column.hits[said].score
            told = _of_field(column, said, strength, rivals[place], field)
            if field == "name":
                told["alone"] = float(strengths[row, place] > 0 and rivals[place] < 0.5)
            if field in PRICES:
                told["dearer"] = prices[row] * (1 if field == PRICES[1] else -1)
                told["side"] = (column.side == field) - float(column.side not in (field, None))
                told["other-side"] = float(column.side is None and field in sides)
            if field in _PRICED:
                told["currency-beside"] = float(money_beside[row])
            if field in _PRICED and column.counts:
                told["counts"] = 1.0
            if field in _TAXABLE and column.taxed:
                told["taxed"] = 1.0
                told["taxed-twin"] = float(untaxed)
            if field in PRICES and column.packed:
                told["packed"] = 1.0
                told["packed-twin"] = float(pieces)
            if field == "purchase_price" and column.pieced:
                told["piece-twin"] = float(packages)
            if field == "recommended_retail_price" and column.side is None:
                told["money-twin"] = float(monies[row])
            if column.rises and field in _COUNTS:
                told["rises" if field == "tier_qty" else "level"] = 1.0
            if field == "category":
                told["deep"] = levels[row]
                told["finest"] = float(levels[row] == finest > 0)
            if field in _TEXTS:
                told["longer"] = lengths[row] * (1 if field == _TEXTS[1] else -1)
            if field in ("supplier_sku", "ean", "name"):
                told["early"] = early
            if field in _STEPS:
                own = quantity if field == "tier_qty" else price
                told["step"] = float(own[row])
                told["from"] = float(field == "tier_price" and named[row])
            else:
                told["stepped"] = float(quantity[row] or price[row] or named[row])
            if field in CODES:
                is_own = field == CODES[0]
                theirs = nobodys and _is_of_others(column)
                told["not-own" if is_own else "theirs"] = float(theirs)
                told["holds" if is_own else "held"] = column.holds if is_own else column.held
            if field == CODES[0]:
                told["record"] = float(unrecorded and _is_record(column))
                told["named"] = float(_is_named(column))
                told["named-twin"] = float(declared and not _is_named(column))
            if rivals[place] < 0.3 and strengths[row, place] > 0:
                told["sole"] = 1.0
            if rivals[place] < 0.5 and field not in column.hits and not _is_left_out(column):
                told["suits"] = fit.suits(field, column.content)
            told[f"is-{field}"] = 1.0
            for name, value in told.items():
                values[row, place, _FEATURE[name]] = value
        best = strengths[row].max(initial=0.0)
        for name, value in _of_none(column, best).items():
            values[row, IGNORED, _FEATURE[name]] = value
    return values


def _is_left_out(column: Column) -> bool:
    """The header says that the column is none of the fields (`Serial Number`)."""
    return column.leave is not None and column.leave.score >= _LEFT


def _monies(found: Sequence[Column]) -> list[bool]:
    """Tell of each column whether another is the same in another currency (`price.EUR`)."""
    known = {code.lower() for code in money.iso_codes()}
    cut = []
    for column in found:
        words = lexicon.words(column.words)
        codes = frozenset(known.intersection(words))
        cut.append((tuple(word for word in words if word not in codes), codes))
    several: dict[tuple[str, ...], set[frozenset[str]]] = {}
    for stem, codes in cut:
        if codes:
            several.setdefault(stem, set()).add(codes)
    return [bool(codes) and len(several[stem]) > 1 for stem, codes in cut]


def _may_be_prices(found: Sequence[Column], strengths: np.ndarray) -> list[Column]:
    """Return the columns whose headers may be those of prices, and that hold figures."""
    places = [_PLACE[name] for name in PRICES]
    return [
        column
        for row, column in enumerate(found)
        if strengths[row, places].max() >= 0.3
        and (column.content.numeric > 0.5 or not column.content.known)
    ]


def _steps(
    found: Sequence[Column], strengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which columns are steps' quantities, their prices, prices from a quantity."""
    prices = [_PLACE[name] for name in (*PRICES, "tier_price")]
    counts = [_PLACE[name] for name in _COUNTS]
    priced, counted = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
    for row, column in enumerate(found):
        content = column.content
        figures = content.numeric > 0.5 or not content.known
        said = strengths[row, prices].max() >= strengths[row, counts].max() and not column.counts
        # steps of the price that customers pay are none of the supplier's
        shelf = pricewords.side(column.words) == PRICES[1]
        priced[row] = figures and strengths[row, prices].max() > 0.15 and said and not shelf
        counted[row] = figures and (strengths[row, counts].max() > 0.15 or not column.hits)
        counted[row] |= figures and column.counts
        counted[row] &= (content.whole > 0.9 or not content.known) and not shelf
    return series.steps([column.words for column in found], priced, counted)


def _counts(content: Content) -> bool:
    """The cells are numbers of pieces, some above one."""
    return content.count > 0.8 and content.whole > 0.8 and content.high > 1


def _likeness(column: Column, field: str) -> float:
    hit = column.hits.get(field)
    return max(hit.score if hit else 0.0, column.claims.get(field, (0.0, ""))[0])


def _of_field(
    column: Column, field: str, strength: float, rival: float, filled: str
) -> dict[str, float]:
    """field: whose likeness counts; filled: the field in question, whose cells these are."""
    hit = column.hits.get(field)
    score = hit.score if hit else 0.0
    claim = column.claims.get(field, (0.0, ""))[0]
    spoken = claim >= _SPEAKS > score  # cells that no other field has say as much as a header
    if spoken:
        score = claim
    next_best = _next_best(column.nearest, field)
    leave = column.leave.score if column.leave else 0.0
    factor = column.factors[filled if field == "availability" else field]
    told = {
        "letters": column.letters.get(field, 0.0),
        "letters-odds": _letters_odds(column, field),
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
            "over": max(0.0, leave - score),
            "apart": score * (leave >= score - 0.02),
            "repeated": float(column.repeated),
            "coded": float(_is_coded(column, hit) and FIELDS[field].kind in _FIGURE_KINDS),
            "coded-text": float(_is_coded(column, hit) and field in _WORDS),
        }
    if column.proven:
        told["proven" if column.proven == field else "disproven"] = 1.0
    if score or claim:
        told |= {
            "cells": max(-1.0, math.log(factor)),
            "denied": float(factor < 0.5),
            "lag": max(0.0, rival - strength),
            "tie": float(rival > 0 and abs(rival - strength) < 0.03),
        }
    return told


def _is_of_others(column: Column) -> bool:
    """The header names suppliers; an SKU is the seller's own all the same."""
    words = set(lexicon.words(column.words))
    return bool(_THEIRS & words) and "sku" not in words


def _is_record(column: Column) -> bool:
    return not _RECORD_WORDS.isdisjoint(lexicon.words(column.words))


def _is_named(column: Column) -> bool:
    words = set(lexicon.words(column.words))
    return "sku" in words and not _THEIRS.isdisjoint(words)


def _is_coded(column: Column, hit: Hit | None) -> bool:
    """A word for a code stands in the header, and not in the synonym it resembles."""
    left = _CODE_WORDS.intersection(lexicon.words(lexicon.last(column.words)))
    return bool(left) and not (hit and left.intersection(lexicon.words(hit.term)))


def _of_none(column: Column, best: float) -> dict[str, float]:
    content = column.content
    return {
        "none": 1.0,
        "none-leave": column.leave.score if column.leave else 0.0,
        "none-best": best,
        "none-told": float(
            bool(column.leave)
            and column.leave.score >= _SPEAKS
            and column.leave.score - max((hit.score for hit in column.hits.values()), default=0.0)
            >= 0.1
        ),
        "none-unnamed": float(not column.words.strip()),
        "none-foreign": float(bool(column.words.strip()) and not column.hits and not column.leave),
        "none-empty": float(content.rows > 0 and not content.filled),
        "none-counting": float(content.ordinal),
        "none-date": content.date,
        "none-link": max(0.0, content.url - content.image),
        "none-constant": float(content.is_constant),
        "none-repeated": float(column.repeated),
        "none-letters": column.letters.get(lexicon.IGNORE, 0.0),
    }


def _letters_odds(column: Column, field: str) -> float:
    if not column.letters:
        return 0.0
    own = max(column.letters.get(field, 0.0), 1e-9)
    return min(4.0, max(-4.0, math.log(own / _next_best(column.likeliest, field, 1e-9))))


def _next_best(likeliest: Sequence[tuple[str, float]], field: str, least: float = 0.0) -> float:
    """Return the highest value of another field, of the two highest."""
    return max((value for name, value in likeliest if name != field), default=least)


def place(field: str | None) -> int:
    """Return the place of a field among OPTIONS."""
    return _PLACE[field]
