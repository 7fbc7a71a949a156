from odoo import fields, models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        if "active" in vals:
            # Cost sheets carry the rates of active currencies.
            self.env.registry.clear_cache()
        return super().write(vals)

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
