from datetime import UTC, datetime

from odoo import api, models

from ..clients.records import (
    CandidateBatch,
    FeeBatch,
    FigureBatch,
    IdentityBatch,
    RightsBatch,
)
from ..clients.steps import Step
from ..sql import market_stage
from ..sql import marketplace_offer as offer_sql

BATCHES = {
    Step.IDENTITY: IdentityBatch,
    Step.WIDE: FigureBatch,
    Step.DETAIL: FigureBatch,
    Step.RIGHTS: RightsBatch,
    Step.FEES: FeeBatch,
}


class OnepMarketplaceOffer(models.Model):
    """Keeping what marketplaces answer: COPY, then one upsert with its history."""

    _inherit = "onep.marketplace.offer"

    @api.model
    def _store_answer(self, marketplace, answer):
        """Keep one answer of a marketplace's client.

        :return: (run id, state, count) per run and state
        """
        columns = answer.table.column_names()
        self._stage(answer.step.value, columns, answer.table.columns())
        silent = getattr(answer.table, "silent", frozenset())
        rows = self._upsert(marketplace, answer.step, set(answer.table.state), silent)
        if answer.candidates is not None and len(answer.candidates):
            self._stage("candidate", CandidateBatch.column_names(), answer.candidates.columns())
            self.env.cr.execute(offer_sql.upsert_candidates(marketplace.id, self._get_moment()))
            self.env["onep.marketplace.candidate"].invalidate_model()
        return rows

    @api.model
    def _store_refused(self, marketplace, step, gtins, reason, detail):
        """List GTINs that were not answered, with the reason; see :meth:`_store_answer`."""
        self._stage(
            step.value,
            ("gtin", "state", "reason_codes", "reason_detail"),
            [gtins, *([value] * len(gtins) for value in ("error", reason, detail))],
        )
        return self._upsert(marketplace, step, {"error"}, frozenset())

    def _stage(self, kind, columns, values):
        """COPY columns of a batch into its stage."""
        whole = next((c for step, c in BATCHES.items() if step == kind), CandidateBatch)
        self.flush_model()
        self.env.cr.execute(market_stage.create_stage(kind, whole.column_names()))
        self.env.cr.copy_expert(
            market_stage.copy_statement(kind, columns), market_stage.as_csv(values)
        )

    def _upsert(self, marketplace, step, states, silent):
        moment = self._get_moment()
        common = {"marketplace_id": marketplace.id, "user_id": self.env.uid, "now": moment}
        statements = []
        if states & ({"found"} if step is Step.IDENTITY else {"found", "no_price", "not_found"}):
            columns = BATCHES[step].column_names()
            statements.append(offer_sql.upsert(step, columns, silent=silent, **common))
        if step is Step.IDENTITY and "not_found" in states:
            statements.append(offer_sql.upsert_not_found(**common))
        if "error" in states:
            statements.append(offer_sql.upsert_refused(step, **common))
        rows = []
        for statement in statements:
            rows += self.env.execute_query(statement)
        self.invalidate_model()
        self.env["onep.marketplace.offer.history"].invalidate_model()
        if step in offer_sql.SPEAKING:
            self._after_stored(marketplace, step, moment)
        return rows

    def _after_stored(self, marketplace, step, moment):
        """Something to do with an answer's figures, in the transaction that stored them (hook).

        Those that moved bear ``changed_at`` = ``moment``; the GTINs stand in the step's stage.
        """

    @api.model
    def _get_moment(self):
        """Now, to the microsecond: that is how one state is told from the next."""
        return datetime.now(UTC).replace(tzinfo=None)
