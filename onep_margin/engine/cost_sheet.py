"""A company's cost rules on one day, and the way from its suppliers' offers to ``Purchase``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .causes import Estimate
from .contributions import DUE, INSIDE, NONE, ON_TOP, POSITIONS
from .price_tiers import discounted
from .purchase import CostTables, Purchase

#: Where goods come from: our country, another one of the customs union, outside of it.
SUPPLIES = ("domestic", "union", "import")
DOMESTIC, UNION, IMPORT = range(3)
#: What terms leave to the supplier's country, or to custom.
UNSAID = -1
_DISCOUNTS = ("discount_1", "discount_2", "discount_3")
_ORDER = ("order_value", "order_weight_g", "order_units")
_GRAMS_PER_KG = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class CostSheet:
    """Cost tables, and what the terms say beside them. Supplier columns have one element for each
    supplier and currency that has terms, in the order of ``tables.suppliers``; the last one
    serves suppliers without terms.

    tables: what ``landed.land`` wants
    pairs: supplier and currency of each element but the last, packed and ascending
    discount_1, discount_2, discount_3: in cascade [0-1]
    order_value, order_weight_g, order_units: usual order; NaN when offers are ordered alone
    supply: index into ``SUPPLIES``, -1 for what the supplier's country says
    is_duty_paid: the supplier delivers cleared through customs
    is_unconfirmed: nobody confirmed the terms
    eco_position, levy_position: index into ``contributions.POSITIONS``, -1 for custom
    refs: the terms, None for none
    currency_ids, currency_refs: of ``tables.currencies``, ascending, and their safety margins
    countries, country_supplies: ascending ids of countries, and what they say of a supplier
    is_weighed: whether each kind of ``tables.contributions`` is counted in kilograms
    receiving_cost, preparation_cost: ours, per unit
    """

    tables: CostTables
    pairs: np.ndarray
    discount_1: np.ndarray
    discount_2: np.ndarray
    discount_3: np.ndarray
    order_value: np.ndarray
    order_weight_g: np.ndarray
    order_units: np.ndarray
    supply: np.ndarray
    is_duty_paid: np.ndarray
    is_unconfirmed: np.ndarray
    eco_position: np.ndarray
    levy_position: np.ndarray
    refs: tuple
    currency_ids: np.ndarray
    currency_refs: tuple
    countries: np.ndarray
    country_supplies: np.ndarray
    is_weighed: np.ndarray
    receiving_cost: float = 0.0
    preparation_cost: float = 0.0

    @classmethod
    def from_rows(
        cls,
        *,
        currencies: Sequence[Mapping],
        suppliers: Sequence[Mapping] = (),
        usual: Mapping | None = None,
        countries: Mapping[int, int] | None = None,
        duties: Sequence[Mapping] = (),
        contributions: Sequence[Mapping] = (),
        receiving_cost: float = 0.0,
        preparation_cost: float = 0.0,
    ) -> "CostSheet":
        """Build from plain rows.

        currencies: id, as ``CurrencyTable.from_rows`` has, and optionally ref (safety margin)
        suppliers: partner_id, currency_id, and optionally what ``SupplierTerms.from_rows`` has,
            the discounts [0-1], order_…, supply, eco_position and levy_position (by name),
            is_duty_paid, is_unconfirmed, ref. A supplier has a row for each currency that it may
            invoice in.
        usual: the same, of suppliers without terms
        countries: index into ``SUPPLIES`` of suppliers by country id; absent ones are imports
        duties, contributions: as their tables want them; contributions with measure_unit
        """
        own = sorted(suppliers, key=lambda row: _pair(row["partner_id"], row["currency_id"]))
        rows = [*own, usual or {}]
        pairs = [_pair(row["partner_id"], row["currency_id"]) for row in own]
        known = sorted(currencies, key=lambda row: row["id"])
        places = countries or {}
        tables = CostTables.from_rows(
            currencies=known,
            suppliers=[row | {"key": pair} for row, pair in zip(rows, [*pairs, None], strict=True)],
            duties=duties,
            contributions=contributions,
        )
        units = {row["key"]: row.get("measure_unit") for row in contributions}
        return cls(
            tables=tables,
            pairs=np.array(pairs, dtype=np.int64),
            **{name: _column(rows, name, 0.0) for name in _DISCOUNTS},
            **{name: _column(rows, name, np.nan) for name in _ORDER},
            supply=_choices(rows, "supply", SUPPLIES),
            is_duty_paid=np.array([bool(row.get("is_duty_paid")) for row in rows]),
            is_unconfirmed=np.array([bool(row.get("is_unconfirmed")) for row in rows]),
            eco_position=_choices(rows, "eco_position", POSITIONS),
            levy_position=_choices(rows, "levy_position", POSITIONS),
            refs=tuple(row.get("ref") for row in rows),
            currency_ids=np.array([row["id"] for row in known], dtype=np.int64),
            currency_refs=tuple(row.get("ref") for row in known),
            countries=np.array(sorted(places), dtype=np.int64),
            country_supplies=np.array([places[key] for key in sorted(places)], dtype=np.int8),
            is_weighed=np.array(
                [units[key] == "kg" for key in tables.contributions.keys] + [False], dtype=bool
            ),
            receiving_cost=receiving_cost,
            preparation_cost=preparation_cost,
        )

    def supplier_index(self, partner_id, currency_id) -> np.ndarray:
        """Return the terms (n) of suppliers that invoice in a currency; the usual ones last."""
        wanted = _pair(_whole(partner_id), _whole(currency_id))
        return _find(self.pairs, wanted, len(self.pairs))

    def currency_index(self, currency_id) -> np.ndarray:
        """Return the index (n) of currencies in ``tables.currencies``, -1 without any."""
        return _find(self.currency_ids, _whole(currency_id), -1)

    def purchase(self, offers: Mapping[str, np.ndarray]) -> tuple[Purchase, np.ndarray]:
        """Return offers as the cost stations want them, and bits of ``Estimate`` (n).

        offers: columns price, eco_amount [supplier's currency, NaN unknown], quantity, tiers,
            partner_id, currency_id, country_id (of the supplier, NaN unknown), weight_g,
            volume_mm3, commodity_code, origin, eco_kind, levy_kind (as ``Purchase`` has them);
            optionally is_net (bool): the price is agreed, the discounts do not come off it
        """
        supplier = self.supplier_index(offers["partner_id"], offers["currency_id"])
        currency = self.currency_index(offers["currency_id"])
        supply = self._supplies(supplier, offers["country_id"])
        abroad = supply != DOMESTIC
        said = offers["eco_amount"] * self.tables.currencies.paid_rate(currency)
        eco_kind, levy_kind = offers["eco_kind"], offers["levy_kind"]
        # An article of no known kind, of which the supplier says nothing, bears none.
        bears_eco = (eco_kind >= 0) | (offers["eco_amount"] > 0.0)
        eco = np.where(bears_eco, self._position("eco", supplier, abroad, ON_TOP), NONE)
        levy = np.where(levy_kind >= 0, self._position("levy", supplier, abroad, INSIDE), NONE)
        assumed = (supplier == len(self.pairs)) * np.uint32(Estimate.SUPPLIER_TERMS_ASSUMED)
        unchecked = abroad & ~bears_eco & (levy_kind < 0)
        assumed |= unchecked * np.uint32(Estimate.CONTRIBUTION_UNCHECKED)
        doubtful = self.is_unconfirmed.take(supplier)
        assumed |= doubtful * np.uint32(Estimate.SUPPLIER_TERMS_UNCONFIRMED)
        weight_kg = offers["weight_g"] / _GRAMS_PER_KG
        discounts = {name: getattr(self, name).take(supplier) for name in _DISCOUNTS}
        if np.any(offers.get("is_net", False)):
            discounts = {
                name: np.where(offers["is_net"], 0.0, off) for name, off in discounts.items()
            }
        bought = Purchase(
            price=offers["price"],
            quantity=offers["quantity"],
            **discounts,
            **{name: getattr(self, name).take(supplier) for name in _ORDER},
            currency=currency,
            supplier=supplier,
            weight_g=offers["weight_g"],
            volume_mm3=offers["volume_mm3"],
            is_imported=(supply == IMPORT) & ~self.is_duty_paid.take(supplier),
            commodity_code=offers["commodity_code"],
            origin=offers["origin"],
            eco_kind=eco_kind,
            eco_measure=np.where(self.is_weighed.take(eco_kind), weight_kg, np.nan),
            # None on his list does not speak for what we have to declare ourselves.
            eco_amount=np.where((eco == DUE) & ~(offers["eco_amount"] > 0.0), np.nan, said),
            eco_position=eco,
            levy_kind=levy_kind,
            levy_measure=np.where(self.is_weighed.take(levy_kind), weight_kg, np.nan),
            levy_position=levy,
            receiving_cost=self.receiving_cost,
            preparation_cost=self.preparation_cost,
            tiers=offers.get("tiers"),
        )
        return bought, assumed

    def rules(self, purchase: Purchase, index: int) -> dict[str, object]:
        """Return the ref behind each cost line of one offer that no table row stands for."""
        terms = self.refs[purchase.supplier[index]]
        currency = purchase.currency[index]
        margin = self.currency_refs[currency] if currency >= 0 else None
        return {
            "buy_price": terms if self.discount_share(purchase)[index] != 1.0 else margin,
            "supplier_extras": terms,
            "inbound_cost": terms,
        }

    def discount_share(self, purchase: Purchase) -> np.ndarray:
        """Return what discounts leave of a catalogue price (n) [0-1]."""
        discounts = (getattr(purchase, name) for name in _DISCOUNTS)
        return discounted(np.ones(len(purchase)), *discounts)

    def _supplies(self, supplier: np.ndarray, country_id: np.ndarray) -> np.ndarray:
        """Return where goods come from (n): as the terms say, else by the supplier's country.

        A supplier without a country is taken for one of ours, as its terms are assumed anyway.
        """
        place = _find(self.countries, _whole(country_id), -1)
        by_country = np.append(self.country_supplies, np.int8(IMPORT)).take(place)
        by_country = np.where(np.isnan(country_id), DOMESTIC, by_country)
        said = self.supply.take(supplier)
        return np.where(said == UNSAID, by_country, said)

    def _position(self, prefix: str, supplier, abroad, at_home: int) -> np.ndarray:
        """Return where contributions stand (n): as the terms say, else ours to declare abroad."""
        said = getattr(self, f"{prefix}_position").take(supplier)
        return np.where(said == UNSAID, np.where(abroad, DUE, at_home), said)


def _pair(partner_id, currency_id):
    """Return a supplier and a currency as one number."""
    return (partner_id << 20) | currency_id


def _whole(column) -> np.ndarray:
    """Return ids (int64, n); 0 for NaN."""
    return np.nan_to_num(np.asarray(column, dtype=np.float64)).astype(np.int64)


def _find(known: np.ndarray, wanted: np.ndarray, default: int) -> np.ndarray:
    """Return the place (intp, n) of each wanted id among ascending ones."""
    if not len(known):
        return np.full(len(wanted), default, dtype=np.intp)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, place, default)


def _column(rows: Sequence[Mapping], name: str, default: float) -> np.ndarray:
    return np.array([row.get(name) or default for row in rows], dtype=np.float64)


def _choices(rows: Sequence[Mapping], name: str, keys: Sequence[str]) -> np.ndarray:
    """Return the index of each row's choice, -1 for none."""
    return np.array(
        [keys.index(row[name]) if row.get(name) else UNSAID for row in rows], dtype=np.int8
    )
