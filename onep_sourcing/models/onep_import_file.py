from datetime import timedelta

from odoo import api, fields, models


class OnepImport(models.Model):
    """How long the original files are kept. Runs, counts and changes stay for good."""

    _inherit = "onep.import"

    is_file_archived = fields.Boolean(
        string="File archived", readonly=True, copy=False, help="Its content was let go."
    )

    @api.model
    def _cron_archive_files(self):
        """Let go of the files that each company no longer keeps."""
        for company in self.env["res.company"].search([]):
            self._get_files_to_archive(company)._archive_file()

    @api.model
    def _get_files_to_archive(self, company):
        """Finished imports whose file is neither among the last of its feed nor recent enough.

        Never the last good one of a feed, from which its catalogue could be made again.
        """
        count, days = company.onep_kept_files, company.onep_kept_days
        if not count and not days:
            return self.browse()
        runs = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("done", "failed", "cancelled")),
                ("attachment_id", "!=", False),
            ],
            order="feed_id, id desc",
        )
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.browse()
        for own in runs.grouped("feed_id").values():
            good = own.filtered(lambda run: run.state == "done")[:1]
            later = own[count:] - good
            old |= later.filtered(lambda run: not days or run.create_date < limit)
        return old

    def _archive_file(self):
        """Delete the content of the files, keep what is known of them."""
        files = self.attachment_id
        self.write({"attachment_id": False, "is_file_archived": True, "unchanged_spans": False})
        files.sudo().unlink()
