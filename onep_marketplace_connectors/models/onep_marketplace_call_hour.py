from odoo import api, fields, models

from .. import retention
from ..sql import marketplace_call


class OnepMarketplaceCallHour(models.Model):
    """What an account's calls of one kind were like in one hour."""

    _name = "onep.marketplace.call.hour"
    _description = "API Calls by Hour"
    _order = "hour desc, marketplace_id, operation"
    _rec_name = "operation"
    _log_access = False

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    operation = fields.Char(required=True, readonly=True)
    hour = fields.Datetime(required=True, readonly=True, index=True)
    call_count = fields.Integer("Calls", readonly=True)
    success_count = fields.Integer("Answered", readonly=True)
    success_rate = fields.Float(readonly=True, aggregator="avg")
    throttle_count = fields.Integer(
        "Throttled", readonly=True, help="Calls refused because the quota was spent (HTTP 429)."
    )
    repeat_count = fields.Integer(
        "Tried Again", readonly=True, help="Calls made once more after a cut connection."
    )
    p50_ms = fields.Integer(
        "Median (ms)", readonly=True, aggregator="avg", help="Half of the calls took no longer."
    )
    p95_ms = fields.Integer(
        "95th Percentile (ms)",
        readonly=True,
        aggregator="max",
        help="Nineteen calls in twenty took no longer.",
    )
    bytes_in = fields.Integer("Bytes Received", readonly=True)
    bytes_out = fields.Integer("Bytes Sent", readonly=True)
    item_count = fields.Integer("EANs Asked", readonly=True)
    quota_use = fields.Float(
        "Quota Used",
        readonly=True,
        aggregator="avg",
        help="Calls made, as a part of those allowed in the hour.",
    )

    _operation_hour_unique = models.Constraint(
        "UNIQUE(marketplace_id, operation, hour)", "There is one summary an hour."
    )

    def action_view_calls(self):
        """Open the calls of this hour."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_call_action"
        )
        return action | {
            "domain": [
                ("marketplace_id", "=", self.marketplace_id.id),
                ("operation", "=", self.operation),
                ("at", ">=", self.hour),
                ("at", "<", fields.Datetime.add(self.hour, hours=1)),
            ]
        }

    def action_summarise(self):
        """Bring the summary up to date now, not at the next full hour."""
        self.check_access("read")
        self.sudo()._summarise()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _cron_summarise(self):
        """Sum up the log, then drop what is old, in small transactions."""
        self._summarise()
        retention.remove_in_parts(self.env, self._remove_old)

    @api.model
    def _summarise(self):
        """Bring the summary up to date with the log."""
        quotas = self.env["onep.marketplace.quota"].sudo().search([])
        allowed = [
            (quota.marketplace_id.id, quota.operation, quota.allowed_rate) for quota in quotas
        ]
        self.env.cr.execute(marketplace_call.summarise(allowed))
        self.invalidate_model()

    @api.model
    def _remove_old(self):
        """Drop old calls, some at a time, and old summaries; whether there may be more."""
        hour_days = retention.get_days(self.env, retention.HOURS)
        call_days = retention.get_days(self.env, retention.CALLS)
        self.env.cr.execute(marketplace_call.delete_hours(hour_days))
        self.env.cr.execute(marketplace_call.delete_calls(call_days, retention.AT_ONCE))
        has_more = self.env.cr.rowcount >= retention.AT_ONCE
        self.invalidate_model()
        self.env["onep.marketplace.call"].invalidate_model()
        return has_more
