from odoo import api, models
from odoo.exceptions import UserError


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        """Offers name their currency without a foreign key."""
        offers = self.env["onep.supplier.offer"].sudo()
        used = self.filtered(
            lambda currency: offers.search_count([("currency_id", "=", currency.id)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(currency)s is the currency of supplier offers: archive it instead.",
                    currency=used[0].name,
                )
            )
