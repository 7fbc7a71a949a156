"""Our own parcels: what each carrier would charge, and which one to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .logistics import Parcels
from .steps import StepTable

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CarrierGrid:
    """One carrier's price by weight. Limits are +inf where there is none.

    divisor: volume for one gram of dimensional weight [mm³ per g = cm³ per kg]; 0 bills the
        real weight only
    weight_step_g: billed weight is rounded up to this [g]; 0 for no rounding
    side_step_mm: each side is rounded to the nearest one of this before multiplying [mm]
    max_sum_mm: limit of length + width + height; max_girth_mm of length + 2 × (width + height)
    steps, amount: price by billed weight [g]
    fuel_rate: added to the price by weight [0-1]; fixed_amount: added to each parcel after it
    """

    code: str
    name: str
    ref: object
    divisor: float
    weight_step_g: float
    side_step_mm: float
    max_weight_g: float
    max_longest_mm: float
    max_sum_mm: float
    max_girth_mm: float
    fuel_rate: float
    fixed_amount: float
    steps: StepTable
    amount: np.ndarray
    is_unconfirmed: np.ndarray

    @classmethod
    def from_row(cls, row: Mapping) -> "CarrierGrid":
        """Build from a row: code, name, ref, the limits above (0 or none: no limit) and
        lines: weight_max_g (0 or none: no limit), amount, is_unconfirmed.
        """
        lines = sorted(row["lines"], key=lambda line: line.get("weight_max_g") or np.inf)
        uppers = [line.get("weight_max_g") or np.inf for line in lines]
        lowers = [0.0, *uppers[:-1]]
        return cls(
            code=row["code"],
            name=row.get("name") or row["code"],
            ref=row.get("ref"),
            steps=StepTable.build(
                [(0, lower, upper) for lower, upper in zip(lowers, uppers, strict=True)], 1
            ),
            amount=np.array([line["amount"] for line in lines] + [np.nan], dtype=np.float64),
            is_unconfirmed=np.array([bool(line.get("is_unconfirmed")) for line in lines] + [False]),
            **{
                name: float(row.get(name) or 0.0)
                for name in (
                    "divisor",
                    "weight_step_g",
                    "side_step_mm",
                    "fuel_rate",
                    "fixed_amount",
                )
            },
            **{
                name: float(row.get(name) or np.inf)
                for name in ("max_weight_g", "max_longest_mm", "max_sum_mm", "max_girth_mm")
            },
        )

    @property
    def has_size_limit(self) -> bool:
        """True when a parcel can be refused for its size."""
        return bool(np.isfinite([self.max_longest_mm, self.max_sum_mm, self.max_girth_mm]).any())

    def billed_weight(self, parcels: Parcels) -> np.ndarray:
        """Return the weight (n) each parcel is billed on [g]; NaN when it cannot be known."""
        weight = parcels.weight
        if self.divisor:
            sides = [parcels.longest, parcels.median, parcels.shortest]
            if self.side_step_mm:
                sides = [
                    np.floor(side / self.side_step_mm + 0.5) * self.side_step_mm for side in sides
                ]
            weight = np.maximum(weight, sides[0] * sides[1] * sides[2] / self.divisor)
        if self.weight_step_g:
            weight = np.ceil(weight / self.weight_step_g - _ROUNDING) * self.weight_step_g
        return weight

    def accepts(self, parcels: Parcels) -> np.ndarray:
        """Return whether (bool, n) each parcel is within the limits; unknown sides are."""
        total = parcels.longest + parcels.median + parcels.shortest
        return ~(
            (parcels.weight > self.max_weight_g)
            | (parcels.longest > self.max_longest_mm)
            | (total > self.max_sum_mm)
            | (parcels.girth > self.max_girth_mm)
        )

    def price(self, parcels: Parcels) -> tuple[np.ndarray, np.ndarray]:
        """Return (cost (n), row (int32, n)); NaN and -1 where the carrier has no price."""
        billed = self.billed_weight(parcels)
        row = self.steps.find(np.zeros(len(billed), dtype=np.int64), billed)
        row = np.where(self.accepts(parcels), row, -1).astype(np.int32)
        cost = self.amount.take(row) * (1.0 + self.fuel_rate) + self.fixed_amount
        return cost, row


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The carrier of each parcel: its cost, its index, its row (-1, and NaN, for none)."""

    cost: np.ndarray
    carrier: np.ndarray
    row: np.ndarray
    is_unconfirmed: np.ndarray


def choose(carriers: Sequence[CarrierGrid], parcels: Parcels, wanted: np.ndarray) -> Choice:
    """Return the wanted carrier of each parcel, or the cheapest that accepts it.

    wanted: index into ``carriers`` (int, n); -1 for the cheapest
    """
    count = len(wanted)
    best = np.full(count, np.nan)
    chosen = np.full(count, -1, dtype=np.int16)
    rows = np.full(count, -1, dtype=np.int32)
    doubtful = np.zeros(count, dtype=bool)
    for number, grid in enumerate(carriers):
        cost, row = grid.price(parcels)
        open_to = (wanted == -1) | (wanted == number)
        better = open_to & (row >= 0) & ~(cost >= best)
        best[better], chosen[better], rows[better] = cost[better], number, row[better]
        doubtful[better] = grid.is_unconfirmed.take(row[better])
    return Choice(best, chosen, rows, doubtful)
