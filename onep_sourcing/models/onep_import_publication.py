from collections import defaultdict
from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import api, models
from odoo.exceptions import UserError

from ..ingest.fields import BESIDE, FIELDS
from ..sql import product as product_sql
from ..sql import row_check, staged_offer, staging
from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_gone as gone_sql
from ..sql import supplier_offer_history as history_sql

# Memory that PostgreSQL may take to hash a file, which one import does at a time [MB].
WORK_MEM_MB = 384
# From so many rows on, tables are joined as a whole, never row by row.
LARGE_FROM = 5_000
# From so many new offers on, the statistics of the table are brought up to date at once.
ANALYSE_FROM = 10_000


class OnepImport(models.Model):
    """The second half of a run: staging tables → offers, history, products, quarantine.

    All or nothing, in one transaction.
    """

    _inherit = "onep.import"

    @contextmanager
    def _publish_alone(self):
        """Hold the lock that lets one import write at a time; imports are read side by side.

        The transaction in which it publishes begins after this: it sees what the others wrote.
        """
        self.env.cr.execute(staging.lock_publication())
        try:
            yield
        finally:
            cr = self.env.cr
            if not cr.closed:
                if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_INERROR:
                    cr.rollback()
                cr.execute(staging.unlock_publication())

    def _publish(self):
        """Staging tables → offers, history, products and issues: all or nothing.

        :return: False when nothing was published: cancelled, held for a person, or not one
            usable row
        """
        env, cr, feed = self.env, self.env.cr, self.feed_id
        self._run_progress(self.row_count, phase=env._("Writing"))
        # the first look of this transaction: who cancels later makes it fail, and start again
        if self._run_is_cancelled():
            cr.execute(staging.drop())
            return False
        currency, carried = self._match_staged()
        self._refuse_steps()
        accepted, quarantined = self._count_staged()
        if self._is_useless(accepted):
            self._discard_publication(quarantined)
            return False
        if reasons := self._get_hold_reasons():
            self._hold(reasons)
            return False
        match = self._get_match_summary()
        self._check_rows(currency, match, has_new=match.matched < accepted)
        self._refuse_steps()
        self._restore_cells()
        accepted, quarantined = self._count_staged()
        if self._is_useless(accepted):
            self._discard_publication(quarantined)
            return False
        counts = self._write_offers(currency, carried, accepted, self._marks_gone())
        self._replace_issues()
        cr.execute(staging.drop())
        feed.sudo().published_import_id = self
        self._settle_older()
        self._after_import()
        self._run_finish(
            accepted_count=accepted + self.merged_count,
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

        :return: (currencies of the staged rows, what they say of known offers)
        """
        env, cr, feed = self.env, self.env.cr, self.feed_id
        ((staged, _refused),) = env.execute_query(staging.count())
        is_large = staged >= LARGE_FROM
        currencies = env["res.currency"].search([])
        currency = staged_offer.Currencies(
            tuple(self._get_currency_rates(currencies)), feed.currency_id.name
        )
        carried = self._get_carried()
        env.flush_all()
        cr.execute(offer_sql.prepare(WORK_MEM_MB, is_large))
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
        return currency, carried

    def _refuse_steps(self):
        """Nothing is kept of the quantity steps of an offer that the database refused: their lines
        go to quarantine with it.
        """
        if not self.merged_count:
            return
        self.env.cr.execute(row_check.refuse_steps())
        if self.env.cr.rowcount:
            self.merged_count -= self.env.cr.rowcount

    def _is_useless(self, accepted):
        """Whether the file brings nothing: a delta may do no more than mark articles as deleted."""
        if accepted or self.feed_id.kind != "delta":
            return not accepted
        ((has_deletions,),) = self.env.execute_query(gone_sql.has_deletions())
        return not has_deletions

    def _count_staged(self):
        """(offers, quarantined rows): with the quantity steps, the rows of the file, or nothing
        goes on.
        """
        ((accepted, quarantined),) = self.env.execute_query(staging.count())
        if accepted + self.merged_count + quarantined != self.row_count:
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

    @api.model
    def _get_offer_columns(self, filled):
        """Columns of the offers that these fields fill, by the names of the normalised frame."""
        columns = {column for name in filled for column in FIELDS[name].columns}
        if "recommended_retail_price" in columns:
            columns.add("recommended_retail_price_taxed")
        if "tier_price" in filled:
            columns.add("tiers")
        return columns

    def _get_own_columns(self):
        """The supplier's own columns: those of the file that fill no field."""
        mapped = self._get_pipeline_mapping().fields
        return tuple(name for name in (self.shape or {}).get("columns") or () if name not in mapped)

    def _get_carried(self):
        """What this file says of a known offer: all for a full catalogue, whose silence counts.

        Of a delta, a value that is the same for all rows fills what an offer lacks, and replaces
        the one that the feed gave before: another feed may know better, article by article.
        """
        columns, beside, constants = self._get_filled_columns()
        own = {"constants": constants, "feed_id": self.feed_id.id}
        if self.feed_id.kind == "full":
            return staged_offer.Carried(staged_offer.COMPARED, **own)
        if self._get_own_columns():
            columns.add("extra")
        filled = columns | beside | constants
        return staged_offer.Carried(
            tuple(name for name in staged_offer.COMPARED if name in filled),
            self._get_own_columns(),
            frozenset(beside),
            gaps=constants,
            elsewhere=self._get_constants_elsewhere() if constants else {},
            **own,
        )

    def _get_filled_columns(self):
        """Columns of offers that the file fills: by its own columns, perhaps beside them, and with
        one value for all rows.
        """
        mapping = self._get_pipeline_mapping()
        by_row = self._get_row_fields(mapping)
        columns = self._get_offer_columns(by_row)
        constant = mapping.constants.keys() - by_row
        constants = self._get_offer_columns(constant) - columns
        beside = {column for name in by_row for column in BESIDE.get(name, ())}
        beside -= columns | constants
        more = {column for name in constant for column in BESIDE.get(name, ())}
        constants |= more - columns - beside
        return columns, beside, frozenset(constants & set(staged_offer.COMPARED))

    def _get_constants_elsewhere(self):
        """{column: other feeds of the supplier whose last import has one value for all rows}."""
        feed = self.feed_id.sudo()
        others = feed.search(
            [
                ("partner_id", "=", feed.partner_id.id),
                ("company_id", "=", feed.company_id.id),
                ("id", "!=", feed.id),
            ]
        )
        found = defaultdict(set)
        for published in others.published_import_id:
            for name in published._get_filled_columns()[2]:
                found[name].add(published.feed_id.id)
        return found

    def _write_offers(self, currency, carried, accepted, marks_gone):
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
        if marks_gone and self._count_gone()[1]:
            condition = self._get_gone_condition()
            cr.execute(history_sql.record_gone(**run, **owner, condition=condition))
            gone = cr.rowcount
        if gone:
            is_full = feed.kind == "full"
            listed_at = feed.published_import_id.finished_at if is_full else False
            cr.execute(gone_sql.mark(self.id, listed_at or None))
        if has_moved:
            cr.execute(
                offer_sql.update_moved(**run, user_id=env.uid, currency=currency, carried=carried)
            )
        if match.reattributed:
            cr.execute(offer_sql.reattribute(currency, carried))
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
                    carried=carried,
                )
            )
            new = cr.rowcount
        cr.execute(product_sql.link_variants())
        spans = None
        if match.unchanged:
            ((spans,),) = env.execute_query(offer_sql.unchanged_spans())
        for model in ("onep.supplier.offer", "onep.supplier.offer.history", "onep.product"):
            env[model].invalidate_model()
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
        """Not one row can be used: keep the reasons, leave the catalogue as it was.

        What waits of earlier files goes on waiting: this one replaces nothing.
        """
        self._restore_cells()
        self.issue_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            staging.insert_issues(self.id, self.feed_id.id, self.company_id.id, self.env.uid)
        )
        self.env["onep.import.issue"].invalidate_model()
        self.env.cr.execute(staging.drop())
        self.write({"accepted_count": 0, "quarantined_count": quarantined})
        self._fail(
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
