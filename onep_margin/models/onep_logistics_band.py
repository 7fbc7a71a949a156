from odoo import api, fields, models
from odoo.tools import formatLang

from ..figure_words import figure_words


class OnepLogisticsBand(models.Model):
    """The fee of a size tier up to a weight."""

    _name = "onep.logistics.band"
    _description = "Fulfilment Weight Band"
    _price_parent = "tier_id"
    _inherit = ["onep.fee.row.mixin"]
    _order = "tier_id, weight_max_g"
    _conflict_fields = ("tier_id", "weight_max_g")

    tier_id = fields.Many2one("onep.logistics.tier", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tier_id.company_id", store=True)
    currency_id = fields.Many2one(related="tier_id.currency_id")
    weight_max_g = fields.Float(
        "Up To (g)", digits=(10, 1), help="Billed weight, included. 0: no limit."
    )
    amount = fields.Monetary(required=True, help="Per unit, without VAT.")
    extra_amount = fields.Monetary("Then", help="Added for each step above a weight.")
    extra_per_g = fields.Float("Per (g)", digits=(10, 1))
    extra_from_g = fields.Float("Above (g)", digits=(10, 1))
    is_extra_started = fields.Boolean(
        "Started Steps", help="A started step counts whole. Otherwise it counts pro rata."
    )

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(tier_id, tier_id, '[]') WITH &&,
            numrange(coalesce(weight_max_g, 0), coalesce(weight_max_g, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another weight band for the same case. Reload the page.",
    )

    @api.depends("tier_id", "weight_max_g", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for band in self:
            band.display_name = f"{band._get_case()}: {formatLang(self.env, band.amount, digits=2)}"

    def _get_case(self):
        """Return in words what this band is for: size tier, route, weight."""
        self.ensure_one()
        tier = self.tier_id
        routes = dict(tier._fields["route"]._description_selection(self.env))
        upper = f"≤ {figure_words(self.env, self.weight_max_g)} g" if self.weight_max_g else "∞"
        route = tier.route and f"({routes[tier.route]})"
        return " ".join(filter(None, (tier.name, route, upper)))

    @api.constrains("tier_id", "weight_max_g", "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "Two weight bands of this tier end at the same weight:\n%(rule)s\n%(other)s\n"
            "Change one of the weights, or archive one of them.",
            rule=self.display_name,
            other=other.display_name,
        )

    def _prepare_engine_row(self):
        """Return this band as a row of ``RateCard.from_rows(tiers=[{bands: …}])``."""
        self.ensure_one()
        return {
            "weight_max_g": self.weight_max_g,
            "amount": self.amount,
            "extra": self.extra_amount,
            "extra_per_g": self.extra_per_g,
            "extra_from_g": self.extra_from_g,
            "is_started": self.is_extra_started,
            "is_unconfirmed": self._is_doubtful() or self.tier_id._is_doubtful(),
        }
