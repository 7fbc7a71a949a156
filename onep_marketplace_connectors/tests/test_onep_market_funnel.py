from datetime import datetime
from unittest.mock import patch

import psycopg2
from psycopg2.errors import LockNotAvailable

from odoo import fields
from odoo.exceptions import UserError
from odoo.sql_db import connection_info_for
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.onep_marketplace_connectors.clients.errors import (
    BadCredentials,
    ContractChanged,
    MissingPermission,
    RateLimited,
    ServiceDown,
)
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.retry import MAX_ATTEMPTS
from odoo.addons.onep_marketplace_connectors.clients.steps import Step
from odoo.addons.onep_marketplace_connectors.models import onep_marketplace_worker
from odoo.addons.onep_marketplace_connectors.sql import market_task
from odoo.addons.queue_job.exception import RetryableJobError

from .fake_marketplace import FakeMarket
from .funnel_case import FunnelCase
from .market_case import gtins

WORKER_LOGGER = "odoo.addons.onep_marketplace_connectors.models.onep_marketplace_worker"


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketFunnel(FunnelCase):
    def gates(self, run):
        """Counts of a run by step: (answered, found, went on, stopped here)."""
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            line.step: (
                line.asked_count,
                line.found_count,
                line.passed_count,
                line.ended_count,
            )
            for line in run.funnel_ids
        }

    def known(self, count, **values):
        """Offers that were read two days ago, cheapest to ask again."""
        offers = self.env["onep.marketplace.offer"].create(
            [
                {
                    "marketplace_id": self.place.id,
                    "gtin": gtin,
                    "external_id": f"B{gtin[-9:]}",
                    "state": "found",
                    "fetched_at": fields.Datetime.now(),
                    "identified_at": fields.Datetime.now(),
                    **values,
                }
                for gtin in gtins(count)
            ]
        )
        self.age(offers, days=2)
        return offers

    def test_a_question_walks_through_every_step(self):
        first, unknown = gtins(2)
        self.market.tell(unknown, Step.IDENTITY, state="not_found", reason_codes="unknown-gtin")
        run = self.sync(self.place, [first, unknown])
        self.assertEqual((run.state, run.done_count, run.total_count), ("done", 2, 2))
        self.assertEqual(
            [step for step, _part in self.market.asked],
            [Step.IDENTITY, Step.WIDE, Step.DETAIL, Step.RIGHTS, Step.FEES],
        )
        self.assertEqual(
            self.gates(run),
            {
                "identity": (2, 1, 1, 1),
                "wide": (1, 1, 1, 0),
                "detail": (1, 1, 1, 0),
                "rights": (1, 1, 1, 0),
                "fees": (1, 1, 0, 1),
            },
        )
        offer = self.offer(first)
        self.assertEqual(
            (offer.buy_box_price_taxed, offer.buy_box_seller, offer.may_sell, offer.fee_total),
            (20.0, "S1", "yes", 5.0),
        )
        self.assertEqual(self.offer(unknown).state, "not_found")
        self.assertEqual((run.found_count, run.not_found_count, run.priced_count), (1, 1, 1))

    def test_a_run_that_ended_keeps_one_line_of_counts_for_each_step(self):
        # a quota between, so that each step is asked in several batches
        self.market.errors = [None, RateLimited(1, operation="identity")] * 3
        run = self.place._sync(gtins(60))
        self.pause_of(self.place)
        self.shifts(run)
        lines = self.env["onep.market.gate"].search([("sync_id", "=", run.id)])
        self.assertEqual(sorted(lines.mapped("step")), sorted(step.value for step in Step))
        self.assertEqual(set(lines.mapped("asked_count")), {60})
        self.assertEqual(self.gates(run)["identity"], (60, 60, 60, 0))

    def test_a_sweep_keeps_the_dear_steps_for_survivors(self):
        self.known(4)
        passing, *_others = gtins(4)
        self.patch(
            self.env.registry["onep.marketplace"],
            "_get_survivors",
            lambda place, step: SQL("o.gtin = %s", passing),
        )
        run = self.sweep(self.place)
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self.asked(Step.WIDE)), 4)
        self.assertEqual(self.asked(Step.DETAIL), [passing])
        self.assertEqual(self.asked(Step.RIGHTS), [passing])
        self.assertEqual(self.gates(run)["wide"], (4, 4, 1, 3))

    def test_what_a_thing_is_lives_longer_than_its_price(self):
        gtin = gtins(1)[0]
        self.sync(self.place, [gtin])
        self.age(self.offer(gtin), days=2)
        self.sweep(self.place)
        self.assertEqual(len(self.asked(Step.IDENTITY)), 1)
        self.assertEqual(len(self.asked(Step.WIDE)), 2)
        self.age(self.offer(gtin), days=31)
        self.sweep(self.place)
        self.assertEqual(len(self.asked(Step.IDENTITY)), 2)

    def test_what_is_fresh_or_unknown_for_weeks_is_not_asked(self):
        fresh, unknown = gtins(2)
        self.market.tell(unknown, Step.IDENTITY, state="not_found")
        self.sync(self.place, [fresh, unknown])
        self.market.asked.clear()
        run = self.sweep(self.place)
        self.assertEqual((run.state, run.asked_count), ("done", 0))
        self.age(self.offer(unknown), days=2)
        self.assertEqual(self.sweep(self.place).asked_count, 0, "its identity is still good")
        self.assertFalse(self.market.asked)

    def test_order_of_value(self):
        stale, volatile, near, never = gtins(4)
        offers = self.known(3)
        offers.filtered(lambda offer: offer.gtin == never).unlink()
        moving = offers.filtered(lambda offer: offer.gtin == volatile)
        self.env["onep.marketplace.offer.history"].create(
            [
                {
                    "offer_id": moving.id,
                    "first_seen_at": datetime(2026, 1, 1, hour).replace(
                        year=fields.Date.today().year, month=fields.Date.today().month, day=1
                    ),
                    "last_seen_at": fields.Datetime.now(),
                }
                for hour in range(5)
            ]
        )
        self.patch(
            self.env.registry["onep.marketplace"],
            "_get_wanted",
            lambda place: SQL(
                "SELECT * FROM (VALUES (%s, 0.0), (%s, 0.0), (%s, 90.0), (%s, 0.0))"
                " AS w (gtin, bonus)",
                stale,
                volatile,
                near,
                never,
            ),
        )
        self.market.steps = {Step.WIDE: self.market.steps[Step.WIDE]}
        self.sweep(self.place)
        self.assertEqual(self.asked(Step.WIDE), [never, near, volatile, stale])

    def test_a_question_overtakes_the_sweep(self):
        self.market.steps.pop(Step.DETAIL)
        self.known(30)
        last = gtins(30)[-1]
        sweep = self.place._sync()
        self.market.errors = [None, RateLimited(60, operation="wide")]
        self.pause_of(self.place, 1)
        self.assertLess(len(self.asked(Step.WIDE)), 30)
        waiting = [gtin for gtin in gtins(30) if gtin not in self.asked(Step.WIDE)]
        self.assertIn(last, waiting)
        now = self.place._sync([last])
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((now.state, now.done_count), ("done", 1))
        self.assertEqual(self.asked(Step.WIDE)[-1], last)
        self.assertIn(Step.RIGHTS, [step for step, _part in self.market.asked])
        self.place._job_ask(1)
        self.env.invalidate_all()
        self.assertEqual((sweep.state, sweep.done_count, sweep.total_count), ("done", 30, 30))
        self.assertEqual(self.asked(Step.WIDE).count(last), 1)

    def test_a_question_waits_for_the_worker_that_holds_its_ean(self):
        """On connections of their own, on a copy of the table."""
        _name, info = connection_info_for(self.env.cr.dbname)
        schema = "onep_test_overtake"
        gtin = gtins(1)[0]

        def connect():
            connection = psycopg2.connect(**info, options=f"-c search_path={schema},public")
            self.addCleanup(connection.close)
            return connection, connection.cursor()

        keeper, rows = connect()
        keeper.autocommit = True
        rows.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        self.addCleanup(rows.execute, f"DROP SCHEMA {schema} CASCADE")
        rows.execute(f"CREATE TABLE {schema}.onep_market_task (LIKE public.onep_market_task)")
        rows.execute(
            "INSERT INTO onep_market_task (id, marketplace_id, company_id, sync_id, gtin, step,"
            " urgency, value, attempts) VALUES (1, 7, 1, 5, %s, 'wide', 1, 0, 0)",
            [gtin],
        )
        worker, held = connect()
        held.execute("SELECT id FROM onep_market_task FOR UPDATE")
        buyer, question = connect()
        question.execute("SET lock_timeout = '100ms'")
        overtake = market_task.overtake(7, 6, [gtin])
        with self.assertRaises(LockNotAvailable):
            question.execute(overtake.code, overtake.params)
        buyer.rollback()
        worker.rollback()
        question.execute(overtake.code, overtake.params)
        self.assertEqual(question.fetchall(), [(5, 1)])
        buyer.rollback()

    def test_an_ean_in_a_worker_s_hands_is_said_to_the_buyer(self):
        def refuse(*_args):
            return SQL("DO $$ BEGIN RAISE lock_not_available; END $$")

        with (
            patch.object(market_task, "overtake", refuse),
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "in a few seconds"),
        ):
            self.place._sync(gtins(1))

    def test_today_s_quota_bounds_a_sweep(self):
        self.known(30)
        place = self.env.registry["onep.marketplace"]
        self.patch(place, "_get_present_limits", lambda _place: {"wide": Limit(0.5, 1)})
        self.patch(place, "_get_seconds_left_today", lambda _place: 2.0)
        run = self.place._sync()
        # one call at once and one more in two seconds, of ten EANs each
        self.assertEqual((run.asked_count, run.left_count), (20, 10))

    def test_spent_quota_waits_for_several_calls(self):
        self.known(3)
        self.place._sync()
        self.market.errors = [RateLimited(0.2, operation="wide")]
        with patch.object(
            onep_marketplace_worker._Shift, "_get_limits", lambda shift, step: [Limit(10, 40)]
        ):
            pause = self.pause_of(self.place, 1)
        # half of what the bucket holds: 40 calls at 10 a second, less the time this took
        self.assertTrue(1.0 < pause.seconds <= 2.0, pause.seconds)

    def test_put_off_then_listed_with_its_reason(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        for _try in range(2):
            self.market.errors = [ContractChanged(operation="search", detail="no items")]
            self.pause_of(self.place)
            self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
        self.market.errors = [ContractChanged(operation="search", detail="no items")]
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.failed_count), ("done", 1))
        offer = self.offer(gtin)
        self.assertEqual((offer.state, offer.reason_detail), ("error", "no items"))
        self.assertEqual(
            offer.reason,
            "The marketplace gave no answer for this EAN. Its answers came in a form that could"
            " not be read. no items",
        )

    def shifts(self, run, count=30):
        """Let worker 0 come back, each time as if the pause were over, until the run ends."""
        for _shift in range(count):
            try:
                self.place._job_ask(0)
            except RetryableJobError:
                self.env.flush_all()
                self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
            self.env.invalidate_all()
            if run.state not in ("queued", "running"):
                break

    def test_one_question_that_spoils_its_batch_is_listed_alone(self):
        self.market = FakeMarket(batch_size=20)
        asked = gtins(20)
        bad = asked[13]
        self.market.poison = {bad}
        run = self.place._sync(asked)
        self.shifts(run)
        self.assertEqual((run.state, run.failed_count, run.found_count), ("done", 1, 19))
        self.assertEqual({gtin for gtin in asked if self.offer(gtin).state == "error"}, {bad})
        self.assertEqual(len(self.asked(Step.IDENTITY)), 19, "each answered once")
        failed = [count for step, count in self.market.senseless if step == Step.IDENTITY]
        # twice whole, then by halves, twice alone
        self.assertEqual(failed, [20, 20, 10, 5, 2, 1, 1])

    def test_outages_between_do_not_list_the_neighbours(self):
        asked = gtins(20)
        self.market.poison = {asked[3]}
        down = ServiceDown(10, cause="HTTP 503")
        run = self.place._sync(asked)
        for _time in range(4):
            self.market.errors = [down]
            self.shifts(run, 2)
        self.shifts(run)
        self.assertEqual((run.state, run.failed_count, run.found_count), ("done", 1, 19))
        self.assertEqual(self.offer(asked[3]).state, "error")

    def test_what_overtakes_is_asked_in_whole_batches(self):
        asked = gtins(10)
        self.market.poison = {asked[0]}
        self.place._sync(asked)
        self.pause_of(self.place)
        self.assertEqual(self.part_sizes(), {10})
        self.place._sync(asked)
        self.assertEqual(self.part_sizes(), {None})

    def part_sizes(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT part_size FROM onep_market_task WHERE marketplace_id = %s",
            [self.place.id],
        )
        return {size for (size,) in self.env.cr.fetchall()}

    @mute_logger(WORKER_LOGGER)
    def test_a_marketplace_that_makes_no_sense_is_stopped_and_somebody_told(self):
        asked = gtins(40)
        self.market.poison = set(asked)
        run = self.place._sync(asked)
        self.shifts(run)
        self.assertEqual(run.state, "failed")
        self.assertIn("unexpected form", run.error_message)
        self.assertEqual(len(self.market.senseless), 12, "counted across shifts")
        self.assertEqual(len(run.task_ids), 40, "no EAN is listed for it")
        self.assertEqual(len(self.place.activity_ids), 1)
        self.assertEqual(self.place.connection_state, "unchecked", "its keys are not in doubt")
        # the connector was updated
        self.market.poison = set()
        run.action_retry()
        self.shifts(run)
        self.assertEqual((run.state, run.found_count), ("done", 40))

    def test_an_outage_that_does_not_end_lists_what_it_reached(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        for _try in range(MAX_ATTEMPTS - 1):
            self.market.errors = [ServiceDown(10, cause="HTTP 503")]
            self.pause_of(self.place)
            self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
        self.assertEqual(run.state, "running")
        self.market.errors = [ServiceDown(10, cause="HTTP 503")]
        self.place._job_ask(0)
        offer = self.offer(gtin)
        self.assertEqual((run.state, offer.state), ("done", "error"))
        self.assertIn("gave no answer", offer.reason)
        self.assertIn("HTTP 503", offer.reason)

    def test_connected_when_something_was_answered(self):
        gtin = gtins(1)[0]
        self.market.poison = {gtin}
        self.shifts(self.place._sync([gtin]))
        self.assertEqual(self.offer(gtin).state, "error")
        self.assertEqual(self.place.connection_state, "unchecked", "nothing was answered")
        self.market.poison = set()
        self.place.connection_state = "limited"
        self.sync(self.place, [gtin])
        self.assertEqual(self.place.connection_state, "limited", "other calls miss the right")
        self.place.connection_state = "failed"
        self.sync(self.place, [gtin])
        self.assertEqual(self.place.connection_state, "ok")

    def test_a_dear_call_that_counts_otherwise_is_no_change(self):
        gtin = gtins(1)[0]
        self.market.tell(gtin, Step.WIDE, offer_count=9)
        self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((offer.offer_count, len(offer.history_ids)), (3, 1))
        run = self.sync(self.place, [gtin])
        self.assertEqual((run.changed_count, len(self.offer(gtin).history_ids)), (0, 1))
        self.market.tell(gtin, Step.WIDE, offer_count=8)
        self.market.tell(gtin, Step.DETAIL, offer_count=2)
        run = self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((run.changed_count, offer.offer_count), (1, 2))
        self.assertEqual(offer.history_ids.mapped("offer_count"), [2, 3])

    @mute_logger(WORKER_LOGGER)
    def test_refused_keys_stop_this_account_and_are_resumed(self):
        run = self.place._sync(gtins(3))
        self.market.errors = [BadCredentials(detail="key unknown")]
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual(run.state, "failed")
        self.assertIn("key unknown", run.error_message)
        self.assertEqual(len(run.task_ids), 3, "what was not asked still waits")
        run.action_retry()
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("done", 3))

    def test_a_missing_right_skips_the_step_only(self):
        gtin = gtins(1)[0]
        self.market.errors = [
            None,
            None,
            None,
            MissingPermission(operation="getListingsRestrictions", detail="role missing"),
        ]
        run = self.sync(self.place, [gtin])
        self.assertEqual(run.state, "done")
        offer = self.offer(gtin)
        self.assertFalse(offer.may_sell)
        self.assertEqual(offer.fee_total, 5.0)
        self.assertIn("role missing", self.place.waiting_message)

    def test_a_missing_right_in_mid_sweep_leaves_nothing_waiting(self):
        asked = gtins(25)
        self.market.errors = [
            None,
            None,
            MissingPermission(operation="getItemOffersBatch", detail="role missing"),
        ]
        run = self.sync(self.place, asked)
        self.assertEqual(run.state, "done")
        self.assertFalse(self.asked(Step.DETAIL))
        self.assertEqual({self.offer(gtin).fee_total for gtin in asked}, {5.0})
        answered, found, passed, ended = self.gates(run)["detail"]
        self.assertEqual((answered, found, ended), (0, 0, 0), "it was never asked")
        self.assertGreater(passed, 0)
        self.assertEqual(run.failed_count, 0)

    def test_what_waits_for_a_step_that_is_gone_moves_on(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        self.market.errors = [None, None, ServiceDown(10, cause="HTTP 503")]
        self.pause_of(self.place)
        self.assertEqual(run.task_ids.step, "detail")
        self.market.steps.pop(Step.DETAIL)
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.offer(gtin).fee_total, 5.0)

    def test_gates_are_built_once_a_shift(self):
        self.known(60)
        place = self.env.registry["onep.marketplace"]
        self.place._sync()
        with patch.object(
            place, "_get_survivors", side_effect=lambda step: SQL("TRUE")
        ) as survivors:
            self.place._job_ask(1)
        self.assertEqual(len(self.asked(Step.WIDE)), 60)
        self.assertEqual(survivors.call_count, 3, "once for each dear step")

    def test_a_dear_call_that_fails_keeps_what_the_cheap_one_said(self):
        gtin = gtins(1)[0]
        self.market.tell(gtin, Step.DETAIL, state="error", reason_codes="item-refused")
        self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((offer.state, offer.buy_box_price_taxed), ("found", 20.0))
        self.assertIn("refused", offer.reason)

    def test_outage_leaves_what_it_did_not_reach_alone(self):
        self.known(30)
        run = self.place._sync()
        self.market.errors = [ServiceDown(10, cause="HTTP 503")]
        pause = self.pause_of(self.place, 1)
        self.assertGreater(pause.seconds, 5)
        self.assertEqual(sum(run.task_ids.mapped("attempts")), 10, "one batch was tried")

    def test_a_new_sweep_takes_over_what_a_stopped_one_left(self):
        self.known(5)
        first = self.place._sync()
        first.action_cancel()
        second = self.sweep(self.place)
        self.assertEqual((second.state, second.asked_count), ("done", 5))
        first.action_retry()
        self.place._job_ask(1)
        self.env.invalidate_all()
        self.assertEqual(first.state, "done")

    def test_nightly_sweep_at_its_hour(self):
        self.known(2)
        others = self.env["onep.marketplace"].search([("id", "!=", self.place.id)])
        others.is_swept = False
        self.place.write({"sweep_hour": 3})
        self.place.user_id.tz = "UTC"
        Marketplace = self.env["onep.marketplace"]

        def is_due(at):
            now = fields.Datetime.to_datetime(at)
            with patch.object(fields.Datetime, "now", lambda: now):
                return self.place._is_sweep_due()

        self.assertFalse(is_due("2026-11-26 02:55:00"))
        self.assertTrue(is_due("2026-11-26 03:05:00"))
        self.assertTrue(is_due("2026-11-26 05:40:00"), "the server was down at three")
        self.assertFalse(is_due("2026-11-26 12:00:00"), "not by day")
        self.place.last_sweep_at = "2026-11-26 03:05:00"
        self.assertFalse(is_due("2026-11-26 04:05:00"), "begun already")
        self.place.last_sweep_at = "2026-11-26 09:30:00"
        self.assertTrue(is_due("2026-11-27 03:05:00"), "one pressed by day is not the night's")
        self.place.user_id.tz = "Europe/Paris"
        self.place.sweep_hour = 2
        self.assertTrue(is_due("2027-03-28 01:05:00"), "two o'clock is left out that night")
        self.place.sweep_hour = 23
        self.assertTrue(is_due("2026-11-27 23:30:00"), "half past midnight: yesterday's")
        self.place.last_sweep_at = False
        self.patch(self.env.registry["onep.marketplace"], "_is_sweep_due", lambda place: True)
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_kw: 0)
        Marketplace._cron_sweep()
        self.assertEqual(self.place.last_sync_id.kind, "sweep")
        self.assertEqual(self.place.last_sync_id.asked_count, 2)

    def test_account_that_is_not_set_up_says_so_and_holds_nothing_up(self):
        bare = self.make_marketplace("cdiscount", cdiscount_client_secret=False)
        run = bare._sync(gtins(1))
        self.assertEqual(run.state, "failed")
        self.assertIn("not set up", run.error_message)
        self.assertEqual(bare.connection_state, "failed")
        nowhere = self.make_marketplace("amazon", country_id=self.env.ref("base.ad").id)
        run = nowhere._sync(gtins(1))
        self.assertEqual(run.state, "failed")
        self.assertIn("no marketplace in AD", run.error_message)

    def test_nothing_to_ask_says_so(self):
        with self.assertRaisesRegex(UserError, "nothing to look up yet"):
            self.place._sync()

    def test_other_environment_forgets_everything(self):
        gtin = gtins(1)[0]
        self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        run = self.place._sync(gtins(3))
        self.place.environment = "sandbox"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(run.state, "cancelled")
        self.assertFalse(offer.exists())
        for name in ("onep.market.task", "onep.marketplace.offer.history"):
            field = "marketplace_id" if name.endswith("task") else "offer_id"
            self.assertFalse(
                self.env[name].search(
                    [(field, "=", self.place.id if name.endswith("task") else offer.id)]
                )
            )

    def test_channel_goes_with_the_account(self):
        channel = self.place.channel_id
        self.assertEqual(channel.complete_name, f"root.onep_market.account_{self.place.id}")
        self.place.unlink()
        self.assertFalse(channel.exists())

    def test_words_of_the_supplier_reach_the_client(self):
        gtin = gtins(1)[0]
        self.patch(
            self.env.registry["onep.marketplace"],
            "_get_words",
            lambda place, asked: {gtin: ("Blue pen", "Penco")},
        )
        self.sync(self.place, [gtin])
        subjects = self.market.subjects[0]
        self.assertEqual((subjects.name, subjects.brand), (("Blue pen",), ("Penco",)))
