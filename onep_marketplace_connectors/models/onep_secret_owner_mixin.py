from odoo import models

MASK = "••••••••"


class OnepSecretOwnerMixin(models.AbstractModel):
    """A record that keeps secrets in `secret_ids`, of a model made of onep.secret.mixin.

    Each secret has a computed field of its own name, which takes a value and gives a mask.
    """

    _name = "onep.secret.owner.mixin"
    _description = "Owner of secrets"

    def _compute_secret(self, key):
        """Show that a secret is kept, never the secret."""
        for owner in self:
            owner[key] = MASK if key in owner.sudo().secret_ids.mapped("key") else False

    def _inverse_secret(self, key):
        """Keep what was entered; the mask means “as it was”."""
        for owner in self:
            if owner[key] != MASK:
                owner.sudo().secret_ids._store(owner, key, owner[key])
        self.invalidate_recordset([key])

    def _get_secret(self, key):
        """A secret in clear, empty when there is none."""
        secret = self.sudo().secret_ids.filtered(lambda secret: secret.key == key)
        return secret._decrypt() if secret else ""

    def action_rotate_secrets(self):
        """Encrypt the secrets of these records again with the server's newest key."""
        self.check_access("write")
        secrets = self.sudo().secret_ids
        return secrets._prepare_rotation_notice(secrets._rotate())
