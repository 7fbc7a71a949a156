from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.modules import module

from odoo.addons.queue_job.exception import RetryableJobError

from ..ingest import mapping, pipeline, readers
from ..sql import row_check, staging


class OnepImport(models.Model):
    """Quarantined rows that a person corrected, imported after all."""

    _inherit = "onep.import"

    def _get_column_fields(self):
        """{column of the file: target field} of this import."""
        return dict(self._get_pipeline_mapping().fields) if self else {}

    def _replay(self, issues):
        """Read the rows of these issues again, with their corrections, the way the file was read.

        Rows in = accepted + quarantined stays true: what is accepted now leaves the quarantine,
        what is still refused says why. A row that only had a warning was accepted, and stays so.

        :return: (rows accepted, rows still refused, rows left out as others have their article)
        """
        self.ensure_one()
        with self._replay_exclusively():
            waiting = issues.exists().filtered(lambda issue: issue.state == "open")
            if not waiting or self._is_replaced():
                raise UserError(issues._get_settled_message())
            return self._replay_alone(waiting)

    def _is_replaced(self):
        """Whether a later file of the feed was imported."""
        return self.feed_id.published_import_id.id > self.id

    @contextmanager
    def _replay_exclusively(self):
        """Hold the locks of an import; a person at a screen is told when they are taken.

        What was committed before they are held is seen, and what is written is committed before
        they are given back. Tests never commit.
        """
        try:
            with self._run_alone(self.feed_id.id), self._try_publish_alone():
                self._commit_replay()
                yield
                self._commit_replay()
        except RetryableJobError as error:
            raise UserError(
                self.env._(
                    "A file of %(feed)s is being imported: replay these rows when it is done.",
                    feed=self.feed_id.name,
                )
            ) from error

    @contextmanager
    def _try_publish_alone(self):
        """Hold the lock of publication, as an import does, but never wait for it."""
        cr = self.env.cr
        ((is_free,),) = self.env.execute_query(staging.try_lock_publication())
        if not is_free:
            raise RetryableJobError("Another import is being published")
        try:
            yield
        finally:
            if not cr.closed:
                if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_INERROR:
                    cr.rollback()
                cr.execute(staging.unlock_publication())

    def _commit_replay(self):
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()

    def _replay_alone(self, issues):
        # a row is read once, with what was corrected on any of its issues
        issues |= issues.search(
            [
                ("import_id", "=", self.id),
                ("line", "in", list(self._add_refused_with(issues))),
                ("state", "=", "open"),
            ]
        )
        rows = {
            line: told.sorted(lambda issue: staging.SEVERITIES.index(issue.severity))
            for line, told in issues.sorted("line").grouped("line").items()
        }
        fields_of = self._get_column_fields()
        todo = {
            line: told
            for line, told in rows.items()
            if all(issue._may_pass(fields_of) for issue in told)
        }
        if not todo:
            return 0, len(rows), 0
        batch = self._read_again(todo)
        repeated = self._find_repeated(batch, todo)
        todo = {line: told for line, told in todo.items() if line not in repeated}
        looked_at = [
            line
            for line, told in todo.items()
            if set(told.mapped("rule")) & set(row_check.PRICE_RULES)
        ]
        quarantined = [line for line, told in todo.items() if told[0].severity == "refuse"]
        frames = {
            staging.OFFER_TABLE: batch.accepted,
            staging.ISSUE_TABLE: batch.issues,
            staging.STEP_TABLE: batch.steps,
        }
        frames = {name: frame[~frame["line"].isin(repeated)] for name, frame in frames.items()}
        refused, counts = self._publish_rows(frames, looked_at, quarantined)
        for line, values in refused.items():
            todo[line][0].write(values)
        taken = [told for line, told in todo.items() if line not in refused]
        issues.browse().concat(*taken).write({"state": "replayed"})
        merged = set(batch.steps["line"].tolist()) & {*quarantined} - {*refused}
        self.merged_count += len(merged)
        self._count_replayed(len(set(quarantined) - set(refused)), *counts)
        return len(taken), len(rows) - len(taken) - len(repeated), len(repeated)

    def _add_refused_with(self, issues):
        """Lines of these issues; of an offer that the database refused, with its quantity steps."""
        lines = set(issues.mapped("line"))
        together = {*row_check.DATABASE_RULES, row_check.STEP_RULE}
        doubted = issues.filtered(lambda issue: issue.rule in together).mapped("line")
        if doubted:
            told = self.env.execute_query(staging.select_issue_lines(self.id, [], doubted))
            lines.update(line for _sku, line, rule, _severity in told if rule in together)
        return lines

    def _read_again(self, rows):
        """{line: its issues} → what the pipeline makes of these rows, as they were corrected."""
        columns = list(
            dict.fromkeys(
                column
                for told in rows.values()
                for issue in told
                for column in issue._get_columns()
            )
        )
        texts = [[told._get_text(column) for column in columns] for told in rows.values()]
        try:
            return pipeline.process(
                readers.RawFrame.from_sample(columns, texts, list(rows)),
                self._get_pipeline_mapping(),
                today=fields.Date.context_today(self),
            )
        except mapping.InvalidMapping as error:
            raise UserError(
                self.env._(
                    "The columns of this file no longer fit its mapping: import the file again."
                )
            ) from error

    def _find_repeated(self, batch, rows):
        """Lines that give an article which other lines of the file give too.

        An offer is made of all of them: from one line alone, it would lose its quantity steps, or
        the price of the line that was kept. Where the file has steps, nobody knows any more which
        articles have, so that known articles are left as they are, unless all their lines wait.

        :param rows: {line: its issues}
        """
        lines_of = {}
        for line, sku in zip(batch.raw.lines.tolist(), batch.skus.tolist(), strict=True):
            if isinstance(sku, str):
                lines_of.setdefault(sku, []).append(line)
        told = self.env.execute_query(
            staging.select_issue_lines(self.id, list(lines_of), list(rows))
        )
        is_stepped = (
            bool(self.merged_count or batch.merged_count)
            or "tier_qty" in self._get_column_fields().values()
            or any(rule == row_check.STEP_RULE for _sku, _line, rule, _severity in told)
        )
        seen = dict(
            self.env.execute_query(
                row_check.select_seen(
                    import_id=self.id,
                    partner_id=self.partner_id.id,
                    company_id=self.company_id.id,
                    skus=list(lines_of),
                )
            )
        )
        repeated = {
            line
            for sku, lines in lines_of.items()
            for line in lines
            if seen.get(sku) and rows[line][0].severity == "refuse"
        }
        if not is_stepped:
            return repeated
        waiting, refused_whole, was = {}, set(), {}
        for sku, line, rule, severity in told:
            waiting.setdefault(sku, set()).add(line)
            was[line] = sku
            if severity == "refuse" and rule in row_check.DATABASE_RULES:
                refused_whole.add(sku)
        for sku, lines in lines_of.items():
            articles = {sku, *(was.get(line, sku) for line in lines)}
            needed = set().union(*(waiting.get(article, ()) for article in articles))
            is_known = bool(self.merged_count) and sku in seen and sku not in refused_whole
            if is_known or needed - {*lines}:
                repeated.update(lines)
        return repeated

    def _publish_rows(self, frames, looked_at, quarantined):
        """Write accepted rows over the catalogue; nothing is marked gone.

        :param frames: {staging table: its rows}
        :param looked_at: lines whose price a person has looked at
        :param quarantined: lines that the import did not count as offers
        :return: {line: values of the issue} of the rows that are still refused; of the
            quarantined lines, (new offers, changed offers, ids of unchanged offers)
        """
        env, cr = self.env, self.env.cr
        self._create_staging()
        self._copy(cr, frames)
        currency, carried = self._match_staged()
        ((staged, _refused),) = env.execute_query(staging.count())
        match = self._get_match_summary()
        self._check_rows(currency, match, match.matched < staged, looked_at)
        cr.execute(row_check.refuse_steps())
        ((staged, _refused),) = env.execute_query(staging.count())
        (counts,) = env.execute_query(staging.count_matched(quarantined))
        self._write_offers(currency, carried, staged, marks_gone=False)
        refused = {
            line: {"rule": rule, "field": field, "reasons": reasons}
            for line, rule, field, reasons in env.execute_query(staging.select_refused())
        }
        cr.execute(staging.drop())
        offers = env["onep.supplier.offer"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("supplier_sku", "in", frames[staging.OFFER_TABLE]["supplier_sku"].tolist()),
            ]
        )
        if offers:
            env["onep.evaluation"]._enqueue_for_offers(offers)
        return refused, counts

    def _count_replayed(self, taken, new, changed, unchanged_ids):
        """Rows that left the quarantine are counted the way the import would have."""
        quarantined = self.quarantined_count - taken
        spans = [bound for offer_id in unchanged_ids for bound in (offer_id, offer_id)]
        self.write(
            {
                "accepted_count": self.accepted_count + taken,
                "quarantined_count": quarantined,
                "issue_count": quarantined,
                "new_count": self.new_count + new,
                "changed_count": self.changed_count + changed,
                "unchanged_count": self.unchanged_count + len(unchanged_ids),
                "unchanged_spans": [*(self.unchanged_spans or []), *spans] or False,
            }
        )
