"""The simulated Octopia services at wire level."""

import pytest

from . import Simulator, accounts
from .market import CDISCOUNT
from .octopia import TOKEN_PATH
from .wire import GTINS, NOWHERE, Octopia, call

FEEDBACK = "salesChannelFeedback"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture
def octopia(simulator):
    simulator.reset()
    return Octopia(simulator)


def own(simulator):
    return [
        g
        for g in GTINS[:500]
        if simulator.market.is_own(CDISCOUNT, g) and simulator.market.listing(CDISCOUNT, g)
    ]


def test_log_in(simulator):
    path = f"/octopia{TOKEN_PATH}"
    wrong = "grant_type=client_credentials&client_id=demo-client&client_secret=x"
    answer = call(simulator, path, data=wrong)
    assert (answer.status, answer.json["error"]) == (401, "unauthorized_client")
    answer = call(simulator, path, data="grant_type=password")
    assert answer.status == 400


def test_who_we_are(octopia):
    assert octopia.get("/sellers").json["sellerId"] == accounts.CDISCOUNT[0]["seller_id"]
    rows = octopia.get("/sellers/subscriptions").json["items"]
    assert rows[0]["salesChannelId"] == "CDISFR"
    assert octopia.get("/sellers", seller="67890").status == 403, "a client has its own seller"
    assert octopia.get("/nothing").status == 404
    assert octopia.get("/sellers", accept="text/xml").status == 406
    octopia.token = "eyJsimulator.99999999"
    assert octopia.get("/sellers").status == 401


def test_sheets(octopia, simulator):
    mine = own(simulator)
    foreign = next(g for g in GTINS if simulator.market.listing(CDISCOUNT, g) and g not in mine)
    sheet = octopia.get("/products", gtin=mine[0][1:]).json["items"][0]
    assert sheet["gtin"] == mine[0][1:]
    assert {one["reference"] for one in sheet["sellers"]} > {"12345"}
    assert "sellers" not in octopia.get("/products", gtin=foreign[1:]).json["items"][0]
    nobody = next(g for g in GTINS if not simulator.market.listing(CDISCOUNT, g))
    assert octopia.get("/products", gtin=nobody[1:]).json == {"itemsPerPage": 0, "items": []}
    assert octopia.get("/products", gtin="12").status == 400
    # unknown filters are ignored
    assert octopia.get("/products", sellerProductReference="X", limit=3).json["itemsPerPage"] == 3


def test_own_sheets_have_pages_with_the_cursor_in_the_body(octopia):
    cursor, seen = "", []
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        body = octopia.get("/products", **query).json
        seen += [row["gtin"] for row in body["items"]]
        cursor = body.get("cursor")
        if not cursor:
            break
    assert len(set(seen)) == len(seen) > 100


def test_own_offers(octopia, simulator):
    mine = own(simulator)
    others = [g for g in GTINS[:500] if g not in mine][:10]
    query = {
        "salesChannelId": "CDISFR",
        "gtins": ",".join(g[1:] for g in mine[:20] + others),
        "fields": f"product,facialPrice.price,{FEEDBACK}",
    }
    items = octopia.get("/offers", **query).json["items"]
    assert [row["product"]["gtin"] for row in items] == [g[1:] for g in mine[:20]]
    assert set(items[0]) == {
        *("offerId", "sellerExternalReference", "offerState", "createdAt", "updatedAt"),
        *("product", "facialPrice", FEEDBACK),
    }
    listing = simulator.market.listing(CDISCOUNT, mine[0])
    competing = items[0][FEEDBACK]["competingOffers"]
    assert [one["price"] for one in competing] == [offer.price for offer in listing.offers]


def test_feedback_has_to_be_asked_for(octopia, simulator):
    query = {"salesChannelId": "CDISFR", "gtins": own(simulator)[0][1:]}
    assert FEEDBACK not in octopia.get("/offers", **query).json["items"][0]
    assert FEEDBACK in octopia.get("/offers", expand=FEEDBACK, **query).json["items"][0]
    both = octopia.get("/offers", expand=FEEDBACK, fields="condition", **query).json["items"][0]
    assert FEEDBACK not in both, "fields cancel expand"


def test_offers_have_pages_with_the_cursor_in_a_header(octopia):
    answer = octopia.get("/offers", salesChannelId="CDISFR", limit=100)
    assert 'rel="next"' in answer.headers["Link"]
    assert "Cursor=" in answer.headers["Link"]
    cursor, seen = "", []
    while True:
        query = {"cursor": cursor} if cursor else {}
        answer = octopia.get("/offers", salesChannelId="CDISFR", limit=100, **query)
        seen += [row["offerId"] for row in answer.json["items"]]
        link = answer.headers["Link"]
        if not link:
            break
        cursor = link.partition("Cursor=")[2].partition(">")[0]
    assert len(set(seen)) == len(seen) > 200


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 10},
        {"salesChannelId": "NOWHERE"},
        {"salesChannelId": "CDISFR", "limit": 1001},
        {"salesChannelId": "CDISFR", "limit": "all"},
    ],
)
def test_offers_that_octopia_would_refuse(octopia, query):
    answer = octopia.get("/offers", **query)
    assert answer.status == 400
    assert answer.json["errors"]


def test_categories(octopia):
    bare = octopia.get("/categories", pageIndex=1, pageSize=100).json["items"]
    assert set(bare[0]) == {"categoryReference"}
    page, rows = 1, []
    while True:
        items = octopia.get(
            "/categories", pageIndex=page, pageSize=100, fields="label,level,parentReferences"
        ).json["items"]
        rows += items
        page += 1
        if len(items) < 100:
            break
    codes = {row["categoryReference"] for row in rows}
    assert len(codes) == len(rows) > 500
    assert {row["level"] for row in rows} == {1, 2, 3}
    assert all(set(row["parentReferences"]) <= codes for row in rows)
    assert octopia.get("/categories", pageIndex=0).status == 400
    assert octopia.get("/categories", pageIndex=1, pageSize=500).status == 400
