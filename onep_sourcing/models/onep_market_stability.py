from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat, OptionalInteger


class OnepMarketStability(models.Model):
    """How stable the market of an article is, kept so that scores need not walk its history.

    Written by the evaluation, by set-based SQL (sql/market_stability.py).
    """

    _name = "onep.market.stability"
    _description = "Market Stability"
    _log_access = False
    _rec_name = "offer_id"

    offer_id = fields.Many2one(
        "onep.marketplace.offer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    computed_at = fields.Datetime(required=True, readonly=True)
    price_volatility_30 = OptionalFloat(readonly=True, aggregator="avg")
    price_volatility_90 = OptionalFloat(readonly=True, aggregator="avg")
    price_mean_90 = OptionalFloat(readonly=True, aggregator=None)
    price_trend = OptionalFloat(readonly=True, aggregator="avg")
    rank_trend = OptionalFloat(readonly=True, aggregator="avg")
    holder_changes = OptionalInteger(readonly=True, aggregator="avg")
    main_holder_share = OptionalFloat(readonly=True, aggregator="avg")

    _offer_unique = models.Constraint("UNIQUE(offer_id)", "A market offer has one stability.")
