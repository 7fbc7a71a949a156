from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients.breaker import (
    FAILURES_IN_A_ROW,
    PROBE_S,
    REST_CAP_S,
    REST_S,
    Circuit,
    MemoryCircuits,
    admit,
    after_failure,
    after_success,
)


@tagged("standard", "post_install", "-at_install")
class TestBreaker(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.circuits = MemoryCircuits(clock=lambda: self.now)

    def fail(self, times=1, cause="HTTP 503"):
        for _time in range(times):
            self.circuits.update("k", lambda circuit, now: after_failure(circuit, now, cause))

    def admit(self):
        refused = self.circuits.update("k", admit)
        return refused[0] if refused else 0.0

    def test_opens_after_failures_in_a_row_only(self):
        self.fail(FAILURES_IN_A_ROW - 1)
        self.assertEqual(self.admit(), 0)
        self.circuits.update("k", after_success)
        self.fail(FAILURES_IN_A_ROW - 1)
        self.assertEqual(self.admit(), 0)
        self.fail()
        self.assertEqual(self.admit(), REST_S)

    def test_half_open_lets_one_probe_through(self):
        self.fail(FAILURES_IN_A_ROW)
        self.now += REST_S
        self.assertEqual(self.admit(), 0)
        self.assertEqual(self.admit(), PROBE_S, "the others wait for the probe")
        self.circuits.update("k", after_success)
        self.assertEqual(self.circuits.read(["k"]), {})

    def test_a_failed_probe_prolongs_the_rest(self):
        self.fail(FAILURES_IN_A_ROW)
        rests = []
        for _probe in range(8):
            circuit, now = self.circuits.read(["k"])["k"]
            rests.append(circuit.wait(now))
            self.now += rests[-1]
            self.assertEqual(self.admit(), 0)
            self.fail()
        self.assertEqual(rests, [30, 60, 120, 240, 480, 900, 900, 900])

    def test_a_probe_that_died_with_its_worker_is_replaced(self):
        self.fail(FAILURES_IN_A_ROW)
        self.now += REST_S
        self.admit()
        self.now += PROBE_S
        self.assertEqual(self.admit(), 0)

    def test_late_failures_do_not_prolong_the_rest(self):
        self.fail(FAILURES_IN_A_ROW)
        self.now += 10
        self.fail(3)
        self.assertEqual(self.admit(), REST_S - 10)

    def test_the_state_survives_a_store(self):
        self.fail(FAILURES_IN_A_ROW, cause="HTTP 503 " + "é" * 200)
        circuit, _now = self.circuits.read(["k"])["k"]
        self.assertEqual(Circuit.load(circuit.dump()), circuit)
        self.assertEqual(Circuit.load(circuit.dump().encode()), circuit)
        self.assertLessEqual(len(circuit.cause), 80)
        self.assertIsNone(Circuit.load(None))

    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(["fail", "work", "ask"]), st.floats(0, 400)), max_size=80
        )
    )
    @settings(max_examples=200, deadline=None)
    def test_whatever_happens(self, steps):
        """Closed lets all through; open none but one probe per rest; it never waits for ever."""
        now = [0.0]
        circuits = MemoryCircuits(clock=lambda: now[0])
        in_a_row, probed_at = 0, None
        for step, gap in steps:
            now[0] += gap
            kept = circuits.read(["k"]).get("k")
            is_open = bool(kept and kept[0].is_open)
            if step == "fail":
                circuits.update("k", lambda circuit, at: after_failure(circuit, at, "x"))
                in_a_row += 1
                self.assertEqual(
                    circuits.read(["k"])["k"][0].is_open, in_a_row >= FAILURES_IN_A_ROW
                )
            elif step == "work":
                circuits.update("k", after_success)
                in_a_row, probed_at = 0, None
            else:
                refused = circuits.update("k", admit)
                if not is_open:
                    self.assertIsNone(refused)
                elif refused is None:
                    if probed_at is not None:
                        self.assertGreaterEqual(now[0] - probed_at, min(REST_S, PROBE_S))
                    probed_at = now[0]
                else:
                    self.assertLessEqual(refused[0], max(REST_CAP_S, PROBE_S))
