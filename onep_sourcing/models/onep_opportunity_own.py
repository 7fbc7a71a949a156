from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat


class OnepOpportunity(models.Model):
    """What Odoo itself knows of the article and its supplier, when it is decided on."""

    _name = "onep.opportunity"
    _inherit = ["onep.opportunity", "onep.own.figures.mixin"]

    kept_lead_time_days = OptionalFloat(
        string="First receipt after (days)",
        digits=(8, 1),
        compute="_compute_kept_lead_time",
        help="Median of the supplier's orders received in a year, from their confirmation to "
        "their first receipt. Empty: none was received.",
    )
    received_order_count = fields.Integer(
        string="Orders received", compute="_compute_kept_lead_time"
    )

    @api.depends("partner_id", "company_id")
    def _compute_kept_lead_time(self):
        for company, opportunities in self.grouped("company_id").items():
            kept = opportunities.partner_id._onep_get_lead_times(company)
            for opportunity in opportunities:
                days, count = kept.get(opportunity.partner_id.commercial_partner_id, (False, 0))
                opportunity.kept_lead_time_days = days
                opportunity.received_order_count = count

    def _get_own_company(self):
        return self.company_id or super()._get_own_company()

    def _get_own_variant(self):
        return self.product_id.product_id
