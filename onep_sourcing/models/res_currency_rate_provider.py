from odoo import api, fields, models

#: Longest text of a failure that a screen shows.
_SHOWN = 200


class ResCurrencyRateProvider(models.Model):
    """Daily rates of the European Central Bank, set up by themselves; a failure is on screen."""

    _inherit = "res.currency.rate.provider"

    onep_failure = fields.Char(
        "Last Failure", readonly=True, help="Why rates could not be read. Empty: they were."
    )
    onep_failed_at = fields.Datetime("Failed On", readonly=True)

    @api.model
    def _onep_set_up(self):
        """Give each company without any provider those of the ECB, once a day.

        A provider that an administrator archived counts: it is not set up again. Currencies
        in use that never had a rate are added to the one that there is.
        """
        providers = self.sudo().with_context(active_test=False)
        for company in self.env["res.company"].sudo().search([]):
            own = providers.search([("company_id", "=", company.id)])
            if not own:
                own = providers.create({"company_id": company.id, "service": "ECB"})
            own.filtered(lambda provider: provider.active)[:1]._onep_add_currencies()

    def _onep_add_currencies(self):
        """Add the active currencies that have no rate yet, if the provider knows them."""
        for provider in self:
            company = provider.company_id
            # Other currencies than the euro are worked out from it: it needs a rate too.
            active = self.env["res.currency"].search([("id", "!=", company.currency_id.id)])
            rated = {
                currency.id
                for (currency,) in self.env["res.currency.rate"]._read_group(
                    [("company_id", "in", (company.root_id.id, False))], ["currency_id"]
                )
            }
            lacking = (active & provider.available_currency_ids).filtered(
                lambda currency, rated=rated, provider=provider: (
                    not provider.currency_ids or currency.id not in rated
                )
            )
            provider.currency_ids |= lacking

    @api.model
    def _scheduled_update(self):
        self._onep_set_up()
        return super()._scheduled_update()

    def _obtain_rates(self, base_currency, currencies, date_from, date_to):
        """Keep why the rates could not be read: the caller only logs it and goes on."""
        try:
            rates = super()._obtain_rates(base_currency, currencies, date_from, date_to)
        except Exception as error:
            self.write(
                {
                    "onep_failure": (str(error) or type(error).__name__)[:_SHOWN],
                    "onep_failed_at": fields.Datetime.now(),
                }
            )
            raise
        if self.onep_failure:
            self.write({"onep_failure": False, "onep_failed_at": False})
        return rates
