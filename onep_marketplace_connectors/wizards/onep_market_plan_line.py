from odoo import api, fields, models

from ..models.onep_market_task import STEPS


class OnepMarketPlanLine(models.TransientModel):
    """One operation of one step."""

    _name = "onep.market.plan.line"
    _description = "Planned Calls"
    _order = "plan_id, marketplace_id, id"

    plan_id = fields.Many2one("onep.market.plan", required=True, ondelete="cascade")
    marketplace_id = fields.Many2one("onep.marketplace", required=True, ondelete="cascade")
    step = fields.Selection(STEPS, required=True)
    asked_count = fields.Integer("EANs")
    operation = fields.Char()
    call_count = fields.Integer("Calls")
    rate = fields.Float("Allowed per Second", digits=(16, 3))
    seconds = fields.Float()
    duration = fields.Char(compute="_compute_duration")
    is_limiting = fields.Boolean("Bottleneck")

    @api.depends("seconds")
    def _compute_duration(self):
        for line in self:
            line.duration = (
                line.plan_id._get_time_words(line.seconds)
                if line.seconds
                else self.env._("no wait")
            )
