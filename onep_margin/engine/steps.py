"""Sorted tables: which row of a grid holds a value, for all deals at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


def _edges(bounds: Iterable[float]) -> np.ndarray:
    """Return sorted distinct finite bounds, closed by +inf so that only NaN falls beyond."""
    finite = sorted({float(bound) for bound in bounds if np.isfinite(bound)})
    return np.array([*finite, np.inf])


#: Below this many edges, counting those that a value does not pass is quicker than a search:
#: it has no branch to mispredict.
_FEW_EDGES = 64


def locate(edges: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return ``np.searchsorted(edges, value)`` (n): the first edge not below, NaN past the last."""
    if len(edges) > _FEW_EDGES or value.strides == (0,):
        return np.searchsorted(edges, value)
    reached = np.zeros(len(value), dtype=np.uint8)
    below = np.empty(len(value), dtype=bool)
    # Added as the bytes they are: a bool would be converted on the way.
    counted = below.view(np.uint8)
    for edge in edges:
        np.less_equal(value, edge, out=below)
        reached += counted
    return np.uint8(len(edges)) - reached


@dataclass(frozen=True, slots=True, eq=False)
class StepTable:
    """Groups of half-open steps ``(lower, upper]``: "up to" is inclusive.

    edges: the bounds of all groups merged, sorted, ending with +inf; shape (e,)
    rows: row number by group and position among the edges, -1 where the group has no step;
        shape (groups + 1, e + 1). The last line serves group -1, the last column NaN.
    """

    edges: np.ndarray
    rows: np.ndarray

    @classmethod
    def build(cls, steps: Sequence[tuple[int, float, float]], groups: int) -> "StepTable":
        """Build from steps ``(group, lower, upper)``; a step's row is its place in ``steps``.

        A lower bound of 0 reaches down to anything, an upper bound of +inf up to anything.
        """
        edges = _edges(bound for _group, lower, upper in steps for bound in (lower, upper))
        rows = np.full((groups + 1, len(edges) + 1), -1, dtype=np.intp)
        for row, (group, lower, upper) in enumerate(steps):
            first = 0 if lower <= 0 else np.searchsorted(edges, lower) + 1
            rows[group, first : np.searchsorted(edges, upper) + 1] = row
        return cls(edges, rows)

    def find(self, group: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Return the row (intp, n) holding each value in its group, -1 for none or NaN."""
        width = self.rows.shape[1]
        position = locate(self.edges, value)
        # One flat gather is about twice as quick as rows[group, position]; group -1 counts from
        # the end, where the last line is.
        return self.rows.ravel().take(group * np.intp(width) + position)

    def scaled(self, factor: float) -> "StepTable":
        """Return the same steps with every bound multiplied by ``factor``."""
        return StepTable(self.edges * factor, self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class FitTable:
    """Which of at most 64 tiers a value fits, one bit per tier.

    A value fits a tier when ``minimum < value <= maximum``.

    edges: sorted bounds of all tiers, ending with +inf; shape (e,)
    masks: bits by position among the edges; shape (e + 1,). The last one serves NaN: no tier.
    """

    edges: np.ndarray
    masks: np.ndarray

    @classmethod
    def build(cls, maxima: Sequence[float], minima: Sequence[float] | None = None) -> "FitTable":
        """Build from one maximum (and minimum) per tier; +inf and 0 mean no limit."""
        minima = minima if minima is not None else [0.0] * len(maxima)
        edges = _edges([*maxima, *(minimum for minimum in minima if minimum > 0)])
        masks = np.zeros(len(edges) + 1, dtype=np.uint64)
        lowers = np.concatenate(([0.0], edges[:-1]))
        for tier, (minimum, maximum) in enumerate(zip(minima, maxima, strict=True)):
            fits = (edges <= maximum) & (lowers >= minimum)
            masks[:-1][fits] |= np.uint64(1 << tier)
        return cls(edges, masks)

    @property
    def is_limiting(self) -> bool:
        """True when some value would exclude some tier."""
        return len(self.edges) > 1

    def fit(self, value: np.ndarray) -> np.ndarray:
        """Return the bits (uint64, n) of the tiers that each value fits."""
        return self.masks.take(locate(self.edges, value))


def first_bit(masks: np.ndarray) -> np.ndarray:
    """Return the number of the lowest bit set (int64, n); 64 where no bit is set."""
    one = np.uint64(1)
    return np.bitwise_count(~masks & (masks - one)).astype(np.int64)
