from odoo import api, fields, models


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

    picking_list_ids = fields.Many2many(
        "onep.picking.list",
        string="Picking lists",
        compute="_compute_picking_list_ids",
        groups="onep_sourcing.group_sourcing_user",
        help="Lists that have lines on this order.",
    )
    picking_list_names = fields.Char(
        compute="_compute_picking_list_ids",
        string="Names of the picking lists",
        groups="onep_sourcing.group_sourcing_user",
    )

    @api.depends("picking_list_id", "order_line.picking_line_ids.list_id")
    def _compute_picking_list_ids(self):
        for order in self:
            lists = order.order_line.picking_line_ids.list_id | order.picking_list_id
            order.picking_list_ids = lists.sorted("id")
            order.picking_list_names = ", ".join(order.picking_list_ids.mapped("name"))

    def write(self, vals):
        """The picking lists follow the state of their orders."""
        before = dict(zip(self, self.mapped("state"), strict=True)) if "state" in vals else {}
        result = super().write(vals)
        if before:
            is_cancelled = vals["state"] == "cancel"
            moved = self.filtered(lambda order: (before[order] == "cancel") != is_cancelled)
            if not is_cancelled:
                moved._onep_take_back()
            self._onep_get_picking_lists()._update_order_state()
            if is_cancelled and moved:
                moved._onep_get_picking_lists()._note_cancelled(moved)
        return result

    def unlink(self):
        """Lines of a deleted RFQ can be ordered again: their lists follow."""
        lists = self._onep_get_picking_lists()
        result = super().unlink()
        lists.exists()._update_order_state()
        return result

    def action_merge(self):
        """Picking lists follow their articles to the order that remains."""
        return super(PurchaseOrder, self.with_context(onep_is_merging=True)).action_merge()

    def _prepare_supplier_info(self, partner, line, price, currency):
        """A price that confirming an order keeps was not negotiated for the next ones."""
        vals = super()._prepare_supplier_info(partner, line, price, currency)
        return vals | {"onep_price_source": "order"}

    def action_open_picking_list(self):
        """The lists that have lines on this order."""
        self.ensure_one()
        return self.picking_list_ids._get_records_action()

    def _onep_take_back(self):
        """Orders that come back from cancellation cover what they covered, unless that was ordered
        again meanwhile: then somebody has to look, and is told.
        """
        for order in self.sudo():
            covered = order.order_line.picking_line_ids
            covered.filtered("is_closed").is_closed = False
            doubled = order.order_line.filtered(
                lambda line: line.opportunity_id and not line.picking_line_ids
            )
            if doubled and order.picking_list_id:
                order.message_post(
                    body=self.env._(
                        "These articles were ordered again while this order was cancelled; remove "
                        "them here if they are not wanted twice:\n%(lines)s",
                        lines="\n".join(doubled[:20].mapped("product_id.display_name")),
                    )
                )

    def _onep_get_picking_lists(self):
        """Lists that have a line on these orders, whoever may read them."""
        return self.sudo().order_line.picking_line_ids.list_id
