"""Lines of a table that are no article: repeated headers, titles, totals and footers.

A total may stand in the column of the codes and have a figure below the price, and an article may
be called TOTAL-01 or be of the brand Total. What a cell says makes a line a candidate; one that is
filled like its neighbours and has a name of its own is an article all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, vocabulary
from .fields import IDENTIFIERS
from .normalise import NormalisedFrame

#: Rules of the lines that are no article.
NO_ARTICLE = ("row-header", "row-total", "row-section")
_NEIGHBOURS = 200  # lines whose filled cells are counted
_FILLED = 0.75  # of an article's usual cells, from which a line is filled like one
_MONEY = r"(?:€|eur|euros?|chf|gbp|usd|pln|zl)"
_AMOUNT = rf"[-+]?\d[\d .,'’]*[.,]\d{{1,2}}(?: ?{_MONEY})?|\d[\d .,]* ?{_MONEY}"


def find(batch: NormalisedFrame) -> np.ndarray:
    """Return per row the rule that says it is no article, None for articles (object, n).

    Only rows without a price or a code come into question, and those whose code is a total.
    """
    frame, raw = batch.frame, batch.raw
    kinds = np.full(len(frame), None, dtype=object)
    code = arrow.text(frame["supplier_sku"])
    uncoded = ~arrow.known(arrow.text(frame["gtin"]))
    code_ends = uncoded.copy()
    code_ends[uncoded] = arrow.matches(arrow.fold(arrow.pick(code, uncoded)), _ending())
    doubtful = frame["purchase_price"].isna().to_numpy() | ~arrow.known(code) | code_ends
    rows = np.flatnonzero(doubtful)
    if not rows.size:
        return kinds
    take = pa.array(rows)
    cells = [arrow.fold(arrow.text(raw.frame[name]).take(take)) for name in raw.frame.columns]
    filled = np.sum([arrow.known(column) for column in cells], axis=0)
    repeats = np.zeros(len(rows), dtype=int)
    total = np.zeros(len(rows), dtype=bool)
    footer = np.zeros(len(rows), dtype=bool)
    for name, column in zip(raw.frame.columns, cells, strict=True):
        header = arrow.fold(arrow.text([str(name)]))[0]
        repeats += arrow.mask(pc.equal(column, header)).astype(int)
        total |= arrow.matches(column, _total())
        footer |= arrow.matches(column, _footer())
    ends = ~arrow.known(code.take(take)) | code_ends[rows]
    ends &= ~_is_like_an_article(batch, rows, doubtful)
    kinds[rows[footer & ends]] = "row-section"
    kinds[rows[(filled == 1) & (raw.frame.shape[1] >= 3)]] = "row-section"
    kinds[rows[total & ends]] = "row-total"
    kinds[rows[(repeats >= 2) & (repeats >= filled * 0.6)]] = "row-header"
    return kinds


def _is_like_an_article(
    batch: NormalisedFrame, rows: np.ndarray, doubtful: np.ndarray
) -> np.ndarray:
    """Boolean array: a row has a price, a name of its own, and its cells filled as is usual."""
    name = arrow.fold(arrow.text(batch.frame["name"].iloc[rows]))
    named = arrow.known(name) & ~arrow.matches(name, _ending())
    named &= batch.frame["purchase_price"].iloc[rows].notna().to_numpy()
    others = np.flatnonzero(~doubtful)[:_NEIGHBOURS]
    if not named.any() or not others.size:
        return named
    usual = np.median(_count_filled(batch, others))
    return named & (_count_filled(batch, rows) >= _FILLED * usual)


def _count_filled(batch: NormalisedFrame, rows: np.ndarray) -> np.ndarray:
    """Count the filled cells of rows beside those of their codes."""
    fields, frame = batch.mapping.fields, batch.raw.frame.iloc[rows]
    names = [name for name in frame.columns if fields.get(name) not in IDENTIFIERS]
    return np.sum([arrow.known(arrow.text(frame[name])) for name in names], axis=0)


@lru_cache(maxsize=1)
def _total() -> str:
    """Return the pattern of totals: `Total HT`, `Totaal (3 regels)`, but not `Total Quartz`."""
    counted = _any_of(vocabulary.words("counted"))
    tail = "|".join(
        [
            r"[:=].*",
            r"[-–—]\s.*",
            r"\(.*",
            rf"(?:{_any_of(vocabulary.words('total_tail'))})(?:\W.*)?",
            rf"(?:{_any_of(vocabulary.words('total_of'))})\W.*",
            rf"(?:\d[\d .]*\s*)?(?:{counted})(?:\W.*)?",
            rf"(?:{_AMOUNT})",
        ]
    )
    words = _any_of(vocabulary.words("total"))
    partial = _any_of(vocabulary.words("subtotal"))
    return (
        rf"^\W*(?:(?:{partial})(?:[\s:=(].*|\s?[-–—]\s.*)?|"
        rf"(?:{words})\W?\s*(?:\s(?:{tail})|[:=(].*)?)\W*$"
    )


@lru_cache(maxsize=1)
def _footer() -> str:
    """Return the pattern of what is below a list: `Page 1/3`, `Anzahl Artikel: 3`, `3 lignes`."""
    return "|".join(
        [
            rf"^(?:{_any_of(vocabulary.words('count_of'))})\s*[:=]?\s*[\d .,]*$",
            rf"^\d[\d .]*\s+(?:{_any_of(vocabulary.words('counted'))})$",
            rf"^\W*(?:{_any_of(vocabulary.words('end'))})\W*$",
            (
                rf"^(?:{_any_of(vocabulary.words('page'))})\s*\d+"
                r"(?:\s*(?:/|sur|of|von|de|di|van|z)\s*\d+)?$"
            ),
        ]
    )


@lru_cache(maxsize=1)
def _ending() -> str:
    return f"{_total()}|{_footer()}"


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(word.replace(".", r"\.").replace("'", "['’]") for word in longest_first)
