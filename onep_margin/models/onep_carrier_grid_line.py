from odoo import api, fields, models
from odoo.tools import formatLang

from ..figure_words import figure_words


class OnepCarrierGridLine(models.Model):
    """Price of a parcel up to a weight."""

    _name = "onep.carrier.grid.line"
    _description = "Carrier Price"
    _price_parent = "grid_id"
    _inherit = ["onep.fee.row.mixin"]
    _order = "grid_id, zone, weight_max_g"
    _conflict_fields = ("grid_id", "zone", "weight_max_g")

    grid_id = fields.Many2one("onep.carrier.grid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="grid_id.company_id", store=True)
    currency_id = fields.Many2one(related="grid_id.currency_id")
    weight_max_g = fields.Float(
        "Up To (g)", digits=(10, 1), required=True, help="Billed weight, included."
    )
    zone = fields.Char(
        help="As the carrier names it. Empty: where no zone is told, or it has no price of its own."
    )
    amount = fields.Monetary(required=True, help="What we pay per parcel, without VAT.")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(grid_id, grid_id, '[]') WITH &&,
            int8range(hashtext(coalesce(zone, '')), hashtext(coalesce(zone, '')), '[]') WITH &&,
            numrange(coalesce(weight_max_g, 0), coalesce(weight_max_g, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another price for the same case. Reload the page.",
    )

    @api.depends("grid_id", "zone", "weight_max_g", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            amount = formatLang(self.env, line.amount, digits=2)
            line.display_name = f"{line.grid_id.name} {line._get_case()}: {amount}"

    def _get_case(self):
        """Return in words what this price is for: zone and weight."""
        self.ensure_one()
        upper = f"≤ {figure_words(self.env, self.weight_max_g)} g" if self.weight_max_g else "∞"
        return " · ".join(filter(None, (self.zone, upper)))

    @api.constrains("grid_id", "zone", "weight_max_g", "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _multiply(self, factor, mark):
        """Multiply the price; ``mark`` says where the new figure comes from."""
        self.write({"amount": self.currency_id.round(self.amount * factor)} | mark)

    def _get_conflict_message(self, other):
        return self.env._(
            "Two prices of this carrier end at the same weight:\n%(rule)s\n%(other)s\n"
            "Change one of the weights, or archive one of them.",
            rule=self.display_name,
            other=other.display_name,
        )
