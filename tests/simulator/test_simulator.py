"""The simulator itself: quotas, faults, time, and a quick start."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from . import Simulator, accounts, gtins
from .faults import KINDS
from .fnac_xml import NAMESPACE
from .numbers import asin
from .quota import RATES, Quotas
from .wire import GTINS, NOWHERE, Amazon, Fnac, Mirakl, Octopia, call

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture
def amazon(simulator):
    return Amazon(simulator)


# --- quotas


def test_a_bucket_is_exact():
    now = [0.0]
    quotas = Quotas(1, clock=lambda: now[0])
    for (platform, operation), (rate, burst) in RATES.items():
        taken = sum(not quotas.take(platform, operation, "a") for _n in range(int(burst) + 5))
        assert taken == burst
        wait = quotas.take(platform, operation, "a")
        assert wait == pytest.approx(1 / rate)
        now[0] += wait - 0.001 / rate
        assert quotas.take(platform, operation, "a") > 0, "no grace"
        now[0] += 0.001 / rate
        assert quotas.take(platform, operation, "a") == 0
        assert quotas.take(platform, operation, "b") == 0, "another account has its own"


def test_a_bucket_gives_its_rate_and_no_more():
    now = [0.0]
    quotas = Quotas(50, clock=lambda: now[0])
    granted = 0
    for _step in range(10_000):
        now[0] += 0.001
        granted += not quotas.take("amazon", "getCompetitivePricing", "a")
    assert granted == pytest.approx(0.5 * 50 * 10 + 50, abs=1)
    assert quotas.granted["amazon", "getCompetitivePricing", "a"] == granted


def test_amazon_says_429_and_announces_its_rate():
    with Simulator(data=NOWHERE, quota_scale=1) as simulator:
        amazon, other = Amazon(simulator), Amazon(simulator, accounts.AMAZON[1])
        answers = [amazon.search(GTINS[:1]) for _call in range(4)]
        assert [answer.status for answer in answers][:2] == [200, 200]
        refused = next(answer for answer in answers if answer.status == 429)
        assert refused.code == "QuotaExceeded"
        assert answers[0].headers["x-amzn-RateLimit-Limit"] == "2.0"
        assert refused.headers["Retry-After"] is None
        assert refused.headers["x-amzn-RequestId"]
        assert other.search(GTINS[:1]).status == 200, "each account has its own quota"
        assert amazon.prices(["B000000000"]).status == 200, "each operation too"
        simulator.quotas.rates["amazon", "getListingsRestrictions"] = 2.5
        answer = amazon.get("/listings/2021-08-01/restrictions", asin="B000000000")
        assert answer.headers["x-amzn-RateLimit-Limit"] == "2.5", "what is granted may be less"


def test_the_others_say_how_long_to_wait_or_not():
    with Simulator(data=NOWHERE, quota_scale=1) as simulator:
        fnac, octopia, mirakl = Fnac(simulator), Octopia(simulator), Mirakl(simulator)
        asked = [GTINS[0][1:]]
        late = next(a for _n in range(9) if (a := fnac.prices(asked)).status == 429)
        assert late.headers["Retry-After"] == "1"
        late = next(a for _n in range(9) if (a := mirakl.offers(GTINS[:1])).status == 429)
        assert late.headers["Retry-After"] == "1"
        for one in (late, octopia.get("/sellers"), fnac.prices(asked)):
            names = {name.lower() for name in one.headers}
            assert not any("ratelimit" in name for name in names), "only Amazon announces rates"
        late = next(a for _n in range(9) if (a := octopia.get("/sellers")).status == 429)
        assert late.headers["Retry-After"] is None
        assert late.json["title"] == "Too Many Requests"


def test_quotas_by_http(simulator, amazon):
    amazon.search(GTINS[:1])
    assert call(simulator, "/_quotas", data='{"scale": 1}').json["scale"] == 1
    for _call in range(4):
        amazon.search(GTINS[:1])
    told = call(simulator, "/_quotas").json
    assert told["refused"] == call(simulator, "/_health").json["throttled"] > 0
    assert {row["operation"] for row in told["granted"]} == {"token", "searchCatalogItems"} - {
        "token"
    }
    counts = {
        (row["operation"], row["status"]): row["calls"] for row in call(simulator, "/_calls").json
    }
    assert counts["searchCatalogItems", 429] == told["refused"]


# --- faults


def test_every_fault_on_every_platform(simulator, amazon):
    fnac, octopia, mirakl = Fnac(simulator), Octopia(simulator), Mirakl(simulator)
    calls = {
        "amazon": lambda fault: amazon.search(GTINS[:10], fault=fault),
        "fnac": lambda fault: fnac.prices([g[1:] for g in GTINS[:10]], fault=fault),
        "cdiscount": lambda fault: octopia.get("/offers", salesChannelId="CDISFR", fault=fault),
        "mirakl": lambda fault: mirakl.offers(GTINS[:10], fault=fault),
    }
    statuses = {
        "rate-limit": {429},
        "html-503": {503},
        "html-502": {502},
        "json-502": {502},
        "error-500": {500, 200},  # Fnac tells it in a complete answer
        "expired-token": {403, 401, 200},
    }
    for platform, ask in calls.items():
        usual = ask("")
        assert usual.status == 200
        for kind in set(KINDS) - {"cut", "reset", "slow", "slow-body", "expired-token"}:
            answer = ask(kind)
            assert answer.status in statuses.get(kind, {200}), (platform, kind)
            if kind in ("empty", "no-body", "garbage", "bad-item", "new-fields") and (
                platform != "amazon" or kind != "bad-item"
            ):
                assert answer.body != usual.body, (platform, kind)
            assert ask("").body == usual.body, "the next call is as ever"
        with pytest.raises(IncompleteRead):
            ask("cut")
        with pytest.raises(RemoteDisconnected):
            ask("reset")
        assert ask("expired-token").status in statuses["expired-token"]
    assert fnac.prices(["1"], fault="error-500").xml.get("status") == "FATAL"


def test_an_expired_token_stays_dead(simulator, amazon):
    assert amazon.search(GTINS[:1], fault="expired-token").status == 403
    answer = amazon.search(GTINS[:1])
    assert answer.status == 403
    assert "revoked" in answer.json["errors"][0]["details"]
    assert Amazon(simulator).search(GTINS[:1]).status == 200


def test_slow_answers_and_bodies(amazon):
    for kind in ("slow:0.4", "slow-body:0.4"):
        started = time.monotonic()
        assert amazon.search(GTINS[:1], fault=kind).status == 200
        assert time.monotonic() - started >= 0.4


def test_their_clock_may_be_wrong(simulator):
    fnac = Fnac(simulator)
    answer = fnac.prices(["1"], fault="clock-skew:-7200")
    late = datetime.now(UTC) - parsedate_to_datetime(answer.headers["Date"])
    assert 7100 < late.total_seconds() < 7300
    simulator.faults.add("clock-skew", operation="auth", seconds=-7200)
    validity = Fnac(simulator).auth.findtext(f"{{{NAMESPACE}}}validity")
    assert datetime.fromisoformat(validity) < datetime.now(UTC), "dead at birth, by our clock"
    assert fnac.prices(["1"]).status == 200


def test_one_bad_item_leaves_the_others(simulator, amazon):
    codes = [item["asin"] for item in amazon.search(GTINS[:20]).json["items"]][:5]
    rows = amazon.prices(codes, fault="bad-item").json["payload"]
    assert [row["status"] for row in rows] == ["ClientError"] + ["Success"] * 4
    requests = [
        {
            "uri": f"/products/pricing/v0/items/{code}/offers",
            "method": "GET",
            "MarketplaceId": "A13V1IB3VIYZZH",
            "ItemCondition": "New",
        }
        for code in codes
    ]
    path = "/batches/products/pricing/v0/itemOffers"
    body = amazon.post(path, {"requests": requests}, fault="throttled-item").json
    found = [one["status"]["statusCode"] for one in body["responses"]]
    assert found == [429, 200, 200, 200, 200]


def test_faults_are_planned_counted_and_forgotten(simulator, amazon):
    fault = {"kind": "html-503", "platform": "amazon", "operation": "searchCatalogItems"}
    fault |= {"skip": 1, "count": 2}
    assert call(simulator, "/_faults", data=json.dumps(fault)).status == 200
    assert Mirakl(simulator).offers(GTINS[:1]).status == 200, "it concerns another platform"
    statuses = [amazon.search(GTINS[:1]).status for _call in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert call(simulator, "/_faults", data='{"kind": "unheard-of"}').status == 400
    assert amazon.search(GTINS[:1], fault="unheard-of").status == 400
    simulator.faults.add("html-502", count=None)
    assert call(simulator, "/_faults", method="DELETE").status == 200
    assert amazon.search(GTINS[:1]).status == 200


def test_a_storm_spoils_its_share_and_repeats(simulator, amazon):
    def run():
        storm = {"share": 0.3, "seed": 5, "platform": "amazon"}
        storm["kinds"] = ["html-503", "rate-limit", "json-502"]
        assert call(simulator, "/_faults", data=json.dumps(storm)).status == 200
        statuses = [amazon.search(GTINS[:1]).status for _call in range(200)]
        simulator.faults.clear()
        return statuses

    first = run()
    assert first == run()
    assert 0.2 < sum(status != 200 for status in first) / len(first) < 0.4
    assert set(first) == {200, 503, 429, 502}
    assert simulator.quotas.refused == 0, "a storm's 429 is no quota of ours"


# --- the rest


def test_time_and_gtins_by_http(simulator, amazon):
    before = amazon.prices([item["asin"] for item in amazon.search(GTINS[:20]).json["items"]][:20])
    assert call(simulator, "/_market", data='{"tick": 9}').json == {"tick": 9}
    after = amazon.prices([row["ASIN"] for row in before.json["payload"]])
    assert before.body != after.body
    call(simulator, "/_market", data='{"tick": 0, "tick_seconds": 0.05}')
    time.sleep(0.2)
    assert call(simulator, "/_market").json["tick"] >= 3
    call(simulator, "/_reset", data="")
    prepared = {"prepare": 50, "places": ["amazon", "fnac"]}
    assert call(simulator, "/_market", data=json.dumps(prepared)).json == {"tick": 0}
    assert call(simulator, "/_market", data='{"prepare": 1, "places": ["nowhere"]}').status == 400
    assert call(simulator, "/_market").json["tick"] == 0
    assert call(simulator, "/_market/gtins?count=30").json["gtins"] == gtins(30)
    assert call(simulator, "/_market/gtins?count=30&seed=4").json["gtins"] == gtins(30, 4)


def test_a_connection_stays_open(simulator, amazon):
    connection = HTTPConnection(*simulator._server.server_address)
    headers = {"x-amz-access-token": amazon.token, "User-Agent": "t/1"}
    for _call in range(5):
        connection.request("GET", "/amazon/sellers/v1/marketplaceParticipations", headers=headers)
        response = connection.getresponse()
        assert response.read()
        assert not response.will_close
    connection.close()


def test_many_callers_at_once(simulator):
    def ask(number):
        return Mirakl(simulator).offers(GTINS[5 * number : 5 * number + 5], max=100).body

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(ask, [number % 10 for number in range(80)]))
    assert len(set(bodies)) == 10
    assert Counter(status for _p, _o, status in simulator.calls) == {200: 80}
    assert threading.active_count() < 60


def test_wide_calls_are_no_bottleneck(simulator, amazon):
    """4,000 GTINs a second of one core, HTTP included; the caller's time counts against it."""
    fnac, mirakl = Fnac(simulator), Mirakl(simulator)
    asked = {
        "amazon": lambda part: amazon.prices([asin(g) for g in part]),
        "fnac": lambda part: fnac.prices([g[1:] for g in part], states="new"),
        "mirakl": lambda part: mirakl.offers(part),
    }
    for name, ask in asked.items():
        for _turn in range(2):
            started = time.process_time()
            for index in range(0, 1000, 20):
                assert ask(GTINS[index : index + 20]).status == 200
            used = time.process_time() - started
        assert 1000 / used > 4000, name


def test_pictures_and_health(simulator):
    with urlopen(f"{simulator.url}/images/{GTINS[0]}.svg", timeout=5) as response:
        assert response.headers["Content-Type"] == "image/svg+xml"
    assert call(simulator, "/_health").json["status"] == "ok"
    assert call(simulator, "/nothing").status == 404


def test_starts_in_two_seconds(unused_port):
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulator", "--port", str(unused_port)],
        cwd=ROOT,
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
