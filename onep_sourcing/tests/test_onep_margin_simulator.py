from odoo.tests import Form, tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepMarginSimulator(BuyingCase):
    """From an opportunity, a product or an EAN to a simulation, filled in by what is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opportunity = cls.make_opportunity()

    def simulate(self, record, method="action_simulate"):
        action = getattr(record, method)()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_begins_with_the_figures_of_the_opportunity(self):
        deal = self.simulate(self.opportunity.with_user(self.buyer))
        self.assertEqual(deal.net_margin, self.opportunity.net_margin)
        self.assertEqual(deal.roi, self.opportunity.roi)
        self.assertEqual(deal.subject, self.opportunity.name)
        self.assertEqual(deal.quantity, 1.0)
        self.assertFalse(deal.is_moved)
        with Form(deal) as form:
            form.fulfilment = "merchant"
            self.assertEqual(form.net_margin, 7.0)
            form.sell_price_taxed = 36.0
            # 36.00 / 1.2 - 3.60 - 5.00 - 10.00
            self.assertEqual(form.net_margin, 11.4)
        self.assertTrue(deal.is_moved)
        self.assertEqual(self.opportunity.net_margin, 8.0)

    def test_another_marketplace_brings_its_own_price(self):
        place = self.make_marketplace(name="Second", code="second", ships_by_merchant=False)
        silent = self.make_marketplace(name="Third", code="third")
        self.make_market_offer(marketplace=place, buy_box_price_taxed=36.0)
        self.evaluate()
        with Form(self.simulate(self.opportunity)) as form:
            form.marketplace_id = place
            self.assertEqual(form.sell_price_taxed, 36.0)
            self.assertEqual(form.net_margin, 12.4)
            form.marketplace_id = silent
            self.assertEqual(form.sell_price_taxed, 36.0)

    def test_carriage_follows_the_price_and_doubts_are_marked(self):
        """Carriage of 10.00 on orders of 100.00 is a tenth of whatever price is paid."""
        self.env["onep.supplier.terms"].create(
            {
                "partner_id": self.supplier.id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
                "order_value": 100.0,
                "carriage": 10.0,
                "status": "unconfirmed",
            }
        )
        self.evaluate()
        self.opportunity.invalidate_recordset()
        lines = {line["key"]: line for line in self.opportunity.waterfall}
        self.assertTrue(lines["supplier_extras"]["estimated"])
        self.assertFalse(lines["buy_price"]["estimated"])
        deal = self.simulate(self.opportunity.with_user(self.buyer))
        self.assertIn("terms not confirmed", deal.estimated_text)
        lines = {line["key"]: line for line in deal.waterfall}
        self.assertTrue(lines["extra_cost"]["estimated"])
        self.assertIn("since 01/01/2020", lines["commission"]["note"])
        # 25 - 3 - 4 leaves 18.00: 18.00 / 1.3 / 1.1, rounded down
        self.assertEqual(deal.max_buy_price, 12.58)
        with Form(deal) as form:
            form.buy_price = 9.0
            self.assertAlmostEqual(form.extra_cost, 0.9)
            self.assertEqual(form.net_margin, 8.1)
            self.assertEqual(form.max_buy_price, 12.58)
            form.extra_cost = 2.0
            form.buy_price = 8.0
            self.assertEqual(form.extra_cost, 2.0, "what was typed stays")
            form.extra_cost = 0.9
            form.buy_price = 10.0
            self.assertAlmostEqual(form.extra_cost, 1.0)
        # what is typed is tried as it is: 18.00 / 1.3 - 1.50
        deal.extra_cost = 1.5
        self.assertEqual(deal.max_buy_price, 12.34)

    def test_price_for_the_target_ends_as_the_marketplace_wants(self):
        self.marketplace.price_rounding_id = self.env["onep.price.rounding"].create(
            {
                "currency_id": self.eur.id,
                "platform": "amazon",
                "company_id": self.company.id,
                "step": 5.0,
                "ending": 4.5,
            }
        )
        deal = self.simulate(self.opportunity)
        # 10.00 at 30 %: (13 + 4) / (1 / 1.2 - 0.1) = 23.18
        self.assertEqual(deal.suggested_price_taxed, 24.5)
        self.assertEqual(self.opportunity.suggested_price_taxed, 24.5)
        self.assertEqual(self.opportunity.break_even_label_price, 19.5)
        deal.action_take_suggested_price()
        self.assertGreaterEqual(deal.roi, 0.3)

    def test_a_bare_ean_in_any_spelling(self):
        Simulator = self.env["onep.margin.simulator"].with_user(self.buyer)
        opportunity = self.make_opportunity(GTINS[1])
        opportunity.shipping_charged_taxed = 0.0
        with Form(Simulator) as form:
            self.assertIs(form.shipping_charged_taxed, False)
            form.ean = f" {GTINS[1][1:]} "
            # The buyer pays none, which is not that nobody knows.
            self.assertIsInstance(form.shipping_charged_taxed, float)
            self.assertEqual(form.opportunity_id, opportunity)
            self.assertEqual(form.net_margin, 8.0)
            self.assertFalse(form.ean_message)
        # Scenarios name the article by it.
        self.assertEqual(form.record.subject, opportunity.name)
        with Form(Simulator) as form:
            form.ean = GTINS[2]
            self.assertIn("No supplier offers this EAN", form.ean_message)
            form.ean = "123"
            self.assertIn("no EAN", form.ean_message)

    def test_products_of_the_catalogue_and_of_odoo(self):
        pivot = self.opportunity.product_id
        self.assertEqual(self.simulate(pivot).opportunity_id, self.opportunity)
        product = self.env["product.product"].create({"name": "Ours", "standard_price": 5.0})
        pivot.product_id = product
        self.assertEqual(
            self.simulate(product, "action_simulate_margin").opportunity_id, self.opportunity
        )
        alone = self.make_product(GTINS[2], weight_g=300)
        deal = self.simulate(alone)
        self.assertEqual((deal.ean, deal.weight_g), (GTINS[2][1:], 300.0))
        self.assertIn("No buying price: enter what the supplier asks", deal.unknown_advice)

    def test_list_price_of_a_product_is_taxed_by_its_own_taxes(self):
        group = self.env["account.tax.group"].create({"name": "VAT"})
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"Sale 20 % {inside}",
                    "amount": 20.0,
                    "type_tax_use": "sale",
                    "tax_group_id": group.id,
                    "price_include_override": f"tax_{inside}",
                    "company_id": self.company.id,
                }
                for inside in ("excluded", "included")
            ]
        )
        product = self.env["product.product"].create(
            {"name": "Alone", "lst_price": 30.0, "taxes_id": taxes[0].ids}
        )
        deal = self.simulate(product.with_user(self.buyer), "action_simulate_margin")
        self.assertEqual(deal.sell_price_taxed, 36.0)
        product.taxes_id = taxes[1]
        deal = self.simulate(product.with_user(self.buyer), "action_simulate_margin")
        self.assertEqual(deal.sell_price_taxed, 30.0)

    def test_costs_below_a_cent_are_kept_until_moved(self):
        """Carriage of 10.00 on orders of 300.00 is 0.014 on an article of 0.42."""
        self.env["onep.supplier.terms"].create(
            {
                "partner_id": self.supplier.id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
                "order_value": 300.0,
                "carriage": 10.0,
            }
        )
        opportunity = self.make_opportunity(GTINS[4], offer_vals={"price_untaxed": 0.42})
        deal = self.simulate(opportunity)
        self.assertAlmostEqual(deal.extra_cost, 0.014, 6)
        self.assertAlmostEqual(deal.roi, opportunity.roi, 4)
        with Form(deal) as form:
            form.quantity = 5.0
            self.assertAlmostEqual(form.roi, opportunity.roi, 4)
            form.extra_cost = 0.01
            self.assertGreater(form.roi, opportunity.roi + 0.1)

    def test_foreign_price_keeps_the_rate_it_was_priced_at(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": "2020-01-01", "rate": 1.25}
        )
        opportunity = self.make_opportunity(
            GTINS[3], offer_vals={"currency_id": dollar.id, "price_untaxed": 12.5}
        )
        deal = self.simulate(opportunity)
        self.assertTrue(deal.is_foreign)
        self.assertAlmostEqual(deal.currency_rate, 0.8)
        self.assertEqual(deal.net_margin, 8.0)
        deal.currency_rate = 0.88
        self.assertEqual((deal.buy_price, deal.net_margin), (11.0, 7.0))

    def test_shipping_that_nobody_tells_is_an_estimate_not_a_zero(self):
        place = self.make_marketplace(
            name="Silent", code="silent", ships_by_marketplace=False, ships_by_merchant=True
        )
        self.make_market_offer(
            marketplace=place, buy_box_shipping_taxed=False, buy_box_fulfilment="merchant"
        )
        self.evaluate()
        opportunity = self.find(self.opportunity.supplier_offer_id, place)
        self.assertIs(opportunity.shipping_charged_taxed, False)
        deal = self.simulate(opportunity)
        self.assertIs(deal.shipping_charged_taxed, False)
        self.assertEqual(deal.estimated_text, opportunity.estimated_text)
        self.assertIn("shipping", deal.estimated_text)
        with Form(deal) as form:
            form.shipping_charged_taxed = 3.0
            self.assertNotIn("shipping", form.estimated_text or "")
            # 33.00 / 1.2 - 3.30 - 5.00 - 10.00
            self.assertEqual(form.net_margin, 9.2)

    def test_every_connected_platform_can_have_a_rate_card(self):
        self.assertIn("mirakl", dict(self.env["onep.rate.card"]._get_platforms()))

    def test_a_move_is_cheap(self):
        """A gesture on the slider is one call: what it asks of PostgreSQL stays small."""
        deal = self.simulate(self.opportunity.with_user(self.buyer))
        form = Form(deal)
        form.sell_price_taxed = 31.0
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            form.sell_price_taxed = 32.0
