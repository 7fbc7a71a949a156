from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onep_identity_max_age_days = fields.Integer(
        related="company_id.onep_identity_max_age_days", readonly=False
    )
    onep_price_max_age_hours = fields.Integer(
        related="company_id.onep_price_max_age_hours", readonly=False
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

    def action_rotate_all_secrets(self):
        """Encrypt every secret of the suite again with the server's newest key."""
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only an administrator may encrypt the secrets with another key.")
            )
        Secret = self.env["onep.secret.mixin"]
        return Secret._prepare_rotation_notice(Secret._rotate_all())
