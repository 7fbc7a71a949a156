from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients.breaker import FAILURES_IN_A_ROW
from odoo.addons.onep_marketplace_connectors.clients.errors import CircuitOpen, RateLimited
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import (
    JITTER_S,
    SPARE_RATE_MOST,
    Limit,
    MemoryBuckets,
    RateLimiter,
    paced,
)

LIMITS = st.builds(
    Limit, rate=st.floats(0.01, 60), burst=st.integers(1, 60), share=st.floats(0.1, 1)
)


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@tagged("standard", "post_install", "-at_install")
class TestPaced(BaseCase):
    """Our bucket against the server's own."""

    def test_hand_worked(self):
        rate, burst = paced(Limit(4, 10))
        self.assertAlmostEqual(burst, 9, msg="4/s during a quarter of a second")
        self.assertAlmostEqual(rate, 4 / 1.01)
        rate, burst = paced(Limit(0.1, 1))
        self.assertEqual(burst, 1)
        self.assertAlmostEqual(1 / rate, 10.25, msg="ten seconds, and the jitter")

    @given(limit=LIMITS)
    @settings(max_examples=200, deadline=None)
    def test_at_least_95_percent_is_used(self, limit):
        rate, burst = paced(limit)
        self.assertGreaterEqual(rate, 0.95 * limit.rate * limit.share)
        self.assertGreaterEqual(burst, 1)

    @given(
        limit=LIMITS,
        delays=st.lists(st.floats(0, 1), min_size=2, max_size=60),
        gaps=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.3, 5.0]), min_size=60, max_size=60),
    )
    @settings(max_examples=200, deadline=None)
    def test_the_server_never_refuses_whatever_the_delays(self, limit, delays, gaps):
        """Calls arrive up to the jitter late, in any order; the server counts as they arrive."""
        rate, burst = limit.rate * limit.share, max(1.0, limit.burst * limit.share)
        # where the burst is too small to give way, the spared rate is what absorbs the jitter
        jitter = JITTER_S if burst >= 1 + rate * JITTER_S else SPARE_RATE_MOST * 0.9 / rate
        clock, arrivals = Clock(), []
        buckets = MemoryBuckets(clock)
        for delay, gap in zip(delays, gaps, strict=False):
            clock.now += gap
            while wait := buckets.take({"k": (limit, 1.0)}):
                clock.now += wait + 1e-6
            arrivals.append(clock.now + delay * min(jitter, JITTER_S))
        level, at = burst, 0.0
        for arrival in sorted(arrivals):
            level = min(burst, level + (arrival - at) * rate) - 1
            at = arrival
            self.assertGreaterEqual(level, -1e-6)


@tagged("standard", "post_install", "-at_install")
class TestMemoryBuckets(BaseCase):
    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.buckets = MemoryBuckets(self.clock)

    def test_burst_then_rate(self):
        limit = Limit(0.5, 3)
        wanted = {"k": (limit, 1.0)}
        taken = [self.buckets.take(wanted) for _n in range(3)]
        self.assertEqual(taken[:2], [0, 0])
        self.assertAlmostEqual(taken[2], (1 - 0.875) / paced(limit)[0])
        self.clock.now += taken[2] + 1e-9
        self.assertEqual(self.buckets.take(wanted), 0)

    def test_all_or_none(self):
        free, spent = Limit(1, 5), Limit(0.1, 1)
        self.buckets.take({"spent": (spent, 1.0)})
        wait = self.buckets.take({"free": (free, 1.0), "spent": (spent, 1.0)})
        self.assertAlmostEqual(wait, 10.25)
        self.assertEqual(self.buckets.peek({"free": free})["free"].tokens, paced(free)[1])

    @given(limit=LIMITS, gaps=st.lists(st.floats(0, 20), min_size=1, max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_never_over_the_allowance_in_any_window(self, limit, gaps):
        clock = Clock()
        buckets = MemoryBuckets(clock)
        rate, burst = paced(limit)
        granted = []
        for gap in gaps:
            clock.now += gap
            if buckets.take({"k": (limit, 1.0)}) == 0:
                granted.append(clock.now)
            for first, at in enumerate(granted):
                self.assertLessEqual(len(granted) - first, burst + rate * (clock.now - at) + 1e-6)

    @given(limit=LIMITS, calls=st.integers(1, 80))
    @settings(max_examples=100, deadline=None)
    def test_the_wait_it_asks_for_is_enough(self, limit, calls):
        """Nobody starves: who comes back when told gets a token, at no less than the rate."""
        clock = Clock()
        buckets = MemoryBuckets(clock)
        rate, burst = paced(limit)
        for _call in range(calls):
            wait = buckets.take({"k": (limit, 1.0)})
            if wait:
                clock.now += wait * (1 + 1e-9) + 1e-9
                self.assertEqual(buckets.take({"k": (limit, 1.0)}), 0)
        self.assertLessEqual(clock.now, max(0.0, calls - burst) / rate * 1.001 + 1e-3)

    @given(
        first=LIMITS,
        second=LIMITS,
        gaps=st.lists(st.floats(0, 5), min_size=1, max_size=30),
    )
    @settings(max_examples=60, deadline=None)
    def test_two_buckets_are_taken_together_or_not_at_all(self, first, second, gaps):
        clock = Clock()
        buckets = MemoryBuckets(clock)
        limits = {"a": first, "b": second}
        for gap in gaps:
            clock.now += gap
            before = buckets.peek(limits)
            taken = buckets.take({key: (limit, 1.0) for key, limit in limits.items()}) == 0
            after = buckets.peek(limits)
            self.assertEqual(taken, all(level.tokens >= 1 for level in before.values()))
            for key in limits:
                self.assertAlmostEqual(after[key].tokens, before[key].tokens - taken)

    @given(limit=LIMITS, seconds=st.floats(0, 100), part=st.floats(0, 0.99))
    @settings(max_examples=100, deadline=None)
    def test_empty_is_respected(self, limit, seconds, part):
        clock = Clock()
        buckets = MemoryBuckets(clock)
        buckets.empty("k", limit, seconds)
        clock.now += seconds * part
        self.assertGreater(buckets.take({"k": (limit, 1.0)}), 0)

    @given(limit=LIMITS, rate=st.floats(0.01, 60))
    @settings(max_examples=100, deadline=None)
    def test_learnt_rate_is_applied(self, limit, rate):
        clock = Clock()
        buckets = MemoryBuckets(clock)
        buckets.learn("k", rate)
        buckets.empty("k", limit, 0)
        wait = buckets.take({"k": (limit, 1.0)})
        self.assertAlmostEqual(wait, 1 / paced(limit.at(rate))[0], places=6)
        self.assertEqual(buckets.peek({"k": limit})["k"].taught, rate)


@tagged("standard", "post_install", "-at_install")
class TestRateLimiter(BaseCase):
    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.buckets = MemoryBuckets(self.clock)

    def limiter(self, **limits):
        return RateLimiter(self.buckets, "a", limits, clock=self.clock)

    def test_server_said_stop(self):
        limiter = self.limiter(op=Limit(2, 4))
        error = limiter.throttled("op", 3)
        self.assertEqual(error.seconds, 3)
        with self.assertRaises(RateLimited) as caught:
            limiter.reserve("op")
        self.assertAlmostEqual(caught.exception.seconds, 3.505, msg="three seconds and one token")
        self.clock.now = 3.506
        limiter.reserve("op")

    def test_learnt_rate_is_shared_by_all_who_share_the_bucket(self):
        first, second = (self.limiter(op=Limit(2, 4)) for _worker in range(2))
        first.learn("op", "20.0")
        self.assertEqual(second.limit("op"), Limit(20, 4), "more at once was not announced")
        for unreadable in (None, "", "fast", "0", "-1", "nan", "inf"):
            first.learn("op", unreadable)
        self.assertEqual(second.limit("op"), Limit(20, 4))
        first.learn("op", "0.5")
        self.assertEqual(second.limit("op"), Limit(0.5, 1))

    def test_share_is_what_we_take(self):
        limiter = self.limiter(op=Limit(10, 10, 0.5))
        limiter.throttled("op", 0)
        with self.assertRaises(RateLimited) as caught:
            limiter.reserve("op")
        self.assertAlmostEqual(caught.exception.seconds, 0.202)

    def test_operation_without_a_limit_is_free(self):
        self.limiter().reserve("anything")

    def test_a_call_that_leaves_late_spaces_the_next_one(self):
        """A burst of one, and a new connection that took 0.8 s."""
        limiter = self.limiter(op=Limit(0.5, 1))
        limiter.reserve("op")
        self.clock.now = 0.8
        limiter.departing("op")
        limiter.departed("op")
        limiter.answered("op")
        self.clock.now = 2.1
        with self.assertRaises(RateLimited):
            limiter.reserve("op")
        self.clock.now = 0.8 + 2.091
        limiter.reserve("op")

    def test_a_token_kept_too_long_is_taken_anew(self):
        limiter = self.limiter(op=Limit(0.5, 1))
        limiter.reserve("op")
        self.clock.now = 1.5
        with self.assertRaises(RateLimited):
            limiter.departing("op")
        self.clock.now = 9
        limiter.reserve("op")
        self.clock.now = 10
        limiter.departing("op")

    def test_a_call_nobody_reserved_takes_a_token_when_it_leaves(self):
        limiter = self.limiter(op=Limit(0.5, 1))
        limiter.reserve("op")
        limiter.departing("op")
        limiter.departed("op")
        with self.assertRaises(RateLimited):
            limiter.departing("op")

    def test_breaker_is_asked_before_the_bucket(self):
        limiter = self.limiter(op=Limit(1, 5))
        for _call in range(FAILURES_IN_A_ROW):
            limiter.answered("op", "HTTP 503")
        with self.assertRaises(CircuitOpen) as caught:
            limiter.reserve("op")
        self.assertEqual(
            (caught.exception.params["cause"], caught.exception.params["count"]),
            ("HTTP 503", FAILURES_IN_A_ROW),
        )
        limit = Limit(1, 5)
        self.assertEqual(self.buckets.peek({"a:op": limit})["a:op"].tokens, paced(limit)[1])
        limiter.reserve("other")

    def test_useless_answers_open_it_too(self):
        limiter = self.limiter()
        for _call in range(FAILURES_IN_A_ROW):
            limiter.reserve("op")
            limiter.answered("op")
            limiter.failed("op", "unreadable answer")
        with self.assertRaises(CircuitOpen):
            limiter.reserve("op")

    def test_another_operation_s_call_confirms_nothing(self):
        """An answer is judged after the call that it led to, as a token's is."""
        limiter = self.limiter()
        for _call in range(FAILURES_IN_A_ROW):
            limiter.reserve("op")
            limiter.answered("op")
            limiter.reserve("other")
            limiter.answered("other")
            limiter.failed("op", "unreadable answer")
        with self.assertRaises(CircuitOpen):
            limiter.reserve("op")
        limiter.reserve("other")

    def test_one_good_answer_begins_the_count_anew(self):
        limiter = self.limiter()
        for outcome in ["x"] * 4 + [""] + ["x"] * 4:
            limiter.reserve("op")
            limiter.answered("op", outcome)
        limiter.reserve("op")
