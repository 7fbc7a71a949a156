"""Accounts on a simulator in a process of its own, and what they were asked."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.simulator.accounts import AMAZON, CDISCOUNT, FNAC, MIRAKL

ROOT = Path(__file__).resolve().parents[2]
URL_PARAMETER = "onep_marketplace_connectors.demo_market_url"
NO_QUOTA = 1e9
KEYS = {
    "amazon": {
        "amazon_client_id": AMAZON[0]["client_id"],
        "amazon_seller_id": AMAZON[0]["seller_id"],
        "amazon_client_secret": AMAZON[0]["client_secret"],
        "amazon_refresh_token": AMAZON[0]["refresh_token"],
    },
    "fnac": {
        "fnac_partner_id": FNAC[0]["partner_id"],
        "fnac_shop_id": FNAC[0]["shop_id"],
        "fnac_key": FNAC[0]["key"],
    },
    "cdiscount": {
        "cdiscount_client_id": CDISCOUNT[0]["client_id"],
        "cdiscount_client_secret": CDISCOUNT[0]["client_secret"],
        "cdiscount_seller_id": CDISCOUNT[0]["seller_id"],
    },
    "mirakl": {"mirakl_api_key": MIRAKL[0]["key"]},
}


#: Two sellers' keys of the marketplaces beside a storm.
CALM_KEYS = {
    "fnac": [
        {"fnac_shop_id": one["shop_id"], "fnac_key": one["key"]} for one in (FNAC[0], FNAC[2])
    ],
    "cdiscount": [
        {f"cdiscount_{name}": one[name] for name in ("client_id", "client_secret", "seller_id")}
        for one in CDISCOUNT[:2]
    ],
}
#: The call that limits a sweep of those, and how many EANs it asks.
CALM_WORK = {"fnac": ("prices_query", 200), "cdiscount": ("GET /products", 1)}
#: Operations of the simulator that limit a sweep.
LIMITING = {"fnac": ("prices_query",), "cdiscount": ("products", "offers")}


@contextmanager
def simulator(env, scale: float) -> Iterator[str]:
    """Base URL of a simulator whose quotas are the real ones times `scale`; 0 lifts them."""
    from tests.live_odoo import free_port

    port = free_port()
    command = [sys.executable, "-m", "tests.simulator", "--port", str(port)]
    command += ["--quota-scale", str(scale), "--data", os.devnull]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            process.stdout.readline()
            url = f"http://127.0.0.1:{port}"
            env["ir.config_parameter"].set_param(URL_PARAMETER, url)
            env.cr.commit()
            yield url
        finally:
            process.terminate()


def call(url: str, path: str, body: dict | None = None):
    """Answer of the simulator's own address."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}{path}", data), timeout=300) as told:
        return json.loads(told.read())


def slow_down(url: str, platform: str, factor: float) -> None:
    """Grant a platform's limiting operations the usual rate times `factor` (and the scale)."""
    from tests.simulator.quota import RATES

    for operation in LIMITING[platform]:
        rate = RATES[platform, operation][0] * factor
        call(url, "/_quotas", {"platform": platform, "operation": operation, "rate": rate})


def make_account(env, platform: str, scale: float, **vals):
    """A demo account whose quotas are the platform's times `scale`; 0 lifts them."""
    account = env["onep.marketplace"].create(
        {
            "name": f"Bench {platform}",
            "code": f"bench_{platform}_{env['onep.marketplace'].search_count([])}",
            "platform": platform,
            "environment": "demo",
            "country_id": env.ref("base.fr").id,
            "currency_id": env.ref("base.EUR").id,
            **KEYS[platform],
            **vals,
        }
    )
    for quota in account.quota_ids:
        usual = account._get_default_limits()[quota.operation]
        quota.write(
            {
                "rate": usual.rate * scale or NO_QUOTA,
                "burst": max(usual.burst * scale, 1.0) if scale else NO_QUOTA,
            }
        )
    env.cr.commit()
    return account


def make_known(env, account, gtins: list[str], external_ids: list[str] | None = None) -> None:
    """Market offers of which nothing but the number is known: a sweep asks them all.

    external_ids: the marketplace's product of each, when its identity is known already
    """
    env.cr.execute(
        """
        INSERT INTO onep_marketplace_offer (marketplace_id, company_id, is_demo, currency_id, gtin,
               state, retailer_present, first_seen_at, external_id, identified_at)
        SELECT m.id, m.company_id, m.is_demo, m.currency_id, g.gtin, 'found', 'unknown',
               now() AT TIME ZONE 'UTC', g.external_id,
               CASE WHEN g.external_id IS NOT NULL THEN now() AT TIME ZONE 'UTC' END
          FROM onep_marketplace m, unnest(%s, %s::text[]) AS g (gtin, external_id)
         WHERE m.id = %s
        """,
        (gtins, external_ids or [None] * len(gtins), account.id),
    )
    env.cr.commit()


class Workers:
    """The worker processes of one account."""

    def __init__(self, account, count: int, *options: str):
        self._account, self._options = account, options
        self._processes = [self._start(number) for number in range(1, count + 1)]

    def _start(self, number: int) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.benchmarks.connectors_worker"]
        command += [str(self._account.id), str(number), *self._options]
        return subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def kill(self, number: int) -> bool:
        """SIGKILL a worker, and start it again as a job runner does; whether it was at work."""
        process = self._processes[number - 1]
        was_alive = process.poll() is None
        process.kill()
        process.wait()
        self._processes[number - 1] = self._start(number)
        return was_alive

    def wait(self) -> list[dict]:
        """What the workers told at their end."""
        told = []
        for process in self._processes:
            out, err = process.communicate()
            if process.returncode:
                raise SystemExit(f"a worker broke:\n{err[-3000:]}")
            told.append(json.loads(out.splitlines()[-1]))
        return told

    def stop(self) -> None:
        """End those that still run."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
