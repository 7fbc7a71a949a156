from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..figure_words import figure_words


class OnepRateCardLine(models.Model):
    """Commission of a category, or of one of its price bands."""

    _name = "onep.rate.card.line"
    _description = "Commission Rule"
    _inherit = ["onep.fee.effect.mixin", "onep.fee.row.mixin"]
    _order = "card_id, category_id, condition, tier_min"
    _conflict_fields = ("card_id", "category_id", "condition")
    _conflict_bands = (("tier_min", "tier_max"),)

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

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(card_id, card_id, '[]') WITH &&,
            int8range(category_id, category_id, '[]') WITH &&,
            int8range(hashtext(coalesce(condition, '')), hashtext(coalesce(condition, '')), '[]')
                WITH &&,
            numrange(coalesce(tier_min, 0), nullif(coalesce(tier_max, 0), 0), '(]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved a rule for the same price of this category. Reload the page.",
    )

    @api.depends("category_id", "condition", "tier_min", "tier_max", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(case)s: %(rate)s %%",
                case=line._get_case(),
                rate=figure_words(self.env, line.rate * 100),
            )

    def _get_case(self):
        """Return in words what this rule is for: category, condition, price band."""
        self.ensure_one()
        conditions = dict(self._fields["condition"]._description_selection(self.env))
        parts = [self.category_id.name or ""]
        if self.condition:
            parts.append(conditions[self.condition])
        if self.tier_min or self.tier_max:
            upper = figure_words(self.env, self.tier_max) if self.tier_max else "∞"
            parts.append(f"{figure_words(self.env, self.tier_min)} – {upper}")
        return " · ".join(parts)

    @api.constrains(
        "card_id", "category_id", "condition", "method", "tier_min", "tier_max", "active"
    )
    def _check_overlap(self):
        """Refuse two rules for the same price, naming the other one."""
        self._check_conflicts()
        active = self.filtered("active")
        siblings = self.search(
            [("card_id", "in", active.card_id.ids), ("category_id", "in", active.category_id.ids)]
        )
        for rules in siblings.grouped(
            lambda line: (line.card_id, line.category_id, line.condition)
        ).values():
            rules._check_method()

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

    def _check_method(self):
        """Refuse bands of one category that are charged by different methods."""
        for other in self[1:]:
            if other.method != self[0].method:
                raise ValidationError(
                    self.env._(
                        "The bands of one category use one method:\n%(rule)s\n%(other)s",
                        rule=self[0].display_name,
                        other=other.display_name,
                    )
                )

    def _multiply(self, factor, mark):
        """Multiply the rate; ``mark`` says where the new figure comes from."""
        self.write({"rate": min(round(self.rate * factor, 5), 1.0)} | mark)

    def _get_conflict_message(self, other):
        return self.env._(
            "Two rules match the same price in %(card)s:\n%(rule)s\n%(other)s\n"
            "Change the price bands, or archive one of them.",
            card=self.card_id.name,
            rule=self.display_name,
            other=other.display_name,
        )

    @api.model
    def _get_rule_fields(self):
        """Return the fields that the commission depends on."""
        return (
            "category_id",
            "condition",
            "method",
            "tier_min",
            "tier_max",
            "rate",
            "minimum",
            "fixed_amount",
            "active",
        )

    @api.model
    def _get_effect_fields(self):
        return ("card_id", *self._get_rule_fields())

    def _get_effect_scope(self):
        self.ensure_one()
        card = self.card_id
        if not card or not self.category_id:
            return None
        categories = {self.category_id.id, self._origin.category_id.id} - {False}
        return card.platform, card.country_id, self._get_effect_day(card.valid_from), categories

    def _prepare_effect_rows(self, card, country, on_date, company):
        if card != self.card_id._origin:
            return None
        rows = card._prepare_engine_rows(country, on_date, company)
        own = f"{self._name},{self._origin.id}"
        rules = [row for row in rows["commissions"] if row["ref"] != own]
        return rows | {"commissions": rules + ([self._prepare_engine_row()] if self.active else [])}

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
