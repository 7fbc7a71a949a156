from odoo import fields, models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    picking_list_id = fields.Many2one(
        "onep.picking.list",
        string="Picking list",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        groups="onep_sourcing.group_sourcing_user",
        help="The list this RFQ was made from.",
    )

    def write(self, vals):
        """The picking lists follow the state of their orders."""
        cancelled = self.browse()
        if vals.get("state") == "cancel":
            cancelled = self.filtered(lambda order: order.state != "cancel")
        result = super().write(vals)
        if "state" in vals:
            self._onep_get_picking_lists()._update_order_state()
        if cancelled:
            cancelled._onep_get_picking_lists()._note_cancelled(cancelled)
        return result

    def action_merge(self):
        """Picking lists follow their articles to the order that remains."""
        return super(PurchaseOrder, self.with_context(onep_is_merging=True)).action_merge()

    def _prepare_supplier_info(self, partner, line, price, currency):
        """A price that confirming an order keeps was not negotiated for the next ones."""
        vals = super()._prepare_supplier_info(partner, line, price, currency)
        return vals | {"onep_price_source": "order"}

    def action_open_picking_list(self):
        self.ensure_one()
        return self.picking_list_id._get_records_action()

    def _onep_get_picking_lists(self):
        """Lists that have a line on these orders, whoever may read them."""
        return self.sudo().order_line.picking_line_ids.list_id
