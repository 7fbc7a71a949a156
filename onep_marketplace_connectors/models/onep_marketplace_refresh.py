from datetime import timedelta

from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..sql import market_gate, market_task

CHANNEL = "root.onep_market"
# longer than most calls take: a question waits for the worker that holds its EAN
OVERTAKE_PATIENCE = "10s"


class OnepMarketplace(models.Model):
    """When and what a marketplace is asked: sweeps at night, a buyer's questions at once."""

    _inherit = "onep.marketplace"

    worker_count = fields.Integer(
        "Parallel Workers",
        default=2,
        help="Jobs that ask this marketplace at the same time; they share its quotas.",
    )
    waiting_until = fields.Datetime("Paused Until", readonly=True, copy=False)
    waiting_message = fields.Text("Why It Waits", readonly=True, copy=False)
    is_held_up = fields.Boolean(compute="_compute_is_paused")
    waiting_count = fields.Integer("EANs Waiting", compute="_compute_waiting_count")
    doubtful_count = fields.Integer("Products to Confirm", compute="_compute_waiting_count")
    channel_id = fields.Many2one(
        "queue.job.channel",
        "Job Channel",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_system",
    )

    _worker_count_positive = models.Constraint(
        "CHECK(worker_count BETWEEN 1 AND 16)", "A marketplace has 1 to 16 workers."
    )

    @api.depends("waiting_until")
    def _compute_is_paused(self):
        now = fields.Datetime.now()
        for marketplace in self:
            marketplace.is_held_up = bool(
                marketplace.waiting_until and marketplace.waiting_until > now
            )

    def _compute_waiting_count(self):
        waiting = dict(
            self.env["onep.market.task"]
            .sudo()
            ._read_group([("marketplace_id", "in", self.ids)], ["marketplace_id"], ["__count"])
        )
        doubtful = dict(
            self.env["onep.marketplace.offer"]._read_group(
                [("marketplace_id", "in", self.ids), ("is_doubtful", "=", True)],
                ["marketplace_id"],
                ["__count"],
            )
        )
        for marketplace in self:
            marketplace.waiting_count = waiting.get(marketplace.sudo(), 0)
            marketplace.doubtful_count = doubtful.get(marketplace, 0)

    @api.model_create_multi
    def create(self, vals_list):
        """Each account has a job channel of its own: a slow one never holds up the others."""
        marketplaces = super().create(vals_list)
        for marketplace in marketplaces:
            marketplace._get_channel()
        return marketplaces

    def unlink(self):
        """The account's channel goes with it."""
        channels = self.sudo().channel_id
        result = super().unlink()
        channels.unlink()
        return result

    def action_plan(self):
        """How long a full sweep takes, and what limits it, before it starts."""
        plan = self.env["onep.market.plan"].create({"marketplace_ids": [(6, 0, self.ids)]})
        return plan._get_records_action(
            target="new",
            name=self.env._("Plan of a sweep"),
            # its sentences are long
            context=dict(self.env.context, dialog_size="extra-large"),
        )

    def action_sync(self):
        """Ask what is due in the background; shows the run when there is one marketplace."""
        syncs = self.env["onep.market.sync"].browse()
        for marketplace in self:
            syncs |= marketplace._sync()
        if len(syncs) == 1:
            return {
                "type": "ir.actions.act_window",
                "res_model": "onep.market.sync",
                "res_id": syncs.id,
                "views": [(False, "form")],
            }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_market_sync_action"
        )
        return action | {"domain": [("id", "in", syncs.ids)]}

    def action_view_doubtful(self):
        """Products that a person has to choose."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_offer_doubtful_action"
        )
        return action | {"domain": [("is_doubtful", "=", True), ("marketplace_id", "in", self.ids)]}

    def _sync(self, gtins=None):
        """Queue questions; returns the run. A sweep under way is given back as it is.

        gtins: canonical GTINs that a person waits for; they overtake whatever waits. By default
            all that is due, as far as today's quota goes.
        """
        self.ensure_one()
        self.check_access("read")
        Sync = self.env["onep.market.sync"].sudo()
        if gtins is None:
            running = Sync.search(
                [
                    ("marketplace_id", "=", self.id),
                    ("kind", "=", "sweep"),
                    ("state", "in", list(market_task.LIVE_STATES)),
                ],
                limit=1,
            )
            if running:
                # whose jobs may have been lost: those that are there are not queued twice
                self.sudo()._wake_workers()
                return running.sudo(False)
        elif not gtins:
            raise UserError(self.env._("Name the EANs to ask %(name)s for.", name=self.name))
        marketplace = self.sudo()
        kind = "sweep" if gtins is None else "now"
        if gtins is None:
            marketplace._check_wanted()
        sync = Sync.create(Sync._prepare_sync_vals(marketplace, kind))
        self.env.flush_all()
        self.env.cr.execute(market_task.stamp(sync.id))
        marketplace.last_sync_id = sync
        try:
            steps, limits = marketplace._get_steps()
        except UserError as error:
            # said on the run and on the account; the other marketplaces are asked all the same
            sync._run_fail(error.args[0])
            marketplace._note_check(False, error.args[0])
            return sync.sudo(False)
        if gtins is None:
            marketplace._seed_sweep(sync, steps, limits)
        else:
            marketplace._seed_now(sync, list(dict.fromkeys(gtins)), steps)
        marketplace._wake_workers(urgent=kind == "now")
        sync._notify_run()
        return sync.sudo(False)

    def _check_wanted(self):
        """A sweep needs something to ask."""
        if not self.env.execute_query(SQL("SELECT 1 FROM (%s) AS w LIMIT 1", self._get_wanted())):
            raise UserError(
                self.env._(
                    "%(marketplace)s has nothing to look up yet. Enter EANs with “Look up EANs”,"
                    " or import a supplier's file.",
                    marketplace=self.name,
                )
            )

    def _seed_sweep(self, sync, steps, limits):
        """Put in the queue what is due and fits in today's quota."""
        due = self._get_due(self._get_wanted(), steps)
        self.env.cr.execute(market_task.drop_left_over(self.id))
        counts = self._count_due(due, steps)
        limit = self._get_room_today(counts, steps, limits)
        self.env.cr.execute(
            market_task.seed(self.id, self.company_id.id, sync.id, due, market_task.SWEEP, limit)
        )
        asked = self.env.cr.rowcount
        sync.write(
            {
                "asked_count": asked,
                "total_count": asked,
                "left_count": max(counts["all"] - asked, 0),
            }
        )
        self.last_sweep_at = fields.Datetime.now()

    def _seed_now(self, sync, gtins, steps):
        """Put a person's questions before all others."""
        taken = self._overtake(sync, gtins)
        due = self._get_due(market_task.gtins(gtins), steps, everything=True)
        self.env.cr.execute(
            market_task.seed(self.id, self.company_id.id, sync.id, due, market_task.URGENT, None)
        )
        asked = self.env.cr.rowcount + sum(count for _former, count in taken)
        sync.write({"asked_count": asked, "total_count": asked})
        handed = [
            (former, "wide", 0, 0, 0, 0, 0, 0, count)
            for former, count in taken
            if former != sync.id
        ]
        if handed:
            self.env.cr.execute(market_gate.insert_gates(handed))
        self.env.invalidate_all()

    def _overtake(self, sync, gtins):
        """Take over tasks that wait already; see sql/market_task.py."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", OVERTAKE_PATIENCE))
                taken = self.env.execute_query(market_task.overtake(self.id, sync.id, gtins))
                self.env.cr.execute("SET LOCAL lock_timeout = DEFAULT")
        except LockNotAvailable:
            raise UserError(
                self.env._(
                    "%(name)s is answering some of these EANs at this moment. Ask again in a few"
                    " seconds.",
                    name=self.name,
                )
            ) from None
        return taken

    def _get_channel(self):
        """The job channel of this account; its workers are at most `worker_count`."""
        self.ensure_one()
        marketplace = self.sudo()
        if not marketplace.channel_id:
            marketplace.channel_id = (
                self.env["queue.job.channel"]
                .sudo()
                .create(
                    {
                        "name": f"account_{self.id}",
                        "parent_id": self.env.ref(
                            "onep_marketplace_connectors.queue_job_channel_onep_market"
                        ).id,
                    }
                )
            )
        return marketplace.channel_id.complete_name

    def _wake_workers(self, *, urgent=False):
        """Queue the workers that are not queued yet.

        urgent: one more, for what a person waits for: the others may be waiting for a quota
        """
        self.ensure_one()
        numbers = [0] if urgent else range(1, (self.worker_count or 1) + 1)
        for number in numbers:
            self.with_delay(
                description=self.env._("Questions to %(name)s", name=self.name),
                identity_key=f"onep_market-{self.id}-{number}",
                channel=self._get_channel(),
                priority=5 if urgent else 10,
            )._job_ask(number)

    def _forget_market(self):
        """Nothing that was asked of the former market is of use."""
        runs = (
            self.env["onep.market.sync"]
            .sudo()
            .search(
                [("marketplace_id", "in", self.ids), ("state", "in", list(market_task.LIVE_STATES))]
            )
        )
        runs.action_cancel()
        self.env["onep.market.task"].sudo().search([("marketplace_id", "in", self.ids)]).unlink()
        return super()._forget_market()

    def _note_pause(self, message, seconds=None):
        """Say on the account why nothing is asked of it at the moment."""
        until = fields.Datetime.now() + timedelta(seconds=seconds) if seconds else False
        self.sudo().write({"waiting_message": message, "waiting_until": until})

    def _note_done(self, *, has_answered):
        """A run came to its end.

        has_answered: the marketplace said something of one EAN at least: its keys work
        """
        vals = {
            "last_sync_at": fields.Datetime.now(),
            "waiting_message": False,
            "waiting_until": False,
        }
        # a right that is missing is missed by other calls
        if has_answered and self.connection_state != "limited":
            vals["connection_state"] = "ok"
        self.sudo().write(vals)
