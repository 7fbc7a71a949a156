from odoo import fields, models

from ..models.onep_feed_mapping import CONFIDENCE_LEVELS, TARGET_FIELDS


class OnepFeedUploadLine(models.TransientModel):
    """One column of the uploaded file and the field a person lets it fill."""

    _name = "onep.feed.upload.line"
    _description = "Column of an uploaded price list"
    _order = "column_index, id"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    column_index = fields.Integer(readonly=True)
    column = fields.Char(string="Column of the file", readonly=True)
    sample = fields.Char(string="First values", readonly=True)
    field = fields.Selection(TARGET_FIELDS, string="Fills")
    proposed_field = fields.Selection(TARGET_FIELDS, readonly=True)
    confidence = fields.Float(string="Probability", readonly=True)
    level = fields.Selection(CONFIDENCE_LEVELS, string="Confidence", readonly=True)
    why = fields.Text(readonly=True)
    origin = fields.Selection(
        [("proposed", "Proposed"), ("person", "Set by a person"), ("memory", "Earlier files")],
        default="proposed",
        readonly=True,
    )

    def _prepare_mapping_vals(self, feed):
        """Values of the feed's mapping line for this column."""
        self.ensure_one()
        by_person = self.field != self.proposed_field
        return {
            "feed_id": feed.id,
            "column": self.column,
            "column_index": self.column_index,
            "field": self.field,
            "confidence": 1.0 if by_person else self.confidence,
            "level": "sure" if by_person else self.level,
            "origin": "person" if by_person else self.origin,
            "why": self.why,
            "sample": self.sample,
        }
