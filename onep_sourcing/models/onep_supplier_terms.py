from odoo import models


class OnepSupplierTerms(models.Model):
    _inherit = "onep.supplier.terms"

    def _get_usual_currency(self):
        """The currency of the supplier's own price list, else of our orders to it."""
        feed = (
            self.env["onep.supplier.feed"]
            .sudo()
            .search([("partner_id", "child_of", self.partner_id.ids)], limit=1)
        )
        return (
            self.currency_id
            or feed.currency_id
            or self.partner_id.property_purchase_currency_id
            or super()._get_usual_currency()
        )
