from odoo import fields, models
from odoo.tools import SQL

from ..optional_fields import OptionalFloat
from ..sql import market_trend


class OnepMarketplaceTrend(models.Model):
    """What the figures of a market offer did in the last 7, 30 or 90 days."""

    _name = "onep.marketplace.trend"
    _description = "Trend of a Market Offer"
    _auto = False
    _order = "offer_id, days"
    _rec_name = "days"

    offer_id = fields.Many2one("onep.marketplace.offer", readonly=True)
    days = fields.Integer("Last Days", readonly=True, aggregator=None)
    known_days = OptionalFloat("Days Known", readonly=True, aggregator=None)
    price_mean = OptionalFloat("Mean Price", digits=(16, 2), readonly=True, aggregator="avg")
    price_min = OptionalFloat("Lowest Buy Box", digits=(16, 2), readonly=True, aggregator="min")
    price_max = OptionalFloat("Highest Buy Box", digits=(16, 2), readonly=True, aggregator="max")
    price_volatility = OptionalFloat(
        "Volatility",
        digits=(16, 4),
        readonly=True,
        aggregator="avg",
        help="Standard deviation of the buy box as a share of its mean.",
    )
    price_slope = OptionalFloat("Price per Day", digits=(16, 4), readonly=True, aggregator="avg")
    lowest_mean = OptionalFloat("Mean Lowest", digits=(16, 2), readonly=True, aggregator="avg")
    lowest_min = OptionalFloat("Lowest Ever", digits=(16, 2), readonly=True, aggregator="min")
    holder_changes = fields.Integer(readonly=True, aggregator="avg")
    main_holder = fields.Char(readonly=True)
    main_holder_share = OptionalFloat(
        "Its Share", digits=(16, 4), readonly=True, aggregator="avg", help="Of the time, 0 to 1."
    )
    rank_mean = OptionalFloat("Mean Rank", digits=(16, 0), readonly=True, aggregator="avg")
    rank_min = OptionalFloat("Best Rank", digits=(16, 0), readonly=True, aggregator="min")
    rank_slope = OptionalFloat("Rank per Day", digits=(16, 2), readonly=True, aggregator="avg")
    offers_mean = OptionalFloat("Mean Offers", digits=(16, 1), readonly=True, aggregator="avg")
    offers_max = OptionalFloat("Most Offers", digits=(16, 0), readonly=True, aggregator="max")

    @property
    def _table_query(self) -> SQL:
        return market_trend.select_trends()
