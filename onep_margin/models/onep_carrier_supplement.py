from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..figure_words import figure_words

LIMITS = ("above_weight_g", "above_longest_mm", "above_sum_mm", "above_girth_mm")


class OnepCarrierSupplement(models.Model):
    """What a carrier adds to its price by weight: an option asked for, a parcel too big."""

    _name = "onep.carrier.supplement"
    _description = "Carrier Supplement"
    _price_parent = "grid_id"
    _inherit = ["onep.fee.row.mixin"]
    _order = "grid_id, code, name"
    _conflict_fields = ("grid_id", "code", *LIMITS)

    grid_id = fields.Many2one("onep.carrier.grid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="grid_id.company_id", store=True)
    currency_id = fields.Many2one(related="grid_id.currency_id")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        "Option",
        help="A marketplace asks for options by these codes. Empty: the parcel alone decides.",
    )
    amount = fields.Monetary(help="Per parcel, without VAT.")
    rate = fields.Float("Share", digits=(6, 5), help="Of the price by weight.")
    is_fuelled = fields.Boolean("Fuel Counts It", help="The fuel surcharge is due on it as well.")
    above_weight_g = fields.Float("Above Weight (g)", digits=(10, 1), help="0: no limit.")
    above_longest_mm = fields.Float("Above Length (mm)", digits=(10, 1), help="0: no limit.")
    above_sum_mm = fields.Float("Above Three Sides (mm)", digits=(10, 1), help="0: no limit.")
    above_girth_mm = fields.Float("Above Girth (mm)", digits=(10, 1), help="0: no limit.")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(grid_id, grid_id, '[]') WITH &&,
            int8range(hashtext(coalesce(code, '')), hashtext(coalesce(code, '')), '[]') WITH &&,
            numrange(coalesce(above_weight_g, 0), coalesce(above_weight_g, 0), '[]') WITH &&,
            numrange(coalesce(above_longest_mm, 0), coalesce(above_longest_mm, 0), '[]') WITH &&,
            numrange(coalesce(above_sum_mm, 0), coalesce(above_sum_mm, 0), '[]') WITH &&,
            numrange(coalesce(above_girth_mm, 0), coalesce(above_girth_mm, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another supplement for the same case. Reload the page.",
    )

    @api.constrains("grid_id", "code", *LIMITS, "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "Two supplements of %(grid)s are due in the same case, both would be added: "
            "%(supplement)s and %(other)s. Change one of them, or archive it.",
            grid=self.grid_id.name,
            supplement=self.name,
            other=other.name,
        )

    @api.constrains("name", "code", *LIMITS)
    def _check_reason(self):
        for supplement in self:
            if not supplement.code and not any(supplement[name] for name in LIMITS):
                raise ValidationError(
                    self.env._(
                        "%(supplement)s: enter an option or a limit. What is due on every parcel "
                        "is the grid's amount per parcel.",
                        supplement=supplement.name,
                    )
                )

    def _get_case(self):
        """Return in words what this supplement is for: its name, and the limits it is due above."""
        self.ensure_one()
        labels = self.fields_get(LIMITS, ["string"])
        limits = (
            f"{labels[name]['string']} {figure_words(self.env, self[name])}"
            for name in LIMITS
            if self[name]
        )
        return " · ".join((self.name, *limits))

    def _prepare_engine_row(self, rate):
        """Return this row as one of ``CarrierGrid.from_row(supplements=…)``.

        rate: units of the company's currency for one of the grid's
        """
        self.ensure_one()
        return {
            "code": self.code or None,
            "amount": self.amount * rate,
            "rate": self.rate,
            "is_fuelled": self.is_fuelled,
            **{name: self[name] for name in LIMITS},
        }
