from odoo import api, fields, models

from ..models.column_labels import get_column_labels
from ..models.ingest_messages import format_expression
from ..models.onep_feed_mapping import CONFIDENCE_LEVELS, TARGET_FIELDS


class OnepFeedUploadLine(models.TransientModel):
    """One column of the uploaded file and the field a person lets it fill."""

    _name = "onep.feed.upload.line"
    _description = "Column of an uploaded price list"
    _order = "column_index, id"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    column_index = fields.Integer(readonly=True)
    column = fields.Char(string="Column of the file", readonly=True)
    label = fields.Char(
        compute="_compute_label", help="As it is called on screen, when the file gives it no name."
    )
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
    # plain: what is computed of a row does not reach the screen when another row is edited
    taken_by = fields.Char(
        readonly=True, help="The column chosen for the one field that this one is asked about for."
    )
    state = fields.Selection("_get_state_selection", string="Certainty", compute="_compute_state")
    reasons = fields.Text(string="Because", compute="_compute_state")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.upload_id._settle_look_alikes()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not {"field", "level", "alternatives"}.isdisjoint(vals):
            self.upload_id._settle_look_alikes()
        return result

    @api.model
    def _get_state_selection(self):
        levels = self._fields["level"]._description_selection(self.env)
        labels = {"person": self.env._("Your choice"), "unused": self.env._("Not used")}
        return [*levels, *labels.items()]

    @api.depends("column", "upload_id.shape")
    @api.depends_context("lang")
    def _compute_label(self):
        for upload, lines in self.grouped("upload_id").items():
            labels = get_column_labels(self.env, lines.mapped("column"), upload.shape)
            for line in lines:
                line.label = labels.get(line.column, line.column)

    @api.depends(
        "field",
        "proposed_field",
        "level",
        "why",
        "is_decided",
        "alternatives",
        "taken_by",
    )
    def _compute_state(self):
        labels = dict(self._fields["field"]._description_selection(self.env))
        for line in self:
            if line._is_by_person():
                line.state = "person" if line.field else "unused"
                line.reasons = self.env._("Chosen by you.")
            elif line.taken_by:
                line.state = "unused"
                line.reasons = self.env._(
                    "“%(column)s” is taken for %(field)s: this one is kept as information.",
                    column=line.upload_id._get_column_labels().get(line.taken_by, line.taken_by),
                    field=labels[line.alternatives[0]],
                )
            else:
                line.state = line.level or ("sure" if line.field else "unused")
                line.reasons = line.why

    @api.onchange("field")
    def _onchange_field(self):
        """What the feed does to the cells of a field goes with it, from column to column."""
        kept = (self.upload_id.feed_id.reading or {}).get("expressions") or {}
        labels = self.upload_id._get_column_labels()
        texts = {
            field: format_expression(self.env, values, self.column, labels)
            for field, values in kept.items()
        }
        own = texts.pop(self.field, False)
        if not self.adjustment or self.adjustment in texts.values():
            self.adjustment = own

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
            "level": "sure" if by_person else not self.taken_by and self.level,
            "origin": "person" if by_person else self.origin,
            "why": self.why,
            "sample": self.sample,
        }
