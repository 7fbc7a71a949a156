from odoo import api, fields, models
from odoo.exceptions import ValidationError


class OnepLogisticsTier(models.Model):
    """A size tier of marketplace fulfilment. A parcel goes to the first one that takes it."""

    _name = "onep.logistics.tier"
    _description = "Fulfilment Size Tier"
    _price_neutral = frozenset({"name"})
    _price_parent = "card_id"
    _price_fulfilment = "marketplace"
    _inherit = ["onep.fee.row.mixin"]
    _order = "card_id, sequence, id"
    # What makes a parcel fall in a tier: of two alike, the second one would never be reached.
    _conflict_fields = (
        "card_id",
        "audience",
        "route",
        "is_low_price",
        "max_longest_mm",
        "max_median_mm",
        "max_shortest_mm",
        "max_girth_mm",
        "min_weight_g",
        "max_weight_g",
        "max_dimensional_g",
    )

    card_id = fields.Many2one("onep.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    sequence = fields.Integer(default=100)
    name = fields.Char(required=True, translate=True)
    is_low_price = fields.Boolean(
        "Low Price Only", help="Only for articles up to the low-price ceiling of the rate card."
    )
    audience = fields.Selection(
        [
            ("all", "All categories"),
            ("selected", "Selected-parcel categories"),
            ("other", "Other categories"),
        ],
        string="For",
        default="all",
        required=True,
    )
    route = fields.Selection(
        [("efn", "From another country")],
        help="Empty: sold in the country where it is stored. From another country: the European "
        "Fulfilment Network ships it across the border.",
    )
    max_longest_mm = fields.Float("Longest Side (mm)", digits=(10, 1), help="0: no limit.")
    max_median_mm = fields.Float("Middle Side (mm)", digits=(10, 1), help="0: no limit.")
    max_shortest_mm = fields.Float("Shortest Side (mm)", digits=(10, 1), help="0: no limit.")
    max_girth_mm = fields.Float(
        "Length and Girth (mm)",
        digits=(10, 1),
        help="Longest side plus twice both others. 0: no limit.",
    )
    min_weight_g = fields.Float("Weight Above (g)", digits=(10, 1))
    max_weight_g = fields.Float("Weight Up To (g)", digits=(10, 1), help="0: no limit.")
    max_dimensional_g = fields.Float(
        "Dimensional Weight Up To (g)", digits=(10, 1), help="0: no limit."
    )
    is_dimensional = fields.Boolean(
        "Billed on Volume", help="Billed on the greater of the real and the dimensional weight."
    )
    band_ids = fields.One2many(
        "onep.logistics.band",
        "tier_id",
        "Weight Bands",
        copy=True,
        context={"active_test": False},
    )
    adjustment_ids = fields.One2many(
        "onep.logistics.adjustment",
        "tier_id",
        "Adjustments",
        copy=True,
        context={"active_test": False},
    )
    fee_min = fields.Monetary("From", compute="_compute_fees")
    fee_max = fields.Monetary("To", compute="_compute_fees")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(card_id, card_id, '[]') WITH &&,
            int8range(hashtext(audience), hashtext(audience), '[]') WITH &&,
            int8range(hashtext(coalesce(route, '')), hashtext(coalesce(route, '')), '[]') WITH &&,
            int8range(coalesce(is_low_price, FALSE)::integer,
                      coalesce(is_low_price, FALSE)::integer, '[]') WITH &&,
            numrange(coalesce(max_longest_mm, 0), coalesce(max_longest_mm, 0), '[]') WITH &&,
            numrange(coalesce(max_median_mm, 0), coalesce(max_median_mm, 0), '[]') WITH &&,
            numrange(coalesce(max_shortest_mm, 0), coalesce(max_shortest_mm, 0), '[]') WITH &&,
            numrange(coalesce(max_girth_mm, 0), coalesce(max_girth_mm, 0), '[]') WITH &&,
            numrange(coalesce(min_weight_g, 0), coalesce(min_weight_g, 0), '[]') WITH &&,
            numrange(coalesce(max_weight_g, 0), coalesce(max_weight_g, 0), '[]') WITH &&,
            numrange(coalesce(max_dimensional_g, 0), coalesce(max_dimensional_g, 0), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another size tier with the same limits. Reload the page.",
    )

    @api.depends("band_ids.amount", "band_ids.active")
    def _compute_fees(self):
        for tier in self:
            amounts = tier.band_ids.filtered("active").mapped("amount")
            tier.fee_min = min(amounts, default=0.0)
            tier.fee_max = max(amounts, default=0.0)

    @api.constrains(*_conflict_fields, "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "%(rule)s and %(other)s take the same parcels in %(card)s: the second one would never "
            "be reached. Change the limits of one of them, or archive it.",
            rule=self.name,
            other=other.name,
            card=self.card_id.name,
        )

    @api.constrains("card_id", "active")
    def _check_count(self):
        """The engine spells the tiers of a card as the bits of one integer."""
        for card in self.card_id:
            if self.search_count([("card_id", "=", card.id)]) > 64:
                raise ValidationError(
                    self.env._("%(card)s has more than 64 size tiers.", card=card.name)
                )

    def _multiply(self, factor, mark):
        """Multiply the fee of every band; ``mark`` says where the new figures come from."""
        for band in self.band_ids:
            band.write(
                {
                    "amount": band.currency_id.round(band.amount * factor),
                    "extra_amount": band.currency_id.round(band.extra_amount * factor),
                }
                | mark
            )

    def _get_ref(self):
        """Return how the engine names this tier."""
        return f"onep.logistics.tier,{self._origin.id or self.id}"

    def _prepare_engine_row(self):
        """Return this tier as a row of ``RateCard.from_rows(tiers=…)``, less its bands."""
        self.ensure_one()
        return {
            "name": self.name,
            "ref": self._get_ref(),
            "route": self.route or None,
            "is_low_price": self.is_low_price,
            "audience": self.audience,
            "is_dimensional": self.is_dimensional,
            "max_longest_mm": self.max_longest_mm,
            "max_median_mm": self.max_median_mm,
            "max_shortest_mm": self.max_shortest_mm,
            "max_girth_mm": self.max_girth_mm,
            "min_weight_g": self.min_weight_g,
            "max_weight_g": self.max_weight_g,
            "max_dimensional_g": self.max_dimensional_g,
        }
