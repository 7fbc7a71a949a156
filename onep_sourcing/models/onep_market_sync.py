from odoo import models


class OnepMarketSync(models.Model):
    _inherit = "onep.market.sync"

    def _after_sync(self):
        """What follows a market update: the deals it touches are priced again."""
        result = super()._after_sync()
        self.env["onep.evaluation"]._enqueue_for_sync(self)
        return result
