"""The simulated SP-API at wire level."""

import time

import pytest

from . import Simulator, accounts
from .amazon_pricing import TOO_SOON
from .amazon_selling import PAGE_LIFE_S
from .market import AMAZON
from .motion import Draws
from .numbers import asin, gtin_of
from .swagger import Models
from .wire import FRANCE, GTINS, NOWHERE, Amazon, call

OFFERS = "/products/pricing/v0/items/{}/offers"
BATCH = "/batches/products/pricing/v0/itemOffers"
SUMMARY = "/products/pricing/2022-05-01/items/competitiveSummary"
FEES = "/products/fees/v0/feesEstimate"
STOCK = {"granularityType": "Marketplace", "granularityId": FRANCE, "marketplaceIds": FRANCE}


@pytest.fixture(scope="module")
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture
def amazon(simulator):
    simulator.reset()
    return Amazon(simulator)


@pytest.fixture(scope="module")
def asins(simulator):
    """ASINs that are sold, whose offers are known."""
    market = simulator.market
    codes = [asin(g) for g in GTINS[:200] if (one := market.listing(AMAZON, g)) and one.winner]
    return [code for code in codes if Draws(1, code)("too soon") >= TOO_SOON]


def offers_request(code, **changes):
    return {
        "uri": OFFERS.format(code),
        "method": "GET",
        "MarketplaceId": FRANCE,
        "ItemCondition": "New",
    } | changes


def summary_request(code, **changes):
    return {
        "asin": code,
        "marketplaceId": FRANCE,
        "includedData": ["featuredBuyingOptions", "lowestPricedOffers", "referencePrices"],
        "uri": SUMMARY,
        "method": "GET",
    } | changes


def fees_request(code, price=25.5, currency="EUR", fulfilled=True, **changes):
    return {
        "IdType": "ASIN",
        "IdValue": code,
        "FeesEstimateRequest": {
            "MarketplaceId": FRANCE,
            "IsAmazonFulfilled": fulfilled,
            "Identifier": "line-1",
            "PriceToEstimateFees": {
                "ListingPrice": {"CurrencyCode": currency, "Amount": price},
                "Shipping": None,
            },
        }
        | changes,
    }


def test_every_operation_of_the_models_is_served(amazon, simulator):
    names = {operation.name for operation in Models().operations}
    assert names == set(simulator.amazon._handlers)


def test_a_good_search(amazon):
    answer = amazon.search(
        GTINS[:20],
        includedData="summaries,identifiers,salesRanks,dimensions,images,classifications",
    )
    assert answer.status == 200
    assert answer.headers["x-amzn-RequestId"]
    assert answer.json["numberOfResults"] >= 10
    item = answer.json["items"][0]
    assert gtin_of(item["asin"])[0] in GTINS[:20]
    assert item["summaries"][0]["marketplaceId"] == FRANCE
    assert item["dimensions"][0]["package"]["weight"]["value"] > 0


@pytest.mark.parametrize(
    "change",
    [
        {"identifiers": ",".join(["3760000000017"] * 21)},
        {"pageSize": 30},
        {"pageSize": "many"},
        {"identifiersType": "EAN13"},
        {"identifiersType": ""},
        {"identifiers": ["3760000000017", "3760000000024"]},
        {"includedData": "salesRank"},
        {"marketplaceIds": "A1PA6795UKMFR9,A13V1IB3VIYZZH"},
        {"marketplaceIds": ["A1PA6795UKMFR9", "A13V1IB3VIYZZH"]},
        {"marketplaceIds": "NOWHERE"},
        {"marketplaceIds": ""},
        {"keywords": "lampe"},
        {"pageToken": "nonsense"},
    ],
)
def test_a_search_that_amazon_would_refuse(amazon, change):
    answer = amazon.search(GTINS[:2], **change)
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert answer.json["errors"][0]["message"]


def test_a_search_has_pages(amazon):
    pages, token, seen = 0, None, []
    while pages < 10:
        answer = amazon.search(GTINS[:20], pageSize=6, **({"pageToken": token} if token else {}))
        seen += [item["asin"] for item in answer.json["items"]]
        pages += 1
        token = answer.json.get("pagination", {}).get("nextToken")
        if not token:
            break
    assert pages > 2
    assert len(seen) == len(set(seen)) == answer.json["numberOfResults"]


def test_each_country_has_its_prices(amazon, asins):
    france = amazon.prices(asins[:20]).json["payload"]
    germany = amazon.prices(asins[:20], MarketplaceId="A1PA6795UKMFR9").json["payload"]
    assert [row["ASIN"] for row in france] == [row["ASIN"] for row in germany] == asins[:20]
    assert france != germany


def test_wide_prices(amazon, asins, simulator):
    payload = amazon.prices([*asins[:5], "B000000000"]).json["payload"]
    assert [row["status"] for row in payload] == ["Success"] * 5 + ["ClientError"]
    listing = simulator.market.product(AMAZON, asins[0])
    pricing = payload[0]["Product"]["CompetitivePricing"]
    won = next(row for row in pricing["CompetitivePrices"] if row["CompetitivePriceId"] == "1")
    assert won["Price"]["LandedPrice"]["Amount"] == listing.winner.landed
    counts = {row["condition"]: row["Count"] for row in pricing["NumberOfOfferListings"]}
    assert counts["New"] == len(listing.offers)


@pytest.mark.parametrize(
    "change",
    [
        {"Asins": ",".join(["B000000000"] * 21)},
        {"Asins": ["B000000000", "B000000001"]},
        {"Asins": ""},
        {"ItemType": "Ean"},
        {"MarketplaceId": "NOWHERE"},
        {"CustomerType": "Nobody"},
    ],
)
def test_prices_that_amazon_would_refuse(amazon, change):
    answer = amazon.prices(["B000000000"], **change)
    assert (answer.status, answer.code) == (400, "InvalidInput")


def test_offers_of_a_batch(amazon, asins, simulator):
    answer = amazon.post(BATCH, {"requests": [offers_request(code) for code in asins[:20]]})
    assert answer.status == 200
    for code, response in zip(asins, answer.json["responses"], strict=False):
        assert response["status"]["statusCode"] == 200
        assert response["request"]["Asin"] == code
        payload = response["body"]["payload"]
        listing = simulator.market.product(AMAZON, code)
        counts = [row for row in payload["Summary"]["NumberOfOffers"] if row["condition"] == "new"]
        assert sum(row["OfferCount"] for row in counts) == len(listing.offers)
        winners = [offer for offer in payload["Offers"] if offer["IsBuyBoxWinner"]]
        assert len(winners) == 1
        assert winners[0]["ListingPrice"]["Amount"] == listing.winner.price


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [offers_request("B000000000")] * 2,
        [offers_request(f"B0000000{n:02d}") for n in range(21)],
        [offers_request("B000000000", ItemCondition="Fresh")],
        [offers_request("B000000000", MarketplaceId="NOWHERE")],
        [{"uri": OFFERS.format("B000000000"), "method": "GET", "queryParams": {}}],
        [offers_request("B000000000", method="FETCH")],
    ],
)
def test_a_batch_that_amazon_would_refuse(amazon, requests):
    answer = amazon.post(BATCH, {"requests": requests})
    assert (answer.status, answer.code) == (400, "InvalidInput")


def test_one_bad_asin_of_a_batch(amazon, asins):
    answer = amazon.post(
        BATCH, {"requests": [offers_request("B0XXXXXXXX"), offers_request(asins[0])]}
    )
    codes = [one["status"]["statusCode"] for one in answer.json["responses"]]
    assert (answer.status, codes) == (200, [400, 200])


def test_some_offers_are_never_ready(amazon, simulator):
    codes = [asin(g) for g in GTINS if simulator.market.listing(AMAZON, g)]
    slow = next(code for code in codes if Draws(1, code)("too soon") < TOO_SOON)
    payload = amazon.get(OFFERS.format(slow), MarketplaceId=FRANCE, ItemCondition="New").json
    assert payload["payload"]["status"] == "ActiveButTooSoonForProcessing"
    assert payload["payload"]["Summary"]["OffersAvailableTime"]
    path = f"/batches{SUMMARY}"
    summary = amazon.post(path, {"requests": [summary_request(slow)]}).json["responses"][0]
    assert summary["status"]["statusCode"] == 200, "the other service knows it"


def test_offers_of_one_asin(amazon, asins):
    query = {"MarketplaceId": FRANCE, "ItemCondition": "New"}
    assert amazon.get(OFFERS.format(asins[0]), **query).json["payload"]["Offers"]
    assert amazon.get(OFFERS.format("B0XXXXXXXX"), **query).status == 400
    assert amazon.get(OFFERS.format(asins[0]), MarketplaceId=FRANCE).status == 400


def test_competitive_summary(amazon, asins, simulator):
    path = f"/batches{SUMMARY}"
    answer = amazon.post(
        path, {"requests": [summary_request(asins[0]), summary_request("11_AABB_123")]}
    )
    good, bad = answer.json["responses"]
    winner = simulator.market.product(AMAZON, asins[0]).winner
    offer = good["body"]["featuredBuyingOptions"][0]["segmentedFeaturedOffers"][0]
    assert offer["listingPrice"] == {"amount": winner.price, "currencyCode": "EUR"}
    assert offer["fulfillmentType"] == ("AFN" if winner.fulfilled else "MFN")
    assert bad["status"]["statusCode"] == 400
    assert bad["body"]["errors"][0]["code"] == "INVALID_ASIN"
    for change in ({"includedData": []}, {"includedData": ["prices"]}, {"asin": None}):
        answer = amazon.post(path, {"requests": [summary_request(asins[0], **change)]})
        assert (answer.status, answer.code) == (400, "InvalidInput"), change


def test_fees(amazon, asins):
    wanted = [fees_request(asins[0]), fees_request(asins[1], currency="USD")]
    good, bad = amazon.post(FEES, wanted).json
    assert good["Status"] == "Success"
    details = {row["FeeType"]: row["FinalFee"] for row in good["FeesEstimate"]["FeeDetailList"]}
    assert details["ReferralFee"] == {"CurrencyCode": "EUR", "Amount": 3.82}
    total = good["FeesEstimate"]["TotalFeesEstimate"]["Amount"]
    assert total == round(details["ReferralFee"]["Amount"] + details["FBAFees"]["Amount"], 2)
    assert (bad["Status"], bad["Error"]["Type"]) == ("ClientError", "Sender")
    single = amazon.post(
        f"/products/fees/v0/items/{asins[0]}/feesEstimate",
        {"FeesEstimateRequest": wanted[0]["FeesEstimateRequest"]},
    )
    assert (
        single.json["payload"]["FeesEstimateResult"]["FeesEstimate"]["TotalFeesEstimate"]
        == (good["FeesEstimate"]["TotalFeesEstimate"])
    )
    for body in (
        [fees_request(asins[0], price="25.5")],  # amounts are numbers
        [fees_request(asins[0], MarketplaceId="NOWHERE")],
        [fees_request(asins[0], Identifier=None)],
        [fees_request(asins[0])] * 21,
        {"requests": []},
        "not json",
    ):
        assert amazon.post(FEES, body).code == "InvalidInput"


def test_restrictions(amazon, simulator):
    path = "/listings/2021-08-01/restrictions"
    market = simulator.market
    by_access = {}
    for g in GTINS:
        listing = market.listing(AMAZON, g)
        if listing:
            by_access.setdefault(listing.goods.access, asin(g))
    assert set(by_access) == {"yes", "approval", "no"}
    query = {"sellerId": amazon.seller_id, "marketplaceIds": FRANCE}
    assert amazon.get(path, asin=by_access["yes"], **query).json == {"restrictions": []}
    codes = {"approval": "APPROVAL_REQUIRED", "no": "NOT_ELIGIBLE"}
    for access, code in by_access.items():
        if access in codes:
            reasons = amazon.get(path, asin=code, **query).json["restrictions"][0]["reasons"]
            assert reasons[0]["reasonCode"] == codes[access]
            assert bool(reasons[0].get("links")) == (access == "approval")
    unknown = amazon.get(path, asin="B0XXXXXXXX", **query).json["restrictions"][0]
    assert unknown["reasons"][0]["reasonCode"] == "ASIN_NOT_FOUND"
    assert amazon.get(path, asin="B0XXXXXXXX", marketplaceIds=FRANCE).code == "BAD_REQUEST"
    query["conditionType"] = "fresh"
    assert amazon.get(path, asin="B0XXXXXXXX", **query).code == "BAD_REQUEST"
    other = query | {"sellerId": "A1SOMEBODYELSE", "conditionType": "new_new"}
    assert amazon.get(path, asin="B0XXXXXXXX", **other).status == 403


def test_eligibility(amazon, simulator):
    path = "/fba/inbound/v1/eligibility/itemPreview"
    query = {"program": "INBOUND", "marketplaceIds": FRANCE}
    found = {}
    for g in GTINS:
        listing = simulator.market.listing(AMAZON, g)
        if listing:
            found.setdefault(listing.goods.hazardous, asin(g))
    good = amazon.get(path, asin=found[False], **query).json["payload"]
    assert good["isEligibleForProgram"] is True
    bad = amazon.get(path, asin=found[True], **query).json["payload"]
    assert bad["isEligibleForProgram"] is False
    assert bad["ineligibilityReasonList"]
    assert amazon.get(path, asin="B0XXXXXXXX", **query).status == 404
    assert amazon.get(path, asin=found[False], program="OUTBOUND").code == "InvalidInput"


def test_inventory_pages_and_its_token_dies(amazon, simulator):
    path = "/fba/inventory/v1/summaries"
    first = amazon.get(path, details="true", **STOCK).json
    rows = first["payload"]["inventorySummaries"]
    assert len(rows) == 50
    assert rows[0]["inventoryDetails"]["fulfillableQuantity"] >= 0
    token = first["pagination"]["nextToken"]
    second = amazon.get(path, nextToken=token, **STOCK).json
    skus = [row["sellerSku"] for row in rows + second["payload"]["inventorySummaries"]]
    assert len(set(skus)) == len(skus)
    selling = simulator.amazon._handlers["getInventorySummaries"].__self__
    selling._clock = lambda: time.time() + PAGE_LIFE_S
    try:
        assert amazon.get(path, nextToken=token, **STOCK).code == "InvalidInput"
    finally:
        selling._clock = time.time
    one = amazon.get(path, sellerSkus=skus[3], **STOCK).json["payload"]["inventorySummaries"]
    assert [row["sellerSku"] for row in one] == [skus[3]]
    assert amazon.get(path, **(STOCK | {"granularityType": "World"})).status == 400
    assert amazon.get(path, **(STOCK | {"granularityId": "A1PA6795UKMFR9"})).status == 400


def test_tokens(simulator):
    answer = call(simulator, "/amazon/catalog/2022-04-01/items")
    assert (answer.status, answer.code) == (403, "Unauthorized")
    known = accounts.AMAZON[0]
    path = "/amazon/auth/o2/token"
    form = "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}"
    wrong = form.format(known["client_id"], "x", known["refresh_token"])
    answer = call(simulator, path, data=wrong)
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    wrong = form.format(known["client_id"], known["client_secret"], "x")
    answer = call(simulator, path, data=wrong)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    answer = call(simulator, path, data="grant_type=password")
    assert (answer.status, answer.json["error"]) == (400, "unsupported_grant_type")


def test_manners(amazon, simulator):
    assert amazon.get("/products/pricing/v1/nothing").status == 403
    assert amazon.post(FEES, "[]", content_type="text/plain").status == 415
    answer = call(
        simulator,
        "/amazon/sellers/v1/marketplaceParticipations",
        x_amz_access_token=amazon.token,
        User_Agent="x" * 501,
    )
    assert answer.status == 400
    rows = amazon.get("/sellers/v1/marketplaceParticipations").json["payload"]
    open_ = [row["marketplace"]["id"] for row in rows if row["participation"]["isParticipating"]]
    assert FRANCE in open_
    assert len(open_) < len(rows)
