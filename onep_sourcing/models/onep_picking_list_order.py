from odoo import api, fields, models
from odoo.exceptions import UserError


class OnepPickingList(models.Model):
    """What becomes of a list: RFQs, and orders once they are confirmed."""

    _inherit = "onep.picking.list"

    purchase_order_ids = fields.Many2many(
        "purchase.order", string="RFQs", compute="_compute_purchase_orders"
    )
    purchase_order_count = fields.Integer(compute="_compute_purchase_orders", string="RFQs count")
    to_order_count = fields.Integer(
        compute="_compute_purchase_orders", string="Lines without an RFQ"
    )

    @api.depends("line_ids.purchase_line_id.order_id.state", "line_ids.quantity")
    def _compute_purchase_orders(self):
        for picking in self:
            orders = picking.line_ids.purchase_line_id.order_id
            picking.purchase_order_ids = orders
            picking.purchase_order_count = len(orders)
            picking.to_order_count = len(picking._get_lines_to_order())

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ordered(self):
        if self.purchase_order_ids:
            raise UserError(
                self.env._("A list that has RFQs cannot be deleted. Cancel it to put it aside.")
            )

    def action_create_rfqs(self):
        """Show what would be ordered, before ordering."""
        self.ensure_one()
        self._check_step("approved")
        if not self.to_order_count:
            raise UserError(self.env._("Every line of this list already has an RFQ."))
        wizard = self.env["onep.rfq.create"].create({"list_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Create RFQs"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_open_orders(self):
        """The RFQs and orders made from this list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_purchase_rfq_action"
        )
        action |= {"domain": [("id", "in", self.purchase_order_ids.ids)], "context": {}}
        if len(self.purchase_order_ids) == 1:
            action |= {
                "res_id": self.purchase_order_ids.id,
                "views": [(False, "form")],
                "view_mode": "form",
            }
        return action

    def _update_order_state(self):
        """Follow the purchase orders: ordered once every line is confirmed, else approved."""
        for picking in self.sudo():
            if picking.state not in ("approved", "ordered"):
                continue
            lines = picking.line_ids.filtered("quantity")
            is_ordered = bool(lines) and all(line.purchase_state == "purchase" for line in lines)
            state = "ordered" if is_ordered else "approved"
            if picking.state != state:
                picking.state = state

    def _get_lines_to_order(self):
        """Lines that no live RFQ covers."""
        return self.line_ids.filtered(
            lambda line: line.quantity > 0 and not line._get_live_purchase_lines()
        )
