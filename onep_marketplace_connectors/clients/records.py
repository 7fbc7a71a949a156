"""What clients give back: columns of equal length, one index per GTIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

FOUND = "found"
NOT_FOUND = "not_found"
NO_PRICE = "no_price"
ERROR = "error"

#: Why a figure is unknown; an offer carries the ones that apply.
REASONS = {
    "unknown-gtin": "The marketplace does not know this EAN.",
    "no-offer": "The product exists but nobody sells it at the moment.",
    "no-buy-box": "Offers exist but none holds the buy box.",
    "price-missing": "The marketplace gave no price for this product.",
    "not-answered": "The marketplace gave no answer for this EAN.",
    "several-candidates": "Several products carry this EAN; the best ranked one is shown.",
    "no-rank-published": "This marketplace publishes no sales rank.",
    "rank-missing": "The marketplace gave no sales rank for this product.",
    "not-sold-by-us": "This marketplace gives prices only for EANs that you already sell.",
    "competition-unreadable": "Prices were given in a form that could not be read.",
    "item-refused": "The marketplace refused this item.",
    "holder-unknown": "The marketplace does not say who holds the buy box.",
}


@dataclass(frozen=True, slots=True)
class MarketOfferBatch:
    """What a marketplace says about GTINs, one per index; None is unknown, never 0.

    gtin: canonical 14 digits, as asked
    state: ``found``, ``not_found``, ``no_price`` or ``error``
    reason_codes: comma-separated keys of :data:`REASONS`
    reason_detail: the marketplace's own words about a refused item
    external_id: ASIN or the marketplace's own reference
    candidate_count: products of the marketplace that carry this GTIN
    category: the marketplace's own category name
    currency: ISO code of all amounts of the row
    buy_box_price_taxed, buy_box_shipping_taxed, lowest_price_taxed: [major unit, VAT included];
        lowest_price_taxed is a new offer's price with its shipping
    buy_box_fulfilment: ``marketplace`` or ``merchant``
    offer_count, marketplace_fulfilled_count: new offers, and those the marketplace ships
    retailer_present: ``yes``, ``no`` or ``unknown``: the marketplace sells it itself
    sales_rank: 1 sells best, within sales_rank_category
    weight_g, length_mm, width_mm, height_mm: packed parcel
    """

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    candidate_count: Sequence[int | None]
    name: Sequence[str | None]
    brand: Sequence[str | None]
    category: Sequence[str | None]
    image_url: Sequence[str | None]
    url: Sequence[str | None]
    currency: Sequence[str | None]
    buy_box_price_taxed: Sequence[float | None]
    buy_box_shipping_taxed: Sequence[float | None]
    buy_box_seller: Sequence[str | None]
    buy_box_fulfilment: Sequence[str | None]
    lowest_price_taxed: Sequence[float | None]
    offer_count: Sequence[int | None]
    marketplace_fulfilled_count: Sequence[int | None]
    retailer_present: Sequence[str]
    sales_rank: Sequence[int | None]
    sales_rank_category: Sequence[str | None]
    weight_g: Sequence[float | None]
    length_mm: Sequence[float | None]
    width_mm: Sequence[float | None]
    height_mm: Sequence[float | None]

    def __post_init__(self):
        lengths = {len(getattr(self, name)) for name in self.column_names()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.gtin)

    @classmethod
    def column_names(cls) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(field.name for field in fields(cls))

    def columns(self) -> list[Sequence]:
        """The columns, in the order of :meth:`column_names`."""
        return [getattr(self, name) for name in self.column_names()]


class MarketOfferDraft:
    """Columns being filled, one row per asked GTIN; frozen by :meth:`freeze`.

    A row that was never touched is not part of the result: it is still to be asked.
    """

    def __init__(self, gtins: Sequence[str]):
        self._rows = {gtin: row for row, gtin in enumerate(dict.fromkeys(gtins))}
        size = len(self._rows)
        self._columns = {name: [None] * size for name in MarketOfferBatch.column_names()}
        self._columns["gtin"] = list(self._rows)
        self._columns["retailer_present"] = ["unknown"] * size
        self._reasons: list[list[str]] = [[] for _row in range(size)]

    def set(self, gtin: str, **values) -> None:
        """Put values in the row of a GTIN; KeyError for a GTIN that was not asked."""
        row = self._rows[gtin]
        for name, value in values.items():
            self._columns[name][row] = value

    def get(self, gtin: str, name: str):
        """Value of one column in the row of a GTIN."""
        return self._columns[name][self._rows[gtin]]

    def because(self, gtin: str, *reasons: str) -> None:
        """Note why figures of this row are unknown (keys of :data:`REASONS`)."""
        noted = self._reasons[self._rows[gtin]]
        noted.extend(reason for reason in reasons if reason not in noted)

    def pending(self) -> list[str]:
        """GTINs without a state yet."""
        return [g for g, s in zip(self._rows, self._columns["state"], strict=True) if s is None]

    def freeze(self) -> MarketOfferBatch:
        """The answered rows, as a batch."""
        kept = [row for row, state in enumerate(self._columns["state"]) if state is not None]
        self._columns["reason_codes"] = [",".join(codes) or None for codes in self._reasons]
        return MarketOfferBatch(
            **{name: tuple(column[row] for row in kept) for name, column in self._columns.items()}
        )


@dataclass(frozen=True, slots=True)
class Fetched:
    """Outcome of one fetch.

    batch: the rows that were answered, refused ones included
    pending: GTINs still to ask, in the order asked; empty when all is done
    error: why the rest is pending, None when all is done
    """

    batch: MarketOfferBatch
    pending: tuple[str, ...] = ()
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """The marketplace's own estimate of its fees, one per index; None is unknown.

    external_id: the product quoted
    price_taxed: selling price the quote is for [major unit, VAT included]
    total_fee, commission, fulfilment_fee: [major unit]
    currency: ISO code
    reason_detail: the marketplace's words when there is no quote
    """

    external_id: Sequence[str]
    price_taxed: Sequence[float]
    total_fee: Sequence[float | None]
    commission: Sequence[float | None]
    fulfilment_fee: Sequence[float | None]
    currency: Sequence[str]
    reason_detail: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    items: raw items of this page
    next: what to give to get the next page, None on the last
    """

    items: Sequence[dict]
    next: str | int | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Result of a connection test that reached the marketplace.

    seller: name or id under which the marketplace knows the account
    marketplaces: channels this account may sell on
    notes: rule codes worth telling, e.g. ``marketplace-not-open``
    """

    seller: str = ""
    marketplaces: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
