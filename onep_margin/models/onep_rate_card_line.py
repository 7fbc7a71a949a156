from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class OnepRateCardLine(models.Model):
    """Commission of a category, or of one of its price bands."""

    _name = "onep.rate.card.line"
    _description = "Commission Rule"
    _inherit = ["onep.fee.row.mixin"]
    _order = "card_id, category_id, condition, tier_min"

    card_id = fields.Many2one("onep.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    platform = fields.Selection(related="card_id.platform")
    category_id = fields.Many2one(
        "onep.fee.category",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('platform', '=', platform)]",
    )
    condition = fields.Selection(
        [("new", "New"), ("refurbished", "Refurbished"), ("used", "Used")],
        help="Empty: any condition that has no rule of its own.",
    )
    method = fields.Selection(
        [("flat", "One rate"), ("whole", "Band of the whole price"), ("marginal", "By portion")],
        default="flat",
        required=True,
        help="One rate: the same at any price. Band of the whole price: the band of the total "
        "sets the rate of the total. By portion: each portion pays the rate of its band.",
    )
    tier_min = fields.Monetary(
        "Above", help="The rule is for totals above this, VAT and shipping included."
    )
    tier_max = fields.Monetary("Up To", help="This total included. 0: no limit.")
    rate = fields.Float(
        digits=(6, 5),
        required=True,
        help="Share of what the buyer pays, VAT and shipping included.",
    )
    minimum = fields.Monetary(help="Least commission per item, without VAT.")
    fixed_amount = fields.Monetary("Closing Fee", help="Added per item, without VAT.")

    _check_rate = models.Constraint(
        "CHECK(rate >= 0 AND rate <= 1)", "A commission rate is between 0 and 100 %."
    )
    _check_tier = models.Constraint(
        "CHECK(tier_min >= 0 AND (COALESCE(tier_max, 0) = 0 OR tier_max > tier_min))",
        "A price band ends above its beginning.",
    )

    @api.depends("category_id", "condition", "tier_min", "tier_max", "rate")
    def _compute_display_name(self):
        conditions = dict(self._fields["condition"]._description_selection(self.env))
        for line in self:
            parts = [line.category_id.name or ""]
            if line.condition:
                parts.append(conditions[line.condition])
            if line.tier_min or line.tier_max:
                upper = f"{line.tier_max:g}" if line.tier_max else "∞"
                parts.append(f"{line.tier_min:g} – {upper}")
            line.display_name = f"{' · '.join(parts)}: {line.rate * 100:g} %"

    @api.constrains(
        "card_id", "category_id", "condition", "method", "tier_min", "tier_max", "active"
    )
    def _check_overlap(self):
        """Refuse two rules for the same price, naming the other one."""
        for line in self.filtered("active"):
            siblings = self.search(
                [
                    ("card_id", "=", line.card_id.id),
                    ("category_id", "=", line.category_id.id),
                    ("condition", "=", line.condition),
                    ("id", "!=", line.id),
                ]
            )
            for other in siblings:
                line._check_compatible(other)

    @api.constrains("card_id", "category_id")
    def _check_platform(self):
        for line in self:
            if line.category_id.platform != line.card_id.platform:
                raise ValidationError(
                    self.env._(
                        "%(category)s is not a fee category of %(card)s.",
                        category=line.category_id.display_name,
                        card=line.card_id.name,
                    )
                )

    def _check_compatible(self, other):
        """Raise when this rule and another of the same category answer for the same price."""
        self.ensure_one()
        inf = float("inf")
        overlap = self.tier_min < (other.tier_max or inf) and other.tier_min < (
            self.tier_max or inf
        )
        if overlap:
            raise ValidationError(
                self.env._(
                    "Two rules match the same price in %(card)s:\n%(rule)s\n%(other)s\n"
                    "Change the price bands, or archive one of them.",
                    card=self.card_id.name,
                    rule=self.display_name,
                    other=other.display_name,
                )
            )
        if self.method != other.method:
            raise ValidationError(
                self.env._(
                    "The bands of one category use one method:\n%(rule)s\n%(other)s",
                    rule=self.display_name,
                    other=other.display_name,
                )
            )

    def _get_price_scopes(self, on_date=None):
        """The articles of their categories, where their card is in force."""
        return {
            replace(scope, category_ids=tuple(sorted(lines.category_id.ids)))
            for card, lines in self._filter_in_force(on_date).grouped("card_id").items()
            for scope in card._get_price_scopes(on_date)
        }

    def _prepare_engine_row(self):
        """Return this rule as a row of ``RateCard.from_rows(commissions=…)``."""
        self.ensure_one()
        return {
            "category": self.category_id.id,
            "condition": self.condition,
            "method": self.method,
            "tier_min": self.tier_min,
            "tier_max": self.tier_max,
            "rate": self.rate,
            "minimum": self.minimum,
            "fixed": self.fixed_amount,
            "is_unconfirmed": self._is_doubtful(),
            "ref": f"onep.rate.card.line,{self.id}",
        }
