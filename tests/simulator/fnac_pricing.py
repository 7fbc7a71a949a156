"""Fnac's prices: every ranked offer (V3), or the best of each condition (V1, V2)."""

from __future__ import annotations

from functools import lru_cache
from xml.sax.saxutils import escape

from . import accounts
from .exchange import Call, Reply
from .fnac_xml import (
    NAMESPACE,
    NEW,
    USED,
    error,
    own_price,
    own_quantity,
    title,
    xml,
)
from .market import DARTY, KEPT, Listing, Market, Offer
from .numbers import check_digit

_RETAILERS = {DARTY: "Darty"}
_STATES = {"all": (NEW, USED), "new": (NEW,), "used-very-good": (USED,)}


class Prices:
    """Prices of references."""

    def __init__(self, market: Market):
        self._market = market
        self._ranked = lru_cache(maxsize=KEPT)(self._render_ranked)

    def ranked(self, call: Call, root, account: dict, tag: str) -> Reply:
        """prices_query."""
        states = _STATES.get(root.get("states", "all"), ())
        blocks = root.get("prices", "all")
        name = accounts.name_of(accounts.FNAC, account)
        tick = self._market.tick
        products = []
        for reference in root:
            kind, value = reference.get("type", "Ean"), (reference.text or "").strip()
            options = (account["place"], name, states, blocks, tag, tick)
            products.append(_product(kind, value, self._ranked(kind, value, *options)))
        content = _spoil(call, root, products)
        return xml(
            f'<pricing_query_response xmlns="{NAMESPACE}" status="OK"><pricing_products>{content}'
            "</pricing_products></pricing_query_response>",
            # V3 answers claim UTF-16 over UTF-8 bytes
            "utf-16",
        )

    def best(self, call: Call, root, account: dict, version: int) -> Reply:
        """pricing_query."""
        shape = _v1 if version == 1 else _v2
        products = []
        for reference in root:
            kind, value = reference.get("type", "Ean"), (reference.text or "").strip()
            listing = self._listing(account["place"], kind, value)
            refused = _refused(listing)
            body = refused or _older_head(call.base, listing) + shape(listing)
            products.append(_product(kind, value, body))
        return xml(
            f'<pricing_query_response xmlns="{NAMESPACE}" status="OK">'
            f"{_spoil(call, root, products)}</pricing_query_response>"
        )

    def _listing(self, place: str, kind: str, value: str) -> Listing | None:
        gtin = ""
        if kind in ("Ean", "Isbn") and value.isdigit() and len(value) <= 14:
            gtin = value.zfill(14)
        if kind == "Isbn" and len(value) == 10 and value[:9].isdigit():
            body = f"0978{value[:9]}"
            gtin = f"{body}{check_digit(body)}"
        if kind == "FnacId" and value.isdigit() and len(value) <= 12:
            body = f"0{value.zfill(12)}"
            gtin = f"{body}{check_digit(body)}"
        return self._market.listing(place, gtin) if gtin else None

    def _render_ranked(self, kind, value, place, name, states, blocks, tag, _tick) -> str:
        listing = self._listing(place, kind, value)
        refused = _refused(listing)
        if refused:
            return refused
        rows = [(offer, NEW) for offer in listing.offers if NEW in states]
        rows += [(offer, USED) for offer in listing.used if USED in states]
        own = ""
        if self._market.is_own(place, listing.gtin, name):
            own = (
                f"<seller_offer><uid>SKU-{listing.gtin[6:13]}</uid><offer_status>{NEW}"
                f"</offer_status><price>{own_price(listing)}</price>"
                f"<shipping_price>3.99000</shipping_price><stock>{own_quantity(listing)}</stock>"
                "</seller_offer>"
            )
        content = _head(listing)
        if blocks != "adherent":
            content += f"<standard>{own}{_ranking(place, rows, tag)}</standard>"
        members = [(offer, state) for offer, state in rows if offer.retailer]
        if blocks != "standard" and members:
            content += f"<adherent>{_ranking(place, members, tag, 0.95)}</adherent>"
        return content


def _product(kind: str, value: str, body: str) -> str:
    reference = f'<product_reference type="{kind}">{escape(value)}</product_reference>'
    return f"<pricing_product>{reference}{body}</pricing_product>"


def _spoil(call: Call, root, products: list[str]) -> str:
    if call.fault == "bad-item":
        kind, value = root[0].get("type", "Ean"), (root[0].text or "").strip()
        refused = error("ERR_111", "Service Pricing : product is blocked.")
        products[0] = _product(kind, value, refused)
    content = "".join(products)
    if call.fault == "new-fields":
        unknown = "<sustainability_score>7</sustainability_score></pricing_product>"
        content = content.replace("</pricing_product>", unknown)
    return content


def _refused(listing: Listing | None) -> str:
    if listing is None:
        return error("ERR_120", "Service Pricing : Product not found.")
    if not listing.offers and not listing.used:
        return error("ERR_120", "Service Pricing : No prices found.")
    return ""


def _head(listing: Listing) -> str:
    """V3: no picture."""
    return f"{title(listing)}{_url(listing)}<product_ean>{listing.gtin[1:]}</product_ean>"


def _older_head(base: str, listing: Listing) -> str:
    """V1 and V2."""
    picture = f"<image_url>{base}/images/{listing.gtin}.svg</image_url>"
    return f"<ean>{listing.gtin[1:]}</ean>{_url(listing)}{title(listing)}{picture}"


def _url(listing: Listing) -> str:
    return f"<product_url>https://www.fnac.com/a{int(listing.gtin[5:13])}</product_url>"


def _ranking(place: str, rows: list[tuple[Offer, int]], tag: str, factor: float = 1.0) -> str:
    return "".join(
        f'<ranked_offers type="{"fnac" if offer.retailer else "professional"}">'
        f"<seller_name>{_seller(place, offer)}</seller_name>"
        "<seller_sales_number>1200</seller_sales_number>"
        "<seller_reliability_rate>4.6</seller_reliability_rate>"
        f"<{tag}>{'true' if offer.winner else 'false'}</{tag}>"
        f"<offer_status>{state}</offer_status><position>{position}</position>"
        f"<price>{round(offer.price * factor, 2)}</price>"
        f"<shipping_price>{offer.shipping:.5f}</shipping_price></ranked_offers>"
        for position, (offer, state) in enumerate(rows, start=1)
    )


def _seller(place: str, offer: Offer) -> str:
    return _RETAILERS.get(place, "Fnac.com") if offer.retailer else escape(offer.seller)


def _v1(listing: Listing) -> str:
    rows = [(listing.offers, NEW), (listing.used, USED)]
    return "".join(
        f'<pricing type="{"fnac" if offers[0].retailer else "professional"}">'
        f"<price>{offers[0].price}</price>"
        f"<shipping_price>{offers[0].shipping:.5f}</shipping_price>"
        f"<offer_status>{state}</offer_status></pricing>"
        for offers, state in rows
        if offers
    )


def _v2(listing: Listing) -> str:
    rows = [("new", listing.offers), ("refurbished", ()), ("used", listing.used)]
    return "".join(
        f"<{name}_price>{offers[0].price}</{name}_price>"
        f"<{name}_shipping>{offers[0].shipping:.5f}</{name}_shipping>"
        if offers
        else f"<{name}_price/><{name}_shipping/>"
        for name, offers in rows
    )
