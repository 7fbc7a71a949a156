from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import hmac


class OnepFeedSecret(models.Model):
    """A password, token or private key of a feed's source."""

    _name = "onep.feed.secret"
    _inherit = ["onep.secret.mixin"]
    _description = "Secret of a supplier feed"
    _log_access = False
    _owner_field = "feed_id"

    feed_id = fields.Many2one("onep.supplier.feed", required=True, index=True, ondelete="cascade")

    _feed_key_unique = models.Constraint(
        "UNIQUE(feed_id, key)", "A feed has each of its secrets once."
    )

    def _get_print(self):
        """Changes with the secret, not with its encryption; nobody can try passwords on it."""
        self.ensure_one()
        try:
            plain = self._decrypt()
        except UserError:  # the server's keys do not open it: whoever fetches says so
            plain = self.encrypted
        return hmac(self.env(su=True), "onep.feed.secret", f"{self.key}\0{plain}")
