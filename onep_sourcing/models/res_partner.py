from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..sql import dependent_deals, lead_time

#: Deliveries that tell how long a supplier takes: those ordered in so many days.
LEAD_TIME_DAYS = 365


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """A supplier's list tells the VAT of its own country only."""
        moved = self.browse()
        if "country_id" in vals:
            moved = self.filtered(lambda partner: partner.country_id.id != vals["country_id"])
        result = super().write(vals)
        if moved:
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_offers(
                    SQL("offer.partner_id = ANY(%s) AND offer.is_present", moved.ids)
                ),
                "supplier",
            )
        return result

    def _onep_get_lead_times(self, company):
        """Return {commercial partner: (days, orders)} that these suppliers took to deliver.

        days: median from the confirmation of an order to its first receipt, over a year
        orders: how many were received; a supplier without any is absent
        """
        self.env.flush_all()
        since = fields.Datetime.now() - timedelta(days=LEAD_TIME_DAYS)
        query = lead_time.kept(company.id, self.commercial_partner_id.ids, since)
        return {
            self.browse(partner_id): (days, count)
            for partner_id, days, count in self.env.execute_query(query)
        }
