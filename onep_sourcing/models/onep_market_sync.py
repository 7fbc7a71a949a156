from odoo import models

from ..sql import dependent_deals, market_value


class OnepMarketSync(models.Model):
    _inherit = "onep.market.sync"

    def _after_sync(self):
        """What follows a market update: the deals whose figures moved are priced again."""
        result = super()._after_sync()
        self.env["onep.marketplace.offer"].flush_model()
        self.env["onep.opportunity"].flush_model()
        self.env.cr.execute(market_value.move_dates(self.id))
        self.env["onep.opportunity"].invalidate_model(["fetched_at"])
        if self.changed_count or self.new_count:
            self.env["onep.evaluation"]._enqueue_for_sync(self)
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_resized(self.id), "market"
            )
        return result
