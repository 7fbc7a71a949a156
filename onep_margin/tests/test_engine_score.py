import numpy as np

from odoo.tests import BaseCase

from ..engine.score import UNGRADED, Curve, ScoreProfile, ScoreSignals, grades, score


class TestScore(BaseCase):
    """Weighted curves; missing signals lower the confidence, not the score."""

    def setUp(self):
        super().setUp()
        self.profile = ScoreProfile.from_rows(
            [
                {
                    "signal": "roi",
                    "weight": 60,
                    "points": [(0.0, 0.0), (0.5, 1.0)],
                    "is_required": True,
                },
                {
                    "signal": "sales_rank",
                    "weight": 30,
                    "points": [(100_000, 0.0), (100, 1.0)],
                    "is_log": True,
                },
                {"signal": "retailer_present", "weight": 10, "points": [(1, 0.0), (0, 1.0)]},
            ],
            (75, 60, 45, 30),
        )

    def score(self, **signals):
        return score(ScoreSignals(**signals), self.profile)

    def test_by_hand(self):
        # ROI 25 % is worth half of 60; rank 1,000 is two thirds of 30; no retailer: 10.
        result = self.score(roi=0.25, sales_rank=1_000, retailer_present=0)
        self.assertAlmostEqual(result.score[0], 30 + 20 + 10)
        self.assertTrue(np.allclose(result.contributions[0], [30, 20, 10]))
        self.assertTrue(np.allclose(result.possible[0], [60, 30, 10]))
        self.assertEqual((result.confidence[0], result.grade[0]), (1.0, 1))

    def test_missing_signal_lowers_the_confidence_only(self):
        result = self.score(roi=0.25, retailer_present=0)
        self.assertAlmostEqual(result.confidence[0], 0.7)
        self.assertAlmostEqual(result.score[0], (30 + 10) / 0.7)
        self.assertEqual(result.contributions[0, 1], 0.0)
        self.assertAlmostEqual(result.contributions.sum(), result.score[0])

    def test_missing_required_signal_gives_no_score(self):
        result = self.score(sales_rank=100, retailer_present=0)
        self.assertTrue(np.isnan(result.score[0]))
        self.assertEqual(result.grade[0], UNGRADED)
        self.assertAlmostEqual(result.confidence[0], 0.4)

    def test_curves_are_flat_outside(self):
        result = self.score(roi=[-3.0, 9.0], sales_rank=[1, 9_999_999], retailer_present=0)
        self.assertTrue(np.allclose(result.contributions, [[0, 30, 10], [60, 0, 10]]))

    def test_bounds_of_grades(self):
        points = np.array([100, 75, 74.99, 60, 45, 30, 29.99, 0, np.nan])
        self.assertEqual(
            grades(points, (75, 60, 45, 30)).tolist(), [0, 0, 1, 1, 2, 3, 4, 4, UNGRADED]
        )

    def test_log_curve_takes_zero_for_one(self):
        curve = Curve.through("supplier_stock", 1, [(0, 0.0), (100, 1.0)], is_log=True)
        self.assertTrue(np.allclose(curve.worth(np.array([0.0, 1.0, 10.0, 100.0])), [0, 0, 0.5, 1]))
        self.assertTrue(np.isnan(curve.worth(np.array([np.nan]))[0]))

    def test_better_never_scores_less(self):
        roi = np.linspace(-1, 2, 200)
        points = self.score(roi=roi, sales_rank=500, retailer_present=0).score
        self.assertTrue((np.diff(points) >= -1e-9).all())
