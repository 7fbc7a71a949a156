from odoo.tests import tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepOpportunityChannel(BuyingCase):
    """One offer on every channel, and all that its form says of the result."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fnac = cls.make_marketplace(
            name="Fnac.ad", code="fnac_ad", platform="fnac", sequence=20
        )
        cls.offer = cls.make_offer()
        cls.make_market_offer(offer_count=4)
        cls.make_market_offer(
            marketplace=cls.fnac,
            buy_box_price_taxed=33.0,
            offer_count=7,
            reason_codes="no-rank-published,count-is-minimum",
        )
        cls.evaluate()
        cls.opportunity = cls.find(cls.offer)

    def test_channels_side_by_side(self):
        table = self.opportunity.with_user(self.buyer).channel_table
        self.assertEqual(
            [(column["label"], column["is_best"]) for column in table["columns"]],
            [
                ("Amazon.ad, FBA", True),
                ("Amazon.ad, shipped by us", False),
                ("Fnac.ad, shipped by us", False),
            ],
        )
        rows = {row["key"]: row["values"] for row in table["rows"]}
        self.assertEqual(rows["sell_price_taxed"], [30.0, 30.0, 33.0])
        self.assertEqual(rows["net_margin"], [8.0, 7.0, None])
        self.assertEqual(rows["fulfilment_fee"][:2], [4.0, 5.0])
        self.assertEqual(rows["roi"][:2], [0.8, 0.7])
        self.assertEqual(rows["offer_count_text"], ["4", "4", "≥ 7"])
        self.assertIsNone(rows["unknown_text"][0])
        self.assertIn("no rate card", rows["unknown_text"][2])

    def test_suppliers_side_by_side(self):
        """The dearest margin is marked; one whose margin is unknown says why."""
        feeds = [self.make_feed(self.make_supplier(name)) for name in ("Discounteur", "Occasions")]
        self.make_offer(feed=feeds[0], price_untaxed=9.0, lead_time_days=4)
        self.make_offer(feed=feeds[1], price_untaxed=5.0, condition="zzz")
        self.evaluate()
        self.opportunity.invalidate_recordset()
        table = self.opportunity.with_user(self.buyer).rival_table
        self.assertEqual(
            [(row["label"], row["is_reference"], row["is_best"]) for row in table["columns"]],
            [
                ("Grossiste", True, False),
                ("Discounteur", False, True),
                ("Occasions", False, False),
            ],
        )
        rows = {row["key"]: row["values"] for row in table["rows"]}
        self.assertEqual(rows["net_margin"], [8.0, 9.0, None])
        self.assertEqual(rows["lead_time_days"][1], 4)
        self.assertIn("condition", rows["unknown_text"][2])

    def test_result_is_complete(self):
        opportunity = self.opportunity
        self.assertAlmostEqual(opportunity.margin_on_price_rate, 8.0 / 30.0)
        self.assertEqual(opportunity.other_fees, 0.0)
        # (10 + 4) / (1 / 1.2 - 0.1) = 19.09; at 30 % 23.18; 25 - 7 - 0.15 × 25 = 14.25
        self.assertEqual(opportunity.break_even_label_price, 19.99)
        self.assertEqual(opportunity.suggested_price_taxed, 23.99)
        self.assertAlmostEqual(opportunity.max_buy_price_by_margin, 14.25, delta=0.01)
        self.assertIn("not sold it", opportunity.monthly_text)
        self.assertFalse(opportunity.monthly_margin)

    def test_unknown_lines_say_why_and_offer_the_remedy(self):
        market = self.opportunity.market_offer_id
        market.write({"weight_g": False, "length_mm": False})
        self.env["onep.marketplace.offer"].search([("marketplace_id", "=", self.fnac.id)]).write(
            {"weight_g": False, "length_mm": False}
        )
        self.evaluate()
        self.opportunity.invalidate_recordset()
        lines = {line["key"]: line for line in self.opportunity.waterfall}
        line = lines[
            "fulfilment_fee" if self.opportunity.fulfilment == "marketplace" else "carrier_cost"
        ]
        self.assertIsNone(line["amount"])
        self.assertIn("no weight", line["why"])
        self.assertEqual(line["fixes"][0]["method"], "action_open_product")
        self.assertIn("No weight: enter the weight", self.opportunity.unknown_advice)
