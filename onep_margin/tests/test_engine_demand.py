import numpy as np

from odoo.tests import BaseCase

from ..engine.demand import RankCurves, estimate_sales


class TestDemand(BaseCase):
    """Units a month from a rank, by the curve of the category."""

    def test_by_hand(self):
        rows = [
            {"category_id": 8, "scale": 100.0, "exponent": 1.0, "low_factor": 1, "high_factor": 1},
            {
                "category_id": False,
                "scale": 1000.0,
                "exponent": 0.5,
                "low_factor": 0.5,
                "high_factor": 2.0,
            },
            {"category_id": 99, "scale": 1.0, "exponent": 1.0, "low_factor": 1, "high_factor": 1},
        ]
        curves = RankCurves.from_rows(rows, {7: 0, 8: 1})
        units, low, high = estimate_sales(
            [100, 100, 100, np.nan, 0], np.array([0, 1, -1, 0, 0]), curves
        )
        self.assertTrue(np.allclose(units, [100, 1, 100, np.nan, np.nan], equal_nan=True))
        self.assertTrue(np.allclose(low[:3], [50, 1, 50]))
        self.assertTrue(np.allclose(high[:3], [200, 1, 200]))

    def test_no_curve_no_estimate(self):
        units, _low, _high = estimate_sales(
            [1, 10], np.array([-1, 0]), RankCurves.from_rows([], {3: 0})
        )
        self.assertTrue(np.isnan(units).all())
