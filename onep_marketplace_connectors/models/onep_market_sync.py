import time

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ..sql import market_gate, market_task

TRIES = 5
TRY_AGAIN_SECONDS = 0.05


class OnepMarketSync(models.Model):
    """One update of a marketplace's offers: what it was asked, and how far that is.

    The questions are tasks (onep.market.task) that the marketplace's workers ask; what they came
    to is counted in lines (onep.market.gate) that this run sums up now and then. A run ends when
    it has no task left.
    """

    _name = "onep.market.sync"
    _description = "Market Update"
    _inherit = "onep.run.mixin"
    _order = "id desc"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="marketplace_id.company_id", store=True, index=True, default=None
    )
    platform = fields.Selection(related="marketplace_id.platform")
    is_demo = fields.Boolean(related="marketplace_id.is_demo")
    kind = fields.Selection(
        [("sweep", "Sweep"), ("now", "Asked now")], required=True, default="sweep", readonly=True
    )
    seeded_at = fields.Datetime("Asked on", readonly=True, copy=False)
    asked_count = fields.Integer("EANs Asked", readonly=True, copy=False)
    left_count = fields.Integer(
        "Left for Later",
        readonly=True,
        copy=False,
        help="EANs that were due but do not fit in today's quota; the next sweep takes them first.",
    )
    found_count = fields.Integer("Found", readonly=True, copy=False)
    not_found_count = fields.Integer("Not Found", readonly=True, copy=False)
    priced_count = fields.Integer("With a Price", readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False)
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    failed_count = fields.Integer("Refused", readonly=True, copy=False)
    funnel_ids = fields.One2many("onep.market.funnel", "sync_id", "Steps")
    task_ids = fields.One2many("onep.market.task", "sync_id", "Waiting")
    offer_ids = fields.One2many("onep.marketplace.offer", "sync_id", "Market Offers")

    def action_retry(self):
        """Go on with what a failed or cancelled run left."""
        self.check_access("write")
        for sync in self.filtered(lambda sync: sync.state in ("failed", "cancelled")):
            sync.sudo().write({"state": "queued", "finished_at": False, "error_message": False})
            marketplace = sync.marketplace_id.sudo()
            marketplace.last_sync_id = sync
            marketplace._wake_workers(urgent=sync.kind == "now")

    def action_view_offers(self):
        """Open the market offers this run read."""
        self.ensure_one()
        return self.marketplace_id.action_view_offers() | {"domain": [("sync_id", "=", self.id)]}

    def action_view_tasks(self):
        """Open what still waits, in the order it will be asked."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_market_task_action"
        )
        return action | {"domain": [("sync_id", "=", self.id)]}

    @api.model
    def _prepare_sync_vals(self, marketplace, kind):
        return {
            "name": self.env._("%(marketplace)s, sweep", marketplace=marketplace.name)
            if kind == "sweep"
            else self.env._("%(marketplace)s, asked now", marketplace=marketplace.name),
            "marketplace_id": marketplace.id,
            "kind": kind,
            "state": "queued",
            "seeded_at": fields.Datetime.now(),
        }

    def _sum_up(self, phase=None, *, wait=False):
        """Bring the counts up to date, and end the runs that have nothing left to ask.

        To be called at the start of a transaction. Workers share a run: whoever finds its row
        taken leaves it to the other.

        wait: insist, as a worker does before it leaves
        """
        for run in self:
            for _attempt in range(TRIES if wait else 1):
                try:
                    with self.env.cr.savepoint():
                        run._sum_up_alone(phase, wait)
                    break
                except SerializationFailure:
                    # another worker summed up since this transaction began
                    run.invalidate_recordset()
                    self.env["onep.marketplace"]._commit_answers()
                    time.sleep(TRY_AGAIN_SECONDS)

    def _sum_up_alone(self, phase, wait):
        live = self.env.execute_query(
            SQL(
                "SELECT state FROM onep_market_sync WHERE id = %s AND state = ANY(%s)"
                " FOR NO KEY UPDATE %s",
                self.id,
                list(market_task.LIVE_STATES),
                SQL("") if wait else SQL("SKIP LOCKED"),
            )
        )
        if not live:
            return
        self.invalidate_recordset()
        vals = self._prepare_sums() | {"phase": phase}
        ((is_left,),) = self.env.execute_query(market_task.is_left(self.id))
        if is_left:
            self.write(vals | {"state": "running"})
        else:
            self.write(vals)
            self._finish()
        self._notify_run()
        self.env.flush_all()

    def _prepare_sums(self):
        sums = self.env.execute_query(market_gate.sum_gates([self.id]))
        _id, ended, found, not_found, refused = sums[0] if sums else (self.id, 0, 0, 0, 0)
        self.env["onep.marketplace.offer"].flush_model()
        ((new, changed, priced),) = self.env.execute_query(market_gate.count_moves(self.id))
        return {
            "started_at": self.started_at or fields.Datetime.now(),
            "done_count": min(int(ended or 0), self.total_count),
            "found_count": int(found or 0),
            "not_found_count": int(not_found or 0),
            "failed_count": int(refused or 0),
            "issue_count": int(refused or 0),
            "priced_count": priced,
            "new_count": new,
            "changed_count": changed,
        }

    def _finish(self):
        self.write(
            {
                "state": "done",
                "finished_at": fields.Datetime.now(),
                "phase": False,
                "done_count": self.total_count,
            }
        )
        self.env.cr.execute(market_gate.fold_gates(self.id))
        self.marketplace_id.sudo()._note_done(
            has_answered=bool(self.found_count or self.not_found_count)
        )
        self._after_sync()

    def _after_sync(self):
        """Something to do once market offers are fresh (hook)."""

    def _get_run_targets(self):
        return self.env.ref("onep_marketplace_connectors.group_connector_user")
