from odoo import fields, models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    opportunity_id = fields.Many2one(
        "onep.opportunity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="onep_sourcing.group_sourcing_user",
        help="What this line was bought for.",
    )
    picking_line_ids = fields.One2many(
        "onep.picking.list.line",
        "purchase_line_id",
        string="Picking list lines",
        readonly=True,
        groups="onep_sourcing.group_sourcing_user",
    )

    def write(self, vals):
        """A line whose quantity becomes none covers nothing: its lists follow."""
        result = super().write(vals)
        if "product_qty" in vals:
            self.sudo().picking_line_ids.list_id._update_order_state()
        return result

    def unlink(self):
        """A merge deletes the doubles of an order's line: what they covered stays covered.

        What anybody else deletes can be ordered again.
        """
        if self.env.context.get("onep_is_merging"):
            for line in self.filtered(lambda line: line.sudo().picking_line_ids):
                line._onep_find_double(excluded=self)._onep_take_picking_lines(line)
        lists = self.sudo().picking_line_ids.list_id
        result = super().unlink()
        lists._update_order_state()
        return result

    def _merge_po_line(self, rfq_line):
        result = super()._merge_po_line(rfq_line)
        self._onep_take_picking_lines(rfq_line)
        return result

    def _onep_take_picking_lines(self, other):
        """Cover what another line covered, so that it is not ordered again."""
        if self:
            other.sudo().picking_line_ids.purchase_line_id = self

    def _onep_find_double(self, excluded):
        """The line of the same order that a merge adds this one to: the nearest in time."""
        doubles = (self.order_id.order_line - excluded).filtered(
            lambda line: (
                not line.display_type
                and line.product_id == self.product_id
                and line.product_uom_id == self.product_uom_id
                and line.analytic_distribution == self.analytic_distribution
                and line.discount == self.discount
            )
        )
        return doubles.sorted(lambda line: abs(line.date_planned - self.date_planned))[:1]
