"""The Selling Partner API as Amazon documents it, on the invented market."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from . import accounts
from .exchange import Call, Reply, as_json
from .market import AMAZON, Listing, Market, asin, gtin_of

MARKETPLACE = "A13V1IB3VIYZZH"
RETAILER = "A1X6FK5RDHNB96"
CURRENCY = "EUR"
_TYPES = ("ASIN", "EAN", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
_INCLUDED = (
    "attributes",
    "classifications",
    "dimensions",
    "identifiers",
    "images",
    "productTypes",
    "relationships",
    "salesRanks",
    "summaries",
    "vendorDetails",
)
OPERATIONS = {
    ("GET", "/catalog/2022-04-01/items"): "searchCatalogItems",
    ("GET", "/products/pricing/v0/competitivePrice"): "getCompetitivePricing",
    ("POST", "/batches/products/pricing/v0/itemOffers"): "getItemOffersBatch",
    ("POST", "/products/fees/v0/feesEstimate"): "getMyFeesEstimates",
    ("GET", "/sellers/v1/marketplaceParticipations"): "getMarketplaceParticipations",
    ("POST", "/auth/o2/token"): "token",
}


class Amazon:
    """Answers under ``/amazon``."""

    platform = AMAZON

    def __init__(self, market: Market):
        self._market = market
        self.tokens = accounts.Tokens(3600, "Atza|simulator-")

    def operation(self, call: Call) -> str:
        """Name of the operation called, empty for none."""
        return OPERATIONS.get((call.method, call.path), "")

    def account(self, call: Call) -> str:
        """Whose quota is used."""
        return "demo"

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if operation == "token":
            return self._token(call)
        refused = self._refuse_token(call)
        if refused:
            return refused
        if not operation:
            # an unknown path is not told from a forbidden one
            return _errors(403, "Unauthorized", "Access to requested resource is denied.")
        if not call.headers.get("user-agent"):
            return _errors(400, "InvalidInput", "User-Agent header is missing.")
        handlers = {
            "searchCatalogItems": self._search,
            "getCompetitivePricing": self._competitive,
            "getItemOffersBatch": self._offers,
            "getMyFeesEstimates": self._fees,
            "getMarketplaceParticipations": self._participations,
        }
        return handlers[operation](call)

    def throttle(self, _call: Call) -> Reply:
        """The quota is spent."""
        return _errors(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return as_json({})

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        self.tokens.revoke(call.headers.get("x-amz-access-token", ""))
        return _errors(
            403,
            "Unauthorized",
            "Access to requested resource is denied.",
            "The access token you provided has expired.",
        )

    def _token(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != "refresh_token":
            return as_json({"error": "unsupported_grant_type", "error_description": "?"}, 400)
        known = accounts.AMAZON
        if any(form.get(key) != known[key] for key in ("client_id", "client_secret")):
            return as_json(
                {"error": "invalid_client", "error_description": "Client authentication failed"},
                401,
            )
        if form.get("refresh_token") != known["refresh_token"]:
            return as_json(
                {
                    "error": "invalid_grant",
                    "error_description": "The request has an invalid grant parameter",
                },
                400,
            )
        return as_json(
            {
                "access_token": self.tokens.issue(),
                "token_type": "bearer",
                "expires_in": int(self.tokens.life),
                "refresh_token": known["refresh_token"],
            }
        )

    def _refuse_token(self, call: Call) -> Reply | None:
        token = call.headers.get("x-amz-access-token", "")
        if self.tokens.is_valid(token):
            return None
        detail = (
            "The access token you provided is revoked, malformed or invalid."
            if token
            else "Access token is missing in the request header."
        )
        return _errors(403, "Unauthorized", "Access to requested resource is denied.", detail)

    def _search(self, call: Call) -> Reply:
        marketplaces = call.query.get("marketplaceIds", [])
        identifiers = call.query.get("identifiers", [])
        included = call.one("includedData", "summaries").split(",")
        kind = call.one("identifiersType")
        size = int(call.one("pageSize", "10"))
        if marketplaces != [MARKETPLACE]:
            return _errors(400, "InvalidInput", "marketplaceIds: exactly one known id is wanted.")
        if len(identifiers) != 1:
            return _errors(400, "InvalidInput", "identifiers: one comma-separated list is wanted.")
        values = identifiers[0].split(",")
        if kind not in _TYPES or len(values) > 20 or not 1 <= size <= 20:
            return _errors(
                400, "InvalidInput", "identifiersType, identifiers or pageSize is wrong."
            )
        if not set(included) <= set(_INCLUDED):
            return _errors(400, "InvalidInput", f"includedData: {', '.join(included)}")
        items = []
        for value in values:
            if kind == "ASIN":
                gtin = (gtin_of(value) or ("", 0))[0]
            else:
                gtin = value.zfill(14)
            listing = self._market.listing(AMAZON, gtin) if len(gtin) == 14 else None
            if listing:
                items += [self._item(call, listing, n, included) for n in range(listing.candidates)]
        if call.fault == "stranger" and len(values) > 1 and items:
            items[-1].get("identifiers", [{}])[0]["identifiers"] = []
        first = int(call.one("pageToken", "0"))
        page = items[first : first + size]
        body = {"numberOfResults": len(items), "items": page}
        if first + size < len(items):
            body["pagination"] = {"nextToken": str(first + size)}
        return as_json(body)

    def _item(self, call: Call, listing: Listing, candidate: int, included: list[str]) -> dict:
        family = listing.family
        length, width, height = (round(side / 10, 1) for side in listing.size_mm)
        code = asin(listing.gtin, candidate)
        # what is found by EAN may show only its UPC or its GTIN
        shown = ("EAN", listing.gtin[1:])
        if listing.gtin.startswith("00"):
            shown = ("UPC", listing.gtin[2:])
        title = f"{listing.brand} {listing.name}"
        if listing.name.lower().startswith(listing.brand.lower()):
            title = listing.name
        data = {
            "identifiers": {
                "identifiers": [{"identifierType": shown[0], "identifier": shown[1]}],
            },
            "summaries": {
                "itemName": title + (" (lot)" if candidate else ""),
                "brand": listing.brand,
                "itemClassification": "VARIATION_PARENT" if candidate == 2 else "BASE_PRODUCT",
                "packageQuantity": 1,
                "browseClassification": {
                    "displayName": family.shelf,
                    "classificationId": family.node,
                },
                "websiteDisplayGroup": family.group,
                "websiteDisplayGroupName": family.title,
            },
            "salesRanks": {
                "displayGroupRanks": [
                    {
                        "websiteDisplayGroup": family.group,
                        "title": family.title,
                        "rank": listing.rank + 5000 * candidate,
                    }
                ]
                if listing.rank
                else [],
            },
            "dimensions": {
                "package": {
                    "length": {"unit": "centimeters", "value": length},
                    "width": {"unit": "centimeters", "value": width},
                    # inches and pounds happen among metric values
                    "height": {"unit": "inches", "value": round(height / 2.54, 3)},
                    "weight": {"unit": "kilograms", "value": round(listing.weight_g / 1000, 3)},
                }
            },
            "images": {
                "images": [
                    {
                        "variant": "MAIN",
                        "link": f"{call.base}/images/{listing.gtin}.svg",
                        "height": 500,
                        "width": 500,
                    }
                ]
            },
            "classifications": {
                "classifications": [
                    {
                        "displayName": family.shelf,
                        "classificationId": family.node,
                        "parent": {"displayName": family.title, "classificationId": "1"},
                    }
                ]
            },
        }
        item = {"asin": code}
        for name in included:
            if name in data:
                item[name] = [{"marketplaceId": MARKETPLACE, **data[name]}]
        if call.fault == "new-fields":
            item["aiSummary"] = {"text": "?"}
        return item

    def _competitive(self, call: Call) -> Reply:
        if call.one("MarketplaceId") != MARKETPLACE or call.one("ItemType") != "Asin":
            return _errors(400, "InvalidInput", "MarketplaceId or ItemType is wrong.")
        asins = call.one("Asins").split(",")
        if len(asins) > 20 or len(call.query.get("Asins", [])) != 1:
            return _errors(400, "InvalidInput", "Asins: at most 20, comma-separated.")
        payload = []
        for index, code in enumerate(asins):
            listing = self._by_asin(code)
            if listing is None or (call.fault == "bad-item" and not index):
                payload.append(
                    {
                        "ASIN": code,
                        "status": "ClientError",
                        "Error": {"Code": "InvalidInput", "Message": "The ASIN is not valid."},
                    }
                )
                continue
            payload.append({"ASIN": code, "status": "Success", "Product": _product(code, listing)})
        return as_json({"payload": payload})

    def _offers(self, call: Call) -> Reply:
        requests = json.loads(call.body or b"{}").get("requests") or []
        keys = [(r.get("uri"), r.get("ItemCondition")) for r in requests]
        if not 1 <= len(requests) <= 20 or len(set(keys)) < len(keys):
            return _errors(400, "InvalidInput", "Duplicate requests submitted or wrong count.")
        if any("queryParams" in r or r.get("MarketplaceId") != MARKETPLACE for r in requests):
            return _errors(400, "InvalidInput", "The MarketplaceId is invalid.")
        return as_json({"responses": [self._item_offers(request) for request in requests]})

    def _item_offers(self, request: dict) -> dict:
        code = request["uri"].split("/")[-2]
        listing = self._by_asin(code)
        echo = {
            "Asin": code,
            "MarketplaceId": MARKETPLACE,
            "ItemCondition": request.get("ItemCondition"),
        }
        if listing is None:
            return {
                "status": {"statusCode": 400, "reasonPhrase": "Bad Request"},
                "request": echo,
                "body": {"errors": [{"code": "InvalidInput", "message": "Invalid ASIN."}]},
            }
        return {
            "status": {"statusCode": 200, "reasonPhrase": "OK"},
            "request": echo,
            "body": {
                "payload": {
                    "ASIN": code,
                    "status": "Success" if listing.offers else "NoBuyableOffers",
                    "ItemCondition": "New",
                    "marketplaceId": MARKETPLACE,
                    "Identifier": {"MarketplaceId": MARKETPLACE, "ItemCondition": "New"},
                    "Summary": _summary(listing),
                    "Offers": [_offer(offer) for offer in listing.offers[:20]],
                }
            },
        }

    def _fees(self, call: Call) -> Reply:
        answers = []
        for request in json.loads(call.body or b"[]"):
            wanted = request["FeesEstimateRequest"]
            price = wanted["PriceToEstimateFees"]["ListingPrice"]
            identifier = {
                "MarketplaceId": MARKETPLACE,
                "IdType": request["IdType"],
                "IdValue": request["IdValue"],
                "SellerInputIdentifier": wanted.get("Identifier"),
                "IsAmazonFulfilled": wanted.get("IsAmazonFulfilled", False),
            }
            listing = self._by_asin(request["IdValue"])
            if listing is None or price.get("CurrencyCode") != CURRENCY:
                answers.append(
                    {
                        "Status": "ClientError",
                        "FeesEstimateIdentifier": identifier,
                        "Error": {
                            "Type": "Sender",
                            "Code": "InvalidParameterValue",
                            "Message": "There is a client-side error.",
                        },
                    }
                )
                continue
            fees = {"ReferralFee": round(0.15 * price["Amount"], 2)}
            if wanted.get("IsAmazonFulfilled"):
                fees["FBAFees"] = round(2.5 + listing.weight_g / 1000, 2)
            answers.append(
                {
                    "Status": "Success",
                    "FeesEstimateIdentifier": identifier,
                    "FeesEstimate": {
                        "TotalFeesEstimate": _money(round(sum(fees.values()), 2)),
                        "FeeDetailList": [
                            {
                                "FeeType": name,
                                "FeeAmount": _money(amount),
                                "FeePromotion": _money(0.0),
                                "FinalFee": _money(amount),
                            }
                            for name, amount in fees.items()
                        ],
                    },
                }
            )
        return as_json(answers)

    def _participations(self, _call: Call) -> Reply:
        return as_json(
            {
                "payload": [
                    {
                        "marketplace": {
                            "id": MARKETPLACE,
                            "countryCode": "FR",
                            "name": "Amazon.fr",
                            "defaultCurrencyCode": CURRENCY,
                            "defaultLanguageCode": "fr_FR",
                            "domainName": "www.amazon.fr",
                        },
                        "participation": {"isParticipating": True, "hasSuspendedListings": False},
                    }
                ]
            }
        )

    def _by_asin(self, code: str) -> Listing | None:
        known = gtin_of(code)
        listing = self._market.listing(AMAZON, known[0]) if known else None
        return listing if listing and known[1] < listing.candidates else None


def _product(code: str, listing: Listing) -> dict:
    winner = listing.winner
    ranks = []
    if listing.rank:
        ranks = [{"ProductCategoryId": listing.family.group, "Rank": listing.rank}]
    return {
        "Identifiers": {"MarketplaceASIN": {"MarketplaceId": MARKETPLACE, "ASIN": code}},
        "CompetitivePricing": {
            "CompetitivePrices": [
                {
                    "CompetitivePriceId": "1",
                    "condition": "New",
                    "belongsToRequester": False,
                    "Price": _prices(winner),
                }
            ]
            if winner
            else [],
            "NumberOfOfferListings": [{"condition": "New", "Count": len(listing.offers)}]
            if listing.offers
            else [],
        },
        "SalesRankings": ranks,
    }


def _summary(listing: Listing) -> dict:
    channels = {
        "Amazon": [offer for offer in listing.offers if offer.fulfilled],
        "Merchant": [offer for offer in listing.offers if not offer.fulfilled],
    }
    summary = {
        "TotalOfferCount": len(listing.offers),
        "NumberOfOffers": [
            {"condition": "new", "fulfillmentChannel": channel, "OfferCount": len(offers)}
            for channel, offers in channels.items()
            if offers
        ],
        "LowestPrices": [
            {"condition": "new", "fulfillmentChannel": channel, **_prices(offers[0])}
            for channel, offers in channels.items()
            if offers
        ],
        "BuyBoxPrices": [{"condition": "new", **_prices(listing.winner)}] if listing.winner else [],
        "ListPrice": _money(listing.list_price),
    }
    return summary


def _offer(offer) -> dict:
    return {
        "SellerId": RETAILER if offer.retailer else offer.seller_id,
        "SubCondition": "new",
        "IsBuyBoxWinner": offer.winner,
        "IsFeaturedMerchant": True,
        "IsFulfilledByAmazon": offer.fulfilled,
        "ListingPrice": _money(offer.price),
        "Shipping": _money(offer.shipping),
        "ShippingTime": {"minimumHours": 0, "maximumHours": 24, "availabilityType": "NOW"},
        "SellerFeedbackRating": {"FeedbackCount": 120, "SellerPositiveFeedbackRating": 96.0},
    }


def _prices(offer) -> dict:
    return {
        "LandedPrice": _money(offer.landed),
        "ListingPrice": _money(offer.price),
        "Shipping": _money(offer.shipping),
    }


def _money(amount: float) -> dict:
    return {"CurrencyCode": CURRENCY, "Amount": amount}


def _errors(status: int, code: str, message: str, details: str = "") -> Reply:
    return as_json({"errors": [{"code": code, "message": message, "details": details}]}, status)
