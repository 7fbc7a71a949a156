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
from .errors import (
    BadCredentials,
    CircuitOpen,
    ContractChanged,
    MarketplaceError,
    RateLimited,
    RejectedRequest,
    ServiceDown,
)
from .fnac_decode import read_offer, read_product, root_error
from .gtin import printed
from .rate_limit import Limit
from .reading import count
from .records import CheckReport, OwnOffers
from .redaction import redact
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
NOT_FOUND = "HTTP_404"
# the request does not validate
_INVALID = ("ERR_096", "ERR_146")
_COUNTERS = ("total_paging", "nb_total_result")
#: A shop without V3 may have been given it meanwhile [s].
V3_AGAIN_S = 7 * 86400.0
#: Full batches that pass before larger ones are tried: their size is the service's own limit.
PATIENCE = 20
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

    @property
    def is_unknown_service(self) -> bool:
        """Whether the shop has no such service, or an older one that takes another request."""
        words = str(self.params.get("detail") or "").lower()
        return self.code in (NOT_FOUND, *_INVALID) or ("service" in words and "unknown" in words)


#: What a trial of V3 may end in while V1 is known to work.
_TRIAL_FAILED = (RefusedCall, ServiceDown, CircuitOpen, ContractChanged)


class FnacClient(MarketplaceClient):
    """Settings: partner_id, shop_id, shop_name (Fnac or Darty), endpoint, pricing (v3 or v1),
    batch_size (of V3). Secret: fnac_key.

    Teaches ``pricing`` and the batch sizes when the shop has less than asked, and ``v3_again``,
    when the better service is to be tried again [s since the epoch].
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
        settings = account.settings
        address = account.endpoint_url or settings.get("endpoint") or own
        self._base = address.rstrip("/")
        self._pricing = settings.get("pricing") or "v3"
        again = account.settings.get("v3_again") or ""
        # whatever comes of it: V1 is known to work
        self._tries_v3 = self._pricing != "v3" and again.isdigit() and self.clock() >= int(again)
        self._leaves_v3 = False
        self.batches = self._get_batches({PRICES: MOST_V3, PRICING: MOST_V1}, patience=PATIENCE)
        told = (
            settings.get("partner_id"),
            settings.get("shop_id"),
            account.secrets.get("fnac_key"),
        )
        if not all((text or "").isprintable() for text in told):
            # XML has no place for them
            raise BadCredentials(rule="keys-unreadable", detail="odd characters")

    def steps(self) -> Mapping[Step, StepSpec]:
        """The wide call identifies and prices at once."""
        return {Step.WIDE: StepSpec(self.batches.size(self._service), {self._service: 1})}

    @property
    def _service(self) -> str:
        return PRICES if self._pricing == "v3" or self._tries_v3 else PRICING

    def _size_setting(self, operation: str) -> str:
        return "batch_size" if operation == PRICES else super()._size_setting(operation)

    def _check(self) -> CheckReport:
        """Log in and read one own offer."""
        self._own_page(1, 1)
        name = self.account.settings.get("shop_name") or "Fnac"
        shop = f"{name} {self.account.settings.get('shop_id', '')[:8]}"
        market = name if self.account.country == "FR" else f"{name} {self.account.country}"
        notes = () if self._pricing == "v3" else ("prices-by-condition-only",)
        return CheckReport(seller=shop.strip(), marketplaces=(market,), notes=notes)

    def _own_offers(self, cursor: str | None) -> OwnOffers:
        """Own offers with the fee Fnac expects at their price, and their EANs.

        A page is no larger than one call for its EANs, and both are paid for at once: without the
        EANs it would have to be read again.
        """
        has_eans = self._pricing == "v3"
        size = min(OFFERS_PER_PAGE, self.batches.size(PRICES)) if has_eans else OFFERS_PER_PAGE
        number, size = map(int, cursor.split()) if cursor else (1, size)
        if has_eans:
            self.limiter.reserve(OFFERS, PRICES)
        root = self._own_page(number, size, is_reserved=has_eans)
        rows = [read_offer(node) for node in root.iterchildren("offer")]
        fnac_ids = [row["external_id"] for row in rows if row["external_id"]]
        eans = self._eans(fnac_ids) if has_eans else {}
        for row in rows:
            row["gtin"] = eans.get(row["external_id"])
        # counters may be missing: then a full page means that there is another one
        last = count(xml.text(root, "total_paging"))
        more = number < last if last is not None else len(rows) >= size
        return OwnOffers.from_rows(rows, next=f"{number + 1} {size}" if rows and more else None)

    def _ask_step(self, draft: Draft) -> None:
        draft.silent.update(_SILENT)
        left = list(draft.subjects.gtin)
        while left:
            service = self._service
            part = left[: self.batches.size(service)]
            self.transport.about(part)
            request = self._price_request(service, "Ean", map(printed, part))
            try:
                with self.limiter.judging():
                    self._read(draft, service, self._post(service, request), part)
            except MarketplaceError as error:
                self._adapt(service, error, len(part))
                continue
            self._note_answer(service, len(part))
            left = left[len(part) :]

    def _adapt(self, service: str, error: MarketplaceError, count: int) -> None:
        """Ask in another way from now on; raises the error when there is none."""
        code, is_unknown = "", False
        if isinstance(error, RefusedCall):
            code, is_unknown = error.code, error.is_unknown_service
        if code == TOO_MANY and count > 1:
            self.batches.shrink(service, count)
        elif service == PRICES and (
            is_unknown or (self._tries_v3 and isinstance(error, _TRIAL_FAILED))
        ):
            self._pricing, self._tries_v3, self._leaves_v3 = "v1", False, True
        else:
            raise error

    def _note_answer(self, service: str, count: int) -> None:
        """Teach which service answers; V3 is left only once V1 has."""
        self.batches.grow(service, count)
        if self._tries_v3:
            self._pricing, self._tries_v3 = "v3", False
            self.learned |= {"pricing": "v3", "v3_again": ""}
        elif self._leaves_v3:
            self._leaves_v3 = False
            self.learned |= {"pricing": "v1", "v3_again": str(int(self.clock() + V3_AGAIN_S))}

    def _price_request(self, service: str, kind: str, references: Iterable[str]) -> Node:
        # the V3 address differs from its root element
        request = self._request(PRICING, _V3_OPTIONS if service == PRICES else {"sellers": "all"})
        for reference in references:
            SubElement(request, "product_reference", type=kind).text = reference
        return request

    @staticmethod
    def _read(draft: Draft, service: str, root: Node, gtins: list[str]) -> None:
        holder = xml.child(root, "pricing_products")
        products = list(xml.children(root if holder is None else holder, "pricing_product"))
        if not products:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=service)
        left = dict.fromkeys(gtins)
        for product in products:
            gtin = (xml.text(product, "product_reference") or "").zfill(14)
            if gtin in left:
                del left[gtin]
                read_product(draft, gtin, product, draft.asked("external_id", gtin))
        for gtin in left:
            draft.refuse(gtin, "not-answered")

    def _own_page(self, number: int, size: int, *, is_reserved: bool = False) -> Node:
        request = self._request(OFFERS, {"results_count": str(size), "with_fees": "true"})
        SubElement(request, "paging").text = str(number)
        root = self._post(OFFERS, request, is_reserved=is_reserved)
        if xml.child(root, "offer") is None and not xml.text(root, *_COUNTERS):
            # a shop without offers is told to have none
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=OFFERS)
        return root

    def _eans(self, fnac_ids: list[str]) -> dict[str, str]:
        """GTINs of Fnac's own numbers; only V3 tells them, and only what it tells is used."""
        eans: dict[str, str] = {}
        left, is_reserved = list(dict.fromkeys(fnac_ids)), True
        while left:
            part = left[: self.batches.size(PRICES)]
            request = self._price_request(PRICES, "FnacId", part)
            try:
                root = self._post(PRICES, request, is_reserved=is_reserved)
            except RefusedCall as error:
                if error.code != TOO_MANY or len(part) == 1:
                    break
                self.batches.shrink(PRICES, len(part))
                part = []
            except RateLimited:
                # it had to be split: the EANs that are known are better than none
                if is_reserved:
                    raise
                break
            else:
                for row in map(xml.leaves, root.iter("pricing_product")):
                    if row.get("product_ean", "").isdigit() and row.get("product_reference"):
                        eans[row["product_reference"]] = row["product_ean"].zfill(14)
            left, is_reserved = left[len(part) :], False
        return eans

    def _request(self, root_name: str, attributes: Mapping[str, str]) -> Node:
        settings = self.account.settings
        shop = {
            "partner_id": settings.get("partner_id", ""),
            "shop_id": settings.get("shop_id", ""),
        }
        return Element(root_name, {"xmlns": NAMESPACE} | shop | dict(attributes))

    def _post(self, service: str, request: Node, *, is_reserved: bool = False) -> Node:
        """Call a service with a token; a refused token is renewed once."""
        if not is_reserved:
            self.limiter.reserve(service)
        while True:
            request.set("token", self._get_token(self._log_in))
            root = self._send(service, request)
            code, words = root_error(root) or ("", "")
            if words.lower().startswith("authentication failed"):
                self._refuse_token(service, words)
                continue
            self._accept_token()
            if not words:
                return root
            if root.get("status") == "FATAL":
                raise ServiceDown(BACKOFF_BASE_S, cause=code or "FATAL", operation=service)
            raise RefusedCall(code, operation=service, detail=words)

    def _log_in(self) -> tuple[str, float]:
        self.limiter.reserve(AUTH)
        request = Element(AUTH, {"xmlns": NAMESPACE})
        settings, secrets = self.account.settings, self.account.secrets
        SubElement(request, "partner_id").text = settings.get("partner_id", "")
        SubElement(request, "shop_id").text = settings.get("shop_id", "")
        SubElement(request, "key").text = secrets.get("fnac_key", "")
        root = self._send(AUTH, request)
        code, words = root_error(root) or (None, "")
        if code is not None and root.get("status") == "FATAL":
            raise ServiceDown(BACKOFF_BASE_S, cause=code or "FATAL", operation=AUTH)
        token = xml.text(root, "token")
        if not token:
            if code is not None or (words := xml.text(root, "error")):
                raise BadCredentials(detail=redact(words), operation=AUTH)
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
            logs_in=service == AUTH,
        )
        if response.status_code == 429:
            raise self.limiter.throttled(service, retry_after(response, self.clock()))
        if response.status_code == 404:
            raise RefusedCall(NOT_FOUND, operation=service, detail="unknown service")
        if response.status_code >= 400:
            raise error_for(response, service)
        try:
            root = xml.parse(response.content)
        except xml.UnreadableXml:
            raise ServiceDown(
                UNREADABLE_RETRY_S, cause="unreadable answer", operation=service
            ) from None
        if not root.tag.endswith("_response"):
            raise ContractChanged(operation=service, detail=root.tag[:40])
        return root
