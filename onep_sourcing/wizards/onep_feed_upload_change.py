from odoo import fields, models

from ..models.onep_feed_mapping import TARGET_FIELDS


class OnepFeedUploadChange(models.TransientModel):
    """One difference between the file on screen and the one its feed accepted last."""

    _name = "onep.feed.upload.change"
    _description = "Change of a price list's columns"
    _order = "holds desc, id"
    _rec_name = "column"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("renamed", "Renamed"),
            ("kept", "Same name"),
            ("moved", "Moved"),
            ("new", "New column"),
            ("gone", "Column gone"),
            ("unit", "Other unit?"),
            ("content", "Other values"),
        ],
        string="Change",
        readonly=True,
    )
    column = fields.Char(string="Column of the file", readonly=True)
    before = fields.Char(readonly=True)
    after = fields.Char(string="Now", readonly=True)
    field = fields.Selection(TARGET_FIELDS, string="Fills", readonly=True)
    sample = fields.Char(string="Value", readonly=True)
    evidence = fields.Char(string="What tells", readonly=True)
    holds = fields.Boolean(readonly=True, help="A person has to accept it.")
