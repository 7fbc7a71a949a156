from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError

from ..ingest import mapping, pipeline, readers
from ..sql import staging
from ..sql.row_check import PRICE_RULES


class OnepImport(models.Model):
    """Quarantined rows that a person corrected, imported after all."""

    _inherit = "onep.import"

    def _get_column_fields(self):
        """{column of the file: target field} of this import."""
        return dict(self._get_pipeline_mapping().fields) if self else {}

    def _replay(self, issues):
        """Read the rows of these issues again, with their corrections, the way the file was read.

        Rows in = accepted + quarantined stays true: what is accepted now leaves the quarantine,
        what is still refused says why.

        :return: (rows accepted, rows still refused)
        """
        self.ensure_one()
        try:
            with self._run_alone(self.feed_id.id), self._publish_alone():
                return self._replay_alone(issues)
        except RetryableJobError as error:
            raise UserError(
                self.env._(
                    "A file of %(feed)s is being imported: replay these rows when it is done.",
                    feed=self.feed_id.name,
                )
            ) from error

    def _replay_alone(self, issues):
        fields_of = self._get_column_fields()
        todo = issues.filtered(lambda issue: issue._may_pass(fields_of))
        if not todo:
            return 0, len(issues)
        columns = list(dict.fromkeys(column for issue in todo for column in issue._get_columns()))
        rows = [[issue._get_text(column) for column in columns] for issue in todo]
        try:
            batch = pipeline.process(
                readers.RawFrame.from_sample(columns, rows, todo.mapped("line")),
                self._get_pipeline_mapping(),
                today=fields.Date.context_today(self),
            )
        except mapping.InvalidMapping as error:
            raise UserError(
                self.env._(
                    "The columns of this file no longer fit its mapping: import the file again."
                )
            ) from error
        looked_at = todo.filtered(lambda issue: issue.rule in PRICE_RULES).mapped("line")
        refused, counts = self._publish_rows(batch, looked_at)
        accepted = todo.filtered(lambda issue: issue.line not in refused)
        accepted.write({"state": "replayed"})
        for issue in todo - accepted:
            issue.write(refused[issue.line])
        taken = accepted.filtered(lambda issue: issue.severity == "refuse")
        self.write(
            {
                "accepted_count": self.accepted_count + len(taken),
                "quarantined_count": self.quarantined_count - len(taken),
                "new_count": self.new_count + counts["new_count"],
                "changed_count": self.changed_count + counts["changed_count"],
            }
        )
        return len(accepted), len(issues) - len(accepted)

    def _publish_rows(self, batch, looked_at):
        """Write the accepted rows of a batch over the catalogue; nothing is marked gone.

        :param looked_at: lines whose price a person has looked at
        :return: {line: values of the issue} of the rows that are still refused, counts
        """
        env, cr = self.env, self.env.cr
        self._create_staging()
        self._copy(cr, {staging.OFFER_TABLE: batch.accepted, staging.ISSUE_TABLE: batch.issues})
        currency, carried = self._match_staged()
        ((staged, _refused),) = env.execute_query(staging.count())
        match = self._get_match_summary()
        self._check_rows(currency, match, match.matched < staged, looked_at)
        ((staged, _refused),) = env.execute_query(staging.count())
        counts = self._write_offers(currency, carried, staged, marks_gone=False)
        refused = {
            line: {"rule": rule, "field": field, "severity": "refuse", "reasons": reasons}
            for line, rule, field, reasons in env.execute_query(staging.select_refused())
        }
        cr.execute(staging.drop())
        offers = env["onep.supplier.offer"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("supplier_sku", "in", batch.accepted["supplier_sku"].tolist()),
            ]
        )
        if offers:
            env["onep.evaluation"]._enqueue_for_offers(offers)
        return refused, counts
