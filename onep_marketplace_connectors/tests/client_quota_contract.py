"""What every marketplace client must do within its quota: one call at a time, and no end missed."""

from functools import partial

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.breaker import FAILURES_IN_A_ROW
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit, MemoryBuckets
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects


class QuotaContract:
    """Part of :class:`.client_contract.ClientContract`."""

    def test_own_quota_is_respected_before_calling(self):
        subjects = self.many()
        client, _clock = self.spared()
        self.assert_waits(client.ask(self.step, subjects), errors.RateLimited)
        self.assertFalse([call for call in self.simulator.calls if call[2] == 429])

    def spared(self, **options):
        """A client that may make one call of each kind a second, and the clock of its quotas."""
        clock = [0.0]
        limits = {name: Limit(1.0, 1.0) for name in self.usual_limits}
        buckets = MemoryBuckets(clock=lambda: clock[0])
        return self.client(limits=limits, buckets=buckets, **options), clock

    def patiently(self, clock, call):
        """What a call returns in the end, called again whenever its quota says so."""
        for _try in range(10):
            try:
                return call()
            except errors.RateLimited as error:
                clock[0] += error.seconds + 1e-6
        self.fail("the quota never suffices")

    def pages(self, read, clock):
        """All pages of a listing, read as its quota allows; none where there is no listing."""
        cursor = None
        for _page in range(500):
            page = self.patiently(clock, partial(read, cursor))
            if page is None:
                return
            yield page
            cursor = page.next
            if not cursor:
                return
        self.fail("the listing does not end")

    @staticmethod
    def rows(table):
        """A batch's rows by GTIN."""
        names = table.column_names()
        columns = [getattr(table, name) for name in names]
        return dict(zip(table.gtin, zip(*columns, strict=True), strict=True))

    def test_one_call_at_a_time_ends_and_says_the_same(self):
        subjects = self.subjects(self.gtins[:30])
        free, (client, clock) = self.client(), self.spared()
        for step in client.steps():
            with self.subTest(step):
                left = asked = Subjects(self.gtins[:30]) if step == Step.IDENTITY else subjects
                rows = {}
                for _round in range(2 * len(asked) + 10):
                    answer = client.ask(step, left)
                    self.assert_nothing_lost(answer, left)
                    rows |= self.rows(answer.table)
                    if not answer.pending:
                        break
                    self.assert_waits(answer, errors.RateLimited)
                    clock[0] += answer.error.seconds + 1e-6
                    wanted = set(answer.pending)
                    left = left.take(r for r, gtin in enumerate(left.gtin) if gtin in wanted)
                self.assertFalse(answer.pending, "asked for ever")
                self.assertEqual(rows, self.rows(free.ask(step, asked).table))

    def test_listings_and_the_check_end_with_one_call_at_a_time(self):
        free, (client, clock) = self.client(), self.spared()
        self.assertEqual(self.patiently(clock, client.check), free.check())
        for name in ("own_offers", "own_stock", "categories"):
            usual, slow = (
                [
                    row
                    for page in self.pages(getattr(one, name), clock)
                    for row in zip(*page.columns(), strict=True)
                ]
                for one in (free, client)
            )
            with self.subTest(name):
                self.assertEqual(bool(usual), getattr(client.capabilities, name))
                self.assertEqual(len(usual), len({row[0] for row in usual}), "each once")
                self.assertEqual(usual, slow)

    def test_useless_answers_to_whatever_is_asked_open_the_breaker(self):
        for name in ("own_offers", "own_stock", "categories", "check"):
            if name != "check" and not getattr(self.client_class.capabilities, name):
                continue
            with self.subTest(name):
                client = self.client()
                getattr(client, name)()  # logged in
                self.spoil("empty", operation="", count=None)
                raised = []
                for _call in range(FAILURES_IN_A_ROW + 1):
                    try:
                        getattr(client, name)()
                    except errors.RetryLater as error:
                        raised.append(type(error))
                self.simulator.faults.clear()
                wanted = [errors.ServiceDown] * FAILURES_IN_A_ROW + [errors.CircuitOpen]
                self.assertEqual(raised, wanted)

    def test_refused_tokens_are_told_even_where_a_quota_stands_between(self):
        subjects = self.subjects(self.gtins[:8])
        self.spoil("expired-token", count=None)
        client, clock = self.spared()
        for _round in range(3):
            error = client.ask(self.step, subjects).error
            if not isinstance(error, errors.RateLimited):
                break
            clock[0] += error.seconds + 1e-6
        self.assertIsInstance(error, errors.BadCredentials)
