from odoo import api, fields, models
from odoo.fields import Domain

from ..figure_words import figure_words


class OnepCurrencyMargin(models.Model):
    """Share added to what is bought in a currency, for its rate may move before it is paid."""

    _name = "onep.currency.margin"
    _description = "Currency Safety Margin"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "currency_id, valid_from desc"
    _dated_by = ("currency_id", "company_id")

    currency_id = fields.Many2one("res.currency", required=True, index=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    safety_margin = fields.Float(
        digits=(6, 5), required=True, help="Share added to the day's exchange rate."
    )

    _check_margin = models.Constraint(
        "CHECK(safety_margin >= 0 AND safety_margin < 1)",
        "A safety margin is between 0 and 100 %.",
    )

    @api.depends("currency_id", "safety_margin")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for margin in self:
            margin.display_name = self.env._(
                "Safety margin of %(currency)s: %(rate)s %%",
                currency=margin.currency_id.name or "",
                rate=figure_words(self.env, margin.safety_margin * 100),
            )

    @api.constrains("currency_id", "company_id", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    @api.model
    def _get_margins(self, on_date, company):
        """Return {currency id: margin record} in force on a day; the company's own win."""
        found = self.search(
            self._get_valid_domain(on_date) & Domain("company_id", "in", (company.id, False))
        )
        shared = found.filtered(lambda margin: not margin.company_id)
        return {margin.currency_id.id: margin for margin in [*shared, *(found - shared)]}
