import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_margin.engine.supplier_terms import SupplierTerms
from odoo.addons.onep_sourcing.planning import list_totals
from odoo.addons.onep_sourcing.planning.basket_terms import Suppliers

NAN = float("nan")


@tagged("standard", "post_install", "-at_install")
class TestPlanningListTotals(BaseCase):
    """Totals worked by hand: two lists, a third without lines."""

    def test_totals(self):
        totals = list_totals.total(
            list_totals.Lines(
                group=[0, 0, 0, 1, 1],
                quantity=[10, 4, 0, 2, 3],
                price=[5.0, 20.0, 9.0, NAN, 8.0],
                landed_cost=[6.0, 25.0, 9.0, NAN, 10.0],
                margin=[3.0, 5.0, 1.0, 2.0, NAN],
                weight_g=[100, NAN, 50, 20, 30],
                volume_mm3=[1_000, 500, 1, 10, 10],
                daily_sales=[1.0, 0.5, 1.0, NAN, 0.0],
                available=[5, -8, 0, 0, NAN],
            ),
            3,
        )
        for name, wanted in (
            ("line_count", [2, 2, 0]),
            ("units", [14, 5, 0]),
            ("budget", [130, 24, 0]),
            ("unknown_price_count", [0, 1, 0]),
            ("margin", [50, 4, 0]),
            ("unknown_margin_count", [0, 1, 0]),
            ("roi", [50 / 160, NAN, NAN]),
            ("weight_g", [1_000, 130, 0]),
            ("unknown_weight_count", [1, 0, 0]),
            ("volume_mm3", [12_000, 50, 0]),
            ("unknown_volume_count", [0, 0, 0]),
            # 15 days for 50 €, none for 80 €: what we owe is not covered yet.
            ("days_of_cover", [15 * 50 / 130, NAN, NAN]),
            ("shortest_cover_days", [0, np.inf, NAN]),
            ("unknown_sales_count", [0, 1, 0]),
            # The line without a known stock counts none, and is told.
            ("assumed_stock_count", [0, 1, 0]),
        ):
            with self.subTest(name):
                np.testing.assert_allclose(getattr(totals, name), wanted)

    def test_what_is_unknown_of_every_line_is_unknown_in_all(self):
        totals = list_totals.total(list_totals.Lines(group=[0, 0, 1], quantity=[3, 2, 0]), 2)
        for name in ("margin", "weight_g", "volume_mm3", "days_of_cover"):
            with self.subTest(name):
                self.assertTrue(np.isnan(getattr(totals, name)[0]))

    def test_what_orders_miss(self):
        terms = SupplierTerms.from_rows(
            [
                {"key": "a", "carriage": 15.0, "carriage_paid_from": 300.0},
                {"key": "b", "carriage": 15.0},
                {"key": "c", "small_order_below": 50.0, "small_order_surcharge": 5.0},
            ]
        )
        suppliers = Suppliers(terms, minimum_order=[100.0, 0.0, 0.0], rate=[1.0, 1.0, 0.5])
        gaps = list_totals.order_gaps(
            suppliers, np.array([0, 0, 1, 2]), np.array([80.0, 310.0, 10.0, 20.0])
        )
        self.assertEqual(gaps.to_minimum.tolist(), [20.0, 0.0, 0.0, 0.0])
        self.assertEqual(gaps.to_carriage_paid.tolist(), [220.0, 0.0, np.inf, 0.0])
        # 20 of ours are 40 of his.
        self.assertEqual(gaps.to_unsurcharged.tolist(), [0.0, 0.0, 0.0, 10.0])
