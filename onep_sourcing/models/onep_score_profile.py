from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.onep_margin.price_scope import PriceScope


class OnepScoreProfile(models.Model):
    _inherit = "onep.score.profile"

    def _get_price_scopes(self, on_date=None):
        """What is sold on the marketplaces that they score, by choice or as the first profile."""
        places = self.env["onep.marketplace"].sudo().search([])
        scored = places.filtered(lambda place: place._get_score_profile() in self)
        return {PriceScope(marketplace_ids=tuple(sorted(scored.ids)))} if scored else set()

    def action_back_test(self):
        """What this profile would have said of what we sold, beside what happened."""
        self.ensure_one()
        return self.env["onep.score.backtest"].create({"profile_id": self.id})._run()

    @api.model
    def action_back_test_default(self):
        """The same of the company's first profile."""
        profile = self._get_default_profile()
        if not profile:
            raise UserError(self.env._("Create a score profile first."))
        return profile.action_back_test()
