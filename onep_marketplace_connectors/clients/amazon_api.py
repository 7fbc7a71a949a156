"""Amazon's operations as calls that return what they promise, or raise.

Each method reserves its token, asks through the hardened library and checks that the answer has
the documented shape: an empty success is an outage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .amazon_decode import as_dict
from .amazon_library import UNREADABLE_RETRY_S, Library
from .batches import Batches
from .errors import RetryLater, ServiceDown
from .rate_limit import Limit, RateLimiter
from .reading import text
from .records import Page
from .retry import BACKOFF_BASE_S

PER_CALL = 20
CATALOGUE_VERSION = "2022-04-01"
SUMMARY_VERSION = "2022-05-01"
INCLUDED = "summaries,identifiers,salesRanks,dimensions,images,classifications,relationships"  # CSV

SEARCH = "searchCatalogItems"
PRICING = "getCompetitivePricing"
OFFERS = "getItemOffersBatch"
SUMMARY = "getCompetitiveSummary"
FEES = "getMyFeesEstimates"
RESTRICTIONS = "getListingsRestrictions"
ELIGIBILITY = "getItemEligibilityPreview"
INVENTORY = "getInventorySummaries"
PARTICIPATIONS = "getMarketplaceParticipations"

LIMITS = {
    SEARCH: Limit(2, 2),
    PRICING: Limit(0.5, 1),
    OFFERS: Limit(0.1, 1),
    SUMMARY: Limit(0.033, 1),
    FEES: Limit(0.5, 1),
    RESTRICTIONS: Limit(5, 10),
    ELIGIBILITY: Limit(1, 1),
    INVENTORY: Limit(2, 2),
    PARTICIPATIONS: Limit(0.016, 15),
}


@dataclass(frozen=True, slots=True)
class Country:
    """One Amazon marketplace.

    region: part of the host name; retailer: usual merchant id of Amazon itself there (unconfirmed)
    """

    marketplace_id: str
    region: str
    site: str
    locale: str
    currency: str = "EUR"
    retailer: str = ""


COUNTRIES = {
    "FR": Country("A13V1IB3VIYZZH", "eu", "www.amazon.fr", "fr_FR", retailer="A1X6FK5RDHNB96"),
    "DE": Country("A1PA6795UKMFR9", "eu", "www.amazon.de", "de_DE", retailer="A3JWKAKR8XB7XF"),
    "ES": Country("A1RKKUPIHCS9HS", "eu", "www.amazon.es", "es_ES", retailer="A1AT7YVPFBWXBL"),
    "IT": Country("APJ6JRA9NG5V4", "eu", "www.amazon.it", "it_IT", retailer="A11IL2PNWYJU7H"),
    "BE": Country("AMEN7PMS3EDWL", "eu", "www.amazon.com.be", "fr_BE"),
    "NL": Country("A1805IZSGTT6HS", "eu", "www.amazon.nl", "nl_NL"),
    "IE": Country("A28R8C7NBKEWEA", "eu", "www.amazon.ie", "en_IE"),
    "GB": Country("A1F83G8C2ARO7P", "eu", "www.amazon.co.uk", "en_GB", "GBP", "A3P5ROKL5A1OLE"),
    "PL": Country("A1C3SOZRARQ6R3", "eu", "www.amazon.pl", "pl_PL", "PLN"),
    "SE": Country("A2NODRKZP88ZB9", "eu", "www.amazon.se", "sv_SE", "SEK"),
    "US": Country("ATVPDKIKX0DER", "na", "www.amazon.com", "en_US", "USD", "ATVPDKIKX0DER"),
}


class AmazonApi:
    """Operations of one account in one country.

    seller_id: the account's merchant id; retailer: Amazon's own
    batches: how many items a call may hold
    """

    #: operations that take several items, and how many
    batched: ClassVar = dict.fromkeys((SEARCH, PRICING, OFFERS, SUMMARY, FEES), PER_CALL)

    def __init__(
        self,
        library: Library,
        limiter: RateLimiter,
        country: Country,
        *,
        seller_id: str = "",
        retailer: str = "",
        batches: Batches,
    ):
        self.country = country
        self.seller_id = seller_id
        self.retailer = retailer
        self.limiter = limiter
        self._library = library
        self.batches = batches
        self._reserved: set[str] = set()
        #: by ASIN, what ELIGIBILITY said of products whose RESTRICTIONS have to wait
        self.stored: dict[str, tuple] = {}

    def reserve(self, *operations: str) -> None:
        """Take the tokens of calls that belong together, all or none, before the first of them."""
        self._reserved.clear()
        self.limiter.reserve(*operations)
        self._reserved.update(operations)

    def search(self, kind: str, identifiers: Sequence[str], token: str | None = None) -> Page:
        """One page of searchCatalogItems."""
        from sp_api.api.catalog_items.catalog_items import CatalogItems

        response = self._call(
            SEARCH,
            CatalogItems,
            CATALOGUE_VERSION,
            lambda api: api.search_catalog_items(
                identifiers=",".join(identifiers),
                identifiersType=kind,
                marketplaceIds=self.country.marketplace_id,
                includedData=INCLUDED,
                pageSize=PER_CALL,
                **({"pageToken": token} if token else {}),
            ),
        )
        items = self._expect(SEARCH, as_dict(response.payload).get("items"), may_be_empty=True)
        return Page([item for item in items if text(item.get("asin"))], response.next_token)

    def competitive_pricing(self, asins: Sequence[str]) -> dict[str, dict]:
        """Answers of getCompetitivePricing by ASIN."""
        from sp_api.api.products.products import Products

        payload = self._call(
            PRICING,
            Products,
            "v0",
            lambda api: api.get_competitive_pricing_for_asins(
                list(asins), MarketplaceId=self.country.marketplace_id
            ),
        ).payload
        rows = self._expect(PRICING, payload)
        return {asin: row for row in rows if (asin := text(row.get("ASIN")))}

    def item_offers(self, asins: Sequence[str]) -> list[dict]:
        """Answers of getItemOffersBatch for offers in new condition."""
        from sp_api.api.products.products import Products

        requests = [
            {
                "uri": f"/products/pricing/v0/items/{asin}/offers",
                "method": "GET",
                "MarketplaceId": self.country.marketplace_id,
                "ItemCondition": "New",
                "CustomerType": "Consumer",
            }
            for asin in dict.fromkeys(asins)
        ]
        payload = self._call(
            OFFERS, Products, "v0", lambda api: api.get_item_offers_batch(requests)
        ).payload
        return self._expect(OFFERS, as_dict(payload).get("responses"))

    def competitive_summary(self, asins: Sequence[str]) -> list[dict]:
        """Answers of getCompetitiveSummary."""
        from sp_api.api.products.products import Products

        requests = [
            {
                "asin": asin,
                "marketplaceId": self.country.marketplace_id,
                "includedData": ["featuredBuyingOptions", "lowestPricedOffers"],
                "lowestPricedOffersInputs": [{"itemCondition": "New", "offerType": "Consumer"}],
                "method": "GET",
                "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
            }
            for asin in dict.fromkeys(asins)
        ]
        payload = self._call(
            SUMMARY,
            Products,
            SUMMARY_VERSION,
            lambda api: api.get_competitive_summary_batch(requests),
        ).payload
        return self._expect(SUMMARY, as_dict(payload).get("responses"))

    def restrictions(self, asin: str) -> list[dict]:
        """Restrictions on listing an ASIN as new; none means that it may be sold."""
        from sp_api.api.listings_restrictions.listings_restrictions import ListingsRestrictions

        payload = self._call(
            RESTRICTIONS,
            ListingsRestrictions,
            None,
            lambda api: api.get_listings_restrictions(
                asin=asin,
                sellerId=self.seller_id,
                marketplaceIds=self.country.marketplace_id,
                conditionType="new_new",
                reasonLocale=self.country.locale,
            ),
        ).payload
        rows = as_dict(payload).get("restrictions")
        return self._expect(RESTRICTIONS, rows, may_be_empty=True)

    def eligibility(self, asin: str) -> dict:
        """Whether an ASIN may be sent to Amazon's warehouses."""
        from sp_api.api.fba_inbound_eligibility.fba_inbound_eligibility import (
            FbaInboundEligibility,
        )

        payload = self._call(
            ELIGIBILITY,
            FbaInboundEligibility,
            None,
            lambda api: api.get_item_eligibility_preview(
                asin=asin, program="INBOUND", marketplaceIds=self.country.marketplace_id
            ),
        ).payload
        answer = as_dict(payload)
        if not isinstance(answer.get("isEligibleForProgram"), bool):
            raise self._empty(ELIGIBILITY)
        return answer

    def fees(self, requests: Sequence[dict]) -> list[dict]:
        """Answers of getMyFeesEstimates, in whatever order they come.

        requests: id_value, price, is_fba and identifier of each
        """
        from sp_api.api.product_fees.product_fees import ProductFees

        asked = [
            {
                "id_type": "ASIN",
                "currency": self.country.currency,
                "marketplace_id": self.country.marketplace_id,
            }
            | request
            for request in requests
        ]
        payload = self._call(
            FEES, ProductFees, None, lambda api: api.get_product_fees_estimate(asked)
        ).payload
        return self._expect(FEES, payload)

    def inventory(self, token: str | None = None) -> Page:
        """One page of getInventorySummaries; its token lives 30 seconds."""
        from sp_api.api.inventories.inventories import Inventories

        response = self._call(
            INVENTORY,
            Inventories,
            None,
            lambda api: api.get_inventory_summary_marketplace(
                details="true",
                marketplaceIds=self.country.marketplace_id,
                **({"nextToken": token} if token else {}),
            ),
        )
        rows = as_dict(response.payload).get("inventorySummaries")
        return Page(self._expect(INVENTORY, rows, may_be_empty=True), response.next_token)

    def participations(self) -> list[dict]:
        """Marketplaces this seller takes part in."""
        from sp_api.api.sellers.sellers import Sellers

        payload = self._call(
            PARTICIPATIONS, Sellers, None, lambda api: api.get_marketplace_participation()
        ).payload
        return self._expect(PARTICIPATIONS, payload)

    def _call(self, operation, api_class, version, use):
        if operation in self._reserved:
            self._reserved.discard(operation)
        else:
            self.limiter.reserve(operation)
        with self.limiter.judging():
            return self._library.call(operation, api_class, version, use)

    def _expect(self, operation, rows, *, may_be_empty=False) -> list[dict]:
        if not isinstance(rows, list) or not (rows or may_be_empty):
            raise self._empty(operation)
        return [row for row in rows if isinstance(row, dict)]

    def _empty(self, operation: str) -> ServiceDown:
        self.limiter.failed(operation, "empty answer")
        return ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=operation)


def item_later(cause: str, operation: str) -> RetryLater:
    """One item of an answer may come later; the operation itself works."""
    return RetryLater(
        BACKOFF_BASE_S,
        ServiceDown.template,
        rule=ServiceDown.rule,
        cause=cause,
        operation=operation,
    )
