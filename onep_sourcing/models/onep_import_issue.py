from odoo import api, fields, models

from .ingest_messages import get_rule_labels, get_rule_message


class OnepImportIssue(models.Model):
    """One row of a file that was refused, with its reasons and its original cells."""

    _name = "onep.import.issue"
    _description = "Quarantined row"
    _order = "import_id desc, line, id"
    _rec_name = "reason"

    import_id = fields.Many2one("onep.import", required=True, ondelete="cascade", index=True)
    feed_id = fields.Many2one("onep.supplier.feed", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    line = fields.Integer(string="Line of the file")
    severity = fields.Selection(
        [("refuse", "Refused"), ("warn", "Warning"), ("fix", "Repaired")],
        required=True,
        default="refuse",
    )
    rule = fields.Selection("_selection_rule", index=True, help="The worst of its reasons.")
    field = fields.Char(string="Target field")
    reasons = fields.Json(help="Each reason: rule, field, raw value and parameters.")
    raw = fields.Json(help="Original cells: {column: text}.")
    reason = fields.Text(compute="_compute_reason")
    raw_text = fields.Text(string="Original cells", compute="_compute_raw_text")
    state = fields.Selection(
        [("open", "To handle"), ("resolved", "Resolved"), ("ignored", "Ignored")],
        required=True,
        default="open",
        index=True,
    )

    @api.model
    def _selection_rule(self):
        return get_rule_labels(self.env)

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason(self):
        for issue in self:
            issue.reason = "\n".join(
                get_rule_message(self.env, entry) for entry in issue.reasons or []
            )

    @api.depends("raw")
    def _compute_raw_text(self):
        for issue in self:
            cells = issue.raw or {}
            in_file = (issue.import_id.shape or {}).get("columns") or []
            columns = [column for column in in_file if column in cells]
            columns += [column for column in cells if column not in columns]
            issue.raw_text = "   ".join(f"{column}: {cells[column]}" for column in columns)

    def action_ignore(self):
        """Put rows aside for good."""
        self.write({"state": "ignored"})

    def action_reopen(self):
        self.write({"state": "open"})
