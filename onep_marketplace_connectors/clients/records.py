"""What clients give back: columns of equal length, one index per GTIN.

In every batch None is unknown, never 0, and ``reason_codes`` says why a figure is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from .errors import MarketplaceError
    from .steps import Step

FOUND = "found"
NOT_FOUND = "not_found"
NO_PRICE = "no_price"
ERROR = "error"
STATES = (FOUND, NOT_FOUND, NO_PRICE, ERROR)

#: Why a figure is unknown; a row carries the ones that apply.
REASONS = {
    "unknown-gtin": "The marketplace does not know this EAN.",
    "no-offer": "The product exists but nobody sells it at the moment.",
    "no-offer-unproven": "The marketplace reports no offer; a second call could not confirm it.",
    "no-buy-box": "Offers exist but none holds the buy box.",
    "no-buy-box-published": "This marketplace does not publish who holds the buy box.",
    "price-missing": "The marketplace gave no price for this product.",
    "not-answered": "The marketplace gave no answer for this EAN.",
    "several-candidates": "Several products carry this EAN; the best ranked one is shown.",
    "doubtful-candidate": "It is not certain which of the products with this EAN is meant; choose.",
    "pack-differs": "The pack size differs from the supplier's.",
    "no-rank-published": "This marketplace publishes no sales rank.",
    "rank-missing": "The marketplace gave no sales rank for this product.",
    "not-sold-by-us": "This marketplace gives prices only for EANs that you already sell.",
    "competition-unreadable": "Prices were given in a form that could not be read.",
    "item-refused": "The marketplace refused this item.",
    "gtin-too-long": "This marketplace takes codes of up to 13 digits; ask for the unit's EAN.",
    "holder-unknown": "The marketplace does not say who holds the buy box.",
    "two-holders": "Two sellers share the buy box, with and without the loyalty programme.",
    "identity-unknown": "The marketplace's product of this EAN has to be found first.",
    "detail-too-soon": "The marketplace is still counting the offers; the rest is shown.",
    "counts-disagree": "The marketplace reports no offer here but shows one elsewhere.",
    "no-offer-counts": "The marketplace gave no offer counts this time.",
    "count-is-minimum": "The marketplace does not say whether it lists every offer.",
    "offers-lacking": "The marketplace ranks more offers than it lists.",
    "price-not-given": "A selling price is needed to estimate fees.",
    "fee-refused": "The marketplace cannot estimate fees for this product.",
    "fee-without-fulfilment": "Only the commission is known: the marketplace cannot ship it.",
    "fee-promotion-ignored": "A promotion would bring the fee to nothing; it was left out.",
    "right-unknown": "The marketplace does not say whether you may sell this product.",
    "storage-unknown": "The marketplace does not say whether its warehouse takes this product.",
    "seller-id-missing": "Enter the seller id of the account to know what it may sell.",
}
#: Those that make the number of offers a minimum.
OF_MINIMUM = frozenset({"count-is-minimum", "offers-lacking"})


class Columns:
    """Base of batches: dataclasses whose fields are columns of equal length."""

    __slots__ = ()

    #: fields that are no columns
    _OTHERS: ClassVar[frozenset[str]] = frozenset({"silent", "next"})

    def __post_init__(self):
        lengths = {len(getattr(self, name)) for name in self.column_names()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(getattr(self, self.column_names()[0]))

    @classmethod
    def column_names(cls) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(one.name for one in fields(cls) if one.name not in cls._OTHERS)

    def columns(self) -> list[Sequence]:
        """The columns, in the order of :meth:`column_names`."""
        return [getattr(self, name) for name in self.column_names()]

    @classmethod
    def from_rows(cls, rows: Sequence[dict], **others) -> Self:
        """Batch of rows given as dicts; what a row does not hold is None."""
        columns = {name: tuple(row.get(name) for row in rows) for name in cls.column_names()}
        return cls(**columns, **others)


@dataclass(frozen=True, slots=True)
class IdentityBatch(Columns):
    """What the marketplace's product of a GTIN is.

    gtin: canonical 14 digits, as asked
    state: ``found``, ``not_found`` or ``error``
    reason_codes: comma-separated keys of :data:`REASONS`
    reason_detail: the marketplace's own words about a refused item
    external_id: ASIN or the marketplace's own reference, of the chosen candidate
    candidate_count: products of the marketplace that carry this GTIN
    is_doubtful: the two best candidates are too close, or the pack differs from the supplier's
    category, category_code: the marketplace's own
    weight_g, length_mm, width_mm, height_mm: packed parcel
    pack_quantity: units in one pack, as stated or read in the title
    sales_rank: 1 sells best, within sales_rank_category (the marketplace's name of it); never the
        rank on a shelf, which is on another scale
    ranks: JSON list of {"category", "rank"} by the marketplace's codes, the main one first
    """

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    candidate_count: Sequence[int | None]
    is_doubtful: Sequence[bool | None]
    name: Sequence[str | None]
    brand: Sequence[str | None]
    category: Sequence[str | None]
    category_code: Sequence[str | None]
    image_url: Sequence[str | None]
    url: Sequence[str | None]
    weight_g: Sequence[float | None]
    length_mm: Sequence[float | None]
    width_mm: Sequence[float | None]
    height_mm: Sequence[float | None]
    pack_quantity: Sequence[int | None]
    sales_rank: Sequence[int | None]
    sales_rank_category: Sequence[str | None]
    ranks: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class CandidateBatch(Columns):
    """All products that carry a GTIN, one per index; several indexes may have the same GTIN.

    position: 1 is the one to take, consecutive within a GTIN
    score: likeness to what the supplier says [0-1], comparable within a GTIN only
    kind: ``product``, ``bundle``, ``variation_parent`` or ``other``
    pack_quantity: units in one pack, as stated or read in the title
    reason: key of :data:`.candidates.REASONS`, why it is where it is
    """

    gtin: Sequence[str]
    external_id: Sequence[str]
    position: Sequence[int]
    score: Sequence[float]
    kind: Sequence[str | None]
    name: Sequence[str | None]
    brand: Sequence[str | None]
    category: Sequence[str | None]
    pack_quantity: Sequence[int | None]
    sales_rank: Sequence[int | None]
    image_url: Sequence[str | None]
    url: Sequence[str | None]
    reason: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class FigureBatch(Columns):
    """What a GTIN sells for; the answer of WIDE and of DETAIL.

    gtin, state, reason_codes, reason_detail, external_id: as in :class:`IdentityBatch`, with the
        state ``no_price`` besides
    currency: ISO code of all amounts of the row
    buy_box_price_taxed, buy_box_shipping_taxed, list_price_taxed, lowest_price_taxed: [major unit,
        VAT included]; lowest_price_taxed is a new offer's price with its shipping
    buy_box_seller: its name or the marketplace's id of it; the retailer by the marketplace's name
    buy_box_fulfilment: ``marketplace`` or ``merchant``
    offer_count, marketplace_fulfilled_count, merchant_fulfilled_count: new offers, and those that
        the marketplace or the seller ships
    used_offer_count: offers in any other condition
    retailer_present: ``yes``, ``no`` or ``unknown``: the marketplace sells it itself
    sales_rank, sales_rank_category, ranks: as in :class:`IdentityBatch`
    name, url, category: where this call gives them
    silent: columns this answer does not speak of; they are None and storing leaves them as they
        were
    """

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    currency: Sequence[str | None]
    buy_box_price_taxed: Sequence[float | None]
    buy_box_shipping_taxed: Sequence[float | None]
    buy_box_seller: Sequence[str | None]
    buy_box_fulfilment: Sequence[str | None]
    lowest_price_taxed: Sequence[float | None]
    offer_count: Sequence[int | None]
    marketplace_fulfilled_count: Sequence[int | None]
    merchant_fulfilled_count: Sequence[int | None]
    used_offer_count: Sequence[int | None]
    retailer_present: Sequence[str | None]
    sales_rank: Sequence[int | None]
    sales_rank_category: Sequence[str | None]
    ranks: Sequence[str | None]
    list_price_taxed: Sequence[float | None]
    name: Sequence[str | None]
    url: Sequence[str | None]
    category: Sequence[str | None]
    silent: frozenset[str] = frozenset()

    def __post_init__(self):
        # by name: with slots the class is made twice and a bare super() would miss
        Columns.__post_init__(self)
        unknown = self.silent - set(self.column_names())
        if unknown:
            raise ValueError(f"no such columns: {sorted(unknown)}")


@dataclass(frozen=True, slots=True)
class RightsBatch(Columns):
    """What the account may do with a product.

    may_sell: ``yes``, ``approval`` (ask for it at approval_url), ``no`` or ``unknown``
    sell_reason, stored_reason: the marketplace's words
    may_be_stored: ``yes``, ``no`` or ``unknown``: the marketplace's warehouse takes it
    """

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    may_sell: Sequence[str]
    approval_url: Sequence[str | None]
    sell_reason: Sequence[str | None]
    may_be_stored: Sequence[str]
    stored_reason: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class FeeBatch(Columns):
    """The marketplace's own estimate of its fees.

    price_taxed: selling price the estimate is for [major unit, VAT included]
    total_fee, commission, fulfilment_fee: [major unit]; total_fee is without the shipping when
        fulfilment_fee is unknown
    """

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    price_taxed: Sequence[float | None]
    total_fee: Sequence[float | None]
    commission: Sequence[float | None]
    fulfilment_fee: Sequence[float | None]
    currency: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class OwnOffers(Columns):
    """One page of the account's own offers or stock.

    sku: the account's own reference; gtin: canonical 14 digits where the platform tells it
    state: ``active`` or ``inactive``
    quantity: what can be sold now; quantity_inbound, quantity_reserved, quantity_unsellable: in the
        marketplace's warehouse
    fulfilment: ``marketplace`` or ``merchant``
    fee_untaxed, fee_taxed: the marketplace's fee at this price [major unit]
    next: cursor of the next page, None on the last
    """

    sku: Sequence[str | None]
    gtin: Sequence[str | None]
    external_id: Sequence[str | None]
    name: Sequence[str | None]
    state: Sequence[str | None]
    price_taxed: Sequence[float | None]
    quantity: Sequence[int | None]
    fulfilment: Sequence[str | None]
    quantity_inbound: Sequence[int | None]
    quantity_reserved: Sequence[int | None]
    quantity_unsellable: Sequence[int | None]
    fee_untaxed: Sequence[float | None]
    fee_taxed: Sequence[float | None]
    currency: Sequence[str | None]
    category: Sequence[str | None]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryPage(Columns):
    """One page of the marketplace's category tree.

    parent_code: None at the top; level: 1 at the top
    is_active: products can be put there; None when not told
    next: cursor of the next page, None on the last
    """

    code: Sequence[str]
    name: Sequence[str | None]
    parent_code: Sequence[str | None]
    level: Sequence[int | None]
    is_active: Sequence[bool | None]
    next: str | None = None


Batch = IdentityBatch | FigureBatch | RightsBatch | FeeBatch


@dataclass(frozen=True, slots=True)
class Answer:
    """Outcome of asking one step.

    table: the rows that were answered, refused ones included, in the order asked
    candidates: IDENTITY only: all products of the answered GTINs, ranked
    pending: GTINs still to ask, in the order asked; empty when all is done
    error: why they are pending, None when all is done
    """

    step: Step
    table: Batch
    candidates: CandidateBatch | None = None
    pending: tuple[str, ...] = ()
    error: MarketplaceError | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Result of a connection test that reached the marketplace.

    seller: name or id under which the marketplace knows the account
    marketplaces: channels this account may sell on
    missing: by step, the operation that the account has no right to
    notes: rule codes worth telling, e.g. ``marketplace-not-open``
    """

    seller: str = ""
    marketplaces: tuple[str, ...] = ()
    missing: dict[Step, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    items: raw items of this page
    next: what to give to get the next page, None on the last
    """

    items: Sequence[dict]
    next: str | int | None = None
