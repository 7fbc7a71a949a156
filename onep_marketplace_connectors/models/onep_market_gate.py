from odoo import fields, models

from .onep_market_task import STEPS


class OnepMarketGate(models.Model):
    """What one batch came to at one step of a run.

    Lines are only added, so that no two workers ever write the same row; a run sums them up, and
    when it ends one line of each step is left.
    """

    _name = "onep.market.gate"
    _description = "Answered Batch"
    _log_access = False
    _rec_name = "step"

    sync_id = fields.Many2one("onep.market.sync", required=True, index=True, ondelete="cascade")
    step = fields.Selection(STEPS, required=True)
    asked_count = fields.Integer()
    found_count = fields.Integer()
    not_found_count = fields.Integer()
    no_price_count = fields.Integer()
    refused_count = fields.Integer()
    passed_count = fields.Integer()
    ended_count = fields.Integer()
