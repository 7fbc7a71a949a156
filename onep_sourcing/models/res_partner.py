from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..sql import dependent_deals, lead_time

#: Deliveries that tell how long a supplier takes: those ordered in so many days.
LEAD_TIME_DAYS = 365


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """A supplier's list tells the VAT of its own country, and its company its terms; where
        our own company is decides on what is imported.
        """
        watched = [name for name in ("country_id", "parent_id", "is_company") if name in vals]
        if not watched:
            return super().write(vals)
        before = {partner: partner._onep_get_whereabouts() for partner in self}
        result = super().write(vals)
        moved = self.filtered(lambda partner: partner._onep_get_whereabouts() != before[partner])
        if moved:
            Mark = self.env["onep.evaluation.mark"].sudo()
            Mark._mark(
                dependent_deals.of_offers(
                    SQL(
                        """offer.is_present AND offer.partner_id IN (
                            SELECT id FROM res_partner
                             WHERE id = ANY(%(ids)s) OR commercial_partner_id = ANY(%(ids)s))""",
                        ids=moved.ids,
                    )
                ),
                "supplier",
            )
            companies = moved.sudo().ref_company_ids
            if companies:
                Mark._mark(dependent_deals.of_companies(companies.ids), "settings")
        return result

    def _onep_get_whereabouts(self):
        """Return (country, commercial partner), which margins depend on."""
        self.ensure_one()
        return self.country_id, self.commercial_partner_id

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
