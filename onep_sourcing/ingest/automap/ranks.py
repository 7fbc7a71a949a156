"""Where a column stands among its like: the dearest price, the longest text, the last category.

Ranks go from -0.5 to 0.5; 0 where there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .features import Column


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


def of_levels(strengths: np.ndarray) -> np.ndarray:
    """Return the place of each column among those that may be categories; strengths: (columns)."""
    rows = np.flatnonzero(strengths >= 0.5)
    return _among(len(strengths), rows, rows)


def _among(count: int, rows: Sequence[int], values: Sequence[float]) -> np.ndarray:
    ranks = np.zeros(count)
    if len(rows) > 1:
        _own, places, counts = np.unique(values, return_inverse=True, return_counts=True)
        below = np.cumsum(counts) - counts
        ranks[rows] = (below + (counts - 1) / 2)[places] / (len(rows) - 1) - 0.5  # ties share
    return ranks
