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
            needed_on = group.wizard_id.list_id.needed_on
            earliest = today + relativedelta(days=delay)
            group.line_count = len(lines)
            group.quantity = sum(lines.mapped("quantity"))
            group.amount = sum(lines.mapped("amount"))
            group.planned_on = max(earliest, needed_on or earliest)
            group.note = group._get_note(today)

    def _get_note(self, today):
        """What to look at before ordering from this supplier."""
        texts = []
        needed_on = self.wizard_id.list_id.needed_on
        if needed_on:
            late = self.picking_line_ids.filtered(
                lambda line: today + relativedelta(days=int(line.lead_time_days or 0)) > needed_on
            )
            if late:
                texts.append(self.env._("%(count)s arrive after the need", count=len(late)))
        unknown = self.picking_line_ids.filtered(lambda line: line.lead_time_days is False)
        if unknown:
            texts.append(self.env._("%(count)s without a lead time", count=len(unknown)))
        changed = self.picking_line_ids.filtered("is_price_changed")
        if changed:
            texts.append(self.env._("%(count)s prices changed", count=len(changed)))
        doubled = self.picking_line_ids.filtered("duplicate_text")
        if doubled:
            texts.append(self.env._("%(count)s in another open list", count=len(doubled)))
        return ", ".join(texts)
