from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..sql import list_progress
from .counted import counted


class OnepPickingList(models.Model):
    """How far a list has come: ordered, received, cancelled, late."""

    _inherit = "onep.picking.list"

    ordered_line_count = fields.Integer(string="Lines ordered", compute="_compute_progress")
    received_line_count = fields.Integer(string="Lines received", compute="_compute_progress")
    cancelled_line_count = fields.Integer(string="Lines cancelled", compute="_compute_progress")
    late_line_count = fields.Integer(string="Lines late", compute="_compute_progress")
    received_rate = OptionalFloat(
        string="Received",
        digits=(6, 4),
        compute="_compute_progress",
        help="Share of the ordered amount that is here.",
    )
    progress_text = fields.Char(string="Progress", compute="_compute_progress")

    @api.depends(
        "line_ids.quantity",
        "line_ids.is_closed",
        "line_ids.purchase_line_id.product_qty",
        "line_ids.purchase_line_id.qty_received",
        "line_ids.purchase_line_id.date_planned",
        "line_ids.purchase_line_id.order_id.state",
        "line_ids.purchase_line_id.order_id.receipt_status",
    )
    def _compute_progress(self):
        """One statement for any number of lists."""
        self.env.flush_all()
        found = {}
        if self.ids:
            rows = self.env.execute_query(list_progress.by_list(self.ids))
            found = {row[0]: row[1:] for row in rows}
        nothing = (0, 0, 0, 0, 0, 0, 0, None)
        for picking in self:
            wanted, asked, ordered, received, short, cancelled, late, rate = found.get(
                picking._origin.id, nothing
            )
            picking.ordered_line_count = ordered
            picking.received_line_count = received
            picking.cancelled_line_count = cancelled
            picking.late_line_count = late
            picking.received_rate = False if rate is None else float(rate)
            picking.progress_text = picking._get_progress_text(
                wanted, asked, ordered, received, short, cancelled, late
            )

    def _get_progress_text(self, wanted, asked, ordered, received, short, cancelled, late):
        """The counts that say something, in words; False before the first RFQ."""
        if not (asked or ordered or cancelled):
            return False
        env = self.env
        # Participles agree with what they count in French: one is worded apart.
        counts = (
            (
                ordered or wanted,
                counted(
                    ordered,
                    env._("1 of %(total)s ordered", total=wanted),
                    env._("%(count)s of %(total)s ordered", count=ordered, total=wanted),
                ),
            ),
            (asked, env._("%(count)s on an RFQ", count=asked)),
            (
                received,
                counted(received, env._("1 received"), env._("%(count)s received", count=received)),
            ),
            (
                short,
                counted(
                    short, env._("1 received short"), env._("%(count)s received short", count=short)
                ),
            ),
            (late, env._("%(count)s late", count=late)),
            (
                cancelled,
                counted(
                    cancelled, env._("1 cancelled"), env._("%(count)s cancelled", count=cancelled)
                ),
            ),
        )
        return " · ".join(text for count, text in counts if count)
