from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest.fields import IDENTIFIERS
from .column_labels import get_column_labels
from .ingest_messages import get_rule_labels, get_rule_message

#: A repeated article is only taken once its identifier was corrected.
REPEAT_RULES = ("duplicate-identifier",)


class OnepImportIssue(models.Model):
    """One row of a file that was refused, with its reasons and its original cells.

    A person corrects its cells and replays it, or ignores it for good: the same row of a later
    file is then ignored too.
    """

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
    row_key = fields.Char(
        index="btree_not_null", help="What tells the same row, refused again, in a later file."
    )
    corrections = fields.Json(help="Cells as a person corrected them: {column: text}.")
    cells = fields.Json(compute="_compute_cells")
    column = fields.Char(compute="_compute_cells")
    column_label = fields.Char(string="Column at fault", compute="_compute_cells")
    cell = fields.Char(string="In the file", compute="_compute_cells")
    correction = fields.Char(compute="_compute_correction", inverse="_inverse_correction")
    reason = fields.Text(compute="_compute_reason")
    raw_text = fields.Text(string="Original cells", compute="_compute_raw_text")
    state = fields.Selection(
        [
            ("open", "To handle"),
            ("replayed", "Corrected"),
            ("resolved", "Replaced by a later file"),
            ("ignored", "Ignored"),
        ],
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

    @api.depends("raw", "corrections", "import_id.shape", "import_id.mapping")
    @api.depends_context("lang")
    def _compute_cells(self):
        """The row as a person corrects it, the columns at fault first marked."""
        for issue in self:
            fields_of = issue.import_id._get_column_fields()
            blamed = {entry.get("field") for entry in issue.reasons or []}
            corrections = issue.corrections or {}
            columns = issue._get_columns()
            labels = get_column_labels(self.env, columns, issue.import_id.shape)
            issue.cells = [
                {
                    "column": column,
                    "label": labels.get(column, column),
                    "field": fields_of.get(column),
                    "raw": (issue.raw or {}).get(column, ""),
                    "correction": corrections.get(column),
                    "blamed": fields_of.get(column) in blamed,
                }
                for column in columns
            ]
            first = next((cell for cell in issue.cells if cell["field"] == issue.field), None)
            issue.column = first and first["column"]
            issue.column_label = first and first["label"]
            issue.cell = first and first["raw"]

    @api.depends("corrections", "column")
    def _compute_correction(self):
        for issue in self:
            issue.correction = (issue.corrections or {}).get(issue.column)

    def _inverse_correction(self):
        """Keep what was typed in the list for the column at fault."""
        for issue in self.filtered("column"):
            issue._correct({issue.column: issue.correction})

    def _correct(self, texts):
        """Keep corrected cells. {column: text, or the original text or nothing to take it back}."""
        self.ensure_one()
        corrections = dict(self.corrections or {})
        for column, text in texts.items():
            if text and text != (self.raw or {}).get(column, ""):
                corrections[column] = text
            else:
                corrections.pop(column, None)
        self.corrections = corrections or False

    def _get_columns(self):
        """Columns of the row, in the order of the file; those it is corrected in too."""
        self.ensure_one()
        cells = dict.fromkeys((*(self.raw or {}), *(self.corrections or {})))
        in_file = (self.import_id.shape or {}).get("columns") or []
        return [*in_file, *(column for column in cells if column not in in_file)]

    @api.depends("cells")
    def _compute_raw_text(self):
        for issue in self:
            cells = issue.raw or {}
            issue.raw_text = "   ".join(
                f"{cell['label']}: {cells[cell['column']]}"
                for cell in issue.cells
                if cell["column"] in cells
            )

    def action_ignore(self):
        """Put rows aside for good: later files that refuse them again leave them aside too."""
        self.filtered(lambda issue: issue.state == "open").state = "ignored"

    def action_reopen(self):
        """Handle ignored rows after all, unless a later file replaced them meanwhile."""
        ignored = self.filtered(lambda issue: issue.state == "ignored")
        replaced = ignored.filtered(lambda issue: issue.import_id._is_replaced())
        replaced.state = "resolved"
        (ignored - replaced).state = "open"

    def action_replay(self):
        """Import these rows after all, as they were corrected."""
        todo = self.filtered(lambda issue: issue.state == "open")
        if not todo:
            raise UserError(self._get_settled_message())
        counts = [run._replay(issues) for run, issues in todo.grouped("import_id").items()]
        accepted, refused, repeated = map(sum, zip(*counts, strict=True))
        message = self.env._(
            "Rows imported: %(accepted)s. Still refused: %(refused)s.",
            accepted=accepted,
            refused=refused,
        )
        if repeated:
            left_out = self.env._(
                "Rows that cannot be replayed alone, as their article may have a price on other "
                "lines of the file: %(repeated)s. Correct the file and import it again.",
                repeated=repeated,
            )
            if not accepted and not refused:
                raise UserError(left_out)
            message = f"{message} {left_out}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refused or repeated else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_settled_message(self):
        return self.env._(
            "None of these rows waits: a later file replaced them, or they were corrected "
            "or ignored."
        )

    def _get_export_lang(self):
        """The supplier's own language, when there is one supplier and Odoo knows it."""
        langs = set(self.feed_id.partner_id.mapped("lang"))
        installed = dict(self.env["res.lang"].get_installed())
        return langs.pop() if len(langs) == 1 and langs <= set(installed) else self.env.user.lang

    def _get_text(self, column):
        """The cell of a row to read: as corrected on any of its issues, else as the file has it."""
        texts = ((issue.corrections or {}).get(column) for issue in self)
        corrected = next((text for text in texts if text is not None), None)
        return corrected if corrected is not None else (self[:1].raw or {}).get(column, "")

    def _may_pass(self, fields_of):
        """Whether replaying this row can come to something: a repeated article needs another code.

        :param fields_of: {column: target field}
        """
        self.ensure_one()
        corrected = {fields_of.get(column) for column in self.corrections or {}}
        return self.rule not in REPEAT_RULES or bool(corrected & set(IDENTIFIERS))

    def action_export(self):
        """Choose how these rows are sent back to their supplier."""
        if not self:
            raise UserError(self.env._("Select the rows to export first."))
        wizard = self.env["onep.quarantine.export"].create(
            {"issue_ids": [fields.Command.set(self.ids)], "lang": self._get_export_lang()}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export for the supplier"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
