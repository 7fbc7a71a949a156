"""The quantity to buy of an offer, within what its supplier asks and has, and what bound it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine.price_tiers import PriceTiers

#: Days of our own sales that the demand of a product is read from.
SALES_DAYS = 90
#: What bound a quantity, by code.
DEMAND, COVERED, MINIMUM, PACK, STOCK, STOCK_SHORT, SINGLE, TIER, STORAGE, BUDGET = range(10)
#: Key of each code, in the same order; translated by whoever shows it.
REASONS = (
    "demand",
    "covered",
    "minimum",
    "pack",
    "stock",
    "stock_short",
    "single",
    "tier",
    "storage",
    "budget",
)
#: What each euro spent early has to save at once for a better price tier to pay: units bought for
#: a second cover period lie on the shelf for one.
TIER_RETURN = 0.1


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


def raise_to_tier(
    advice: QuantityAdvice, most, price, tiers: PriceTiers | None, pack, stock
) -> QuantityAdvice:
    """Raise quantities (n) to the price tier above where that pays.

    most: units that may be bought early: what sells over a second cover period as well, less
        what we have; NaN when the demand is unknown
    price: of a unit below the first tier (n)
    tiers: prices by quantity
    pack, stock: as in :func:`recommend`

    A tier pays when its larger quantity costs no more in all, or when what it saves on the
    quantity advised is at least ``TIER_RETURN`` of what it costs more. Nothing is raised for a
    product whose demand we cover already.
    """
    if tiers is None or not len(tiers.price):
        return advice
    now, reason = advice.quantity.copy(), advice.reason.copy()
    owner = np.repeat(np.arange(len(now)), np.diff(tiers.first))
    start = up_to_pack(tiers.quantity, np.asarray(pack, np.float64)[owner])
    here = tiers.at(now, np.asarray(price, np.float64))
    cost = (now * here)[owner]
    extra = start * tiers.price - cost
    saving = cost - now[owner] * tiers.price
    most = np.asarray(most, np.float64)[owner]
    available = np.asarray(stock, np.float64)
    available = np.where(np.isnan(available), np.inf, available)[owner]
    may = (now[owner] > 0.0) & (reason[owner] != COVERED) & (start > now[owner])
    may &= start <= available + 1e-9
    pays = (extra <= 1e-9) | ((start <= most + 1e-9) & (saving >= TIER_RETURN * extra))
    best = np.full(len(now), -1)
    rows = np.flatnonzero(may & pays & (tiers.price < here[owner]))
    np.maximum.at(best, owner[rows], rows)
    raised = best >= 0
    now[raised] = start[best[raised]]
    reason[raised] = TIER
    return QuantityAdvice(now, reason)


def within(budget: float, count: int | None, amount) -> np.ndarray:
    """Return which lines (bool, n) fit, taken in their order.

    budget: that their amounts may reach together; a line that does not fit leaves room for a
        smaller one behind it
    count: most lines, None for all
    amount: of each line; NaN never fits
    """
    taken = np.zeros(len(amount), dtype=bool)
    left, places = budget, len(amount) if count is None else count
    for row, cost in enumerate(np.asarray(amount, np.float64).tolist()):
        if places <= 0:
            break
        if cost <= left + 1e-6:
            taken[row] = True
            left -= cost
            places -= 1
    return taken


def affordable(money: float, price: float, minimum: float, pack: float) -> float:
    """Return the units, whole packs, that a sum buys at a price; 0 below the smallest order."""
    smallest = float(to_orderable(1.0, minimum, pack))
    pack = pack if pack > 0.0 else 1.0
    units = math.floor(money / price / pack + 1e-9) * pack if price > 0.0 else 0.0
    return units if units >= smallest else 0.0


def up_to_pack(quantity, pack) -> np.ndarray:
    """Return quantities (n) raised to whole packs; a pack of 0 or NaN is a single unit."""
    pack = np.where(np.asarray(pack, np.float64) > 0.0, pack, 1.0)
    return np.ceil(np.asarray(quantity, np.float64) / pack - 1e-9) * pack


def to_orderable(quantity, minimum, pack) -> np.ndarray:
    """Return quantities (n) raised to the minimum order and to whole packs; 0 stays 0."""
    quantity = np.asarray(quantity, np.float64)
    minimum = np.nan_to_num(np.asarray(minimum, np.float64))
    return np.where(quantity > 0.0, up_to_pack(np.maximum(quantity, minimum), pack), 0.0)
