from collections import defaultdict
from math import ceil

from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

FOLLOW_UPS = [
    ("to_order", "To order"),
    ("asked", "On an RFQ"),
    ("ordered", "Ordered"),
    ("partial", "Partly received"),
    ("received", "Received"),
    ("short", "Received short"),
    ("cancelled", "Cancelled"),
    ("closed", "Closed without"),
]


class OnepPickingListLine(models.Model):
    """What became of a line: its order, what was received of it."""

    _inherit = "onep.picking.list.line"

    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The Odoo unit that the quantity is told in; known once there is an RFQ.",
    )
    is_closed = fields.Boolean(
        "Closed without", readonly=True, copy=False, help="The list is ordered without this line."
    )
    follow_up = fields.Selection(FOLLOW_UPS, compute="_compute_follow_up", string="Follow-up")
    ordered_quantity = OptionalFloat(
        string="Ordered",
        digits=(16, 3),
        compute="_compute_follow_up",
        help="On confirmed orders, in the unit of the list.",
    )
    received_quantity = OptionalFloat(
        string="Received", digits=(16, 3), compute="_compute_follow_up"
    )

    @api.depends(
        "quantity",
        "is_closed",
        "list_id.state",
        "purchase_line_id.product_qty",
        "purchase_line_id.product_uom_id",
        "purchase_line_id.qty_received",
        "purchase_line_id.picking_line_ids",
        "purchase_line_id.order_id.state",
        "purchase_line_id.order_id.receipt_status",
    )
    def _compute_follow_up(self):
        """Lines that a merge put on one order line share it by their quantities."""
        totals = defaultdict(float)
        for other in self.purchase_line_id.sudo().picking_line_ids:
            totals[other.purchase_line_id] += other.quantity
        for line in self:
            bought = line.purchase_line_id.sudo()
            line.follow_up = line._get_follow_up(bought)
            line.ordered_quantity = line.received_quantity = False
            if bought and bought.state == "purchase" and totals[bought]:
                share = line.quantity / totals[bought]
                line.ordered_quantity = line._to_own_unit(bought, bought.product_qty) * share
                line.received_quantity = line._to_own_unit(bought, bought.qty_received) * share

    def _get_follow_up(self, bought):
        if self.list_id.state not in ("approved", "ordered") or not self.quantity:
            return False
        if self.is_closed:
            return "closed"
        if not bought:
            return "to_order"
        if bought.state == "cancel" or not bought.product_qty:
            return "cancelled"
        if bought.state != "purchase":
            return "asked"
        if bought.product_uom_id.compare(bought.qty_received, bought.product_qty) >= 0:
            return "received"
        if bought.order_id.receipt_status == "full":
            return "short"
        return "partial" if bought.qty_received > 0 else "ordered"

    def _get_expected_delays(self):
        """{line: days from its order to its goods}: announced, else kept lately; False unknown."""
        untold = self.filtered(lambda line: line.lead_time_days is False)
        kept = {}
        for company, lines in untold.grouped("company_id").items():
            times = lines.partner_id._onep_get_lead_times(company)
            for line in lines:
                days, _count = times.get(line.partner_id.commercial_partner_id, (False, 0))
                kept[line] = days if days is False else ceil(days)
        return {line: kept.get(line, line.lead_time_days) for line in self}

    def _to_own_unit(self, bought, quantity):
        """A quantity of an order line in the unit of this line; both are of one kind."""
        unit = bought.product_uom_id
        if not self.uom_id or self.uom_id == unit or not unit._has_common_reference(self.uom_id):
            return quantity
        return unit._compute_quantity(quantity, self.uom_id, round=False)
