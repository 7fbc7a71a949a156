from odoo import api, fields, models
from odoo.fields import Domain

from ..sql import evaluation_mark


class OnepOpportunity(models.Model):
    """Opportunities whose figures rest on something that has changed since."""

    _inherit = "onep.opportunity"

    is_waiting = fields.Boolean(
        string="Waits for repricing",
        compute="_compute_is_waiting",
        search="_search_is_waiting",
        help="Something its figures rest on has changed; they follow by themselves.",
    )

    @api.depends("supplier_offer_id", "marketplace_id")
    def _compute_is_waiting(self):
        waiting = set()
        if self.ids:
            rows = self.env.execute_query(evaluation_mark.waiting_opportunities(self.ids))
            waiting = {opportunity_id for (opportunity_id,) in rows}
        for opportunity in self:
            opportunity.is_waiting = opportunity._origin.id in waiting

    @api.model
    def _search_is_waiting(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        waiting = Domain("id", "in", evaluation_mark.waiting_opportunities())
        return waiting if (True in value) == (operator == "in") else ~waiting
