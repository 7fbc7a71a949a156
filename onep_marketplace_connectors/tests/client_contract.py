"""What every marketplace client must do, over real HTTP against the simulator."""

import logging
import math

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.auth import TokenStore
from odoo.addons.onep_marketplace_connectors.clients.records import REASONS, STATES
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_quota_contract import QuotaContract
from .market_case import SECRETS, account, gtins, start_simulator

#: worth waiting for, whatever the body
OUTAGES = ("html-503", "html-502", "json-502", "error-500", "cut", "reset", "garbage", "empty")
#: columns in which 0 is a price nobody pays
NEVER_ZERO = (
    "buy_box_price_taxed",
    "lowest_price_taxed",
    "list_price_taxed",
    "total_fee",
    "commission",
    "fulfilment_fee",
    "price_taxed",
    "sales_rank",
    "weight_g",
    "length_mm",
    "pack_quantity",
)
PRICE = 25.0


class ClientContract(QuotaContract):
    """Mixed into a BaseCase.

    client_class, platform: the client under test
    operation: the simulator's name of the call of :attr:`step`
    item_step, item_operation: where one refused item is told from the others
    wrong_secret: a secret to spoil
    renews: whether a refused token is fetched anew; a bare key is not
    """

    client_class = None
    platform = ""
    step = Step.WIDE
    operation = ""
    item_step = Step.WIDE
    item_operation = ""
    wrong_secret = ""
    renews = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = start_simulator(cls)
        cls.gtins = gtins(70)
        cls.usual_limits = dict(cls.client_class.limits)
        #: what IDENTITY said so far: the same market says the same
        cls.known = {}

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

    def subjects(self, asked=None):
        """GTINs with their product of the marketplace and a price, as the funnel asks them."""
        asked = self.gtins if asked is None else asked
        client, known = self.client(), self.known
        if Step.IDENTITY in client.steps():
            if new := [gtin for gtin in asked if gtin not in known]:
                answer = client.ask(Step.IDENTITY, Subjects(new))
                self.assertFalse(answer.error)
                known.update(zip(answer.table.gtin, answer.table.external_id, strict=True))
            asked = [gtin for gtin in asked if known[gtin]]
        return Subjects(
            asked,
            [known.get(gtin) for gtin in asked],
            price_taxed=[PRICE] * len(asked),
        )

    def spoil(self, kind, **options):
        """Plan a fault on this platform's main call."""
        options = {"platform": self.platform, "operation": self.operation} | options
        self.simulator.faults.add(kind, **options)

    def called(self, operation):
        """How often an operation was called."""
        return sum(call[:2] == (self.platform, operation) for call in self.simulator.calls)

    def assert_complete(self, answer, subjects):
        """Each GTIN is answered once, in the order asked."""
        self.assertFalse(answer.error)
        self.assertFalse(answer.pending)
        self.assertEqual(tuple(answer.table.gtin), tuple(subjects.gtin))

    def assert_nothing_lost(self, answer, subjects):
        """What was asked is what was answered and what is pending."""
        done = [*answer.table.gtin, *answer.pending]
        self.assertEqual(sorted(done), sorted(subjects.gtin))
        self.assertEqual(bool(answer.error), bool(answer.pending))

    def assert_waits(self, answer, error_class=errors.RetryLater):
        """The rest is pending because the client has to wait."""
        self.assertIsInstance(answer.error, error_class)
        self.assertGreater(answer.error.seconds, 0)
        self.assertTrue(answer.pending)

    def answers(self):
        """Each step's answer about the usual sample."""
        client, subjects = self.client(), self.subjects()
        for step in client.steps():
            asked = Subjects(self.gtins) if step == Step.IDENTITY else subjects
            yield asked, client.ask(step, asked)

    # --- the normal day

    def test_check_says_who_we_are(self):
        report = self.client().check()
        self.assertTrue(report.seller)
        self.assertFalse(report.missing)

    def test_every_step_answers_every_gtin_once(self):
        for asked, answer in self.answers():
            with self.subTest(answer.step):
                self.assert_complete(answer, asked)
                self.assertLessEqual(set(answer.table.state), set(STATES))
                self.assertTrue({"found", "no_price"} & set(answer.table.state))

    def test_same_market_same_answer(self):
        first, second = ([a.table for _q, a in self.answers()] for _run in range(2))
        self.assertEqual(first, second)

    def test_unknown_is_none_with_a_known_reason(self):
        for _asked, answer in self.answers():
            table = answer.table
            for name in NEVER_ZERO:
                if name in table.column_names():
                    self.assertNotIn(0, getattr(table, name), f"{answer.step} {name}")
            for row, state in enumerate(table.state):
                codes = [code for code in (table.reason_codes[row] or "").split(",") if code]
                self.assertLessEqual(set(codes), set(REASONS))
                if state != "found":
                    self.assertTrue(codes, f"{answer.step}: {state} has no reason")

    def test_silent_columns_are_empty(self):
        for _asked, answer in self.answers():
            for name in getattr(answer.table, "silent", ()):
                self.assertEqual(set(getattr(answer.table, name)), {None}, name)

    def test_candidates_are_ranked(self):
        for _asked, answer in self.answers():
            if answer.step != Step.IDENTITY:
                self.assertIsNone(answer.candidates)
                continue
            best = {}
            for gtin, position, external_id in zip(
                answer.candidates.gtin,
                answer.candidates.position,
                answer.candidates.external_id,
                strict=True,
            ):
                best.setdefault(gtin, []).append((position, external_id))
            for row, gtin in enumerate(answer.table.gtin):
                found = best.get(gtin, [])
                self.assertEqual([p for p, _id in found], list(range(1, len(found) + 1)))
                self.assertEqual(len(found), answer.table.candidate_count[row])
                self.assertEqual(found[0][1] if found else None, answer.table.external_id[row])

    def test_calls_are_as_few_as_the_step_says(self):
        client, subjects = self.client(), self.subjects()
        self.simulator.calls.clear()
        spec = client.steps()[self.step]
        client.ask(self.step, subjects)
        wanted = math.ceil(len(subjects) / spec.batch_size) * sum(spec.operations.values())
        self.assertEqual(self.called(self.operation), wanted)

    def test_every_operation_of_a_step_has_a_quota(self):
        self.patch(self.client_class, "limits", self.usual_limits)
        client = self.client()
        for step, spec in client.steps().items():
            with self.subTest(step):
                self.assertGreaterEqual(spec.batch_size, 1)
                self.assertLessEqual(set(spec.operations), set(client.limits))
                self.assertGreater(max(spec.seconds(1000, client.limits).values()), 0)

    def test_a_gtin_asked_twice_is_answered_once(self):
        subjects = self.subjects(self.gtins[:6])
        doubled = Subjects(subjects.gtin * 2, subjects.external_id * 2)
        self.assert_complete(self.client().ask(self.step, doubled), subjects)

    def test_nothing_asked(self):
        for step in self.client().steps():
            answer = self.client().ask(step, Subjects([]))
            self.assertEqual((len(answer.table), answer.error), (0, None))
        self.assertFalse(self.simulator.calls)

    def test_a_step_the_platform_has_not(self):
        client = self.client()
        for step in set(Step) - set(client.steps()):
            with self.assertRaises(ValueError):
                client.ask(step, Subjects(self.gtins[:1]))

    def test_only_gtins_the_market_cannot_have(self):
        client = self.client()
        in_store = Subjects(["02100000000005", "10614141000415"])
        answer = client.ask(next(iter(client.steps())), in_store)
        self.assert_complete(answer, in_store)
        self.assertEqual(set(answer.table.state), {"not_found"})

    def test_fields_nobody_knows_do_no_harm(self):
        before = [answer.table for _asked, answer in self.answers()]
        self.spoil("new-fields", operation="", count=None)
        self.assertEqual([answer.table for _asked, answer in self.answers()], before)

    # --- bad days

    def test_quota_of_the_server(self):
        subjects = self.many()
        self.spoil("rate-limit", skip=1)
        answer = self.client().ask(self.step, subjects)
        self.assert_waits(answer, errors.RateLimited)
        self.assertTrue(len(answer.table), "what was answered before is kept")
        self.assert_nothing_lost(answer, subjects)

    def test_outages_are_worth_waiting_for(self):
        subjects = self.subjects(self.gtins[:8])
        for kind in OUTAGES:
            with self.subTest(kind):
                # a cut connection is tried once more by the transport
                self.spoil(kind, count=2 if kind in ("cut", "reset") else 1)
                calls = []
                client = self.client(transport=Transport(on_call=calls.append))
                answer = client.ask(self.step, subjects)
                self.assert_waits(answer, errors.ServiceDown)
                self.assert_nothing_lost(answer, subjects)
                # an answer without use is a failed call, even with the status of a success
                self.assertEqual(calls[-1].error_rule, "service-down")
                calls.clear()
                again = client.ask(self.step, subjects)
                self.assert_complete(again, subjects)
                self.assertEqual({call.error_rule for call in calls}, {""})

    def test_every_step_waits_for_an_outage_and_goes_on(self):
        subjects = self.subjects(self.gtins[:12])
        client = self.client()
        for step in client.steps():
            with self.subTest(step):
                usual = client.ask(step, subjects)
                self.assert_complete(usual, subjects)
                self.spoil("html-503", operation="")
                answer = client.ask(step, subjects)
                self.assert_waits(answer, errors.ServiceDown)
                self.assert_nothing_lost(answer, subjects)
                self.assertEqual(client.ask(step, subjects), usual)

    def test_nobody_listens(self):
        changes = {"endpoint_url": "http://127.0.0.1:9/x", "token_url": "http://127.0.0.1:9/t"}
        subjects = self.subjects(self.gtins[:8])
        self.assert_waits(self.client(account=changes).ask(self.step, subjects), errors.ServiceDown)

    def test_expired_token_is_renewed_once(self):
        client, subjects = self.client(), self.subjects(self.gtins[:12])
        client.ask(self.step, subjects)
        self.spoil("expired-token")
        answer = client.ask(self.step, subjects)
        if self.renews:
            self.assert_complete(answer, subjects)
        else:
            self.assertIsInstance(answer.error, errors.BadCredentials)

    def test_token_refused_again_is_a_matter_of_credentials(self):
        subjects = self.subjects(self.gtins[:8])
        self.spoil("expired-token", count=None)
        self.simulator.calls.clear()
        answer = self.client().ask(self.step, subjects)
        self.assertIsInstance(answer.error, errors.BadCredentials)
        self.assertLessEqual(self.called(self.operation), 2)

    def test_wrong_secret(self):
        client = self.client(account={"secrets": {self.wrong_secret: "planted-wrong-value"}})
        with self.assertRaises(errors.BadCredentials) as caught:
            client.check()
        self.assertNotIn("planted-wrong-value", str(caught.exception))
        self.assertNotIn("planted-wrong-value", repr(caught.exception.params))
        answer = client.ask(self.step, self.subjects(self.gtins[:8]))
        self.assertIsInstance(answer.error, errors.BadCredentials)

    def test_one_bad_item_leaves_the_others(self):
        client, subjects = self.client(), self.subjects()
        if self.item_step == Step.IDENTITY:
            subjects = Subjects(subjects.gtin)
        usual = dict(
            zip(subjects.gtin, client.ask(self.item_step, subjects).table.state, strict=True)
        )
        # three that have an ordinary answer
        rows = [r for r, gtin in enumerate(subjects.gtin) if usual[gtin] in self.ordinary][:3]
        asked = subjects.take(rows)
        self.spoil("bad-item", operation=self.item_operation)
        answer = client.ask(self.item_step, asked)
        self.assert_complete(answer, asked)
        spoilt = [r for r, gtin in enumerate(asked.gtin) if answer.table.state[r] != usual[gtin]]
        self.assertEqual(len(spoilt), 1)
        self.assert_spoilt(answer.table, spoilt[0])

    def test_a_storm_loses_nothing(self):
        subjects = self.many()
        self.simulator.faults.storm(0.3, seed=7, platform=self.platform)
        client, left, answered = self.client(), subjects, []
        for _round in range(400):
            answer = client.ask(self.step, left)
            self.assert_nothing_lost(answer, left)
            answered += answer.table.gtin
            if not answer.pending:
                break
            if not self.renews and isinstance(answer.error, errors.BadCredentials):
                client = self.client()
            else:
                self.assertIsInstance(answer.error, errors.RetryLater)
            wanted = set(answer.pending)
            left = left.take(r for r, gtin in enumerate(left.gtin) if gtin in wanted)
        self.assertEqual(sorted(answered), sorted(subjects.gtin))
        self.assertTrue(self.simulator.faults.taken)

    # --- manners

    def test_tokens_are_shared(self):
        if not self.renews:
            return
        tokens = TokenStore()
        subjects = self.subjects(self.gtins[:4])
        issued = self.service.tokens.issued
        for _client in range(3):
            self.client(tokens=tokens).ask(self.step, subjects)
        self.assertEqual(self.service.tokens.issued, issued + 1)

    def test_no_secret_in_logs_errors_nor_reprs(self):
        subjects = self.subjects(self.gtins[:8])
        said = []
        for name in ("httpx", "httpcore", "sp_api", "sp_api.base.client"):
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
        with self.assertLogs(level=logging.DEBUG) as logs:
            client = self.client()
            said.append(repr(client.account))
            client.ask(self.step, subjects)
            for kind in (*OUTAGES, "rate-limit", "expired-token", "bad-item"):
                self.spoil(kind, count=2)
                error = self.client().ask(self.step, subjects).error
                self.simulator.faults.clear()
                said.append(f"{error} {getattr(error, 'params', '')!r} {error!r}")
        said = "\n".join(logs.output + said)
        for secret in [*SECRETS.values(), *self.tokens_look_like]:
            self.assertNotIn(secret, said)

    # --- what a platform may change

    ordinary = ("found",)
    tokens_look_like = ("Atza|simulator-", "eyJsimulator", "44444444-4444")

    @property
    def service(self):
        """The simulated service."""
        return {
            "amazon": self.simulator.amazon,
            "fnac": self.simulator.fnac,
            "cdiscount": self.simulator.octopia,
            "mirakl": self.simulator.mirakl,
        }[self.platform]

    def many(self):
        """Enough subjects for two calls."""
        return self.subjects()

    def assert_spoilt(self, table, row):
        """How the platform tells of an item that it refuses."""
        self.assertEqual(table.state[row], "error")
        self.assertIn("item-refused", table.reason_codes[row])
        self.assertTrue(table.reason_detail[row])
