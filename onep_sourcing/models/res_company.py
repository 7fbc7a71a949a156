from odoo import api, fields, models

from ..planning import signals
from ..sql import dependent_deals


class ResCompany(models.Model):
    _inherit = "res.company"

    onep_target_margin_rate = fields.Float(
        string="Target net margin",
        digits=(6, 4),
        default=0.15,
        help="Share of the revenue from which an opportunity is worth buying at once.",
    )
    onep_suspicious_roi = fields.Float(
        string="Too good to be true from an ROI of",
        digits=(8, 4),
        default=2.0,
        help="Beyond it, a wrong pack size or price is more likely than a bargain.",
    )
    onep_unstable_volatility = fields.Float(
        string="Unstable from a price volatility of",
        digits=(6, 4),
        default=0.15,
        help="Standard deviation of the market price over its mean, in 30 or 90 days. 0: never.",
    )
    onep_unstable_changes = fields.Integer(
        string="Or from so many changes of hands",
        default=10,
        help="Times the buy box went to another seller in 30 days. 0: never.",
    )
    onep_hidden_cost_share = fields.Float(
        string="Hidden cost from a share of",
        digits=(6, 4),
        default=0.4,
        help="Share of the margin that duty, carriage, eco-tax and other costs on top of the "
        "buying price eat. 0: never.",
    )
    onep_survivor_markup = fields.Float(
        string="Read in detail from a price",
        digits=(6, 4),
        default=0.25,
        help="Least share by which the market's price, VAT included, exceeds the best supplier "
        "price before the dearer calls of a marketplace are spent on an article.",
    )
    onep_extra_cost = fields.Monetary(
        string="Usual inbound and handling per unit",
        help="Untaxed; added to the buying price of the articles of suppliers without terms.",
    )
    onep_cover_days = fields.Integer(
        string="Days to cover",
        default=30,
        help="Days of our own sales that an order should last.",
    )
    onep_approval_limit = fields.Monetary(
        string="Approval limit",
        help="A buyer approves picking lists up to this amount; 0: a manager approves them all.",
    )
    onep_approver_id = fields.Many2one(
        "res.users", string="Usual approver", help="Gets a to-do when a list is proposed."
    )
    onep_gone_limit = fields.Float(
        string="Hold an import when more goes than",
        digits=(6, 4),
        default=0.3,
        help="Share of a feed's catalogue: an import that would mark more of it as gone waits for "
        "a person.",
    )
    onep_price_jump_factor = fields.Float(
        string="Doubt a price from a factor of",
        default=10.0,
        help="A row whose price is so many times above or below all that is known of the article: "
        "what it ever cost, and what other suppliers ask for it.",
    )
    onep_price_jump_severity = fields.Selection(
        [
            ("refuse", "Goes to quarantine"),
            ("warn", "Is imported with a warning"),
            ("none", "Is imported"),
        ],
        string="Such a row",
        default="refuse",
        required=True,
    )
    onep_kept_files = fields.Integer(
        string="Files kept per feed",
        default=10,
        help="The original files of the last imports of each feed are kept; the last good one "
        "always.",
    )
    onep_kept_days = fields.Integer(
        string="Days files are kept",
        default=90,
        help="Older files are let go unless they are among the last of their feed. 0 for both: "
        "all are kept.",
    )

    @api.model
    def _is_margin_setting(self, name):
        return name == "onep_extra_cost" or super()._is_margin_setting(name)

    def _prepare_margin_usual_terms(self):
        return super()._prepare_margin_usual_terms() | {"inbound_per_unit": self.onep_extra_cost}

    def write(self, vals):
        """Every margin of a company rests on its settings."""
        watched = [name for name in self._get_price_fields() if name in vals]
        before = {company: [company[name] for name in watched] for company in self}
        result = super().write(vals)
        moved = self.filtered(
            lambda company: [company[name] for name in watched] != before[company]
        )
        if moved:
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_companies(moved.ids), "settings"
            )
        return result

    @api.model
    def _get_price_fields(self):
        """Hook: names of the settings that margins rest on; those of ``onep_margin`` all are."""
        own = [
            "currency_id",
            "country_id",
            "onep_extra_cost",
            "onep_target_margin_rate",
            "onep_suspicious_roi",
            "onep_unstable_volatility",
            "onep_unstable_changes",
            "onep_hidden_cost_share",
        ]
        return [*own, *(name for name in self._fields if name.startswith("margin_"))]

    def _get_flag_limits(self):
        """Return the ``planning.signals.Limits`` of this company; 0 in a setting is never."""
        self.ensure_one()
        never = float("inf")
        return signals.Limits(
            suspicious_roi=self.onep_suspicious_roi or never,
            unstable_volatility=self.onep_unstable_volatility or never,
            unstable_changes=self.onep_unstable_changes or never,
            hidden_cost_share=self.onep_hidden_cost_share or never,
            target_margin_rate=self.onep_target_margin_rate,
        )

    def _job_price_waiting(self):
        """Price the deals of this company that wait."""
        self.ensure_one()
        return self.env["onep.evaluation"]._price_waiting(self)

    def _job_price_waiting_failed(self, **_fail_vals):
        """Called by the queue when the job broke on something nobody foresaw."""
        self.env["onep.evaluation"]._find_under_way(self)._job_failed()
