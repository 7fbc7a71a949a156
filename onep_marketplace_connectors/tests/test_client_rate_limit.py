import os

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients.errors import RateLimited
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import (
    Limit,
    MemoryBuckets,
    RateLimiter,
    RedisBuckets,
)


@tagged("standard", "post_install", "-at_install")
class TestMemoryBuckets(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.buckets = MemoryBuckets(clock=lambda: self.now)

    def test_burst_then_rate(self):
        limit = Limit(0.5, 2)
        wanted = {"k": (limit, 1.0)}
        self.assertEqual([self.buckets.take(wanted) for _n in range(3)], [0, 0, 2])
        self.now = 2.0
        self.assertEqual(self.buckets.take(wanted), 0)

    def test_all_or_none(self):
        free, spent = Limit(1, 5), Limit(0.1, 1)
        self.buckets.take({"spent": (spent, 1.0)})
        wait = self.buckets.take({"free": (free, 1.0), "spent": (spent, 1.0)})
        self.assertEqual(wait, 10)
        self.assertEqual(
            [self.buckets.take({"free": (free, 1.0)}) for _n in range(6)], [0, 0, 0, 0, 0, 1]
        )

    def test_server_said_stop(self):
        limiter = RateLimiter(self.buckets, "a", {"op": Limit(2, 4)})
        error = limiter.throttled("op", 3)
        self.assertEqual(error.seconds, 3)
        with self.assertRaises(RateLimited) as caught:
            limiter.reserve("op")
        self.assertEqual(caught.exception.seconds, 3.5, "three seconds, and one token")
        self.now = 3.5
        limiter.reserve("op")

    def test_learnt_rate_is_shared_by_the_caller(self):
        factors = {}
        first = RateLimiter(self.buckets, "a", {"op": Limit(2, 4)}, factors)
        first.learn("op", "20.0")
        second = RateLimiter(self.buckets, "a", {"op": Limit(2, 4)}, factors)
        self.assertEqual(second.limit("op"), Limit(20, 40))
        for unreadable in (None, "", "fast", "0", "-1"):
            first.learn("op", unreadable)
        self.assertEqual(second.limit("op"), Limit(20, 40))

    def test_operation_without_a_limit_is_free(self):
        RateLimiter(self.buckets, "a", {}).reserve("anything")

    @given(
        rate=st.floats(0.05, 50),
        burst=st.integers(1, 40),
        gaps=st.lists(st.floats(0, 20), min_size=1, max_size=60),
    )
    @settings(max_examples=60, deadline=None)
    def test_never_more_than_burst_plus_rate(self, rate, burst, gaps):
        now = [0.0]
        buckets = MemoryBuckets(clock=lambda: now[0])
        granted = 0
        for gap in gaps:
            now[0] += gap
            granted += buckets.take({"k": (Limit(rate, burst), 1.0)}) == 0
            self.assertLessEqual(granted, burst + rate * now[0] + 1e-6)

    @given(rate=st.floats(0.05, 50), burst=st.integers(1, 40), calls=st.integers(1, 80))
    @settings(max_examples=60, deadline=None)
    def test_the_wait_it_asks_for_is_enough(self, rate, burst, calls):
        now = [0.0]
        buckets = MemoryBuckets(clock=lambda: now[0])
        wanted = {"k": (Limit(rate, burst), 1.0)}
        for _call in range(calls):
            wait = buckets.take(wanted)
            if wait:
                now[0] += wait * (1 + 1e-9) + 1e-9
                self.assertEqual(buckets.take(wanted), 0)


@tagged("standard", "post_install", "-at_install")
class TestRedisBuckets(BaseCase):
    def connect(self):
        import redis

        url = os.environ.get("ONEP_REDIS_URL")
        if not url:
            self.skipTest("no Redis to test with: ./onep test starts one")
        client = redis.Redis.from_url(url, socket_connect_timeout=1)
        prefix = f"onep-test-{os.getpid()}:"
        self.addCleanup(lambda: [client.delete(key) for key in client.scan_iter(f"{prefix}*")])
        return client, prefix

    def test_shared_by_two_workers(self):
        client, prefix = self.connect()
        first, second = (RedisBuckets(client, prefix) for _worker in range(2))
        wanted = {"k": (Limit(0.01, 2), 1.0)}
        self.assertEqual((first.take(wanted), second.take(wanted)), (0, 0))
        self.assertAlmostEqual(first.take(wanted), 100, delta=2)

    def test_all_or_none_and_empty(self):
        client, prefix = self.connect()
        buckets = RedisBuckets(client, prefix)
        limit = Limit(1, 3)
        buckets.empty("spent", limit, 60)
        self.assertGreater(buckets.take({"free": (limit, 1.0), "spent": (limit, 1.0)}), 55)
        self.assertEqual(buckets.take({"free": (limit, 3.0)}), 0)

    def test_without_redis_the_process_counts(self):
        import redis

        gone = redis.Redis(port=9, socket_connect_timeout=0.2)
        buckets = RedisBuckets(gone)
        with self.assertLogs("odoo.addons.onep_marketplace_connectors", "WARNING"):
            taken = [buckets.take({"k": (Limit(0.01, 1), 1.0)}) for _call in range(2)]
        self.assertEqual(taken[0], 0)
        self.assertAlmostEqual(taken[1], 100, delta=1)
