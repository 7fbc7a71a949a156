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
