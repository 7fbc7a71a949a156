"""What is known of an offer before it is bought: columns, one offer per index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .batch import NAN, broadcast_columns, taken
from .contributions import NONE, ContributionTable
from .currency import CurrencyTable
from .customs import DutyTable
from .price_tiers import PriceTiers
from .supplier_terms import SupplierTerms

_DTYPES = {
    "currency": np.int16,
    "supplier": np.int32,
    "is_imported": np.bool_,
    "commodity_code": np.int64,
    "origin": np.int16,
    "eco_kind": np.int16,
    "eco_position": np.int8,
    "levy_kind": np.int16,
    "levy_position": np.int8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Purchase:
    """Offers to land, one per index; arrays, lists or scalars, broadcast like ``DealBatch``.

    price: catalogue price, untaxed [supplier's currency], for ``units_priced`` units: 1, those
        of a pack or a case, or 100; ``tiers``, if any, beat it from their quantities on
    quantity: units that would be ordered
    discount_1, discount_2, discount_3: in cascade [0-1]
    currency: index into ``CostTables.currencies``; -1 has no rate
    supplier: index into ``CostTables.suppliers``; -1 has no known terms
    order_value, order_weight_g, order_units: of the whole order that the offer would be part
        of [supplier's currency, g, units]; NaN when it is ordered alone
    weight_g, volume_mm3: of a packed unit
    is_imported: it comes from outside the customs union
    commodity_code: ten digits as ``customs.codes`` gives them; -1 unknown
    origin: index into ``CostTables.duties.origins``; -1 any other country
    eco_kind, levy_kind: indices into ``CostTables.contributions``; -1 for no schedule
    eco_measure, levy_measure: what their schedule counts in: kg, inches, GB
    eco_amount, levy_amount: as the supplier says [company's currency]; NaN takes the schedule's
    eco_position, levy_position: index into ``contributions.POSITIONS``
    receiving_cost, preparation_cost: ours, per unit
    """

    price: np.ndarray
    quantity: np.ndarray = 1.0
    discount_1: np.ndarray = 0.0
    discount_2: np.ndarray = 0.0
    discount_3: np.ndarray = 0.0
    units_priced: np.ndarray = 1.0
    currency: np.ndarray = 0
    supplier: np.ndarray = 0
    order_value: np.ndarray = NAN
    order_weight_g: np.ndarray = NAN
    order_units: np.ndarray = NAN
    weight_g: np.ndarray = NAN
    volume_mm3: np.ndarray = NAN
    is_imported: np.ndarray = False
    commodity_code: np.ndarray = -1
    origin: np.ndarray = -1
    eco_kind: np.ndarray = -1
    eco_measure: np.ndarray = NAN
    eco_amount: np.ndarray = NAN
    eco_position: np.ndarray = NONE
    levy_kind: np.ndarray = -1
    levy_measure: np.ndarray = NAN
    levy_amount: np.ndarray = NAN
    levy_position: np.ndarray = NONE
    receiving_cost: np.ndarray = 0.0
    preparation_cost: np.ndarray = 0.0
    tiers: PriceTiers | None = None

    def __post_init__(self):
        broadcast_columns(self, _DTYPES, skip=("tiers",))
        if self.tiers is not None and len(self.tiers) != len(self.price):
            raise ValueError(f"{len(self.tiers)} price lists for {len(self.price)} offers")

    def __len__(self) -> int:
        return len(self.price)

    def take(self, part: slice) -> "Purchase":
        """Return a run of the offers."""
        return taken(self, part, tiers=self.tiers and self.tiers.take(part))


def _no_terms() -> SupplierTerms:
    return SupplierTerms.from_rows([{"key": None}])


def _own_currency() -> CurrencyTable:
    return CurrencyTable.from_rows([{"code": "", "rate": 1.0}])


@dataclass(frozen=True, slots=True, eq=False)
class CostTables:
    """Rules of the cost stations on one day; without any, a price is in our currency and bears
    nothing.
    """

    currencies: CurrencyTable = field(default_factory=_own_currency)
    suppliers: SupplierTerms = field(default_factory=_no_terms)
    duties: DutyTable = field(default_factory=lambda: DutyTable.from_rows([]))
    contributions: ContributionTable = field(
        default_factory=lambda: ContributionTable.from_rows([])
    )

    @classmethod
    def from_rows(cls, **rows: Sequence[Mapping]) -> "CostTables":
        """Build from plain rows: currencies, suppliers, duties, contributions."""
        tables = {
            "currencies": CurrencyTable,
            "suppliers": SupplierTerms,
            "duties": DutyTable,
            "contributions": ContributionTable,
        }
        return cls(**{name: tables[name].from_rows(given) for name, given in rows.items()})
