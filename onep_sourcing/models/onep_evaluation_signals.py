import numpy as np

from odoo import api, fields, models

from odoo.addons.onep_margin.engine import demand

from ..sql import deal, market_stability, score_snapshot

#: Market offers whose history is walked through in one statement.
BATCH_HISTORIES = 10_000


class OnepEvaluation(models.Model):
    """What scores rest on beside the margin: demand from ranks, stability of the market."""

    _inherit = "onep.evaluation"

    def _refresh_stability(self, marketplace):
        """Walk through the history of the articles in scope whose market was read since."""
        self.env["onep.marketplace.offer.history"].flush_model()
        stale = self.env.execute_query(
            market_stability.select_stale(
                marketplace.id, self.company_id.id, self._get_scope(marketplace)
            )
        )
        self.env.cr.execute(deal.prepare())
        offer_ids = [offer_id for (offer_id,) in stale]
        for start in range(0, len(offer_ids), BATCH_HISTORIES):
            chunk = offer_ids[start : start + BATCH_HISTORIES]
            self.env.cr.execute(market_stability.refresh(chunk))
        if stale:
            self.env["onep.market.stability"].invalidate_model()

    def _take_snapshots(self, marketplace):
        """Keep what the score says of our products now, for the back-test."""
        today = fields.Date.context_today(self)
        self.env.cr.execute(score_snapshot.take(marketplace.id, self.company_id.id, today))

    @api.model
    def _get_demand_columns(self, columns, category, curves):
        """Return what all sellers together are estimated to sell, from the rank.

        :param category: index of the rate card (n), -1 for none
        :param curves: ``engine.demand.RankCurves``
        """
        names = ("estimated_sales", "estimated_sales_low", "estimated_sales_high")
        found = demand.estimate_sales(columns["sales_rank"], np.asarray(category), curves)
        return dict(zip(names, found, strict=True))
