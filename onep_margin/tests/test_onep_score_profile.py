from odoo.exceptions import ValidationError

from ..engine.score import SIGNALS, ScoreSignals, score
from .common import MarginCase


class TestScoreProfile(MarginCase):
    """Profiles handed to the engine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.env.ref("onep_margin.onep_score_profile_balanced")

    def test_shipped_profile_uses_every_signal(self):
        engine = self.profile._get_engine_profile()
        self.assertEqual(set(engine.signals), set(SIGNALS))
        self.assertEqual(engine.thresholds, (75.0, 60.0, 45.0, 30.0))

    def test_best_and_worst(self):
        engine = self.profile._get_engine_profile()
        best = score(
            ScoreSignals(
                roi=1,
                margin_rate=0.5,
                sales_rank=10,
                offer_count=1,
                supplier_stock=500,
                retailer_present=0,
                freshness_days=0,
            ),
            engine,
        )
        worst = score(
            ScoreSignals(
                roi=-1,
                margin_rate=-1,
                sales_rank=1e7,
                offer_count=90,
                supplier_stock=0,
                retailer_present=1,
                freshness_days=90,
            ),
            engine,
        )
        self.assertAlmostEqual(best.score[0], 100.0)
        self.assertAlmostEqual(worst.score[0], 0.0)
        self.assertEqual((best.grade[0], worst.grade[0]), (0, 4))

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
