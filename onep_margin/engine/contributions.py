"""Eco-contributions and private-copy levies: by kind of article and measure, due by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .select import kept
from .steps import StepTable

#: Where a contribution stands. It is a cost of ours in the last two.
#: none: the article bears none; inside: in the supplier's price, which no discount may lower;
#: on_top: a line of the supplier's invoice; due: ours to declare, as importer or first buyer.
POSITIONS = ("none", "inside", "on_top", "due")
NONE, INSIDE, ON_TOP, DUE = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class ContributionTable:
    """Amounts per unit by kind of article and measure: kilograms, inches, gigabytes.

    keys: kinds of article, as (scheme, category, condition); ``Purchase.eco_kind`` and
        ``levy_kind`` are indices
    steps: rows by kind, on the measure
    amount: untaxed, NaN where the schedule is not known; the last element serves row -1
    """

    keys: tuple
    steps: StepTable
    amount: np.ndarray
    is_unconfirmed: np.ndarray
    refs: tuple

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping]) -> "ContributionTable":
        """Build from rows: key, amount (none: not known), and optionally measure_min,
        measure_max (0 or none: no limit), is_below (the upper bound is not included),
        is_unconfirmed, ref.
        """
        keys = tuple(dict.fromkeys(row["key"] for row in rows))
        steps = [(keys.index(row["key"]), *_bounds(row)) for row in rows]
        amounts = [np.nan if row["amount"] is None else row["amount"] for row in rows]
        return cls(
            keys=keys,
            steps=StepTable.build(steps, len(keys)),
            amount=np.array([*amounts, np.nan], dtype=np.float64),
            is_unconfirmed=np.array([bool(row.get("is_unconfirmed")) for row in rows] + [False]),
            refs=tuple(row.get("ref") for row in rows),
        )

    def index(self, key) -> int:
        """Return the index of a kind of article, -1 when no schedule has it.

        A condition without rows of its own takes those without a condition.
        """
        scheme, category, _condition = key
        for wanted in (key, (scheme, category, None)):
            if wanted in self.keys:
                return self.keys.index(wanted)
        return -1

    def find(self, kind: np.ndarray, measure: np.ndarray) -> np.ndarray:
        """Return the row (intp, n) of each kind and measure; -1 for none.

        A kind whose amount depends on no measure needs none: NaN is read as 0.
        """
        row = self.steps.find(kind, measure)
        if not np.isnan(measure).any():
            return row
        lone = np.where(np.isnan(measure), self.steps.find(kind, np.zeros(1)), row)
        return np.where(np.isnan(measure) & ~self._is_flat.take(kind), -1, lone)

    @property
    def has_unconfirmed(self) -> bool:
        """True when some amount is not confirmed."""
        return bool(self.is_unconfirmed.any())

    @property
    def _is_flat(self) -> np.ndarray:
        """Whether each kind has one amount for any measure; the last one serves kind -1."""
        table = self.steps.rows[:, :-1]
        return (table == table[:, :1]).all(axis=1)


def position(is_inside, is_sourced_abroad) -> np.ndarray:
    """Return where contributions stand (int8, n) by what is known of the offer.

    is_inside: the supplier's price includes it
    is_sourced_abroad: imported or bought in another country, so that it is ours to declare
    """
    at_home = np.where(is_inside, INSIDE, ON_TOP)
    return np.where(is_sourced_abroad, DUE, at_home).astype(np.int8)


def borne(amount: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return what comes on top of the supplier's price (n): 0 when inside it or none is due."""
    return kept(amount, where >= ON_TOP)


def _bounds(row: Mapping) -> tuple[float, float]:
    """Return the step (lower, upper] of a row; bounds that belong above move down by a hair."""
    lower, upper = row.get("measure_min") or 0.0, row.get("measure_max") or np.inf
    if row.get("is_below"):
        lower, upper = (
            np.nextafter(bound, -np.inf) if 0.0 < bound < np.inf else bound
            for bound in (lower, upper)
        )
    return lower, upper
