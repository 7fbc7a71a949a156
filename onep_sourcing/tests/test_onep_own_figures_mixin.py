"""What the tab "In Odoo" shows of an article."""

import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .own_figures_case import OwnFiguresCase


@tagged("standard", "post_install", "-at_install")
class TestOnepOwnFiguresMixin(OwnFiguresCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opportunity = cls.make_opportunity(offer_vals={"lead_time_days": 7})
        cls.pivot = cls.opportunity.product_id
        cls.variant = cls.make_variant("Known")
        cls.other = cls.env["res.company"].create({"name": "Other", "currency_id": cls.eur.id})

    def match(self):
        self.pivot.product_id = self.variant
        self.env.invalidate_all()

    def test_not_in_odoo(self):
        for record in (self.opportunity, self.pivot):
            self.assertFalse(record.own_variant_id)
            self.assertIs(record.own_on_hand_quantity, False)
            self.assertFalse(record.own_warehouse_table)
            self.assertFalse(record.own_vendor_row_ids)

    def test_unknown_tells_its_cause(self):
        self.match()
        self.assertEqual(self.pivot.own_on_hand_quantity, 0.0, "known to be none")
        self.assertIs(self.pivot.own_daily_sales, False)
        self.assertIn("neither in stock nor sold in 90 days", self.pivot.own_unknown_text)
        self.assertIn("cost: none is set", self.pivot.own_unknown_text)

    def test_figures_of_now(self):
        """A buyer reads them; each reading tells what the tables have then."""
        self.match()
        self.move(self.variant, 10, self.vendors, self.shelf, 19)
        self.move(self.variant, 4, self.shelf, self.customers, 3)
        shown = self.opportunity.with_user(self.buyer)
        self.assertEqual(shown.own_on_hand_quantity, 6.0)
        self.assertEqual(shown.own_daily_sales, 4 / 20)
        self.assertEqual(shown.own_return_rate, 0.0)
        self.plan(self.variant, 7.5, self.vendors, self.shelf)
        self.env.invalidate_all()
        self.assertEqual(shown.own_forecast_quantity, 13.5)
        self.assertEqual(self.pivot.with_user(self.buyer).own_forecast_quantity, 13.5)

    def test_by_warehouse(self):
        """Stock of both warehouses, what moves between them included; no other company's."""
        self.match()
        second = self.env["stock.warehouse"].create(
            {"name": "Lyon", "code": "LYO", "company_id": self.company.id}
        )
        theirs = self.env["stock.warehouse"].search([("company_id", "=", self.other.id)])
        theirs.name = "Theirs"
        self.warehouse.name = "Paris"
        self.move(self.variant, 10, self.vendors, self.shelf)
        self.move(self.variant, 1234.5, self.vendors, second.lot_stock_id)
        self.move(self.variant, 3, self.vendors, theirs.lot_stock_id, company=self.other)
        self.plan(self.variant, 2, self.shelf, second.lot_stock_id)
        shown = self.opportunity.with_user(self.buyer)
        text = " ".join(re.sub("<[^>]+>", " ", shown.own_warehouse_table).split())
        self.assertIn("Paris 10 0 0 2 8 Units", text)
        self.assertIn("Lyon 1,234.5 0 2 0 1,236.5 Units", text)
        self.assertNotIn("Theirs", text)

    def test_vendors_and_their_lead_times(self):
        """Promised and kept: orders that took 4, 6 and 20 days keep 6; no other company's."""
        self.match()
        row = {"partner_id": self.supplier.id, "product_tmpl_id": self.variant.product_tmpl_id.id}
        Row = self.env["product.supplierinfo"]
        ours = Row.create([{**row, "price": 8.0, "delay": 5, "company_id": self.company.id}])
        Row.create([{**row, "price": 7.0, "company_id": self.other.id}])
        shown = self.opportunity.with_user(self.buyer)
        self.assertEqual(shown.own_vendor_row_ids, ours)
        self.assertEqual(self.pivot.with_user(self.buyer).own_vendor_row_ids, ours)
        self.assertEqual((shown.lead_time_days, shown.kept_lead_time_days), (7, False))
        start = fields.Datetime.now() - timedelta(days=100)
        for company, days in (
            (self.company, 4),
            (self.company, 20),
            (self.company, 6),
            (self.other, 1),
        ):
            order = self.env["purchase.order"].create(
                {"partner_id": self.supplier.id, "company_id": company.id}
            )
            order.write(
                {
                    "state": "purchase",
                    "date_approve": start,
                    "effective_date": start + timedelta(days=days),
                }
            )
        self.env.invalidate_all()
        self.assertEqual((shown.kept_lead_time_days, shown.received_order_count), (6.0, 3))
        vendor = shown.own_vendor_row_ids
        self.assertEqual(vendor.delay, 5)
        self.assertEqual(vendor.onep_kept_lead_time_days, 6.0)

    def test_other_companys_opportunity_shows_its_own(self):
        """The figures are those of the opportunity's company, not of the one at hand."""
        self.match()
        self.move(self.variant, 5, self.vendors, self.shelf)
        self.env.user.company_ids |= self.other
        shown = self.opportunity.with_company(self.other).with_context(
            allowed_company_ids=[self.other.id, self.company.id]
        )
        self.assertEqual(shown.own_on_hand_quantity, 5.0)
        self.assertEqual(self.pivot.with_company(self.other).own_on_hand_quantity, 0.0)
