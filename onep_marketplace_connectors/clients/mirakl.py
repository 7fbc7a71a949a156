"""Mirakl: the marketplaces of Cultura, Leroy Merlin, Boulanger and many others, by one API.

Each operator is an instance with a key of its own. P11 lists competing offers by EAN; sellers get
neither the buy box, nor a rank, nor others' stock. What an operator shows differs: nothing is
taken for granted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import httpx

from .base import KNOWN_SHOP, Account, Capabilities, MarketplaceClient
from .candidates import Candidate, settle
from .draft import Draft
from .errors import (
    BadCredentials,
    MissingPermission,
    RateLimited,
    RejectedRequest,
    RetryLater,
    ServiceDown,
)
from .gtin import printed
from .mirakl_decode import (
    category_columns,
    figure_columns,
    new_state,
    own_offer_columns,
    product_columns,
    references_of,
)
from .rate_limit import Limit
from .reading import UNREADABLE_RETRY_S, body_of, count, rows_of, text, words_of
from .records import NO_PRICE, CategoryPage, CheckReport, OwnOffers
from .retry import error_for, retry_after
from .steps import Step, StepSpec

COMPETITION = "P11"
PRODUCTS = "P31"
OWN_OFFERS = "OF21"
STATES = "OF61"
HIERARCHY = "H11"
ACCOUNT = "A01"

DAY_S = 86400.0
REFERENCES_PER_CALL = 100
# few, so that a page holds all their offers
PRODUCTS_PER_CALL = 10
PER_PAGE = 100
# an operator that pages without end is left after so many
MOST_PAGES = 20
USUAL_NEW = "11"
_SILENT = (
    "buy_box_price_taxed",
    "buy_box_shipping_taxed",
    "buy_box_seller",
    "buy_box_fulfilment",
    "marketplace_fulfilled_count",
    "merchant_fulfilled_count",
    "used_offer_count",
    "retailer_present",
    "sales_rank",
    "sales_rank_category",
    "ranks",
    "list_price_taxed",
    "url",
)


class MiraklClient(MarketplaceClient):
    """Settings: shop_id (for a user of several shops), reference_type (the operator's name of an
    EAN), locale, new_state (the operator's codes of the condition "new", comma-separated). Secret:
    mirakl_api_key. The instance is the account's endpoint_url.

    Teaches ``new_state`` where it is not set, and which shop the key is of.
    """

    platform = "mirakl"
    capabilities = Capabilities(price_unsold=True, own_offers=True, categories=True)
    # no figure for the first three: once a second; the others have a daily or hourly maximum
    limits: ClassVar = {
        COMPETITION: Limit(1, 1),
        PRODUCTS: Limit(1, 1),
        OWN_OFFERS: Limit(1, 2),
        HIERARCHY: Limit(1 / 3600, 2),
        STATES: Limit(1 / DAY_S, 2),
        ACCOUNT: Limit(5 / DAY_S, 5),
    }

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        settings = account.settings
        self._base = account.endpoint_url.rstrip("/")
        if not _host(self._base):
            raise BadCredentials(rule="instance-missing", detail="")
        self._kind = settings.get("reference_type") or "EAN"
        self._locale = settings.get("locale") or ""
        told = (settings.get("new_state") or "").split(",")
        self._new_states = tuple(code for part in told if (code := part.strip()))
        self.batches = self._get_batches(
            {PRODUCTS: REFERENCES_PER_CALL, COMPETITION: PRODUCTS_PER_CALL},
            about=self.transport.about,
        )

    def steps(self) -> Mapping[Step, StepSpec]:
        """Whether the operator's catalogue has the EAN, then who sells it."""
        return {
            Step.IDENTITY: StepSpec(self.batches.size(PRODUCTS), {PRODUCTS: 1}),
            Step.WIDE: StepSpec(self.batches.size(COMPETITION), {COMPETITION: 1}),
        }

    def _check(self) -> CheckReport:
        """Read the account; once a day is what operators accept, five times what is allowed."""
        account = self._get(ACCOUNT, "/api/account")
        if not isinstance(account, dict) or not account:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=ACCOUNT)
        shop = text(account.get("shop_id")) or ""
        # not a shop to ask for: whose calls are counted together
        self.learned[KNOWN_SHOP] = shop
        name = text(account.get("shop_name")) or shop
        state = str(account.get("shop_state") or "").upper()
        channels = account.get("channels")
        channels = [
            text(one.get("label")) or text(one.get("code")) if isinstance(one, dict) else text(one)
            for one in (channels if isinstance(channels, list) else [])
        ]
        return CheckReport(
            seller=name or _host(self._base),
            marketplaces=tuple(channel for channel in channels if channel),
            notes=() if state in ("", "OPEN") else ("shop-not-open",),
        )

    def _own_offers(self, cursor: str | None) -> OwnOffers:
        """Own offers, active or not."""
        offset = int(cursor or 0)
        body = self._get(OWN_OFFERS, "/api/offers", {"max": str(PER_PAGE), "offset": str(offset)})
        found = rows_of(body, "offers", operation=OWN_OFFERS)
        rows = [own_offer_columns(row, self._kind) for row in found]
        after = offset + len(rows)
        total = count(body.get("total_count")) if isinstance(body, dict) else None
        more = after < total if total is not None else len(rows) >= PER_PAGE
        return OwnOffers.from_rows(rows, next=str(after) if rows and more else None)

    def _categories(self, cursor: str | None) -> CategoryPage:
        """The whole hierarchy, in one page."""
        rows = rows_of(self._get(HIERARCHY, "/api/hierarchies"), "hierarchies", operation=HIERARCHY)
        return CategoryPage.from_rows([found for found in map(category_columns, rows) if found])

    def _ask_step(self, draft: Draft) -> None:
        operation, ask = PRODUCTS, self._identify
        if draft.step == Step.WIDE:
            draft.silent.update(_SILENT)
            self._learn_states()
            operation, ask = COMPETITION, self._price
        self.batches.run(
            operation,
            draft.subjects.gtin,
            lambda gtins: ask(draft, gtins),
            lambda gtin, words: draft.refuse(gtin, detail=words or None),
        )

    def _identify(self, draft: Draft, gtins: Sequence[str]) -> None:
        body = self._get(PRODUCTS, "/api/products", self._references(gtins))
        found: dict[str, list[Candidate]] = {gtin: [] for gtin in gtins}
        for product in rows_of(body, "products", operation=PRODUCTS):
            columns = product_columns(product)
            if not columns["external_id"]:
                continue
            for gtin in references_of(product, self._kind) & found.keys():
                found[gtin].append(Candidate(**columns))
        settle(draft, found)

    def _price(self, draft: Draft, gtins: Sequence[str]) -> None:
        """Read pages until each product has appeared: its cheapest offer comes first.

        Operators count products or offers to a page, so a full page of offers may hide products;
        where products are counted, going on leads past the end.
        """
        params = self._references(gtins) | {
            "max": str(PER_PAGE),
            "sort": "bestPrice",
            "offer_state_codes": ",".join(self._new_states),
        }
        found: dict[str, dict[str, dict]] = {gtin: {} for gtin in gtins}
        offset, limited = 0, None
        for _page in range(MOST_PAGES):
            try:
                body = self._get(
                    COMPETITION, "/api/products/offers", params | {"offset": str(offset)}
                )
            except RateLimited as error:
                if not offset:
                    raise
                limited = error
                break
            received = 0
            for product in rows_of(body, "products", operation=COMPETITION):
                received += len(rows_of(product, "offers"))
                key = str(product.get("product_sku"))
                for gtin in references_of(product, self._kind) & found.keys():
                    found[gtin].setdefault(key, product)
            if received < PER_PAGE or all(found.values()):
                break
            offset += received
        is_told = any(found.values())
        for gtin, products in found.items():
            # of one alone nothing better comes by asking again
            if products or not limited or len(gtins) == 1:
                self._settle(draft, gtin, products)
        if limited:
            if not is_told:
                # pages full of others: fewer products have fewer pages
                self.batches.shrink(COMPETITION, len(gtins))
            raise limited

    def _settle(self, draft: Draft, gtin: str, products: Mapping[str, dict]) -> None:
        known = draft.asked("external_id", gtin)
        # without a chosen product, the one that most sellers offer
        product = products.get(known) or max(
            products.values(), key=lambda one: count(one.get("total_count")) or 0, default=None
        )
        if product is None:
            draft.answer(gtin, NO_PRICE, "price-missing", "no-rank-published", external_id=known)
            return
        state, reasons, columns = figure_columns(product, self._new_states)
        columns["external_id"] = columns["external_id"] or known
        columns["currency"] = columns.get("currency") or self.account.currency
        draft.answer(gtin, state, *reasons, "no-rank-published", **columns)

    def _references(self, gtins: Sequence[str]) -> dict[str, str]:
        return {"product_references": ",".join(f"{self._kind}|{printed(gtin)}" for gtin in gtins)}

    def _learn_states(self) -> None:
        """Ask once which condition is "new"; a shop that may not ask gets the usual code."""
        if self._new_states:
            return
        try:
            with self.limiter.judging():
                rows = rows_of(self._get(STATES, "/api/offers/states"), "offer_states")
        except (MissingPermission, RejectedRequest):
            rows = []
        except RetryLater:
            # the list may be read once a day: prices do not wait for it
            self._new_states = (USUAL_NEW,)
            return
        self._new_states = (new_state(rows) or USUAL_NEW,)
        self.learned["new_state"] = self._new_states[0]

    def _get(self, operation: str, path: str, params: Mapping[str, str] | None = None):
        """GET with the key as it is; the server's own wait is obeyed."""
        self.limiter.reserve(operation)
        asked = dict(params or {})
        if self.account.settings.get("shop_id"):
            asked["shop_id"] = self.account.settings["shop_id"]
        if self._locale:
            asked["locale"] = self._locale
        response = self.transport.request(
            "GET",
            f"{self._base}{path}",
            params=asked,
            headers={
                # bare: no scheme before it
                "Authorization": self.account.secrets.get("mirakl_api_key", ""),
                "Accept": "application/json",
            },
            operation=operation,
        )
        if response.status_code == 429:
            raise self.limiter.throttled(operation, retry_after(response, self.clock()))
        if response.status_code >= 400:
            raise error_for(response, operation, words_of(response))
        return body_of(response, operation)


def _host(address: str) -> str:
    """Host of an address, empty when it is none."""
    try:
        return httpx.URL(address).host
    except httpx.InvalidURL:
        return ""
