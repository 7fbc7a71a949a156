"""What may be bought, of whom and within what: the columns that a basket is chosen from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine.batch import broadcast_columns, taken
from ...onep_margin.engine.price_tiers import PriceTiers
from ...onep_margin.engine.supplier_terms import SupplierTerms
from .quantity import up_to_pack

#: No line exceeds this many packs, even where nobody states a limit.
MOST_PACKS = 100_000
#: What rounding may leave of a unit or of a pack.
HAIR = 1e-9

_DTYPES = {
    "key": np.int64,
    "product": np.int64,
    "supplier": np.int64,
    "is_incremental": np.bool_,
}


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """Offers that may be bought, one per index; arrays, lists or scalars, broadcast. Units are
    those of the product, amounts are untaxed, in the company's currency.

    key: names an offer, distinct: what is equal otherwise is settled by the lower key
    product: any number; offers of one product share its demand
    supplier: index into ``Suppliers``
    price: of a unit below the first tier; NaN where nothing is sold below it
    value: net margin of a unit if the supplier gave it away, without his extras per order
    demand: units of the product that sell over the cover period, less what we have; the same on
        all its offers. NaN is unknown: one smallest order of one of its offers at most
    price_weight: what one unit of price takes from the margin: 1, and the duty that comes on it,
        the share lost with returns
    own_cost: what a unit costs beside the supplier's price; counts in the ROI only
    revenue: of a unit; needed for a margin rate only
    minimum: smallest order of the supplier; NaN or 0 for none
    pack: units of a pack; NaN or 0 for single units
    stock: units the supplier has; NaN when it does not say
    volume: of a unit, in the measure of ``Limits.storage``
    tiers: prices by quantity, ascending
    is_incremental: a tier's price is that of its own units only, from its first on (units 10 and
        up); otherwise, that of all units of the line

    An offer without a known price or value is never bought.
    """

    key: np.ndarray
    product: np.ndarray
    supplier: np.ndarray
    price: np.ndarray
    value: np.ndarray
    demand: np.ndarray = np.nan
    price_weight: np.ndarray = 1.0
    own_cost: np.ndarray = 0.0
    revenue: np.ndarray = np.nan
    minimum: np.ndarray = np.nan
    pack: np.ndarray = np.nan
    stock: np.ndarray = np.nan
    volume: np.ndarray = 0.0
    tiers: PriceTiers | None = None
    is_incremental: np.ndarray = False

    def __post_init__(self):
        broadcast_columns(self, _DTYPES, skip=("tiers",))
        count = len(self)
        if self.tiers is None:
            object.__setattr__(self, "tiers", PriceTiers(np.zeros(count + 1), [], []))
        if len(self.tiers) != count:
            raise ValueError(f"{len(self.tiers)} price lists for {count} offers")
        if len(np.unique(self.key)) != count:
            raise ValueError("Two offers bear the same key")
        owner = np.repeat(np.arange(count), np.diff(self.tiers.first))
        if ((np.diff(self.tiers.quantity) <= 0.0) & (np.diff(owner) == 0)).any():
            raise ValueError("The quantities of a price list must rise")
        _product, first, own = np.unique(self.product, return_index=True, return_inverse=True)
        if not np.array_equal(self.demand, self.demand[first][own], equal_nan=True):
            raise ValueError("The offers of one product must state the same demand")

    def __len__(self) -> int:
        return len(self.key)

    def reordered(self, order: np.ndarray) -> Offers:
        """Return the offers (any order, each once) at the given indices."""
        length = np.diff(self.tiers.first)[order]
        first = np.concatenate(([0], np.cumsum(length)))
        row = np.repeat(self.tiers.first[:-1][order] - first[:-1], length) + np.arange(first[-1])
        return taken(
            self, order, tiers=PriceTiers(first, self.tiers.quantity[row], self.tiers.price[row])
        )

    @property
    def unit(self) -> np.ndarray:
        """Units that an offer is counted by (n): those of a pack, or one."""
        return np.where(self.pack > 0.0, self.pack, 1.0)

    @property
    def smallest(self) -> np.ndarray:
        """Smallest order of each offer (n) [units]: its minimum, in whole packs."""
        return up_to_pack(np.where(self.minimum > 0.0, self.minimum, 1.0), self.pack)

    @property
    def is_demand_known(self) -> np.ndarray:
        """Whether the demand of each offer's product is known (bool, n)."""
        return ~np.isnan(self.demand)


@dataclass(frozen=True, slots=True, eq=False)
class Suppliers:
    """Orders that may be placed: one per supplier and currency.

    terms: carriage, handling and surcharges, one element per supplier
    minimum_order: value below which the supplier takes no order [supplier's currency]; 0 for none
    rate: what one unit of the supplier's currency costs us, as in the offers' prices
    """

    terms: SupplierTerms
    minimum_order: np.ndarray = 0.0
    rate: np.ndarray = 1.0

    def __post_init__(self):
        # Of a currency without a rate no price is known, hence nothing is bought.
        for name, unknown in (("minimum_order", 0.0), ("rate", 1.0)):
            column = np.asarray(getattr(self, name), np.float64)
            column = np.where(column > 0.0, column, unknown)
            object.__setattr__(self, name, np.broadcast_to(column, (len(self),)))

    def __len__(self) -> int:
        return len(self.terms.keys)

    def extras(self, supplier: np.ndarray, goods: np.ndarray) -> np.ndarray:
        """Return what suppliers (n) add to an order of goods (n), nothing to none; both in the
        company's currency.
        """
        extras = self.terms.order_extras(supplier, self.order_value(supplier, goods))
        return np.where(goods > 0.0, extras * self.rate[supplier], 0.0)

    def order_value(self, supplier: np.ndarray, goods: np.ndarray) -> np.ndarray:
        """Return the value of orders (n) [supplier's currency], free of what summing leaves."""
        return np.round(goods / self.rate[supplier], 3)

    @property
    def minimum_goods(self) -> np.ndarray:
        """Goods from which each supplier takes an order [company's currency]."""
        return self.minimum_order * self.rate

    @property
    def free_goods(self) -> np.ndarray:
        """Goods from which each supplier pays the carriage [company's currency]; 0 when it has
        none, inf for never.
        """
        paid_from = self.terms.carriage_paid_from[:-1] * self.rate
        return np.where(self.terms.carriage[:-1] > 0.0, paid_from, 0.0)

    @property
    def large_goods(self) -> np.ndarray:
        """Goods from which an order is not surcharged [company's currency]; 0 when none is."""
        below = self.terms.small_order_below[:-1] * self.rate
        return np.where(self.terms.small_order_surcharge[:-1] > 0.0, below, 0.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a buyer allows, on the whole basket [company's currency].

    budget: goods and what suppliers add to their orders, at most
    minimum_margin: net margin, at least
    minimum_roi: net margin over what the goods cost on our shelf, at least
    minimum_margin_rate: net margin over revenue, at least
    storage: volume of all units, at most
    """

    budget: float = np.inf
    minimum_margin: float = -np.inf
    minimum_roi: float = -np.inf
    minimum_margin_rate: float = -np.inf
    storage: float = np.inf
