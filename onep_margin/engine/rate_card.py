"""One market's rules on one day, as sorted arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .carrier import CarrierGrid
from .causes import Cause
from .commission import CommissionTable
from .logistics import FulfilmentTable

DAYS_PER_MONTH = 365.0 / 12.0


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no tariff says and a company decides: how long goods wait, how many come back.

    storage_days: days on the shelf before the sale
    own_storage_rate: our own shelves [currency per m³ and month]
    return_rate: share of parcels that come back [0-1]
    return_cost: handling of one return, per returned unit
    return_loss_rate: share of the landed cost lost on one return [0-1]
    advertising_rate: share of the revenue without VAT spent on advertising [0-1]
    monthly_units: sales over which the marketplace's subscription is spread; 0 spreads none
    """

    storage_days: float = 0.0
    own_storage_rate: float = 0.0
    return_rate: float = 0.0
    return_cost: float = 0.0
    return_loss_rate: float = 0.0
    advertising_rate: float = 0.0
    monthly_units: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RateCard:
    """Every rule that prices a deal on one market on one day.

    Amounts are in ``currency``; those of carriers and assumptions in the company's, which is
    the same once ``in_currency`` was called.

    category_keys: fee categories; ``DealBatch.category`` is an index into them
    category_vat: usual VAT rate of each [0-1]; the last element serves unmapped deals
    digital_services_rate: share added to commission and closing fee [0-1]
    refund_admin_rate: share of the commission kept when a sale is refunded [0-1]
    digital_services_on_fulfilment: the same share is added to fulfilment fees
    storage_rate: marketplace storage on the day [currency per m³ and month]
    category_storage: the same by category, where some pay another rate; the last element serves
        unmapped deals. Empty when all pay ``storage_rate``.
    subscription: of the marketplace, per month
    routes: fulfilment tables of cross-border sales by name; ``DealBatch.route`` is an index
    missing_cause: bits of ``causes.Cause`` that make every margin unknown, 0 for none
    """

    platform: str
    country: str
    currency: str
    category_keys: tuple
    category_vat: np.ndarray
    commission: CommissionTable
    fulfilment: FulfilmentTable
    carriers: tuple[CarrierGrid, ...]
    assumptions: Assumptions
    digital_services_rate: float = 0.0
    refund_admin_rate: float = 0.0
    digital_services_on_fulfilment: bool = True
    storage_rate: float = 0.0
    category_storage: np.ndarray = field(default_factory=lambda: np.empty(0))
    subscription: float = 0.0
    route_keys: tuple[str, ...] = ()
    routes: tuple[FulfilmentTable, ...] = ()
    zones: tuple[str, ...] = ()
    option_codes: tuple[str, ...] = ()
    ref: object = None
    missing_cause: int = 0

    @classmethod
    def from_rows(
        cls,
        *,
        platform: str = "",
        country: str = "",
        currency: str = "",
        categories: Sequence[Mapping] = (),
        commissions: Sequence[Mapping] = (),
        tiers: Sequence[Mapping] = (),
        carriers: Sequence[Mapping] = (),
        divisor: float = 0.0,
        surcharge_rate: float = 0.0,
        surcharge_amount: float = 0.0,
        adjustments: Sequence[Mapping] = (),
        routes: Sequence[str] = (),
        default_vat_rate: float = np.nan,
        assumptions: Assumptions | None = None,
        **rates,
    ) -> "RateCard":
        """Build from plain rows.

        categories: key, and optionally vat_rate [0-1], is_selected_parcel, low_price_ceiling,
            storage_rate (none: that of all)
        commissions: see ``CommissionTable.from_rows``
        tiers, adjustments: see ``FulfilmentTable.from_rows``; divisor in [cm³ per kg]. Those
            with a route are for cross-border sales only, those without for local ones.
        routes: those that may be asked for, tiers or not: without any, no parcel has a fee there
        carriers: see ``CarrierGrid.from_row``
        rates: digital_services_rate, digital_services_on_fulfilment, refund_admin_rate,
            storage_rate, subscription, ref, missing_cause
        """
        category_keys = tuple(category["key"] for category in categories)
        vat_rates = [category.get("vat_rate", default_vat_rate) for category in categories]
        route_keys = tuple(
            dict.fromkeys([*routes, *(tier["route"] for tier in tiers if tier.get("route"))])
        )
        local, *abroad = (
            FulfilmentTable.from_rows(
                [tier for tier in tiers if (tier.get("route") or None) == route],
                categories,
                divisor,
                surcharge_rate,
                surcharge_amount,
                adjustments,
            )
            for route in (None, *route_keys)
        )
        grids = tuple(CarrierGrid.from_row(row) for row in carriers)
        return cls(
            platform=platform,
            country=country,
            currency=currency,
            category_keys=category_keys,
            category_vat=np.array([*vat_rates, default_vat_rate], dtype=np.float64),
            category_storage=_category_storage(categories, rates.get("storage_rate", 0.0)),
            commission=CommissionTable.from_rows(commissions, category_keys),
            fulfilment=local,
            route_keys=route_keys,
            routes=tuple(abroad),
            carriers=grids,
            zones=tuple(dict.fromkeys(zone for grid in grids for zone in grid.zones)),
            option_codes=tuple(
                dict.fromkeys(
                    supplement.code
                    for grid in grids
                    for supplement in grid.supplements
                    if supplement.code
                )
            ),
            assumptions=assumptions or Assumptions(),
            **rates,
        )

    @classmethod
    def missing(
        cls, platform: str = "", country: str = "", cause: Cause = Cause.RATE_CARD_MISSING
    ) -> "RateCard":
        """Return a card without a rule: every margin it gives is unknown, and says why."""
        return cls.from_rows(platform=platform, country=country, missing_cause=int(cause))

    @property
    def subscription_per_unit(self) -> float:
        """Share of the subscription that one sale bears; 0 when it is not spread."""
        units = self.assumptions.monthly_units
        return self.subscription / units if units > 0.0 else 0.0

    @property
    def is_missing(self) -> bool:
        """True when no margin can be known."""
        return bool(self.missing_cause)

    def category_index(self, key) -> int:
        """Return the index of a fee category, -1 when the card does not have it."""
        return self.category_keys.index(key) if key in self.category_keys else -1

    def zone_index(self, zone: str) -> int:
        """Return the index of a carriers' zone, -1 when none of them has it."""
        return self.zones.index(zone) if zone in self.zones else -1

    def route_index(self, route: str) -> int:
        """Return the index of a cross-border route; raises KeyError when the card has none."""
        if route not in self.route_keys:
            raise KeyError(route)
        return self.route_keys.index(route)

    def option_bits(self, *codes: str) -> int:
        """Return the bits of carriers' options; raises KeyError for one that none offers."""
        if missing := set(codes) - set(self.option_codes):
            raise KeyError(*missing)
        return sum(1 << self.option_codes.index(code) for code in codes)

    def adjustment_bits(self, *codes: str) -> int:
        """Return the bits of fulfilment adjustments; raises KeyError for an unknown one."""
        known = self.fulfilment.adjustment_codes
        if missing := set(codes) - set(known):
            raise KeyError(*missing)
        return sum(1 << known.index(code) for code in codes)

    def carrier_index(self, code: str) -> int:
        """Return the index of a carrier by its code, -1 (the cheapest) when it has none."""
        codes = [carrier.code for carrier in self.carriers]
        return codes.index(code) if code in codes else -1

    def with_commission(self, rate: float) -> "RateCard":
        """Return the same card with one commission rate [0-1] for every category."""
        return replace(self, commission=self.commission.forced(rate))

    def in_currency(self, currency: str, rate: float) -> "RateCard":
        """Return the same rules in another currency, ``rate`` units of it for one of ours.

        Carriers and assumptions are the company's own and already in its currency: kept.
        """
        return replace(
            self,
            currency=currency,
            commission=self.commission.scaled(rate),
            fulfilment=self.fulfilment.scaled(rate),
            routes=tuple(table.scaled(rate) for table in self.routes),
            storage_rate=self.storage_rate * rate,
            category_storage=self.category_storage * rate,
            subscription=self.subscription * rate,
        )


def _category_storage(categories: Sequence[Mapping], usual: float) -> np.ndarray:
    """Return the storage rate of each category, then the usual one; empty when all pay that."""
    own = [category.get("storage_rate") for category in categories]
    if all(rate is None for rate in own):
        return np.empty(0)
    return np.array([usual if rate is None else rate for rate in (*own, None)], dtype=np.float64)
