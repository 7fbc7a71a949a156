import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine.price_points import DIRECTIONS, PricePoints

POINTS = (
    PricePoints(1.0, 0.99),
    PricePoints(0.5, 0.49),
    PricePoints(),
    PricePoints(10.0, 9.0, decimals=0),
    PricePoints(5.0, 4.9),
    PricePoints(0.05, 0.0, decimals=3),
)
amounts = st.lists(st.floats(0.0, 100_000.0), min_size=1, max_size=50)


class TestPricePoints(BaseCase):
    """Prices a label would bear."""

    def test_by_hand(self):
        for direction, expected in (
            ("up", [0.99, 19.99, 20.99, 20.99, 21.99]),
            ("nearest", [0.99, 19.99, 19.99, 20.99, 20.99]),
            ("down", [0.99, 19.99, 19.99, 19.99, 20.99]),
        ):
            points = PricePoints(1.0, 0.99, direction)
            found = points.rounded([0.2, 19.99, 20.1, 20.5, 21.0])
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(PricePoints(1.0, 0.99).above([19.99, 20.0]), [20.99, 20.99])

    def test_unknown_stays_unknown(self):
        for direction in DIRECTIONS:
            self.assertTrue(np.isnan(PricePoints(1.0, 0.99, direction).rounded([np.nan]))[0])

    @given(amounts, st.sampled_from(POINTS))
    @settings(deadline=None, max_examples=100)
    def test_up_is_never_below_and_less_than_a_step_above(self, prices, points):
        found = points.up(prices)
        self.assertTrue((found >= np.array(prices) - 1e-8).all())
        near = np.array(prices) >= points.ending
        self.assertTrue((found - prices < points.step + 1e-8)[near].all())
        self.assertTrue((points.above(found) > found).all())

    @given(amounts, st.sampled_from(POINTS), st.sampled_from(DIRECTIONS))
    @settings(deadline=None, max_examples=100)
    def test_idempotent(self, prices, points, direction):
        points = PricePoints(points.step, points.ending, direction, points.decimals)
        once = points.rounded(prices)
        np.testing.assert_array_equal(points.rounded(once), once)

    def test_nonsense_is_refused(self):
        for vals in ((0.0, 0.0), (1.0, 1.0), (1.0, -0.1), (1.0, 0.5, "sideways")):
            with self.assertRaises(ValueError):
                PricePoints(*vals)
