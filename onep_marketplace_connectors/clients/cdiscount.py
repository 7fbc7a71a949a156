"""Cdiscount by Octopia's seller API.

An API for sellers, not for market data: for an EAN that is not sold by the account it says whether
a product sheet exists, never a price. For own offers it tells the best offer and the competitors.
Nothing gives a sales rank.
"""

from __future__ import annotations

import json
import logging
from typing import ClassVar

from .base import Account, Capabilities, MarketplaceClient, chunks
from .errors import BadCredentials, ItemNotFound, MissingPermission, RejectedRow, ServiceDown
from .pagination import next_cursor, walk
from .rate_limit import Limit
from .records import ERROR, FOUND, NO_PRICE, NOT_FOUND, CheckReport, MarketOfferDraft, Page
from .retry import error_for, retry_after
from .transport import redact

_logger = logging.getLogger(__name__)

BASE = "https://api.octopia-io.net/seller/v2"
TOKEN_URL = "https://auth.octopia-io.net/auth/realms/maas/protocol/openid-connect/token"  # noqa: S105
UNREADABLE_RETRY_S = 20.0
OFFERS_PER_CALL = 50
RATE_HEADER = "x-ratelimit-limit"

TOKEN = "token"  # noqa: S105 - a name, not a secret
SELLERS = "GET /sellers"
SUBSCRIPTIONS = "GET /sellers/subscriptions"
PRODUCTS = "GET /products"
OFFERS = "GET /offers"

OFFER_FIELDS = "condition,product,integrationPrice,facialPrice,quantity,salesChannelFeedback"
# the inner names of a competing offer are not published: read any of these
_PRICE = ("price", "facialPrice.price", "sellingPrice", "offerPrice", "price.price")
_SHIPPING = (
    "shipping.shippingPrice",
    "shipping.price",
    "shippingPrice",
    "shippingCost",
    "deliveryCost",
)
_BEST = ("isBestOffer", "bestOffer")
_SELLER = ("seller.name", "sellerName", "seller.id", "sellerId")
_CATEGORY = ("categoryReference", "categoryCode", "category.reference", "category")


class CdiscountClient(MarketplaceClient):
    """Settings: client_id, seller_id, sales_channel. Secret: cdiscount_client_secret."""

    platform = "cdiscount"
    capabilities = Capabilities()
    # only the token quota is published; the others are prudent
    limits: ClassVar = {
        TOKEN: Limit(500 / 3600, 5),
        SELLERS: Limit(2, 4),
        SUBSCRIPTIONS: Limit(2, 4),
        PRODUCTS: Limit(2, 20),
        OFFERS: Limit(2, 4),
    }

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        self._base = (account.endpoint_url or BASE).rstrip("/")
        self._channel = account.settings.get("sales_channel") or "CDISFR"

    def check(self) -> CheckReport:
        """Read the seller and the channels it is subscribed to."""
        seller = self._get(SELLERS, "/sellers")
        rows = _rows(self._get(SUBSCRIPTIONS, "/sellers/subscriptions"))
        channels = [
            str(row.get("salesChannelId") or row.get("sales_channel_id") or "") for row in rows
        ]
        first = (_rows(seller) or [seller])[0]
        return CheckReport(
            seller=str(_pick(first, "shopName", "name", "login", "sellerId", "id") or ""),
            marketplaces=tuple(channel for channel in channels if channel),
            notes=() if self._channel in channels else ("marketplace-not-open",),
        )

    def _fetch_into(self, draft: MarketOfferDraft, gtins: list[str]) -> None:
        for part in chunks(gtins, OFFERS_PER_CALL):
            offers = self._own_offers(part)
            for gtin in part:
                self._read_sheet(draft, gtin, sold=gtin in offers)
                if gtin in offers:
                    self._read_own_offer(draft, gtin, offers[gtin])

    def _own_offers(self, gtins: list[str]) -> dict[str, list[dict]]:
        """Own offers with their competition, by GTIN."""
        asked = {_as_ean(gtin): gtin for gtin in gtins}

        def page(cursor):
            params = {
                "salesChannelId": self._channel,
                "gtins": ",".join(asked),
                "fields": OFFER_FIELDS,
                "limit": "1000",
            }
            response = self._call(
                OFFERS, "/offers", params | ({"cursor": cursor} if cursor else {})
            )
            body = _json(response, OFFERS)
            return Page(_rows(body, OFFERS), next_cursor(response, body))

        offers: dict[str, list[dict]] = {}
        for row in walk(page):
            # unknown filters are ignored by the service: believe only what was asked
            gtin = str(_pick(row, "product.gtin") or "").zfill(14)
            if gtin in gtins:
                offers.setdefault(gtin, []).append(row)
        return offers

    def _read_own_offer(self, draft, gtin, rows):
        row = next((r for r in rows if str(r.get("condition", "New")).lower() == "new"), rows[0])
        feedback = row.get("salesChannelFeedback")
        if isinstance(feedback, list):
            feedback = feedback[0] if feedback else None
        draft.set(gtin, currency="EUR")
        draft.because(gtin, "no-rank-published")
        competing = _pick(feedback or {}, "competingOffers")
        best = _pick(feedback or {}, "bestOfferDetails") or {}
        offers = [
            offer for offer in map(_competitor, competing or []) if offer["price"] is not None
        ]
        if competing and not offers:
            _logger.info("unknown keys of a competing offer: %s", sorted(competing[0]))
            draft.set(gtin, state=NO_PRICE)
            draft.because(gtin, "competition-unreadable")
            return
        own = _number(_pick(row, "facialPrice.price", "integrationPrice.price"))
        own_is_best = bool(_pick(best, *_BEST))
        prices = [offer["price"] + (offer["shipping"] or 0.0) for offer in offers]
        prices += [own] if own is not None else []
        winner = next((offer for offer in offers if offer["best"]), None)
        price = _number(_pick(best, *_PRICE))
        if winner is None and own_is_best:
            winner = {"price": own, "shipping": None, "seller": None}
        if winner:
            price = winner["price"]
        draft.set(
            gtin,
            buy_box_price_taxed=price,
            buy_box_shipping_taxed=winner["shipping"] if winner else None,
            buy_box_seller=winner["seller"] if winner else None,
            lowest_price_taxed=round(min(prices), 2) if prices else None,
            offer_count=len(offers) + 1 if competing is not None else None,
            state=FOUND if price is not None or prices else NO_PRICE,
        )
        if price is None:
            draft.because(gtin, "no-buy-box" if competing is not None else "price-missing")
        elif not winner or not winner["seller"]:
            draft.because(gtin, "holder-unknown")

    def _read_sheet(self, draft, gtin, *, sold):
        """Whether a product sheet exists; it never carries a price."""
        ean = _as_ean(gtin)
        try:
            body = self._get(PRODUCTS, "/products", {"gtin": ean, "limit": "10"})
        except ItemNotFound:
            body = {"items": []}
        except RejectedRow as error:
            draft.set(gtin, reason_detail=error.params["detail"])
            draft.because(gtin, "item-refused")
            if not sold:
                draft.set(gtin, state=ERROR)
            return
        sheets = [row for row in _rows(body, PRODUCTS) if str(row.get("gtin")).zfill(14) == gtin]
        if not sheets:
            if not sold:
                draft.set(gtin, state=NOT_FOUND, candidate_count=0)
                draft.because(gtin, "unknown-gtin")
            return
        sheet = sheets[0]
        pictures = [
            p for p in sheet.get("pictures") or [] if str(p.get("url", "")).startswith("http")
        ]
        draft.set(
            gtin,
            external_id=sheet.get("reference"),
            name=sheet.get("label"),
            brand=_pick(sheet, "brand.label", "brand.name", "brand") or None,
            category=_text(_pick(sheet, "categoryLabel", "category.label", *_CATEGORY)),
            image_url=pictures[0]["url"] if pictures else None,
            candidate_count=len(sheets),
            currency="EUR",
        )
        if not sold:
            draft.set(gtin, state=NO_PRICE)
            draft.because(gtin, "not-sold-by-us", "no-rank-published")

    def _get(self, operation: str, path: str, params: dict | None = None) -> dict:
        return _json(self._call(operation, path, params), operation)

    def _call(self, operation: str, path: str, params: dict | None = None):
        """GET with a token; a refused token is renewed once."""
        self.limiter.reserve(operation)
        for attempt in (1, 2):
            token = self.tokens.get(self.account.cache_key(), self._log_in)
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
            self.tokens.drop(self.account.cache_key())
            if attempt == 2:
                raise BadCredentials(detail=_words(response), operation=operation)
        self._settle(operation, response)
        return response

    def _settle(self, operation, response):
        """Raise what a status means; learn the announced rate."""
        status = response.status_code
        if status == 429:
            raise self.limiter.throttled(operation, retry_after(response, self.clock()))
        if status == 404:
            raise ItemNotFound(reference=operation)
        if status in (400, 422) and operation == PRODUCTS:
            raise RejectedRow(reference=operation, detail=_words(response))
        if status == 403:
            raise MissingPermission(
                rule="client-not-linked", operation=operation, detail=_words(response)
            )
        if status >= 400:
            raise error_for(response, operation, _words(response))
        self.limiter.learn(operation, response.headers.get(RATE_HEADER))

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
        )
        if response.status_code == 429:
            raise self.limiter.throttled(TOKEN, retry_after(response, self.clock()))
        if response.status_code in (400, 401, 403):
            raise BadCredentials(detail=_words(response), operation=TOKEN)
        if response.status_code >= 400:
            raise error_for(response, TOKEN)
        body = _json(response, TOKEN)
        if not isinstance(body, dict) or not body.get("access_token"):
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty token answer", operation=TOKEN)
        return body["access_token"], float(body.get("expires_in") or 7200)


def _as_ean(gtin: str) -> str:
    return gtin[6:] if gtin.startswith("000000") else gtin.removeprefix("0")


def _competitor(offer: dict) -> dict:
    price = _pick(offer, *_PRICE)
    return {
        "price": _number(_pick(price, "price") if isinstance(price, dict) else price),
        "shipping": _number(_pick(offer, *_SHIPPING)),
        "best": bool(_pick(offer, *_BEST)),
        "seller": _text(_pick(offer, *_SELLER)),
    }


def _pick(node, *paths: str):
    """First value found among dotted paths, None without one."""
    for path in paths:
        value = node
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def _number(value) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(value) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _rows(body, operation: str = "") -> list[dict]:
    """Items of a listing: under ``items``, under ``data`` or bare.

    operation: given when a listing is expected, so that an empty success is told from no items
    """
    for rows in (body, _pick(body, "items"), _pick(body, "data")):
        if isinstance(rows, list):
            return [row for row in rows if isinstance(row, dict)]
    if operation:
        raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=operation)
    return []


def _json(response, operation: str):
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ServiceDown(
            UNREADABLE_RETRY_S, cause="unreadable answer", operation=operation
        ) from None


def _words(response) -> str:
    """What the service says is wrong, whichever of its two error shapes it uses."""
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        return redact(response.text, 120)
    parts = [body.get(name) for name in ("error_description", "title", "detail", "error")]
    parts += [json.dumps(body["errors"])] if body.get("errors") else []
    return redact(" – ".join(dict.fromkeys(str(part) for part in parts if part)))
