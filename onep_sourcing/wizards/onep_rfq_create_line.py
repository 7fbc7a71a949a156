from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class OnepRfqCreateLine(models.TransientModel):
    """One RFQ to come: a supplier, a currency, and what it would ask for."""

    _name = "onep.rfq.create.line"
    _description = "RFQ to create"

    wizard_id = fields.Many2one("onep.rfq.create", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    picking_line_ids = fields.Many2many("onep.picking.list.line", readonly=True)
    line_count = fields.Integer(string="Lines", compute="_compute_figures")
    quantity = fields.Float(string="Units", digits=(16, 3), compute="_compute_figures")
    amount = fields.Monetary(string="Untaxed amount", compute="_compute_figures")
    planned_on = fields.Date(string="Expected", compute="_compute_figures")
    existing_order_id = fields.Many2one(
        "purchase.order", string="Open RFQ", readonly=True, help="The supplier's latest draft."
    )
    use_existing = fields.Boolean(
        string="Add to it", help="Add the lines to the open RFQ instead of making another."
    )
    note = fields.Char(string="To check", compute="_compute_figures")

    @api.depends("picking_line_ids")
    def _compute_figures(self):
        today = fields.Date.context_today(self)
        for group in self:
            lines = group.picking_line_ids
            delay = int(max(lines.mapped("lead_time_days"), default=0.0))
            group.line_count = len(lines)
            group.quantity = sum(lines.mapped("quantity"))
            group.amount = sum(lines.mapped("amount"))
            group.planned_on = today + relativedelta(days=delay)
            group.note = group._get_note()

    def _get_note(self):
        """What to look at before ordering from this supplier."""
        texts = []
        changed = self.picking_line_ids.filtered("is_price_changed")
        if changed:
            texts.append(self.env._("%(count)s prices changed", count=len(changed)))
        doubled = self.picking_line_ids.filtered("duplicate_text")
        if doubled:
            texts.append(self.env._("%(count)s in another open list", count=len(doubled)))
        return ", ".join(texts)
