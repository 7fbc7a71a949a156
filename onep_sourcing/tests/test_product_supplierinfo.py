"""A negotiated price beats the catalogue's while it is valid."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestProductSupplierinfo(BuyingCase):
    """The deal of common.py, shipped by the marketplace: 18.00 is left for what costs 10.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.company)
        cls.variant = cls.env["product.product"].create({"name": "Known", "barcode": GTINS[0][1:]})
        cls.dollar = cls.env["res.currency"].create({"name": "XUD", "symbol": "X$"})
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.dollar.id,
                "company_id": cls.company.id,
                "name": "2020-01-01",
                "rate": 2.0,
            }
        )
        cls.opportunity = cls.make_opportunity()
        cls.opportunity.product_id.product_id = cls.variant
        cls.offer = cls.opportunity.supplier_offer_id

    @classmethod
    def make_row(cls, price, **vals):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": cls.supplier.id,
                "product_tmpl_id": cls.variant.product_tmpl_id.id,
                "company_id": cls.company.id,
                "currency_id": cls.eur.id,
                "price": price,
                **vals,
            }
        )

    def price(self):
        """What the offer is bought at, priced again."""
        self.evaluate("offers", offer_ids=self.offer.ids)
        return self.opportunity.buy_price

    def days(self, count):
        return self.today + timedelta(days=count)

    def test_beats_the_catalogue(self):
        """Net of the supplier's usual discount, which only comes off the catalogue."""
        self.env["onep.supplier.terms"].create(
            {"partner_id": self.supplier.id, "valid_from": "2020-01-01", "discount_1": 0.1}
        )
        self.assertEqual(self.price(), 9.0)
        self.assertFalse(self.opportunity.is_negotiated)
        contact = self.make_supplier("Sales desk", parent_id=self.supplier.id, is_company=False)
        self.make_row(8.0, partner_id=contact.id)
        self.assertEqual(self.price(), 8.0)
        self.assertEqual(self.opportunity.net_margin, 10.0)
        self.assertTrue(self.opportunity.is_negotiated)
        self.assertEqual(self.opportunity.price_untaxed, 10.0, "the catalogue is still told")
        # 18 / 1.3, as no discount comes off
        self.assertEqual(self.opportunity.max_purchase_price, 13.84)
        lines = {line["key"]: line for line in self.opportunity.waterfall}
        self.assertIn("negotiated", lines["buy_price"]["note"])
        self.assertEqual(lines["buy_price"]["amount"], -8.0)
        self.assertFalse(self.opportunity.needs_pricing)
        found = self.env["onep.opportunity"].search([("is_negotiated", "=", True)])
        self.assertEqual(found, self.opportunity)

    def test_what_is_not_in_force(self):
        """Other days, companies, suppliers and variants, and copies of yesterday's catalogue."""
        other = self.env["res.company"].create({"name": "Other"})
        sibling = self.env["product.product"].create(
            {"product_tmpl_id": self.variant.product_tmpl_id.id, "active": False}
        )
        self.make_row(1.0, date_start=self.days(1))
        self.make_row(2.0, date_end=self.days(-1))
        self.make_row(3.0, company_id=other.id)
        self.make_row(4.0, partner_id=self.make_supplier("Rival").id)
        self.make_row(5.0, product_id=sibling.id)
        self.make_row(6.0, onep_price_source="catalogue")
        self.make_row(7.0, onep_price_source="order")
        self.make_row(0.0)
        self.assertEqual(self.price(), 10.0)
        self.make_row(9.0, company_id=False, date_start=self.today, date_end=self.today)
        self.assertEqual(self.price(), 9.0)

    def ask(self, opportunity, quantity):
        """What the supplier asks for an opportunity's offer at a quantity."""
        return opportunity.supplier_offer_id._get_purchase_prices([quantity])[0]

    def test_prices_by_quantity(self):
        """Agreed from 6 on and 100 on; below, the catalogue and its own tiers hold."""
        self.offer.tiers = [{"quantity": 4, "price": 9.7}, {"quantity": 50, "price": 6.0}]
        self.make_row(8.0, min_qty=6, discount=5)
        self.make_row(7.8, min_qty=60)
        self.make_row(7.0, min_qty=100)
        self.assertEqual(self.price(), 10.0)
        self.offer.minimum_order_quantity = 6
        self.assertEqual(self.price(), 7.6)
        offers = self.offer | self.make_offer(GTINS[1])
        asked = [self.ask(self.opportunity, count) for count in (1, 4, 6, 60, 150)]
        # the cheapest of the rows reached counts, as in Odoo: 7.60 beats 7.80
        self.assertEqual([price.price for price in asked], [10.0, 9.7, 7.6, 7.6, 7.0])
        self.assertEqual([price.is_negotiated for price in asked], [False, False, True, True, True])
        pair = offers._get_purchase_prices([6, 6])
        self.assertEqual([price.price for price in pair], [7.6, 10.0])
        self.assertEqual(pair[1].currency, self.eur)

    def test_currency_and_unit(self):
        """192.00 X$ a dozen at 0.50 is 8.00 a piece; an eco-contribution stays in euros."""
        self.offer.eco_tax = 0.5
        self.make_row(
            192.0,
            currency_id=self.dollar.id,
            product_uom_id=self.env.ref("uom.product_uom_dozen").id,
        )
        self.assertEqual(self.price(), 8.0)
        self.assertEqual(self.opportunity.offer_currency_id, self.dollar)
        self.assertEqual(self.opportunity.catalogue_currency_id, self.eur)
        self.assertEqual(self.opportunity.catalogue_price, 16.0)
        self.assertEqual(self.opportunity.eco_tax, 0.5)
        self.assertFalse(self.opportunity.needs_pricing)
        asked = self.ask(self.opportunity, 1)
        self.assertEqual((asked.price, asked.currency), (16.0, self.dollar))
        self.make_row(8.5)
        self.assertEqual(self.price(), 8.5, "rows in the catalogue's currency go first")

    def test_case_sold_by_its_own_barcode(self):
        """The offer is a case of 12, of a product that is counted in pieces."""
        self.env["product.uom"].create(
            {
                "product_id": self.variant.id,
                "uom_id": self.env.ref("uom.product_uom_dozen").id,
                "barcode": GTINS[1][1:],
            }
        )
        case = self.make_opportunity(GTINS[1])
        case.product_id.product_id = self.variant
        self.make_row(0.75, min_qty=24)
        asked = [self.ask(case, count) for count in (1, 2)]
        self.assertEqual([price.price for price in asked], [10.0, 9.0])

    def test_changes_mark_the_deals(self):
        """Only those of this supplier and article, and only when a price in force moves."""
        other = self.make_opportunity(GTINS[1])
        Mark = self.env["onep.evaluation.mark"]

        def marked(change):
            Mark.search([]).unlink()
            with trap_jobs():
                result = change()
                self.env.flush_all()
            self.assertNotIn(other.supplier_offer_id, Mark.search([]).supplier_offer_id)
            return Mark.search([]).mapped("reason"), result

        self.assertEqual(marked(lambda: self.make_row(9.0, onep_price_source="order"))[0], [])
        reasons, row = marked(lambda: self.make_row(8.0))
        self.assertEqual(reasons, ["negotiated"])
        self.assertEqual(marked(lambda: row.write({"delay": 4}))[0], [])
        self.assertEqual(marked(lambda: row.write({"date_end": self.days(2)}))[0], ["negotiated"])
        self.assertEqual(marked(lambda: Mark._mark_begun_or_ended(self.today, self.days(2)))[0], [])
        self.assertEqual(
            marked(lambda: Mark._mark_begun_or_ended(self.today, self.days(3)))[0], ["negotiated"]
        )
        self.assertEqual(marked(row.unlink)[0], ["negotiated"])

    def test_ordering_does_not_freeze_the_catalogue(self):
        """Vendor rows that an RFQ or its order leave are copies; a price typed on one is not."""
        picking = self.make_list(self.opportunity)
        picking.with_user(self.manager).action_propose()
        picking.with_user(self.manager).action_approve()
        wizard = self.env["onep.rfq.create"].create({"list_id": picking.id})
        wizard.action_create()
        picking.purchase_order_ids.button_confirm()
        row = self.variant.seller_ids
        self.assertEqual((row.price, row.onep_price_source), (10.0, "catalogue"))
        self.offer.price_untaxed = 11.0
        self.assertEqual(self.price(), 11.0)
        row.price = 9.5
        self.assertEqual(self.price(), 9.5)
