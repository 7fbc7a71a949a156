from odoo import api, fields, models

from ..clients.rate_limit import Limit
from ..sql import marketplace_call

#: Of calls per second: some quotas are of two calls a day.
RATE_DIGITS = (16, 8)


class OnepMarketplaceQuota(models.Model):
    """How often an account may make one kind of call, and how much of that is in use."""

    _name = "onep.marketplace.quota"
    _description = "Marketplace Quota"
    _order = "marketplace_id, operation"
    _rec_name = "operation"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="marketplace_id.company_id", store=True, index=True, default=None
    )
    operation = fields.Char(required=True, readonly=True)
    rate = fields.Float(
        "Own Rate",
        digits=RATE_DIGITS,
        help="Calls per second that this account may make, when the marketplace granted another"
        " rate than the usual one. 0 takes the usual one. What the marketplace itself announces"
        " in its answers always wins.",
    )
    burst = fields.Float(
        "Own Burst",
        digits=(12, 1),
        help="Calls that may be saved up and made at once. 0 takes the usual number.",
    )
    share_percent = fields.Float(
        "Share Used",
        digits=(5, 1),
        default=100.0,
        help="Part of the quota that is used from here, in per cent. Lower it when another program"
        " works with the same account.",
    )
    default_rate = fields.Float("Usual Rate", digits=RATE_DIGITS, compute="_compute_default")
    default_burst = fields.Float("Usual Burst", digits=(12, 1), compute="_compute_default")
    taught_rate = fields.Float(
        "Announced Rate",
        digits=RATE_DIGITS,
        compute="_compute_use",
        help="Calls per second that the marketplace announced; 0 when it has announced none.",
    )
    allowed_rate = fields.Float(
        digits=RATE_DIGITS, compute="_compute_use", help="Calls per second."
    )
    allowed_hourly = fields.Float(
        "Allowed per Hour",
        digits=(12, 1),
        compute="_compute_use",
        help="Calls that may be made in an hour at the present rate, our share of it.",
    )
    token_count = fields.Float(
        "Calls Left",
        digits=(12, 1),
        compute="_compute_use",
        help="Calls that could be made at this moment.",
    )
    used_count = fields.Integer("Calls in the Last Hour", compute="_compute_use")
    use_rate = fields.Float(
        "Quota Used",
        compute="_compute_use",
        help="Part of the calls allowed in an hour that the last hour took.",
    )

    _operation_unique = models.Constraint(
        "UNIQUE(marketplace_id, operation)", "This account already has a quota for this operation."
    )
    _amounts = models.Constraint(
        "CHECK(rate >= 0 AND (burst = 0 OR burst >= 1))",
        "A rate is not negative and a burst is at least one call (0 takes the usual ones).",
    )
    _share = models.Constraint(
        "CHECK(share_percent >= 1 AND share_percent <= 100)",
        "The share used is between 1 and 100 per cent.",
    )

    @api.depends("marketplace_id.platform", "operation")
    def _compute_default(self):
        for quota in self:
            limit = quota.marketplace_id._get_default_limits().get(quota.operation) or Limit(0, 0)
            quota.default_rate, quota.default_burst = limit.rate, limit.burst

    @api.depends("rate", "burst", "share_percent", "operation")
    def _compute_use(self):
        """Read where the workers count; nothing is stored."""
        Marketplace = self.env["onep.marketplace"]
        wanted = {}
        for quota in self:
            limit = quota._get_limit()
            if limit:
                wanted[quota.marketplace_id._get_limit_key(quota.operation)] = limit
        levels = Marketplace._get_limits_store().peek(wanted) if wanted else {}
        rows = self.env.execute_query(
            marketplace_call.select_last_hour(self.marketplace_id._origin.ids)
        )
        used = {(marketplace_id, operation): count for marketplace_id, operation, count in rows}
        for quota in self:
            key = quota.marketplace_id._get_limit_key(quota.operation)
            level, limit = levels.get(key), wanted.get(key)
            now = limit and limit.at(level.taught)
            quota.taught_rate = level.taught if level else 0.0
            quota.allowed_rate = now.rate * now.share if now else 0.0
            quota.token_count = max(level.tokens, 0.0) if level else 0.0
            quota.used_count = used.get((quota.marketplace_id._origin.id, quota.operation), 0)
            quota.allowed_hourly = now.rate * now.share * 3600 if now else 0.0
            quota.use_rate = quota.used_count / max(quota.allowed_hourly, 1.0)

    def _get_limit(self):
        """The quota before what the marketplace announced; None for an unknown operation."""
        self.ensure_one()
        default = self.marketplace_id._get_default_limits().get(self.operation)
        if default is None:
            return None
        return Limit(
            self.rate or default.rate, self.burst or default.burst, self.share_percent / 100
        )
