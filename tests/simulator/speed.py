"""How many GTINs a second one core serves: ``python -m tests.simulator.speed [--count 20000]``.

The simulator runs in a process of its own; its processor time is what counts, so that other work
on the machine and the caller's own decoding do not. "first" is a market nobody asked before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psutil

from . import accounts, gtins
from .amazon import TOKEN_PATH as AMAZON_TOKEN
from .fnac_xml import NAMESPACE
from .numbers import asin
from .octopia import PREFIX
from .octopia import TOKEN_PATH as OCTOPIA_TOKEN
from .wire import FRANCE

ROOT = Path(__file__).resolve().parents[2]


class Caller:
    """One connection that stays open."""

    def __init__(self, port: int):
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method: str, path: str, body: str | None = None, **headers: str) -> bytes:
        """Body of an answer; other statuses than 200 are errors."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, {"User-Agent": "speed/1"} | headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path[:60]}: {response.status} {answer[:200]!r}")
        return answer


def wide_calls(caller: Caller):
    """Name, GTINs per call and a function for each platform's wide call."""
    form = {"grant_type": "refresh_token"} | accounts.AMAZON[0]
    answer = caller.call("POST", f"/amazon{AMAZON_TOKEN}", urlencode(form))
    amazon = {"x_amz_access_token": _between(answer, '"access_token":"', '"')}
    form = {"grant_type": "client_credentials"} | accounts.CDISCOUNT[0]
    answer = caller.call("POST", f"/octopia{OCTOPIA_TOKEN}", urlencode(form))
    seller = accounts.CDISCOUNT[0]["seller_id"]
    token = _between(answer, '"access_token":"', '"')
    octopia = {"Authorization": f"Bearer {token}", "SellerId": seller}
    shop = accounts.FNAC[0]
    parts = "".join(f"<{key}>{shop[key]}</{key}>" for key in ("partner_id", "shop_id", "key"))
    answer = caller.call("POST", "/fnac/api.php/auth", f'<auth xmlns="{NAMESPACE}">{parts}</auth>')
    head = (
        f'<pricing_query xmlns="{NAMESPACE}" partner_id="{shop["partner_id"]}"'
        f' shop_id="{shop["shop_id"]}" token="{_between(answer, "<token>", "<")}" sellers="all"'
        ' states="new" prices="standard">'
    )

    def search(part):
        query = {
            "marketplaceIds": FRANCE,
            "identifiersType": "EAN",
            "identifiers": ",".join(g[1:] for g in part),
            "pageSize": 20,
            "includedData": "summaries,identifiers,salesRanks,dimensions,images,classifications",
        }
        caller.call("GET", f"/amazon/catalog/2022-04-01/items?{urlencode(query)}", **amazon)

    def prices(part):
        query = {"MarketplaceId": FRANCE, "ItemType": "Asin", "Asins": ",".join(map(asin, part))}
        path = f"/amazon/products/pricing/v0/competitivePrice?{urlencode(query)}"
        caller.call("GET", path, **amazon)

    def ranked(part):
        content = "".join(
            f'<product_reference type="Ean">{g[1:]}</product_reference>' for g in part
        )
        caller.call("POST", "/fnac/api.php/prices_query", f"{head}{content}</pricing_query>")

    def own(part):
        query = {
            "salesChannelId": "CDISFR",
            "gtins": ",".join(g[1:] for g in part),
            "fields": "condition,product,facialPrice,quantity,salesChannelFeedback",
            "limit": 1000,
        }
        caller.call("GET", f"/octopia{PREFIX}/offers?{urlencode(query)}", **octopia)

    def competing(part):
        query = {"product_references": ",".join(f"EAN|{g[1:]}" for g in part), "max": 100}
        path = f"/mirakl/api/products/offers?{urlencode(query)}"
        caller.call("GET", path, Authorization=accounts.MIRAKL[0]["key"])

    return (
        ("Amazon searchCatalogItems", 20, search),
        ("Amazon getCompetitivePricing", 20, prices),
        ("Fnac prices_query", 200, ranked),
        ("Cdiscount GET /offers", 50, own),
        ("Mirakl P11", 10, competing),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tests.simulator.speed", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="GTINs to ask for")
    parser.add_argument("--port", type=int, default=8198)
    options = parser.parse_args()
    command = [sys.executable, "-m", "tests.simulator", "--quota-scale", "0"]
    command += ["--port", str(options.port), "--data", os.devnull]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()
            _measure(Caller(options.port), psutil.Process(process.pid), gtins(options.count))
        finally:
            process.terminate()


def _measure(caller: Caller, process: psutil.Process, numbers: list[str]) -> None:
    print(f"{'':30} {'GTINs/s of one core':>22} {'GTINs/s by the clock':>22}")
    for name, size, ask in wide_calls(caller):
        for turn in ("first", "again"):
            started, used = time.perf_counter(), sum(process.cpu_times()[:2])
            for index in range(0, len(numbers), size):
                ask(numbers[index : index + size])
            seconds = time.perf_counter() - started
            used = sum(process.cpu_times()[:2]) - used
            per_core, by_clock = len(numbers) / used, len(numbers) / seconds
            print(f"{name:30} {turn} {per_core:16,.0f} {by_clock:22,.0f}")
    print(f"memory {process.memory_info().rss / 2**20:,.0f} MB")


def _between(answer: bytes, start: str, end: str) -> str:
    return answer.decode().partition(start)[2].partition(end)[0]


if __name__ == "__main__":
    main()
