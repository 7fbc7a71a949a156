from odoo import api, models


class OnepRateCard(models.Model):
    _inherit = "onep.rate.card"

    @api.model
    def _get_platforms(self):
        """Every platform that can be connected can have a rate card."""
        own = super()._get_platforms()
        known = {code for code, _name in own}
        connected = self.env["onep.marketplace"]._selection_platform()
        return own + [(code, name) for code, name in connected if code not in known]
