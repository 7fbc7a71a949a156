"""Builders, and the simulated marketplaces on loopback."""

import importlib.util
import logging
import os
import sys
import time
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo.tests import TransactionCase

from odoo.addons.onep_marketplace_connectors.clients.base import Account
from odoo.addons.onep_marketplace_connectors.clients.breaker import MemoryCircuits
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import MemoryBuckets
from odoo.addons.queue_job.exception import RetryableJobError

SECRETS = {
    "amazon_client_secret": "demo-client-secret",
    "amazon_refresh_token": "Atzr|demo-refresh-token",
    "fnac_key": "33333333-3333-4333-8333-333333333333",
    "cdiscount_client_secret": "demo-client-secret",
    "mirakl_api_key": "demo-mirakl-key",
}
SETTINGS = {
    "amazon_client_id": "amzn1.application-oa2-client.demo",
    "amazon_seller_id": "A1DEMOSELLER00",
    "fnac_partner_id": "11111111-1111-4111-8111-111111111111",
    "fnac_shop_id": "22222222-2222-4222-8222-222222222222",
    "cdiscount_client_id": "demo-client",
    "cdiscount_seller_id": "12345",
    "mirakl_instance_url": "https://operator.example.com",
}


def load_simulator():
    """The project's ``tests/simulator`` package, by place: its name would clash with others'."""
    name = "onep_simulator"
    if name not in sys.modules:
        folder = Path(__file__).resolve().parents[2] / "tests" / "simulator"
        if not (folder / "__init__.py").exists():
            raise SkipTest("the simulator is not installed beside the addon")
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def start_simulator(test_class, **options):
    """A simulator for the life of a test class, knowing no supplier file."""
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    logging.getLogger("onep_simulator").setLevel(logging.WARNING)
    simulator = load_simulator().Simulator(data=Path("/nonexistent"), **options).start()
    test_class.addClassCleanup(simulator.stop)
    return simulator


def gtin(number):
    """The canonical GTIN of a 13-digit body."""
    body = f"{number:013d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 1) * 7, strict=False))
    return f"{body}{(10 - total % 10) % 10}"


def gtins(count, start=376012345000):
    """Valid GTINs, always the same."""
    return [gtin(start + index * 7) for index in range(count)]


def account(platform, simulator, **changes):
    """An account of a client on the simulator."""
    url = simulator.url if simulator else "http://127.0.0.1:9"
    values = {
        "amazon": {
            "endpoint_url": f"{url}/amazon",
            "token_url": f"{url}/amazon/auth/o2/token",
            "settings": {
                "client_id": SETTINGS["amazon_client_id"],
                "seller_id": SETTINGS["amazon_seller_id"],
                "offer_detail": "1",
            },
            "secrets": {k: v for k, v in SECRETS.items() if k.startswith("amazon")},
        },
        "fnac": {
            "endpoint_url": f"{url}/fnac/api.php",
            "settings": {
                "partner_id": SETTINGS["fnac_partner_id"],
                "shop_id": SETTINGS["fnac_shop_id"],
            },
            "secrets": {"fnac_key": SECRETS["fnac_key"]},
        },
        "cdiscount": {
            "endpoint_url": f"{url}/octopia/seller/v2",
            "token_url": f"{url}/octopia/auth/realms/maas/protocol/openid-connect/token",
            "settings": {
                "client_id": SETTINGS["cdiscount_client_id"],
                "seller_id": SETTINGS["cdiscount_seller_id"],
                "sales_channel": "CDISFR",
            },
            "secrets": {"cdiscount_client_secret": SECRETS["cdiscount_client_secret"]},
        },
        "mirakl": {
            "endpoint_url": f"{url}/mirakl",
            "settings": {"reference_type": "EAN", "locale": "fr_FR"},
            "secrets": {"mirakl_api_key": SECRETS["mirakl_api_key"]},
        },
    }[platform]
    for name in ("settings", "secrets"):
        values[name] |= changes.pop(name, {})
    return Account(f"test-{platform}", **(values | changes))


class OneProcess(MemoryBuckets, MemoryCircuits):
    """Quotas and breakers of this process alone, on the clock of the wall."""

    def __init__(self):
        MemoryBuckets.__init__(self, time.time)
        MemoryCircuits.__init__(self, time.time)


class MarketplaceCase(TransactionCase):
    """Marketplaces of a fresh company user, on the simulator, without quotas."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.simulator = start_simulator(cls)
        cls.env["ir.config_parameter"].set_param(
            "onep_marketplace_connectors.demo_market_url", cls.simulator.url
        )
        cls.amazon = cls.make_marketplace("amazon")
        cls.fnac = cls.make_marketplace("fnac")
        cls.cdiscount = cls.make_marketplace("cdiscount")
        cls.mirakl = cls.make_marketplace("mirakl")

    def setUp(self):
        super().setUp()
        self.simulator.reset()
        self.patch_clients_without_quota()
        self.patch_limits_store()

    def patch_clients_without_quota(self):
        """Tests are about behaviour: quotas have their own tests."""
        for client_class in self.env["onep.marketplace"]._get_client_classes().values():
            self.patch(client_class, "limits", {})

    def patch_limits_store(self):
        """What one test does to a breaker is not for the next one."""
        store = OneProcess()
        self.patch(
            type(self.env["onep.marketplace"]), "_get_limits_store", lambda marketplace: store
        )

    @classmethod
    def make_marketplace(cls, platform, **vals):
        """A demo account of a platform."""
        names = {
            "amazon": "Amazon.fr",
            "fnac": "Fnac",
            "cdiscount": "Cdiscount",
            "mirakl": "Cultura",
        }
        count = cls.env["onep.marketplace"].with_context(active_test=False).search_count([])
        keys = {
            name: value for name, value in (SETTINGS | SECRETS).items() if name.startswith(platform)
        }
        return cls.env["onep.marketplace"].create(
            {
                "name": names[platform],
                "code": f"test_{platform}_{count}",
                "platform": platform,
                "environment": "demo",
                "country_id": cls.env.ref("base.fr").id,
                "currency_id": cls.env.ref("base.EUR").id,
                **keys,
                **vals,
            }
        )

    def run_cron(self, name):
        """What a scheduled action of this addon does, in this transaction."""
        cron = self.env.ref(f"onep_marketplace_connectors.{name}")
        with patch.object(type(cron), "_commit_progress", return_value=60.0):
            cron.ir_actions_server_id.run()
        self.env.invalidate_all()

    @classmethod
    def make_user(cls, login, group, **vals):
        """A user of one group of this addon."""
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "group_ids": [(4, cls.env.ref(f"onep_marketplace_connectors.{group}").id)],
                **vals,
            }
        )

    def sync(self, marketplace, asked):
        """Ask a marketplace about GTINs, as a person's question and a worker would."""
        run = marketplace._sync(asked)
        marketplace._job_ask(0)
        self.env.invalidate_all()
        return run

    def sweep(self, marketplace):
        """Sweep a marketplace with one worker, which never has to wait."""
        run = marketplace._sync()
        marketplace._job_ask(1)
        self.env.invalidate_all()
        return run

    def pause_of(self, marketplace, number=0):
        """The pause a worker asks for; assertRaises would roll back what it did before."""
        try:
            marketplace._job_ask(number)
        except RetryableJobError as pause:
            self.env.invalidate_all()
            return pause
        self.fail("the worker did not pause")
