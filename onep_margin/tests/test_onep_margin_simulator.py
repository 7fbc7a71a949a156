from odoo.tests import Form

from .margin_case import MarginCase


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
        told = {row["key"] for row in deal.comparison["rows"]}
        self.assertEqual(told, {"unknown_text"}, "an unknown figure is no zero")

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
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        deal.product_id = self.env["product.product"]
        deal.product_id = product
        self.assertAlmostEqual(deal.weight_g, 181.4, 1)

    def test_words_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        deal = self.fill()
        french = self.env["onep.margin.simulator"].with_context(lang="fr_FR").browse(deal.save().id)
        self.assertEqual(french.waterfall[-1]["label"], "Marge nette")

    def test_another_commission(self):
        """48.00 at 10 % are 4.80 instead of 7.20, and 3 % of the 2.40 less: 2.47 more."""
        deal = self.fill(is_commission_forced=True, commission_rate=0.1)
        self.assertEqual(deal.commission, 4.8)
        self.assertEqual(deal.net_margin, 8.32)
        note = next(line["note"] for line in deal.waterfall if line["key"] == "commission")
        self.assertEqual(note, "10 % of what the buyer pays, as tried here")

    def test_a_commission_tried_on_an_unmapped_category(self):
        deal = self.fill(
            fee_category_id=self.env["onep.fee.category"],
            fulfilment="merchant",
            is_commission_forced=True,
            commission_rate=0.1,
        )
        self.assertTrue(deal.margin_known)
        deal.fulfilment = "marketplace"
        self.assertEqual(deal.unknown_text, "category not mapped")

    def test_vat_of_another_country(self):
        deal = self.fill(vat_country_id=self.env.ref("base.de"))
        self.assertAlmostEqual(deal.vat_rate, 0.19)
        self.assertEqual(deal.revenue_untaxed, 40.34)
        deal.vat_country_id = self.env.ref("base.jp")
        self.assertEqual(deal.unknown_text, "no VAT rate")

    def test_supplier_in_another_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        deal = self.fill(purchase_currency_id=dollar, purchase_price=22.0)
        self.assertEqual(deal.unknown_text, "no exchange rate")
        self.assertIn("No exchange rate: enter the rate", deal.unknown_advice)
        deal.currency_rate = 0.9
        self.assertEqual(deal.buy_price, 19.8)
        self.assertEqual(deal.net_margin, 6.05)

    def test_suggested_price_is_one_of_a_label_and_earns_the_target(self):
        deal = self.fill(target_roi=0.35)
        suggested = deal.suggested_price_taxed
        self.assertEqual(round(suggested % 1.0, 2), 0.99)
        deal.sell_price_taxed = suggested
        self.assertGreaterEqual(deal.roi, 0.35)
        deal.sell_price_taxed = suggested - 1.0
        self.assertLess(deal.roi, 0.35)

    def test_per_month_or_why_not(self):
        deal = self.fill()
        self.assertEqual(
            deal.monthly_text, "unknown, because nothing says how many are sold: enter it"
        )
        deal.units_per_month = 10
        # ten times 5.8472, not ten times what is written
        self.assertEqual(deal.monthly_margin, 58.47)
        deal.quantity = 4
        self.assertEqual(deal.total_margin, 23.39)

    def test_a_bare_ean_and_the_vendor_s_price_by_quantity(self):
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        self.env["product.product"].create(
            {
                "name": "Puzzle",
                "barcode": "3701234567890",
                "lst_price": 48.0,
                "weight": 0.7,
                "categ_id": self.env["product.category"].create({"name": "Jouets"}).id,
                "seller_ids": [
                    (0, 0, {"partner_id": vendor.id, "min_qty": quantity, "price": price})
                    for quantity, price in ((0, 20.0), (12, 18.0))
                ],
            }
        )
        deal = Form(self.env["onep.margin.simulator"])
        deal.ean = "03701234567890"
        self.assertEqual(deal.subject, "Puzzle")
        self.assertEqual(deal.buy_price, 20.0)
        deal.quantity = 12
        self.assertEqual(deal.buy_price, 18.0)

    def test_unknown_lines_of_the_waterfall_say_why(self):
        deal = self.fill(weight_g=0.0)
        why = {line["key"]: line.get("why") for line in deal.waterfall if line["amount"] is None}
        self.assertEqual(why["fulfilment_fee"], "no weight")
        self.assertEqual(why["net_margin"], "no weight")
