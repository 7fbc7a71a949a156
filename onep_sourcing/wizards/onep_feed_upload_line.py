from odoo import api, fields, models

from ..ingest.expressions import Expression
from ..ingest.fields import REPEATABLE, SUMMED
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

    alternatives = fields.Json(
        readonly=True, help="Other fields that come into question, likeliest first."
    )
    is_decided = fields.Boolean(help="A person chose what it fills, or that it fills nothing.")
    adjustment = fields.Char(
        string="Adjust",
        help="What is done to the cells. Figures: × 0.95, + 1.50, - 5 %. Texts: “LEG-” + [] puts "
        "LEG- before them, [] + [Color] joins two columns.",
    )
    state = fields.Selection("_get_state_selection", string="Certainty", compute="_compute_state")
    reasons = fields.Text(string="Because", compute="_compute_state")

    @api.model
    def _get_state_selection(self):
        levels = self._fields["level"]._description_selection(self.env)
        labels = {"person": self.env._("Your choice"), "unused": self.env._("Not used")}
        return [*levels, *labels.items()]

    @api.depends(
        "field",
        "proposed_field",
        "level",
        "why",
        "is_decided",
        "alternatives",
        "upload_id.line_ids.field",
    )
    def _compute_state(self):
        labels = dict(self._fields["field"]._description_selection(self.env))
        for line in self:
            taken_by = line._get_taken_by()
            if line._is_by_person():
                line.state = "person" if line.field else "unused"
                line.reasons = self.env._("Chosen by you.")
            elif taken_by:
                line.state = "unused"
                line.reasons = self.env._(
                    "“%(column)s” is taken for %(field)s: this one is kept as information.",
                    column=taken_by.column,
                    field=labels[taken_by.field],
                )
            else:
                line.state = line.level or ("sure" if line.field else "unused")
                line.reasons = line.why

    @api.onchange("field")
    def _onchange_field(self):
        """What the feed does to the cells of a field goes with it, from column to column."""
        kept = (self.upload_id.feed_id.reading or {}).get("expressions") or {}
        texts = {
            field: Expression.from_json(values).written(self.column)
            for field, values in kept.items()
        }
        own = texts.pop(self.field, False)
        if not self.adjustment or self.adjustment in texts.values():
            self.adjustment = own

    def _get_taken_by(self):
        """The column chosen for the one field that this one is asked about for, if any.

        Of two look-alike prices, the choice of one answers for the other.
        """
        self.ensure_one()
        asked = (self.alternatives or [None])[0]
        if self.field or self.level != "asked" or not asked or asked in REPEATABLE | SUMMED:
            return self.browse()
        return self.upload_id.line_ids.filtered(lambda line: line.field == asked)[:1]

    def _is_by_person(self):
        return self.is_decided or self.field != self.proposed_field

    def _prepare_mapping_vals(self, feed):
        """Values of the feed's mapping line for this column."""
        self.ensure_one()
        by_person = self._is_by_person()
        return {
            "feed_id": feed.id,
            "column": self.column,
            "column_index": self.column_index,
            "field": self.field,
            "confidence": 1.0 if by_person else self.confidence,
            "level": "sure" if by_person else not self._get_taken_by() and self.level,
            "origin": "person" if by_person else self.origin,
            "why": self.why,
            "sample": self.sample,
        }
