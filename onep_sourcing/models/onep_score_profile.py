from odoo import models

from odoo.addons.onep_margin.price_scope import PriceScope


class OnepScoreProfile(models.Model):
    _inherit = "onep.score.profile"

    def _get_price_scopes(self, on_date=None):
        """What is sold on the marketplaces that they score, by choice or as the first profile."""
        places = self.env["onep.marketplace"].sudo().search([])
        scored = places.filtered(lambda place: place._get_score_profile() in self)
        return {PriceScope(marketplace_ids=tuple(sorted(scored.ids)))} if scored else set()
