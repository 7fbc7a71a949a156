"""The simulated Mirakl services at wire level."""

import pytest

from . import Simulator
from .market import MIRAKL
from .wire import GTINS, NOWHERE, Mirakl


@pytest.fixture(scope="module")
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture
def mirakl(simulator):
    simulator.reset()
    return Mirakl(simulator)


def test_who_we_are(mirakl, simulator):
    account = mirakl.get("/account").json
    assert (account["shop_state"], account["currency_iso_code"]) == ("OPEN", "EUR")
    assert mirakl.get("/account", shop_id=account["shop_id"]).status == 200
    assert mirakl.get("/account", shop_id="999").status == 403
    assert Mirakl(simulator, "Bearer demo-mirakl-key").get("/account").status == 401
    assert mirakl.get("/nothing").status == 404
    assert mirakl.get("/version").json["version"]


def test_competing_offers_by_page(mirakl, simulator):
    asked = GTINS[:40]
    offset, offers, totals = 0, {}, {}
    while True:
        answer = mirakl.offers(asked, max=30, offset=offset)
        for product in answer.json["products"]:
            gtin = product["product_references"][0]["reference"].zfill(14)
            offers.setdefault(gtin, []).extend(product["offers"])
            totals[gtin] = product["total_count"]
        offset += 30
        if 'rel="next"' not in (answer.headers["Link"] or ""):
            break
    assert offset >= answer.json["total_count"]
    for gtin in asked:
        listing = simulator.market.listing(MIRAKL, gtin)
        assert (gtin in offers) == bool(listing)
        if listing:
            assert len(offers[gtin]) == totals[gtin] == len(listing.offers) + len(listing.used)
            prices = [one["total_price"] for one in offers[gtin]]
            assert prices == sorted(prices)


def test_pages_of_products(mirakl, simulator):
    simulator.mirakl.products.pages_of = "products"
    body = mirakl.offers(GTINS[:40], max=5).json
    assert len(body["products"]) == 5
    assert all(len(one["offers"]) == one["total_count"] for one in body["products"])


def test_states_and_masks(mirakl):
    states = {
        row["code"]: row["label"] for row in mirakl.get("/offers/states").json["offer_states"]
    }
    new = mirakl.offers(GTINS[:40], offer_state_codes="11").json["products"]
    offers = [offer for product in new for offer in product["offers"]]
    assert {offer["state_code"] for offer in offers} == {"11"} <= set(states)
    for offer in offers:
        assert (offer["offer_id"], offer["shop_id"], offer["quantity"]) == (0, None, 999)
        assert (offer["premium"], offer["channels"]) == (False, [])


def test_catalogue(mirakl, simulator):
    references = ",".join(f"EAN|{g[1:]}" for g in GTINS[:100])
    products = mirakl.get("/products", product_references=references).json["products"]
    known = [g[1:] for g in GTINS[:100] if simulator.market.listing(MIRAKL, g)]
    assert [row["product_id"] for row in products] == known
    again = mirakl.get("/products/offers", product_ids=products[0]["product_sku"], max=100).json
    assert [row["product_sku"] for row in again["products"]] == [products[0]["product_sku"]]


@pytest.mark.parametrize(
    "query",
    [
        {"product_references": ""},
        {"product_references": "3760000000017"},
        {"product_references": "GTIN|3760000000017"},
        {"product_references": ",".join(["EAN|3760000000017"] * 101)},
        {"max": 101},
        {"max": "all"},
        {"offset": -1},
        {"sort": "cheapest"},
        {"order": "up"},
        {"product_ids": "MKL1"},
    ],
)
def test_what_mirakl_would_refuse(mirakl, query):
    answer = mirakl.offers(GTINS[:2], **query)
    assert answer.status == 400
    assert answer.json["message"]


def test_own_offers(mirakl, simulator):
    seen, offset = [], 0
    while True:
        body = mirakl.get("/offers", max=100, offset=offset).json
        seen += [row["shop_sku"] for row in body["offers"]]
        offset += 100
        if offset >= body["total_count"]:
            break
    assert len(set(seen)) == len(seen) == body["total_count"] > 100
    assert mirakl.get("/offers", sku=seen[3]).json["total_count"] == 1
    other = Mirakl(simulator, "second-mirakl-key").get("/offers", max=100).json
    assert {row["shop_sku"] for row in other["offers"]} != set(seen[:100])


def test_hierarchies(mirakl):
    rows = mirakl.get("/hierarchies").json["hierarchies"]
    codes = {row["code"] for row in rows}
    assert all(not row["parent_code"] or row["parent_code"] in codes for row in rows)
    tops = mirakl.get("/hierarchies", max_level=1).json["hierarchies"]
    assert {row["level"] for row in tops} == {1}
    assert mirakl.get("/hierarchies", max_level="x").status == 400
