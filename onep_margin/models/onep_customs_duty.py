from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine.customs import DIGITS
from ..figure_words import figure_words


class OnepCustomsDuty(models.Model):
    """Duty on what is imported under a customs code, from everywhere or from one country."""

    _name = "onep.customs.duty"
    _description = "Customs Duty"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "hs_prefix, origin_id, valid_from desc"
    _dated_by = ("hs_prefix", "origin_id", "company_id")

    hs_prefix = fields.Char(
        "HS Code",
        required=True,
        index=True,
        help="2 to 10 digits: for all the codes that begin with them. The longest one wins.",
    )
    name = fields.Char("Goods", translate=True)
    origin_id = fields.Many2one(
        "res.country",
        "Made In",
        help="Where the goods were made. Empty: any country without a duty of its own.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    rate = fields.Float(
        "Duty", digits=(6, 5), help="Share of the value at the border: price and transport."
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount_per_kg = fields.Monetary("Per kg", help="On top of the share, if any.")

    _check_rate = models.Constraint(
        "CHECK(COALESCE(rate, 0) >= 0 AND COALESCE(amount_per_kg, 0) >= 0)",
        "A duty is not below zero.",
    )

    @api.depends("hs_prefix", "origin_id", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for duty in self:
            duty.display_name = self.env._(
                "Duty on %(code)s, %(origin)s: %(rate)s %%",
                code=duty.hs_prefix or "",
                origin=duty.origin_id.name or self.env._("any origin"),
                rate=figure_words(self.env, duty.rate * 100),
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean(vals))

    @api.model
    def _clean(self, vals):
        """Return values whose code has no dots nor spaces: 8528.72 is 852872."""
        code = vals.get("hs_prefix")
        if not code:
            return vals
        return dict(vals, hs_prefix="".join(char for char in code if char not in " .\u00a0"))

    @api.constrains("hs_prefix")
    def _check_code(self):
        for duty in self:
            code = duty.hs_prefix
            if not (code.isascii() and code.isdigit() and 2 <= len(code) <= DIGITS):
                raise ValidationError(
                    self.env._(
                        "%(code)s is no customs code: enter 2 to 10 digits, as 8528 or 852872.",
                        code=code,
                    )
                )

    @api.constrains("hs_prefix", "origin_id", "company_id", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    @api.model
    def _prepare_engine_rows(self, on_date, company, rates):
        """Return rows of ``CostTables.from_rows(duties=…)`` in force on a day.

        Those of the company come last, where they win over shared ones of the same code.
        rates: units of the company's currency for one of each, by currency id; None unknown
        """
        found = self.search(
            self._get_valid_domain(on_date) & Domain("company_id", "in", (company.id, False))
        )
        shared = found.filtered(lambda duty: not duty.company_id)
        return [
            {
                "hs": duty.hs_prefix,
                "origin": duty.origin_id.code or None,
                "rate": duty.rate,
                "per_kg": duty.amount_per_kg * (rates.get(duty.currency_id.id) or float("nan"))
                if duty.amount_per_kg
                else 0.0,
                "is_unconfirmed": duty._is_doubtful(),
                "ref": f"{duty._name},{duty.id}",
            }
            for duty in [*shared, *(found - shared)]
        ]
