import numpy as np

from odoo.exceptions import ValidationError

from ..engine.score import SIGNALS, ScoreSignals, score
from .margin_case import MarginCase


class TestScoreProfile(MarginCase):
    """Profiles handed to the engine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.env.ref("onep_margin.onep_score_profile_balanced")

    def test_shipped_profile_uses_every_signal(self):
        """The raw rank is left to profiles of one marketplace: estimated sales tell more."""
        engine = self.profile._get_engine_profile()
        self.assertEqual(set(engine.signals), set(SIGNALS) - {"sales_rank"})
        self.assertEqual(engine.thresholds, (75.0, 60.0, 45.0, 30.0))

    def test_best_and_worst(self):
        engine = self.profile._get_engine_profile()
        ends = {}
        for place, end in ((-1, "best"), (0, "worst")):
            values = {}
            for curve in engine.curves:
                worth = curve.worths.argsort()
                values[curve.signal] = curve.values[worth[place]]
            ends[end] = score(ScoreSignals(**values), engine)
        self.assertAlmostEqual(ends["best"].score[0], 100.0)
        self.assertAlmostEqual(ends["worst"].score[0], 0.0)
        self.assertEqual((ends["best"].grade[0], ends["worst"].grade[0]), (0, 4))

    def test_good_deals_spread_at_the_top(self):
        """Ten thousand deals that all reach the targets: no crowd at 100, and grades differ."""
        rng = np.random.default_rng(7)
        count = 10_000
        result = score(
            ScoreSignals(
                roi=rng.uniform(0.3, 1.2, count),
                margin_rate=rng.uniform(0.15, 0.4, count),
                monthly_margin=rng.lognormal(4, 1.5, count),
                buy_box_headroom=rng.uniform(0.1, 0.4, count),
                estimated_sales=rng.lognormal(3.5, 1.5, count),
                offer_count=rng.integers(1, 20, count),
                supplier_stock=rng.integers(0, 300, count),
                retailer_present=0,
                candidate_count=1,
                assumption_count=rng.integers(0, 4, count),
                freshness_days=0.1,
            ),
            self.profile._get_engine_profile(),
        )
        self.assertLess((result.score > 95).mean(), 0.01)
        self.assertGreater(np.percentile(result.score, 95) - np.percentile(result.score, 5), 20)
        self.assertGreaterEqual(len(set(result.grade.tolist())), 3)

    def test_veto_in_words(self):
        engine = self.profile._get_engine_profile()
        signals = ScoreSignals(roi=1.0, margin_rate=0.4, retailer_present=1)
        result = score(signals, engine)
        self.assertEqual(result.score[0], 55.0)
        self.assertEqual(
            self.profile._get_met_vetoes(result.vetoes[0]).mapped("name"),
            ["The marketplace sells it itself"],
        )
        self.profile.veto_ids.filtered(
            lambda veto: veto.fact == "retailer_present"
        ).effect = "no_score"
        held = score(signals, self.profile._get_engine_profile())
        self.assertTrue(np.isnan(held.score[0]))

    def test_a_cap_of_100_is_no_veto(self):
        with self.assertRaises(ValidationError):
            self.profile.veto_ids[0].cap = 100.0

    def test_grades_go_down(self):
        with self.assertRaises(ValidationError):
            self.profile.threshold_b = 90.0

    def test_half_lies_between(self):
        with self.assertRaises(ValidationError):
            self.profile.line_ids[0].value_half = 5.0

    def test_weights(self):
        with self.assertRaises(ValidationError):
            self.profile.write(
                {"line_ids": [(1, line.id, {"weight": 0}) for line in self.profile.line_ids]}
            )

    def test_default_profile(self):
        own = self.profile.copy({"company_id": self.company.id, "sequence": 1})
        self.assertEqual(self.env["onep.score.profile"]._get_default_profile(), own)
