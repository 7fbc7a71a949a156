"""Reading Mirakl's answers; what sellers see masked (offer id, quantity, premium) is never read."""

from __future__ import annotations

from collections.abc import Collection

from .reading import count, number, pick, price, rows_of, text
from .records import FOUND, NO_PRICE

_NEW_WORDS = ("new", "neuf", "nuevo", "novo", "nuovo", "neu", "nieuw")


def references_of(product: dict, kind: str) -> set[str]:
    """GTINs under which an operator knows a product."""
    found = {
        str(row.get("reference") or "").zfill(14)
        for row in rows_of(product, "product_references")
        if str(row.get("reference_type")).upper() == kind.upper()
    }
    # P31 names a product by the reference that was asked for
    if str(product.get("product_id_type") or "").upper() == kind.upper():
        found.add(str(product.get("product_id") or "").zfill(14))
    return found


def product_columns(product: dict) -> dict:
    """Identity columns of a product of P31."""
    return {
        "external_id": text(product.get("product_sku")) or text(product.get("product_id")),
        "name": text(product.get("product_title")),
        "brand": text(product.get("product_brand")),
        "category": text(product.get("category_label")),
        "category_code": text(product.get("category_code")),
    }


def new_state(states: list[dict]) -> str | None:
    """Code of the condition "new" in an operator's own list, None when none looks like it."""
    named = [
        str(row["code"])
        for row in states
        if row.get("code") is not None
        and any(word == str(row.get("label") or "").strip().lower() for word in _NEW_WORDS)
    ]
    codes = [str(row.get("code")) for row in states]
    return named[0] if named else "11" if "11" in codes else None


def figure_columns(product: dict, new_states: Collection[str]) -> tuple[str, list[str], dict]:
    """State, reasons and figures of a product of P11, with all its offers gathered.

    new_states: the operator's codes of "new"; some ignore that only those were asked for
    """
    rows = rows_of(product, "offers")
    new = [row for row in rows if text(row.get("state_code")) in (None, *new_states)]
    offers = [
        (total, offer)
        for offer in new
        if offer.get("active") is not False and (total := _total(offer)) is not None
    ]
    columns = {
        "external_id": text(product.get("product_sku")),
        "name": text(product.get("product_title")),
        "category": text(product.get("category_label")),
        # used ones among them: how many are new is not told
        "offer_count": count(product.get("total_count")) if len(new) == len(rows) else None,
    }
    if not offers:
        is_empty = columns["offer_count"] == 0
        return NO_PRICE, ["no-offer" if is_empty else "price-missing"], columns
    total, best = min(offers, key=lambda pair: pair[0])
    columns |= {
        "lowest_price_taxed": total,
        "currency": text(best.get("currency_iso_code")),
    }
    reasons = ["no-buy-box-published"]
    if columns["offer_count"] is None:
        reasons.append("no-offer-counts")
    return FOUND, reasons, columns


def own_offer_columns(offer: dict, kind: str) -> dict:
    """Columns of one own offer of OF21."""
    gtins = sorted(references_of(offer, kind))
    active = offer.get("active")
    return {
        "sku": text(offer.get("shop_sku")),
        "gtin": gtins[0] if gtins else None,
        "external_id": text(offer.get("product_sku")),
        "name": text(offer.get("product_title")),
        "state": None if not isinstance(active, bool) else "active" if active else "inactive",
        "price_taxed": _price(offer),
        "quantity": count(offer.get("quantity")),
        "fulfilment": "merchant",
        "currency": text(offer.get("currency_iso_code")),
        "category": text(offer.get("category_label")) or text(offer.get("category_code")),
    }


def category_columns(row: dict) -> dict | None:
    """Columns of one node of the hierarchy, None without a code."""
    code = text(row.get("code"))
    if code is None:
        return None
    return {
        "code": code,
        "name": text(row.get("label")),
        "parent_code": text(row.get("parent_code")),
        "level": count(row.get("level")),
    }


def _price(offer: dict) -> float | None:
    return price(pick(offer, "applicable_pricing.price", "price"))


def _total(offer: dict) -> float | None:
    """Price with the cheapest shipping."""
    total = price(offer.get("total_price"))
    if total is not None:
        return total
    unit, shipping = _price(offer), number(offer.get("min_shipping_price"))
    return None if unit is None else round(unit + (shipping or 0.0), 2)
