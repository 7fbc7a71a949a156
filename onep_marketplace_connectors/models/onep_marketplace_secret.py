from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS


class OnepMarketplaceSecret(models.Model):
    """One key of a marketplace account."""

    _name = "onep.marketplace.secret"
    _inherit = ["onep.secret.mixin"]
    _description = "Marketplace Secret"
    _log_access = False
    _owner_field = "marketplace_id"
    _cipher_fields = ("encrypted", "former_encrypted")

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade"
    )
    set_at = fields.Datetime(required=True, default=fields.Datetime.now)
    expires_on = fields.Date(help="First day on which the marketplace refuses it.")
    warned_days = fields.Integer(
        default=-1, help="Days before the expiry at which the responsible was last told."
    )
    # the marketplace takes the former one for some days more: the way back from a typing error
    former_encrypted = fields.Char(groups=NO_ACCESS)
    former_until = fields.Datetime()

    _marketplace_key_unique = models.Constraint(
        "UNIQUE(marketplace_id, key)", "A marketplace has each of its keys once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A secret that expires knows its day from the start."""
        secrets = super().create(vals_list)
        for secret in secrets.filtered(lambda secret: not secret.expires_on):
            secret.expires_on = secret._get_expiry(secret.set_at)
        return secrets

    def write(self, vals):
        """A later expiry ends the reminder."""
        result = super().write(vals)
        if "expires_on" in vals:
            self.marketplace_id._close_expiry_activity()
        return result

    @api.model
    def _note_expiry(self):
        """Give those kept since before their platform let them expire their day."""
        for secret in self.search(
            [("expires_on", "=", False), ("key", "in", list(self._get_mortal_keys()))]
        ):
            secret.expires_on = secret._get_expiry(secret.set_at)

    @api.model
    def _get_mortal_keys(self):
        return self.env["onep.marketplace"]._get_secret_life_days()

    def _get_expiry(self, since):
        """Day on which a secret made at `since` stops working, False when it does not."""
        life = self._get_mortal_keys().get(self.key)
        return since.date() + timedelta(days=life) if life else False

    @api.model
    def _prepare_secret_vals(self, value):
        return super()._prepare_secret_vals(value) | {"set_at": fields.Datetime.now()}

    def _prepare_replaced_vals(self, value):
        """Another secret starts a life of its own; the former one is kept for its last days."""
        vals = super()._prepare_replaced_vals(value)
        if self._opens_to(value):
            return vals
        vals |= {"expires_on": self._get_expiry(fields.Datetime.now()), "warned_days": -1}
        days = self.marketplace_id._get_secret_overlap_days().get(self.key)
        if days:
            vals |= {
                "former_encrypted": self.encrypted,
                "former_until": fields.Datetime.now() + timedelta(days=days),
            }
        return vals

    def _opens_to(self, value):
        """Whether this is the secret kept already."""
        try:
            return self._decrypt() == value
        except UserError:  # its key is gone: what is entered now is new
            return False

    def _has_former(self):
        """Whether the marketplace may still take the former secret."""
        self.ensure_one()
        return bool(self.former_encrypted) and self.former_until > fields.Datetime.now()

    def _restore_former(self):
        """Go back to the former secret for what it has left to live."""
        self.ensure_one()
        self.write(
            {
                "encrypted": self.former_encrypted,
                "former_encrypted": False,
                "expires_on": self.former_until.date(),
                "warned_days": -1,
                "former_until": False,
            }
        )

    @api.model
    def _forget_former(self):
        """Drop former secrets that no marketplace takes any more."""
        self.search([("former_until", "<=", fields.Datetime.now())]).write(
            {"former_encrypted": False, "former_until": False}
        )
