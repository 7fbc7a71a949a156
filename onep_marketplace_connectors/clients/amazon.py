"""Amazon Selling Partner API: identity, price, offers, rights, fees and own stock of EANs.

searchCatalogItems finds the ASIN, getCompetitivePricing prices many, getItemOffersBatch tells who
holds the buy box and is five times scarcer; restrictions, eligibility and fee estimates are for
what survives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .amazon_api import (
    COUNTRIES,
    ELIGIBILITY,
    FEES,
    LIMITS,
    OFFERS,
    PRICING,
    RESTRICTIONS,
    SEARCH,
    AmazonApi,
)
from .amazon_decode import as_dict
from .amazon_identity import identify
from .amazon_library import Library
from .amazon_pricing import Pricing
from .amazon_selling import FEES_PER_CALL, fees, rights
from .base import Account, Capabilities, MarketplaceClient
from .draft import Draft
from .errors import (
    BadCredentials,
    MarketplaceError,
    MissingPermission,
    RateLimited,
    RetryLater,
)
from .reading import count, text
from .records import CheckReport, OwnOffers
from .steps import Step, StepSpec

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105
#: a page's token is dead 30 s after it was given
STOCK_TOKEN_LIFE_S = 25.0
STOCK_PAGES = 20
# an ASIN nobody has, to learn whether a call is allowed
_PROBE = "B000000000"


class AmazonClient(MarketplaceClient):
    """Settings: client_id, seller_id, retail_seller_id, fulfilment (marketplace or merchant, for
    fee estimates), offer_detail (empty: offers are not read one by one). Secrets:
    amazon_client_secret, amazon_refresh_token.

    Teaches ``batch_<operation>`` when Amazon refuses whole batches, until they pass again.
    """

    platform = "amazon"
    capabilities = Capabilities(
        sales_rank=True, buy_box=True, package_size=True, price_unsold=True, own_stock=True
    )
    limits: ClassVar = LIMITS

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        country = COUNTRIES.get(account.country)
        if country is None:
            raise BadCredentials(rule="unsupported-country", country=account.country, detail="")
        settings = account.settings
        self._fulfilled = settings.get("fulfilment") != "merchant"
        usual = AmazonApi.batched | {FEES: FEES_PER_CALL[self._fulfilled]}
        self.batches = self._get_batches(usual, about=self._tell)
        sandbox = "sandbox." if account.sandbox else ""
        library = Library(
            endpoint=account.endpoint_url
            or f"https://{sandbox}sellingpartnerapi-{country.region}.amazon.com",
            token_url=account.token_url or TOKEN_URL,
            marketplace_id=country.marketplace_id,
            credentials={
                "lwa_app_id": settings.get("client_id", ""),
                "lwa_client_secret": account.secrets.get("amazon_client_secret", ""),
                "refresh_token": account.secrets.get("amazon_refresh_token", ""),
            },
            transport=self.transport,
            limiter=self.limiter,
            tokens=self.tokens,
            token_key=account.cache_key(),
        )
        self.api = AmazonApi(
            library,
            self.limiter,
            country,
            seller_id=settings.get("seller_id", ""),
            retailer=settings.get("retail_seller_id") or country.retailer,
            batches=self.batches,
        )
        self._gtins: dict[str, str] = {}

    def steps(self) -> Mapping[Step, StepSpec]:
        """All five, or all but DETAIL as the account wants; rights take one ASIN a call."""
        size = self.batches.size
        specs = {
            Step.IDENTITY: StepSpec(size(SEARCH), {SEARCH: 1}),
            Step.WIDE: StepSpec(size(PRICING), {PRICING: 1}),
            Step.DETAIL: StepSpec(size(OFFERS), {OFFERS: 1}),
            Step.RIGHTS: StepSpec(1, {RESTRICTIONS: 1, ELIGIBILITY: 1}),
            Step.FEES: StepSpec(size(FEES), {FEES: 1}),
        }
        if not self.account.settings.get("offer_detail", "1"):
            del specs[Step.DETAIL]
        return specs

    def _check(self) -> CheckReport:
        """Read the marketplaces this seller takes part in, and try each step's call."""
        rows = [
            row
            for row in self.api.participations()
            if as_dict(row.get("participation")).get("isParticipating")
        ]
        here = self.api.country.marketplace_id
        ids = [as_dict(row.get("marketplace")).get("id") for row in rows]
        missing, untried = self._missing_rights()
        notes = [] if here in ids else ["marketplace-not-open"]
        if not self.api.seller_id:
            notes.append("seller-id-missing")
        return CheckReport(
            seller=self.account.settings.get("seller_id", "") or "Amazon",
            marketplaces=tuple(
                str(as_dict(row.get("marketplace")).get("name") or "") for row in rows
            ),
            missing=missing,
            notes=(*notes, *(["rights-not-tested"] if untried else [])),
        )

    def _own_stock(self, cursor: str | None = None) -> OwnOffers:
        """Own goods in Amazon's warehouses: as many pages as the quota allows at once.

        A page's token lives 30 seconds: the next call has to follow at once. Raises RetryLater
        (``cursor-expired``) when it came too late; then start over without a cursor.
        """
        given_at, _space, token = (cursor or "").partition(" ")
        if token and self.clock() - float(given_at) > STOCK_TOKEN_LIFE_S:
            raise RetryLater(1, rule="cursor-expired")
        rows: list[dict] = []
        seen = {token}
        for _page in range(STOCK_PAGES):
            try:
                page = self.api.inventory(token or None)
            except RateLimited:
                if not rows:
                    raise
                break
            given_at = self.clock()
            rows.extend(_stock_columns(row) for row in page.items)
            token = page.next or ""
            if not token or token in seen:
                token = ""
                break
            seen.add(token)
        return OwnOffers.from_rows(rows, next=f"{given_at} {token}" if token else None)

    def _tell(self, keys: list) -> None:
        """Name the GTINs of the next call in its record."""
        self.transport.about([self._gtins.get(key, key) for key in keys])

    def _ask_step(self, draft: Draft) -> None:
        self._gtins = dict(zip(draft.subjects.external_id, draft.subjects.gtin, strict=True))
        match draft.step:
            case Step.IDENTITY:
                identify(self.api, draft)
            case Step.WIDE:
                Pricing(self.api, draft).wide()
            case Step.DETAIL:
                Pricing(self.api, draft).detail()
            case Step.RIGHTS:
                rights(self.api, draft)
            case Step.FEES:
                fees(self.api, draft, fulfilled=self._fulfilled)

    def _missing_rights(self) -> tuple[dict[Step, str], bool]:
        """Operations that are refused for want of a right, by step; whether some were untried."""
        api = self.api
        probe = {"id_value": _PROBE, "price": 10.0, "is_fba": False, "identifier": "check"}
        probes = [
            (Step.IDENTITY, SEARCH, lambda: api.search("ASIN", [_PROBE])),
            (Step.WIDE, PRICING, lambda: api.competitive_pricing([_PROBE])),
            (Step.DETAIL, OFFERS, lambda: api.item_offers([_PROBE])),
            (Step.RIGHTS, ELIGIBILITY, lambda: api.eligibility(_PROBE)),
            (Step.FEES, FEES, lambda: api.fees([probe])),
        ]
        if api.seller_id:
            probes.append((Step.RIGHTS, RESTRICTIONS, lambda: api.restrictions(_PROBE)))
        missing: dict[Step, str] = {}
        untried = False
        wanted = self.steps()
        for step, operation, ask in probes:
            if step not in wanted:
                continue
            try:
                ask()
            except MissingPermission:
                missing[step] = operation
            except BadCredentials:
                raise
            except RetryLater:
                untried = True
            except MarketplaceError:
                pass  # it was understood and refused: the right is there
        return missing, untried


def _stock_columns(row: dict) -> dict:
    detail = as_dict(row.get("inventoryDetails"))
    inbound = [
        count(detail.get(name))
        for name in (
            "inboundWorkingQuantity",
            "inboundShippedQuantity",
            "inboundReceivingQuantity",
        )
    ]
    known = [units for units in inbound if units is not None]
    reserved = as_dict(detail.get("reservedQuantity"))
    unsellable = as_dict(detail.get("unfulfillableQuantity"))
    quantity = count(detail.get("fulfillableQuantity"))
    return {
        "sku": text(row.get("sellerSku")),
        "external_id": text(row.get("asin")),
        "name": text(row.get("productName")),
        "quantity": count(row.get("totalQuantity")) if not detail else quantity,
        "fulfilment": "marketplace",
        "quantity_inbound": sum(known) if known else None,
        "quantity_reserved": count(reserved.get("totalReservedQuantity")),
        "quantity_unsellable": count(unsellable.get("totalUnfulfillableQuantity")),
    }
