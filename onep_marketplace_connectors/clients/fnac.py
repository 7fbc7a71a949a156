"""Fnac and Darty: prices of EANs by the XML seller API.

prices_query (V3) lists every offer with its rank and the buy box; shops without it fall back to
pricing_query (V1/V2), which knows the best price per condition only. No version gives a sales
rank, a stock or a size. Both shops, and those of other countries, speak it: another address or
another `shop_id` is another account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from lxml.etree import Element, SubElement, tostring
from lxml.etree import _Element as Node

from . import xml
from .base import Account, Capabilities, MarketplaceClient
from .draft import Draft
from .errors import BadCredentials, ContractChanged, RejectedRequest, ServiceDown
from .fnac_decode import read_offer, read_product, root_error
from .gtin import printed
from .rate_limit import Limit
from .reading import count
from .records import CheckReport, OwnOffers
from .retry import BACKOFF_BASE_S, error_for, retry_after
from .steps import Step, StepSpec

PRODUCTION = "https://vendeur.fnac.com/api.php"
SANDBOX = "https://partners-test.mp.fnacdarty.com/api.php"
NAMESPACE = "http://www.fnac.com/schemas/mp-dialog.xsd"
COUNTRIES = ("FR", "BE", "ES", "PT")
UNREADABLE_RETRY_S = 20.0
TOKEN_LIFE_S = 1200.0
MOST_V3 = 200
MOST_V1 = 10
OFFERS_PER_PAGE = 100

AUTH = "auth"
PRICES = "prices_query"
PRICING = "pricing_query"
OFFERS = "offers_query"

TOO_MANY = "ERR_105"
_V3_OPTIONS = {"sellers": "all", "states": "all", "prices": "standard"}
_SILENT = (
    "sales_rank",
    "sales_rank_category",
    "ranks",
    "marketplace_fulfilled_count",
    "merchant_fulfilled_count",
    "list_price_taxed",
)


class RefusedCall(RejectedRequest):
    """The service answered with errors at its root.

    code: Fnac's error code, e.g. ``ERR_105``
    """

    def __init__(self, code: str, **params):
        super().__init__(code=code, **params)
        self.code = code


class FnacClient(MarketplaceClient):
    """Settings: partner_id, shop_id, shop_name (Fnac or Darty), endpoint, pricing (v3 or v1),
    batch_size. Secret: fnac_key.

    Teaches ``pricing`` and ``batch_size`` when the shop has less than asked.
    """

    platform = "fnac"
    capabilities = Capabilities(buy_box=True, price_unsold=True, own_offers=True)
    # no published figure: one call a second at a time
    limits: ClassVar = {name: Limit(1, 2) for name in (PRICES, PRICING, OFFERS, AUTH)}

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        if account.country not in COUNTRIES:
            raise BadCredentials(rule="unsupported-country", country=account.country, detail="")
        own = SANDBOX if account.sandbox else PRODUCTION
        address = account.endpoint_url or account.settings.get("endpoint") or own
        self._base = address.rstrip("/")
        self._pricing = account.settings.get("pricing") or "v3"
        self._size = int(account.settings.get("batch_size") or MOST_V3)

    def steps(self) -> Mapping[Step, StepSpec]:
        """The wide call identifies and prices at once."""
        service = PRICES if self._pricing == "v3" else PRICING
        return {Step.WIDE: StepSpec(self._batch_size(), {service: 1})}

    def check(self) -> CheckReport:
        """Log in and read one own offer."""
        self._own_page(1, 1)
        name = self.account.settings.get("shop_name") or "Fnac"
        shop = f"{name} {self.account.settings.get('shop_id', '')[:8]}"
        market = name if self.account.country == "FR" else f"{name} {self.account.country}"
        notes = () if self._pricing == "v3" else ("prices-by-condition-only",)
        return CheckReport(seller=shop.strip(), marketplaces=(market,), notes=notes)

    def own_offers(self, cursor: str | None = None) -> OwnOffers:
        """Own offers with the fee Fnac expects at their price."""
        number = int(cursor or 1)
        root = self._own_page(number, OFFERS_PER_PAGE)
        rows = [read_offer(node) for node in root.iterchildren("offer")]
        eans = self._eans([row["external_id"] for row in rows if row["external_id"]])
        for row in rows:
            row["gtin"] = eans.get(row["external_id"])
        # counters may be missing: then a full page means that there is another one
        last = count(xml.text(root, "total_paging"))
        more = number < last if last is not None else len(rows) >= OFFERS_PER_PAGE
        return OwnOffers.from_rows(rows, next=str(number + 1) if rows and more else None)

    def _ask_step(self, draft: Draft) -> None:
        draft.silent.update(_SILENT)
        left = list(draft.subjects.gtin)
        while left:
            part = left[: self._batch_size()]
            self.transport.about(part)
            root = self._ask_prices("Ean", [printed(gtin) for gtin in part])
            if root is None:
                continue
            self._read(draft, root, part)
            left = left[len(part) :]

    def _batch_size(self) -> int:
        return max(1, min(self._size, MOST_V3 if self._pricing == "v3" else MOST_V1))

    def _ask_prices(self, kind: str, references: list[str]) -> Node | None:
        """Answer about references, None when they have to be asked again in another way."""
        service = PRICES if self._pricing == "v3" else PRICING
        try:
            return self._post(service, self._price_request(service, kind, references))
        except RefusedCall as error:
            if error.code == TOO_MANY and len(references) > 1:
                self._learn("batch_size", str(len(references) // 2))
            elif self._pricing == "v3" and error.code != TOO_MANY:
                # a shop without V3 is remembered once V1 has answered
                part = references[:MOST_V1]
                self._post(PRICING, self._price_request(PRICING, kind, part))
                self._learn("pricing", "v1")
            else:
                raise
        return None

    def _learn(self, name: str, value: str) -> None:
        self.learned[name] = value
        if name == "batch_size":
            self._size = int(value)
        else:
            self._pricing = value

    def _price_request(self, service: str, kind: str, references: Iterable[str]) -> Node:
        # the V3 address differs from its root element
        request = self._request(PRICING, _V3_OPTIONS if service == PRICES else {"sellers": "all"})
        for reference in references:
            SubElement(request, "product_reference", type=kind).text = reference
        return request

    @staticmethod
    def _read(draft: Draft, root: Node, gtins: list[str]) -> None:
        holder = xml.child(root, "pricing_products")
        products = list(xml.children(root if holder is None else holder, "pricing_product"))
        if not products:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=PRICES)
        left = dict.fromkeys(gtins)
        for product in products:
            gtin = (xml.text(product, "product_reference") or "").zfill(14)
            if gtin in left:
                del left[gtin]
                read_product(draft, gtin, product, draft.asked("external_id", gtin))
        for gtin in left:
            draft.refuse(gtin, "not-answered")

    def _own_page(self, number: int, size: int) -> Node:
        request = self._request(OFFERS, {"results_count": str(size), "with_fees": "true"})
        SubElement(request, "paging").text = str(number)
        return self._post(OFFERS, request)

    def _eans(self, fnac_ids: list[str]) -> dict[str, str]:
        """GTINs of Fnac's own numbers; only V3 tells them, and only what it tells is used."""
        if self._pricing != "v3" or not fnac_ids:
            return {}
        fnac_ids = list(dict.fromkeys(fnac_ids))[: self._batch_size()]
        try:
            root = self._post(PRICES, self._price_request(PRICES, "FnacId", fnac_ids))
        except RefusedCall:
            return {}
        told = (xml.leaves(node) for node in root.iter("pricing_product"))
        return {
            row["product_reference"]: row["product_ean"].zfill(14)
            for row in told
            if row.get("product_ean", "").isdigit() and row.get("product_reference")
        }

    def _request(self, root_name: str, attributes: Mapping[str, str]) -> Node:
        settings = self.account.settings
        shop = {
            "partner_id": settings.get("partner_id", ""),
            "shop_id": settings.get("shop_id", ""),
        }
        return Element(root_name, {"xmlns": NAMESPACE} | shop | dict(attributes))

    def _post(self, service: str, request: Node) -> Node:
        """Call a service with a token; a refused token is renewed once."""
        self.limiter.reserve(service)
        for attempt in (1, 2):
            request.set("token", self.tokens.get(self.account.cache_key(), self._log_in))
            root = self._send(service, request)
            refusal = root_error(root)
            if refusal is None:
                return root
            code, words = refusal
            if not words.lower().startswith("authentication failed"):
                if root.get("status") == "FATAL":
                    raise ServiceDown(BACKOFF_BASE_S, cause=code or "FATAL", operation=service)
                raise RefusedCall(code, operation=service, detail=words)
            self.tokens.drop(self.account.cache_key())
            if attempt == 2:
                raise BadCredentials(detail=words, operation=service)
        raise AssertionError("unreachable")

    def _log_in(self) -> tuple[str, float]:
        self.limiter.reserve(AUTH)
        request = Element(AUTH, {"xmlns": NAMESPACE})
        settings, secrets = self.account.settings, self.account.secrets
        SubElement(request, "partner_id").text = settings.get("partner_id", "")
        SubElement(request, "shop_id").text = settings.get("shop_id", "")
        SubElement(request, "key").text = secrets.get("fnac_key", "")
        root = self._send(AUTH, request)
        refusal = root_error(root)
        if refusal and root.get("status") == "FATAL":
            raise ServiceDown(BACKOFF_BASE_S, cause=refusal[0] or "FATAL", operation=AUTH)
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

    def _send(self, service: str, request: Node) -> Node:
        response = self.transport.request(
            "POST",
            f"{self._base}/{service}",
            content=b'<?xml version="1.0" encoding="utf-8"?>' + tostring(request),
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
        if not root.tag.endswith("_response"):
            raise ContractChanged(operation=service, detail=root.tag[:40])
        return root
