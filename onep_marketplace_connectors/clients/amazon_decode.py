"""Reading Amazon's answers: which item is which EAN, and its figures as columns."""

from __future__ import annotations

from collections.abc import Iterator

from .base import chunks
from .records import FOUND, NO_PRICE, MarketOfferDraft
from .transport import redact

PER_CALL = 20


def by_identifier(gtins: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Batches of one kind of identifier: 14 significant digits go as GTIN, the rest as EAN."""
    kinds = {"EAN": [g for g in gtins if g[0] == "0"], "GTIN": [g for g in gtins if g[0] != "0"]}
    for kind, values in kinds.items():
        for part in chunks(values, PER_CALL):
            yield kind, part


def as_ean(gtin: str) -> str:
    """A GTIN as printed: 13 digits, 8 for an EAN-8."""
    return gtin[6:] if gtin.startswith("000000") else gtin[1:]


def match_items(items: list[dict], gtins: list[str], here: str) -> dict[str, list[dict]]:
    """Items by asked GTIN; the index works on GTINs, so both sides are padded to 14 digits."""
    asked = set(gtins)
    found: dict[str, list[dict]] = {}
    for item in items:
        rows = group_of(item.get("identifiers"), here).get("identifiers") or []
        values = {str(row.get("identifier", "")).zfill(14) for row in rows}
        for gtin in values & asked:
            found.setdefault(gtin, []).append(item)
    return found


def unexplained(items: list[dict], found: dict[str, list[dict]]) -> bool:
    """Whether an answer holds items of no asked GTIN."""
    explained = {item["asin"] for matched in found.values() for item in matched}
    return any(item["asin"] not in explained for item in items)


def best_item(items: list[dict], here: str) -> dict:
    """The candidate to show: a real product rather than a parent, then the best rank."""

    def order(item):
        parent = (
            group_of(item.get("summaries"), here).get("itemClassification") == "VARIATION_PARENT"
        )
        rank, _title = sales_rank(item, here)
        return parent, rank or float("inf"), item["asin"]

    return min(items, key=order)


def sales_rank(item: dict, here: str) -> tuple[int | None, str | None]:
    """Main rank of an item and its title, else that of its shelf."""
    ranks = group_of(item.get("salesRanks"), here)
    for name in ("displayGroupRanks", "classificationRanks"):
        for row in ranks.get(name) or []:
            if row.get("rank"):
                return row["rank"], row.get("title")
    return None, None


def wide_figures(product: dict) -> dict:
    """Columns from one product of getCompetitivePricing."""
    pricing = as_dict(product.get("CompetitivePricing"))
    figures = {}
    for row in pricing.get("CompetitivePrices") or []:
        if str(row.get("CompetitivePriceId")) == "1":
            figures.update(_money_columns(as_dict(row.get("Price"))))
            if row.get("sellerId"):
                figures["buy_box_seller"] = row["sellerId"]
    for row in pricing.get("NumberOfOfferListings") or []:
        if str(row.get("condition", "")).lower() == "new":
            figures["offer_count"] = row.get("Count")
    return figures


def offer_figures(payload: dict, retailer: str) -> dict:
    """Columns from one item of getItemOffersBatch."""
    summary = as_dict(payload.get("Summary"))
    figures: dict = {}
    counts = [row for row in summary.get("NumberOfOffers") or [] if _is_new(row)]
    if counts:
        figures["offer_count"] = sum(int(row.get("OfferCount") or 0) for row in counts)
        figures["marketplace_fulfilled_count"] = sum(
            int(row.get("OfferCount") or 0)
            for row in counts
            if row.get("fulfillmentChannel") == "Amazon"
        )
    landed = [
        amount
        for row in summary.get("LowestPrices") or []
        if _is_new(row) and (amount := _amount(row.get("LandedPrice"))) is not None
    ]
    if landed:
        figures["lowest_price_taxed"] = min(landed)
    for row in summary.get("BuyBoxPrices") or []:
        if _is_new(row):
            figures.update(_money_columns(row))
    offers = payload.get("Offers") or []
    for offer in offers:
        if offer.get("IsBuyBoxWinner"):
            seller = offer.get("SellerId")
            figures["buy_box_seller"] = "Amazon" if seller and seller == retailer else seller
            figures["buy_box_fulfilment"] = (
                "marketplace" if offer.get("IsFulfilledByAmazon") else "merchant"
            )
            break
    if retailer and any(offer.get("SellerId") == retailer for offer in offers):
        figures["retailer_present"] = "yes"
    elif retailer and len(offers) >= figures.get("offer_count", float("inf")):
        figures["retailer_present"] = "no"
    return figures


def _money_columns(price: dict) -> dict:
    listing, shipping = _amount(price.get("ListingPrice")), _amount(price.get("Shipping"))
    landed = _amount(price.get("LandedPrice"))
    if listing is None and landed is not None:
        listing = landed if shipping is None else round(landed - shipping, 2)
    if listing is None:
        return {}
    columns = {"buy_box_price_taxed": listing, "buy_box_shipping_taxed": shipping}
    currency = as_dict(price.get("ListingPrice") or price.get("LandedPrice")).get("CurrencyCode")
    return columns | ({"currency": currency} if currency else {})


def conclude(draft: MarketOfferDraft, gtin: str, *, has_detail: bool) -> None:
    """State of a priced row, and why figures are missing."""
    if draft.get(gtin, "buy_box_price_taxed") is not None:
        draft.set(gtin, state=FOUND)
        if draft.get(gtin, "buy_box_seller") is None:
            draft.because(gtin, "holder-unknown")
    elif draft.get(gtin, "lowest_price_taxed") is not None or draft.get(gtin, "offer_count"):
        draft.set(gtin, state=FOUND)
        draft.because(gtin, "no-buy-box")
    else:
        draft.set(gtin, state=NO_PRICE)
        draft.because(gtin, "no-offer" if has_detail else "price-missing")


def match_fees(requests: list[dict], rows: list[dict]) -> list[dict]:
    """Fee columns in the order asked: answers are matched by our reference and the ASIN."""
    answers = {}
    for row in rows:
        row = as_dict(row.get("FeesEstimateResult") or row)
        identifier = as_dict(row.get("FeesEstimateIdentifier"))
        answers[(identifier.get("SellerInputIdentifier"), identifier.get("IdValue"))] = row
    columns = []
    for request in requests:
        row = answers.get((request["identifier"], request["id_value"]), {})
        estimate = as_dict(row.get("FeesEstimate"))
        details = {
            detail.get("FeeType"): _amount(detail.get("FinalFee"))
            for detail in estimate.get("FeeDetailList") or []
        }
        columns.append(
            {
                "total_fee": _amount(estimate.get("TotalFeesEstimate")),
                "commission": details.get("ReferralFee"),
                "fulfilment_fee": details.get("FBAFees"),
                "reason_detail": redact(str(as_dict(row.get("Error")).get("Message") or "")) or None
                if row.get("Status") != "Success"
                else None,
            }
        )
    return columns


def _amount(money) -> float | None:
    try:
        return float(money["Amount"])
    except (KeyError, TypeError, ValueError):
        return None


def _is_new(row: dict) -> bool:
    return str(row.get("condition", "")).lower() == "new"


def group_of(groups, marketplace_id: str) -> dict:
    """The group of our marketplace in a dataset grouped by marketplace, {} without one."""
    for group in groups or []:
        if isinstance(group, dict) and group.get("marketplaceId") == marketplace_id:
            return group
    return {}


def refusal_words(row: dict) -> str:
    """What Amazon says of a refused item."""
    error = as_dict(row.get("Error") or row.get("error"))
    return redact(str(error.get("Message") or error.get("message") or row.get("status")))


def as_dict(value) -> dict:
    """The value when it is an object, {} otherwise."""
    return value if isinstance(value, dict) else {}
