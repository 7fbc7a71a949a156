from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..engine.price_points import PricePoints
from ..figure_words import figure_words


class OnepPriceRounding(models.Model):
    """How suggested selling prices end: …,99 and so on, by currency and marketplace."""

    _name = "onep.price.rounding"
    _description = "Price Rounding"
    _inherit = ["onep.conflict.mixin", "onep.engine.cache.mixin"]
    _order = "currency_id, platform, company_id"
    _conflict_fields = ("currency_id", "platform", "company_id")

    currency_id = fields.Many2one("res.currency", required=True, ondelete="cascade")
    platform = fields.Selection(
        selection=lambda self: self.env["onep.rate.card"]._get_platforms(),
        string="Marketplace",
        help="Empty: every marketplace that has no rounding of its own.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    step = fields.Float(
        "Price Every",
        digits=(12, 4),
        default=1.0,
        required=True,
        help="Distance between two prices.",
    )
    ending = fields.Float(
        digits=(12, 4), default=0.99, required=True, help="0.99 and a step of 1: 0.99, 1.99, 2.99…"
    )
    direction = fields.Selection(
        [("up", "Up"), ("nearest", "To the nearest"), ("down", "Down")],
        default="up",
        required=True,
        help="Up never misses the target. Otherwise the price may be a little below it.",
    )
    active = fields.Boolean(default=True)
    example = fields.Char("Prices", compute="_compute_example")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(currency_id, currency_id, '[]') WITH &&,
            int8range(
                hashtext(coalesce(platform, '')), hashtext(coalesce(platform, '')), '[]') WITH &&,
            int8range(coalesce(company_id, 0), coalesce(company_id, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another rounding for the same case. Reload the page.",
    )

    @api.depends("currency_id", "platform", "step", "ending")
    @api.depends_context("lang")
    def _compute_display_name(self):
        platforms = dict(self._fields["platform"]._description_selection(self.env))
        for rounding in self:
            rounding.display_name = self.env._(
                "%(currency)s, %(place)s: %(example)s",
                currency=rounding.currency_id.name or "",
                place=platforms.get(rounding.platform) or self.env._("all marketplaces"),
                example=rounding._get_example(),
            )

    @api.depends("currency_id", "step", "ending")
    def _compute_example(self):
        for rounding in self:
            rounding.example = rounding._get_example()

    def _get_example(self):
        """Return two of the prices in words."""
        if not self._is_sound():
            return ""
        points = self._get_points()
        shown = points.up([2 * self.step, 3 * self.step])
        return ", ".join(
            self.currency_id.format(float(price))
            if self.currency_id
            else figure_words(self.env, price)
            for price in shown
        )

    def _is_sound(self):
        """Return whether there is a price to round to."""
        return self.step > 0 and 0 <= self.ending < self.step

    @api.constrains(*_conflict_fields, "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "These prices are rounded already: %(other)s. Change that rounding, or archive it.",
            other=other.display_name,
        )

    @api.constrains("step", "ending")
    def _check_points(self):
        for rounding in self:
            if not rounding._is_sound():
                raise ValidationError(
                    self.env._(
                        "The step must be positive, and the ending between 0 and the step: "
                        "0.99 with a step of 1, or 9 with a step of 10."
                    )
                )

    def _get_points(self):
        """Return this rounding as the engine wants it."""
        self.ensure_one()
        return PricePoints(
            self.step, self.ending, self.direction, self.currency_id.decimal_places or 0
        )

    @api.model
    def _find_points(self, currency, platform=None):
        """Return the ``PricePoints`` of a currency on a marketplace, for the current company.

        Its own before the shared one, the marketplace's before that of all; without any, every
        amount that the currency can pay.
        """
        found = self._find_points_of(currency.id, platform or False, self.env.company.id)
        return found or PricePoints(
            step=currency.rounding or 0.01, decimals=currency.decimal_places
        )

    @api.model
    @tools.ormcache("currency_id", "platform", "company_id")
    def _find_points_of(self, currency_id, platform, company_id):
        """Return the ``PricePoints`` that a rounding says; None when none does."""
        rounding = self.sudo().search(
            [
                ("currency_id", "=", currency_id),
                ("platform", "in", (platform, False) if platform else (False,)),
                ("company_id", "in", (company_id, False)),
            ],
            order="company_id, platform",
            limit=1,
        )
        return rounding._get_points() if rounding else None
