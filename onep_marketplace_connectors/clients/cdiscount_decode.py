"""Reading Octopia's answers, of which not every name is published."""

from __future__ import annotations

import logging

from .reading import count, number, pick, price, rows_of, text
from .records import FOUND, NO_PRICE

_logger = logging.getLogger(__name__)

# the inner names of a competing offer are not published: read any of these
_PRICE = ("price.price", "price", "facialPrice.price", "sellingPrice", "offerPrice")
_SHIPPING = (
    "shipping.shippingPrice",
    "shipping.price",
    "shippingPrice",
    "shippingCost",
    "deliveryCost",
)
_BEST = ("isBestOffer", "bestOffer")
_SELLER = ("seller.name", "sellerName", "seller.id", "sellerId")
_SELLER_ID = ("seller.id", "sellerId")
_CONDITION = ("condition", "productCondition")
_CATEGORY = ("categoryReference", "categoryCode", "category.reference", "category")
_RETAILER = "cdiscount"
# 6: the condition's code, as in the names of offers
_NEW = ("new", "neuf", "6")
# a listing may stand in an envelope
_RIVALS = tuple(f"competingOffers{tail}" for tail in ("", ".items", ".data", ".offers"))
# unreadable names are told once, so that they can be added above
_MOST_TOLD = 20
_told: set[frozenset[str]] = set()


def sheet_columns(sheet: dict) -> dict:
    """Identity columns of a product sheet."""
    pictures = [
        url
        for row in rows_of(sheet, "pictures")
        if (url := str(row.get("url", ""))).startswith("http")
    ]
    return {
        "external_id": text(sheet.get("reference")),
        "name": text(sheet.get("label")),
        "brand": text(pick(sheet, "brand.label", "brand.name", "brand")),
        "category": text(pick(sheet, "categoryLabel", "category.label", *_CATEGORY)),
        "category_code": text(pick(sheet, *_CATEGORY)),
        "image_url": pictures[0] if pictures else None,
        "kind": "product",
    }


def offer_columns(rows: list[dict]) -> tuple[str, list[str], dict]:
    """State, reasons and figures of a GTIN from the own offers on it and their feedback."""
    row = next((r for r in rows if _is_new(r)), rows[0])
    feedback = row.get("salesChannelFeedback")
    if isinstance(feedback, list):
        feedback = feedback[0] if feedback else None
    columns = {"external_id": text(pick(row, "product.reference")), "currency": "EUR"}
    competing = pick(feedback, "competingOffers")
    best = pick(feedback, "bestOfferDetails") or {}
    rivals = rows_of(feedback, *_RIVALS)
    # a product that nobody else can deliver is no unreadable one
    raw = [offer for offer in rivals if offer.get("isAvailable") is not False]
    offers = [offer for offer in map(_competitor, raw) if offer["price"] is not None]
    unreadable = _find_unreadable(competing, best, raw, offers)
    if unreadable is not None:
        _tell_keys(unreadable)
        return NO_PRICE, ["competition-unreadable", "no-rank-published"], columns
    new = [offer for offer in offers if offer["is_new"]]
    own = price(pick(row, "facialPrice.price", "integrationPrice.price"))
    box, winner = price(pick(best, *_PRICE)), next((o for o in new if o["best"]), None)
    if winner is None and pick(best, *_BEST) is True:
        winner = {"price": own, "shipping": None, "seller": None}
    if winner:
        box = winner["price"] or box
    totals = [offer["price"] + (offer["shipping"] or 0.0) for offer in new]
    totals += [own] if own is not None and _is_new(row) else []
    reasons = []
    if box is None:
        reasons.append("no-buy-box" if competing is not None else "price-missing")
    elif not winner or not winner["seller"]:
        reasons.append("holder-unknown")
    columns |= {
        "buy_box_price_taxed": box,
        "buy_box_shipping_taxed": winner["shipping"] if winner else None,
        "buy_box_seller": winner["seller"] if winner else None,
        "lowest_price_taxed": round(min(totals), 2) if totals else None,
    }
    if competing is not None:
        is_retailer = any(offer["is_retailer"] for offer in new)
        columns |= {
            "offer_count": len(new) + _is_new(row),
            "used_offer_count": len(offers) - len(new) + (not _is_new(row)),
            "retailer_present": "yes" if is_retailer else "no",
        }
    state = FOUND if box is not None or totals else NO_PRICE
    return state, [*reasons, "no-rank-published"], columns


def own_offer_columns(row: dict) -> dict:
    """Columns of one own offer."""
    gtin = str(pick(row, "product.gtin") or "")
    return {
        "sku": text(row.get("sellerExternalReference")),
        "gtin": gtin.zfill(14) if gtin.isdigit() else None,
        "external_id": text(pick(row, "product.reference")),
        "name": text(pick(row, "product.label", "label")),
        "state": (text(row.get("offerState")) or "").lower() or None,
        "price_taxed": price(pick(row, "facialPrice.price", "integrationPrice.price")),
        "quantity": count(row.get("quantity")),
        "currency": "EUR",
    }


def category_columns(row: dict) -> dict | None:
    """Columns of one category, None without a code."""
    code = text(pick(row, "categoryReference", "reference", "code"))
    if code is None:
        return None
    parents = row.get("parentReferences")
    parents = [str(parent) for parent in parents] if isinstance(parents, list) else []
    parents = [parent for parent in parents if parent != code]
    active = row.get("isActive")
    return {
        "code": code,
        "name": text(row.get("label")),
        # from the top down: the nearest is the longest code
        "parent_code": max(parents, key=len) if parents else None,
        "level": count(row.get("level")),
        "is_active": active if isinstance(active, bool) else None,
    }


def _competitor(offer: dict) -> dict:
    seller = text(pick(offer, *_SELLER))
    return {
        "price": price(pick(offer, *_PRICE)),
        "shipping": number(pick(offer, *_SHIPPING)),
        "best": pick(offer, *_BEST) is True,
        "seller": seller,
        "is_new": _is_new(offer),
        "is_retailer": (seller or "").lower() == _RETAILER or str(pick(offer, *_SELLER_ID)) == "0",
    }


def _find_unreadable(competing, best, raw: list[dict], offers: list[dict]) -> dict | None:
    """What speaks of the competition in names nobody knows; None when all was understood.

    It must not pass for "nobody competes".
    """
    if raw and not offers:
        return raw[0]
    if competing and not isinstance(competing, list) and not raw:
        return competing if isinstance(competing, dict) else {"competingOffers": competing}
    if best and not offers and pick(best, *_PRICE, *_BEST) is None:
        return best if isinstance(best, dict) else {"bestOfferDetails": best}
    return None


def _is_new(offer: dict) -> bool:
    return str(pick(offer, *_CONDITION) or _NEW[0]).lower() in _NEW


def _tell_keys(offer: dict) -> None:
    """Log the names of an unreadable offer, once."""
    keys = frozenset(offer)
    if keys not in _told and len(_told) < _MOST_TOLD:
        _told.add(keys)
        _logger.warning("unknown keys of a competing offer: %s", ", ".join(sorted(keys)))
