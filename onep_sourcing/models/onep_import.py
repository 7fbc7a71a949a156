import hashlib
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module

from odoo.addons.onep_marketplace_connectors.session_lock import BUSY_RETRY_SECONDS
from odoo.addons.queue_job.exception import RetryableJobError

from ..ingest import detect, mapping
from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_history as history_sql
from .ingest_messages import get_repair_message, get_rule_message


class OnepImport(models.Model):
    """One run of a feed: the file, its reading options, its counts.

    Rows in = accepted + quarantined, checked before anything is written.
    """

    _name = "onep.import"
    _inherit = ["onep.run.mixin"]
    _description = "Import of a supplier feed"
    _order = "id desc"

    feed_id = fields.Many2one("onep.supplier.feed", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="feed_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="feed_id.company_id", store=True, index=True, default=None)
    attachment_id = fields.Many2one("ir.attachment", string="File", ondelete="restrict")
    file_name = fields.Char(string="File name")
    file_size = fields.Integer(related="attachment_id.file_size")
    checksum = fields.Char(index=True, help="SHA-256 of the file.")
    shape = fields.Json(help="How the file is read: format, encoding, delimiter, sheet, header.")
    mapping = fields.Json(help="Column → field as confirmed for this run.")
    row_count = fields.Integer(string="Rows", help="Rows of the file below its header.")
    accepted_count = fields.Integer(string="Accepted")
    merged_count = fields.Integer(
        string="Quantity steps",
        help="Accepted rows that give another price of an article: no offer of their own.",
    )
    quarantined_count = fields.Integer(string="Quarantined")
    new_count = fields.Integer(string="New")
    changed_count = fields.Integer(string="Changed")
    unchanged_count = fields.Integer(string="Unchanged")
    gone_count = fields.Integer(string="Gone")
    unchanged_spans = fields.Json(
        string="Unchanged offers",
        prefetch=False,
        help="Ids of the offers it listed as they were: [first, last, first, last, …].",
    )
    repairs = fields.Json(
        prefetch=False,
        help="Cells that were changed, by rule: [{rule, field, params, count}, …]. Measures that "
        "were converted are counted here only.",
    )
    repair_text = fields.Text(string="Repaired", compute="_compute_repair_text")
    issue_ids = fields.One2many("onep.import.issue", "import_id", string="Quarantined rows")
    refused_as = fields.Char(
        readonly=True,
        copy=False,
        help="How its feed was read when the file turned out to be at fault.",
    )

    _feed_id_idx = models.Index("(feed_id, id)")

    @api.depends("repairs")
    @api.depends_context("lang")
    def _compute_repair_text(self):
        for run in self:
            run.repair_text = "\n".join(
                get_repair_message(self.env, entry) for entry in run.repairs or []
            )

    @api.model
    def _get_checksum(self, data):
        """SHA-256 of a file's bytes, in hexadecimal."""
        return hashlib.sha256(data).hexdigest()

    def action_import(self):
        """Queue the import. Enqueued once, however often the button is pressed.

        What a person confirmed of an earlier run counts for that run only.
        """
        for run in self:
            if run.state not in ("draft", "held", "failed", "cancelled"):
                raise UserError(
                    self.env._("This import is already %(state)s.", state=run._get_state_label())
                )
        self.write({"is_confirmed": False, "gone_policy": "mark"})
        self._enqueue()

    def _enqueue(self):
        """Hand the runs to the queue, once."""
        for run in self:
            run.write({"state": "queued", "error_message": False})
            run.with_delay(
                identity_key=run._get_job_key(),
                description=self.env._("Import %(file)s", file=run.file_name),
            )._job_import()

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _job_import(self):
        """Read the file by columns, stage it by COPY, then upsert it in one transaction."""
        self.ensure_one()
        if self.state in ("done", "cancelled"):
            return self.env._(
                "Nothing to do: the import is %(state)s.", state=self._get_state_label()
            )
        with self._run_alone(self.feed_id.id):  # one import per feed at a time
            self._wait_for_older()
            try:
                self._run_start(self.total_count)
                if self._is_outdated():
                    return self._cancel_outdated()
                if self._hold_behind_older():
                    return self.env._("Held: an older file of the feed waits to be checked.")
                with self._file_on_disk() as path:
                    is_whole = self._stage(path)
                if not is_whole:
                    return self.env._("Cancelled.")
                with self._publish_alone():
                    is_published = self._publish()
                if self.state == "cancelled":
                    return self.env._("Cancelled.")
                if not is_published:
                    return self.error_message or self.env._("Held: a person must look first.")
            except detect.UnreadableFile as error:
                self._undo()
                return self._fail(
                    get_rule_message(self.env, {"rule": error.rule, "params": error.params})
                )
            except UserError as error:
                self._undo()
                return self._fail(error.args[0])
        return self.env._(
            "%(rows)s rows: %(accepted)s accepted, %(quarantined)s quarantined.",
            rows=self.row_count,
            accepted=self.accepted_count,
            quarantined=self.quarantined_count,
        )

    def _job_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        if self.state in ("done", "held", "cancelled"):
            return  # it broke after its work was committed
        self._run_fail(
            self.env._(
                "The import broke on an unexpected error and changed nothing; the administrator "
                "finds it in the job. Press “Import again” to try once more."
            )
        )

    def _wait_for_older(self):
        """Files of a feed are imported in the order they came: the newest has the last word."""
        older = self.search_count(
            [
                ("feed_id", "=", self.feed_id.id),
                ("id", "<", self.id),
                ("state", "in", ("queued", "running")),
            ],
            limit=1,
        )
        if older:
            raise RetryableJobError(
                f"An older file of feed {self.feed_id.id} is imported first",
                seconds=BUSY_RETRY_SECONDS,
                ignore_retry=True,
            )

    def _is_outdated(self):
        """Whether a newer file of the feed made the catalogue already."""
        return self.feed_id.sudo().published_import_id.id > self.id

    def _cancel_outdated(self):
        """End without work: an older file must not undo a newer one."""
        message = self.env._(
            "A newer file of this feed was imported meanwhile. To go back to this one, drop it "
            "again."
        )
        self.write(
            {"state": "cancelled", "finished_at": fields.Datetime.now(), "error_message": message}
        )
        self._commit_progress()
        return message

    def _undo(self):
        """Take back what this transaction wrote before its failure is noted. Tests never do."""
        if not module.current_test:
            self.env.cr.rollback()

    def _get_job_key(self):
        return f"onep_import-{self.id}"

    @api.model
    def _cron_fail_dead_runs(self):
        """End the runs whose job the queue gave up: it starts a killed job again, five times."""
        runs = self.search([("state", "in", ("queued", "running"))])
        keys = {run._get_job_key(): run for run in runs}
        jobs = self.env["queue.job"].search(
            [
                ("identity_key", "in", list(keys)),
                ("state", "in", ("wait_dependencies", "pending", "enqueued", "started")),
            ]
        )
        for key in keys.keys() - set(jobs.mapped("identity_key")):
            keys[key]._run_fail(
                self.env._(
                    "The process that ran this import was stopped again and again, and nothing "
                    "was changed. Press “Import again”; should it happen again, the administrator "
                    "finds the reason in the server's log (memory?)."
                )
            )

    def _fail(self, message):
        """End for what the file holds: the feed does not take the same again by itself."""
        self.refused_as = self.feed_id._get_reading_print()
        self._run_fail(message)
        return message

    def _get_pipeline_mapping(self):
        """The confirmed mapping in the shape of the ingest package.

        Of a delta whose rows have a stock, that says what is available: a value for all rows would
        take the place of each row's own word, and of what is known where a row says nothing.
        """
        found = mapping.Mapping.from_json(self.mapping or self.feed_id._get_mapping_json())
        by_row = self._get_row_fields(found)
        if self.feed_id.kind != "delta" or "stock_quantity" not in by_row:
            return found
        left_out = {"availability"} - by_row
        kept = {name: text for name, text in found.constants.items() if name not in left_out}
        return replace(found, constants=kept)

    @api.model
    def _get_row_fields(self, confirmed):
        """Fields of a mapping that each row fills from its own cells."""
        joined = {name for name, said in confirmed.expressions.items() if said.columns}
        return joined.union(confirmed.fields.values())

    def unlink(self):
        """Let offers and their history go on without the deleted imports."""
        self.env.flush_all()
        self.env.cr.execute(offer_sql.forget_imports(self.ids))
        self.env.cr.execute(history_sql.forget_imports(self.ids))
        self.env["onep.supplier.offer"].invalidate_model()
        self.env["onep.supplier.offer.history"].invalidate_model()
        return super().unlink()

    def _get_run_targets(self):
        return self.env.ref("onep_sourcing.group_sourcing_user")

    def _after_import(self):
        """What follows a successful import: the deals it touches are priced again."""
        self.env["onep.evaluation"]._enqueue_for_import(self)
