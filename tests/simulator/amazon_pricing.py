"""Product Pricing v0 and 2022-05-01: buy box, counts, offers of ASINs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .amazon_country import COUNTRIES, Country, errors, money, prices
from .exchange import Call, Reply, as_json, dump
from .market import KEPT, Listing, Market, Offer
from .motion import Draws
from .swagger import body

_URI = re.compile(r"/products/pricing/v0/items/([^/]+)/offers")
_SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
#: share of the ASINs whose offers are "not yet" known, and stay so
TOO_SOON = 0.02
_MOST = 20


class Pricing:
    """Prices of ASINs."""

    def __init__(self, market: Market):
        self._market = market
        self._piece = lru_cache(maxsize=KEPT)(self._render)

    def competitive(self, call: Call, _account: dict) -> Reply:
        """GetCompetitivePricing."""
        country = COUNTRIES.get(call.one("MarketplaceId"))
        if country is None or call.one("ItemType") != "Asin" or not call.one("Asins"):
            return errors(400, "InvalidInput", "MarketplaceId, ItemType or Asins is wrong.")
        asins = call.one("Asins").split(",")
        tick = self._market.tick
        pieces = [self._piece(country, code, tick) for code in asins]
        if call.fault == "bad-item":
            pieces[0] = _refused_price(asins[0])
        if call.fault == "new-fields":
            pieces = [piece[:-1] + b',"trend":{"days":7}}' for piece in pieces]
        return Reply(200, b'{"payload":[' + b",".join(pieces) + b"]}")

    def offers(self, call: Call, _account: dict) -> Reply:
        """GetItemOffers."""
        country = COUNTRIES.get(call.one("MarketplaceId"))
        code = _URI.fullmatch(call.path)[1]
        if country is None or not self._market.product(country.place, code):
            return errors(400, "InvalidInput", "MarketplaceId or Asin is wrong.")
        return as_json({"payload": self._offers(call, country, code, call.one("ItemCondition"))})

    def offers_batch(self, call: Call, _account: dict) -> Reply:
        """GetItemOffersBatch."""
        requests = body(call).get("requests") or []
        keys = [(request["uri"], request.get("ItemCondition")) for request in requests]
        if not requests or len(set(keys)) < len(keys):
            return errors(400, "InvalidInput", "Duplicate requests submitted or wrong count.")
        if any(request.get("MarketplaceId") not in COUNTRIES for request in requests):
            return errors(400, "InvalidInput", "The MarketplaceId is invalid.")
        answers = [self._item(call, request) for request in requests]
        if call.fault == "bad-item":
            answers[0] |= _failure("InvalidInput", "The item is refused.")
        if call.fault == "throttled-item":
            answers[0] |= _failure("QuotaExceeded", "You exceeded your quota.", 429)
        return as_json({"responses": answers})

    def summary_batch(self, call: Call, _account: dict) -> Reply:
        """GetCompetitiveSummary."""
        requests = body(call)["requests"]
        if not 1 <= len(requests) <= _MOST:
            return errors(400, "InvalidInput", f"requests: 1 to {_MOST} are allowed.")
        answers = [self._summary_item(request) for request in requests]
        if call.fault == "bad-item":
            asin = requests[0]["asin"]
            answers[0] = _summary_failure(asin, requests[0]["marketplaceId"], "INVALID_ASIN")
        return as_json({"responses": answers})

    def _render(self, country: Country, code: str, _tick: int) -> bytes:
        listing = self._market.product(country.place, code)
        if listing is None:
            return _refused_price(code)
        product = _product(country, code, listing)
        return dump({"ASIN": code, "status": "Success", "Product": product})

    def _item(self, call: Call, request: dict) -> dict:
        country = COUNTRIES[request["MarketplaceId"]]
        found = _URI.fullmatch(request["uri"])
        condition = request["ItemCondition"]
        code = found[1] if found else ""
        echo = {"Asin": code, "MarketplaceId": country.id, "ItemCondition": condition}
        if "CustomerType" in request:
            echo["CustomerType"] = request["CustomerType"]
        if request["method"] != "GET" or not self._market.product(country.place, code):
            return {"request": echo} | _failure("InvalidInput", "Invalid ASIN or uri.")
        return {
            "status": {"statusCode": 200, "reasonPhrase": "OK"},
            "headers": {"Date": datetime.fromtimestamp(call.now, UTC).isoformat()},
            "request": echo,
            "body": {"payload": self._offers(call, country, code, condition)},
        }

    def _offers(self, call: Call, country: Country, code: str, condition: str) -> dict:
        listing = self._market.product(country.place, code)
        payload = {
            "ASIN": code,
            "status": "Success" if listing.offers else "NoBuyableOffers",
            "ItemCondition": condition,
            "marketplaceId": country.id,
            "Identifier": {
                "MarketplaceId": country.id,
                "ASIN": code,
                "ItemCondition": condition,
            },
        }
        if Draws(self._market.seed, code)("too soon") < TOO_SOON:
            later = datetime.fromtimestamp(call.now, UTC) + timedelta(hours=4)
            available = later.strftime("%Y-%m-%dT%H:%M:%SZ")
            summary = {"TotalOfferCount": 0, "OffersAvailableTime": available}
            return payload | {
                "status": "ActiveButTooSoonForProcessing",
                "Summary": summary,
                "Offers": [],
            }
        offers = {"New": listing.offers, "Used": listing.used}.get(condition, ())
        payload |= {
            "Summary": _summary(country, listing),
            "Offers": [_offer(country, offer, condition.lower()) for offer in offers[:_MOST]],
        }
        if call.fault == "new-fields":
            payload["returnRate"] = {"value": 0.02}
        return payload

    def _summary_item(self, request: dict) -> dict:
        code, marketplace = request["asin"], request["marketplaceId"]
        country = COUNTRIES.get(marketplace)
        listing = self._market.product(country.place, code) if country else None
        if request["uri"] != _SUMMARY_URI or request["method"] != "GET":
            return _summary_failure(code, marketplace, "InvalidInput")
        if listing is None:
            return _summary_failure(code, marketplace, "INVALID_ASIN")
        wanted = request["includedData"]
        body_: dict = {"asin": code, "marketplaceId": marketplace}
        if "featuredBuyingOptions" in wanted:
            body_["featuredBuyingOptions"] = _featured(country, listing)
        if "referencePrices" in wanted:
            price = round(listing.goods.list_price * 0.94, 2)
            body_["referencePrices"] = [
                {"name": "WasPrice", "price": _modern(country, listing.goods.list_price)},
                {"name": "CompetitivePrice", "price": _modern(country, price)},
            ]
        if "lowestPricedOffers" in wanted:
            inputs = request.get("lowestPricedOffersInputs") or [
                {"itemCondition": "New", "offerType": "Consumer"}
            ]
            body_["lowestPricedOffers"] = [_lowest(country, listing, one) for one in inputs]
        if "similarItems" in wanted:
            body_["similarItems"] = []
        return {"status": {"statusCode": 200, "reasonPhrase": "Success"}, "body": body_}


def _product(country: Country, code: str, listing: Listing) -> dict:
    won = [("1", "New", listing.winner), ("2", "Used", next(iter(listing.used), None))]
    counts = {"New": len(listing.offers), "Used": len(listing.used)}
    return {
        "Identifiers": {"MarketplaceASIN": {"MarketplaceId": country.id, "ASIN": code}},
        "CompetitivePricing": {
            "CompetitivePrices": [
                {
                    "CompetitivePriceId": number,
                    "condition": condition,
                    "belongsToRequester": False,
                    "Price": prices(country, offer),
                }
                for number, condition, offer in won
                if offer
            ],
            "NumberOfOfferListings": [
                {"condition": condition, "Count": count}
                for condition, count in counts.items()
                if count
            ],
        },
        "SalesRankings": _rankings(listing),
    }


def _rankings(listing: Listing) -> list[dict]:
    if not listing.rank:
        return []
    family = listing.goods.family
    return [
        {"ProductCategoryId": family.group, "Rank": listing.rank},
        {"ProductCategoryId": family.node, "Rank": max(1, listing.rank // 18)},
    ]


def _summary(country: Country, listing: Listing) -> dict:
    channels = [
        ("new", "Amazon", [offer for offer in listing.offers if offer.fulfilled]),
        ("new", "Merchant", [offer for offer in listing.offers if not offer.fulfilled]),
        ("used", "Merchant", list(listing.used)),
    ]
    channels = [channel for channel in channels if channel[2]]
    counts = [
        {"condition": condition, "fulfillmentChannel": channel, "OfferCount": len(offers)}
        for condition, channel, offers in channels
    ]
    winner = listing.winner
    return {
        "TotalOfferCount": len(listing.offers) + len(listing.used),
        "NumberOfOffers": counts,
        "BuyBoxEligibleOffers": counts,
        "LowestPrices": [
            {
                "condition": condition,
                "fulfillmentChannel": channel,
                **prices(country, offers[0]),
            }
            for condition, channel, offers in channels
        ],
        "BuyBoxPrices": [{"condition": "new", **prices(country, winner)}] if winner else [],
        "ListPrice": money(country, listing.goods.list_price),
        "SalesRankings": _rankings(listing),
    }


def _offer(country: Country, offer: Offer, condition: str) -> dict:
    return {
        "SellerId": country.retailer if offer.retailer else offer.seller_id,
        "SubCondition": condition if condition == "new" else "good",
        "IsBuyBoxWinner": offer.winner,
        "IsFeaturedMerchant": True,
        "IsFulfilledByAmazon": offer.fulfilled,
        "ListingPrice": money(country, offer.price),
        "Shipping": money(country, offer.shipping),
        "ShippingTime": {"minimumHours": 0, "maximumHours": 24, "availabilityType": "NOW"},
        "ShipsFrom": {"Country": country.code},
        "PrimeInformation": {"IsPrime": offer.fulfilled, "IsNationalPrime": offer.fulfilled},
        "SellerFeedbackRating": {"FeedbackCount": 120, "SellerPositiveFeedbackRating": 96.0},
    }


def _modern(country: Country, amount: float) -> dict:
    return {"amount": amount, "currencyCode": country.currency}


def _modern_offer(country: Country, offer: Offer, condition: str) -> dict:
    return {
        "sellerId": country.retailer if offer.retailer else offer.seller_id,
        "condition": condition,
        "fulfillmentType": "AFN" if offer.fulfilled else "MFN",
        "listingPrice": _modern(country, offer.price),
        "shippingOptions": [
            {"shippingOptionType": "DEFAULT", "price": _modern(country, offer.shipping)}
        ],
    }


def _featured(country: Country, listing: Listing) -> list[dict]:
    winner = listing.winner
    if not winner:
        return []
    segments = [
        {"customerMembership": "NON_PRIME", "segmentDetails": {"glanceViewWeightPercentage": 72}},
        {"customerMembership": "PRIME", "segmentDetails": {"glanceViewWeightPercentage": 28}},
    ]
    offer = _modern_offer(country, winner, "New") | {"featuredOfferSegments": segments}
    return [{"buyingOptionType": "New", "segmentedFeaturedOffers": [offer]}]


def _lowest(country: Country, listing: Listing, wanted: dict) -> dict:
    condition = wanted["itemCondition"]
    offers = {"New": listing.offers, "Used": listing.used}.get(condition, ())
    return {
        "lowestPricedOffersInput": wanted,
        "offers": [
            _modern_offer(country, offer, condition)
            | {
                "subCondition": "New" if condition == "New" else "Good",
                "primeDetails": {"eligibility": "NATIONAL" if offer.fulfilled else "NONE"},
            }
            for offer in offers[:_MOST]
        ],
    }


def _refused_price(code: str) -> bytes:
    error = {"Code": "InvalidInput", "Message": "The ASIN is not valid."}
    return dump({"ASIN": code, "status": "ClientError", "Error": error})


def _failure(code: str, words: str, status: int = 400) -> dict:
    return {
        "status": {"statusCode": status, "reasonPhrase": "Bad Request" if status == 400 else code},
        "body": {"errors": [{"code": code, "message": words}]},
    }


def _summary_failure(asin: str, marketplace: str, code: str) -> dict:
    words = f"{asin} is not a valid ASIN"
    return {
        "status": {"statusCode": 400, "reasonPhrase": "Client Error"},
        "body": {
            "asin": asin,
            "marketplaceId": marketplace,
            "errors": [{"code": code, "message": words}],
        },
    }
