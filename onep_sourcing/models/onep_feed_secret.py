from cryptography.fernet import InvalidToken

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.onep_marketplace_connectors.models.onep_marketplace_secret import KEY_OPTION


class OnepFeedSecret(models.Model):
    """A password, token or private key of a feed's source, encrypted with the server's keys.

    The same keys as those of the marketplace accounts. Nobody has access: code reads it as
    superuser.
    """

    _name = "onep.feed.secret"
    _description = "Secret of a supplier feed"
    _log_access = False
    _rec_name = "key"

    feed_id = fields.Many2one("onep.supplier.feed", required=True, index=True, ondelete="cascade")
    key = fields.Char(required=True)
    encrypted = fields.Char(required=True)

    _feed_key_unique = models.Constraint(
        "UNIQUE(feed_id, key)", "A feed has each of its secrets once."
    )

    @api.model
    def _get_cipher(self):
        return self.env["onep.marketplace.secret"]._get_cipher()

    def _decrypt(self):
        """The secret in clear; raises UserError when the server's keys do not open it."""
        self.ensure_one()
        try:
            return self._get_cipher().decrypt(self.encrypted.encode()).decode()
        except InvalidToken:
            raise UserError(
                self.env._(
                    "The password or key of %(feed)s cannot be decrypted with this server's "
                    "encryption key. Enter it again, or put the former key back in %(option)s.",
                    feed=self.feed_id.display_name,
                    option=KEY_OPTION,
                )
            ) from None

    @api.model
    def _store(self, feed, key, value):
        """Encrypt and keep a secret; an empty value removes it."""
        secret = feed.sudo().secret_ids.filtered(lambda secret: secret.key == key)
        if not value:
            secret.unlink()
            return
        encrypted = self._get_cipher().encrypt(value.strip().encode()).decode()
        if secret:
            secret.encrypted = encrypted
        else:
            self.sudo().create({"feed_id": feed.id, "key": key, "encrypted": encrypted})

    def _rotate(self):
        """Encrypt again with the server's first key."""
        cipher = self._get_cipher()
        for secret in self:
            secret.encrypted = cipher.rotate(secret.encrypted.encode()).decode()
