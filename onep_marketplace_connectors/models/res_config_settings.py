from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .. import retention


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onep_identity_max_age_days = fields.Integer(
        related="company_id.onep_identity_max_age_days", readonly=False
    )
    onep_price_max_age_hours = fields.Integer(
        related="company_id.onep_price_max_age_hours", readonly=False
    )
    onep_call_log_days = fields.Integer(
        "Each call (days)",
        default=retention.CALLS.days,
        config_parameter=retention.CALLS.parameter,
        help="The log of calls to marketplaces, a line a call. It grows by one line per call.",
    )
    onep_call_summary_days = fields.Integer(
        "Summary by the hour (days)",
        default=retention.HOURS.days,
        config_parameter=retention.HOURS.parameter,
        help="Success, times, throttles and use of the quotas, kept when the calls are gone.",
    )
    onep_market_history_days = fields.Integer(
        "Past of market offers (days)",
        default=retention.HISTORY.days,
        config_parameter=retention.HISTORY.parameter,
        help="Former prices, buy box holders and ranks. What an offer is now always stays.",
    )
    onep_secret_count = fields.Integer("Secrets kept", compute="_compute_onep_secrets")
    onep_key_source = fields.Selection(
        [
            ("option", "The server's configuration file"),
            ("variable", "The server's environment"),
            ("file", "A key file in the data folder"),
        ],
        "Encryption keys come from",
        compute="_compute_onep_secrets",
    )

    @api.depends("company_id")
    def _compute_onep_secrets(self):
        Secret = self.env["onep.secret.mixin"]
        self.onep_secret_count = Secret._count_secrets()
        self.onep_key_source = Secret._get_key_source()

    @api.constrains("onep_call_log_days", "onep_call_summary_days", "onep_market_history_days")
    def _check_onep_retention(self):
        """A number of days that serves; summaries outlive the calls they were made of."""
        kept = {
            "onep_call_log_days": retention.CALLS,
            "onep_call_summary_days": retention.HOURS,
            "onep_market_history_days": retention.HISTORY,
        }
        for settings in self:
            for name, kind in kept.items():
                if settings[name] < kind.least:
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: enter at least %(days)s.",
                            setting=self._fields[name]._description_string(self.env),
                            days=kind.least,
                        )
                    )
            if settings.onep_call_summary_days < settings.onep_call_log_days:
                raise ValidationError(
                    self.env._(
                        "Keep the summary by the hour at least as long as the calls themselves:"
                        " it is what remains of them."
                    )
                )

    def action_rotate_all_secrets(self):
        """Encrypt every secret of the suite again with the server's newest key."""
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only an administrator may encrypt the secrets with another key.")
            )
        Secret = self.env["onep.secret.mixin"]
        return Secret._prepare_rotation_notice(Secret._rotate_all())
