"""Cdiscount by Octopia's seller API.

An API for sellers, not for market data: for an EAN that is not sold by the account it says whether
a product sheet exists, never a price. For own offers it tells the best offer and the competitors.
Nothing gives a sales rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .base import Account, Capabilities, MarketplaceClient
from .candidates import Candidate, settle
from .cdiscount_decode import (
    category_columns,
    offer_columns,
    own_offer_columns,
    sheet_columns,
)
from .draft import Draft
from .errors import (
    BadCredentials,
    ItemNotFound,
    MissingPermission,
    RejectedRow,
    ServiceDown,
)
from .gtin import printed
from .pagination import next_cursor, walk
from .rate_limit import Limit
from .reading import UNREADABLE_RETRY_S, body_of, number, pick, rows_of, text, words_of
from .records import NO_PRICE, NOT_FOUND, CategoryPage, CheckReport, OwnOffers, Page
from .retry import error_for, retry_after
from .steps import Step, StepSpec

BASE = "https://api.octopia-io.net/seller/v2"
TOKEN_URL = "https://auth.octopia-io.net/auth/realms/maas/protocol/openid-connect/token"  # noqa: S105
TOKEN_LIFE_S = 7200.0
OFFERS_PER_CALL = 50
OFFERS_PER_PAGE = 1000
CATEGORIES_PER_PAGE = 100

TOKEN = "token"  # noqa: S105 - a name, not a secret
SELLERS = "GET /sellers"
SUBSCRIPTIONS = "GET /sellers/subscriptions"
PRODUCTS = "GET /products"
OFFERS = "GET /offers"
CATEGORIES = "GET /categories"

# with `fields` the service ignores `expand`: the feedback is asked for as a field
OFFER_FIELDS = "condition,product,integrationPrice,facialPrice,quantity,salesChannelFeedback"
OWN_FIELDS = "condition,product,integrationPrice,facialPrice,quantity"
CATEGORY_FIELDS = "label,level,isActive,parentReferences"
_SELLER_IDS = ("sellerId", "id", "reference")
_SILENT = (
    "sales_rank",
    "sales_rank_category",
    "ranks",
    "buy_box_fulfilment",
    "marketplace_fulfilled_count",
    "merchant_fulfilled_count",
    "list_price_taxed",
    "name",
    "url",
    "category",
)


class CdiscountClient(MarketplaceClient):
    """Settings: client_id, seller_id, sales_channel. Secret: cdiscount_client_secret."""

    platform = "cdiscount"
    capabilities = Capabilities(own_offers=True, categories=True)
    # only the token quota is published; the others are prudent
    limits: ClassVar = {
        TOKEN: Limit(500 / 3600, 5),
        SELLERS: Limit(2, 4),
        SUBSCRIPTIONS: Limit(2, 4),
        PRODUCTS: Limit(2, 20),
        OFFERS: Limit(2, 4),
        CATEGORIES: Limit(2, 4),
    }

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        self._base = (account.endpoint_url or BASE).rstrip("/")
        self.batches = self._get_batches({OFFERS: OFFERS_PER_CALL}, about=self.transport.about)
        self._channel = account.settings.get("sales_channel") or "CDISFR"

    def steps(self) -> Mapping[Step, StepSpec]:
        """Whether a sheet exists, one by one; then own offers and who competes with them."""
        return {
            Step.IDENTITY: StepSpec(1, {PRODUCTS: 1}),
            Step.WIDE: StepSpec(self.batches.size(OFFERS), {OFFERS: 1}),
        }

    def _check(self) -> CheckReport:
        """Read the seller and the channels it is subscribed to."""
        wanted = self.account.settings.get("seller_id", "")
        told = self._get(SELLERS, "/sellers")
        if not told:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=SELLERS)
        sellers = rows_of(told, "items", "data") or [told if isinstance(told, dict) else {}]
        # which of its names the seller's number has is not published
        ids = [{text(row.get(name)) for name in _SELLER_IDS} - {None} for row in sellers]
        ours = [row for row, names in zip(sellers, ids, strict=True) if wanted in names]
        if any(ids) and not ours:
            raise BadCredentials(rule="wrong-seller", seller=wanted, detail="")
        seller = (ours or sellers)[0]
        notes, channels, missing = [], [], {}
        try:
            rows = rows_of(self._get(SUBSCRIPTIONS, "/sellers/subscriptions"), "items", "data")
        except MissingPermission:
            missing[Step.WIDE] = SUBSCRIPTIONS
        else:
            told = [(pick(r, "salesChannelId", "sales_channel_id"), r.get("status")) for r in rows]
            channels = [str(channel) for channel, _status in told if channel]
            closed = [c for c, s in told if str(s or "active").lower() != "active"]
            if self._channel not in channels or self._channel in closed:
                notes.append("marketplace-not-open")
        return CheckReport(
            seller=text(pick(seller, "shopName", "name", "login", "sellerId", "id")) or wanted,
            marketplaces=tuple(channels),
            missing=missing,
            notes=tuple(notes),
        )

    def _own_offers(self, cursor: str | None) -> OwnOffers:
        """Own offers of the sales channel."""
        params = {"fields": OWN_FIELDS, "limit": str(OFFERS_PER_PAGE)}
        page = self._offer_page(params, cursor)
        rows = [own_offer_columns(row) for row in page.items]
        after = page.next if rows and page.next != cursor else None
        return OwnOffers.from_rows(rows, next=after)

    def _categories(self, cursor: str | None) -> CategoryPage:
        """The category tree; no commission is given with it."""
        index = int(cursor or 1)
        params = {
            "pageIndex": str(index),
            "pageSize": str(CATEGORIES_PER_PAGE),
            "fields": CATEGORY_FIELDS,
        }
        rows = rows_of(
            self._get(CATEGORIES, "/categories", params), "items", "data", operation=CATEGORIES
        )
        columns = [found for found in map(category_columns, rows) if found]
        more = len(rows) >= CATEGORIES_PER_PAGE
        return CategoryPage.from_rows(columns, next=str(index + 1) if more else None)

    def _ask_step(self, draft: Draft) -> None:
        if draft.step == Step.IDENTITY:
            for gtin in draft.subjects.gtin:
                if gtin[0] != "0":
                    draft.answer(gtin, NOT_FOUND, "gtin-too-long", candidate_count=0)
                    continue
                self.transport.about([gtin])
                self._identify(draft, gtin)
            return
        draft.silent.update(_SILENT)
        # one code of 14 digits would make the service refuse the others with it
        left = []
        for gtin in draft.subjects.gtin:
            if gtin[0] == "0":
                left.append(gtin)
            else:
                draft.answer(gtin, NOT_FOUND, "gtin-too-long")
        self.batches.run(
            OFFERS,
            left,
            lambda gtins: self._price(draft, gtins),
            lambda gtin, words: draft.refuse(gtin, detail=words or None),
        )

    def _price(self, draft: Draft, gtins: list[str]) -> None:
        """Own offers and who competes with them."""
        offers = self._offers_on(gtins)
        for gtin in gtins:
            known = draft.asked("external_id", gtin)
            if gtin in offers:
                state, reasons, columns = offer_columns(offers[gtin])
                columns["external_id"] = columns["external_id"] or known
            else:
                state, reasons = NO_PRICE, ["not-sold-by-us", "no-rank-published"]
                columns = {"external_id": known}
            draft.answer(gtin, state, *reasons, **columns)

    def _identify(self, draft: Draft, gtin: str) -> None:
        """Whether a product sheet exists; it never carries a price."""
        params = {"gtin": printed(gtin), "limit": "10"}
        try:
            body = self._get(PRODUCTS, "/products", params)
        except ItemNotFound:
            draft.unknown(gtin)
            return
        except RejectedRow as error:
            draft.refuse(gtin, detail=error.params["detail"])
            return
        rows = rows_of(body, "items", "data", operation=PRODUCTS)
        # unknown filters are ignored by the service: believe only what was asked
        sheets = [row for row in rows if str(row.get("gtin")).zfill(14) == gtin]
        columns = [found for found in map(sheet_columns, sheets) if found["external_id"]]
        settle(draft, {gtin: [Candidate(**found) for found in columns]})

    def _offers_on(self, gtins: list[str]) -> dict[str, list[dict]]:
        """Own offers with their competition, by GTIN."""
        params = {
            "gtins": ",".join(printed(gtin) for gtin in gtins),
            "fields": OFFER_FIELDS,
            "limit": str(OFFERS_PER_PAGE),
        }
        offers: dict[str, list[dict]] = {}
        asked = set(gtins)
        for row in walk(lambda cursor: self._offer_page(params, cursor)):
            gtin = str(pick(row, "product.gtin") or "").zfill(14)
            if gtin in asked:
                offers.setdefault(gtin, []).append(row)
        return offers

    def _offer_page(self, params: dict, cursor) -> Page:
        params = {"salesChannelId": self._channel} | params
        response = self._call(OFFERS, "/offers", params | ({"cursor": cursor} if cursor else {}))
        body = body_of(response, OFFERS)
        rows = rows_of(body, "items", "data", operation=OFFERS)
        return Page(rows, next_cursor(response, body, host=response.request.url.host))

    def _get(self, operation: str, path: str, params: dict | None = None):
        return body_of(self._call(operation, path, params), operation)

    def _call(self, operation: str, path: str, params: dict | None = None):
        """GET with a token; a refused token is renewed once."""
        self.limiter.reserve(operation)
        while True:
            token = self._get_token(self._log_in)
            response = self.transport.request(
                "GET",
                f"{self._base}{path}",
                params=params,
                headers={
                    "Authorization": f"Bearer {token}",
                    "SellerId": self.account.settings.get("seller_id", ""),
                    "SalesChannelId": self._channel,
                    "Accept": "application/json",
                    "Accept-Language": "fr-FR",
                },
                operation=operation,
            )
            if response.status_code != 401:
                break
            self._refuse_token(operation, words_of(response))
        self._accept_token()
        self._settle(operation, response)
        return response

    def _settle(self, operation, response):
        """Raise what a status means."""
        status = response.status_code
        if status == 429:
            raise self.limiter.throttled(operation, retry_after(response, self.clock()))
        if status == 404 and operation == PRODUCTS:
            raise ItemNotFound(reference=operation)
        if status in (400, 422) and operation == PRODUCTS:
            raise RejectedRow(reference=operation, detail=words_of(response))
        if status == 403:
            raise MissingPermission(
                rule="client-not-linked", operation=operation, detail=words_of(response)
            )
        if status >= 400:
            raise error_for(response, operation, words_of(response))

    def _log_in(self) -> tuple[str, float]:
        self.limiter.reserve(TOKEN)
        response = self.transport.request(
            "POST",
            self.account.token_url or TOKEN_URL,
            data={
                "grant_type": "client_credentials",
                "client_id": self.account.settings.get("client_id", ""),
                "client_secret": self.account.secrets.get("cdiscount_client_secret", ""),
            },
            operation=TOKEN,
            logs_in=True,
        )
        if response.status_code == 429:
            raise self.limiter.throttled(TOKEN, retry_after(response, self.clock()))
        if response.status_code in (400, 401, 403):
            raise BadCredentials(detail=words_of(response), operation=TOKEN)
        if response.status_code >= 400:
            raise error_for(response, TOKEN)
        body = body_of(response, TOKEN)
        token = text(pick(body, "access_token"))
        if not token:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty token answer", operation=TOKEN)
        return token, number(pick(body, "expires_in")) or TOKEN_LIFE_S
