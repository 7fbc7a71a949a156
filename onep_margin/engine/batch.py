"""What goes into the engine and what comes out: columns, one deal per index."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

import numpy as np

NAN = float("nan")

#: ``DealBatch.fulfilment``: who ships to the buyer.
MARKETPLACE, MERCHANT = 0, 1
#: ``DealBatch.condition``, in the order of the rate card's conditions.
CONDITIONS = ("new", "refurbished", "used")
NEW, REFURBISHED, USED = range(3)
#: ``DealBatch.carrier``: let the engine take the cheapest carrier that accepts the parcel.
CHEAPEST = -1

#: ``DealBatch.route``: sold where it is stored.
LOCAL = -1

_DTYPES = {
    "category": np.int32,
    "fulfilment": np.int8,
    "condition": np.int8,
    "carrier": np.int16,
    "zone": np.int16,
    "carrier_options": np.uint32,
    "route": np.int8,
    "adjustments": np.uint32,
    "unknown": np.uint32,
    "estimated": np.uint32,
}


def broadcast_columns(batch, dtypes: Mapping, skip: Collection[str] = ()) -> None:
    """Give every column of a frozen dataclass its type and one common length."""
    columns = {
        field.name: np.atleast_1d(
            np.asarray(getattr(batch, field.name), dtype=dtypes.get(field.name, np.float64))
        )
        for field in fields(batch)
        if field.name not in skip
    }
    shape = np.broadcast_shapes(*(column.shape for column in columns.values()))
    if len(shape) != 1:
        raise ValueError(f"A batch has one dimension, not {len(shape)}")
    for name, column in columns.items():
        object.__setattr__(batch, name, np.broadcast_to(column, shape))


def taken(batch, index, **others):
    """Return a broadcast batch with some of its rows, without checking its columns again.

    others: what is not a column
    """
    part = object.__new__(type(batch))
    for field in fields(batch):
        value = others[field.name] if field.name in others else getattr(batch, field.name)[index]
        object.__setattr__(part, field.name, value)
    return part


def lean(column: np.ndarray) -> np.ndarray:
    """Return one element (1,) of a column given as a scalar, else the column (n)."""
    return column[:1] if column.strides == (0,) else column


@dataclass(frozen=True, slots=True, eq=False)
class DealBatch:
    """Deals to price, one per index.

    Give arrays, lists or scalars: all are broadcast to the same length n. NaN is unknown.
    Amounts are in one currency, the company's; a rate card in another currency is brought
    to it with ``RateCard.in_currency``.

    buy_price: unit price paid to the supplier, untaxed
    sell_price_taxed: price asked on the marketplace, VAT included
    extra_cost: inbound transport, preparation and so on, per unit, untaxed
    eco_tax: eco-contribution and levies borne by us, per unit, untaxed; 0 when inside the price
    shipping_charged_taxed: shipping the buyer pays, VAT included
    vat_rate: VAT of the destination [0-1]; NaN takes the rate of the fee category
    weight_g: packed parcel [g]
    length_mm, width_mm, height_mm: packed parcel, in any order [mm]
    category: index into ``RateCard.category_keys``; -1 is unmapped
    fulfilment: 0 shipped by the marketplace (FBA), 1 by us with a carrier
    condition: 0 new, 1 refurbished, 2 used
    carrier: index into ``RateCard.carriers``; -1 takes the cheapest
    zone: index into ``RateCard.zones`` of the destination; -1 each carrier's usual one
    carrier_options: bits of ``RateCard.option_codes`` asked of the carrier
    route: index into ``RateCard.routes`` when the marketplace ships across a border; -1 local
    adjustments: bits of the fulfilment table's ``adjustment_codes`` that apply
    storage_days: days expected until the sale; NaN takes the card's assumption
    return_rate, advertising_rate: shares of sales [0-1]; NaN takes the card's assumption
    units_per_month: expected rotation; NaN unknown
    unknown: ``causes.Cause`` bits that the caller already knows of
    estimated: ``causes.Estimate`` bits that the caller already knows of
    """

    buy_price: np.ndarray
    sell_price_taxed: np.ndarray
    extra_cost: np.ndarray = 0.0
    eco_tax: np.ndarray = 0.0
    shipping_charged_taxed: np.ndarray = 0.0
    vat_rate: np.ndarray = NAN
    weight_g: np.ndarray = NAN
    length_mm: np.ndarray = NAN
    width_mm: np.ndarray = NAN
    height_mm: np.ndarray = NAN
    category: np.ndarray = -1
    fulfilment: np.ndarray = MARKETPLACE
    condition: np.ndarray = NEW
    carrier: np.ndarray = CHEAPEST
    zone: np.ndarray = -1
    carrier_options: np.ndarray = 0
    route: np.ndarray = LOCAL
    adjustments: np.ndarray = 0
    storage_days: np.ndarray = NAN
    return_rate: np.ndarray = NAN
    advertising_rate: np.ndarray = NAN
    units_per_month: np.ndarray = NAN
    unknown: np.ndarray = 0
    estimated: np.ndarray = 0

    def __post_init__(self):
        broadcast_columns(self, _DTYPES)

    def __len__(self) -> int:
        return len(self.buy_price)

    def take(self, index) -> "DealBatch":
        """Return the deals of a slice, an index array or a boolean mask."""
        return taken(self, index)

    def replace(self, **columns) -> "DealBatch":
        """Return the same deals with some columns changed."""
        return DealBatch(
            **{field.name: getattr(self, field.name) for field in fields(self)} | columns
        )


_ROWS = {
    "unknown": np.uint32,
    "estimated": np.uint32,
    "commission_row": np.int32,
    "fulfilment_row": np.int32,
    "carrier_row": np.int32,
    "carrier": np.int16,
}


@dataclass(frozen=True, slots=True, eq=False)
class MarginResult:
    """What each deal earns, per unit, unrounded. NaN where unknown; costs are positive.

    revenue_untaxed: what remains of price and shipping once VAT is paid
    landed_cost: unit cost on our shelf: buying price, extra cost, eco-tax
    commission: referral fee (percentage or its minimum)
    closing_fee: fixed fee per item
    digital_services_fee: share the marketplace adds to its own fees
    fulfilment_fee: marketplace fulfilment, surcharges included; 0 when we ship
    carrier_cost: our parcel; 0 when the marketplace ships
    storage_cost: expected storage until sold
    return_cost: expected cost of returns
    advertising_cost: expected advertising
    subscription_cost: share of the marketplace's subscription
    total_fees: all of the above from ``commission`` on
    net_margin: revenue_untaxed - landed_cost - total_fees
    margin_rate: net margin over revenue without VAT
    margin_on_price_rate: net margin over what the buyer pays, VAT included
    roi: net margin over landed cost
    monthly_margin: net margin times the units expected a month
    vat_rate: the rate that was used [0-1]
    unknown: bits of ``causes.Cause``; not 0 means that net_margin is NaN
    estimated: bits of ``causes.Estimate``
    commission_row, fulfilment_row, carrier_row: rows of the rate card's tables, -1 for none;
        ``fulfilment_row`` is one of the deal's route
    carrier: index into ``RateCard.carriers``, -1 for none
    """

    revenue_untaxed: np.ndarray
    landed_cost: np.ndarray
    commission: np.ndarray
    closing_fee: np.ndarray
    digital_services_fee: np.ndarray
    fulfilment_fee: np.ndarray
    carrier_cost: np.ndarray
    storage_cost: np.ndarray
    return_cost: np.ndarray
    advertising_cost: np.ndarray
    subscription_cost: np.ndarray
    total_fees: np.ndarray
    net_margin: np.ndarray
    margin_rate: np.ndarray
    margin_on_price_rate: np.ndarray
    roi: np.ndarray
    monthly_margin: np.ndarray
    vat_rate: np.ndarray
    unknown: np.ndarray
    estimated: np.ndarray
    commission_row: np.ndarray
    fulfilment_row: np.ndarray
    carrier_row: np.ndarray
    carrier: np.ndarray

    @classmethod
    def empty(cls, count: int) -> "MarginResult":
        """Return columns of ``count`` deals, to be filled."""
        return cls(
            **{
                field.name: np.empty(count, dtype=_ROWS.get(field.name, np.float64))
                for field in fields(cls)
            }
        )

    def __len__(self) -> int:
        return len(self.net_margin)

    def view(self, part: slice) -> "MarginResult":
        """Return a window on some deals; writing to it writes to the whole."""
        return MarginResult(
            **{field.name: getattr(self, field.name)[part] for field in fields(self)}
        )
