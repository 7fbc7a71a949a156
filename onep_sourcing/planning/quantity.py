"""The quantity to buy of an offer, within what its supplier asks and has, and what bound it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Days of our own sales that the demand of a product is read from.
SALES_DAYS = 90
#: What bound a quantity, by code.
DEMAND, COVERED, MINIMUM, PACK, STOCK, STOCK_SHORT, SINGLE = range(7)
#: Key of each code, in the same order; translated by whoever shows it.
REASONS = ("demand", "covered", "minimum", "pack", "stock", "stock_short", "single")


@dataclass(frozen=True, slots=True)
class QuantityAdvice:
    """Quantities to buy, one offer per index.

    quantity: units, whole packs, at least the minimum; 0 when the supplier has too little
    reason: int8 code of what bound it; see :data:`REASONS`
    """

    quantity: np.ndarray
    reason: np.ndarray

    def keys(self) -> list[str]:
        """Key of the reason of each offer."""
        return [REASONS[code] for code in self.reason]


def recommend(wanted, minimum, pack, stock) -> QuantityAdvice:
    """Advise a quantity (n) for each offer.

    wanted: units missing to cover the demand [≥ 0 or below], NaN when the demand is unknown
    minimum: smallest order of the supplier, NaN or 0 for none
    pack: units of one pack, NaN or 0 for single units
    stock: units the supplier has, NaN when it does not say

    Without a known demand the smallest order is advised: a minimum is no reason to buy more.
    """
    columns = [
        np.atleast_1d(np.asarray(column, np.float64)) for column in (wanted, minimum, pack, stock)
    ]
    wanted, minimum, pack, stock = np.broadcast_arrays(*columns)
    pack = np.where(pack > 0.0, pack, 1.0)
    floor = np.where(minimum > 0.0, minimum, 1.0)
    smallest = up_to_pack(floor, pack)
    reason = np.full(len(wanted), SINGLE, dtype=np.int8)
    reason[(smallest > 1.0) & (minimum > 0.0)] = MINIMUM
    reason[(smallest > floor) | ((pack > 1.0) & ~(minimum > 0.0))] = PACK

    is_known = ~np.isnan(wanted)
    quantity = smallest.copy()
    above = is_known & (wanted > smallest)
    quantity[above] = up_to_pack(wanted[above], pack[above])
    reason[above] = np.where(quantity[above] > np.ceil(wanted[above]), PACK, DEMAND)
    reason[is_known & (wanted <= 0.0)] = COVERED

    available = np.where(np.isnan(stock), np.inf, stock)
    whole = np.where(np.isinf(available), np.inf, np.floor(available / pack + 1e-9) * pack)
    bound = quantity > whole
    quantity[bound] = whole[bound]
    reason[bound] = STOCK
    short = bound & (whole < smallest)
    quantity[short] = 0.0
    reason[short] = STOCK_SHORT
    return QuantityAdvice(quantity, reason)


def up_to_pack(quantity, pack) -> np.ndarray:
    """Return quantities (n) raised to whole packs; a pack of 0 or NaN is a single unit."""
    pack = np.where(np.asarray(pack, np.float64) > 0.0, pack, 1.0)
    return np.ceil(np.asarray(quantity, np.float64) / pack - 1e-9) * pack


def to_orderable(quantity, minimum, pack) -> np.ndarray:
    """Return quantities (n) raised to the minimum order and to whole packs; 0 stays 0."""
    quantity = np.asarray(quantity, np.float64)
    minimum = np.nan_to_num(np.asarray(minimum, np.float64))
    return np.where(quantity > 0.0, up_to_pack(np.maximum(quantity, minimum), pack), 0.0)
