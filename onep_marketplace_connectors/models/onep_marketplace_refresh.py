from datetime import UTC, datetime, time, timedelta

import pytz
from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..clients.errors import MarketplaceError
from ..clients.steps import Step
from ..messages import error_message
from ..sql import market_task

VOLATILE_DAYS = 30
# a server that was down at the hour sweeps when it is back, but not by day
SWEEP_WINDOW = timedelta(hours=5)
# a sweep started by hand in the evening goes on into the night
LEAST_ROOM_SECONDS = 6 * 3600
CHANNEL = "root.onep_market"
# longer than most calls take: a question waits for the worker that holds its EAN
OVERTAKE_PATIENCE = "10s"
NOT_TOLD = ("sales_rank", "buy_box", "package_size", "price_unsold")


class OnepMarketplace(models.Model):
    """When and what a marketplace is asked: sweeps at night, a buyer's questions at once."""

    _inherit = "onep.marketplace"

    worker_count = fields.Integer(
        "Parallel Workers",
        default=2,
        help="Jobs that ask this marketplace at the same time; they share its quotas.",
    )
    is_swept = fields.Boolean(
        "Read Every Night", default=True, help="Ask what is due, most valuable first."
    )
    sweep_hour = fields.Integer(
        "At", default=2, help="Hour of the day, from 0 to 23, where the responsible person is."
    )
    last_sweep_at = fields.Datetime("Last Sweep", readonly=True, copy=False)
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
    _sweep_hour_of_day = models.Constraint(
        "CHECK(sweep_hour BETWEEN 0 AND 23)", "The hour of the sweep is between 0 and 23."
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
        return plan._get_records_action(target="new", name=self.env._("Plan of a sweep"))

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

    @api.model
    def _cron_sweep(self):
        """Start the sweeps that are due at this hour; one that cannot start says so alone."""
        for marketplace in self.search([("is_swept", "=", True)]):
            if not marketplace._is_sweep_due():
                continue
            # also one that cannot start: not once more each hour
            marketplace.last_sweep_at = fields.Datetime.now()
            try:
                marketplace._sync()
            except UserError as error:
                marketplace._note_pause(error.args[0])
            self.env["ir.cron"]._commit_progress(1)

    def _is_sweep_due(self):
        """Whether the hour of this account's sweep came and none began since."""
        self.ensure_one()
        now = fields.Datetime.now()
        slot = self._get_sweep_slot(now)
        is_begun = self.last_sweep_at and self.last_sweep_at >= slot
        return self.is_configured and now - slot < SWEEP_WINDOW and not is_begun

    def _get_sweep_slot(self, now):
        """When the latest nightly sweep was due, as of now (both UTC).

        An hour that the change of the clocks leaves out comes with the next one.
        """
        zone = pytz.timezone(self.user_id.tz or self.env.user.tz or "UTC")
        today = pytz.utc.localize(now).astimezone(zone).date()
        for day in (today, today - timedelta(days=1)):
            at = zone.localize(datetime.combine(day, time(self.sweep_hour)))
            slot = at.astimezone(pytz.utc).replace(tzinfo=None)
            if slot <= now:
                break
        return slot

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
            self.env.cr.execute(market_task.insert_gates(handed))
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

    def _get_wanted(self):
        """A SELECT of (gtin, bonus) worth asking for (hook): here, those already known.

        bonus: from 0 to 100, how near its threshold a decision on this product is
        """
        self.ensure_one()
        return SQL(
            "SELECT gtin, 0.0 AS bonus FROM onep_marketplace_offer WHERE marketplace_id = %s",
            self.id,
        )

    def _get_due(self, wanted, steps, *, everything=False):
        """The SELECT of what is to be asked; see sql/market_task.py."""
        now = fields.Datetime.now()
        hours = self.price_max_age_hours or 24
        ages = market_task.Ages(
            identity_since=now - timedelta(days=self.identity_max_age_days or 30),
            price_since=now - timedelta(hours=hours),
            volatile_since=now - timedelta(days=VOLATILE_DAYS),
            price_hours=hours,
        )
        return market_task.select_due(
            self.id, wanted, ages, has_identity=Step.IDENTITY in steps, everything=everything
        )

    def _get_gates(self, steps):
        """Which offers go into each step after the first: (step, condition), in funnel order.

        Conditions speak of market offer o and task t.
        """
        price = SQL(
            "coalesce(o.buy_box_price_taxed + coalesce(o.buy_box_shipping_taxed, 0),"
            " o.lowest_price_taxed)"
        )
        since = fields.Datetime.now() - timedelta(days=self.identity_max_age_days or 30)
        own = {
            Step.WIDE: SQL("o.external_id IS NOT NULL AND o.state NOT IN ('not_found', 'error')"),
            Step.DETAIL: SQL("o.state = 'found'"),
            Step.RIGHTS: SQL(
                "o.state IN ('found', 'no_price') AND (o.rights_at IS NULL OR o.rights_at < %s"
                " OR t.urgency = %s)",
                since,
                market_task.URGENT,
            ),
            Step.FEES: SQL(
                "o.state = 'found' AND %(price)s IS NOT NULL"
                " AND (o.fees_at IS NULL OR o.fees_at < %(since)s"
                " OR o.fee_price_taxed IS DISTINCT FROM %(price)s)",
                price=price,
                since=since,
            ),
        }
        return [
            (
                step.value,
                own[step]
                if step is Step.WIDE
                else SQL("(%s) AND (%s)", own[step], self._get_survivors(step)),
            )
            for step in Step
            if step in steps and step in own
        ]

    def _get_survivors(self, step):
        """Condition over market offer o and task t: worth this dear step (hook).

        Here only a person's own questions go as far as rights and fees.
        """
        if step is Step.DETAIL:
            return SQL("TRUE")
        return SQL("t.urgency = %s", market_task.URGENT)

    def _get_steps(self):
        """The steps this account can be asked for now, and the quotas they take.

        Raises UserError when the account is not set up.
        """
        try:
            with self._get_client() as client:
                return dict(client.steps()), self._get_present_limits()
        except MarketplaceError as error:
            raise UserError(error_message(self.env, error)) from None

    def _count_due(self, due, steps):
        """How many GTINs a sweep would ask at each step; unread ones are taken for survivors in
        the share of those that were read."""
        gates = [gate for gate in self._get_gates(steps) if gate[0] != Step.WIDE]
        ((identity, every, read, *passing),) = self.env.execute_query(
            market_task.count_due(self.id, due, gates)
        )
        counts = {"all": every, Step.WIDE.value: every}
        if Step.IDENTITY in steps:
            counts[Step.IDENTITY.value] = identity
        for (step, _gate), count in zip(gates, passing, strict=True):
            share = count / read if read else float(step == Step.DETAIL)
            counts[step] = count + round((every - read) * share)
        return counts

    @api.model
    def _get_seconds(self, counts, steps, limits):
        """Time that each operation takes for these counts at the quotas of now [s]."""
        seconds = {}
        for step, spec in steps.items():
            for operation, taken in spec.seconds(counts.get(step.value, 0), limits).items():
                seconds[operation] = seconds.get(operation, 0.0) + taken
        return seconds

    def _get_room_today(self, counts, steps, limits):
        """How many GTINs of a sweep fit in the quota left today, None when all do."""
        every = counts["all"]
        left = self._get_seconds_left_today()
        longest = max(self._get_seconds(counts, steps, limits).values(), default=0.0)
        if longest <= left:
            return None
        low, high = 0, every
        while low < high:
            middle = (low + high + 1) // 2
            part = {step: count * middle / every for step, count in counts.items()}
            fits = max(self._get_seconds(part, steps, limits).values(), default=0.0) <= left
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def _get_seconds_left_today(self):
        zone = pytz.timezone(self.user_id.tz or self.env.user.tz or "UTC")
        now = datetime.now(UTC).astimezone(zone)
        left = (24 - now.hour) * 3600 - now.minute * 60 - now.second
        return max(left, LEAST_ROOM_SECONDS)

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

    def _get_not_told(self):
        """What this marketplace does not give, in words."""
        self.ensure_one()
        client = self._get_client_classes().get(self.platform)
        if client is None:
            return False
        lacks = [name for name in NOT_TOLD if not getattr(client.capabilities, name)]
        words = {
            "sales_rank": self.env._("no sales rank"),
            "buy_box": self.env._("no buy box holder"),
            "package_size": self.env._("no parcel size"),
            "price_unsold": self.env._("no price of what you do not sell there"),
        }
        if not lacks:
            return False
        return self.env._(
            "%(marketplace)s gives %(lacks)s: such a figure stays empty, it is never invented.",
            marketplace=self._fields["platform"].convert_to_export(self.platform, self)
            or self.name,
            lacks=", ".join(words[name] for name in lacks),
        )
