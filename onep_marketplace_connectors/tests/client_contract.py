"""What every marketplace client must do, over real HTTP against the simulator."""

import logging

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.auth import TokenStore
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit, MemoryBuckets
from odoo.addons.onep_marketplace_connectors.clients.records import REASONS, MarketOfferBatch

from .common import SECRETS, account, gtins, start_simulator

STATES = {"found", "not_found", "no_price", "error"}


class ClientContract:
    """Mixed into a BaseCase.

    client_class, platform: the client under test
    operation: the simulator's name of its main call
    wrong_secret: a secret to spoil
    """

    client_class = None
    platform = ""
    operation = ""
    wrong_secret = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = start_simulator(cls)
        cls.gtins = gtins(70)

    def setUp(self):
        super().setUp()
        self.simulator.reset()
        self.patch(self.client_class, "limits", {})

    def client(self, **options):
        """A client of a fresh account, closed at the end of the test."""
        changes = options.pop("account", {})
        client = self.client_class(account(self.platform, self.simulator, **changes), **options)
        self.addCleanup(client.close)
        return client

    def spoil(self, kind, **options):
        """Plan a fault on this platform's main call."""
        options = {"platform": self.platform, "operation": self.operation} | options
        self.simulator.faults.add(kind, **options)

    def assert_waits(self, fetched, error_class=errors.RetryLater):
        """The rest is pending because the client has to wait."""
        self.assertIsInstance(fetched.error, error_class)
        self.assertGreater(fetched.error.seconds, 0)
        self.assertTrue(fetched.pending)

    # --- the normal day

    def test_check_says_who_we_are(self):
        self.assertTrue(self.client().check().seller)

    def test_every_gtin_is_answered_once(self):
        fetched = self.client().fetch(self.gtins)
        self.assertFalse(fetched.error)
        self.assertFalse(fetched.pending)
        self.assertEqual(sorted(fetched.batch.gtin), sorted(self.gtins))
        self.assertLessEqual(set(fetched.batch.state), STATES)
        self.assertIn("found", fetched.batch.state)
        self.assertIn("not_found", fetched.batch.state)

    def test_same_market_same_answer(self):
        first, second = (self.client().fetch(self.gtins).batch for _run in range(2))
        self.assertEqual(first, second)

    def test_unknown_is_none_with_a_known_reason(self):
        batch = self.client().fetch(self.gtins).batch
        for row, state in enumerate(batch.state):
            price = batch.buy_box_price_taxed[row]
            self.assertNotEqual(price, 0)
            if price is None or batch.sales_rank[row] is None:
                codes = (batch.reason_codes[row] or "").split(",")
                self.assertTrue(codes[0], f"{batch.gtin[row]} {state} has no reason")
                self.assertLessEqual(set(codes), set(REASONS))

    def test_a_gtin_asked_twice_is_answered_once(self):
        fetched = self.client().fetch(self.gtins[:3] * 2)
        self.assertEqual(len(fetched.batch), 3)

    def test_nothing_asked(self):
        fetched = self.client().fetch([])
        self.assertEqual((len(fetched.batch), fetched.error), (0, None))

    def test_only_gtins_the_market_cannot_have(self):
        in_store = ["02100000000005", "10614141000415"]
        batch = self.client().fetch(in_store).batch
        self.assertEqual(set(batch.state), {"not_found"})

    def test_fields_nobody_knows_do_no_harm(self):
        before = self.client().fetch(self.gtins).batch
        self.spoil("new-fields", operation="", count=None)
        self.assertEqual(self.client().fetch(self.gtins).batch, before)

    # --- bad days

    def test_quota_of_the_server(self):
        self.spoil("rate-limit", skip=1)
        fetched = self.client().fetch(self.many())
        self.assert_waits(fetched, errors.RateLimited)
        self.assertTrue(len(fetched.batch), "what was answered before is kept")
        self.assertEqual(len(fetched.batch) + len(fetched.pending), len(self.many()))

    def test_outages_are_worth_waiting_for(self):
        for kind in ("html-503", "html-502", "json-502", "cut", "garbage", "empty"):
            with self.subTest(kind):
                self.spoil(kind)
                client = self.client()
                fetched = client.fetch(self.gtins[:4])
                self.assert_waits(fetched, errors.ServiceDown)
                again = client.fetch(fetched.pending)
                self.assertFalse(again.error)
                self.assertEqual(len(fetched.batch) + len(again.batch), 4)

    def test_nobody_listens(self):
        changes = {"endpoint_url": "http://127.0.0.1:9/x", "token_url": "http://127.0.0.1:9/t"}
        fetched = self.client(account=changes).fetch(self.gtins[:2])
        self.assert_waits(fetched, errors.ServiceDown)

    def test_expired_token_is_renewed_once(self):
        client = self.client()
        client.fetch(self.gtins[:2])
        self.spoil("expired-token")
        fetched = client.fetch(self.gtins[2:6])
        self.assertFalse(fetched.error)
        self.assertEqual(len(fetched.batch), 4)

    def test_token_refused_again_is_a_matter_of_credentials(self):
        self.spoil("expired-token", count=None)
        fetched = self.client().fetch(self.gtins[:2])
        self.assertIsInstance(fetched.error, errors.BadCredentials)

    def test_wrong_secret(self):
        client = self.client(account={"secrets": {self.wrong_secret: "planted-wrong-value"}})
        with self.assertRaises(errors.BadCredentials) as caught:
            client.check()
        self.assertNotIn("planted-wrong-value", str(caught.exception))
        self.assertNotIn("planted-wrong-value", repr(caught.exception.params))
        self.assertIsInstance(client.fetch(self.gtins[:2]).error, errors.BadCredentials)

    def test_one_bad_item_leaves_the_others(self):
        asked = [g for g, s in self.states().items() if s == self.item_state][:3]
        self.spoil("bad-item", operation=self.item_operation)
        fetched = self.client().fetch(asked)
        self.assertFalse(fetched.error)
        self.assertEqual(sorted(fetched.batch.state), sorted(["error", *[self.item_state] * 2]))
        row = list(fetched.batch.state).index("error")
        self.assertIn("item-refused", fetched.batch.reason_codes[row])
        self.assertTrue(fetched.batch.reason_detail[row])
        self.assertIsNone(fetched.batch.buy_box_price_taxed[row])

    # --- manners

    def test_tokens_are_shared(self):
        tokens = TokenStore()
        issued = self.service.tokens.issued
        for _client in range(3):
            self.client(tokens=tokens).fetch(self.gtins[:1])
        self.assertEqual(self.service.tokens.issued, issued + 1)

    def test_own_quota_is_respected_before_calling(self):
        self.patch(
            self.client_class,
            "limits",
            {name: Limit(1.0, 1.0) for name in self.quota_operations},
        )
        buckets = MemoryBuckets(clock=lambda: 0.0)
        fetched = self.client(buckets=buckets).fetch(self.many())
        self.assert_waits(fetched, errors.RateLimited)
        self.assertFalse([call for call in self.simulator.calls if call[2] == 429])

    def test_no_secret_in_logs_nor_in_reprs(self):
        with self.assertLogs("odoo.addons.onep_marketplace_connectors", logging.DEBUG) as logs:
            client = self.client()
            client.fetch(self.gtins[:2])
            self.spoil("html-503")
            client.fetch(self.gtins[:2])
        said = "\n".join(logs.output) + repr(client.account)
        for secret in [*SECRETS.values(), "simulator-0", "eyJsimulator", "44444444-4444"]:
            self.assertNotIn(secret, said)

    def test_batch_columns_are_equal_long(self):
        batch = self.client().fetch(self.gtins[:5]).batch
        lengths = {len(getattr(batch, name)) for name in MarketOfferBatch.column_names()}
        self.assertEqual(lengths, {5})

    # --- what a platform may change

    item_operation = ""
    item_state = "found"
    quota_operations = ()

    @property
    def service(self):
        """The simulated service."""
        return {
            "amazon": self.simulator.amazon,
            "fnac": self.simulator.fnac,
            "cdiscount": self.simulator.octopia,
        }[self.platform]

    def many(self):
        """Enough GTINs for two calls."""
        return self.gtins

    def states(self):
        """State by GTIN of the usual sample."""
        batch = self.client().fetch(self.gtins).batch
        return dict(zip(batch.gtin, batch.state, strict=True))
