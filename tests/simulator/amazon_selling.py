"""What a seller may do and pays: restrictions, FBA eligibility, fees, own stock."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

from . import accounts
from .amazon_country import COUNTRIES, Country, errors, money
from .exchange import Call, Reply, as_json
from .market import Listing, Market
from .motion import Draws
from .numbers import asin
from .swagger import body

#: life of a page token of getInventorySummaries [s]
PAGE_LIFE_S = 30.0
_PAGE = 50
_MOST = 20
_REFERRAL, _REFERRAL_LEAST = 0.15, 0.30


class Selling:
    """Answers about one seller.

    clock: wall-clock seconds, for page tokens
    """

    def __init__(self, market: Market, clock=time.time):
        self._market = market
        self._clock = clock

    def restrictions(self, call: Call, account: dict) -> Reply:
        """GetListingsRestrictions."""
        country = COUNTRIES.get(call.one("marketplaceIds").partition(",")[0])
        if call.one("sellerId") != account["seller_id"]:
            return errors(403, "Unauthorized", "Access to requested resource is denied.")
        if country is None or call.fault == "bad-item":
            return errors(400, "BAD_REQUEST", "Invalid 'marketplaceIds' or 'asin' provided.")
        code = call.one("asin")
        listing = self._market.product(country.place, code)
        access = listing.goods.access if listing else "unknown"
        reasons = _reasons(country, code, access)
        condition = call.one("conditionType", "new_new")
        restriction = {
            "marketplaceId": country.id,
            "conditionType": condition,
            "reasons": reasons,
        }
        return as_json({"restrictions": [restriction] if reasons else []})

    def eligibility(self, call: Call, _account: dict) -> Reply:
        """GetItemEligibilityPreview."""
        country = COUNTRIES.get(call.one("marketplaceIds"))
        if country is None or call.fault == "bad-item":
            return errors(400, "InvalidInput", "marketplaceIds: one known id is wanted.")
        listing = self._market.product(country.place, call.one("asin"))
        if listing is None:
            return errors(404, "NotFound", "The requested item was not found.")
        payload = {
            "asin": call.one("asin"),
            "marketplaceId": country.id,
            "program": call.one("program"),
            "isEligibleForProgram": not listing.goods.hazardous,
        }
        if listing.goods.hazardous:
            payload["ineligibilityReasonList"] = ["FBA_INB_0007"]
        return as_json({"payload": payload})

    def fees(self, call: Call, _account: dict) -> Reply:
        """GetMyFeesEstimates."""
        requests = body(call)
        if not 1 <= len(requests) <= _MOST:
            return errors(400, "InvalidInput", f"1 to {_MOST} requests are allowed.")
        wanted = [request.get("FeesEstimateRequest") for request in requests]
        if not all(one and one["MarketplaceId"] in COUNTRIES for one in wanted):
            return errors(400, "InvalidInput", "Incorrect Marketplace identifier.")
        answers = [
            self._fee(call, request["IdType"], request["IdValue"], one)
            for request, one in zip(requests, wanted, strict=True)
        ]
        if call.fault == "bad-item":
            answers[0] = _fee_failure(answers[0]["FeesEstimateIdentifier"])
        return as_json(answers)

    def fee(self, call: Call, _account: dict) -> Reply:
        """GetMyFeesEstimateForASIN."""
        wanted = body(call).get("FeesEstimateRequest")
        if not wanted or wanted["MarketplaceId"] not in COUNTRIES:
            return errors(400, "InvalidInput", "Incorrect Marketplace identifier.")
        code = call.path.split("/")[-2]
        return as_json({"payload": {"FeesEstimateResult": self._fee(call, "ASIN", code, wanted)}})

    def inventory(self, call: Call, account: dict) -> Reply:
        """GetInventorySummaries."""
        country = COUNTRIES.get(call.one("marketplaceIds"))
        if country is None or call.one("granularityId") != country.id:
            return errors(400, "InvalidInput", "granularityId and marketplaceIds must agree.")
        first = self._page_start(call.one("nextToken"))
        if first is None:
            return errors(400, "InvalidInput", "nextToken is expired or not valid.")
        name = accounts.name_of(accounts.AMAZON, account)
        stock = [
            _stock(listing, draws, call)
            for listing in self._market.own_listings(country.place, name)
            if (draws := Draws(self._market.seed, listing.gtin))("fba stock") < 0.6
        ]
        asked = [*filter(None, call.one("sellerSkus").split(",")), call.one("sellerSku")]
        if any(asked):
            stock = [row for row in stock if row["sellerSku"] in asked]
        answer: dict = {
            "payload": {
                "granularity": {"granularityType": "Marketplace", "granularityId": country.id},
                "inventorySummaries": stock[first : first + _PAGE],
            }
        }
        if first + _PAGE < len(stock):
            token = f"{first + _PAGE} {self._clock()}".encode()
            answer["pagination"] = {"nextToken": base64.urlsafe_b64encode(token).decode()}
        return as_json(answer)

    def _page_start(self, token: str) -> int | None:
        if not token:
            return 0
        try:
            first, issued = base64.urlsafe_b64decode(token).split()
            return int(first) if self._clock() - float(issued) < PAGE_LIFE_S else None
        except ValueError:
            return None

    def _fee(self, call: Call, kind: str, value: str, wanted: dict) -> dict:
        country = COUNTRIES[wanted["MarketplaceId"]]
        price = wanted["PriceToEstimateFees"]["ListingPrice"]
        fulfilled = wanted.get("IsAmazonFulfilled", False)
        identifier = {
            "MarketplaceId": country.id,
            "IdType": kind,
            "IdValue": value,
            "SellerInputIdentifier": wanted["Identifier"],
            "IsAmazonFulfilled": fulfilled,
            "PriceToEstimateFees": wanted["PriceToEstimateFees"],
        }
        listing = self._market.product(country.place, value) if kind == "ASIN" else None
        amount = price.get("Amount", 0)
        if listing is None or price.get("CurrencyCode") != country.currency or amount <= 0:
            return _fee_failure(identifier)
        if fulfilled and listing.goods.hazardous:
            return _fee_failure(identifier)
        details = [_fee_detail(country, "ReferralFee", max(_REFERRAL * amount, _REFERRAL_LEAST))]
        if fulfilled:
            kilograms = listing.goods.weight_g * listing.pieces / 1000
            detail = _fee_detail(country, "FBAFees", 2.5 + kilograms)
            nested = _fee_detail(country, "FBAPickAndPack", 2.5 + kilograms)
            details.append(detail | {"IncludedFeeDetailList": [nested]})
        total = round(sum(detail["FinalFee"]["Amount"] for detail in details), 2)
        return {
            "Status": "Success",
            "FeesEstimateIdentifier": identifier,
            "FeesEstimate": {
                "TimeOfFeesEstimation": datetime.fromtimestamp(call.now, UTC).isoformat(),
                "TotalFeesEstimate": money(country, total),
                "FeeDetailList": details,
            },
        }


def _fee_detail(country: Country, name: str, amount: float) -> dict:
    amount = round(amount, 2)
    return {
        "FeeType": name,
        "FeeAmount": money(country, amount),
        "FeePromotion": money(country, 0.0),
        "FinalFee": money(country, amount),
    }


def _fee_failure(identifier: dict) -> dict:
    return {
        "Status": "ClientError",
        "FeesEstimateIdentifier": identifier,
        "Error": {
            "Type": "Sender",
            "Code": "InvalidParameterValue",
            "Message": "There is a client-side error.",
            "Detail": [],
        },
    }


def _reasons(country: Country, code: str, access: str) -> list[dict]:
    if access == "yes":
        return []
    if access == "unknown":
        words = "The ASIN does not exist in this marketplace."
        return [{"message": words, "reasonCode": "ASIN_NOT_FOUND"}]
    if access == "no":
        words = "You cannot list this brand."
        return [{"message": words, "reasonCode": "NOT_ELIGIBLE"}]
    page = f"https://sellercentral.{country.site.lower()}/hz/approvalrequest/restrictions/approve"
    return [
        {
            "message": "You need approval to list this brand.",
            "reasonCode": "APPROVAL_REQUIRED",
            "links": [
                {
                    "resource": f"{page}?asin={code}",
                    "verb": "GET",
                    "title": "Request Approval via Seller Central.",
                    "type": "text/html",
                }
            ],
        }
    ]


def _stock(listing: Listing, draws: Draws, call: Call) -> dict:
    quantity = int(60 * draws("fba quantity") ** 2)
    row = {
        "asin": asin(listing.gtin),
        "fnSku": f"X00{listing.gtin[6:13]}",
        "sellerSku": f"SKU-{listing.gtin[6:13]}",
        "condition": "NewItem",
        "productName": listing.goods.title,
        "totalQuantity": quantity + 3,
        "lastUpdatedTime": "2026-10-31T02:37:26Z",
        "stores": [],
    }
    if call.one("details") == "true":
        row["inventoryDetails"] = {
            "fulfillableQuantity": quantity,
            "inboundWorkingQuantity": 0,
            "inboundShippedQuantity": 2 if quantity % 3 == 0 else 0,
            "inboundReceivingQuantity": 0,
            "reservedQuantity": {"totalReservedQuantity": 2},
            "unfulfillableQuantity": {"totalUnfulfillableQuantity": 1},
            "researchingQuantity": {"totalResearchingQuantity": 0},
        }
    return row
