"""What a sweep and a question ask, in which order, and what they count."""

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
    RateLimited,
)
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.steps import Step
from odoo.addons.onep_marketplace_connectors.models import onep_marketplace_worker
from odoo.addons.onep_marketplace_connectors.sql import market_task

from .funnel_case import FunnelCase
from .market_case import gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketFunnel(FunnelCase):
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
