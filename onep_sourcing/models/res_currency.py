from odoo import api, fields, models
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

    def _onep_get_rates(self, company, on_date=None):
        """Units of the company's currency for one unit of each currency, by currency id.

        A currency that Odoo has no rate for gives None: Odoo itself would count it as 1.

        :param on_date: day of the rates; today when not given
        """
        on_date = on_date or fields.Date.context_today(self)
        base = company.currency_id
        dated = {
            currency
            for (currency,) in self.env["res.currency.rate"]
            .sudo()
            ._read_group(
                [
                    ("currency_id", "in", self.ids),
                    ("company_id", "in", [False, company.root_id.id]),
                    ("name", "<=", on_date),
                ],
                ["currency_id"],
            )
        }
        return {
            currency.id: currency._convert(1.0, base, company, on_date, round=False)
            if currency == base or currency in dated
            else None
            for currency in self
        }
