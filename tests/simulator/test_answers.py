"""What the simulator answers is what the published models say: Amazon's Swagger, Fnac's schemas."""

from xml.etree.ElementTree import tostring

import pytest
from lxml import etree

from . import Simulator
from .amazon_pricing import TOO_SOON
from .market import AMAZON, FNAC
from .motion import Draws
from .numbers import asin
from .swagger import Models
from .wire import FRANCE, GTINS, NOWHERE, Amazon, Fnac
from .xsd import FOLDER

SUMMARY = "/products/pricing/2022-05-01/items/competitiveSummary"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture(scope="module")
def codes(simulator):
    """ASINs of goods that somebody sells."""
    market = simulator.market
    found = [asin(g) for g in GTINS[:60] if (one := market.listing(AMAZON, g)) and one.winner]
    return [code for code in found if Draws(1, code)("too soon") >= TOO_SOON][:20]


def amazon_answers(amazon, codes):
    """Path by operation of every answer."""
    offers = [
        {
            "uri": f"/products/pricing/v0/items/{code}/offers",
            "method": "GET",
            "MarketplaceId": FRANCE,
            "ItemCondition": "New",
        }
        for code in codes
    ]
    summaries = [
        {
            "asin": code,
            "marketplaceId": FRANCE,
            "includedData": ["featuredBuyingOptions", "referencePrices", "lowestPricedOffers"],
            "uri": SUMMARY,
            "method": "GET",
        }
        for code in codes
    ]
    fees = {
        "MarketplaceId": FRANCE,
        "IsAmazonFulfilled": True,
        "Identifier": "1",
        "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": "EUR", "Amount": 9.9}},
    }
    included = "summaries,identifiers,salesRanks,dimensions,images,classifications,relationships"
    stock = {"granularityType": "Marketplace", "granularityId": FRANCE, "marketplaceIds": FRANCE}
    seller = {"sellerId": amazon.seller_id, "marketplaceIds": FRANCE}
    inbound = {"program": "INBOUND", "marketplaceIds": FRANCE}
    condition = {"MarketplaceId": FRANCE, "ItemCondition": "New"}
    return {
        "searchCatalogItems": [amazon.search(GTINS[:20], includedData=included)],
        "getCompetitivePricing": [amazon.prices(codes)],
        "getItemOffers": [amazon.get(offers[0]["uri"], **condition)],
        "getItemOffersBatch": [
            amazon.post("/batches/products/pricing/v0/itemOffers", {"requests": offers})
        ],
        "getCompetitiveSummary": [amazon.post(f"/batches{SUMMARY}", {"requests": summaries})],
        "getMyFeesEstimates": [
            amazon.post(
                "/products/fees/v0/feesEstimate",
                [{"IdType": "ASIN", "IdValue": c, "FeesEstimateRequest": fees} for c in codes],
            )
        ],
        "getMyFeesEstimateForASIN": [
            amazon.post(
                f"/products/fees/v0/items/{codes[0]}/feesEstimate", {"FeesEstimateRequest": fees}
            )
        ],
        "getListingsRestrictions": [
            amazon.get("/listings/2021-08-01/restrictions", asin=code, **seller) for code in codes
        ],
        "getItemEligibilityPreview": [
            amazon.get("/fba/inbound/v1/eligibility/itemPreview", asin=code, **inbound)
            for code in codes
        ],
        "getInventorySummaries": [
            amazon.get("/fba/inventory/v1/summaries", details="true", **stock)
        ],
        "getMarketplaceParticipations": [amazon.get("/sellers/v1/marketplaceParticipations")],
    }


def test_amazon(simulator, codes):
    answers = amazon_answers(Amazon(simulator), codes)
    operations = {operation.name: operation for operation in Models().operations}
    assert set(answers) == set(operations)
    for name, found in answers.items():
        check = operations[name].compile(operations[name].answer)
        for answer in found:
            assert answer.status == 200, name
            check(answer.json)


@pytest.mark.parametrize(
    ("service", "version", "schema"),
    [
        ("prices_query", 3, "PricesQueryService.xsd"),
        ("pricing_query", 1, "PricingQueryService.xsd"),
        ("pricing_query", 2, "PricingQueryService.xsd"),
        ("offers_query", 0, "OffersQueryService.xsd"),
    ],
)
def test_fnac(simulator, service, version, schema):
    simulator.reset()
    fnac, market = Fnac(simulator), simulator.market
    # errors of single products break the schema in the real service too
    sold = [g[1:] for g in GTINS if (one := market.listing(FNAC, g)) and one.offers]
    if service == "offers_query":
        answer = fnac.query(service, service, "", with_fees="true")
    else:
        simulator.fnac.pricing_version = version
        answer = fnac.prices(sold[: 200 if version == 3 else 10], service)
    validator = etree.XMLSchema(etree.parse(str(FOLDER / schema)))
    validator.assertValid(etree.fromstring(answer.body.partition(b"?>")[2]))


def test_fnac_log_in(simulator):
    validator = etree.XMLSchema(etree.parse(str(FOLDER / "AuthenticationService.xsd")))
    body = Fnac(simulator).auth
    validator.assertValid(etree.fromstring(tostring(body)))
