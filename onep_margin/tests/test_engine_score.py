import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine.score import (
    BLOCK,
    SIGNALS,
    UNGRADED,
    Curve,
    ScoreProfile,
    ScoreSignals,
    Veto,
    grades,
    score,
)

#: Any value of a signal, missing ones among them.
values = st.one_of(st.just(np.nan), st.floats(-5, 1e6))


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

    def test_vetoes_cap_warn_and_refuse(self):
        rows = [{"signal": "roi", "weight": 1, "points": [(0, 0), (1, 1)]}]
        vetoes = (
            Veto("retailer_present", "ge", 1, "cap", 40),
            Veto("candidate_count", "gt", 1, "warn"),
            Veto("sell_restriction", "eq", 1, "no_score"),
            Veto("is_unstable", "ge", 1, "cap", 70),
        )
        profile = ScoreProfile.from_rows(rows, (75, 60, 45, 30), vetoes)
        result = score(
            ScoreSignals(
                roi=[0.9, 0.9, 0.3, 0.9, 0.9],
                retailer_present=[0, 1, 1, np.nan, 1],
                candidate_count=[1, 3, 1, 1, 1],
                sell_restriction=[0, 0, np.nan, 1, 0],
            ),
            profile,
            {"is_unstable": np.array([True, False, False, False, True])},
        )
        self.assertTrue(np.allclose(result.score, [70, 40, 30, np.nan, 40], equal_nan=True))
        self.assertEqual(result.vetoes.tolist(), [8, 3, 1, 4, 9])
        self.assertTrue(np.allclose(result.veto_points, [-20, -50, 0, 0, -50]))
        self.assertEqual(result.grade.tolist(), [1, 3, 3, UNGRADED, 3])

    def test_blocks_and_parts_change_nothing(self):
        """Deals are scored a block at a time, with or without their parts: same points."""
        rng = np.random.default_rng(1)
        size = BLOCK + 17
        signals = ScoreSignals(
            roi=rng.normal(0.3, 0.3, size),
            sales_rank=np.where(rng.random(size) < 0.3, np.nan, rng.lognormal(9, 2, size)),
            retailer_present=rng.integers(0, 2, size),
        )
        told, untold = (score(signals, self.profile, with_parts=parts) for parts in (True, False))
        self.assertTrue(np.array_equal(told.score, untold.score))
        self.assertIsNone(untold.contributions)
        expected = [
            np.interp(signals.roi[-1], [0, 0.5], [0, 1]),
            np.interp(np.log10(signals.sales_rank[-1]), [2, 5], [1, 0]),
            1 - signals.retailer_present[-1],
        ]
        known = ~np.isnan(expected)
        weights = np.array([60, 30, 10])[known]
        self.assertAlmostEqual(
            untold.score[-1], 100 * (np.array(expected)[known] @ weights) / weights.sum()
        )

    @settings(max_examples=50, deadline=None)
    @given(st.lists(values, min_size=len(SIGNALS), max_size=len(SIGNALS)), st.data())
    def test_properties(self, drawn, data):
        """Points add up to the score, within 0 to 100; a signal that goes missing never raises
        the confidence.
        """
        profile = ScoreProfile.from_rows(
            [
                {"signal": name, "weight": 1 + place, "points": [(0, 0), (10, 0.5), (1000, 1)]}
                | {"is_log": place % 3 == 0}
                for place, name in enumerate(SIGNALS)
            ],
            (75, 60, 45, 30),
            [Veto("offer_count", "ge", 5, "cap", 40)],
        )
        whole = score(ScoreSignals(**dict(zip(SIGNALS, drawn, strict=True))), profile)
        lost = data.draw(st.sampled_from(SIGNALS))
        part = score(
            ScoreSignals(**dict(zip(SIGNALS, drawn, strict=True)) | {lost: np.nan}), profile
        )
        self.assertLessEqual(part.confidence[0], whole.confidence[0])
        if not np.isnan(whole.score[0]):
            self.assertAlmostEqual(
                whole.contributions.sum() + whole.veto_points[0], whole.score[0], places=6
            )
            self.assertTrue(-1e-9 <= whole.score[0] <= 100 + 1e-9)
