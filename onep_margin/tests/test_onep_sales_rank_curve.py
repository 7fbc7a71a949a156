from odoo.exceptions import ValidationError

from ..engine.demand import estimate_sales
from .margin_case import MarginCase


class TestSalesRankCurve(MarginCase):
    """Shipped curves, dated, an administrator's to correct."""

    def estimate(self, rank, day=None, category=None):
        """Units a month in France at a rank, by the curve of a category or of all."""
        index = {category.id: 0} if category else {}
        curves = self.Curve._get_engine_curves("amazon", self.env.ref("base.fr"), index, day)
        return estimate_sales([rank], [0 if category else -1], curves)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Curve = cls.env["onep.sales.rank.curve"]
        cls.books = cls.env.ref("onep_margin.fee_category_amazon_books")
        cls.shipped = cls.env.ref("onep_margin.sales_rank_curve_amazon_fr_all")

    def test_shipped_curves_are_estimates_with_a_band(self):
        self.assertEqual(set(self.Curve.search([]).mapped("status")), {"estimate"})
        self.assertTrue(all(self.Curve.search([]).mapped("source")))
        units, low, high = (figure[0] for figure in self.estimate(1000))
        self.assertTrue(0 < low < units < high)
        self.assertNotEqual(self.estimate(1000, category=self.books)[0][0], units)
        self.assertLess(self.estimate(10_000)[0][0], units)

    def test_a_corrected_curve_stays_the_administrator_s(self):
        self.shipped.scale = 1234.0
        self.env["onep.fee.data"]._load()
        self.assertEqual((self.shipped.scale, self.shipped.origin), (1234.0, "administrator"))

    def test_one_curve_at_a_time(self):
        with self.assertRaises(ValidationError):
            self.shipped.copy()
        before = self.estimate(1)[0][0]
        self.shipped.valid_to = "2030-12-31"
        self.shipped.copy({"valid_from": "2031-01-01", "valid_to": False, "scale": 2 * before})
        self.assertAlmostEqual(self.estimate(1, "2031-06-01")[0][0], 2 * before)
        self.assertAlmostEqual(self.estimate(1)[0][0], before)
