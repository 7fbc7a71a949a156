"""The best basket under every limit at once: what to buy, of whom, how many, at which price tier.

"Spend at most X, earn at least Y, cover Z days": a mixed-integer programme, solved by HiGHS
through scipy. Minimum order quantities, packs, price tiers, supplier stock, minimum orders,
carriage, budget, storage and the demand that several offers of a product share are all exact.

The same input gives the same basket, in whatever order its rows come: rows are handled by their
key, and HiGHS runs with its fixed seed. Of baskets that earn the same, the one that spends less;
of equal offers of a product, the lowest key; beyond that, what the solver meets first. Only a
basket that stopped at its time limit may differ from one run to the next; it says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from . import basket_reasons
from .basket_program import GLOBAL, THRIFT, Program, Solution
from .basket_terms import Limits, Offers, Suppliers
from .list_totals import OrderGaps, order_gaps
from .price_ranges import PriceRanges, PriceRows

#: How a basket ended.
OPTIMAL, STOPPED, UNREACHED, UNDECIDED = range(4)
#: Key of each: the best within the gap; the best met before the time limit; the wanted margin
#: cannot be reached; it was not reached before the time limit. Translated by whoever shows it.
STATUSES = ("optimal", "stopped", "unreached", "undecided")
#: Share of the time that is kept to tell what is in the way of a wanted margin.
KEPT_TO_EXPLAIN = 0.3
#: Seconds that the prices of the limits may always take.
LEAST_SECONDS = 0.5
#: Limits that are lifted one at a time when the wanted margin cannot be reached.
LIFTED = (
    "budget",
    "demand",
    "stock",
    "minimum",
    "minimum_order",
    "carriage",
    "storage",
    "minimum_roi",
    "minimum_margin_rate",
)


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """What the basket means to each supplier, one per index of ``Suppliers``.

    goods: ordered [company's currency]
    extras: carriage, handling, surcharge [company's currency]
    line_count: lines of the order
    missing: to the supplier's thresholds; of an order of nothing too
    """

    goods: np.ndarray
    extras: np.ndarray
    line_count: np.ndarray
    missing: OrderGaps


@dataclass(frozen=True, slots=True, eq=False)
class Basket:
    """A basket, in the order of the offers given; amounts unrounded [company's currency].

    status: one of ``STATUSES``, by code
    quantity: units to buy of each offer, 0 for none
    tier: place of the price in the offer's tiers; -1 below them or when nothing is bought
    amount: what a line costs
    margin: what a line earns, without what suppliers add to orders
    reason: int8 code of what bound the line; see ``basket_reasons.REASONS``
    orders: by supplier
    spend: goods and what suppliers add
    total_margin: net margin of the whole
    roi, margin_rate: of the whole; NaN when nothing is bought, or a revenue is unknown
    bound: what no basket can earn more than
    gap: (bound - total margin) / total margin; inf when nothing is earned yet
    limit_values: what one more unit of each limit on the whole would bring (one more euro of
        budget, one more of storage …), by key of ``GLOBAL``: a dual price, with the suppliers
        and their terms as in the basket, packs and tiers split at will. ``more_budget`` tells
        what a sum really brings
    binding: keys of the limits that hold the basket, the whole's before the lines'; where the
        wanted margin is not reached, those which would let it, lifted alone
    untried: keys of the limits of which the time did not tell whether they would
    seconds: that the solver took
    """

    status: int
    quantity: np.ndarray
    tier: np.ndarray
    amount: np.ndarray
    margin: np.ndarray
    reason: np.ndarray
    orders: Orders
    spend: float
    total_margin: float
    roi: float
    margin_rate: float
    bound: float
    gap: float
    limit_values: dict[str, float]
    binding: tuple[str, ...]
    untried: tuple[str, ...]
    seconds: float

    @property
    def status_key(self) -> str:
        """Key of the status."""
        return STATUSES[self.status]

    def keys(self) -> list[str]:
        """Key of the reason of each line."""
        return [basket_reasons.REASONS[code] for code in self.reason]


@dataclass(frozen=True, slots=True, eq=False)
class _Account:
    """A basket's figures, counted from its quantities alone."""

    amount: np.ndarray
    margin: np.ndarray
    orders: Orders
    spend: float
    total_margin: float
    landed: float
    revenue: float


def choose(
    offers: Offers,
    suppliers: Suppliers,
    limits: Limits | None = None,
    *,
    time_limit: float = 20.0,
    gap: float = 1e-4,
) -> Basket:
    """Return the basket that earns most within the limits.

    time_limit: seconds after which the best basket met is returned, for all that is solved
    gap: share of the margin that need not be proven, 0 for all of it

    Where the wanted margin cannot be reached, the basket is the one that comes closest, with the
    limits that are in the way: each is then lifted alone. Where a margin is wanted, a part of the
    time is kept for that.
    """
    limits = limits or Limits()
    _check(offers, suppliers)
    given, order = offers, np.argsort(offers.key, kind="stable")
    started = time.perf_counter()
    offers = _settled(given.reordered(order), limits)
    rows = PriceRows.of(offers)
    ranges = _ranges(offers, suppliers, rows, limits)
    is_wanted = np.isfinite(limits.minimum_margin)
    own_time = time_limit * (1.0 - KEPT_TO_EXPLAIN if is_wanted else 1.0)
    solution = _solve(offers, suppliers, ranges, limits, own_time, gap)
    quantity = solution.packs * offers.unit
    account = _account(offers, suppliers, rows, quantity)
    deadline = started + time_limit
    dual = _dual(offers, suppliers, ranges, limits, account.orders.goods, deadline)
    unproven = max(solution.bound - (account.total_margin - THRIFT * account.amount.sum()), 0.0)
    bound = account.total_margin + unproven
    status = _status(account.total_margin, bound, limits, solution)
    reason = basket_reasons.explain(
        offers, suppliers, rows, limits, quantity, account.orders.goods, dual
    )
    untried = ()
    if status == UNREACHED:
        binding, untried = _in_the_way(offers, suppliers, limits, deadline)
    else:
        binding = _binding(dual, reason)
    back = np.argsort(order)
    bought = quantity > 0.0
    return Basket(
        status=status,
        quantity=quantity[back],
        tier=np.where(bought, rows.tier[rows.at(quantity)], -1)[back],
        amount=account.amount[back],
        margin=account.margin[back],
        reason=reason[back],
        orders=account.orders,
        spend=account.spend,
        total_margin=account.total_margin,
        roi=_ratio(account.total_margin, account.landed),
        margin_rate=_ratio(account.total_margin, account.revenue),
        bound=bound,
        gap=_gap(account.total_margin, unproven),
        limit_values=dict(zip(GLOBAL, dual.tolist(), strict=True)),
        binding=binding,
        untried=untried,
        seconds=time.perf_counter() - started,
    )


def more_budget(
    offers: Offers,
    suppliers: Suppliers,
    limits: Limits,
    basket: Basket,
    more: float,
    *,
    time_limit: float = 20.0,
    gap: float = 1e-4,
) -> float:
    """Return what ``more`` budget brings in net margin, by choosing anew; never below zero."""
    larger = replace(limits, budget=limits.budget + more)
    again = choose(offers, suppliers, larger, time_limit=time_limit, gap=gap)
    return max(again.total_margin - basket.total_margin, 0.0)


def at_quantities(
    offers: Offers, suppliers: Suppliers, quantity: np.ndarray
) -> tuple[float, float]:
    """Return what given quantities (n) spend and earn, by the same account as a basket's; the
    margin is NaN when it is unknown of an offer that is bought.
    """
    account = _account(offers, suppliers, PriceRows.of(offers), np.asarray(quantity, np.float64))
    return account.spend, account.total_margin


def _check(offers: Offers, suppliers: Suppliers) -> None:
    """Refuse suppliers that are not in the list."""
    if len(offers) and not (0 <= offers.supplier.min() <= offers.supplier.max() < len(suppliers)):
        raise ValueError("An offer's supplier is not in the list of suppliers")


def _settled(offers: Offers, limits: Limits) -> Offers:
    """Return the offers, those that a wanted margin rate cannot be told of without a value."""
    if not np.isfinite(limits.minimum_margin_rate):
        return offers
    return replace(offers, value=np.where(np.isnan(offers.revenue), np.nan, offers.value))


def _ranges(offers: Offers, suppliers: Suppliers, rows: PriceRows, limits: Limits) -> PriceRanges:
    """Return what may be ordered and may serve."""
    ranges = PriceRanges.of(offers, rows, limits.budget, limits.storage)
    return ranges.take(_worth_it(offers, suppliers, ranges))


def _solve(
    offers: Offers,
    suppliers: Suppliers,
    ranges: PriceRanges,
    limits: Limits,
    time_limit: float,
    gap: float,
) -> Solution:
    """Solve; of nothing, nothing is bought."""
    if not len(ranges):
        return Solution(np.zeros(len(offers)), 0.0, False)
    return Program(offers, suppliers, ranges, limits).solve(time_limit, gap)


def _dual(offers, suppliers, ranges: PriceRanges, limits: Limits, goods, deadline: float):
    """Return the prices of the limits on the whole, none of them hidden in the ranges."""
    if not len(ranges):
        return np.zeros(len(GLOBAL))
    ranges = replace(ranges, most=ranges.most_alone)
    left = max(deadline - time.perf_counter(), LEAST_SECONDS)
    return Program(offers, suppliers, ranges, limits).prices(goods, left)


def _worth_it(offers: Offers, suppliers: Suppliers, ranges: PriceRanges) -> np.ndarray:
    """Return which ranges (bool) may serve: they earn, or fill an order up to a threshold."""
    own = ranges.offer
    unit, weight, value = offers.unit[own], offers.price_weight[own], offers.value[own]
    best = np.full(len(ranges), -np.inf)
    for packs in (ranges.least, ranges.most):
        cost = ranges.price * packs * unit + ranges.base
        best = np.maximum(best, value * packs * unit - weight * cost)
    fills = (suppliers.minimum_goods > 0.0) | (suppliers.large_goods > 0.0)
    fills |= (suppliers.free_goods > 0.0) & np.isfinite(suppliers.free_goods)
    return (best > 0.0) | fills[offers.supplier[own]]


def _account(
    offers: Offers, suppliers: Suppliers, rows: PriceRows, quantity: np.ndarray
) -> _Account:
    """Count a basket from its quantities and the price lists."""
    amount = rows.amount(quantity)
    bought = quantity > 0.0
    margin = np.where(bought, offers.value * quantity - offers.price_weight * amount, 0.0)
    goods = np.bincount(offers.supplier, amount, len(suppliers))
    everyone = np.arange(len(suppliers))
    extras = suppliers.extras(everyone, goods)
    orders = Orders(
        goods=goods,
        extras=extras,
        line_count=np.bincount(offers.supplier, bought, len(suppliers)).astype(np.int64),
        missing=order_gaps(suppliers, everyone, goods),
    )
    spend = float(amount.sum() + extras.sum())
    return _Account(
        amount=amount,
        margin=margin,
        orders=orders,
        spend=spend,
        total_margin=float(margin.sum() - extras.sum()),
        landed=spend + float((quantity * offers.own_cost)[bought].sum()),
        revenue=float((quantity * offers.revenue)[bought].sum()),
    )


def _status(margin: float, bound: float, limits: Limits, solution: Solution) -> int:
    """Return how the basket ended."""
    if margin < limits.minimum_margin - 1e-4:
        return UNDECIDED if solution.is_stopped and bound >= limits.minimum_margin else UNREACHED
    return STOPPED if solution.is_stopped else OPTIMAL


def _gap(margin: float, unproven: float) -> float:
    """Return the share of the margin that a better basket might add."""
    if unproven <= 1e-5:
        return 0.0
    return unproven / margin if margin > 0.0 else np.inf


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else np.nan


def _binding(dual: np.ndarray, reason: np.ndarray) -> tuple[str, ...]:
    """Return the keys of limits that hold the basket; why nothing is bought is one as well."""
    whole = [key for key, price in zip(GLOBAL, dual, strict=True) if price > 0.0]
    lines = [basket_reasons.REASONS[code] for code in np.unique(reason)]
    return tuple(dict.fromkeys(whole + [key for key in lines if key in basket_reasons.LIMITS]))


def _in_the_way(
    offers: Offers, suppliers: Suppliers, limits: Limits, deadline: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of limits without which, one at a time, the wanted margin is reached, and
    those of which the time did not tell.
    """
    cases = {key: _lift(key, offers, suppliers, limits) for key in LIFTED}
    cases = {key: lifted for key, lifted in cases.items() if lifted is not None}
    found, untried = [], []
    for place, (key, (offers_then, suppliers_then, limits_then)) in enumerate(cases.items()):
        left = (deadline - time.perf_counter()) / (len(cases) - place)
        if left <= 0.0:
            untried.append(key)
            continue
        rows = PriceRows.of(offers_then)
        ranges = _ranges(offers_then, suppliers_then, rows, limits_then)
        solution = _solve(offers_then, suppliers_then, ranges, limits_then, left, gap=1e-3)
        account = _account(offers_then, suppliers_then, rows, solution.packs * offers_then.unit)
        if account.total_margin >= limits.minimum_margin - 1e-4:
            found.append(key)
        elif solution.is_stopped and solution.bound >= limits.minimum_margin:
            untried.append(key)
    return tuple(found), tuple(untried)


def _lift(key: str, offers: Offers, suppliers: Suppliers, limits: Limits):
    """Return offers, suppliers and limits without one limit; None when it does not hold."""
    if key in ("budget", "storage"):
        is_set = np.isfinite(getattr(limits, key))
        return (offers, suppliers, replace(limits, **{key: np.inf})) if is_set else None
    if key in ("minimum_roi", "minimum_margin_rate"):
        is_set = np.isfinite(getattr(limits, key))
        return (offers, suppliers, replace(limits, **{key: -np.inf})) if is_set else None
    if key == "demand":
        return replace(offers, demand=np.inf), suppliers, limits
    if key == "stock":
        is_set = not np.isnan(offers.stock).all()
        return (replace(offers, stock=np.nan), suppliers, limits) if is_set else None
    if key == "minimum":
        is_set = (offers.smallest > offers.unit).any()
        return (replace(offers, minimum=np.nan), suppliers, limits) if is_set else None
    if key == "minimum_order":
        is_set = suppliers.minimum_goods.any()
        return (offers, replace(suppliers, minimum_order=0.0), limits) if is_set else None
    if not suppliers.terms.has_extras:
        return None
    terms = replace(
        suppliers.terms,
        **{
            name: np.zeros(len(suppliers) + 1)
            for name in ("carriage", "handling", "small_order_surcharge")
        },
    )
    return offers, replace(suppliers, terms=terms), limits
