import io
import json
import tempfile
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest import detect, pipeline, readers
from ..ingest.issues import list_repairs
from ..sql import staging

BATCH_ROWS = 50_000
# Batches that are read and not yet on their way to the database.
BATCHES_AHEAD = 2
# Piece of a COPY [bytes].
COPY_BYTES = 4 << 20


class OnepImport(models.Model):
    """The first half of a run: the file by columns, batch after batch, into staging tables."""

    _inherit = "onep.import"

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

    def _stage(self, path):
        """File → staging tables, in batches of columns; memory is bounded by the batch.

        A batch travels to PostgreSQL while the next ones are read.

        :return: False when someone cancelled the import meanwhile
        """
        self._create_staging()
        shape = detect.FileShape.from_json(self.shape) if self.shape else detect.sniff(path)
        self.total_count = readers.estimate_rows(path, shape) or 0
        self._run_progress(0, phase=self.env._("Reading"))
        row_count = merged_count = 0
        settled = None
        repairs = Counter()
        batches = pipeline.run(
            path,
            shape,
            self._get_pipeline_mapping(),
            BATCH_ROWS,
            fields.Date.context_today(self),
        )
        for batch in self._read_ahead(batches):
            self._copy(
                self.env.cr,
                {
                    staging.OFFER_TABLE: batch.accepted,
                    staging.ISSUE_TABLE: batch.issues,
                    staging.STEP_TABLE: batch.steps,
                },
            )
            row_count += batch.row_count
            merged_count += batch.merged_count
            repairs += batch.repairs
            settled = batch.mapping
            self._run_progress(row_count)
            if self._run_is_cancelled():
                return False
        self.write(
            {
                "row_count": row_count,
                "total_count": row_count,
                "done_count": row_count,
                "merged_count": merged_count,
                "repairs": list_repairs(repairs) or False,
            }
        )
        self.shape = shape.to_json()
        if settled:  # a row that is corrected later is read the way the file was
            self.mapping = settled.to_json()
        return True

    @api.model
    def _read_ahead(self, batches):
        """Yield what an iterator gives, while the next ones are made in a thread of their own.

        The iterator must know nothing of the environment.
        """
        reader = ThreadPoolExecutor(1, "onep_import_reader")
        try:
            ahead = deque(reader.submit(next, batches, None) for _ in range(BATCHES_AHEAD))
            while (batch := ahead.popleft().result()) is not None:
                ahead.append(reader.submit(next, batches, None))
                yield batch
        finally:
            reader.shutdown(cancel_futures=True)
            batches.close()

    def _create_staging(self):
        """Empty staging tables in this database session."""
        self.env.cr.execute(staging.drop())
        for table in (staging.OFFER_TABLE, staging.ISSUE_TABLE, staging.STEP_TABLE):
            self.env.cr.execute(staging.create(table, staging.COLUMNS[table]))

    @api.model
    def _copy(self, cr, frames):
        """COPY frames into their staging tables; lists and dicts become JSON text.

        Large pieces: each one asks for the interpreter's lock, which the reading holds.
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
            statement = cr.mogrify(staging.copy(table, columns)).decode()
            cr.copy_expert(statement, buffer, COPY_BYTES)

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
