from datetime import timedelta

import numpy as np

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .buying_case import BuyingCase

COUNT = 60


@tagged("standard", "post_install", "-at_install")
class TestScoreBacktest(BuyingCase):
    """Scores kept, sales since, and weights that would have told better: proposed, not applied."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.env["onep.score.profile"].create(
            {
                "name": "Trusts the ROI",
                "sequence": 1,
                "company_id": cls.company.id,
                "line_ids": [
                    (0, 0, {"signal": "roi", "weight": 90, "value_half": 0.5, "value_full": 1}),
                    (
                        0,
                        0,
                        {
                            "signal": "estimated_sales",
                            "weight": 10,
                            "value_half": 50,
                            "value_full": 100,
                        },
                    ),
                ],
            }
        )
        cls.today = fields.Date.today()
        # Sales follow the demand: the ROI of these products says nothing of them.
        cls.products = cls.env["product.product"].create(
            [
                {"name": f"P{place}", "is_storable": True, "standard_price": 5.0}
                for place in range(COUNT)
            ]
        )
        cls.env["onep.score.snapshot"].create(
            [
                {
                    "company_id": cls.company.id,
                    "product_id": product.id,
                    "marketplace_id": cls.marketplace.id,
                    "taken_on": cls.today - timedelta(days=40),
                    "score": 50,
                    "unit_fees": 1.0,
                    "sources": {"roi": (place * 37 % COUNT) / COUNT, "estimated_sales": place},
                }
                for place, product in enumerate(cls.products)
            ]
        )
        customer = cls.env["res.partner"].create({"name": "Customer"})
        order = cls.order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": cls.company.id,
                "currency_id": cls.eur.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1 + place,
                            "price_unit": 10.0,
                            "tax_ids": [(5, 0, 0)],
                        },
                    )
                    for place, product in enumerate(cls.products)
                ],
            }
        )
        order.action_confirm()
        for move in order.picking_ids.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        order.picking_ids._action_done()
        cls.env.flush_all()
        order.picking_ids.move_line_ids.date = fields.Datetime.now() - timedelta(days=30)

    def run_test(self, user=None):
        action = self.profile.with_user(user or self.manager).action_back_test()
        return (
            self.env["onep.score.backtest"].with_user(user or self.manager).browse(action["res_id"])
        )

    def test_what_happened_is_read_from_odoo(self):
        test = self.run_test(self.buyer)
        self.assertEqual((test.case_count, test.product_count), (COUNT, COUNT))
        bands = {band.name: band for band in test.band_ids}
        self.assertEqual(sum(test.band_ids.mapped("case_count")), COUNT)
        self.assertEqual(bands["80 – 100"].profitable_share, 1.0)
        # 10.00 of revenue, 5.00 of cost and 1.00 of fees: 4.00 a unit
        cases = test.sudo()._get_cases()
        self.assertEqual(cases.units.tolist(), [1.0 + place for place in range(COUNT)])
        self.assertEqual(cases.margin.tolist(), [4.0 * (1 + place) for place in range(COUNT)])
        self.assertLess(abs(test.correlation_margin), 0.5)

    def test_invoices_tell_what_customers_paid(self):
        """Products of 1 … 60 units at 10.00: what was invoiced counts instead of the order.

        P0: its unit invoiced at 8.00. P3: 4 invoiced at 10.00, one paid back and kept: 30.00 for 4.
        P4: 5 invoiced, credited in full, invoiced again at 9.00. P5: 2 of 6 invoiced, at 7.00.
        P6: 7 invoiced at 10.00, 1.00 off each by a credit note. The others: the order.
        """
        lines = self.order.order_line
        for place, quantity, price, move_type in (
            (0, 1, 8.0, "out_invoice"),
            (3, 4, 10.0, "out_invoice"),
            (3, 1, 10.0, "out_refund"),
            (4, 5, 10.0, "out_invoice"),
            (4, 5, 10.0, "out_refund"),
            (4, 5, 9.0, "out_invoice"),
            (5, 2, 7.0, "out_invoice"),
            (6, 7, 10.0, "out_invoice"),
            (6, 7, 1.0, "out_refund"),
        ):
            self.invoice(lines[place], quantity, price, move_type)
        cases = self.run_test().sudo()._get_cases()
        paid = cases.margin + 6.0 * cases.units
        np.testing.assert_allclose(paid[[0, 3, 4, 5, 6]], [8.0, 30.0, 45.0, 42.0, 63.0])
        np.testing.assert_allclose(paid[7:], 10.0 * cases.units[7:])

    def invoice(self, line, quantity, price, move_type):
        """A posted invoice or credit note of a sale order's line."""
        Account = self.env["account.account"].with_company(self.company)
        codes = {"income": "707000", "asset_receivable": "411000"}
        accounts = {
            kind: Account.search([("code", "=", code), ("company_ids", "=", self.company.id)])
            or Account.create(
                {"name": kind, "code": code, "account_type": kind, "reconcile": kind != "income"}
            )
            for kind, code in codes.items()
        }
        partner = line.order_id.partner_id.with_company(self.company)
        partner.property_account_receivable_id = accounts["asset_receivable"]
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        ) or self.env["account.journal"].with_company(self.company).create(
            {"name": "Sales", "type": "sale", "code": "SAL"}
        )
        self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "invoice_date": self.today,
                "journal_id": journal.id,
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": line.product_id.id,
                            "account_id": accounts["income"].id,
                            "quantity": quantity,
                            "product_uom_id": line.product_uom_id.id,
                            "price_unit": price,
                            "tax_ids": False,
                            "sale_line_ids": [(4, line.id)],
                        },
                    )
                ],
            }
        ).action_post()

    def test_sales_of_a_marketplace_are_those_of_its_team(self):
        test = self.run_test()
        self.assertIn("sales of all channels together", test.channel_text)
        teams = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("Amazon", "Shop")]
        )
        self.order.team_id = teams[0]
        self.marketplace.sale_team_id = teams[0]
        self.assertEqual(test.sudo()._get_cases().units.sum(), sum(range(1, COUNT + 1)))
        self.env.invalidate_all()
        self.assertEqual(test.channel_text, "Amazon.ad: sales of the team Amazon.")
        self.order.team_id = teams[1]
        self.assertEqual(test.sudo()._get_cases().units.tolist(), [0.0] * COUNT)

    def test_better_weights_are_proposed_and_not_applied(self):
        test = self.run_test()
        weights = {line.signal: line for line in test.weight_ids}
        self.assertEqual(weights["roi"].present, 90.0)
        self.assertGreater(weights["estimated_sales"].proposed, 90.0)
        self.assertGreater(test.correlation_after, 0.95)
        self.assertLess(test.correlation_before, 0.5)
        self.assertIn("not learnt from", test.verdict)
        self.assertEqual(self.profile.line_ids.mapped("weight"), [90.0, 10.0])
        copy = self.env["onep.score.profile"].browse(test.action_copy_profile()["res_id"])
        self.assertEqual(
            {line.signal: line.weight for line in copy.line_ids},
            {signal: line.proposed for signal, line in weights.items()},
        )
        self.assertEqual(self.marketplace._get_score_profile(), self.profile)
        self.assertEqual(self.profile.line_ids.mapped("weight"), [90.0, 10.0])

    def test_a_buyer_copies_no_profile_and_sees_no_other_s_test(self):
        with self.assertRaises(AccessError):
            self.run_test(self.buyer).action_copy_profile()
        mine = self.run_test()
        with self.assertRaises(AccessError):
            mine.with_user(self.buyer).read(["verdict"])

    def test_nothing_to_compare(self):
        self.env["onep.score.snapshot"].search([]).unlink()
        test = self.run_test()
        self.assertEqual(test.case_count, 0)
        self.assertIn("Nothing to compare yet", test.verdict)
        self.assertFalse(test.has_proposal)

    def test_scores_of_our_products_are_kept(self):
        """The first time, then when the grade moves; not twice a month for nothing."""
        Snapshot = self.env["onep.score.snapshot"]
        opportunity = self.make_opportunity()
        opportunity.product_id.product_id = self.products[0]
        Snapshot.search([]).unlink()
        self.evaluate()
        kept = Snapshot.search([])
        self.assertEqual((kept.product_id, kept.score), (self.products[0], opportunity.score))
        self.assertEqual(kept.sources["roi"], 0.8)
        self.assertNotIn("estimated_sales", kept.sources)
        self.assertEqual(kept.sources["retailer_present"], 0)
        self.evaluate()
        self.assertEqual(Snapshot.search([]), kept)
        kept.taken_on = self.today - timedelta(days=3)
        self.evaluate()
        self.assertEqual(Snapshot.search([]), kept)
        kept.grade = "E"
        self.evaluate()
        self.assertEqual(len(Snapshot.search([])), 2)
