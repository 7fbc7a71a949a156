"""Random offers to choose a basket from, and every basket of a small case, one after the other."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import ceil, floor, isnan

import numpy as np

from ...onep_margin.engine.price_tiers import PriceTiers
from ...onep_margin.engine.supplier_terms import SupplierTerms
from ..planning.basket_terms import Limits, Offers, Suppliers

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Case:
    """A problem: what ``basket.choose`` takes."""

    offers: Offers
    suppliers: Suppliers
    limits: Limits


def small(seed: int) -> Case:
    """Return a case small enough for every basket of it to be tried."""
    draw = np.random.default_rng(seed)
    count, supplier_count = int(draw.integers(3, 5)), int(draw.integers(1, 4))
    product_count = int(draw.integers(1, count + 1))
    demand = draw.choice([0, 3, 4, 5, 6, 6.5, 8, NAN], product_count)
    product = draw.integers(product_count, size=count)
    pick = draw.choice
    price = draw.integers(200, 3000, count) / 100
    offers = Offers(
        key=draw.permutation(count),
        product=product,
        supplier=draw.integers(supplier_count, size=count),
        price=price,
        value=np.round(price * draw.uniform(0.95, 1.9, count), 2),
        demand=demand[product],
        price_weight=pick([1.0, 1.0, 1.08], count),
        own_cost=pick([0.0, 0.5], count),
        revenue=price * 2.0,
        minimum=pick([NAN, 0, 2, 3, 4], count),
        pack=pick([NAN, 1, 2, 3], count),
        stock=pick([NAN, NAN, NAN, 2, 4, 6], count),
        volume=pick([0.5, 1.0, 2.0], count),
        tiers=_tiers(draw, price, (2, 3, 4, 5, 6)),
        is_incremental=pick([False, True], count),
    )
    terms = SupplierTerms.from_rows(
        [
            {
                "key": index,
                "carriage": pick([0.0, 4.0, 9.5]),
                "carriage_paid_from": pick([None, 30.0, 50.0, 80.0]),
                "handling": pick([0.0, 0.0, 2.0]),
                "small_order_below": pick([0.0, 25.0]),
                "small_order_surcharge": pick([0.0, 5.0]),
            }
            for index in range(supplier_count)
        ]
    )
    suppliers = Suppliers(
        terms,
        minimum_order=pick([0.0, 0.0, 20.0, 50.0], supplier_count),
        rate=pick([1.0, 1.0, 1.25], supplier_count),
    )
    limits = Limits(
        budget=pick([np.inf, 40.0, 80.0, 150.0]),
        minimum_roi=pick([-np.inf, -np.inf, 0.2]),
        minimum_margin_rate=pick([-np.inf, -np.inf, 0.15]),
        storage=pick([np.inf, np.inf, 6.0]),
    )
    return Case(offers, suppliers, limits)


def large(seed: int, count: int = 2_000, supplier_count: int = 8, share: float = 0.3) -> Case:
    """Return a case of a buyer's size: tiers, minima, packs, thresholds, and a budget for a
    ``share`` of what could be sold.
    """
    draw = np.random.default_rng(seed)
    pick = draw.choice
    product_count = max(int(count * 0.7), 1)
    product = draw.integers(product_count, size=count)
    demand = np.ceil(draw.lognormal(2.5, 1.0, product_count))
    demand[draw.random(product_count) < 0.03] = NAN
    list_price = np.round(draw.lognormal(2.7, 0.9, product_count) + 1.0, 2)
    price = np.round(list_price[product] * draw.uniform(0.9, 1.1, count), 2)
    offers = Offers(
        key=draw.permutation(count) + 1_000,
        product=product,
        supplier=draw.integers(supplier_count, size=count),
        price=price,
        value=np.round(list_price[product] * draw.uniform(0.95, 1.6, product_count)[product], 2),
        demand=demand[product],
        price_weight=pick([1.0, 1.01], count),
        own_cost=0.3,
        revenue=list_price[product] * 1.9,
        minimum=pick([NAN, 0, 2, 3, 5, 6, 10, 12], count),
        pack=pick([NAN, 1, 1, 2, 3, 4, 6, 10, 12], count),
        stock=np.where(draw.random(count) < 0.3, NAN, np.ceil(draw.lognormal(3.2, 1.3, count))),
        volume=draw.uniform(0.2, 9.0, count),
        tiers=_tiers(draw, price, (5, 6, 10, 12, 20, 24, 25, 50, 100)),
        is_incremental=draw.random(count) < 0.2,
    )
    terms = SupplierTerms.from_rows(
        [
            {
                "key": index,
                "carriage": pick([0.0, 15.0, 35.0, 60.0]),
                "carriage_paid_from": pick([None, 300.0, 500.0, 1_000.0, 2_500.0]),
                "handling": pick([0.0, 0.0, 8.0]),
                "small_order_below": pick([0.0, 150.0]),
                "small_order_surcharge": pick([0.0, 12.0]),
            }
            for index in range(supplier_count)
        ]
    )
    minimum_order = pick([0.0, 250.0, 1_000.0, 3_000.0, 5_000.0], supplier_count)
    wanted = np.nansum(demand * list_price)
    return Case(offers, Suppliers(terms, minimum_order), Limits(budget=round(wanted * share, 2)))


def _tiers(draw, price: np.ndarray, quantities: tuple) -> PriceTiers:
    """Up to three tiers for each price, falling, and one in fifty rising."""
    first, starts, prices = [0], [], []
    for own in price:
        length = int(draw.integers(0, 4))
        falls = np.sort(draw.uniform(0.75, 1.0, length))[::-1]
        if length and draw.random() < 0.02:
            falls[-1] = 1.05
        starts += sorted(draw.choice(quantities, length, replace=False))
        prices += list(np.round(own * falls, 2))
        first.append(len(starts))
    return PriceTiers(first, starts, prices)


def cost(case: Case, offer: int, quantity: float) -> float:
    """Return what a quantity of one offer costs, unit by unit when its tiers are incremental."""
    tiers = case.offers.tiers
    rows = range(tiers.first[offer], tiers.first[offer + 1])
    steps = [(tiers.quantity[row], tiers.price[row]) for row in rows]

    def at(number: float) -> float:
        price = float(case.offers.price[offer])
        for start, reached in steps:
            if number >= start:
                price = float(reached)
        return price

    if case.offers.is_incremental[offer]:
        return sum(at(number) for number in range(1, round(quantity) + 1))
    return at(quantity) * quantity


def quantities(case: Case, offer: int) -> list[int]:
    """Return what may be ordered of one offer of a small case, nothing first."""
    offers = case.offers
    minimum, pack, stock, demand = (
        float(getattr(offers, name)[offer]) for name in ("minimum", "pack", "stock", "demand")
    )
    pack = 1 if isnan(pack) else max(int(pack), 1)
    smallest = ceil(max(0 if isnan(minimum) else minimum, 1) / pack) * pack
    most = smallest if isnan(demand) else floor(demand)
    most = most if isnan(stock) else min(most, int(stock))
    return [0, *range(smallest, most + 1, pack)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one basket spends and earns; whether every limit allows it."""

    spend: float
    margin: float
    is_allowed: bool


def figures(case: Case, bought) -> Figures:
    """Return the figures of one basket, a quantity per offer, counted one offer at a time."""
    offers, suppliers, limits = case.offers, case.suppliers, case.limits
    goods = [0.0] * len(suppliers)
    own_costs = revenue = volume = margin = 0.0
    needed: dict[int, float] = {}
    unknown: dict[int, int] = {}
    for offer, quantity in enumerate(bought):
        if not quantity:
            continue
        paid = cost(case, offer, quantity)
        product = int(offers.product[offer])
        goods[offers.supplier[offer]] += paid
        own_costs += offers.own_cost[offer] * quantity
        revenue += offers.revenue[offer] * quantity
        volume += offers.volume[offer] * quantity
        margin += offers.value[offer] * quantity - offers.price_weight[offer] * paid
        needed[product] = needed.get(product, 0.0) + quantity
        unknown[product] = unknown.get(product, 0) + 1
    allowed = volume <= limits.storage + 1e-9
    for offer, product in enumerate(offers.product.tolist()):
        demand = float(offers.demand[offer])
        if isnan(demand):
            allowed &= unknown.get(product, 0) <= 1
        else:
            allowed &= needed.get(product, 0.0) <= demand + 1e-9
    spend = 0.0
    for supplier, amount in enumerate(goods):
        if amount <= 0.0:
            continue
        rate, terms = suppliers.rate[supplier], suppliers.terms
        value = round(amount / rate, 4)
        allowed &= value >= suppliers.minimum_order[supplier]
        extras = terms.handling[supplier]
        if value < terms.carriage_paid_from[supplier]:
            extras += terms.carriage[supplier]
        if value < terms.small_order_below[supplier]:
            extras += terms.small_order_surcharge[supplier]
        spend += amount + extras * rate
        margin -= extras * rate
    allowed &= spend <= limits.budget + 1e-6
    if np.isfinite(limits.minimum_roi):
        allowed &= margin >= limits.minimum_roi * (spend + own_costs) - 1e-6
    if np.isfinite(limits.minimum_margin_rate):
        allowed &= margin >= limits.minimum_margin_rate * revenue - 1e-6
    return Figures(spend, margin, bool(allowed))


def best(case: Case) -> Figures:
    """Return the figures of the basket that earns most, found by trying every one."""
    found = Figures(0.0, 0.0, True)
    for bought in itertools.product(
        *(quantities(case, offer) for offer in range(len(case.offers)))
    ):
        tried = figures(case, bought)
        if tried.is_allowed and tried.margin > found.margin:
            found = tried
    return found
