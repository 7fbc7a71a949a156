from odoo import fields, models


class OnepMarketPlanPlace(models.TransientModel):
    """What a sweep of one marketplace comes to."""

    _name = "onep.market.plan.place"
    _description = "Plan of One Marketplace"

    plan_id = fields.Many2one("onep.market.plan", required=True, ondelete="cascade")
    marketplace_id = fields.Many2one("onep.marketplace", required=True, ondelete="cascade")
    asked_count = fields.Integer("EANs Due")
    today_count = fields.Integer("Fit in Today")
    seconds = fields.Float()
    limiting = fields.Char("Limited by")
    message = fields.Char("In Words")
