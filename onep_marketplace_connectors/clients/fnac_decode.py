"""Reading Fnac's answers: the figures of a product, in the three generations of the service."""

from __future__ import annotations

import re

from lxml.etree import _Element as Element

from . import xml
from .draft import Draft
from .reading import count, number
from .records import FOUND, NO_PRICE
from .redaction import redact

NEW = "11"
RETAILER = "fnac"
NO_PRODUCT_OR_PRICE = "ERR_120"
# what an answer consists of, whatever is wrong with the rest of it
_ANSWERS = ("pricing_product", "offer")

# a product name ends with its family: "Title ( Family ) - "
_FAMILY = re.compile(
    r"^(?P<name>.*?)\s*[(\[]\s*(?P<family>[^()\[\]]+?)\s*[)\]]\s*-?\s*$", re.DOTALL
)


def read_product(draft: Draft, gtin: str, product: Element, sku: str | None) -> None:
    """Answer a GTIN by its ``pricing_product``, whichever generation wrote it.

    sku: kept as external id
    """
    refused = xml.child(product, "error")
    if refused is not None:
        _read_refusal(draft, gtin, refused)
        return
    told = xml.leaves(product)
    title = told.get("product_name", "")
    found = _FAMILY.match(title)
    row = {
        "name": (found["name"] if found else title) or None,
        "category": found["family"] if found else None,
        "url": told.get("product_url"),
        "external_id": sku,
        "currency": "EUR",
    }
    standard = xml.child(product, "standard")
    if standard is not None:
        figures, reasons = _ranked(standard)
    elif xml.child(product, "pricing") is not None:
        figures, reasons = _best(_v1_new(product), is_listed=True)
    elif xml.child(product, "new_price") is not None:
        best = _price(told.get("new_price")), _amount(told.get("new_shipping")), None
        figures, reasons = _best([best])
    else:
        # every part of an answer may be missing; members' prices are not everybody's
        figures, reasons = {}, ["price-missing"]
    is_priced = figures.get("lowest_price_taxed") is not None
    draft.answer(
        gtin,
        FOUND if is_priced else NO_PRICE,
        *reasons,
        "no-rank-published",
        **row,
        **figures,
    )


def _read_refusal(draft: Draft, gtin: str, error: Element) -> None:
    words = redact((error.text or "").strip())
    if error.get("code") != NO_PRODUCT_OR_PRICE:
        draft.refuse(gtin, detail=words)
    elif "price" in words.lower():
        draft.answer(gtin, NO_PRICE, "no-offer", "no-rank-published", currency="EUR")
    else:
        draft.unknown(gtin)


def _ranked(standard: Element) -> tuple[dict, list[str]]:
    """V3: every offer with its rank; only new ones make prices, the others are counted."""
    offers, used_count, positions = [], 0, set()
    for node in standard.iterchildren("ranked_offers"):
        told = xml.leaves(node)
        positions.add(count(told.get("position")))
        if told.get("offer_status", NEW) != NEW:
            used_count += 1
        else:
            price, shipping = _price(told.get("price")), _amount(told.get("shipping_price"))
            offers.append((price, shipping, node.get("type"), told))
    kinds = {kind for _price, _shipping, kind, _told in offers}
    own_count = 0 if xml.child(standard, "seller_offer") is None else 1
    lacks_some = _has_gap(positions - {None}, own_count)
    is_told = "unknown" if None in kinds or lacks_some else "no"
    figures = {
        "offer_count": len(offers),
        "used_offer_count": used_count,
        "retailer_present": "yes" if RETAILER in kinds else is_told,
    }
    if not offers:
        return figures, ["no-offer"]
    totals = [price + (shipping or 0.0) for price, shipping, *_others in offers if price]
    # the one that cannot be read may be the cheapest
    reasons = ["price-missing"] if len(totals) < len(offers) else []
    # nothing promises that the list is whole
    reasons.append("offers-lacking" if lacks_some else "count-is-minimum")
    if totals:
        figures["lowest_price_taxed"] = round(min(totals), 2)
    for price, shipping, kind, told in offers:
        if xml.flag(told.get("has_buybox", told.get("has_buy_box"))):
            figures |= {
                "buy_box_price_taxed": price,
                "buy_box_shipping_taxed": shipping,
                "buy_box_seller": told.get("seller_name"),
                "buy_box_fulfilment": "marketplace" if kind == RETAILER else None,
            }
            return figures, reasons if told.get("seller_name") else [*reasons, "holder-unknown"]
    return figures, [*reasons, "no-buy-box"]


def _has_gap(positions: set[int], own_count: int) -> bool:
    """Whether the ranks of the listed offers leave gaps, other than that of one's own offer.

    Ranks begin at 0 or at 1.
    """
    if not positions:
        return False
    return max(positions) - min(*positions, 1) + 1 > len(positions) + own_count


def _v1_new(product: Element) -> list[tuple]:
    rows = []
    for node in product.iterchildren("pricing"):
        told = xml.leaves(node)
        if told.get("offer_status", NEW) == NEW:
            price, shipping = _price(told.get("price")), _amount(told.get("shipping_price"))
            rows.append((price, shipping, node.get("type")))
    return rows


def _best(rows: list[tuple], *, is_listed: bool = False) -> tuple[dict, list[str]]:
    """V1/V2: the best new price only, holder and counts unknown.

    is_listed: each row is an offer, priced or not (V2 names the price where there is no offer too)
    """
    prices = [price + (shipping or 0.0) for price, shipping, _kind in rows if price is not None]
    if not prices:
        return {}, ["price-missing" if is_listed and rows else "no-offer"]
    retailer = any(kind == RETAILER for _price, _shipping, kind in rows)
    figures = {
        "lowest_price_taxed": round(min(prices), 2),
        "retailer_present": "yes" if retailer else "unknown",
    }
    return figures, ["holder-unknown", "no-offer-counts"]


def root_error(root: Element) -> tuple[str, str] | None:
    """Code and words of a refusal at the root, None when there is an answer to read.

    A service may answer a part and report errors beside it: what it answered is used.
    """
    status = (root.get("status") or "OK").upper()
    if status not in ("ERROR", "FATAL"):
        return None
    error = xml.child(root, "error")
    if status == "ERROR" and any(next(root.iter(tag), None) is not None for tag in _ANSWERS):
        return None
    if error is None:
        return "", status
    return error.get("code") or "", redact((error.text or "").strip()) or status


def read_offer(offer: Element) -> dict:
    """Columns of one own offer of ``offers_query``; it carries no EAN."""
    told = xml.leaves(offer)
    quantity = count(told.get("quantity"))
    title = told.get("product_name", "")
    found = _FAMILY.match(title)
    return {
        "sku": told.get("offer_seller_id"),
        "external_id": told.get("product_fnac_id"),
        "name": (found["name"] if found else title) or None,
        "category": found["family"] if found else None,
        "state": None if quantity is None else "active" if quantity > 0 else "inactive",
        "price_taxed": _price(told.get("price")),
        "quantity": quantity,
        "fulfilment": "merchant",
        "fee_untaxed": _amount(told.get("fee_excluding_taxes")),
        "fee_taxed": _amount(told.get("fee_including_all_taxes")),
        "currency": "EUR",
    }


def _amount(value: str | None) -> float | None:
    """An amount as written; an empty element is unknown, not 0."""
    return number(value.replace(",", ".")) if value else None


def _price(value: str | None) -> float | None:
    """A price as written; nothing is sold for nothing."""
    return _amount(value) or None
