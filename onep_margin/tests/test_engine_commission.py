import numpy as np

from odoo.tests import BaseCase

from ..engine.commission import CommissionTable
from . import shipped


class TestCommission(BaseCase):
    """Flat, whole-price and marginal bands, told apart; figures worked by hand."""

    def setUp(self):
        super().setUp()
        self.card = shipped.amazon_fr()

    def commission(self, name, base, condition=0):
        base = np.array([float(base)])
        table = self.card.commission
        category = np.array([shipped.category(self.card, name)])
        row = table.find(category, np.array([condition]), base)
        return table.commission(row, base)[0]

    def test_flat(self):
        self.assertAlmostEqual(self.commission("toys", 40), 6.0)
        self.assertAlmostEqual(self.commission("computers", 500), 35.0)

    def test_minimum(self):
        self.assertAlmostEqual(self.commission("toys", 1.5), 0.30)
        self.assertAlmostEqual(self.commission("books", 1.5), 0.225)

    def test_whole_price_jumps_after_its_bound(self):
        self.assertAlmostEqual(self.commission("beauty_health", 10.00), 0.80)
        self.assertAlmostEqual(self.commission("beauty_health", 10.01), 1.5015)

    def test_whole_price_of_three_bands(self):
        self.assertAlmostEqual(self.commission("clothing", 15.00), 0.75)
        self.assertAlmostEqual(self.commission("clothing", 15.01), 1.501)
        self.assertAlmostEqual(self.commission("clothing", 20.00), 2.00)
        self.assertAlmostEqual(self.commission("clothing", 20.01), 3.0015)

    def test_marginal_is_continuous(self):
        # 15 % of the first 100, then 8 %: 175 pays 15 + 6 = 21.
        self.assertAlmostEqual(self.commission("electronic_accessories", 100), 15.0)
        self.assertAlmostEqual(self.commission("electronic_accessories", 175), 21.0)
        # 20 % of the first 250, then 5 %.
        self.assertAlmostEqual(self.commission("jewellery", 250.01), 50.0005)

    def test_condition(self):
        card = CommissionTable.from_rows(
            [
                {"category": "tv", "method": "flat", "rate": 0.06},
                {"category": "tv", "condition": "used", "method": "flat", "rate": 0.1},
            ],
            ("tv",),
        )
        base = np.full(3, 100.0)
        row = card.find(np.zeros(3, dtype=int), np.arange(3), base)
        self.assertEqual(card.commission(row, base).tolist(), [6.0, 6.0, 10.0])

    def test_unmapped_and_uncovered(self):
        table = CommissionTable.from_rows(
            [{"category": "a", "method": "whole", "tier_max": 10.0, "rate": 0.1}], ("a", "b")
        )
        row = table.find(np.array([-1, 1, 0, 0]), np.zeros(4, int), np.array([5.0, 5, 10, 11]))
        self.assertEqual(row.tolist(), [-1, -1, 0, -1])
        self.assertTrue(np.isnan(table.commission(row, np.full(4, 5.0))[[0, 1, 3]]).all())

    def test_scaled_to_another_currency(self):
        table = self.card.commission.scaled(10.0)
        category = np.array([shipped.category(self.card, "electronic_accessories")])
        base = np.array([1750.0])
        row = table.find(category, np.array([0]), base)
        self.assertAlmostEqual(table.commission(row, base)[0], 210.0)

    def test_forced_rate_spares_closing_fees_alone(self):
        forced = self.card.with_commission(0.1).commission
        books, toys = (shipped.category(self.card, name) for name in ("books", "toys"))
        category = np.array([books, toys, -1])
        base = np.array([10.0, 1.0, 10.0])
        row = forced.find(category, np.zeros(3, dtype=int), base)
        np.testing.assert_allclose(forced.commission(row, base), [1.0, 0.1, 1.0])
        own = self.card.commission
        own_row = own.find(category[:2], np.zeros(2, dtype=int), base[:2])
        np.testing.assert_allclose(forced.closing_fee(row)[:2], own.closing_fee(own_row))
        self.assertEqual(forced.closing_fee(row)[2], 0.0)
        self.assertTrue(np.isnan(forced.commission(np.array([-1]), base[:1]))[0])
