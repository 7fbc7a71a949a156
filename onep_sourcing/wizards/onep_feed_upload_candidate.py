from odoo import fields, models


class OnepFeedUploadCandidate(models.TransientModel):
    """A feed that a file dropped without one may be of, and why."""

    _name = "onep.feed.upload.candidate"
    _description = "Possible feed of an uploaded price list"
    _rec_name = "feed_id"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    feed_id = fields.Many2one(
        "onep.supplier.feed", required=True, readonly=True, ondelete="cascade"
    )
    why = fields.Text(string="What tells", readonly=True)

    def action_choose(self):
        """The file is of this feed; the screen follows."""
        self.ensure_one()
        self.feed_id.check_access("read")
        self.upload_id._choose_feed(self.feed_id)
