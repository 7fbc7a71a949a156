"""What carriers add to the price by weight: options asked for, sides too long, fuel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .logistics import Parcels

_LIMITS = ("above_weight_g", "above_longest_mm", "above_sum_mm", "above_girth_mm")


@dataclass(frozen=True, slots=True)
class Supplement:
    """One amount added to a parcel.

    code: option that must be asked for; None when the parcel alone decides
    amount, rate: per parcel, and share of the price by weight [0-1]
    above_…: added to parcels above any of these; +inf for never. An option without limits is
        added whenever it is asked for, one with limits only above them.
    is_fuelled: the fuel surcharge counts it
    """

    code: str | None
    amount: float
    rate: float
    is_fuelled: bool
    above_weight_g: float
    above_longest_mm: float
    above_sum_mm: float
    above_girth_mm: float

    @classmethod
    def from_row(cls, row: Mapping) -> "Supplement":
        """Build from a row with these names; 0 or none for no limit."""
        return cls(
            code=row.get("code") or None,
            amount=float(row.get("amount") or 0.0),
            rate=float(row.get("rate") or 0.0),
            is_fuelled=bool(row.get("is_fuelled")),
            **{name: float(row.get(name) or np.inf) for name in _LIMITS},
        )

    @property
    def has_limit(self) -> bool:
        """True when the parcel's weight or size decides."""
        return any(np.isfinite(getattr(self, name)) for name in _LIMITS)

    @property
    def has_size_limit(self) -> bool:
        """True when the parcel's sides decide."""
        limits = (self.above_longest_mm, self.above_sum_mm, self.above_girth_mm)
        return bool(np.isfinite(limits).any())

    def due(self, parcels: Parcels, asked: np.ndarray) -> np.ndarray:
        """Return whether (bool, n) each parcel bears it; unknown sides do not.

        asked: whether its option was (bool, n or 1), as ``asked_for`` tells
        """
        if not self.has_limit:
            return asked
        due = parcels.weight > self.above_weight_g
        for limit, side in (
            (self.above_longest_mm, "longest"),
            (self.above_sum_mm, "total"),
            (self.above_girth_mm, "girth"),
        ):
            if np.isfinite(limit):
                due |= getattr(parcels, side) > limit
        return due & asked


def asked_for(
    supplement: Supplement, options: np.ndarray | None, codes: Sequence[str]
) -> np.ndarray:
    """Return whether (bool, n or 1) a supplement can be due: it is no option, or one asked for.

    options: bits of ``codes`` asked for (n or 1); None for none
    """
    if supplement.code is None:
        return np.ones(1, dtype=bool)
    if options is None or supplement.code not in codes:
        return np.zeros(1, dtype=bool)
    return (options & np.uint32(1 << codes.index(supplement.code))) != 0


def totals(
    supplements: Sequence[Supplement],
    price: np.ndarray,
    parcels: Parcels,
    options: np.ndarray,
    codes: Sequence[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Return what supplements add to prices (n): what fuel counts, and what it does not.

    options: bits of ``codes`` asked for (n)
    """
    fuelled, plain = np.zeros(len(price)), np.zeros(len(price))
    for supplement in supplements:
        asked = asked_for(supplement, options, codes)
        if not asked.any():
            continue
        amount = (
            supplement.amount + supplement.rate * price if supplement.rate else supplement.amount
        )
        due = supplement.due(parcels, asked) * amount
        if supplement.is_fuelled:
            fuelled += due
        else:
            plain += due
    return fuelled, plain
