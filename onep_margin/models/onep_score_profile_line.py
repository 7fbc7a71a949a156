from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import score


class OnepScoreProfileLine(models.Model):
    """One signal of a score: its weight, and what its values are worth."""

    _name = "onep.score.profile.line"
    _description = "Score Signal"
    _price_neutral = frozenset({"sequence"})
    _inherit = ["onep.price.basis.mixin"]
    _price_parent = "profile_id"
    _order = "profile_id, sequence, id"

    profile_id = fields.Many2one(
        "onep.score.profile", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    signal = fields.Selection(selection="_selection_signal", required=True)
    weight = fields.Float(
        default=10.0, required=True, help="Points relative to the other signals of the profile."
    )
    value_none = fields.Float(
        "Worth Nothing At", help="From this value on, the signal gives no point.", digits=(12, 3)
    )
    value_half = fields.Float("Worth Half At", digits=(12, 3))
    value_full = fields.Float(
        "Worth All At", help="From this value on, it gives all its points.", digits=(12, 3)
    )
    is_log = fields.Boolean(
        "Logarithmic", help="For ranks and stocks: from 100 to 1,000 counts like 10 to 100."
    )
    is_required = fields.Boolean("Required", help="Without this signal there is no score.")

    _signal_uniq = models.Constraint(
        "UNIQUE(profile_id, signal)", "A signal counts once in a profile."
    )
    _check_weight = models.Constraint("CHECK(weight >= 0)", "A weight is not negative.")

    @api.model
    def _selection_signal(self):
        """Return the engine's signals with their labels."""
        labels = self._get_signal_labels()
        return [(signal, labels[signal]) for signal in score.SIGNALS]

    @api.model
    def _get_signal_labels(self):
        """Return {signal: translated label}, the unit included."""
        return {
            "roi": self.env._("ROI (share of the landed cost)"),
            "margin_rate": self.env._("Net margin (share of revenue)"),
            "monthly_margin": self.env._("Margin to expect a month (company currency)"),
            "buy_box_headroom": self.env._("Break-even price under the buy box (share)"),
            "price_volatility_30": self.env._("Price volatility, 30 days (share of the mean)"),
            "price_volatility_90": self.env._("Price volatility, 90 days (share of the mean)"),
            "price_trend": self.env._("Price trend (change a month, share)"),
            "offer_count": self.env._("Competing offers"),
            "holder_changes": self.env._("Buy box changes of hands (30 days)"),
            "main_holder_share": self.env._("Main holder's share of the buy box (30 days)"),
            "retailer_present": self.env._("Sold by the marketplace itself (1: yes)"),
            "sales_rank": self.env._("Sales rank"),
            "estimated_sales": self.env._("Estimated sales of the market (units a month)"),
            "rank_trend": self.env._("Rank trend (change a month, share; negative: sells better)"),
            "own_sales": self.env._("Our own sales (units a month)"),
            "supplier_stock": self.env._("Supplier stock (units)"),
            "lead_time_days": self.env._("Supplier's lead time (days)"),
            "sell_restriction": self.env._("Right to sell (0: yes, 0.5: approval, 1: no)"),
            "candidate_count": self.env._("Marketplace products with this EAN"),
            "pack_mismatch": self.env._("Pack of the listing not the supplier's (1: yes)"),
            "assumption_count": self.env._("Estimates the margin rests on"),
            "freshness_days": self.env._("Age of the market price (days)"),
        }

    @api.constrains("value_none", "value_half", "value_full")
    def _check_values(self):
        for line in self:
            low, high = sorted((line.value_none, line.value_full))
            if not low < high or not low <= line.value_half <= high:
                raise ValidationError(
                    self.env._(
                        "%(signal)s: the value worth half lies between the one worth nothing "
                        "and the one worth all, which differ.",
                        signal=self._get_signal_labels()[line.signal],
                    )
                )

    def _prepare_engine_row(self):
        """Return a row of ``engine.score.ScoreProfile.from_rows``."""
        self.ensure_one()
        points = {self.value_half: 0.5, self.value_none: 0.0, self.value_full: 1.0}
        return {
            "signal": self.signal,
            "weight": self.weight,
            "points": list(points.items()),
            "is_log": self.is_log,
            "is_required": self.is_required,
        }
