from odoo import fields, models
from odoo.tools import SQL

from ..sql import market_gate
from .onep_market_task import STEPS


class OnepMarketFunnel(models.Model):
    """What a run came to at each of its steps."""

    _name = "onep.market.funnel"
    _description = "Steps of an Update"
    _auto = False
    _order = "id"
    _rec_name = "step"

    sync_id = fields.Many2one("onep.market.sync", readonly=True)
    step = fields.Selection(STEPS, readonly=True)
    waiting_count = fields.Integer("Waiting", readonly=True)
    asked_count = fields.Integer("Answered", readonly=True)
    found_count = fields.Integer("Found", readonly=True)
    not_found_count = fields.Integer("Not Found", readonly=True)
    no_price_count = fields.Integer("No Price", readonly=True)
    refused_count = fields.Integer("Refused", readonly=True)
    passed_count = fields.Integer("Went On", readonly=True)
    ended_count = fields.Integer("Stopped Here", readonly=True)

    @property
    def _table_query(self) -> SQL:
        return market_gate.funnel()
