"""The simulator itself: deterministic, strict where the real services are, quick to start."""

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from . import Simulator, accounts
from .market import AMAZON, CDISCOUNT, FNAC, Market, asin, gtin_of

NOWHERE = Path("/nonexistent")


def gtin(number):
    """A valid GTIN-14."""
    body = f"{number:013d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 1) * 7, strict=False))
    return f"{body}{(10 - total % 10) % 10}"


GTINS = [gtin(376055500000 + 13 * n) for n in range(3000)]


@pytest.fixture
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


def call(simulator, path, *, data=None, method=None, **headers):
    """Status, headers and JSON of a call."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    body = data.encode() if isinstance(data, str) else data
    request = Request(simulator.url + path, body, headers, method=method)
    try:
        with urlopen(request, timeout=10) as response:
            return response.status, response.headers, json.loads(response.read() or b"null")
    except HTTPError as error:
        text = error.read()
        try:
            return error.code, error.headers, json.loads(text)
        except ValueError:
            return error.code, error.headers, text


def token(simulator):
    form = "grant_type=refresh_token&client_id={client_id}&client_secret={client_secret}"
    form += "&refresh_token={refresh_token}"
    answer = call(simulator, "/amazon/auth/o2/token", data=form.format(**accounts.AMAZON))
    return answer[2]["access_token"]


def search(simulator, query, **headers):
    return call(
        simulator,
        f"/amazon/catalog/2022-04-01/items?marketplaceIds=A13V1IB3VIYZZH&{query}",
        x_amz_access_token=token(simulator),
        **headers,
    )


def test_same_seed_same_market():
    first, second, other = Market(1), Market(1), Market(2)
    for platform in (AMAZON, FNAC, CDISCOUNT):
        seen = [first.listing(platform, g) for g in GTINS[:200]]
        assert seen == [second.listing(platform, g) for g in GTINS[:200]]
        assert seen != [other.listing(platform, g) for g in GTINS[:200]]


def test_market_is_believable():
    market = Market(1)
    for platform in (AMAZON, FNAC, CDISCOUNT):
        listings = [listing for g in GTINS if (listing := market.listing(platform, g))]
        assert 0.82 < len(listings) / len(GTINS) < 0.91
        sold = [listing for listing in listings if listing.offers]
        assert 0.9 < len(sold) / len(listings) < 0.99
        assert 0.85 < sum(bool(listing.winner) for listing in sold) / len(sold) < 0.97
        for listing in sold:
            landed = [offer.landed for offer in listing.offers]
            assert landed == sorted(landed)
            assert sum(offer.winner for offer in listing.offers) <= 1
            assert all(0 < offer.price < 20_000 for offer in listing.offers)


def test_a_tick_moves_some_prices_only():
    market = Market(1)
    before = [market.listing(AMAZON, g) for g in GTINS[:500]]
    market.tick = 1
    after = [market.listing(AMAZON, g) for g in GTINS[:500]]
    moved = [a.offers != b.offers for a, b in zip(before, after, strict=True) if a]
    assert 0.05 < sum(moved) / len(moved) < 0.5
    assert [a and a.name for a in before] == [b and b.name for b in after]


def test_in_store_and_wrong_numbers_are_nowhere():
    market = Market(1)
    for number in ("02100000000005", "00400000000004", GTINS[0][:13] + "x", "1" + GTINS[0][1:]):
        assert market.listing(AMAZON, number) is None


def test_asin_leads_back_to_its_ean():
    for g in GTINS[:300]:
        assert gtin_of(asin(g)) == (g, 0)
        assert gtin_of(asin(g, 2)) == (g, 2)
    assert len({asin(g) for g in GTINS}) == len(GTINS)
    assert gtin_of("B0lower123") is None


def test_what_amazon_would_refuse_is_refused(simulator):
    eans = [g[1:] for g in GTINS[:21]]
    good = f"identifiersType=EAN&pageSize=20&identifiers={','.join(eans[:20])}"
    status, headers, body = search(simulator, good)
    assert status == 200
    assert headers["x-amzn-RequestId"]
    assert body["numberOfResults"] >= 10
    for query in (
        f"identifiersType=EAN&pageSize=20&identifiers={','.join(eans)}",
        f"identifiersType=EAN&pageSize=30&identifiers={eans[0]}",
        f"identifiersType=EAN13&identifiers={eans[0]}",
        f"identifiersType=EAN&identifiers={eans[0]}&identifiers={eans[1]}",
        f"identifiersType=EAN&identifiers={eans[0]}&includedData=salesRank",
        f"identifiersType=EAN&identifiers={eans[0]}&marketplaceIds=A1PA6795UKMFR9",
    ):
        status, _headers, body = search(simulator, query)
        assert (status, body["errors"][0]["code"]) == (400, "InvalidInput"), query


def test_amazon_wants_a_token(simulator):
    status, _headers, body = call(simulator, "/amazon/catalog/2022-04-01/items")
    assert (status, body["errors"][0]["code"]) == (403, "Unauthorized")
    status, _headers, body = call(
        simulator, "/amazon/auth/o2/token", data="grant_type=refresh_token&client_id=x"
    )
    assert (status, body["error"]) == (401, "invalid_client")


def test_quota_is_enforced_and_announced():
    with Simulator(data=NOWHERE, quota_scale=1) as simulator:
        query = f"identifiersType=EAN&identifiers={GTINS[0][1:]}"
        answers = [search(simulator, query) for _call in range(4)]
        assert [answer[0] for answer in answers][:2] == [200, 200]
        assert 429 in [answer[0] for answer in answers]
        assert answers[0][1]["x-amzn-RateLimit-Limit"] == "2.0"
        refused = next(answer for answer in answers if answer[0] == 429)
        assert refused[2]["errors"][0]["code"] == "QuotaExceeded"
        assert "Retry-After" not in refused[1]


def test_faults_by_http(simulator):
    query = f"identifiersType=EAN&identifiers={GTINS[0][1:]}"
    fault = json.dumps(
        {"kind": "html-503", "platform": "amazon", "operation": "searchCatalogItems"}
    )
    assert call(simulator, "/_faults", data=fault)[0] == 200
    status, headers, _body = search(simulator, query)
    assert (status, headers["Content-Type"]) == (503, "text/html")
    assert search(simulator, query)[0] == 200
    assert search(simulator, query, X_Onep_Fault="rate-limit")[0] == 429
    assert call(simulator, "/_faults", data='{"kind": "unheard-of"}')[0] == 400
    simulator.faults.add("html-502", count=None)
    assert call(simulator, "/_faults", method="DELETE")[0] == 200
    assert search(simulator, query)[0] == 200


def test_pictures_and_health(simulator):
    with urlopen(f"{simulator.url}/images/{GTINS[0]}.svg", timeout=5) as response:
        assert response.headers["Content-Type"] == "image/svg+xml"
    assert call(simulator, "/_health")[2]["status"] == "ok"
    assert call(simulator, "/nothing")[0] == 404
    assert call(simulator, "/_market", data='{"tick": 2}')[2] == {"tick": 2}


def test_starts_in_two_seconds(unused_port):
    root = Path(__file__).resolve().parents[2]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulator", "--port", str(unused_port)],
        cwd=root,
        stdout=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - started < 10:
            try:
                urlopen(f"http://127.0.0.1:{unused_port}/_health", timeout=1).close()
                break
            except (URLError, ConnectionError):
                time.sleep(0.05)
        assert time.monotonic() - started < 2
    finally:
        process.terminate()
        process.wait(timeout=5)


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
