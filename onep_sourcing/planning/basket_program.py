"""The basket as a mixed-integer programme, and its solution by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from .basket_terms import Limits, Offers, Suppliers
from .price_ranges import PriceRanges

#: What a euro spent must earn at least: of baskets that earn the same, the one that spends less.
THRIFT = 1e-5
#: By how much more it must for each better offer of the same product, in shares of ``THRIFT``.
_PREFERENCE = 1e-2
#: Rows of money are told to the solver in hundreds: it holds a row to a millionth, hence money to
#: a hundredth of a cent.
_MONEY = 1e-2
#: Limits on the whole basket that have a row, in their order.
GLOBAL = ("budget", "storage", "minimum_roi", "minimum_margin_rate")
_SCALES = np.array([_MONEY, 1.0, _MONEY, _MONEY])


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What the solver found.

    packs: of each offer (n), whole
    bound: what no basket can exceed in net margin less ``THRIFT`` of its goods [company's
        currency]
    is_stopped: it stopped at its time limit
    """

    packs: np.ndarray
    bound: float
    is_stopped: bool


class Program:
    """Maximise the net margin over whole packs, tiers and orders, within every limit.

    A range of prices has up to two columns: whether it is used (0 or 1), which buys its least
    quantity, and the packs beyond. A supplier has up to three: whether an order is placed,
    whether it bears the carriage, whether it is surcharged. Every row reads "at most".
    """

    def __init__(self, offers: Offers, suppliers: Suppliers, ranges: PriceRanges, limits: Limits):
        self._offers, self._suppliers = offers, suppliers
        self._ranges = ranges
        self._count = len(offers)
        own = ranges.offer
        self._unit = offers.unit[own]
        self._supplier = offers.supplier[own]
        self._lay_columns()
        self._values, self._rows, self._columns, self._most = [], [], [], []
        self._row_count = 0
        self._cost = self._spread(self._unit * ranges.price, ranges.base)
        self._add_ranges()
        self._add_demand()
        self._add_orders(limits.budget)
        margin = self._margin()
        self._global_row = self._add_limits(limits, margin)
        self._objective = self._thrift() - margin

    def solve(self, time_limit: float, gap: float) -> Solution:
        """Solve to a relative gap, or as far as the time limit [s] allows."""
        answer = optimize.milp(
            self._objective,
            integrality=np.ones(self._width),
            bounds=optimize.Bounds(0.0, self._upper),
            constraints=optimize.LinearConstraint(self._matrix(), ub=np.concatenate(self._most)),
            options={"time_limit": time_limit, "mip_rel_gap": gap, "presolve": True},
        )
        found = answer.x if answer.x is not None else np.zeros(self._width)
        bound = answer.mip_dual_bound
        bound = np.inf if bound is None or not np.isfinite(bound) else -bound
        return Solution(self._packs(np.round(found)), bound, answer.status != 0)

    def prices(self, goods: np.ndarray, time_limit: float) -> np.ndarray:
        """Return what one more unit of each limit in ``GLOBAL`` would bring, 0 when it is slack
        or when the time [s] did not tell.

        goods: ordered of each supplier; who is ordered from, and on which terms, is kept, while
        packs and tiers may be split: the dual prices of that linear programme.
        """
        lower, upper = np.zeros(self._width), self._upper.copy()
        for columns, chosen in zip(
            (self._order, self._carriage, self._surcharge),
            (
                goods > 0.0,
                (goods > 0.0) & (goods < self._suppliers.free_goods - 1e-4),
                (goods > 0.0) & (goods < self._suppliers.large_goods - 1e-4),
            ),
            strict=True,
        ):
            own = columns >= 0
            lower[columns[own]] = upper[columns[own]] = chosen[own]
        answer = optimize.linprog(
            self._objective,
            A_ub=self._matrix(),
            b_ub=np.concatenate(self._most),
            bounds=np.column_stack((lower, upper)),
            method="highs",
            options={"time_limit": time_limit},
        )
        prices = np.zeros(len(GLOBAL))
        if answer.status == 0:
            own = self._global_row >= 0
            prices[own] = -answer.ineqlin.marginals[self._global_row[own]] * _SCALES[own]
        return np.where(prices > 1e-9, prices, 0.0)

    def _lay_columns(self) -> None:
        """Number the columns; one offer's only range from its first pack on needs no choice."""
        ranges = self._ranges
        alone = np.bincount(ranges.offer, minlength=self._count)[ranges.offer] == 1
        plain = alone & (ranges.least == 1.0) & (ranges.base == 0.0)
        self._fixed = np.where(plain, 0.0, ranges.least)
        self._room = ranges.most - self._fixed
        has_order, has_carriage, has_surcharge = self._order_choices()
        self._width = 0
        self._used = self._number(~plain)
        self._beyond = self._number(self._room > 0.0)
        self._order = self._number(has_order)
        self._carriage = self._number(has_carriage)
        self._surcharge = self._number(has_surcharge)
        self._upper = np.ones(self._width)
        grows = self._beyond >= 0
        self._upper[self._beyond[grows]] = self._room[grows]

    def _number(self, needed: np.ndarray) -> np.ndarray:
        """Return the new columns of what needs one, -1 elsewhere."""
        numbers = np.where(needed, np.cumsum(needed) - 1 + self._width, -1)
        self._width += int(needed.sum())
        return numbers

    def _order_choices(self):
        """Return which suppliers (bool each) need the three choices of their order."""
        suppliers, terms = self._suppliers, self._suppliers.terms
        carriage = suppliers.free_goods > suppliers.minimum_goods
        surcharge = suppliers.large_goods > suppliers.minimum_goods
        handled = terms.handling[:-1] > 0.0
        present = np.zeros(len(suppliers), dtype=np.bool_)
        present[self._supplier] = True
        order = present & (carriage | surcharge | handled | (suppliers.minimum_goods > 0.0))
        return order, present & carriage, present & surcharge

    def _spread(self, per_pack: np.ndarray, per_use=0.0) -> np.ndarray:
        """Return one coefficient per column of what a pack, and a range's use, count for."""
        row = np.zeros(self._width)
        used, grows = self._used >= 0, self._beyond >= 0
        row[self._used[used]] = (per_pack * self._fixed + per_use)[used]
        row[self._beyond[grows]] = per_pack[grows]
        return row

    def _add(self, rows: np.ndarray, columns: np.ndarray, values) -> None:
        """Add coefficients to rows counted from the next new one."""
        rows, columns, values = np.broadcast_arrays(rows, columns, values)
        kept = (columns >= 0) & (values != 0.0)
        self._rows.append(rows[kept] + self._row_count)
        self._columns.append(columns[kept])
        self._values.append(values[kept].astype(np.float64))

    def _close(self, most: np.ndarray) -> np.ndarray:
        """End new rows with what they may reach; returns their numbers."""
        most = np.atleast_1d(np.asarray(most, np.float64))
        self._most.append(most)
        rows = np.arange(self._row_count, self._row_count + len(most))
        self._row_count += len(most)
        return rows

    def _add_ranges(self) -> None:
        """Packs beyond need the range; an offer is in one range at most."""
        both = np.flatnonzero((self._used >= 0) & (self._beyond >= 0))
        rows = np.arange(len(both))
        self._add(rows, self._beyond[both], 1.0)
        self._add(rows, self._used[both], -self._room[both])
        self._close(np.zeros(len(both)))
        count = np.bincount(self._ranges.offer, minlength=self._count)
        several = np.flatnonzero(count > 1)
        place = np.full(self._count, -1)
        place[several] = np.arange(len(several))
        own = place[self._ranges.offer] >= 0
        self._add(place[self._ranges.offer[own]], self._used[own], 1.0)
        self._close(np.ones(len(several)))

    def _add_demand(self) -> None:
        """The offers of one product share its demand; unknown, one smallest order of one."""
        offers, own = self._offers, self._ranges.offer
        known = offers.is_demand_known
        share = np.where(known, offers.unit, offers.unit / offers.smallest)
        most = np.where(known, offers.demand, 1.0)
        product, first = np.unique(offers.product[own], return_index=True)
        # One offer alone is held by its ranges.
        offer_count = np.zeros(len(product))
        present = np.unique(own)
        np.add.at(offer_count, np.searchsorted(product, offers.product[present]), 1)
        shared = np.flatnonzero((offer_count > 1) & np.isfinite(most[own[first]]))
        place = np.full(len(product), -1)
        place[shared] = np.arange(len(shared))
        row = place[np.searchsorted(product, offers.product[own])]
        in_row = row >= 0
        self._add(row[in_row], self._used[in_row], (share[own] * self._fixed)[in_row])
        self._add(row[in_row], self._beyond[in_row], share[own][in_row])
        self._close(most[own[first[shared]]] + 1e-7)

    def _add_orders(self, budget: float) -> None:
        """What is bought needs an order; an order its value, or its carriage and surcharge."""
        suppliers = self._suppliers
        bound = self._order[self._supplier] >= 0
        linked = np.flatnonzero(bound)
        rows = np.arange(len(linked))
        used = self._used[linked] >= 0
        self._add(rows, np.where(used, self._used[linked], self._beyond[linked]), 1.0)
        self._add(
            rows,
            self._order[self._supplier[linked]],
            -np.where(used, 1.0, self._room[linked]),
        )
        self._close(np.zeros(len(linked)))
        for threshold, excuse, held in (
            (suppliers.minimum_goods, np.full(len(suppliers), -1), self._order >= 0),
            (suppliers.free_goods, self._carriage, self._carriage >= 0),
            (suppliers.large_goods, self._surcharge, self._surcharge >= 0),
        ):
            chosen = np.flatnonzero(held & (threshold > 0.0) & np.isfinite(threshold))
            due = threshold[chosen] * _MONEY
            self._add_goods(chosen, -_MONEY)
            self._add(np.arange(len(chosen)), self._order[chosen], due)
            self._add(np.arange(len(chosen)), excuse[chosen], -due)
            self._close(np.zeros(len(chosen)))
        placed = np.flatnonzero(self._order >= 0)
        if np.isfinite(budget):
            # Follows from the budget, but tells the solver that half an order buys half of it.
            self._add_goods(placed, _MONEY)
            most = np.full(len(placed), -budget * _MONEY)
            self._add(np.arange(len(placed)), self._order[placed], most)
            self._close(np.zeros(len(placed)))
        never = np.flatnonzero((self._carriage >= 0) & np.isinf(suppliers.free_goods))
        self._add(np.arange(len(never)), self._order[never], 1.0)
        self._add(np.arange(len(never)), self._carriage[never], -1.0)
        self._close(np.zeros(len(never)))

    def _add_goods(self, chosen: np.ndarray, scale: float) -> None:
        """Add the value of the goods of some suppliers, a new row each, times a scale."""
        ranges = self._ranges
        place = np.full(len(self._suppliers), -1)
        place[chosen] = np.arange(len(chosen))
        row = place[self._supplier]
        own = np.flatnonzero(row >= 0)
        goods = self._unit[own] * ranges.price[own]
        least = goods * self._fixed[own] + ranges.base[own]
        self._add(row[own], self._used[own], scale * least)
        self._add(row[own], self._beyond[own], scale * goods)

    def _extras(self) -> np.ndarray:
        """Return what suppliers add to their orders, by column [company's currency]."""
        terms, row = self._suppliers.terms, np.zeros(self._width)
        for columns, amount in (
            (self._order, terms.handling),
            (self._carriage, terms.carriage),
            (self._surcharge, terms.small_order_surcharge),
        ):
            own = columns >= 0
            row[columns[own]] = (amount[:-1] * self._suppliers.rate)[own]
        return row

    def _margin(self) -> np.ndarray:
        """Return the net margin by column."""
        offers, own, ranges = self._offers, self._ranges.offer, self._ranges
        weight = offers.price_weight[own]
        unit_margin = self._unit * (offers.value[own] - weight * ranges.price)
        return self._spread(unit_margin, -weight * ranges.base) - self._extras()

    def _thrift(self) -> np.ndarray:
        """Return what settles ties, by column; rising along the offers of one product."""
        offers = self._offers
        order = np.argsort(offers.product, kind="stable")
        ranked = offers.product[order]
        starts = np.searchsorted(ranked, ranked)
        rank = np.empty(self._count)
        rank[order] = np.arange(self._count) - starts
        weight = THRIFT * (1.0 + _PREFERENCE * rank)[self._ranges.offer]
        ranges = self._ranges
        return self._spread(weight * self._unit * ranges.price, weight * ranges.base)

    def _add_limits(self, limits: Limits, margin: np.ndarray) -> np.ndarray:
        """Add a row per limit that is set; returns their numbers, -1 for none."""
        offers, own = self._offers, self._ranges.offer
        spend = self._cost + self._extras()
        numbers = np.full(len(GLOBAL), -1)
        landed = spend + self._spread(self._unit * offers.own_cost[own])
        volume = self._spread(self._unit * offers.volume[own])
        revenue = self._spread(self._unit * offers.revenue[own])
        roi, rate = limits.minimum_roi, limits.minimum_margin_rate
        rows = {}
        if np.isfinite(limits.budget):
            rows["budget"] = spend * _MONEY, limits.budget * _MONEY
        if np.isfinite(limits.storage):
            rows["storage"] = volume, limits.storage
        if np.isfinite(roi):
            rows["minimum_roi"] = (roi * landed - margin) * _MONEY, 0.0
        if np.isfinite(rate):
            rows["minimum_margin_rate"] = (rate * revenue - margin) * _MONEY, 0.0
        for key, (row, most) in rows.items():
            self._add(0, np.arange(self._width), row)
            numbers[GLOBAL.index(key)] = self._close(most)[0]
        return numbers

    def _matrix(self) -> sparse.csc_array:
        return sparse.csc_array(
            (
                np.concatenate(self._values),
                (np.concatenate(self._rows), np.concatenate(self._columns)),
            ),
            shape=(self._row_count, self._width),
        )

    def _packs(self, found: np.ndarray) -> np.ndarray:
        """Return the packs of each offer (n) of a solution."""
        packs = np.zeros(len(self._ranges))
        used, grows = self._used >= 0, self._beyond >= 0
        packs[used] += self._fixed[used] * found[self._used[used]]
        packs[grows] += found[self._beyond[grows]]
        return np.bincount(self._ranges.offer, packs, self._count)
