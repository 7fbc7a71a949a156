"""What lines cost and earn at the quantity bought: the right tier, their share of the carriage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...onep_margin.engine import margin
from ...onep_margin.engine.batch import DealBatch
from ...onep_margin.engine.cost_sheet import CostSheet
from ...onep_margin.engine.landed import LandedCost, land
from ...onep_margin.engine.price_tiers import PriceTiers
from ...onep_margin.engine.purchase import CostTables, Purchase
from ...onep_margin.engine.rate_card import RateCard
from ...onep_margin.engine.supplier_terms import SupplierTerms
from . import costs

#: What a supplier adds to an order as a whole, by name in ``SupplierTerms``.
_EXTRAS = ("carriage", "handling", "small_order_surcharge")


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """Lines of one marketplace and one day, as the engines want them.

    rows: places of the lines among those that were asked for
    list_price: of the supplier's list at the quantity, before discounts [supplier's currency]
    batch: at the fulfilment that was chosen
    is_agreed: a price agreed with the supplier holds, whatever its list says (bool, n)
    """

    rows: np.ndarray
    sheet: CostSheet
    card: RateCard
    purchase: Purchase
    landed: LandedCost
    list_price: np.ndarray
    batch: DealBatch
    is_agreed: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class LineFigures:
    """Figures of a unit, one line per index, unrounded; NaN is unknown.

    catalogue_price: of the supplier's list at the quantity, before discounts [his currency]
    price: net of discounts, or as agreed [supplier's currency]
    price_company: alike, with the safety margin of the exchange rate [company's currency]
    landed_cost, margin: [company's currency]
    roi: margin over landed cost
    """

    catalogue_price: np.ndarray
    price: np.ndarray
    price_company: np.ndarray
    landed_cost: np.ndarray
    margin: np.ndarray
    roi: np.ndarray

    @classmethod
    def unknown(cls, count: int) -> LineFigures:
        """Return columns of ``count`` lines of which nothing is known, to be filled."""
        return cls(*(np.full(count, np.nan) for _name in cls.__slots__))

    def fill(self, rows: np.ndarray, other: LineFigures) -> None:
        """Write the figures of some lines at their places."""
        for name in self.__slots__:
            getattr(self, name)[rows] = getattr(other, name)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Figures of a unit that hold at any price and quantity; see ``basket_terms.Offers``.

    price: of a unit below the first tier, net [company's currency]
    """

    price: np.ndarray
    value: np.ndarray
    price_weight: np.ndarray
    own_cost: np.ndarray
    revenue: np.ndarray
    tiers: PriceTiers


def buy(
    deals: Mapping[str, np.ndarray], sheet: CostSheet, agreed_price: np.ndarray
) -> tuple[Purchase, LandedCost, np.ndarray]:
    """Return n offers as they are bought, their cost, and the list's prices at the quantity (n).

    deals: as ``costs.land`` has them
    agreed_price: net unit price (n) that beats list, tiers and discounts [supplier's currency];
        NaN where none was agreed
    """
    purchase, landed, _assumed = costs.land(deals, sheet)
    listed = costs.catalogue_prices(purchase)
    if np.isnan(agreed_price).all():
        return purchase, landed, listed
    purchase = at_price(purchase, agreed_price)
    return purchase, land(purchase, sheet.tables), listed


def at_price(purchase: Purchase, price: np.ndarray) -> Purchase:
    """Return the same offers at a net unit price (n), where it is not NaN."""
    given = ~np.isnan(price)
    tiers = purchase.tiers
    if tiers is not None:
        owner = np.repeat(np.arange(len(tiers)), np.diff(tiers.first))
        kept = ~given[owner]
        count = np.bincount(owner[kept], minlength=len(tiers))
        first = np.concatenate(([0], np.cumsum(count)))
        tiers = PriceTiers(first, tiers.quantity[kept], tiers.price[kept])
    free = {
        name: np.where(given, 0.0, getattr(purchase, name))
        for name in ("discount_1", "discount_2", "discount_3")
    }
    return replace(
        purchase,
        price=np.where(given, price, purchase.price),
        units_priced=np.where(given, 1.0, purchase.units_priced),
        tiers=tiers,
        **free,
    )


def figures(bought: Bought) -> LineFigures:
    """Return what lines cost and earn at their quantity."""
    result = margin.compute(bought.batch, bought.card)
    landed = bought.landed
    return LineFigures(
        catalogue_price=bought.list_price,
        price=_net_prices(bought),
        price_company=landed.buy_price,
        landed_cost=landed.landed_cost,
        margin=result.net_margin,
        roi=result.roi,
    )


def straight(bought: Bought) -> Lines:
    """Return lines without what suppliers add to orders, as a straight line of their price.

    A margin falls by the same amount for each cent of the price; two prices tell it.
    """
    tables = replace(bought.sheet.tables, suppliers=without_extras(bought.sheet.tables.suppliers))
    price = _net_prices(bought)
    (paid, earned, shelf, revenue), (half_paid, half_earned, _shelf, _revenue) = (
        _at(bought, tables, price * share) for share in (1.0, 0.5)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = (half_earned - earned) / (paid - half_paid)
    rate = bought.sheet.tables.currencies.paid_rate(bought.purchase.currency)
    tiers, start = _net_tiers(bought, rate)
    return Lines(
        price=start,
        value=earned + weight * paid,
        price_weight=weight,
        own_cost=shelf - paid,
        revenue=revenue,
        tiers=tiers,
    )


def without_extras(terms: SupplierTerms) -> SupplierTerms:
    """Return terms that add nothing to an order."""
    return replace(terms, **{name: np.zeros_like(getattr(terms, name)) for name in _EXTRAS})


def order_terms(terms: SupplierTerms, index: np.ndarray) -> SupplierTerms:
    """Return the terms of the orders (n) whose suppliers are at an index of ``terms``."""
    names = [name for name in SupplierTerms.__slots__ if name != "keys"]
    last = np.append(index, len(terms.carriage) - 1)
    return SupplierTerms(
        keys=tuple(range(len(index))), **{name: getattr(terms, name)[last] for name in names}
    )


def _net_prices(bought: Bought) -> np.ndarray:
    """Return net unit prices (n) at the quantity [supplier's currency], rate known or not."""
    purchase, sheet = bought.purchase, bought.sheet
    share = sheet.discount_share(purchase)
    rate = sheet.tables.currencies.paid_rate(purchase.currency)
    paid = bought.landed.buy_price / rate
    return np.where(np.isnan(paid), costs.catalogue_prices(purchase) * share, paid)


def _net_tiers(bought: Bought, rate: np.ndarray) -> tuple[PriceTiers, np.ndarray]:
    """Return net prices by quantity, and below the first tier (n) [company's currency].

    A contribution inside the price is not discounted: a net price is a line of the list's.
    """
    purchase, sheet = bought.purchase, bought.sheet
    share = sheet.discount_share(purchase)
    listed = costs.catalogue_prices(purchase)
    fixed = np.nan_to_num(_net_prices(bought) - listed * share)
    start = (purchase.price * share + fixed) * rate
    tiers = purchase.tiers
    if tiers is None:
        return PriceTiers(np.zeros(len(purchase) + 1), [], []), start
    owner = np.repeat(np.arange(len(tiers)), np.diff(tiers.first))
    net = (tiers.price * share[owner] + fixed[owner]) * rate[owner]
    return PriceTiers(tiers.first, tiers.quantity, net), start


def _at(bought: Bought, tables: CostTables, price: np.ndarray):
    """Return what lines are paid, earn, cost on our shelf and sell for at a net price (n each)."""
    landed = land(at_price(bought.purchase, price), tables)
    batch = bought.batch.replace(
        buy_price=landed.buy_price,
        extra_cost=landed.extra_cost,
        eco_tax=landed.eco_tax,
        unknown=landed.unknown,
    )
    result = margin.compute(batch, bought.card)
    return landed.buy_price, result.net_margin, landed.landed_cost, result.revenue_untaxed
