"""One market's rules on one day, as sorted arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    """

    storage_days: float = 0.0
    own_storage_rate: float = 0.0
    return_rate: float = 0.0
    return_cost: float = 0.0
    return_loss_rate: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RateCard:
    """Every rule that prices a deal on one market on one day.

    Amounts are in ``currency``; those of carriers and assumptions in the company's, which is
    the same once ``in_currency`` was called.

    category_keys: fee categories; ``DealBatch.category`` is an index into them
    category_vat: usual VAT rate of each [0-1]; the last element serves unmapped deals
    digital_services_rate: share added to commission, closing fee and fulfilment [0-1]
    refund_admin_rate: share of the commission kept when a sale is refunded [0-1]
    storage_rate: marketplace storage on the day [currency per m³ and month]
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
    storage_rate: float = 0.0
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
        default_vat_rate: float = np.nan,
        assumptions: Assumptions | None = None,
        **rates,
    ) -> "RateCard":
        """Build from plain rows.

        categories: key, and optionally vat_rate [0-1], is_selected_parcel, low_price_ceiling
        commissions: see ``CommissionTable.from_rows``
        tiers: see ``FulfilmentTable.from_rows``; divisor in [cm³ per kg]
        carriers: see ``CarrierGrid.from_row``
        rates: digital_services_rate, refund_admin_rate, storage_rate, ref, missing_cause
        """
        category_keys = tuple(category["key"] for category in categories)
        vat_rates = [category.get("vat_rate", default_vat_rate) for category in categories]
        return cls(
            platform=platform,
            country=country,
            currency=currency,
            category_keys=category_keys,
            category_vat=np.array([*vat_rates, default_vat_rate], dtype=np.float64),
            commission=CommissionTable.from_rows(commissions, category_keys),
            fulfilment=FulfilmentTable.from_rows(
                tiers, categories, divisor, surcharge_rate, surcharge_amount
            ),
            carriers=tuple(CarrierGrid.from_row(row) for row in carriers),
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
    def is_missing(self) -> bool:
        """True when no margin can be known."""
        return bool(self.missing_cause)

    def category_index(self, key) -> int:
        """Return the index of a fee category, -1 when the card does not have it."""
        return self.category_keys.index(key) if key in self.category_keys else -1

    def carrier_index(self, code: str) -> int:
        """Return the index of a carrier by its code, -1 (the cheapest) when it has none."""
        codes = [carrier.code for carrier in self.carriers]
        return codes.index(code) if code in codes else -1

    def in_currency(self, currency: str, rate: float) -> "RateCard":
        """Return the same rules in another currency, ``rate`` units of it for one of ours.

        Carriers and assumptions are the company's own and already in its currency: kept.
        """
        return replace(
            self,
            currency=currency,
            commission=self.commission.scaled(rate),
            fulfilment=self.fulfilment.scaled(rate),
            storage_rate=self.storage_rate * rate,
        )
