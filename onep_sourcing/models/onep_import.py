import hashlib
import io
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest import detect, mapping, pipeline, readers
from ..ingest.fields import FIELDS
from ..sql import product as product_sql
from ..sql import staging
from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_history as history_sql
from .ingest_messages import get_rule_message

BATCH_ROWS = 50_000
# Memory that PostgreSQL may take to hash the keys of a file [MB].
WORK_MEM_MB = 128
# From so many new offers on, the statistics of the table are brought up to date at once.
ANALYSE_FROM = 10_000


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
                identity_key=f"onep_import-{run.id}",
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
            self._run_start(self.total_count)
            try:
                with self._file_on_disk() as path:
                    merged = self._stage(path)
                if merged is None:
                    return self.env._("Cancelled.")
                if not self._publish(merged):
                    return self.error_message or self.env._("Held: a person must look first.")
            except detect.UnreadableFile as error:
                return self._fail(
                    get_rule_message(self.env, {"rule": error.rule, "params": error.params})
                )
            except UserError as error:
                return self._fail(error.args[0])
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

        :return: how many rows are quantity steps of another row, hence no offer of their own;
            None when someone cancelled the import meanwhile
        """
        cr = self.env.cr
        self._create_staging()
        shape = detect.FileShape.from_json(self.shape) if self.shape else detect.sniff(path)
        self.total_count = readers.estimate_rows(path, shape) or 0
        self._run_progress(0, phase=self.env._("Reading"))
        row_count = copied_count = merged = 0
        settled = None
        today = fields.Date.context_today(self)
        options = self._get_pipeline_mapping()
        with ThreadPoolExecutor(1, "onep_import_copy") as copier:
            under_way = None
            for batch in pipeline.run(path, shape, options, BATCH_ROWS, today):
                row_count += batch.row_count
                merged += batch.merged_count
                settled = batch.mapping
                frames = {
                    staging.OFFER_TABLE: batch.accepted,
                    staging.ISSUE_TABLE: batch.issues,
                }
                if under_way:
                    under_way.result()
                    self._run_progress(copied_count)
                    if self._run_is_cancelled():
                        return None
                copied_count = row_count
                under_way = copier.submit(self._copy, cr, frames)
                del batch, frames
            if under_way:
                under_way.result()
        if self._run_is_cancelled():
            return None
        self.write({"row_count": row_count, "total_count": row_count, "done_count": row_count})
        if settled:  # a row that is corrected later is read the way the file was
            self.mapping = settled.to_json()
        return merged

    def _create_staging(self):
        """Empty staging tables in this database session."""
        for table in (staging.OFFER_TABLE, staging.ISSUE_TABLE):
            self.env.cr.execute(staging.create(table, staging.COLUMNS[table]))

    @api.model
    def _copy(self, cr, frames):
        """COPY frames into their staging tables; lists and dicts become JSON text.

        Runs beside the reading: it touches the cursor and nothing else of the environment.
        """
        for table, frame in frames.items():
            if frame.empty:
                continue
            columns = staging.COLUMNS[table]
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
            cr.copy_expert(cr.mogrify(staging.copy(table, columns)).decode(), buffer)

    def _publish(self, merged=0):
        """Staging tables → offers, history, products and issues: all or nothing.

        :param merged: accepted rows that became quantity steps of an offer
        :return: False when nothing was published: held for a person, or not one usable row
        """
        self._run_progress(self.row_count, phase=self.env._("Writing"))
        env, cr, feed = self.env, self.env.cr, self.feed_id
        currency, rates, carried = self._match_staged()
        if reasons := self._get_hold_reasons():
            self._hold(reasons)
            return False
        self._check_rows(currency, rates)
        self._restore_cells()
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
            return False
        counts = self._write_offers(currency, carried, self._marks_gone())
        self._replace_issues()
        cr.execute(staging.drop())
        feed.sudo().published_import_id = self
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

    def _match_staged(self):
        """Find which staged rows are known, and which of those moved.

        :return: (currency of a staged row as SQL, rates, columns in which offers are compared)
        """
        env, cr, feed = self.env, self.env.cr, self.feed_id
        currencies = env["res.currency"].search([])
        rates = self._get_currency_rates(currencies)
        currency = offer_sql.join_currency(rates, feed.currency_id.name)
        carried = self._get_compared_columns()
        env.flush_all()
        cr.execute(staging.lock_supplier(feed.partner_id.id))
        cr.execute(offer_sql.spare_writes(WORK_MEM_MB))
        cr.execute(staging.quarantine_unknown_currencies(currencies.mapped("name")))
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
        return currency, rates, carried

    def _restore_cells(self):
        """Give the rows that only the database refused or doubted their cells of the file.

        What is staged of them are normalised values; a person corrects what the supplier wrote.
        """
        cr = self.env.cr
        lines = [line for (line,) in self.env.execute_query(staging.select_bare_lines())]
        if not lines:
            return
        cr.execute(staging.create(staging.CELLS_TABLE, staging.COLUMNS[staging.CELLS_TABLE]))
        shape = detect.FileShape.from_json(self.shape)
        with self._file_on_disk() as path:
            for raw in readers.frames(path, shape, BATCH_ROWS):
                rows = np.flatnonzero(np.isin(raw.lines, lines))
                if rows.size:
                    cells = [
                        {column: text for column, text in row.items() if text}
                        for row in raw.frame.iloc[rows].to_dict("records")
                    ]
                    frame = pd.DataFrame({"line": raw.lines[rows], "raw": cells})
                    self._copy(cr, {staging.CELLS_TABLE: frame})
        cr.execute(staging.restore_cells())

    def _write_offers(self, currency, carried, marks_gone):
        """Matched rows → offers, their history and their products; returns the counts."""
        env, cr, feed = self.env, self.env.cr, self.feed_id
        run = {"import_id": self.id}
        owner = {"company_id": feed.company_id.id, "feed_id": feed.id}
        ((unchanged, changed, returned, elsewhere, foreign),) = env.execute_query(
            offer_sql.summarise_match()
        )
        cr.execute(product_sql.enrich_from_staging(env.uid))
        cr.execute(product_sql.insert_from_staging(env.uid))
        # first, as it reads what the next statements change
        if changed or returned:
            cr.execute(history_sql.record_moved(**run, **owner, currency=currency, carried=carried))
        gone = 0
        if marks_gone:
            cr.execute(history_sql.record_gone(**run, **owner))
            gone = cr.rowcount
            cr.execute(offer_sql.mark_gone(self.id, feed.published_import_id.finished_at or None))
        if changed or returned:
            cr.execute(
                offer_sql.update_moved(**run, user_id=env.uid, currency=currency, carried=carried)
            )
        if foreign:
            cr.execute(offer_sql.revalue(currency))
        if elsewhere and feed.kind == "full":
            cr.execute(offer_sql.take_over(feed.id))
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
        ((spans,),) = env.execute_query(offer_sql.unchanged_spans())
        for model in ("onep.supplier.offer", "onep.supplier.offer.history", "onep.product"):
            env[model].invalidate_model()
        return {
            "new_count": new + returned,
            "changed_count": changed,
            "unchanged_count": unchanged,
            "gone_count": gone,
            "unchanged_spans": spans or False,
        }

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

    def unlink(self):
        """Let offers and their history go on without the deleted imports; files go with them."""
        files = self.attachment_id.filtered(
            lambda file: file.res_model == self._name and file.res_id in self.ids
        )
        self.env.flush_all()
        self.env.cr.execute(offer_sql.forget_imports(self.ids))
        self.env.cr.execute(history_sql.forget_imports(self.ids))
        self.env["onep.supplier.offer"].invalidate_model()
        self.env["onep.supplier.offer.history"].invalidate_model()
        done = super().unlink()
        files.sudo().unlink()
        return done

    def _get_run_targets(self):
        return self.env.ref("onep_sourcing.group_sourcing_user")

    def _after_import(self):
        """What follows a successful import: the deals it touches are priced again."""
        self.env["onep.evaluation"]._enqueue_for_import(self)
