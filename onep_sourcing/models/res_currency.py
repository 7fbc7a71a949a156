from contextlib import contextmanager
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError

from ..sql import dependent_deals


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

    def write(self, vals):
        """A currency that is archived has no rate."""
        if "active" not in vals:
            return super().write(vals)
        with self._marks_moved_rates():
            return super().write(vals)

    @contextmanager
    def _marks_moved_rates(self):
        """Mark, at the end, the deals of the currencies whose rate of today is not what it was."""
        before = self._get_rates_by_company()
        yield
        self._mark_moved_rates(before, self._get_rates_by_company())

    @api.model
    def _get_rates_by_company(self, on_date=None):
        """Return {company: {currency id: rate}} of the companies that have a marketplace."""
        currencies = self.env["res.currency"].sudo().search([("active", "=", True)])
        groups = self.env["onep.marketplace"].sudo()._read_group([], ["company_id"])
        return {company: currencies._onep_get_rates(company, on_date) for (company,) in groups}

    @api.model
    def _mark_moved_rates(self, before, after):
        """Mark the deals of each company that hang on a currency whose rate is another."""
        Mark = self.env["onep.evaluation.mark"].sudo()
        for company, rates in after.items():
            known = before.get(company, {})
            moved = [
                currency_id
                for currency_id in {*rates, *known}
                if rates.get(currency_id) != known.get(currency_id)
            ]
            if moved:
                Mark._mark(dependent_deals.of_currencies(company.id, moved), "currency")
                Mark._mark_scopes(self._get_fee_scopes(company, moved), "currency")

    @api.model
    def _get_fee_scopes(self, company, currency_ids):
        """Return the ``PriceScope`` of the rules that state their amounts in these currencies."""
        scopes = set()
        for name in self.env["onep.evaluation.mark"]._get_basis_models():
            rules = self.env[name].sudo()
            field = rules._fields.get("currency_id")
            if field and field.store and not field.related:
                scopes |= rules.search([("currency_id", "in", currency_ids)])._get_price_scopes()
        return {
            replace(scope, company_id=company.id)
            for scope in scopes
            if scope.company_id in (None, company.id)
        }
