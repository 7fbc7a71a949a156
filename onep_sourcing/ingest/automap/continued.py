"""Which column of a file continues which one of the file before: by name, values or looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz
from scipy.optimize import linear_sum_assignment

from ..fields import FIELDS
from ..rules import Reason
from . import lexicon, memory
from .fingerprint import Fingerprint, Layout

_SAME_COLUMN = 0.6  # a likeness from which two names are one column
_LOOKS_LIKE = 0.6  # of a header to a field
_KEYS = ("supplier_sku", "ean", "manufacturer_part_number", "name")
_FEWEST = 3  # articles met again, to compare by article


class Articles:
    """The rows of both files that are the same article."""

    def __init__(self, before: Layout, after: Layout, fields: Mapping[str, str | None]) -> None:
        self._before, self._after = before, after
        self.old, self.new = self._rows(fields)
        self._cells = (_arrays(before, "cells", np.int64), _arrays(after, "cells", np.int64))
        self._numbers = (_arrays(before, "numbers", float), _arrays(after, "numbers", float))

    def _rows(self, fields: Mapping[str, str | None]) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the same articles: by the identifier that finds the most."""
        best: list[tuple[int, int]] = []
        for target in _KEYS:
            for column in (name for name, other in fields.items() if other == target):
                place = _unique_places(self._before.print_of(column).cells)
                for name in self._after.columns:
                    here = _unique_places(self._after.print_of(name).cells)
                    met = [(place[cell], here[cell]) for cell in place.keys() & here.keys()]
                    if len(met) > len(best):
                        best = met
            if len(best) >= _FEWEST:
                break
        rows = np.array(sorted(best), dtype=int).reshape(-1, 2)
        return rows[:, 0], rows[:, 1]

    def same(self, old: str, new: str) -> float | None:
        """Share of the articles with the same value in both columns; None when too few are met."""
        one, two = self._cells[0].get(old), self._cells[1].get(new)
        if len(self.old) < _FEWEST or one is None or two is None:
            return None
        one, two = one[self.old], two[self.new]
        given = (one != 0) | (two != 0)
        return float((one == two)[given].mean()) if given.sum() >= _FEWEST else None

    def numbers(self, old: str, new: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the same articles in both columns, where both are above zero."""
        one, two = self._numbers[0].get(old), self._numbers[1].get(new)
        if len(self.old) < _FEWEST or one is None or two is None:
            return np.empty(0), np.empty(0)
        one, two = one[self.old], two[self.new]
        both = (one > 0) & (two > 0)
        return one[both], two[both]


def _arrays(layout: Layout, name: str, kind: type) -> dict[str, np.ndarray]:
    """Return column → what is kept of its rows, of the columns of which something is."""
    kept = {column: getattr(print_, name) for column, print_ in layout.prints.items()}
    return {column: np.array(values, dtype=kind) for column, values in kept.items() if values}


def _unique_places(cells: Sequence[int]) -> dict[int, int]:
    counts = Counter(cells)
    return {cell: place for place, cell in enumerate(cells) if cell and counts[cell] == 1}


def match(
    before: Layout, after: Layout, articles: Articles
) -> tuple[dict[str, str], dict[str, Reason]]:
    """Return column → column it continues, and of the renamed ones what tells."""
    origins = {name: name for name in after.columns if name in before.columns}
    evidence: dict[str, Reason] = {}
    gone = [name for name in before.columns if name not in origins]
    new = [name for name in after.columns if name not in origins]
    if not gone or not new:
        return origins, evidence
    gain = np.zeros((len(gone), len(new)))
    reasons: dict[tuple[int, int], Reason] = {}
    for row, old in enumerate(gone):
        for place, name in enumerate(new):
            gain[row, place], reasons[row, place] = _likeness(before, after, old, name, articles)
    gain[gain < _SAME_COLUMN] = 0.0
    for row, place in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
        if gain[row, place] > 0:
            origins[new[place]] = gone[row]
            evidence[new[place]] = reasons[row, place]
    return origins, evidence


def _likeness(
    before: Layout, after: Layout, old: str, new: str, articles: Articles
) -> tuple[float, Reason]:
    """Tell how likely two names are one column (0-1), and by what."""
    if memory.key(old) == memory.key(new):
        return 1.0, Reason("drift-same-words", {})
    spelling = _resemblance(old, new)
    one, two = before.print_of(old), after.print_of(new)
    if not one.is_known or not two.is_known:
        return (spelling if spelling >= 0.9 else 0.0), Reason("drift-similar-header", {})
    distance = abs(before.columns.index(old) - after.columns.index(new))
    nearness = 1 - min(1.0, distance / max(len(before.columns), len(after.columns)))
    shape = _shape(one, two)
    reason = Reason("drift-similar-values", {})
    content = 0.8 * shape
    same = articles.same(old, new)
    if same is not None:
        reason = Reason("drift-same-values", {"share": f"{same * 100:.0f}"})
        pairs = articles.numbers(old, new)
        content = same
        if len(pairs[0]) >= _FEWEST:
            # Prices and stocks move; in another unit they do so alike.
            content = max(same, 0.9 * _in_step(*pairs))
            if same < 0.5:
                reason = Reason("drift-similar-values", {})
    return 0.65 * content + 0.2 * spelling + 0.15 * nearness, reason


def _in_step(one: np.ndarray, two: np.ndarray) -> float:
    """Share of articles whose number moved as most did, within a tenth."""
    ratio = two / one
    return float((np.abs(ratio / np.median(ratio) - 1) < 0.1).mean())


def _shape(one: Fingerprint, two: Fingerprint) -> float:
    """Tell how alike two columns look (0-1): their shares, lengths and sizes of numbers."""
    names = set(one.shares) | set(two.shares)
    alike = 1 - max(abs(one.share(name) - two.share(name)) for name in names)
    longest = max(one.length, two.length)
    alike *= 0.5 + 0.5 * (min(one.length, two.length) / longest if longest else 1.0)
    if one.middle and two.middle and one.middle * two.middle > 0:
        alike *= 0.5 + 0.5 * min(one.middle / two.middle, two.middle / one.middle)
    return alike


def _resemblance(old: str, new: str) -> float:
    """Tell how alike two headers are (0-1): by spelling, or by what they mean."""
    spelling = fuzz.token_sort_ratio(memory.key(old), memory.key(new)) / 100
    said = meaning(old)
    return max(spelling, 0.9 if said and said == meaning(new) else 0.0)


@lru_cache(maxsize=20_000)
def meaning(header: str) -> str | None:
    """Return the field that a header names by itself, None when it names none."""
    hits = lexicon.load().hits(header)
    best = max(hits.values(), key=lambda hit: hit.score, default=None)
    return best.field if best and best.score >= _LOOKS_LIKE and best.field in FIELDS else None
