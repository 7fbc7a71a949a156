from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.session_lock import hold_alone

from ..sql import dependent_deals, evaluation_mark
from .counted import counted

#: Changes of this time are priced by one job.
DEBOUNCE_SECONDS = 60
#: Scopes that price every mark they see.
WHOLE_SCOPES = ("full", "waiting")


class OnepEvaluation(models.Model):
    """Pricing of what a change marked: what waits, and when it is done.

    Every run, whatever its scope, drops the marks that it saw when it began of the deals that it
    prices, in the transaction that stores them: a killed worker loses none, and a mark written
    meanwhile stays.
    """

    _inherit = "onep.evaluation"

    scope = fields.Selection(
        selection_add=[("waiting", "What changed")], ondelete={"waiting": "cascade"}
    )
    reasons = fields.Char(readonly=True, help="Keys of what changed, comma-separated.")
    reason_text = fields.Char(string="Why", compute="_compute_reason_text")

    @api.depends("reasons", "scope")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        labels = dict(
            self.env["onep.evaluation.mark"]._fields["reason"]._description_selection(self.env)
        )
        scopes = dict(self._fields["scope"]._description_selection(self.env))
        for run in self:
            keys = run.reasons.split(",") if run.reasons else []
            run.reason_text = ", ".join(labels[key] for key in keys) or scopes.get(run.scope)

    @api.model
    def _enqueue_for_import(self, import_record):
        """Other suppliers' offers follow when an import told more of their articles."""
        run = super()._enqueue_for_import(import_record)
        since = import_record.started_at
        if since:
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_enriched(import_record.feed_id.id, since), "product"
            )
        return run

    @api.model
    def _enqueue_waiting(self, company, at_once=False):
        """Queue the pricing of a company's marks, one job for the changes of a minute.

        at_once: do not wait for more changes
        """
        delay = 0 if at_once else DEBOUNCE_SECONDS
        job = (
            company.sudo()
            .with_delay(
                description=self.env._("Evaluation of what changed: %(name)s", name=company.name),
                eta=fields.Datetime.now() + timedelta(seconds=delay) if delay else None,
                identity_key=f"onep_evaluation_waiting-{company.id}",
            )
            ._job_price_waiting()
        )
        uuid = getattr(job, "uuid", False)
        if at_once and isinstance(uuid, str):
            queued = (
                self.env["queue.job"].sudo().search([("uuid", "=", uuid), ("eta", "!=", False)])
            )
            queued.write({"eta": False})

    @api.model
    def get_waiting_count(self):
        """Number of deals that wait in the companies at hand."""
        self.check_access("read")
        return self.env["onep.evaluation.mark"].sudo()._count_waiting()

    @api.model
    def action_reprice_waiting(self):
        """Price what waits in the companies at hand now, in the background."""
        count = self.get_waiting_count()
        Mark = self.env["onep.evaluation.mark"].sudo()
        for (company,) in Mark._read_group(
            [("company_id", "in", self.env.companies.ids)], ["company_id"]
        ):
            self._enqueue_waiting(company, at_once=True)
        message = counted(
            count,
            self.env._("1 deal is being priced again."),
            self.env._("%(count)s deals are being priced again.", count=count),
        )
        if not count:
            message = self.env._("No deal waits: every margin is up to date.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message},
        }

    @api.model
    def _price_waiting(self, company):
        """Price the marks of a company, as a run; returns the outcome in words."""
        runs = self.sudo().with_company(company)
        if not self._has_marks(company):
            return self.env._("Nothing to do: no deal waits.")
        # a run that a killed worker left goes on
        run = runs._find_under_way(company)
        if not run:
            run = runs.create(
                {
                    "name": self.env._("What changed"),
                    "scope": "waiting",
                    "state": "queued",
                    "company_id": company.id,
                }
            )
        return run._job_evaluate()

    @api.model
    def _find_under_way(self, company):
        """Return the run that prices what waits in a company; empty when none does."""
        return self.sudo().search(
            [
                ("scope", "=", "waiting"),
                ("state", "=", "running"),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )

    @api.model
    def _has_marks(self, company):
        domain = [("company_id", "=", company.id)]
        return bool(self.env["onep.evaluation.mark"].sudo().search_count(domain, limit=1))

    @api.model
    def _enqueue_forgotten(self):
        """Queue what waits and has no job: its change was saved while the last one ended."""
        Mark = self.env["onep.evaluation.mark"].sudo()
        for (company,) in Mark._read_group([], ["company_id"]):
            self._enqueue_waiting(company)

    def _price_places(self):
        """Two runs never take one company's marks at once; what came meanwhile is queued."""
        if self.scope != "waiting":
            return super()._price_places()
        with hold_alone(self.env, "onep_evaluation_waiting", self.company_id.id):
            outcome = super()._price_places()
        if self._has_marks(self.company_id):
            self._enqueue_waiting(self.company_id)
        return outcome

    def _see_marks(self):
        """Take note of the marks to drop, then read every rule anew.

        In this order, a rule is at least as new as the marks it left. What this worker has cached
        is not: it may hear of the change after the marks are there.
        """
        self.env.flush_all()
        self.env.cr.execute(evaluation_mark.see(self.company_id.id))
        counts = self.env.execute_query(evaluation_mark.reasons_seen())
        if self.scope == "waiting":
            self.reasons = ",".join(reason for reason, _count in counts)
        self._commit_progress()
        if counts:
            self.env.registry.clear_cache()
            self.env.invalidate_all()

    def _drop_marks(self, marketplace):
        """Drop the marks seen of the page that was just stored."""
        self.env.cr.execute(evaluation_mark.delete_priced(marketplace.id))

    def _drop_idle_marks(self):
        """Drop the marks seen that no deal is behind any more: gone offers, closed marketplaces."""
        if self.scope in WHOLE_SCOPES:
            self.env.cr.execute(evaluation_mark.delete_seen())
        elif self.scope == "marketplace":
            self.env.cr.execute(evaluation_mark.delete_seen(self.marketplace_id.id))

    def _get_scope(self, marketplace):
        if self.scope == "waiting":
            return evaluation_mark.of_seen(marketplace.id)
        return super()._get_scope(marketplace)

    def _get_archived(self):
        """A run of what changed archives among those; it does not look at all the others."""
        if self.scope == "waiting":
            return evaluation_mark.opportunities_seen()
        return super()._get_archived()
