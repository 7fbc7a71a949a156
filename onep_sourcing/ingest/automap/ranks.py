"""Where a column stands among its like: the dearest price, the longest text, the last category.

Ranks go from -0.5 to 0.5; 0 where there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import lexicon, series

if TYPE_CHECKING:
    from .columns import Column

#: How words for a category that is part of another one begin, and for one of which others are.
_BELOW = ("sub", "sous", "unter", "sotto", "podka", "podgr", "podro")
_BELOW_SHORT = frozenset({"ss", "sfam", "ssfam"})
_ABOVE = (
    "main", "macro", "haupt", "hoofd", "princip", "glown", "parent", "univers", "super", "ober",
    "nadrz", "padre", "mere", "boven", "root", "top",
)  # fmt: skip


def of_prices(found: Sequence[Column], fields: Sequence[str]) -> np.ndarray:
    """Return the rank of each column by its median among those that may be such prices."""
    rows = [
        row
        for row, column in enumerate(found)
        if max(column.strength(field) for field in fields) >= 0.4 and column.content.middle > 0
    ]
    return _among(len(found), rows, [found[row].content.middle for row in rows])


def of_texts(found: Sequence[Column], fields: Sequence[str]) -> np.ndarray:
    """Return the rank of each column by its length among those that may be such texts."""
    rows = [
        row
        for row, column in enumerate(found)
        if max(column.strength(field) for field in fields) >= 0.3 and column.content.letters > 0.3
    ]
    return _among(len(found), rows, [found[row].content.length for row in rows])


def of_levels(found: Sequence[Column], strengths: np.ndarray) -> np.ndarray:
    """Return how fine each column is among those that may be categories; strengths: (columns).

    By what the header says (`main`, `sub`), by its number (`Gruppe 3`), by its place in the file.
    """
    rows = [
        row
        for row, column in enumerate(found)
        if strengths[row] >= 0.5 and (column.content.known or not column.content.rows)
    ]
    numbers = [item[1] if item else 0 for item in series.numbered([c.words for c in found])]
    order = sorted(rows, key=lambda row: (_level(found[row].words), numbers[row], row))
    return _among(len(found), order, range(len(order)))


def _level(header: str) -> int:
    """Return 1 when a header says that a category is one of several below, -1 that it is above."""
    words = lexicon.words(header)
    if any(word.startswith(_BELOW) or word in _BELOW_SHORT for word in words):
        return 1
    return -1 if any(word.startswith(_ABOVE) for word in words) else 0


def _among(count: int, rows: Sequence[int], values: Sequence[float]) -> np.ndarray:
    ranks = np.zeros(count)
    if len(rows) > 1:
        _own, places, counts = np.unique(values, return_inverse=True, return_counts=True)
        below = np.cumsum(counts) - counts
        ranks[rows] = (below + (counts - 1) / 2)[places] / (len(rows) - 1) - 0.5  # ties share
    return ranks
