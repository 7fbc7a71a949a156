from odoo import models


class ResCurrencyRate(models.Model):
    """Cost sheets and carriers' grids carry the day's rates."""

    _name = "res.currency.rate"
    _inherit = ["res.currency.rate", "onep.engine.cache.mixin"]
