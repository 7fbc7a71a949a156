from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepPickingListFollowUp(BuyingCase):
    """Confirmed, received and cancelled orders update the list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls.make_feed(cls.make_supplier("Rival"))
        vals = {"minimum_order_quantity": 6}
        cls.picking = cls.make_list(
            cls.make_opportunity(GTINS[0], vals),
            cls.make_opportunity(GTINS[1], vals),
            cls.make_opportunity(GTINS[2], vals, feed=cls.rival),
            user=cls.buyer,
        )
        cls.picking.with_user(cls.manager).action_approve()
        wizard = cls.env["onep.rfq.create"].create({"list_id": cls.picking.id})
        wizard.action_create()
        cls.lines = cls.picking.line_ids.sorted("gtin", reverse=True)
        cls.orders = cls.lines.purchase_order_id
        cls.order = cls.picking.line_ids.filtered(
            lambda line: line.partner_id == cls.supplier
        ).purchase_order_id
        cls.other = cls.orders - cls.order

    def receive(self, order, quantities, **context):
        """Receive so many of each line, in their order; the rest waits, or is given up."""
        receipt = order.picking_ids.filtered(lambda receipt: receipt.state == "assigned")
        moves = receipt.move_ids.sorted(lambda move: move.purchase_line_id.id)
        for move, quantity in zip(moves, quantities, strict=True):
            move.quantity = quantity
            move.picked = True
        receipt.with_context(**context)._action_done()

    def states(self, order):
        lines = order.order_line.sorted("id").picking_line_ids
        return [(line.follow_up, line.received_quantity) for line in lines]

    def test_progress_from_rfq_to_receipt(self):
        picking = self.picking
        self.assertEqual(self.states(self.order), [("asked", False)] * 2)
        self.assertEqual(picking.progress_text, "0 of 3 ordered · 3 on an RFQ")
        self.assertIs(picking.received_rate, False)
        self.orders.button_confirm()
        self.assertEqual(picking.state, "ordered")
        self.assertEqual(picking.line_ids.mapped("ordered_quantity"), [6.0] * 3)
        self.receive(self.order, (6, 2))
        self.assertEqual(self.states(self.order), [("received", 6.0), ("partial", 2.0)])
        self.assertEqual(picking.progress_text, "3 of 3 ordered · 1 received")
        self.assertAlmostEqual(picking.received_rate, (6 + 2) / 18, 4)
        self.receive(self.order, (1,), cancel_backorder=True)
        self.assertEqual(self.states(self.order), [("received", 6.0), ("short", 3.0)])
        self.other.order_line.date_planned = fields.Datetime.now() - timedelta(days=1)
        self.assertEqual(
            picking.progress_text, "3 of 3 ordered · 1 received · 1 received short · 1 late"
        )
        self.assertEqual(picking.late_line_count, 1)

    def test_a_partly_cancelled_list_says_so_and_is_closed_or_ordered_again(self):
        picking = self.picking
        self.order.button_confirm()
        self.other.button_cancel()
        self.assertEqual(picking.state, "approved")
        self.assertEqual(self.states(self.other), [("cancelled", False)])
        self.assertEqual(picking.progress_text, "2 of 3 ordered · 1 cancelled")
        self.assertIn(f"{self.other.name} cancelled", picking.message_ids[0].preview or "")
        with self.assertRaisesRegex(UserError, "purchase manager"):
            picking.with_user(self.buyer).action_close_rest()
        picking.with_user(self.manager).action_close_rest()
        self.assertEqual(self.states(self.other), [("closed", False)])
        self.assertEqual((picking.state, picking.to_order_count), ("ordered", 0))

    def test_nothing_ordered_is_cancelled_not_closed(self):
        self.orders.button_cancel()
        with self.assertRaisesRegex(UserError, "cancel it"):
            self.picking.with_user(self.manager).action_close_rest()

    def test_an_order_that_comes_back_covers_its_lines_again(self):
        """Cancelled and closed without, then reset and confirmed: it is ordered after all."""
        picking = self.picking
        self.order.button_confirm()
        self.other.button_cancel()
        picking.with_user(self.manager).action_close_rest()
        self.assertEqual(picking.state, "ordered")
        self.other.button_draft()
        self.assertEqual(self.states(self.other), [("asked", False)])
        self.assertEqual((picking.state, picking.to_order_count), ("approved", 0))
        self.other.button_confirm()
        self.assertEqual((picking.state, self.states(self.other)), ("ordered", [("ordered", 0.0)]))

    def test_an_order_that_comes_back_after_it_was_ordered_again_says_so(self):
        self.other.button_cancel()
        wizard = self.env["onep.rfq.create"].create({"list_id": self.picking.id})
        wizard.action_create()
        self.other.button_draft()
        self.assertIn("ordered again while", self.other.message_ids[0].preview)
        self.assertFalse(self.other.order_line.picking_line_ids)
        self.assertEqual(len(self.picking.purchase_order_ids), 2)

    def test_what_is_taken_off_an_order_can_be_ordered_again(self):
        """A line deleted from an RFQ, an RFQ deleted, a quantity changed, then set to none."""
        picking = self.picking
        gone, kept = self.order.order_line.sorted("id")
        gone.unlink()
        self.order.button_confirm()
        self.other.button_cancel()
        self.other.unlink()
        self.assertEqual((picking.state, picking.to_order_count), ("approved", 2))
        wizard = self.env["onep.rfq.create"].create({"list_id": picking.id})
        self.assertEqual((wizard.rfq_count, wizard.skipped_count), (2, 1))
        wizard.action_create()
        again = picking.purchase_order_ids - self.order
        self.assertEqual(len(again.order_line), 2)
        self.assertEqual(picking.to_order_count, 0)
        again.button_confirm()
        self.assertEqual(picking.state, "ordered")
        kept.product_qty = 9
        self.assertEqual(kept.picking_line_ids.ordered_quantity, 9.0)
        self.receive(self.order, (6,))
        self.assertEqual(kept.picking_line_ids.follow_up, "partial")
        kept.product_qty = 6
        self.assertEqual(kept.picking_line_ids.follow_up, "received")
        self.assertEqual(picking.state, "ordered")
        emptied = again.order_line[0]
        emptied.product_qty = 0
        self.assertEqual(emptied.picking_line_ids.follow_up, "cancelled")
        self.assertEqual((picking.state, picking.to_order_count), ("approved", 1))
        self.assertEqual(picking.progress_text, "2 of 3 ordered · 1 received · 1 cancelled")
        picking.with_user(self.manager).action_close_rest()
        self.assertEqual(picking.state, "ordered")

    def test_lines_merged_on_one_order_line_share_it(self):
        """Two lists of 6 pieces on one line of 12, of which 4 came."""
        opportunity = self.lines.filtered(
            lambda line: line.partner_id == self.rival.partner_id
        ).opportunity_id
        second = self.make_list(opportunity, user=self.buyer)
        second.with_user(self.manager).action_approve()
        self.env["onep.rfq.create"].create({"list_id": second.id}).action_create()
        self.other.date_order -= timedelta(minutes=5)
        (self.other | second.purchase_order_ids).action_merge()
        self.assertEqual(self.other.order_line.product_qty, 12.0)
        self.other.button_confirm()
        self.receive(self.other, (4,))
        for picking in (self.picking, second):
            line = picking.line_ids.filtered(lambda line: line.partner_id == self.rival.partner_id)
            self.assertRecordValues(
                line, [{"ordered_quantity": 6.0, "received_quantity": 2.0, "follow_up": "partial"}]
            )
