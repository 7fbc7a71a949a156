import hashlib
import io
import json
import tempfile
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
from .ingest_messages import get_rule_message

BATCH_ROWS = 50_000
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
                identity_key=f"onep_import-{run.id}",
                description=self.env._("Import %(file)s", file=run.file_name),
            )._job_import()

    def action_open_issues(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_import_issue_action"
            ),
            "domain": [("import_id", "=", self.id)],
            "context": {},
        }

    def action_open_offers(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_supplier_offer_action"
            ),
            "domain": [("last_import_id", "=", self.id)],
            "context": {"search_default_group_change": 1},
        }

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
                    merged = self._stage(path)
                if merged is None:
                    return self.env._("Cancelled.")
                self._publish(merged)
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

    def _fail(self, message):
        self._run_fail(message)
        return message

    def _retry_when_feed_is_free(self):
        from odoo.addons.queue_job.exception import RetryableJobError

        raise RetryableJobError(
            f"Another import of feed {self.feed_id.id} is running",
            seconds=30,
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
        if {"tier_price", "tier_qty"} & set(filled):
            columns.add("tiers")
        return frozenset(columns | {"extra"})

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

        :return: how many rows are quantity steps of another row, hence no offer of their own;
            None when someone cancelled the import meanwhile
        """
        cr = self.env.cr
        cr.execute(staging.create(staging.OFFER_TABLE, staging.OFFER_COLUMNS))
        cr.execute(staging.create(staging.ISSUE_TABLE, staging.ISSUE_COLUMNS))
        shape = detect.FileShape.from_json(self.shape) if self.shape else detect.sniff(path)
        self.total_count = readers.estimate_rows(path, shape) or 0
        row_count = merged = 0
        today = fields.Date.context_today(self)
        settings = self._get_pipeline_mapping()
        for batch in pipeline.run(path, shape, settings, BATCH_ROWS, today):
            if self._run_is_cancelled():
                return None
            row_count += batch.row_count
            merged += batch.merged_count
            self._copy(staging.OFFER_TABLE, staging.OFFER_COLUMNS, batch.accepted)
            self._copy(staging.ISSUE_TABLE, staging.ISSUE_COLUMNS, batch.issues)
            self._run_progress(row_count, phase=self.env._("Reading"))
        self.write({"row_count": row_count, "total_count": row_count})
        return merged

    def _copy(self, table, columns, frame):
        """COPY a frame into a staging table; lists and dicts become JSON text."""
        if frame.empty:
            return
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
        statement = self.env.cr.mogrify(staging.copy(table, columns))
        self.env.cr.copy_expert(statement.decode(), buffer)

    def _publish(self, merged=0):
        """Staging tables → offers, products and issues: all or nothing.

        :param merged: accepted rows that became quantity steps of an offer
        """
        self._run_progress(self.row_count, phase=self.env._("Writing"))
        env, cr, feed = self.env, self.env.cr, self.feed_id
        currencies = env["res.currency"].search([])
        cr.execute(staging.index())
        cr.execute(staging.quarantine_unknown_currencies(currencies.mapped("name")))
        ((accepted, quarantined),) = env.execute_query(staging.count())
        accepted += merged
        if accepted + quarantined != self.row_count:
            raise UserError(
                env._(
                    "%(rows)s rows were read but %(accepted)s accepted and %(quarantined)s "
                    "quarantined: nothing was imported. Please report this file.",
                    rows=self.row_count,
                    accepted=accepted,
                    quarantined=quarantined,
                )
            )
        if not accepted:
            self._discard_publication(quarantined)
            return
        is_full = feed.kind == "full"
        rates = self._get_currency_rates(currencies)
        cr.execute(product_sql.upsert_from_staging(env.uid))
        cr.execute(
            offer_sql.upsert(
                import_id=self.id,
                feed_id=feed.id,
                partner_id=feed.partner_id.id,
                company_id=feed.company_id.id,
                user_id=env.uid,
                default_currency=feed.currency_id.name,
                currencies=rates,
                carried=None if is_full else self._get_carried_columns(),
            )
        )
        cr.execute(
            offer_sql.touch_unchanged(
                import_id=self.id,
                feed_id=feed.id if is_full else None,
                partner_id=feed.partner_id.id,
                company_id=feed.company_id.id,
                default_currency=feed.currency_id.name,
                currencies=rates,
            )
        )
        if is_full:
            cr.execute(offer_sql.mark_gone(self.id, feed.id))
        cr.execute(product_sql.link_variants())
        self._replace_issues()
        counts = dict(env.execute_query(offer_sql.count_by_change(self.id)))
        cr.execute(staging.drop())
        env["onep.supplier.offer"].invalidate_model()
        env["onep.product"].invalidate_model()
        self._after_import()
        self._run_finish(
            accepted_count=accepted,
            quarantined_count=quarantined,
            issue_count=quarantined,
            new_count=counts.get("new", 0),
            changed_count=counts.get("changed", 0),
            unchanged_count=counts.get("unchanged", 0),
            gone_count=counts.get("gone", 0),
        )

    def _replace_issues(self):
        """Staged issues become the import's quarantine; a run that restarts leaves one set.

        Rows of the feed's earlier files are closed: this file replaces them.
        """
        self.env["onep.import.issue"].search(
            [("feed_id", "=", self.feed_id.id), ("state", "=", "open")]
        ).write({"state": "resolved"})
        self.issue_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            staging.insert_issues(self.id, self.feed_id.id, self.company_id.id, self.env.uid)
        )
        self.env["onep.import.issue"].invalidate_model()

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

    def _get_run_targets(self):
        return self.env.ref("onep_sourcing.group_sourcing_user")

    def _after_import(self):
        """What follows a successful import: the deals it touches are priced again."""
        self.env["onep.evaluation"]._enqueue_for_import(self)
