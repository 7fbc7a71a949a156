from odoo import models
from odoo.exceptions import UserError


class OnepOpportunity(models.Model):
    """From opportunities to the simulator, or to a scenario tried on all of them."""

    _inherit = "onep.opportunity"

    def action_simulate(self):
        """Simulate one opportunity; ask what to try on several."""
        if not self:
            raise UserError(self.env._("Select the opportunities to simulate first."))
        if len(self) == 1:
            return self.env["onep.margin.simulator"]._open_for_opportunity(self)
        return self.env["onep.scenario.trial"]._open(self._get_chosen_domain(), self.company_id[:1])
