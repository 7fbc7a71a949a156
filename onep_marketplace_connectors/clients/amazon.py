"""Amazon Selling Partner API: identity, price, offers and fees of EANs.

Per batch of 20 EANs: searchCatalogItems (what it is), getCompetitivePricing (buy box, counts) and,
when the account wants it, getItemOffersBatch (who holds the buy box; five times scarcer).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .amazon_decode import (
    PER_CALL,
    as_dict,
    as_ean,
    best_item,
    by_identifier,
    conclude,
    group_of,
    match_fees,
    match_items,
    offer_figures,
    refusal_words,
    sales_rank,
    unexplained,
    wide_figures,
)
from .amazon_library import UNREADABLE_RETRY_S, Library
from .base import Account, Capabilities, MarketplaceClient, chunks
from .errors import BadCredentials, ServiceDown
from .measures import grams, millimetres
from .pagination import walk
from .rate_limit import Limit
from .records import (
    ERROR,
    NOT_FOUND,
    CheckReport,
    FeeQuote,
    MarketOfferDraft,
    Page,
)
from .retry import BACKOFF_BASE_S

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105
INCLUDED = (
    "summaries,identifiers,salesRanks,dimensions,images,classifications"  # CSV, as documented
)

SEARCH = "searchCatalogItems"
PRICING = "getCompetitivePricing"
OFFERS = "getItemOffersBatch"
FEES = "getMyFeesEstimates"
PARTICIPATIONS = "getMarketplaceParticipations"


@dataclass(frozen=True, slots=True)
class Country:
    """One Amazon marketplace.

    region: part of the host name; retailer: usual merchant id of Amazon itself there (unconfirmed)
    """

    marketplace_id: str
    region: str
    site: str
    currency: str = "EUR"
    retailer: str = ""


COUNTRIES = {
    "FR": Country("A13V1IB3VIYZZH", "eu", "www.amazon.fr", retailer="A1X6FK5RDHNB96"),
    "DE": Country("A1PA6795UKMFR9", "eu", "www.amazon.de", retailer="A3JWKAKR8XB7XF"),
    "ES": Country("A1RKKUPIHCS9HS", "eu", "www.amazon.es", retailer="A1AT7YVPFBWXBL"),
    "IT": Country("APJ6JRA9NG5V4", "eu", "www.amazon.it", retailer="A11IL2PNWYJU7H"),
    "BE": Country("AMEN7PMS3EDWL", "eu", "www.amazon.com.be"),
    "NL": Country("A1805IZSGTT6HS", "eu", "www.amazon.nl"),
    "IE": Country("A28R8C7NBKEWEA", "eu", "www.amazon.ie"),
    "GB": Country("A1F83G8C2ARO7P", "eu", "www.amazon.co.uk", "GBP", "A3P5ROKL5A1OLE"),
    "PL": Country("A1C3SOZRARQ6R3", "eu", "www.amazon.pl", "PLN"),
    "SE": Country("A2NODRKZP88ZB9", "eu", "www.amazon.se", "SEK"),
    "US": Country("ATVPDKIKX0DER", "na", "www.amazon.com", "USD", "ATVPDKIKX0DER"),
}


class AmazonClient(MarketplaceClient):
    """Settings: client_id, seller_id, offer_detail, retail_seller_id. Secrets:
    amazon_client_secret, amazon_refresh_token.
    """

    platform = "amazon"
    capabilities = Capabilities(sales_rank=True, buy_box=True, package_size=True, price_unsold=True)
    limits: ClassVar = {
        SEARCH: Limit(2, 2),
        PRICING: Limit(0.5, 1),
        OFFERS: Limit(0.1, 1),
        FEES: Limit(0.5, 1),
        PARTICIPATIONS: Limit(0.016, 15),
    }
    batch_size = 200

    def __init__(self, account: Account, **options):
        super().__init__(account, **options)
        country = COUNTRIES.get(account.country)
        if country is None:
            raise BadCredentials(rule="unsupported-country", country=account.country, detail="")
        self.country = country
        self.retailer = account.settings.get("retail_seller_id") or country.retailer
        self.wants_offers = bool(account.settings.get("offer_detail"))
        sandbox = "sandbox." if account.sandbox else ""
        self._library = Library(
            endpoint=account.endpoint_url
            or f"https://{sandbox}sellingpartnerapi-{country.region}.amazon.com",
            token_url=account.token_url or TOKEN_URL,
            marketplace_id=country.marketplace_id,
            credentials={
                "lwa_app_id": account.settings.get("client_id", ""),
                "lwa_client_secret": account.secrets.get("amazon_client_secret", ""),
                "refresh_token": account.secrets.get("amazon_refresh_token", ""),
            },
            transport=self.transport,
            limiter=self.limiter,
            tokens=self.tokens,
            token_key=account.cache_key(),
        )

    def check(self) -> CheckReport:
        """Read the marketplaces this seller takes part in."""
        from sp_api.api.sellers.sellers import Sellers

        self.limiter.reserve(PARTICIPATIONS)
        payload = self._library.call(
            PARTICIPATIONS, Sellers, None, lambda api: api.get_marketplace_participation()
        ).payload
        if not isinstance(payload, list):
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=PARTICIPATIONS)
        rows = [row for row in payload if as_dict(row.get("participation")).get("isParticipating")]
        ids = [as_dict(row.get("marketplace")).get("id") for row in rows]
        return CheckReport(
            seller=self.account.settings.get("seller_id", ""),
            marketplaces=tuple(
                str(as_dict(row.get("marketplace")).get("name") or "") for row in rows
            ),
            notes=() if self.country.marketplace_id in ids else ("marketplace-not-open",),
        )

    def quote_fees(
        self, external_ids: Sequence[str], prices_taxed: Sequence[float], *, fulfilled: bool
    ) -> FeeQuote:
        """Amazon's fee estimates; see :meth:`MarketplaceClient.quote_fees`."""
        from sp_api.api.product_fees.product_fees import ProductFees

        rows: list[dict] = []
        wanted = list(zip(external_ids, prices_taxed, strict=True))
        for part in chunks(wanted, PER_CALL):
            self.limiter.reserve(FEES)
            requests = [
                {
                    "id_type": "ASIN",
                    "id_value": asin,
                    "price": float(price),
                    "currency": self.country.currency,
                    "is_fba": fulfilled,
                    "identifier": f"{len(rows) + index}",
                    "marketplace_id": self.country.marketplace_id,
                }
                for index, (asin, price) in enumerate(part)
            ]
            payload = self._library.call(
                FEES,
                ProductFees,
                None,
                lambda api, requests=requests: api.get_product_fees_estimate(requests),
            ).payload
            rows.extend(match_fees(requests, payload if isinstance(payload, list) else []))
        return FeeQuote(
            external_id=tuple(external_ids),
            price_taxed=tuple(float(price) for price in prices_taxed),
            currency=(self.country.currency,) * len(rows),
            **{
                name: tuple(row[name] for row in rows)
                for name in ("total_fee", "commission", "fulfilment_fee", "reason_detail")
            },
        )

    def _fetch_into(self, draft: MarketOfferDraft, gtins: list[str]) -> None:
        per_batch = [SEARCH, PRICING] + ([OFFERS] if self.wants_offers else [])
        for kind, part in by_identifier(gtins):
            self.limiter.reserve(*per_batch)
            items = list(self._search(kind, part))
            found = match_items(items, part, self.country.marketplace_id)
            doubtful = [g for g in part if g not in found] if unexplained(items, found) else []
            for gtin in part:
                if gtin not in found and gtin not in doubtful:
                    draft.set(gtin, state=NOT_FOUND, candidate_count=0)
                    draft.because(gtin, "unknown-gtin")
            self._price(draft, found)
            for gtin in doubtful:
                self._ask_alone(draft, kind, gtin)

    def _ask_alone(self, draft, kind, gtin):
        """An answer held items of no asked EAN: ask this EAN alone, whatever comes is its own."""
        self.limiter.reserve(SEARCH, PRICING, *([OFFERS] if self.wants_offers else []))
        items = list(self._search(kind, [gtin]))
        if items:
            self._price(draft, {gtin: items})
        else:
            draft.set(gtin, state=NOT_FOUND, candidate_count=0)
            draft.because(gtin, "unknown-gtin")

    def _search(self, kind: str, gtins: list[str]) -> Iterator[dict]:
        from sp_api.api.catalog_items.catalog_items import CatalogItems

        identifiers = ",".join(gtins if kind == "GTIN" else [as_ean(g) for g in gtins])

        def page(token):
            if token:
                self.limiter.reserve(SEARCH)
            response = self._library.call(
                SEARCH,
                CatalogItems,
                "2022-04-01",
                lambda api: api.search_catalog_items(
                    identifiers=identifiers,
                    identifiersType=kind,
                    marketplaceIds=self.country.marketplace_id,
                    includedData=INCLUDED,
                    pageSize=PER_CALL,
                    **({"pageToken": token} if token else {}),
                ),
            )
            items = as_dict(response.payload).get("items")
            if not isinstance(items, list):
                raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=SEARCH)
            return Page([item for item in items if item.get("asin")], response.next_token)

        return walk(page)

    def _price(self, draft: MarketOfferDraft, found: dict[str, list[dict]]) -> None:
        """Fill the rows of found GTINs, identity and price."""
        chosen = {
            gtin: best_item(items, self.country.marketplace_id) for gtin, items in found.items()
        }
        asins = list(dict.fromkeys(item["asin"] for item in chosen.values()))
        prices: dict[str, dict] = {}
        offers: dict[str, dict] = {}
        for part in chunks(asins, PER_CALL):
            prices |= self._competitive_prices(part)
            if self.wants_offers:
                offers |= self._item_offers(part)
        for gtin, item in chosen.items():
            self._fill(draft, gtin, item, len(found[gtin]), prices, offers)

    def _competitive_prices(self, asins: list[str]) -> dict[str, dict]:
        from sp_api.api.products.products import Products

        payload = self._library.call(
            PRICING,
            Products,
            "v0",
            lambda api: api.get_competitive_pricing_for_asins(
                asins, MarketplaceId=self.country.marketplace_id
            ),
        ).payload
        if not isinstance(payload, list) or not payload:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=PRICING)
        return {row["ASIN"]: row for row in payload if row.get("ASIN")}

    def _item_offers(self, asins: list[str]) -> dict[str, dict]:
        from sp_api.api.products.products import Products

        requests = [
            {
                "uri": f"/products/pricing/v0/items/{asin}/offers",
                "method": "GET",
                "MarketplaceId": self.country.marketplace_id,
                "ItemCondition": "New",
                "CustomerType": "Consumer",
            }
            for asin in asins
        ]
        payload = self._library.call(
            OFFERS, Products, "v0", lambda api: api.get_item_offers_batch(requests)
        ).payload
        responses = as_dict(payload).get("responses")
        if not isinstance(responses, list) or not responses:
            raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=OFFERS)
        offers = {}
        for response in responses:
            status = as_dict(response.get("status")).get("statusCode", 200)
            if status == 429 or status >= 500:
                raise ServiceDown(BACKOFF_BASE_S, cause=f"HTTP {status}", operation=OFFERS)
            body = as_dict(response.get("body"))
            asin = as_dict(response.get("request")).get("Asin") or as_dict(body.get("payload")).get(
                "ASIN"
            )
            if asin and status < 400:
                offers[asin] = as_dict(body.get("payload"))
        return offers

    def _fill(self, draft, gtin, item, candidate_count, prices, offers):
        asin = item["asin"]
        draft.set(gtin, **self._identity(item), candidate_count=candidate_count)
        if candidate_count > 1:
            draft.because(gtin, "several-candidates")
        price = prices.get(asin)
        if price is not None and price.get("status", "Success") != "Success":
            draft.set(gtin, state=ERROR, reason_detail=refusal_words(price))
            draft.because(gtin, "item-refused")
            return
        product = as_dict(as_dict(price).get("Product"))
        draft.set(gtin, **wide_figures(product))
        detail = offers.get(asin)
        if detail is not None:
            draft.set(gtin, **offer_figures(detail, self.retailer))
        self._rank(draft, gtin, item, product)
        conclude(draft, gtin, has_detail=detail is not None)

    def _identity(self, item: dict) -> dict:
        here = self.country.marketplace_id
        summary = group_of(item.get("summaries"), here)
        package = as_dict(group_of(item.get("dimensions"), here).get("package"))
        images = group_of(item.get("images"), here).get("images") or []
        main = [image for image in images if image.get("variant") == "MAIN"] or images
        return {
            "external_id": item["asin"],
            "name": summary.get("itemName"),
            "brand": summary.get("brand") or summary.get("manufacturer"),
            "category": summary.get("websiteDisplayGroupName")
            or as_dict(summary.get("browseClassification")).get("displayName"),
            "image_url": max(main, key=lambda image: image.get("width") or 0).get("link")
            if main
            else None,
            "url": f"https://{self.country.site}/dp/{item['asin']}",
            "currency": self.country.currency,
            "weight_g": grams(package.get("weight")),
            "length_mm": millimetres(package.get("length")),
            "width_mm": millimetres(package.get("width")),
            "height_mm": millimetres(package.get("height")),
        }

    def _rank(self, draft, gtin, item, product):
        rank, title = sales_rank(item, self.country.marketplace_id)
        if rank is None:
            # the catalogue sometimes lacks the rank that the price service has
            for row in product.get("SalesRankings") or []:
                if str(row.get("ProductCategoryId", "")).endswith("_display_on_website"):
                    rank, title = row.get("Rank"), row["ProductCategoryId"]
                    break
        if rank:
            draft.set(gtin, sales_rank=int(rank), sales_rank_category=title)
        else:
            draft.because(gtin, "rank-missing")
