import hashlib
import io
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from pyarrow import csv

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..ingest import detect, mapping, pipeline, readers
from ..ingest.fields import FIELDS
from ..sql import product as product_sql
from ..sql import staging
from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_history as history_sql
from .ingest_messages import get_rule_message

BATCH_ROWS = 50_000
# Piece of a COPY [bytes].
COPY_BYTES = 4 << 20
# Memory that PostgreSQL may take to hash a file, which one import does at a time [MB].
WORK_MEM_MB = 384
# From so many rows on, tables are joined as a whole, never row by row.
LARGE_FROM = 5_000
# From so many new offers on, the statistics of the table are brought up to date at once.
ANALYSE_FROM = 10_000
# Namespace of the advisory locks that keep one import per feed at a time.
FEED_LOCK = 0x0E01


class OnepImport(models.Model):
    """One run of a feed: the file, its reading options, its counts.

    Rows in = accepted + quarantined, checked before anything is written.
    """

    _name = "onep.import"
    _inherit = ["onep.run.mixin"]
    _description = "Import of a supplier feed"
    _order = "id desc"

    feed_id = fields.Many2one("onep.supplier.feed", required=True, ondelete="cascade", index=True)
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
    issue_ids = fields.One2many("onep.import.issue", "import_id", string="Quarantined rows")

    @api.model
    def _get_checksum(self, data):
        """SHA-256 of a file's bytes, in hexadecimal."""
        return hashlib.sha256(data).hexdigest()

    def action_import(self):
        """Queue the import. Enqueued once, however often the button is pressed."""
        for run in self:
            if run.state not in ("draft", "held", "failed", "cancelled"):
                raise UserError(
                    self.env._("This import is already %(state)s.", state=run._get_state_label())
                )
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
        if not self._lock_feed():
            return self._retry_when_feed_is_free()
        try:
            self._run_start(self.total_count)
            try:
                with self._file_on_disk() as path:
                    staged = self._stage(path)
                if not staged:
                    return self.env._("Cancelled.")
                if not self._publish():
                    return self.error_message or self.env._("Held: a person must look first.")
            except detect.UnreadableFile as error:
                return self._fail(
                    get_rule_message(self.env, {"rule": error.rule, "params": error.params})
                )
            except UserError as error:
                return self._fail(error.args[0])
        finally:
            self._unlock_feed()
        return self.env._(
            "%(rows)s rows: %(accepted)s accepted, %(quarantined)s quarantined.",
            rows=self.row_count,
            accepted=self.accepted_count,
            quarantined=self.quarantined_count,
        )

    def _job_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self._run_fail(
            self.env._(
                "The import broke on an unexpected error and changed nothing; the administrator "
                "finds it in the job. Press “Import again” to try once more."
            )
        )

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
        self._run_fail(message)
        return message

    def _retry_when_feed_is_free(self):
        from odoo.addons.queue_job.exception import RetryableJobError

        raise RetryableJobError(
            f"Another import of feed {self.feed_id.id} is running",
            seconds=10,
            ignore_retry=True,
        )

    def _lock_feed(self):
        """Session-level advisory lock: it outlives the commits of the run."""
        ((locked,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", FEED_LOCK, self.feed_id.id)
        )
        return locked

    def _unlock_feed(self):
        cr = self.env.cr
        if cr.closed:
            return
        if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            # an aborted transaction would keep the lock, and hide what aborted it
            cr.rollback()
        self.env.cr.execute(staging.unlock_publication())
        self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s, %s)", FEED_LOCK, self.feed_id.id))

    @contextmanager
    def _file_on_disk(self):
        """Path of the original file; a temporary copy when it is kept in the database.

        Only a file that belongs to this import is read: its id could have been given by anyone.
        """
        attachment = self.attachment_id.sudo()
        if (attachment.res_model, attachment.res_id) != (self._name, self.id):
            raise UserError(self.env._("The file of this import is missing: upload it again."))
        if attachment.store_fname:
            yield Path(attachment._full_path(attachment.store_fname))
            return
        with tempfile.NamedTemporaryFile(suffix=Path(self.file_name or "").suffix) as copy:
            copy.write(attachment.raw)
            copy.flush()
            yield Path(copy.name)

    def _get_carried_columns(self):
        """Columns of the offers that this file fills, by the names of the normalised frame."""
        filled = self._get_pipeline_mapping().fields.values()
        columns = {column for name in filled for column in FIELDS[name].columns}
        if "recommended_retail_price" in columns:
            columns.add("recommended_retail_price_taxed")
        if "tier_price" in filled:
            columns.add("tiers")
        return frozenset(columns | {"extra"})

    def _get_compared_columns(self):
        """Columns in which an offer is compared: all for a full catalogue, whose silence counts."""
        if self.feed_id.kind == "full":
            return offer_sql.COMPARED
        carried = self._get_carried_columns()
        return tuple(name for name in offer_sql.COMPARED if name in carried)

    def _get_pipeline_mapping(self):
        """The confirmed mapping in the shape of the ingest package."""
        feed = self.feed_id
        return mapping.Mapping.from_json(
            self.mapping
            or {
                "columns": [
                    {"column": line.column, "index": line.column_index, "field": line.field}
                    for line in feed.mapping_ids
                    if line.field
                ],
                "prices_include_vat": feed.prices_include_vat,
                "vat_rate": feed.vat_rate / 100 if feed.vat_rate else None,
                "currency": feed.currency_id.name,
            }
        )

    def _stage(self, path):
        """File → staging tables, in batches of columns; memory is bounded by the batch.

        A batch travels to PostgreSQL while the next one is read.

        :return: False when someone cancelled the import meanwhile
        """
        cr = self.env.cr
        for table, columns in staging.TABLES.items():
            cr.execute(staging.create(table, columns))
        shape = detect.FileShape.from_json(self.shape) if self.shape else detect.sniff(path)
        self.total_count = readers.estimate_rows(path, shape) or 0
        self._run_progress(0, phase=self.env._("Reading"))
        row_count = copied_count = 0
        with ThreadPoolExecutor(1, "onep_import_copy") as copier:
            under_way = None
            for batch in pipeline.run(path, shape, self._get_pipeline_mapping(), BATCH_ROWS):
                row_count += batch.row_count
                frames = {
                    staging.OFFER_TABLE: batch.accepted,
                    staging.ISSUE_TABLE: batch.issues,
                }
                if under_way:
                    under_way.result()
                    self._run_progress(copied_count)
                    if self._run_is_cancelled():
                        return False
                copied_count = row_count
                under_way = copier.submit(self._copy, cr, frames)
                del batch, frames
            if under_way:
                under_way.result()
        if self._run_is_cancelled():
            return False
        self.write({"row_count": row_count, "total_count": row_count, "done_count": row_count})
        return True

    @api.model
    def _copy(self, cr, frames):
        """COPY frames into their staging tables; lists and dicts become JSON text.

        Runs beside the reading: it touches the cursor and nothing else of the environment.
        """
        for table, frame in frames.items():
            if frame.empty:
                continue
            columns = staging.TABLES[table]
            for name, kind in columns.items():
                if kind == "jsonb" and not isinstance(frame[name].iloc[0], str | float | None):
                    frame = frame.assign(
                        **{name: [json.dumps(value, ensure_ascii=False) for value in frame[name]]}
                    )
            buffer = io.BytesIO()
            csv.write_csv(
                pa.Table.from_pandas(frame[list(columns)], preserve_index=False),
                buffer,
                csv.WriteOptions(include_header=False),
            )
            buffer.seek(0)
            statement = cr.mogrify(staging.copy(table, columns)).decode()
            # large pieces: each one asks for the interpreter's lock, which the reading holds
            cr.copy_expert(statement, buffer, COPY_BYTES)

    def _publish(self):
        """Staging tables → offers, history, products and issues: all or nothing.

        :return: False when nothing was published: held for a person, or not one usable row
        """
        env, cr, feed = self.env, self.env.cr, self.feed_id
        # before the commit of the progress: what follows sees what other imports wrote
        cr.execute(staging.lock_publication())
        self._run_progress(self.row_count, phase=env._("Writing"))
        currencies = env["res.currency"].search([])
        currency = offer_sql.Currencies(
            tuple(self._get_currency_rates(currencies)), feed.currency_id.name
        )
        carried = self._get_compared_columns()
        env.flush_all()
        cr.execute(offer_sql.prepare(WORK_MEM_MB, self.row_count >= LARGE_FROM))
        cr.execute(staging.quarantine_unknown_currencies(currencies.mapped("name")))
        accepted, quarantined = self._count_staged()
        if not accepted:
            self._discard_publication(quarantined)
            return False
        cr.execute(staging.analyse())
        cr.execute(
            offer_sql.match(
                feed_id=feed.id,
                partner_id=feed.partner_id.id,
                company_id=feed.company_id.id,
                company_currency_id=feed.company_id.currency_id.id,
                currency=currency,
                carried=carried,
            )
        )
        cr.execute(offer_sql.analyse_match())
        if reasons := self._get_hold_reasons():
            self._hold(reasons)
            return False
        match = self._get_match_summary()
        self._check_rows(currency, match, has_new=match.matched < accepted)
        accepted, quarantined = self._count_staged()
        if not accepted:
            self._discard_publication(quarantined)
            return False
        counts = self._write_offers(currency, carried, accepted)
        self._replace_issues()
        cr.execute(staging.drop())
        for model in ("onep.supplier.offer", "onep.supplier.offer.history", "onep.product"):
            env[model].invalidate_model()
        feed.sudo().published_import_id = self
        self._cancel_older_held()
        self._after_import()
        self._run_finish(
            accepted_count=accepted,
            quarantined_count=quarantined,
            issue_count=quarantined,
            hold_reasons=False,
            **counts,
        )
        if counts["new_count"] >= ANALYSE_FROM:
            cr.execute(offer_sql.analyse())
        return True

    def _count_staged(self):
        """(accepted rows, quarantined rows): together the rows of the file, or nothing goes on."""
        ((accepted, quarantined),) = self.env.execute_query(staging.count())
        if accepted + quarantined != self.row_count:
            raise UserError(
                self.env._(
                    "%(rows)s rows were read but %(accepted)s accepted and %(quarantined)s "
                    "quarantined: nothing was imported. Please report this file.",
                    rows=self.row_count,
                    accepted=accepted,
                    quarantined=quarantined,
                )
            )
        return accepted, quarantined

    def _get_match_summary(self):
        (values,) = self.env.execute_query(offer_sql.summarise_match())
        return offer_sql.MatchSummary(*values)

    def _write_offers(self, currency, carried, accepted):
        """Matched rows → offers, their history and their products; returns the counts."""
        env, cr, feed = self.env, self.env.cr, self.feed_id
        run = {"import_id": self.id}
        owner = {"company_id": feed.company_id.id, "feed_id": feed.id}
        match = self._get_match_summary()
        has_new = match.matched < accepted
        has_moved = bool(match.changed or match.returned)
        if has_moved:
            cr.execute(offer_sql.collect_moved())
            cr.execute(offer_sql.analyse_moved())
        if has_new or has_moved:
            source = staging.OFFER_TABLE if has_new else staging.MOVED_TABLE
            cr.execute(product_sql.enrich_from_staging(env.uid, source))
        if has_new or match.renumbered:
            cr.execute(product_sql.insert_from_staging(env.uid))
        # first, as it reads what the next statements change
        if has_moved:
            cr.execute(history_sql.record_moved(**run, **owner, currency=currency, carried=carried))
        gone = 0
        if self._marks_gone() and self._count_absent()[1]:
            cr.execute(history_sql.record_gone(**run, **owner))
            gone = cr.rowcount
        if gone:
            cr.execute(offer_sql.mark_gone(self.id, feed.published_import_id.finished_at or None))
        if has_moved:
            cr.execute(
                offer_sql.update_moved(**run, user_id=env.uid, currency=currency, carried=carried)
            )
        if match.foreign:
            cr.execute(offer_sql.revalue(currency))
        if match.elsewhere and feed.kind == "full":
            cr.execute(offer_sql.take_over(feed.id))
        new = 0
        if has_new:
            cr.execute(
                offer_sql.insert_new(
                    **run,
                    **owner,
                    partner_id=feed.partner_id.id,
                    user_id=env.uid,
                    currency=currency,
                )
            )
            new = cr.rowcount
        cr.execute(product_sql.link_variants())
        spans = None
        if match.unchanged:
            ((spans,),) = env.execute_query(offer_sql.unchanged_spans())
        return {
            "new_count": new + match.returned,
            "changed_count": match.changed,
            "unchanged_count": match.unchanged,
            "gone_count": gone,
            "unchanged_spans": spans or False,
        }

    def _replace_issues(self):
        """Staged issues become the import's quarantine; a run that restarts leaves one set.

        Rows of the feed's earlier files are closed: this file replaces them.
        """
        self.env.flush_all()
        self.env.cr.execute(staging.close_issues(self.feed_id.id, self.id))
        self.env.cr.execute(
            staging.insert_issues(self.id, self.feed_id.id, self.company_id.id, self.env.uid)
        )
        self.env["onep.import.issue"].invalidate_model()

    def _cancel_older_held(self):
        """A held file that is older than this one must not be confirmed any more."""
        older = self.search(
            [("feed_id", "=", self.feed_id.id), ("state", "=", "held"), ("id", "<", self.id)]
        )
        older.write(
            {
                "state": "cancelled",
                "error_message": self.env._("A newer file of this feed was imported meanwhile."),
            }
        )

    def _discard_publication(self, quarantined):
        """Not one row can be used: keep the reasons, leave the catalogue as it was."""
        self._replace_issues()
        self.env.cr.execute(staging.drop())
        self.write({"accepted_count": 0, "quarantined_count": quarantined})
        self._run_fail(
            self.env._(
                "None of the %(rows)s rows could be used, so the catalogue was left as it was. "
                "Open the quarantined rows to see why, check the columns, then import again.",
                rows=self.row_count,
            )
        )

    def _get_currency_rates(self, currencies):
        """(code, id, company currency units for one unit), None when Odoo has no rate."""
        rates = currencies._onep_get_rates(self.company_id)
        return [(currency.name, currency.id, rates.get(currency.id)) for currency in currencies]

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
