"""Fnac's XML seller API, on the invented market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from . import accounts
from .exchange import Call, Reply
from .market import FNAC, Listing, Market

NAMESPACE = "http://www.fnac.com/schemas/mp-dialog.xsd"
MOST = {"prices_query": 200, "pricing_query": 10}


class Fnac:
    """Answers under ``/fnac/api.php``.

    has_v3: whether this shop may call prices_query
    most: references a call may hold, by service
    """

    platform = FNAC

    def __init__(self, market: Market):
        self._market = market
        self.tokens = accounts.Tokens(1800, "44444444-4444-4444-8444-")
        self.has_v3 = True
        self.most = dict(MOST)

    def operation(self, call: Call) -> str:
        """Name of the service called, empty for none."""
        name = call.path.removeprefix("/api.php/")
        return name if name in ("auth", "prices_query", "pricing_query", "offers_query") else ""

    def account(self, _call: Call) -> str:
        """Whose quota is used."""
        return "demo"

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if not operation or (operation == "prices_query" and not self.has_v3):
            return Reply(404, b"Not Found", "text/html")
        try:
            root = ElementTree.fromstring(call.body)
        except ElementTree.ParseError:
            return _refuse(operation, "ERR_146", "XML does not validate.")
        if operation == "auth":
            return self._auth(root)
        if not root.tag.startswith(f"{{{NAMESPACE}}}"):
            return _refuse(operation, "ERR_146", "Unknown namespace.")
        known = accounts.FNAC
        if any(root.get(name) != known[name] for name in ("partner_id", "shop_id")):
            return _refuse(operation, "ERR_001", "Authentication failed : unknown shop.")
        if not self.tokens.is_valid(root.get("token", "")):
            return _refuse(operation, "ERR_001", "Authentication failed : token is not valid.")
        if operation == "offers_query":
            return _xml(
                f'<offers_query_response xmlns="{NAMESPACE}" status="OK"><page>1</page>'
                "<total_paging>0</total_paging></offers_query_response>"
            )
        return self._prices(call, operation, root)

    def throttle(self, _call: Call) -> Reply:
        """Too fast."""
        return Reply(429, b"Too Many Requests", "text/html", {"Retry-After": "2"})

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return _xml(f'<pricing_query_response xmlns="{NAMESPACE}" status="OK"/>')

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        try:
            self.tokens.revoke(ElementTree.fromstring(call.body).get("token", ""))
        except ElementTree.ParseError:
            pass
        return _refuse("pricing_query", "ERR_001", "Authentication failed : token is not valid.")

    def _auth(self, root) -> Reply:
        given = {child.tag.rpartition("}")[2]: (child.text or "") for child in root}
        if given != accounts.FNAC:
            return _refuse(
                "auth",
                "ERR_001",
                "Authentication failed : partner_id, shop_id or key is not valid.",
            )
        until = datetime.now(UTC) + timedelta(seconds=self.tokens.life)
        paris = until.astimezone().isoformat(timespec="seconds")
        return _xml(
            f'<auth_response xmlns="{NAMESPACE}" status="OK"><token>{self.tokens.issue()}</token>'
            f"<validity>{paris}</validity><version>2.6.0</version></auth_response>"
        )

    def _prices(self, call: Call, operation: str, root) -> Reply:
        references = [child for child in root if child.tag.endswith("}product_reference")]
        if not references:
            return _refuse("pricing_query", "ERR_146", "product_reference is missing.")
        if len(references) > self.most[operation]:
            return _refuse(
                "pricing_query",
                "ERR_105",
                "The limit of requested elements is reached by the service. Try with less"
                " elements.",
            )
        products = []
        for index, reference in enumerate(references):
            ean = (reference.text or "").strip()
            echo = f'<product_reference type="Ean">{escape(ean)}</product_reference>'
            listing = self._market.listing(FNAC, ean.zfill(14)) if ean.isdigit() else None
            if call.fault == "bad-item" and not index:
                body = _error("ERR_111", "Service Pricing : product is blocked.")
            elif listing is None:
                body = _error("ERR_120", "Service Pricing : Product not found.")
            elif not listing.offers:
                body = _error("ERR_120", "Service Pricing : No prices found.")
            elif operation == "prices_query":
                body = _v3(call, listing)
            else:
                body = _v1(call, listing)
            if call.fault == "new-fields":
                body += "<sustainability_score>7</sustainability_score>"
            products.append(f"<pricing_product>{echo}{body}</pricing_product>")
        content = "".join(products)
        if operation == "prices_query":
            content = f"<pricing_products>{content}</pricing_products>"
        return _xml(
            f'<pricing_query_response xmlns="{NAMESPACE}" status="OK">{content}'
            "</pricing_query_response>",
            # V3 answers claim UTF-16 over UTF-8 bytes
            "utf-16" if operation == "prices_query" else "utf-8",
        )


def _v3(call: Call, listing: Listing) -> str:
    ranked = "".join(
        f'<ranked_offers type="{"fnac" if offer.retailer else "professional"}">'
        f"<seller_name>{'Fnac.com' if offer.retailer else escape(offer.seller)}</seller_name>"
        "<seller_sales_number>1200</seller_sales_number>"
        "<seller_reliability_rate>4.6</seller_reliability_rate>"
        f"<has_buybox>{'true' if offer.winner else 'false'}</has_buybox>"
        f"<offer_status>11</offer_status><position>{position}</position>"
        f"<price>{offer.price}</price><shipping_price>{offer.shipping:.5f}</shipping_price>"
        "</ranked_offers>"
        for position, offer in enumerate(listing.offers, start=1)
    )
    return f"{_name(call, listing)}<standard>{ranked}</standard>"


def _v1(call: Call, listing: Listing) -> str:
    best = listing.offers[0]
    return (
        f'{_name(call, listing)}<pricing type="{"fnac" if best.retailer else "professional"}">'
        f"<price>{best.price}</price><shipping_price>{best.shipping:.5f}</shipping_price>"
        "<offer_status>11</offer_status></pricing>"
    )


def _name(call: Call, listing: Listing) -> str:
    return (
        f"<product_name><![CDATA[{listing.name} ( {listing.family.fnac} ) - ]]></product_name>"
        f"<product_url>https://www.fnac.com/a{int(listing.gtin[5:13])}</product_url>"
        f"<image_url>{call.base}/images/{listing.gtin}.svg</image_url>"
        f"<product_ean>{listing.gtin[1:]}</product_ean>"
    )


def _error(code: str, words: str) -> str:
    return f'<error severity="ERROR" code="{code}">{escape(words)}</error>'


def _refuse(operation: str, code: str, words: str) -> Reply:
    root = f"{'pricing_query' if operation == 'prices_query' else operation}_response"
    return _xml(f'<{root} xmlns="{NAMESPACE}" status="ERROR">{_error(code, words)}</{root}>')


def _xml(text: str, claimed: str = "utf-8") -> Reply:
    prolog = f'<?xml version="1.0" encoding="{claimed}"?>'
    return Reply(200, f"{prolog}{text}".encode(), "text/xml; charset=utf-8")
