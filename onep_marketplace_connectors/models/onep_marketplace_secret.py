from odoo import api, fields, models


class OnepMarketplaceSecret(models.Model):
    """One key of a marketplace account."""

    _name = "onep.marketplace.secret"
    _inherit = ["onep.secret.mixin"]
    _description = "Marketplace Secret"
    _log_access = False
    _owner_field = "marketplace_id"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade"
    )
    set_at = fields.Datetime(required=True, default=fields.Datetime.now)

    _marketplace_key_unique = models.Constraint(
        "UNIQUE(marketplace_id, key)", "A marketplace has each of its keys once."
    )

    @api.model
    def _prepare_secret_vals(self, value):
        return super()._prepare_secret_vals(value) | {"set_at": fields.Datetime.now()}
