from odoo import api, fields, models
from odoo.fields import Domain

from ..figure_words import figure_words
from ..price_scope import PriceScope


class OnepContribution(models.Model):
    """Eco-contribution or private-copy levy of a kind of article, by what it is measured in."""

    _name = "onep.contribution"
    _description = "Contribution Schedule"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "country_id, scheme, name, condition, measure_min, valid_from desc"
    _dated_by = ("country_id", "scheme", "name", "condition")
    _conflict_bands = (("measure_min", "measure_max"),)

    country_id = fields.Many2one("res.country", required=True, index=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    scheme = fields.Selection(
        [
            ("deee", "Electrical and electronic equipment"),
            ("furniture", "Furniture"),
            ("building", "Building products"),
            ("toys", "Toys"),
            ("textile", "Textile"),
            ("private_copy", "Private-copy levy"),
        ],
        required=True,
    )
    name = fields.Char("Kind of Article", required=True, translate=True)
    condition = fields.Selection(
        [("new", "New"), ("refurbished", "Refurbished"), ("used", "Used")],
        help="Empty: any condition that has no row of its own.",
    )
    measure_unit = fields.Selection(
        [("kg", "Kilograms"), ("inch", "Inches"), ("gb", "Gigabytes")],
        help="What the amount depends on. Empty: on nothing.",
    )
    measure_min = fields.Float("Above", digits=(10, 3))
    measure_max = fields.Float("Up To", digits=(10, 3), help="Included. 0: no limit.")
    is_below = fields.Boolean(
        "Bound Not Included", help="The upper bound belongs to the next row, as schedules of disks."
    )
    amount = fields.Monetary(help="Per unit, without VAT.")
    is_amount_unknown = fields.Boolean(
        "Amount Unknown", help="The scheme exists, its amount was not obtained: costs are unknown."
    )

    _check_measure = models.Constraint(
        "CHECK(measure_min >= 0 AND (COALESCE(measure_max, 0) = 0 OR measure_max > measure_min))",
        "A row ends above its beginning.",
    )

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(country_id, country_id, '[]') WITH &&,
            int8range(hashtext(scheme), hashtext(scheme), '[]') WITH &&,
            int8range(hashtext((name ->> 'en_US')), hashtext((name ->> 'en_US')), '[]') WITH &&,
            int8range(hashtext(coalesce(condition, '')), hashtext(coalesce(condition, '')), '[]')
                WITH &&,
            numrange(coalesce(measure_min, 0), nullif(coalesce(measure_max, 0), 0), '(]') WITH &&,
            (CASE WHEN valid_to < valid_from THEN 'empty'
                ELSE daterange(valid_from, valid_to, '[]') END) WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another row for the same case. Reload the page.",
    )

    @api.depends("name", "condition", "measure_unit", "measure_min", "measure_max")
    @api.depends_context("lang")
    def _compute_display_name(self):
        conditions = dict(self._fields["condition"]._description_selection(self.env))
        for row in self:
            parts = [row.name or ""]
            if row.condition:
                parts.append(conditions[row.condition])
            if row.measure_min or row.measure_max:
                upper = figure_words(self.env, row.measure_max) if row.measure_max else "∞"
                parts.append(f"{figure_words(self.env, row.measure_min)} – {upper}")
            row.display_name = " · ".join(parts)

    @api.constrains(
        "country_id",
        "scheme",
        "name",
        "condition",
        "measure_min",
        "measure_max",
        "valid_from",
        "valid_to",
        "active",
    )
    def _check_overlap(self):
        self._check_one_at_a_time()

    def _get_price_scopes(self, on_date=None):
        """What companies of their country sell, wherever: they declare where they are."""
        countries = self._filter_in_force(on_date).country_id
        companies = self.env["res.company"].sudo().search([])
        return {
            PriceScope(company_id=company.id)
            for company in companies
            if company.country_id in countries
        }

    @api.model
    def _prepare_engine_rows(self, country, on_date, rates):
        """Return rows of ``CostTables.from_rows(contributions=…)`` in force on a day.

        rates: units of the company's currency for one of each, by currency id; None unknown
        """
        rows = self.search(self._get_valid_domain(on_date) & Domain("country_id", "=", country.id))
        return [
            {
                "key": (row.scheme, row.name, row.condition or None),
                "measure_min": row.measure_min,
                "measure_max": row.measure_max,
                "is_below": row.is_below,
                "measure_unit": row.measure_unit,
                "amount": None
                if row.is_amount_unknown or not rates.get(row.currency_id.id)
                else row.amount * rates[row.currency_id.id],
                "is_unconfirmed": row._is_doubtful(),
                "ref": f"onep.contribution,{row.id}",
            }
            for row in rows
        ]
