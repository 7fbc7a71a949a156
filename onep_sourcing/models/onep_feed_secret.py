from odoo import fields, models


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
