"""What a supplier adds to an order, and what bringing it here costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .select import chosen, kept

#: How the extras of an order are shared between its units.
SPREADS = ("value", "weight", "units")
BY_VALUE, BY_WEIGHT, BY_UNITS = range(3)
_GRAMS_PER_KG = 1e3
_MM3_PER_M3 = 1e9
_FIGURES = (
    "carriage",
    "handling",
    "small_order_surcharge",
    "inbound_per_unit",
    "inbound_per_kg",
    "inbound_per_m3",
)


@dataclass(frozen=True, slots=True, eq=False)
class SupplierTerms:
    """Terms of each supplier as arrays; the last element, all NaN, serves index -1.

    carriage_paid_from: order value from which the supplier pays the carriage; +inf for never
    carriage: per order below it
    handling: per order
    small_order_below: order value below which ``small_order_surcharge`` is due; 0 for never
    inbound_per_unit, inbound_per_kg, inbound_per_m3: transport that we pay ourselves
    spread: index into ``SPREADS``

    Amounts of the order are in the supplier's currency, those of ``inbound_…`` in ours.
    """

    keys: tuple
    carriage_paid_from: np.ndarray
    carriage: np.ndarray
    handling: np.ndarray
    small_order_below: np.ndarray
    small_order_surcharge: np.ndarray
    inbound_per_unit: np.ndarray
    inbound_per_kg: np.ndarray
    inbound_per_m3: np.ndarray
    spread: np.ndarray

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping]) -> "SupplierTerms":
        """Build from rows: key, and optionally the figures above (none: 0; for
        carriage_paid_from: never) and spread, one of ``SPREADS`` (value by default).
        """
        return cls(
            keys=tuple(row["key"] for row in rows),
            carriage_paid_from=np.array(
                [_or(row.get("carriage_paid_from"), np.inf) for row in rows] + [np.nan]
            ),
            small_order_below=np.array(
                [_or(row.get("small_order_below"), 0.0) for row in rows] + [np.nan]
            ),
            spread=np.array(
                [SPREADS.index(row.get("spread") or "value") for row in rows] + [0], dtype=np.int8
            ),
            **{
                name: np.array([_or(row.get(name), 0.0) for row in rows] + [np.nan])
                for name in _FIGURES
            },
        )

    @property
    def has_extras(self) -> bool:
        """True when some supplier adds something to an order."""
        return bool(
            self.carriage[:-1].any()
            or self.handling[:-1].any()
            or self.small_order_surcharge[:-1].any()
        )

    def index(self, key) -> int:
        """Return the index of a supplier, -1 when its terms are not known."""
        return self.keys.index(key) if key in self.keys else -1

    def order_extras(self, supplier: np.ndarray, order_value: np.ndarray) -> np.ndarray:
        """Return what the supplier adds to an order (n) of a value [supplier's currency].

        NaN where the value is unknown and would decide.
        """
        carriage_due = ~(order_value >= self.carriage_paid_from.take(supplier))
        small = order_value < self.small_order_below.take(supplier)
        extras = (
            self.handling.take(supplier)
            + carriage_due * self.carriage.take(supplier)
            + small * self.small_order_surcharge.take(supplier)
        )
        lacking = np.isnan(order_value)
        if not lacking.any():
            return extras
        return np.where(lacking & self.depends_on_value(supplier), np.nan, extras)

    def depends_on_value(self, supplier: np.ndarray) -> np.ndarray:
        """Return whether (bool, n) what a supplier adds to an order depends on its value."""
        paid_from = self.carriage_paid_from
        by_carriage = (self.carriage != 0.0) & (paid_from > 0.0) & np.isfinite(paid_from)
        by_size = (self.small_order_surcharge != 0.0) & (self.small_order_below > 0.0)
        return (by_carriage | by_size).take(supplier)

    def inbound(self, supplier: np.ndarray, weight_g, volume_mm3) -> np.ndarray:
        """Return our transport of a unit (n); weight and volume count only where they cost."""
        cost = self.inbound_per_unit.take(supplier)
        for rates, measure, unit in (
            (self.inbound_per_kg, weight_g, _GRAMS_PER_KG),
            (self.inbound_per_m3, volume_mm3, _MM3_PER_M3),
        ):
            if rates[:-1].any():
                rate = rates.take(supplier)
                cost = cost + kept(rate * (measure / unit), rate != 0.0)
        return cost


def share(spread, parts, wholes, quantity) -> np.ndarray:
    """Return the part of an order (n) that one unit bears.

    spread: index into ``SPREADS`` (n)
    parts: what a unit is, by value, weight and units (n each, or one for all)
    wholes: what the order is, alike; NaN where the unit's offer is ordered alone
    quantity: units of the offer in its order (n)
    """
    part, whole = parts[BY_VALUE], wholes[BY_VALUE]
    for kind in (BY_WEIGHT, BY_UNITS):
        own = spread == kind
        if own.any():
            part = chosen(*np.broadcast_arrays(own, parts[kind], part))
            whole = chosen(*np.broadcast_arrays(own, wholes[kind], whole))
    alone = np.isnan(whole)
    return chosen(alone, 1.0 / quantity, part / whole)


def _or(value, default):
    """Return a figure, or a default for none. Zero is a figure."""
    return default if value is None or value is False else value
