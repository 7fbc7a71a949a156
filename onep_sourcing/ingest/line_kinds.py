"""Lines of a table that are no article: repeated headers, titles, totals, charges and footers.

A total may stand in the column of the codes and have a figure below the price, and an article may
be called TOTAL-01 or be of the brand Total. What a cell says makes a line a candidate; one that is
filled like its neighbours and has a name of its own is an article all the same, unless its figures
are the sum of those above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, line_words
from .fields import IDENTIFIERS
from .line_words import CERTAIN, CODE, NO, OPEN, Said
from .normalise import NormalisedFrame

#: Rules of the lines that are no article.
NO_ARTICLE = ("row-header", "row-total", "row-charge", "row-section")
_NEIGHBOURS = 200  # lines whose filled cells are counted
_FILLED = 0.75  # of an article's usual cells, from which a line is filled like one


def find(batch: NormalisedFrame) -> np.ndarray:
    """Return per row the rule that says it is no article, None for articles (object, n).

    Only rows without a price or a code come into question, and those without an EAN whose code or
    name says that they are none.
    """
    frame, raw = batch.frame, batch.raw
    kinds = np.full(len(frame), None, dtype=object)
    code = arrow.text(frame["supplier_sku"])
    uncoded = ~arrow.known(arrow.text(frame["gtin"]))
    coded_as = _read_some(code, uncoded)
    named_as = _read_some(arrow.text(frame["name"]), uncoded)
    # `500 pièces` may well be the name of a puzzle.
    counts = (named_as.level < CERTAIN) & (named_as.rule == "row-section")
    by_name = np.where((named_as.level == OPEN) | counts, NO, named_as.level)
    told = (coded_as.level > NO) | (by_name > NO)
    doubtful = frame["purchase_price"].isna().to_numpy() | ~arrow.known(code) | told
    rows = np.flatnonzero(doubtful)
    if not rows.size:
        return kinds
    take = pa.array(rows)
    cells = [arrow.text(raw.frame[name]).take(take) for name in raw.frame.columns]
    filled = np.sum([arrow.known(arrow.trim(column)) for column in cells], axis=0)
    level, rule = coded_as.level[rows], coded_as.rule[rows]
    uncalled = ~arrow.known(code.take(take))
    level, rule = _stronger(level, rule, by_name[rows], named_as.rule[rows])
    for column in cells:
        said = _read_some(column, uncalled)
        level, rule = _stronger(level, rule, said.level, said.rule)
    article = _Neighbours.of(batch, doubtful).are_articles(batch, rows, coded_as, named_as)
    apart = (level == CERTAIN) & ~uncalled | (level > NO) & ~article
    kinds[rows[(filled == 1) & (raw.frame.shape[1] >= 3)]] = "row-section"
    kinds[rows[apart]] = rule[apart]
    kinds[rows[_repeats_header(batch, rows, filled)]] = "row-header"
    return kinds


def _read_some(cells: pa.Array, where: np.ndarray) -> Said:
    """Read the cells of a mask; those beside it say nothing."""
    level = np.full(len(cells), NO)
    rule = np.full(len(cells), None, dtype=object)
    if where.any():
        said = line_words.read(arrow.pick(cells, where))
        level[where], rule[where] = said.level, said.rule
    return Said(level, rule)


def _stronger(
    level: np.ndarray, rule: np.ndarray, other: np.ndarray, other_rule: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is said more surely of each row, and its rule."""
    return np.maximum(level, other), np.where(other > level, other_rule, rule)


def _repeats_header(batch: NormalisedFrame, rows: np.ndarray, filled: np.ndarray) -> np.ndarray:
    """Boolean array: the cells of a row are the names of their columns."""
    repeats = np.zeros(len(rows), dtype=int)
    for name in batch.raw.frame.columns:
        header = arrow.fold(arrow.text([str(name)]))[0]
        column = arrow.fold(arrow.text(batch.raw.frame[name].iloc[rows]))
        repeats += arrow.mask(pc.equal(column, header)).astype(int)
    return (repeats >= 2) & (repeats >= filled * 0.6)


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """What the articles of a batch are like.

    usual: filled cells of most of them, beside those of their codes; have_names: most have a name
    sure: boolean (n), the rows that are articles without a doubt
    """

    usual: float
    have_names: bool
    sure: np.ndarray

    @classmethod
    def of(cls, batch: NormalisedFrame, doubtful: np.ndarray) -> _Neighbours:
        rows = np.flatnonzero(~doubtful)[:_NEIGHBOURS]
        if not rows.size:
            return cls(0.0, batch.mapping.column("name") is not None, ~doubtful)
        names = batch.frame["name"].iloc[rows].notna().mean()
        return cls(float(np.median(_count_filled(batch, rows))), names >= 0.5, ~doubtful)

    def are_articles(
        self, batch: NormalisedFrame, rows: np.ndarray, coded_as: Said, named_as: Said
    ) -> np.ndarray:
        """Boolean array: rows that are articles in spite of the words in them.

        Their cells are filled as is usual, and a code that says nothing names them, or they have a
        price and a name of their own: one that is no total itself; with a stock, that is enough.
        Where no article has a name, codes that may be one need none.
        """
        frame = batch.frame.iloc[rows]
        called = frame["supplier_sku"].notna().to_numpy()
        code_level, name_level = coded_as.level[rows], named_as.level[rows]
        # What has no code at all is no `Total de la Mer` but the total of something.
        own_name = (name_level == NO) | (name_level == OPEN) & called
        named = frame["name"].notna().to_numpy() & own_name
        if not self.have_names:
            named |= code_level == CODE
        named &= frame["purchase_price"].notna().to_numpy()
        article = named | called & (code_level == NO)
        if article.any():
            in_stock = frame["stock_quantity"].notna() | frame["availability"].notna()
            filled = _count_filled(batch, rows) >= _FILLED * self.usual
            article &= filled | named & in_stock.to_numpy()
            article &= ~_are_sums(batch, rows, self.sure)
        return article


def _are_sums(batch: NormalisedFrame, rows: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Boolean array: a figure of a row is the sum of those of all articles above it."""
    price = np.nan_to_num(batch.frame["purchase_price"].to_numpy())
    stock = np.nan_to_num(batch.frame["stock_quantity"].to_numpy())
    above = np.concatenate([[0], np.cumsum(sure)])[rows]
    found = np.zeros(len(rows), dtype=bool)
    for own, added in ((price, price), (price, price * stock), (stock, stock)):
        total = np.concatenate([[0.0], np.cumsum(np.where(sure, added, 0.0))])[rows]
        found |= (total > 0) & (np.abs(own[rows] - total) < 0.006)
    return found & (above >= 2)


def _count_filled(batch: NormalisedFrame, rows: np.ndarray) -> np.ndarray:
    """Count the filled cells of rows beside those of their codes."""
    fields, frame = batch.mapping.fields, batch.raw.frame.iloc[rows]
    names = [name for name in frame.columns if fields.get(name) not in IDENTIFIERS]
    return np.sum([arrow.known(arrow.text(frame[name])) for name in names], axis=0)
