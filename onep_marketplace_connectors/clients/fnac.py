"""Fnac and Darty: prices of EANs by the XML seller API.

prices_query (V3) lists every offer with its rank and the buy box; shops without it fall back to
pricing_query (V1/V2), which knows the best price per condition only. No version gives a sales
rank, a stock or a size.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement, tostring

from . import xml
from .base import Account, Capabilities, MarketplaceClient
from .errors import BadCredentials, ContractChanged, RejectedRequest, ServiceDown
from .rate_limit import Limit
from .records import ERROR, FOUND, NO_PRICE, NOT_FOUND, CheckReport, MarketOfferDraft
from .retry import BACKOFF_BASE_S, error_for, retry_after
from .transport import redact

PRODUCTION = "https://vendeur.fnac.com/api.php"
SANDBOX = "https://partners-test.mp.fnacdarty.com/api.php"
NAMESPACE = "http://www.fnac.com/schemas/mp-dialog.xsd"
UNREADABLE_RETRY_S = 20.0
TOKEN_LIFE_S = 1200.0
MOST_V3 = 200
MOST_V1 = 10

AUTH = "auth"
PRICES = "prices_query"
PRICING = "pricing_query"
OFFERS = "offers_query"

NEW = "11"
TOO_MANY = "ERR_105"
NO_PRODUCT_OR_PRICE = "ERR_120"

# a product name ends with its family: "Title ( Family ) - "
_FAMILY = re.compile(
    r"^(?P<name>.*?)\s*[(\[]\s*(?P<family>[^()\[\]]+?)\s*[)\]]\s*-?\s*$", re.DOTALL
)


class RefusedCall(RejectedRequest):
    """The service answered with errors at its root.

    code: Fnac's error code, e.g. ``ERR_105``
    """

    def __init__(self, code: str, **params):
        super().__init__(code=code, **params)
        self.code = code


class FnacClient(MarketplaceClient):
    """Settings: partner_id, shop_id, pricing (v3 or v1), batch_size. Secret: fnac_key.

    Teaches ``pricing`` and ``batch_size`` when the shop has less than asked.
    """

    platform = "fnac"
    capabilities = Capabilities(buy_box=True, price_unsold=True)
    # no published figure: one call a second at a time
    limits: ClassVar = {name: Limit(1, 2) for name in (PRICES, PRICING, OFFERS, AUTH)}

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        self._base = (account.endpoint_url or (SANDBOX if account.sandbox else PRODUCTION)).rstrip(
            "/"
        )
        self._pricing = account.settings.get("pricing") or "v3"
        self.batch_size = int(account.settings.get("batch_size") or MOST_V3)

    def check(self) -> CheckReport:
        """Log in and read one own offer."""
        request = self._request(OFFERS, results_count="1", with_fees="false")
        SubElement(request, "paging").text = "1"
        self._post(OFFERS, request)
        return CheckReport(seller=self.account.settings.get("shop_id", "")[:8])

    def _fetch_into(self, draft: MarketOfferDraft, gtins: list[str]) -> None:
        left = list(gtins)
        while left:
            size = min(self.batch_size, MOST_V3 if self._pricing == "v3" else MOST_V1)
            part = left[:size]
            try:
                root = self._ask_prices(part)
            except RefusedCall as error:
                if not self._adapt(error, len(part)):
                    raise
                continue
            self._read(draft, root, part)
            left = left[size:]

    def _adapt(self, error: RefusedCall, size: int) -> bool:
        """Ask for less after a refusal; False when there is nothing left to try."""
        if error.code == TOO_MANY and size > 1:
            self.batch_size = size // 2
            self.learned["batch_size"] = str(self.batch_size)
            return True
        if self._pricing == "v3" and error.code != TOO_MANY:
            self._pricing = "v1"
            self.learned["pricing"] = "v1"
            return True
        return False

    def _ask_prices(self, gtins: list[str]) -> Element:
        if self._pricing == "v3":
            service, options = PRICES, {"sellers": "all", "states": "new", "prices": "standard"}
        else:
            service, options = PRICING, {"sellers": "all"}
        # the V3 address differs from its root element
        request = self._request(PRICING, **options)
        for gtin in gtins:
            SubElement(request, "product_reference", type="Ean").text = _as_ean(gtin)
        return self._post(service, request)

    def _read(self, draft: MarketOfferDraft, root: Element, gtins: list[str]) -> None:
        holder = xml.child(root, "pricing_products")
        products = list(xml.children(root if holder is None else holder, "pricing_product"))
        if not products:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=PRICES)
        asked = set(gtins)
        for product in products:
            gtin = (xml.text(product, "product_reference") or "").zfill(14)
            if gtin in asked:
                asked.discard(gtin)
                self._read_product(draft, gtin, product)
        for gtin in asked:
            draft.set(gtin, state=ERROR)
            draft.because(gtin, "not-answered")

    def _read_product(self, draft, gtin, product):
        refused = xml.child(product, "error")
        if refused is not None:
            _read_refusal(draft, gtin, refused)
            return
        title = xml.text(product, "product_name") or ""
        found = _FAMILY.match(title)
        draft.set(
            gtin,
            name=(found["name"] if found else title) or None,
            category=found["family"] if found else None,
            url=xml.text(product, "product_url"),
            image_url=xml.text(product, "image_url"),
            candidate_count=1,
            currency="EUR",
        )
        draft.because(gtin, "no-rank-published")
        standard = xml.child(product, "standard")
        if standard is not None:
            _read_ranked(draft, gtin, list(xml.children(standard, "ranked_offers")))
        elif xml.child(product, "pricing") is not None:
            _read_best(draft, gtin, _v1_new(product))
        elif xml.child(product, "new_price") is not None:
            price = xml.number(product, "new_price")
            _read_best(draft, gtin, [(price, xml.number(product, "new_shipping"), None)])
        elif xml.child(product, "adherent") is not None:
            draft.set(gtin, state=NO_PRICE)
            draft.because(gtin, "no-offer")
        else:
            draft.set(gtin, state=ERROR)
            draft.because(gtin, "competition-unreadable")

    def _request(self, root_name: str, **attributes: str) -> Element:
        return Element(
            root_name,
            {
                "xmlns": NAMESPACE,
                "partner_id": self.account.settings.get("partner_id", ""),
                "shop_id": self.account.settings.get("shop_id", ""),
            }
            | attributes,
        )

    def _post(self, service: str, request: Element) -> Element:
        """Call a service with a token; a refused token is renewed once."""
        self.limiter.reserve(service)
        for attempt in (1, 2):
            request.set("token", self.tokens.get(self.account.cache_key(), self._log_in))
            root = self._send(service, request)
            refusal = _root_error(root)
            if refusal is None:
                return root
            code, words = refusal
            if not words.lower().startswith("authentication failed"):
                self._raise_refusal(service, root, code, words)
            self.tokens.drop(self.account.cache_key())
            if attempt == 2:
                raise BadCredentials(detail=words, operation=service)
        raise AssertionError("unreachable")

    def _log_in(self) -> tuple[str, float]:
        request = Element(AUTH, {"xmlns": NAMESPACE})
        settings, secrets = self.account.settings, self.account.secrets
        SubElement(request, "partner_id").text = settings.get("partner_id", "")
        SubElement(request, "shop_id").text = settings.get("shop_id", "")
        SubElement(request, "key").text = secrets.get("fnac_key", "")
        root = self._send(AUTH, request)
        refusal = _root_error(root)
        if refusal:
            raise BadCredentials(detail=refusal[1], operation=AUTH)
        token = xml.text(root, "token")
        if not token:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty token answer", operation=AUTH)
        return token, self._life(xml.text(root, "validity"))

    def _life(self, validity: str | None) -> float:
        try:
            until = datetime.fromisoformat(validity or "")
        except ValueError:
            return TOKEN_LIFE_S
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        # a clock ahead of theirs must not make us log in for ever
        return max(until.timestamp() - self.clock(), 60.0)

    def _send(self, service: str, request: Element) -> Element:
        response = self.transport.request(
            "POST",
            f"{self._base}/{service}",
            content=b'<?xml version="1.0" encoding="utf-8"?>' + tostring(request, "utf-8"),
            headers={"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"},
            operation=service,
        )
        if response.status_code == 429:
            raise self.limiter.throttled(service, retry_after(response, self.clock()))
        if response.status_code == 404:
            raise RefusedCall("HTTP_404", operation=service, detail="unknown service")
        if response.status_code >= 400:
            raise error_for(response, service)
        self.limiter.learn(service, response.headers.get("x-ratelimit-limit"))
        try:
            root = xml.parse(response.content)
        except xml.UnreadableXml:
            raise ServiceDown(
                UNREADABLE_RETRY_S, cause="unreadable answer", operation=service
            ) from None
        if not xml.name(root).endswith("_response"):
            raise ContractChanged(operation=service, detail=xml.name(root)[:40])
        return root

    @staticmethod
    def _raise_refusal(service, root, code, words):
        if root.get("status") == "FATAL":
            raise ServiceDown(BACKOFF_BASE_S, cause=code or "FATAL", operation=service)
        raise RefusedCall(code, operation=service, detail=words)


def _as_ean(gtin: str) -> str:
    return gtin[6:] if gtin.startswith("000000") else gtin.removeprefix("0")


def _root_error(root: Element) -> tuple[str, str] | None:
    """Code and words of a refusal at the root, None when there is an answer to read."""
    status = (root.get("status") or "OK").upper()
    if status not in ("ERROR", "FATAL"):
        return None
    error = xml.child(root, "error")
    has_data = any(xml.name(node) != "error" for node in root)
    if has_data and status == "ERROR":
        return None
    words = redact((error.text or "").strip()) if error is not None else status
    return (error.get("code") or "") if error is not None else "", words


def _read_refusal(draft: MarketOfferDraft, gtin: str, error: Element) -> None:
    words = redact((error.text or "").strip())
    if error.get("code") != NO_PRODUCT_OR_PRICE:
        draft.set(gtin, state=ERROR, reason_detail=words)
        draft.because(gtin, "item-refused")
    elif "price" in words.lower():
        draft.set(gtin, state=NO_PRICE)
        draft.because(gtin, "no-offer", "no-rank-published")
    else:
        draft.set(gtin, state=NOT_FOUND, candidate_count=0)
        draft.because(gtin, "unknown-gtin")


def _read_ranked(draft: MarketOfferDraft, gtin: str, nodes: list[Element]) -> None:
    """V3: every offer, ranked; only new ones count."""
    offers = [
        node
        for node in nodes
        if xml.text(node, "offer_status") in (None, NEW) and xml.number(node, "price") is not None
    ]
    if not offers:
        draft.set(gtin, state=NO_PRICE, offer_count=0, retailer_present="no")
        draft.because(gtin, "no-offer")
        return
    draft.set(
        gtin,
        state=FOUND,
        offer_count=len(offers),
        lowest_price_taxed=min(_total(node) for node in offers),
        retailer_present="yes" if any(_is_retailer(node) for node in offers) else "no",
    )
    winner = next((n for n in offers if xml.flag(n, "has_buybox", "has_buy_box")), None)
    if winner is None:
        draft.because(gtin, "no-buy-box")
        return
    draft.set(
        gtin,
        buy_box_price_taxed=xml.number(winner, "price"),
        buy_box_shipping_taxed=xml.number(winner, "shipping_price"),
        buy_box_seller=xml.text(winner, "seller_name"),
        buy_box_fulfilment="marketplace" if _is_retailer(winner) else None,
    )


def _v1_new(product: Element) -> list[tuple]:
    return [
        (xml.number(node, "price"), xml.number(node, "shipping_price"), node.get("type"))
        for node in xml.children(product, "pricing")
        if xml.text(node, "offer_status") in (None, NEW)
    ]


def _read_best(draft: MarketOfferDraft, gtin: str, rows: list[tuple]) -> None:
    """V1/V2: the best new price only, holder and counts unknown."""
    prices = [price + (shipping or 0.0) for price, shipping, _kind in rows if price is not None]
    if not prices:
        draft.set(gtin, state=NO_PRICE)
        draft.because(gtin, "no-offer")
        return
    retailer = any(kind == "fnac" for _price, _shipping, kind in rows)
    draft.set(
        gtin,
        state=FOUND,
        lowest_price_taxed=round(min(prices), 2),
        retailer_present="yes" if retailer else "unknown",
    )
    draft.because(gtin, "holder-unknown")


def _total(node: Element) -> float:
    return round(xml.number(node, "price") + (xml.number(node, "shipping_price") or 0.0), 2)


def _is_retailer(node: Element) -> bool:
    return node.get("type") == "fnac"
