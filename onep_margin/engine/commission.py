"""Referral commission, its minimum and the fixed closing fee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .batch import CONDITIONS
from .steps import StepTable

#: How the price bands of one rule work.
#: flat: one rate whatever the price; whole: the band of the total sets the rate of the total;
#: marginal: each portion of the total pays the rate of its band;
#: forced: one rate that a person tries instead of the card's.
METHODS = ("flat", "whole", "marginal", "forced")


@dataclass(frozen=True, slots=True, eq=False)
class CommissionTable:
    """Commission rules as arrays, one row per price band.

    Whatever its method, a band reads ``max(intercept + rate × base, minimum)``, where base is
    what the buyer pays, VAT and shipping included. ``fixed`` comes on top.

    steps: bands by rule, on the base
    rules: rule number by category and condition, -1 for none; shape (categories + 1, 3),
        the last line being the unmapped category's
    bands: rows of each rule from low to high, padded with -1; shape (rules + 1, widest)
    lower, upper: bounds of each band
    """

    steps: StepTable
    rules: np.ndarray
    bands: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    rate: np.ndarray
    intercept: np.ndarray
    minimum: np.ndarray
    fixed: np.ndarray
    is_unconfirmed: np.ndarray
    methods: tuple[str, ...]
    refs: tuple

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping], category_keys: Sequence) -> "CommissionTable":
        """Build from rows with the keys category, method, rate, and optionally condition
        (none: any), tier_min, tier_max (0 or none: no limit), minimum, fixed,
        is_unconfirmed, ref.
        """
        index = {key: number for number, key in enumerate(category_keys)}
        ordered = sorted(
            rows,
            key=lambda row: (
                index[row["category"]],
                row.get("condition") or "",
                row.get("tier_min") or 0.0,
            ),
        )
        names = [(index[row["category"]], row.get("condition") or None) for row in ordered]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        lower = np.array([row.get("tier_min") or 0.0 for row in ordered], dtype=np.float64)
        upper = np.array([row.get("tier_max") or np.inf for row in ordered], dtype=np.float64)
        rate = np.array([row["rate"] for row in ordered], dtype=np.float64)
        owner = np.array([numbers[name] for name in names], dtype=np.int32)
        widest = max(np.bincount(owner), default=1) if len(owner) else 1
        bands = np.full((len(numbers) + 1, widest), -1, dtype=np.intp)
        for number in numbers.values():
            own = np.flatnonzero(owner == number)
            bands[number, : len(own)] = own
        return cls(
            steps=StepTable.build(
                list(zip(owner.tolist(), lower, upper, strict=True)), len(numbers)
            ),
            rules=_rules(numbers, len(index)),
            bands=bands,
            lower=_padded(lower, np.nan),
            upper=_padded(upper, np.nan),
            rate=_padded(rate, np.nan),
            intercept=_padded(_intercepts(ordered, owner, lower, upper, rate), np.nan),
            minimum=_padded([row.get("minimum") or 0.0 for row in ordered], np.nan),
            fixed=_padded([row.get("fixed") or 0.0 for row in ordered], np.nan),
            is_unconfirmed=np.array([bool(row.get("is_unconfirmed")) for row in ordered] + [False]),
            methods=tuple(row["method"] for row in ordered),
            refs=tuple(row.get("ref") for row in ordered),
        )

    def scaled(self, factor: float) -> "CommissionTable":
        """Return the same rules in another currency, ``factor`` units of it for one of ours."""
        return replace(
            self,
            steps=self.steps.scaled(factor),
            **{
                name: getattr(self, name) * factor
                for name in ("lower", "upper", "intercept", "minimum", "fixed")
            },
        )

    def forced(self, rate: float) -> "CommissionTable":
        """Return a table where every category, known or not, pays one rate whatever the price.

        rate: share of what the buyer pays [0-1]; minima are left out, closing fees are kept
        """
        count = len(self.bands)
        fixed = np.append(self.fixed.take(self.bands[:-1, 0]), 0.0)
        # The last rule serves the categories that had none.
        return CommissionTable(
            steps=StepTable.build([(rule, 0.0, np.inf) for rule in range(count)], count),
            rules=np.where(self.rules < 0, count - 1, self.rules),
            bands=np.append(np.arange(count), -1)[:, None],
            lower=_padded([0.0] * count, np.nan),
            upper=_padded([np.inf] * count, np.nan),
            rate=_padded([rate] * count, np.nan),
            intercept=_padded([0.0] * count, np.nan),
            minimum=_padded([0.0] * count, np.nan),
            fixed=_padded(fixed, np.nan),
            is_unconfirmed=np.zeros(count + 1, dtype=bool),
            methods=("forced",) * count,
            refs=(None,) * count,
        )

    def find(self, category: np.ndarray, condition: np.ndarray, base: np.ndarray) -> np.ndarray:
        """Return the row (intp, n) that applies to each deal, -1 for none."""
        # Category -1 counts from the end, where the unmapped category's line is.
        rule = self.rules.ravel().take(category * np.intp(len(CONDITIONS)) + condition)
        return self.steps.find(rule, base)

    def commission(self, row: np.ndarray, base: np.ndarray) -> np.ndarray:
        """Return the commission (n) of each base under its row; NaN for row -1."""
        share = self.intercept.take(row) + self.rate.take(row) * base
        return np.maximum(share, self.minimum.take(row))

    def closing_fee(self, row: np.ndarray) -> np.ndarray:
        """Return the fixed fee per item (n) of each row; NaN for row -1."""
        return self.fixed.take(row)


def find_overlap(rows: Sequence[Mapping]) -> tuple[Mapping, Mapping] | None:
    """Return the first two rows of ``CommissionTable.from_rows`` that match one price."""
    ordered = sorted(
        rows,
        key=lambda row: (str(row["category"]), row.get("condition") or "", row["tier_min"] or 0.0),
    )
    for row, following in pairwise(ordered):
        same = row["category"] == following["category"] and (row.get("condition") or None) == (
            following.get("condition") or None
        )
        if same and (following["tier_min"] or 0.0) < (row["tier_max"] or np.inf):
            return row, following
    return None


def _padded(values, filler) -> np.ndarray:
    """Return values as float64 with a last element that row -1 reads."""
    return np.array([*values, filler], dtype=np.float64)


def _rules(numbers: Mapping, categories: int) -> np.ndarray:
    """Spread rule numbers over conditions; a rule for one condition beats a rule for any."""
    rules = np.full((categories + 1, len(CONDITIONS)), -1, dtype=np.intp)
    for (category, condition), number in numbers.items():
        if condition is None:
            free = rules[category] == -1
            rules[category, free] = number
    for (category, condition), number in numbers.items():
        if condition is not None:
            rules[category, CONDITIONS.index(condition)] = number
    return rules


def _intercepts(ordered, owner, lower, upper, rate) -> np.ndarray:
    """Return what turns a marginal band into one straight line: fees of the bands below it."""
    intercepts = np.zeros(len(ordered))
    for row, line in enumerate(ordered):
        if line["method"] != "marginal":
            continue
        below = [other for other in range(row) if owner[other] == owner[row]]
        paid = sum((upper[other] - lower[other]) * rate[other] for other in below)
        intercepts[row] = paid - rate[row] * lower[row]
    return intercepts
