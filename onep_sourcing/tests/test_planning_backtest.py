import numpy as np

from odoo.tests import BaseCase

from ..planning import backtest

#: What really sells, of four signals; the third means nothing.
RIGHT = np.array([50.0, 30.0, 0.0, 20.0])
WRONG = np.array([5.0, 10.0, 80.0, 5.0])


class TestBacktest(BaseCase):
    """A history made by known weights: the back-test finds them, and tells what they bring."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(11)
        count = 600
        worth = rng.random((count, 4))
        worth[rng.random(worth.shape) < 0.1] = np.nan
        truth = np.where(np.isnan(worth), 0.5, worth) @ RIGHT
        margin = np.exp(truth / 20 + rng.normal(0, 0.3, count)) - 5
        cls.cases = backtest.Cases(
            score=backtest.points(worth, WRONG),
            worth=worth,
            units=np.round(truth / 5),
            margin=margin,
            product=np.arange(count) // 2,
        )

    def test_right_weights_are_found(self):
        found = backtest.propose(self.cases, WRONG)
        self.assertAlmostEqual(found.weights.sum(), 100.0)
        self.assertTrue(np.allclose(found.weights, RIGHT, atol=6), found.weights)
        self.assertLess(found.before, 0.3)
        self.assertGreater(found.after, 0.8)

    def test_nothing_to_gain_where_the_weights_are_right(self):
        found = backtest.propose(self.cases, RIGHT)
        self.assertAlmostEqual(found.after, found.before, delta=0.02)
        self.assertTrue(np.allclose(found.weights, RIGHT, atol=10), found.weights)

    def test_chance_is_no_better(self):
        """Outcomes that follow nothing: what is learnt does not hold on other products."""
        cases = self.cases
        chance = backtest.Cases(
            cases.score,
            cases.worth,
            cases.units,
            np.random.default_rng(5).permutation(cases.margin),
            cases.product,
        )
        self.assertLess(abs(backtest.propose(chance, WRONG).after), 0.15)

    def test_too_few_cases(self):
        few = slice(0, backtest.LEAST_CASES - 1)
        cases = backtest.Cases(
            *(getattr(self.cases, name)[few] for name in backtest.Cases.__slots__)
        )
        self.assertIsNone(backtest.propose(cases, WRONG))

    def test_calibration_by_hand(self):
        cases = backtest.Cases(
            score=np.array([10, 15, 85, 100, np.nan]),
            worth=np.empty((5, 0)),
            units=np.array([0, 2, 10, 20, 99.0]),
            margin=np.array([-4, np.nan, 50, 70, 1.0]),
            product=np.arange(5),
        )
        bands = {band.low: band for band in backtest.calibrate(cases)}
        low, high = bands[0.0], bands[80.0]
        self.assertEqual((low.count, low.units, low.margin, low.profitable_share), (2, 1, -4, 0))
        self.assertEqual((high.count, high.units, high.margin), (2, 15, 60))
        self.assertEqual((high.high, high.profitable_share), (100, 1))
        self.assertEqual(bands[40.0].count, 0)
        self.assertTrue(np.isnan(bands[40.0].units))

    def test_correlation(self):
        self.assertAlmostEqual(backtest.rank_correlation(np.arange(5.0), np.arange(5.0) ** 3), 1)
        self.assertTrue(np.isnan(backtest.rank_correlation(np.ones(5), np.arange(5.0))))
