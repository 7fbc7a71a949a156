from odoo.tests import Form

from .common import MarginCase


class TestMarginSimulator(MarginCase):
    """One deal by hand: the same figures as the engine, at once."""

    def fill(self, **vals):
        deal = Form(self.env["onep.margin.simulator"].with_context(lang="en_US"))
        values = {
            "platform": "amazon",
            "country_id": self.france,
            "on_date": self.today,
            "fee_category_id": self.toys,
            "sell_price_taxed": 48.0,
            "buy_price": 20.0,
            "extra_cost": 0.5,
            "eco_tax": 0.1,
            "weight_g": 700.0,
            "length_mm": 300.0,
            "width_mm": 200.0,
            "height_mm": 100.0,
            "target_roi": 0.3,
        }
        for name, value in (values | vals).items():
            setattr(deal, name, value)
        return deal

    def test_figures(self):
        deal = self.fill()
        self.assertTrue(deal.margin_known)
        self.assertEqual(deal.net_margin, 5.85)
        self.assertEqual(deal.total_fees, 13.55)
        self.assertAlmostEqual(deal.roi, 0.2838, places=4)
        # 26.4472085 / 1.3 - 0.6 = 19.744, rounded down.
        self.assertEqual(deal.max_buy_price, 19.74)
        self.assertEqual(deal.waterfall[0]["amount"], 48.0)
        self.assertEqual(
            deal.waterfall[-1],
            {
                "key": "net_margin",
                "label": "Net margin",
                "amount": 5.85,
                "kind": "total",
                "note": False,
                "rule": False,
                "estimated": False,
            },
        )

    def test_break_even_rounded_up_does_not_lose(self):
        deal = self.fill()
        deal.sell_price_taxed = deal.break_even_price_taxed
        self.assertGreaterEqual(deal.net_margin, 0.0)
        self.assertLess(deal.net_margin, 0.02)

    def test_unknown_says_why(self):
        deal = self.fill(weight_g=0.0)
        self.assertFalse(deal.margin_known)
        self.assertEqual(deal.unknown_text, "no weight")
        self.assertFalse(deal.net_margin)
        self.assertIsNone(deal.waterfall[-1]["amount"])

    def test_empty(self):
        deal = Form(self.env["onep.margin.simulator"])
        self.assertFalse(deal.margin_known)

    def test_by_us_with_the_cheapest_or_a_given_carrier(self):
        grid = self.env["onep.carrier.grid"].create(
            {
                "name": "Dear",
                "code": "dear",
                "country_id": self.france.id,
                "currency_id": self.euro.id,
                "valid_from": "2026-01-01",
                "line_ids": [(0, 0, {"weight_max_g": 1000, "amount": 50.0})],
            }
        )
        deal = self.fill(fulfilment="merchant")
        self.assertEqual(deal.fulfilment_fee, 8.94)
        self.assertIn("carrier price not confirmed", deal.estimated_text)
        deal.carrier_id = grid
        self.assertEqual(deal.fulfilment_fee, 50.0)

    def test_other_marketplace_keeps_the_category_by_its_name(self):
        deal = self.fill()
        deal.platform = "cdiscount"
        self.assertEqual(
            deal.fee_category_id, self.env.ref("onep_margin.fee_category_cdiscount_toys")
        )

    def test_product_fills_in(self):
        product = self.env["product.product"].create(
            {
                "name": "Puzzle",
                "lst_price": 30.0,
                "standard_price": 12.0,
                "weight": 0.4,
                "categ_id": self.env["product.category"].create({"name": "Jouets"}).id,
            }
        )
        deal = Form(self.env["onep.margin.simulator"])
        deal.product_id = product
        self.assertEqual(deal.sell_price_taxed, 30.0)
        self.assertEqual(deal.buy_price, 12.0)
        self.assertEqual(deal.weight_g, 400.0)
        self.assertEqual(deal.fee_category_id, self.toys)

    def test_words_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        deal = self.fill()
        french = self.env["onep.margin.simulator"].with_context(lang="fr_FR").browse(deal.save().id)
        self.assertEqual(french.waterfall[-1]["label"], "Marge nette")
