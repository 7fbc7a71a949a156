"""Why each line of a basket has its quantity: what keeps it from being larger, or smaller."""

from __future__ import annotations

import numpy as np

from .basket_program import THRIFT
from .basket_terms import Limits, Offers, Suppliers
from .price_ranges import PriceRows, most_packs

#: Key of each reason; a code is its place. Translated by whoever shows it. On a line that is
#: bought, unless said otherwise:
REASONS = (
    "best",  # a trade-off with the other lines; without it, nothing better is left to buy
    "demand",  # all that sells over the cover period
    "covered",  # not bought: nothing is missing
    "minimum",  # the smallest order; not bought: it is more than sells, or than pays
    "pack",  # a whole pack more would be too much, or less than one is not sold
    "tier",  # raised to, or kept at, the quantity of a better price
    "stock",  # all the supplier has
    "stock_short",  # not bought: the supplier has less than its smallest order
    "budget",  # more does not fit the budget; not bought: nor does the smallest order
    "storage",  # alike, of the room
    "minimum_order",  # kept to reach the supplier's minimum; not bought: it is not worth it
    "carriage",  # kept to have the carriage paid; not bought: what the order adds eats it up
    "surcharge",  # kept to spare the surcharge of a small order
    "minimum_roi",  # more would bring the whole below the wanted ROI
    "minimum_margin_rate",  # or below the wanted margin rate
    "single",  # the demand is unknown: one unit
    "served",  # not bought: another offer serves its product
    "loss",  # not bought: it earns nothing at any quantity
    "unknown",  # not bought: price or value is unknown
)
CODE = {key: code for code, key in enumerate(REASONS)}
#: Reasons that are limits, of supplier or buyer, rather than a finding.
LIMITS = frozenset(REASONS) - {"best", "covered", "served", "loss", "unknown", "single"}
#: What a sum of money or a measure may be off by.
_CENT = 5e-4


def explain(
    offers: Offers,
    suppliers: Suppliers,
    rows: PriceRows,
    limits: Limits,
    quantity: np.ndarray,
    goods: np.ndarray,
    dual: np.ndarray,
) -> np.ndarray:
    """Return the code of the reason of each line (int8, n).

    goods: ordered of each supplier
    dual: prices of the limits on the whole, as ``Program.prices`` gives them

    A line that would still pay for one pack more, at the prices of the limits, is held by what
    refuses that pack; another is held by what would be lost with a pack less.
    """
    lines = _Lines(offers, suppliers, rows, limits, quantity, goods)
    above, below = lines.refused_above(), lines.lost_below()
    first = np.where(lines.wants_more(dual), above, below)
    second = np.where(lines.wants_more(dual), below, above)
    reason = np.where(first == CODE["best"], second, first)
    return np.where(quantity > 0.0, reason, lines.not_bought()).astype(np.int8)


class _Lines:
    """The lines of a basket, and what one pack more or less of each would do."""

    def __init__(self, offers, suppliers, rows, limits, quantity, goods):
        self._offers, self._suppliers, self._rows, self._limits = offers, suppliers, rows, limits
        self._quantity, self._goods = quantity, goods
        self._amount = np.nan_to_num(rows.amount(quantity))
        bought = quantity > 0.0
        value = np.where(bought, offers.value, 0.0)
        extras = float(suppliers.extras(np.arange(len(suppliers)), goods).sum())
        spend = float(self._amount.sum()) + extras
        paid = offers.price_weight * self._amount
        self._margin = float((value * quantity - paid).sum() - extras)
        self._landed = spend + float((offers.own_cost * quantity)[bought].sum())
        self._revenue = float((offers.revenue * quantity)[bought].sum())
        self._budget_left = limits.budget - spend
        self._room_left = limits.storage - float((offers.volume * quantity)[bought].sum())
        product = np.unique(offers.product, return_inverse=True)[1]
        self._demand_left = offers.demand - np.bincount(product, quantity)[product]
        self._is_served = np.bincount(product, bought)[product] > 0
        self._stock = np.where(np.isnan(offers.stock), np.inf, offers.stock)

    def wants_more(self, dual: np.ndarray) -> np.ndarray:
        """Whether each line (bool, n) would pay for one pack more at the limits' prices."""
        budget, storage, roi, rate = dual
        offers = self._offers
        price = self._rows.price[self._rows.at(self._quantity)]
        margin = offers.value - offers.price_weight * price
        worth = margin - budget * price - storage * offers.volume
        if roi:
            worth += roi * (margin - self._limits.minimum_roi * (price + offers.own_cost))
        if rate:
            worth += rate * (margin - self._limits.minimum_margin_rate * offers.revenue)
        # What a euro must earn at least is no reason to buy less.
        return worth - THRIFT * price > 1e-6 * (1.0 + price)

    def refused_above(self) -> np.ndarray:
        """What refuses one pack more of each line; "best" when nothing does."""
        offers, unit = self._offers, self._offers.unit
        more = self._quantity + unit
        cost, margin = self._change(more)
        unknown = ~offers.is_demand_known
        return self._first(
            (more > self._stock + 1e-9, "stock"),
            (unknown, self._smallest_reason()),
            (self._demand_left < np.minimum(unit, 1.0) - 1e-9, "demand"),
            (self._demand_left < unit - 1e-9, "pack"),
            *self._whole_limits(cost, margin, more - self._quantity),
        )

    def lost_below(self) -> np.ndarray:
        """What one pack less of each line would lose; "best" when nothing."""
        offers, suppliers, rows = self._offers, self._suppliers, self._rows
        less = self._quantity - offers.unit
        here, there = rows.at(self._quantity), rows.at(np.maximum(less, 0.0))
        cost, _margin = self._change(np.maximum(less, 0.0))
        goods = self._goods[offers.supplier]
        then = goods + np.where(less > 0.0, cost, -self._amount)
        reached = [
            (goods >= threshold[offers.supplier] - _CENT)
            & (then < threshold[offers.supplier] - _CENT)
            for threshold in (
                suppliers.minimum_goods,
                suppliers.free_goods,
                suppliers.large_goods,
            )
        ]
        orderly = less >= offers.smallest - 1e-9
        is_dearer = ~orderly | ~(rows.price[here] < rows.price[there])
        return self._first(
            (~orderly & (offers.smallest > 1.0), self._smallest_reason()),
            (~is_dearer, "tier"),
            *zip(reached, ("minimum_order", "carriage", "surcharge"), strict=True),
        )

    def not_bought(self) -> np.ndarray:
        """Why each line has no quantity."""
        offers, suppliers, supplier = self._offers, self._suppliers, self._offers.supplier
        smallest = offers.smallest
        cost, margin = self._change(smallest)
        best_cost, best_margin = self._best_alone()
        is_ordered = self._goods[supplier] > 0.0
        alone = np.bincount(supplier, np.nan_to_num(best_cost), len(suppliers))[supplier]
        below = suppliers.minimum_goods[supplier]
        fits = cost <= self._budget_left + _CENT
        extras = np.where(is_ordered, 0.0, suppliers.extras(supplier, alone))
        worth = np.bincount(supplier, np.maximum(np.nan_to_num(best_margin), 0.0), len(suppliers))
        return self._first(
            (np.isnan(self._prices_known()) | np.isnan(offers.value), "unknown"),
            (offers.demand <= 0.0, "covered"),
            (smallest > self._stock + 1e-9, "stock_short"),
            (offers.is_demand_known & (smallest > offers.demand + 1e-9), self._smallest_reason()),
            (~(best_margin > 0.0), "loss"),
            (self._is_served & ~offers.is_demand_known, "served"),
            (self._is_served & (self._demand_left < smallest - 1e-9), "served"),
            (~is_ordered & (alone < below - _CENT), "minimum_order"),
            (~is_ordered & fits & (below > self._budget_left + _CENT), "minimum_order"),
            (~is_ordered & fits & (worth[supplier] <= extras), "carriage"),
            *self._whole_limits(cost, margin, smallest),
            (~is_ordered & (below > cost + _CENT), "minimum_order"),
            (~is_ordered & (suppliers.extras(supplier, cost) > 0.0), "carriage"),
        )

    def _prices_known(self) -> np.ndarray:
        """The price of each offer at its largest quantity, NaN when no row has one."""
        return np.fmin.reduceat(self._rows.price, self._rows.first)

    def _best_alone(self):
        """Cost and margin (n each) of the best quantity of each offer, alone."""
        offers, rows = self._offers, self._rows
        most = most_packs(offers) * offers.unit
        best_cost, best_margin = np.full(len(offers), np.nan), np.full(len(offers), -np.inf)
        # In a straight stretch of cost the best is at one of its ends.
        ends = [offers.smallest, most]
        for place in range(int(rows.tier.max(initial=-1)) + 1):
            own = rows.tier == place
            start, end = np.full((2, len(offers)), np.nan)
            start[rows.offer[own]] = rows.start[own]
            end = np.ceil(start / offers.unit - 1e-9) * offers.unit
            ends += [end, end - offers.unit]
        for quantity in ends:
            valid = (quantity >= offers.smallest - 1e-9) & (quantity <= most + 1e-9)
            quantity = np.where(valid, quantity, 0.0)
            cost = rows.amount(quantity)
            margin = offers.value * quantity - offers.price_weight * cost
            better = valid & (margin > best_margin)
            best_cost[better], best_margin[better] = cost[better], margin[better]
        return best_cost, best_margin

    def _change(self, quantity: np.ndarray):
        """What each line alone at a quantity would change of cost and margin (n each)."""
        offers = self._offers
        cost = self._rows.amount(quantity) - self._amount
        margin = offers.value * (quantity - self._quantity) - offers.price_weight * cost
        return cost, margin

    def _whole_limits(self, cost, margin, units):
        """Limits on the whole that a change of lines would break."""
        offers, limits = self._offers, self._limits
        landed = self._landed + cost + offers.own_cost * units
        revenue = self._revenue + offers.revenue * units
        yield cost > self._budget_left + _CENT, "budget"
        yield offers.volume * units > self._room_left + _CENT, "storage"
        with np.errstate(invalid="ignore"):
            yield self._margin + margin < limits.minimum_roi * landed - _CENT, "minimum_roi"
            least = limits.minimum_margin_rate * revenue
        yield self._margin + margin < least - _CENT, "minimum_margin_rate"

    def _smallest_reason(self) -> np.ndarray:
        """What makes the smallest order of each offer (codes, n)."""
        offers = self._offers
        by_minimum = (offers.minimum > 0.0) & (offers.smallest <= offers.minimum + 1e-9)
        reason = np.where(by_minimum, CODE["minimum"], CODE["pack"])
        return np.where(offers.smallest <= 1.0, CODE["single"], reason)

    def _first(self, *tests) -> np.ndarray:
        """The reason (codes, n) of the first test that holds, "best" when none does."""
        return np.select(
            [holds for holds, _key in tests],
            [CODE[key] if isinstance(key, str) else key for _holds, key in tests],
            CODE["best"],
        )
