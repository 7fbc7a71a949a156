from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import demand
from ..price_scope import PriceScope


class OnepSalesRankCurve(models.Model):
    """What a best-seller rank means in units a month, on one marketplace and category.

    An estimate by nature: units = units at rank 1 ÷ rank ^ exponent, within a low and a high
    factor. Scores and expected sales rest on it, margins do not.
    """

    _name = "onep.sales.rank.curve"
    _description = "Sales by Rank"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "platform, country_id, category_id, valid_from desc"
    _dated_by = ("platform", "country_id", "category_id")

    platform = fields.Selection(
        selection=lambda self: self.env["onep.rate.card"]._get_platforms(),
        string="Marketplace",
        required=True,
    )
    country_id = fields.Many2one("res.country", required=True, index=True)
    category_id = fields.Many2one(
        "onep.fee.category",
        domain="[('platform', '=', platform)]",
        ondelete="cascade",
        help="Empty: every category without a row of its own.",
    )
    scale = fields.Float("Units at Rank 1", digits=(12, 1), required=True)
    exponent = fields.Float(
        digits=(6, 4),
        required=True,
        default=0.87,
        help="How fast sales fall: at 0.87, ten times the rank sells 7.4 times less.",
    )
    low_factor = fields.Float(
        "Low", digits=(6, 3), required=True, default=0.4, help="Low figure, over the estimate."
    )
    high_factor = fields.Float(
        "High", digits=(6, 3), required=True, default=2.5, help="High figure, over the estimate."
    )
    units_at_100 = fields.Float("Rank 100", digits=(12, 0), compute="_compute_examples")
    units_at_1000 = fields.Float("Rank 1,000", digits=(12, 0), compute="_compute_examples")
    units_at_10000 = fields.Float("Rank 10,000", digits=(12, 1), compute="_compute_examples")

    _check_figures = models.Constraint(
        """CHECK(scale > 0 AND exponent > 0 AND low_factor > 0 AND low_factor <= 1
            AND high_factor >= 1)""",
        "Units and exponent are positive; the low factor is at most 1, the high one at least 1.",
    )

    @api.depends("platform", "country_id", "category_id")
    def _compute_display_name(self):
        platforms = dict(self._fields["platform"]._description_selection(self.env))
        for curve in self:
            curve.display_name = self.env._(
                "Sales by rank, %(platform)s %(country)s, %(category)s",
                platform=platforms.get(curve.platform, ""),
                country=curve.country_id.name or "",
                category=curve.category_id.name or self.env._("all categories"),
            )

    @api.depends("scale", "exponent")
    def _compute_examples(self):
        for curve in self:
            for rank in (100, 1000, 10000):
                curve[f"units_at_{rank}"] = curve.scale * rank**-curve.exponent

    @api.constrains("platform", "country_id", "category_id", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    def _get_price_scopes(self, on_date=None):
        """Deals of its marketplace, in its category when it names one."""
        return {
            PriceScope(
                platform=curve.platform,
                country_id=curve.country_id.id,
                category_ids=(curve.category_id.id,) if curve.category_id else None,
            )
            for curve in self._filter_in_force(on_date)
        }

    @api.model
    def _get_engine_curves(self, platform, country, category_index, on_date=None):
        """Return the ``engine.demand.RankCurves`` of a marketplace on a day, today by default.

        :param category_index: {fee category id: index of the engine's card}
        """
        day = on_date or fields.Date.context_today(self)
        rows = self.sudo().search(
            self._get_valid_domain(day)
            & Domain("platform", "=", platform)
            & Domain("country_id", "=", country.id)
        )
        return demand.RankCurves.from_rows(
            [
                {
                    "category_id": row.category_id.id,
                    "scale": row.scale,
                    "exponent": row.exponent,
                    "low_factor": row.low_factor,
                    "high_factor": row.high_factor,
                }
                for row in rows
            ],
            category_index,
        )
