from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestSupplierCard(BuyingCase):
    """Orders of known dates, quantities and bills; the card worked by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.env["product.product"].create(
            [{"name": f"Article {number}", "is_storable": True} for number in range(3)]
        )
        cls.now = fields.Datetime.now()

    def make_order(self, partner, ago, promised, *quantities, price=10.0):
        """Confirmed `ago` days ago, planned `promised` days after that."""
        order = self.env["purchase.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                    for product, quantity in zip(self.products, quantities, strict=False)
                ],
            }
        )
        order.button_confirm()
        order.date_approve = self.now - timedelta(days=ago)
        order.order_line.date_planned = order.date_approve + timedelta(days=promised)
        return order

    def receive(self, order, after, quantities, **context):
        """Receive so many of each line so many days after the confirmation."""
        receipt = order.picking_ids.filtered(lambda receipt: receipt.state == "assigned")
        moves = receipt.move_ids.sorted(lambda move: move.purchase_line_id.id)
        for move, quantity in zip(moves, quantities, strict=True):
            move.quantity = quantity
            move.picked = True
        receipt.with_context(**context)._action_done()
        moves.filtered(lambda move: move.state == "done").date = order.date_approve + timedelta(
            days=after
        )

    def card(self, partner):
        self.env.invalidate_all()
        return partner.with_user(self.buyer)

    def test_word_kept(self):
        contact = self.env["res.partner"].create(
            {"name": "Sales desk", "parent_id": self.supplier.id}
        )
        first = self.make_order(self.supplier, 20, 5, 10)
        self.receive(first, 7, [10])
        second = self.make_order(contact, 30, 5, 10, 10)
        self.receive(second, 4, [10, 5], cancel_backorder=True)
        self.make_order(self.supplier, 9, 5, 2)
        self.make_order(self.supplier, 1, 5, 4)
        self.make_order(self.supplier, 500, 5, 100)
        card = self.card(self.supplier)
        self.assertEqual(card.onep_order_count, 4, "the one of 500 days ago is too old")
        self.assertEqual(card.onep_ordered_amount, 360.0)
        # Received in full: 7 days for the first, 4 for a line of the second.
        self.assertEqual((card.onep_promised_days, card.onep_taken_days), (5.0, 5.5))
        # Due: those two and the one that is 4 days late now; on time: one.
        self.assertEqual(card.onep_due_count, 3)
        self.assertAlmostEqual(card.onep_on_time_rate, 1 / 3, 4)
        self.assertEqual((card.onep_awaited_count, card.onep_late_count), (2, 1))
        # Closed: 10 of 10, 10 of 10, 5 of 10.
        self.assertEqual(card.onep_closed_count, 3)
        self.assertAlmostEqual(card.onep_fill_rate, 25 / 30, 4)
        self.assertEqual(self.card(contact).onep_order_count, 4)
        self.assertEqual(
            card.onep_card_text,
            "5.5 days for 5.0 promised · 33 % of 3 lines on time · 83 % delivered",
        )

    def test_unknown_is_not_zero(self):
        card = self.card(self.make_supplier("New"))
        for name in ("onep_promised_days", "onep_on_time_rate", "onep_fill_rate"):
            self.assertIs(card[name], False, name)
        self.assertIs(card.onep_price_drift, False)
        self.assertEqual(card.onep_order_count, 0)
        self.assertIn("Unknown", card.onep_card_text)
        order = self.make_order(self.supplier, 1, 5, 4)
        card = self.card(self.supplier)
        self.assertEqual(card.onep_order_count, 1)
        self.assertIs(card.onep_fill_rate, False, "nothing is closed yet")
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        theirs = self.supplier.with_context(allowed_company_ids=[other.id]).with_company(other)
        self.assertEqual(theirs.onep_order_count, 0, f"{order.name} is another company's")

    def test_price_drift_is_what_bills_ask_for_above_the_order(self):
        """18 pieces ordered at 10.00: 6 are billed at 10.50, the rest as a dozen at 120.00."""
        order = self.make_order(self.supplier, 3, 5, 18)
        self.assertIs(self.card(self.supplier).onep_price_drift, False)
        self.bill(order, 6, 10.5, order.order_line.product_uom_id)
        card = self.card(self.supplier)
        self.assertAlmostEqual(card.onep_price_drift, 0.05, 4)
        self.bill(order, 1, 120.0, self.env.ref("uom.product_uom_dozen"))
        card = self.card(self.supplier)
        self.assertAlmostEqual(card.onep_price_drift, 183 / 180 - 1, 4)
        self.assertEqual(card.onep_billed_count, 1)

    def test_credit_notes_lower_what_was_billed(self):
        """18 pieces at 10.00, billed at 11.00: a rebate of 0.50 each, then 6 sent back at 11.00.

        18 × 11 − 18 × 0.5 = 189 for 180; less 66 for 60: 123 for 120. All taken back: unknown.
        """
        order = self.make_order(self.supplier, 3, 5, 18)
        unit = order.order_line.product_uom_id
        self.bill(order, 18, 11.0, unit)
        self.assertAlmostEqual(self.card(self.supplier).onep_price_drift, 0.1, 4)
        self.bill(order, 18, 0.5, unit, "in_refund")
        self.assertAlmostEqual(self.card(self.supplier).onep_price_drift, 189 / 180 - 1, 4)
        self.bill(order, 6, 11.0, unit, "in_refund")
        self.assertAlmostEqual(self.card(self.supplier).onep_price_drift, 123 / 120 - 1, 4)
        self.bill(order, 12, 10.25, unit, "in_refund")
        card = self.card(self.supplier)
        self.assertIs(card.onep_price_drift, False)
        self.assertEqual(card.onep_billed_count, 0)

    def bill(self, order, quantity, price, unit, move_type="in_invoice"):
        """A posted bill or credit note of an order's line; the company has no accounts yet."""
        Account = self.env["account.account"].with_company(self.company)
        codes = {"expense": "601000", "liability_payable": "401000"}
        accounts = {
            kind: Account.search([("code", "=", code), ("company_ids", "=", self.company.id)])
            or Account.create(
                {"name": kind, "code": code, "account_type": kind, "reconcile": kind != "expense"}
            )
            for kind, code in codes.items()
        }
        self.supplier.with_company(self.company).property_account_payable_id = accounts[
            "liability_payable"
        ]
        Journal = self.env["account.journal"].with_company(self.company)
        journal = Journal.search(
            [("type", "=", "purchase"), ("company_id", "=", self.company.id)], limit=1
        ) or Journal.create({"name": "Bills", "type": "purchase", "code": "BUY"})
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": order.partner_id.id,
                "invoice_date": fields.Date.today(),
                "journal_id": journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": order.order_line.product_id.id,
                            "account_id": accounts["expense"].id,
                            "quantity": quantity,
                            "product_uom_id": unit.id,
                            "price_unit": price,
                            "tax_ids": False,
                            "purchase_line_id": order.order_line.id,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move
