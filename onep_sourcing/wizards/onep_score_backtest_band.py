from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat, OptionalMonetary


class OnepScoreBacktestBand(models.TransientModel):
    """What happened to the products whose score lay in a band."""

    _name = "onep.score.backtest.band"
    _description = "Band of Scores"
    _order = "id"

    backtest_id = fields.Many2one("onep.score.backtest", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="backtest_id.currency_id")
    name = fields.Char("Score", readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    units = OptionalFloat("Units sold", digits=(12, 1), readonly=True, aggregator=None)
    margin = OptionalMonetary("Realised margin", readonly=True, aggregator=None)
    profitable_share = OptionalFloat("Earned money", digits=(4, 3), readonly=True, aggregator=None)
