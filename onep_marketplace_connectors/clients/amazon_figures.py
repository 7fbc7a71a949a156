"""Amazon's price answers as columns: the wide call, the dear one and the newer one."""

from __future__ import annotations

from .amazon_api import AmazonApi
from .amazon_decode import (
    amount,
    as_dict,
    as_rows,
    buy_box_columns,
    currency_of,
    is_new,
    rank_columns,
)
from .reading import count, text

_NO_OFFERS = "NoBuyableOffers"
_RETAILER_NAME = "Amazon"


def wide_columns(product: dict) -> tuple[dict, list[str]]:
    """Columns and reasons of one product of getCompetitivePricing."""
    pricing = as_dict(product.get("CompetitivePricing"))
    columns: dict = {}
    prices = as_rows(pricing.get("CompetitivePrices"))
    # "1" is the new buy box; the condition tells it too
    box = [row for row in prices if str(row.get("CompetitivePriceId")) == "1"]
    for row in (box or [row for row in prices if is_new(row)])[:1]:
        columns = buy_box_columns(as_dict(row.get("Price")))
    used = None
    for row in as_rows(pricing.get("NumberOfOfferListings")):
        condition, listed = str(row.get("condition", "")).lower(), count(row.get("Count"))
        if condition == "new":
            columns["offer_count"] = listed
        elif condition not in ("any", "all", "") and listed is not None:
            used = (used or 0) + listed
    columns["used_offer_count"] = used
    ranks = rank_columns(product.get("SalesRankings"))
    columns |= ranks
    reasons = [] if ranks.get("sales_rank") else ["rank-missing"]
    if columns.get("buy_box_price_taxed") is None:
        reasons.insert(0, "no-buy-box" if columns.get("offer_count") else "price-missing")
    return columns, reasons


def detail_columns(payload: dict, api: AmazonApi) -> tuple[dict, list[str]]:
    """Columns and reasons of one item of getItemOffersBatch."""
    summary = as_dict(payload.get("Summary"))
    offers = as_rows(payload.get("Offers"))
    columns = {"list_price_taxed": amount(summary.get("ListPrice")) or None}
    columns |= counts(as_rows(summary.get("NumberOfOffers")))
    landed = [
        value
        for row in as_rows(summary.get("LowestPrices"))
        if is_new(row) and (value := amount(row.get("LandedPrice")))
    ] or [value for offer in offers if (value := _landed(offer))]
    columns["lowest_price_taxed"] = min(landed) if landed else None
    box = [row for row in as_rows(summary.get("BuyBoxPrices")) if is_new(row)]
    for row in box[:1]:
        columns |= buy_box_columns(row)
    reasons = []
    winners = [offer for offer in offers if offer.get("IsBuyBoxWinner") is True]
    if winners:
        winner = _main_winner(winners, columns.get("buy_box_price_taxed"))
        if columns.get("buy_box_price_taxed") is None:
            columns |= buy_box_columns(winner)
        if winner:
            columns["buy_box_seller"] = _seller(winner.get("SellerId"), api)
            columns["buy_box_fulfilment"] = _fulfilment(winner.get("IsFulfilledByAmazon"))
        if len({str(winner.get("SellerId")) for winner in winners}) > 1:
            reasons.append("two-holders")
    elif box and box[0].get("sellerId"):
        columns["buy_box_seller"] = _seller(box[0]["sellerId"], api)
    if columns.get("buy_box_price_taxed") is None:
        reasons.append("no-buy-box" if offers or landed else "no-offer")
    elif not columns.get("buy_box_seller"):
        reasons.append("holder-unknown")
    columns["retailer_present"] = _retailer(offers, columns.get("offer_count"), api)
    ranks = rank_columns(summary.get("SalesRankings"))
    columns |= ranks
    return columns, reasons if ranks.get("sales_rank") else [*reasons, "rank-missing"]


def summary_columns(body: dict, api: AmazonApi) -> tuple[dict, list[str]]:
    """Columns and reasons of one item of getCompetitiveSummary; it counts no offers."""
    segments = [
        offer
        for option in as_rows(body.get("featuredBuyingOptions"))
        if str(option.get("buyingOptionType", "New")).lower() == "new"
        for offer in as_rows(option.get("segmentedFeaturedOffers"))
    ]
    lowest = [
        offer
        for group in as_rows(body.get("lowestPricedOffers"))
        for offer in as_rows(group.get("offers"))
        if str(offer.get("condition", "New")).lower() == "new"
    ]
    reasons = ["detail-too-soon", "no-offer-counts"]
    columns: dict = {}
    landed = [value for offer in lowest if (value := _summary_landed(offer))]
    if landed:
        columns["lowest_price_taxed"] = min(landed)
    if segments:
        # the winner for most customers
        winner = max(segments, key=_weight)
        money = winner.get("listingPrice")
        columns |= {
            "buy_box_price_taxed": amount(money) or None,
            "buy_box_shipping_taxed": _summary_shipping(winner),
            "buy_box_seller": _seller(winner.get("sellerId"), api),
            "buy_box_fulfilment": {"AFN": "marketplace", "MFN": "merchant"}.get(
                str(winner.get("fulfillmentType"))
            ),
        }
        if currency_of(money):
            columns["currency"] = currency_of(money)
        if len({str(one.get("sellerId")) for one in segments}) > 1:
            reasons.append("two-holders")
    else:
        reasons.append("no-buy-box" if lowest else "price-missing")
    sellers = {str(offer.get("sellerId")) for offer in (*segments, *lowest)}
    is_there = bool(api.retailer) and api.retailer in sellers
    columns["retailer_present"] = "yes" if is_there else "unknown"
    return columns, [*reasons, "rank-missing"]


def is_empty(payload: dict) -> bool:
    """Whether an item is reported without any new offer."""
    summary = as_dict(payload.get("Summary"))
    counted = counts(as_rows(summary.get("NumberOfOffers"))).get("offer_count")
    has_box = any(is_new(row) for row in as_rows(summary.get("BuyBoxPrices")))
    return payload.get("status") == _NO_OFFERS or not (
        counted or has_box or as_rows(payload.get("Offers"))
    )


def counts(rows: list[dict], *, used_only: bool = False) -> dict:
    """Offer counts by condition and fulfilment; what is not listed is unknown."""
    columns: dict = {}
    used = [row for row in rows if str(row.get("condition", "")).lower() not in ("new", "any", "")]
    if rows:
        columns["used_offer_count"] = sum(count(row.get("OfferCount")) or 0 for row in used)
    new = [row for row in rows if is_new(row)]
    if used_only or not new:
        return columns
    by_channel = {"Amazon": 0, "Merchant": 0}
    for row in new:
        channel = str(row.get("fulfillmentChannel"))
        by_channel[channel] = by_channel.get(channel, 0) + (count(row.get("OfferCount")) or 0)
    return columns | {
        "offer_count": sum(by_channel.values()),
        "marketplace_fulfilled_count": by_channel["Amazon"],
        "merchant_fulfilled_count": by_channel["Merchant"],
    }


def _main_winner(winners: list[dict], box_price: float | None) -> dict:
    """The offer that holds the buy box, {} when it is not certain.

    There may be two, with and without Prime, and now and then the wrong offer is named: the one
    whose price is the buy box price is believed.
    """
    if box_price is None:
        return winners[0]
    alike = (offer for offer in winners if amount(offer.get("ListingPrice")) == box_price)
    return next(alike, {})


def _retailer(offers: list[dict], listed: int | None, api: AmazonApi) -> str:
    if not api.retailer:
        return "unknown"
    if any(offer.get("SellerId") == api.retailer for offer in offers):
        return "yes"
    # at most 20 offers are shown
    return "no" if listed is not None and offers and len(offers) >= listed else "unknown"


def _seller(seller_id, api: AmazonApi) -> str | None:
    return _RETAILER_NAME if seller_id and seller_id == api.retailer else text(seller_id)


def _fulfilment(by_amazon) -> str | None:
    if not isinstance(by_amazon, bool):
        return None
    return "marketplace" if by_amazon else "merchant"


def _landed(offer: dict) -> float | None:
    listing, shipping = amount(offer.get("ListingPrice")), amount(offer.get("Shipping"))
    return None if listing is None else round(listing + (shipping or 0.0), 2)


def _summary_shipping(offer: dict) -> float | None:
    prices = [
        value
        for row in as_rows(offer.get("shippingOptions"))
        if (value := amount(row.get("price"))) is not None
    ]
    return min(prices) if prices else None


def _summary_landed(offer: dict) -> float | None:
    listing = amount(offer.get("listingPrice"))
    return None if listing is None else round(listing + (_summary_shipping(offer) or 0.0), 2)


def _weight(offer: dict) -> float:
    weights = [
        as_dict(row.get("segmentDetails")).get("glanceViewWeightPercentage")
        for row in as_rows(offer.get("featuredOfferSegments"))
    ]
    return sum(weight for weight in weights if isinstance(weight, int | float))
