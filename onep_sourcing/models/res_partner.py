from odoo import models
from odoo.tools import SQL

from ..sql import dependent_deals


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
