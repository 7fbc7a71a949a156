import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest.quarantine_file import RefusedFile, RefusedRow, write

MAX_ROWS = 100_000


class OnepQuarantineExport(models.TransientModel):
    """Quarantined rows as a spreadsheet for their supplier, in the supplier's language."""

    _name = "onep.quarantine.export"
    _description = "Export of quarantined rows"

    issue_ids = fields.Many2many("onep.import.issue", string="Rows", required=True)
    issue_count = fields.Integer(compute="_compute_issue_count", string="Row count")
    partner_ids = fields.Many2many("res.partner", compute="_compute_issue_count")
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Language of the reasons",
        required=True,
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.depends("issue_ids")
    def _compute_issue_count(self):
        for export in self:
            export.issue_count = len(export.issue_ids)
            export.partner_ids = export.issue_ids.feed_id.partner_id

    def action_export(self):
        """Make the spreadsheet and download it."""
        self.ensure_one()
        if self.issue_count > MAX_ROWS:
            raise UserError(
                self.env._(
                    "%(count)s rows are too many for one spreadsheet: select at most %(most)s.",
                    count=self.issue_count,
                    most=MAX_ROWS,
                )
            )
        told = self.with_context(lang=self.lang)
        files = [
            told._prepare_file(run, issues.sorted("line"))
            for run, issues in told.issue_ids.grouped("import_id").items()
        ]
        data = write(files, told.env._("Line"), told.env._("Why it was refused"))
        names = "_".join(self.partner_ids.mapped("name")[:3])
        self.write(
            {
                "file": base64.b64encode(data),
                "file_name": told.env._(
                    "%(supplier)s %(date)s refused rows.xlsx",
                    supplier=names,
                    date=fields.Date.context_today(self),
                ),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true",
            "target": "download",
        }

    def _prepare_file(self, run, issues):
        """The refused rows of one import, as the spreadsheet takes them."""
        return RefusedFile(
            run.file_name or run.name,
            (run.shape or {}).get("columns") or [],
            [
                RefusedRow(
                    issue.line,
                    issue.reason,
                    issue.raw or {},
                    frozenset(cell["column"] for cell in issue.cells if cell["blamed"]),
                )
                for issue in issues
            ],
        )
