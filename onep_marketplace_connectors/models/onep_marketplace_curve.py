from odoo import fields, models
from odoo.tools import SQL

from ..optional_fields import OptionalFloat
from ..sql import market_trend


class OnepMarketplaceCurve(models.Model):
    """The figures of a market offer day by day, for charts."""

    _name = "onep.marketplace.curve"
    _description = "Curve of a Market Offer"
    _auto = False
    _order = "offer_id, day"
    _rec_name = "day"

    offer_id = fields.Many2one("onep.marketplace.offer", readonly=True)
    day = fields.Date(readonly=True)
    holder = fields.Char("Buy Box Holder", readonly=True)
    price = OptionalFloat("Buy Box", digits=(16, 2), readonly=True, aggregator="avg")
    lowest = OptionalFloat("Lowest Price", digits=(16, 2), readonly=True, aggregator="avg")
    rank = OptionalFloat("Sales Rank", digits=(16, 0), readonly=True, aggregator="avg")
    offers = OptionalFloat("Offers", digits=(16, 0), readonly=True, aggregator="avg")

    @property
    def _table_query(self) -> SQL:
        return market_trend.select_curve()
