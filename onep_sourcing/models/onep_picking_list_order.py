from odoo import api, fields, models
from odoo.exceptions import UserError

from .counted import counted


class OnepPickingList(models.Model):
    """What becomes of a list: RFQs, and orders once they are confirmed."""

    _inherit = "onep.picking.list"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="Where the goods are received.",
    )
    needed_on = fields.Date(
        string="Needed on",
        tracking=True,
        help="Day by which the goods should be here: the orders ask for it, and the RFQs have to "
        "be confirmed early enough for the supplier's lead time.",
    )
    purchase_order_ids = fields.Many2many(
        "purchase.order", string="RFQs", compute="_compute_purchase_orders"
    )
    purchase_order_count = fields.Integer(compute="_compute_purchase_orders", string="RFQs count")
    to_order_count = fields.Integer(
        compute="_compute_purchase_orders", string="Lines without an RFQ"
    )

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        """The company's usual warehouse, else its first."""
        for picking in self:
            company = picking.company_id
            if picking.warehouse_id.company_id != company:
                picking.warehouse_id = company.onep_warehouse_id or self.env[
                    "stock.warehouse"
                ].search([("company_id", "=", company.id)], limit=1)

    @api.depends(
        "line_ids.purchase_line_id.order_id.state",
        "line_ids.purchase_line_id.product_qty",
        "line_ids.quantity",
        "line_ids.is_closed",
    )
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
            "context": {"dialog_size": "extra-large"},
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

    def action_close_rest(self):
        """Leave the lines that no RFQ covers: the list is ordered without them."""
        self._check_step("approved")
        for picking in self:
            rest = picking._get_lines_to_order()
            if not rest:
                raise UserError(self.env._("Every line of this list already has an RFQ."))
            if not picking.line_ids._get_live_purchase_lines():
                raise UserError(
                    self.env._("Nothing of %(name)s is ordered: cancel it.", name=picking.name)
                )
            if not picking.can_approve:
                raise UserError(self.env._("Only a purchase manager can close an approved list."))
            picking.check_access("write")
            rest.sudo().write({"is_closed": True})
            picking.message_post(
                body=self.env._(
                    "Closed without these articles:\n%(lines)s",
                    lines="\n".join(rest[:20].mapped("display_name")),
                )
            )
            picking._update_order_state()

    def _update_order_state(self):
        """Follow the purchase orders: ordered once every line is confirmed, else approved."""
        for picking in self.sudo():
            if picking.state not in ("approved", "ordered"):
                continue
            lines = picking.line_ids.filtered(lambda line: line.quantity and not line.is_closed)
            is_ordered = bool(lines) and all(
                line.purchase_state == "purchase" and line.purchase_line_id.product_qty
                for line in lines
            )
            state = "ordered" if is_ordered else "approved"
            if picking.state != state:
                picking.state = state

    def _note_cancelled(self, orders):
        """Say in the chatter which lines a cancelled order leaves without one."""
        for picking in self.sudo():
            lost = picking.line_ids.filtered(
                lambda line: line.purchase_order_id in orders.sudo() and not line.is_closed
            )
            if lost:
                names = ", ".join(lost.purchase_order_id.mapped("name"))
                picking.message_post(
                    body=counted(
                        len(lost),
                        self.env._(
                            "%(orders)s cancelled: 1 line can be ordered again or closed.",
                            orders=names,
                        ),
                        self.env._(
                            "%(orders)s cancelled: %(count)s lines can be ordered again or closed.",
                            orders=names,
                            count=len(lost),
                        ),
                    )
                )

    def _get_lines_to_order(self):
        """Lines that no live RFQ covers and that nobody closed."""
        live = set(self.line_ids._get_live_purchase_lines().ids)
        return self.line_ids.filtered(
            lambda line: (
                line.quantity > 0 and not line.is_closed and line.purchase_line_id.id not in live
            )
        )

    def _get_receipt_type(self):
        """The receipts of the list's warehouse, Odoo's own choice without one."""
        self.ensure_one()
        own = self.warehouse_id.in_type_id
        return own or self.env["purchase.order"]._get_picking_type(self.company_id.id)
