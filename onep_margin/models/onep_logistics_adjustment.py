from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..figure_words import figure_words


class OnepLogisticsAdjustment(models.Model):
    """What some articles pay more, or less, than the fulfilment fee of their size."""

    _name = "onep.logistics.adjustment"
    _description = "Fulfilment Adjustment"
    _price_neutral = frozenset({"name"})
    _price_parent = "card_id"
    _price_fulfilment = "marketplace"
    _inherit = ["onep.fee.row.mixin"]
    _order = "card_id, code, tier_id, weight_max_g"
    _conflict_fields = ("card_id", "code", "tier_id", "weight_max_g")

    # Not copied: the copy of a tier, or of a card, brings its own.
    card_id = fields.Many2one(
        "onep.rate.card",
        compute="_compute_card_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        copy=False,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    code = fields.Char(required=True, help="Same code for the rows of one adjustment.")
    name = fields.Char(required=True, translate=True)
    tier_id = fields.Many2one(
        "onep.logistics.tier",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: every tier that has no row of its own.",
    )
    weight_max_g = fields.Float(
        "Band Up To (g)", digits=(10, 1), help="The only weight band it is for. 0: all."
    )
    amount = fields.Monetary(help="Per unit, without VAT; negative for a discount.")
    extra_amount = fields.Monetary(help="For each unit of weight above a billed weight.")
    extra_per_g = fields.Float("Per (g)", digits=(10, 1))
    extra_from_g = fields.Float("Above (g)", digits=(10, 1))

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(card_id, card_id, '[]') WITH &&,
            int8range(hashtext(code), hashtext(code), '[]') WITH &&,
            int8range(coalesce(tier_id, 0), coalesce(tier_id, 0), '[]') WITH &&,
            numrange(coalesce(weight_max_g, 0), coalesce(weight_max_g, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another adjustment for the same case. Reload the page.",
    )

    @api.depends("name", "tier_id", "weight_max_g", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            parts = [row.name or "", row.tier_id.name or ""]
            if row.weight_max_g:
                parts.append(f"≤ {figure_words(self.env, row.weight_max_g)} g")
            row.display_name = (
                f"{' · '.join(filter(None, parts))}: {formatLang(self.env, row.amount, digits=2)}"
            )

    @api.depends("tier_id.card_id")
    def _compute_card_id(self):
        for row in self:
            row.card_id = row.tier_id.card_id or row.card_id

    @api.constrains("card_id", "code", "tier_id", "weight_max_g", "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "Two rows of this adjustment are for the same tier and weight:\n%(rule)s\n%(other)s\n"
            "Change one of them, or archive it.",
            rule=self.display_name,
            other=other.display_name,
        )

    @api.constrains("card_id", "tier_id")
    def _check_card(self):
        for row in self:
            if row.tier_id and row.tier_id.card_id != row.card_id:
                raise ValidationError(
                    self.env._(
                        "%(tier)s is a tier of another rate card than %(card)s.",
                        tier=row.tier_id.name,
                        card=row.card_id.name,
                    )
                )

    def _prepare_engine_row(self):
        """Return this row as one of ``RateCard.from_rows(adjustments=…)``."""
        self.ensure_one()
        return {
            "code": self.code,
            "tier": self.tier_id and self.tier_id._get_ref(),
            "weight_max_g": self.weight_max_g,
            "amount": self.amount,
            "extra_per_g": self.extra_amount / self.extra_per_g if self.extra_per_g else 0.0,
            "extra_from_g": self.extra_from_g,
            "is_unconfirmed": self._is_doubtful(),
            "ref": f"onep.logistics.adjustment,{self.id}",
        }
