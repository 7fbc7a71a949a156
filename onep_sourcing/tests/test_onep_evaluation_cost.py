from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase

D = Decimal


@tagged("standard", "post_install", "-at_install")
class TestOnepEvaluationCost(BuyingCase):
    """The cost side, from a supplier's terms to the margin: hand-worked deals.

    The sale is that of common.py: 25.00 of revenue, 3.00 of commission, 4.00 of fulfilment, so
    that 18.00 is left for the goods and 18 / 1.3 may be spent at the target ROI of 30 %.
    """

    LEFT = D(18)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"margin_receiving_cost": 0.1, "margin_preparation_cost": 0.2})
        cls.dollar = cls.env["res.currency"].create({"name": "XUD", "symbol": "X$"})
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.dollar.id,
                "company_id": cls.company.id,
                "name": "2020-01-01",
                "rate": 2.0,
            }
        )
        cls.env["onep.currency.margin"].create(
            {"currency_id": cls.dollar.id, "safety_margin": 0.02, "valid_from": "2020-01-01"}
        )
        cls.duty = cls.env["onep.customs.duty"].create(
            {"hs_prefix": "852872", "rate": 0.1, "valid_from": "2020-01-01"}
        )
        cls.exporter = cls.make_supplier("Lantau", country_id=cls.env.ref("base.hk").id)
        cls.export_feed = cls.make_feed(cls.exporter, currency_id=cls.dollar.id)

    def make_terms(self, supplier=None, **vals):
        return self.env["onep.supplier.terms"].create(
            {"partner_id": (supplier or self.supplier).id, "valid_from": "2020-01-01", **vals}
        )

    def make_import(self, **vals):
        """20.00 X$ from outside the customs union."""
        vals = {"price_untaxed": 20.0, "hs_code": "8528 72 00", **vals}
        return self.make_opportunity(GTINS[1], vals, feed=self.export_feed)

    def assertAmount(self, amount, expected, digits="0.000001"):
        self.assertEqual(D(str(round(amount, 6))).quantize(D(digits)), expected.quantize(D(digits)))

    def lines(self, opportunity):
        return {line["key"]: line for line in opportunity.waterfall}

    def test_terms_tiers_and_packs(self):
        """A minimum of 5 in packs of 6 is 6 units, at the price from 5 on."""
        terms = self.make_terms(discount_1=0.1, order_value=400, carriage=20, inbound_per_unit=0.25)
        opportunity = self.make_opportunity(
            offer_vals={
                "minimum_order_quantity": 5,
                "pack_size": 6,
                "tiers": [{"quantity": 5, "price": 9.0}, {"quantity": 50, "price": 7.0}],
            }
        )
        paid = D(9) * D("0.9")
        carriage = paid * 20 / 400
        landed = paid + carriage + D("0.25") + D("0.3")
        self.assertEqual(opportunity.order_quantity, 6.0)
        self.assertEqual(opportunity.catalogue_price, 9.0)
        self.assertAmount(opportunity.buy_price, paid)
        self.assertAmount(opportunity.supplier_extras, carriage)
        self.assertAmount(opportunity.inbound_cost, D("0.25"))
        self.assertAmount(opportunity.landed_cost, landed)
        self.assertAmount(opportunity.net_margin, self.LEFT - landed)
        self.assertFalse(opportunity.needs_terms)
        # 18 / 1.3 less what no price moves; 5 % of carriage comes on top, 10 % comes off.
        dearest = (self.LEFT / D("1.3") - D("0.55")) / D("1.05")
        self.assertAmount(opportunity.max_buy_price, dearest, "0.01")
        self.assertEqual(opportunity.max_purchase_price, 14.07)
        lines = self.lines(opportunity)
        rule = f"onep.supplier.terms,{terms.id}"
        self.assertEqual(lines["buy_price"]["rule"], rule)
        self.assertEqual(lines["supplier_extras"]["rule"], rule)
        self.assertIn("10 % off", lines["buy_price"]["note"])
        self.assertIn("2020", lines["supplier_extras"]["note"])
        self.assertEqual(lines["receiving_cost"]["amount"], -0.1)

    def test_import_with_duty(self):
        """20 X$ at 0.50, 2 % for safety, is 10.20; 10 % of duty."""
        self.make_terms(self.exporter, currency_id=self.dollar.id)
        opportunity = self.make_import()
        paid = D("10.2")
        landed = paid * D("1.1") + D("0.3")
        self.assertAmount(opportunity.buy_price, paid)
        self.assertAmount(opportunity.customs_duty, paid / 10)
        self.assertAmount(opportunity.landed_cost, landed)
        self.assertAmount(opportunity.net_margin, self.LEFT - landed)
        # 24.153… X$, rounded down
        asked = (self.LEFT / D("1.3") - D("0.3")) / D("1.1") / D("0.51")
        self.assertEqual(opportunity.max_purchase_price, 24.14)
        self.assertLess(D("24.14"), asked)
        self.assertLess(asked, D("24.15"))
        lines = self.lines(opportunity)
        self.assertEqual(lines["customs_duty"]["amount"], -1.02)
        self.assertEqual(lines["customs_duty"]["rule"], f"onep.customs.duty,{self.duty.id}")
        self.assertIn("at a rate of 0.51", lines["buy_price"]["note"])
        self.assertIn("Safety margin of XUD: 2 %", lines["buy_price"]["note"])

    def test_unknown_duty(self):
        """Named, with the way out of it; only for goods from outside the customs union."""
        uncoded = self.make_import(hs_code=False)
        self.assertIs(uncoded.net_margin, False)
        self.assertEqual(uncoded.unknown_reasons, "commodity_code_missing")
        self.assertIn("no customs (HS) code", uncoded.attention)
        self.assertIs(uncoded.max_purchase_price, False)
        strange = self.make_opportunity(GTINS[2], {"hs_code": "9503.00"}, feed=self.export_feed)
        self.assertEqual(strange.unknown_reasons, "customs_duty_missing")
        self.assertTrue(strange.needs_duty)
        self.assertEqual(strange.action_enter_duty()["context"]["default_hs_prefix"], "950300")
        self.assertTrue(self.make_opportunity(GTINS[3]).margin_known)

    def test_origin_of_the_goods(self):
        self.env["onep.customs.duty"].create(
            {
                "hs_prefix": "8528",
                "origin_id": self.env.ref("base.jp").id,
                "rate": 0.0,
                "valid_from": "2020-01-01",
            }
        )
        opportunity = self.make_import(country_of_origin="Japon")
        self.assertEqual(opportunity.customs_duty, 0.0)

    def test_supplier_without_terms(self):
        self.company.onep_extra_cost = 0.5
        opportunity = self.make_opportunity()
        self.assertAmount(opportunity.landed_cost, D("10.8"))
        self.assertIn("no terms for this supplier", opportunity.estimated_text)
        self.assertTrue(opportunity.needs_terms)
        action = opportunity.action_enter_terms()
        self.env[action["res_model"]].with_context(**action["context"]).create(
            {"valid_from": "2020-01-01"}
        )
        self.evaluate()
        opportunity.invalidate_recordset()
        self.assertAmount(opportunity.landed_cost, D("10.3"))
        self.assertFalse(opportunity.needs_terms)

    def test_contributions(self):
        """Bought abroad, both are ours to declare; a schedule not known is no number."""
        self.company.country_id = self.env.ref("base.fr")
        spanish = self.make_supplier("Nuboria", country_id=self.env.ref("base.es").id)
        feed = self.make_feed(spanish)
        schedule = self.env["onep.contribution"]
        for name, kind in (("Smartphones", "Smartphone"), ("Jouets", "Toys")):
            row = schedule.search([("name", "=", kind)], limit=1) or schedule.create(
                {
                    "country_id": self.company.country_id.id,
                    "scheme": "toys",
                    "name": kind,
                    "is_amount_unknown": True,
                    "valid_from": "2020-01-01",
                }
            )
            self.env["onep.contribution.category"].create(
                {"source_name": name, "contribution_id": row.id}
            )
        phone = self.make_opportunity(GTINS[0], {"category": "Smartphones"}, feed=feed)
        self.assertAmount(phone.eco_tax, D("2.56"))
        self.assertAmount(phone.landed_cost, D("12.86"))
        self.assertTrue(
            self.lines(phone)["eco_contribution"]["rule"].startswith("onep.contribution,")
        )
        toy = self.make_opportunity(GTINS[1], {"category": "Jouets"}, feed=feed)
        self.assertEqual(toy.unknown_reasons, "eco_tax_missing")
        other = self.make_opportunity(GTINS[2], {"category": "Sacs"}, feed=feed)
        self.assertTrue(other.margin_known)
        self.assertIn("no eco-contribution known", other.estimated_text)

    def test_month(self):
        """Own sales of 90 days make a month; without any it is unknown."""
        product = self.env["product.product"].create(
            {"name": "Sold", "is_storable": True, "barcode": GTINS[0][1:]}
        )
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        stock, customer = warehouse.lot_stock_id, self.env.ref("stock.stock_location_customers")
        self.env["stock.quant"]._update_available_quantity(product, stock, 95)
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": 90,
                "location_id": stock.id,
                "location_dest_id": customer.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move.quantity, move.picked = 90, True
        move._action_done()
        self.make_product(GTINS[0], product_id=product.id)
        sold, unsold = self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1])
        self.assertAmount(sold.units_per_month, D(365) / 12, "0.01")
        self.assertAmount(sold.monthly_margin, D("7.7") * 365 / 12, "0.01")
        self.assertIs(unsold.monthly_margin, False)
        self.assertIs(unsold.units_per_month, False)

    def test_form_explains_what_was_stored(self):
        """Every kind of deal: the lines of the form add up to the margin of the list."""
        self.make_terms(discount_1=0.03, order_value=250, carriage=15, handling=4, spread="value")
        self.make_terms(self.exporter, inbound_per_kg=1.2, discount_1=0.05, discount_2=0.02)
        tiers = [{"quantity": 1, "price": 9.9}, {"quantity": 10, "price": 8.8}]
        deals = self.make_opportunity(GTINS[0], {"tiers": tiers, "pack_size": 10, "eco_tax": 0.42})
        deals |= self.make_import(eco_tax=0.3)
        deals |= self.make_opportunity(GTINS[2], {"eco_tax": 0.5, "price_untaxed": 17.77})
        deals |= self.make_opportunity(GTINS[3], {"condition": "Déballé"})
        self.assertEqual(deals.mapped("margin_known"), [True, True, True, False])
        for deal in deals[:3]:
            lines = self.lines(deal)
            costs = sum(line["amount"] for line in lines.values() if line["kind"] != "total")
            self.assertAlmostEqual(lines["net_margin"]["amount"], deal.net_margin, places=2)
            self.assertAlmostEqual(30.0 + costs, deal.net_margin, delta=0.03)
            self.assertFalse(deal.needs_pricing)
        # Stored figures stay explained as they were, whatever the offer became.
        deals[0].supplier_offer_id.write({"price_untaxed": 99.0, "tiers": False})
        deals.invalidate_recordset()
        self.assertFalse(deals[0].needs_pricing)
        # Changed terms are told, and priced again.
        deals[0].partner_id.onep_terms_ids.discount_1 = 0.5
        deals.invalidate_recordset()
        self.assertEqual(deals.mapped("needs_pricing"), [True, False, True, False])

    def test_changed_terms_mark_their_supplier(self):
        """Terms concern what is bought from their supplier; duties and margins, all."""
        terms = self.make_terms(self.exporter)
        imported, local = self.make_import(), self.make_opportunity()

        def marked(change):
            self.env.cr.execute("DELETE FROM onep_evaluation_mark")
            change()
            self.env.cr.execute(
                "SELECT DISTINCT supplier_offer_id, reason FROM onep_evaluation_mark"
            )
            return dict(self.env.cr.fetchall())

        ours, theirs = local.supplier_offer_id.id, imported.supplier_offer_id.id
        with trap_jobs():
            self.assertEqual(marked(lambda: terms.write({"discount_1": 0.1})), {theirs: "supplier"})
            self.assertEqual(marked(lambda: self.make_terms(discount_1=0.1)), {ours: "supplier"})
            self.assertEqual(
                marked(lambda: self.duty.write({"rate": 0.2})), {ours: "rule", theirs: "rule"}
            )
            self.assertEqual(marked(lambda: terms.write({"source": "Contract"})), {})
