"""When a source is asked, jobs, retries, alerts."""

import logging
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models.onep_feed_check import MAX_RETRIES
from .channel_servers import PRICE_LIST
from .feed_source_case import FeedSourceCase


@tagged("standard", "post_install", "-at_install")
class TestFeedSchedule(FeedSourceCase):
    def next_check(self, now, **vals):
        with freeze_time(now):
            self.feed.write({"channel": "http", "source_url": "https://a.example/x", **vals})
            self.env.add_to_compute(self.feed._fields["next_check_at"], self.feed)
            return self.feed.next_check_at and str(self.feed.next_check_at)

    def test_next_check(self):
        now = "2026-11-26 10:00:00"
        self.assertFalse(self.next_check(now, schedule="none"))
        every = {"schedule": "interval", "interval_number": 2, "interval_unit": "hours"}
        self.assertEqual(self.next_check(now, **every), now, "never asked: now")
        self.assertEqual(
            self.next_check(now, last_check_at="2026-11-26 09:30:00", **every),
            "2026-11-26 11:30:00",
        )
        paris = {"schedule": "daily", "time_of_day": 6.5, "schedule_tz": "Europe/Paris"}
        self.assertEqual(self.next_check(now, **paris), "2026-11-27 05:30:00")
        self.assertEqual(
            self.next_check("2026-11-26 04:00:00", last_check_at=False, **paris),
            "2026-11-26 05:30:00",
        )
        self.feed.is_suspended = True
        self.assertFalse(self.feed.next_check_at)
        self.assertFalse(self.next_check(now, channel="manual", **paris))

    def test_the_clocks_change_but_not_the_time_of_day(self):
        paris = {"schedule": "daily", "time_of_day": 6.0, "schedule_tz": "Europe/Paris"}
        self.assertEqual(self.next_check("2026-03-28 12:00:00", **paris), "2026-03-29 04:00:00")
        self.assertEqual(self.next_check("2026-10-24 12:00:00", **paris), "2026-10-25 05:00:00")

    def test_schedules_that_cannot_be(self):
        with self.assertRaises(ValidationError):
            self.feed.write(
                {"schedule": "interval", "interval_number": 1, "interval_unit": "minutes"}
            )
        with self.assertRaises(ValidationError):
            self.feed.write({"schedule": "daily", "time_of_day": 24.5})

    def test_one_job_for_each_feed_that_is_due_once(self):
        self.serve()
        due = self.feed
        due.write({"schedule": "interval", "interval_number": 1, "interval_unit": "hours"})
        later = self.make_feed(self.make_supplier("Later"), channel="http", schedule="none")
        with trap_jobs() as trap:
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            jobs = [job for job in trap.enqueued_jobs if job.recordset in (due, later)]
        self.assertEqual([job.recordset for job in jobs], [due])
        self.assertEqual(jobs[0].identity_key, f"onep_feed_check-{due.id}")

    def test_from_the_cron_to_the_offers(self):
        self.confirm_columns()
        self.serve(ETag='"v1"')
        self.feed.write({"schedule": "interval", "interval_number": 1})
        with trap_jobs() as trap:
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.perform(trap)
        self.assertEqual(self.feed.check_state, "ok")
        self.assertEqual(self.rules(), ["file-imported"])
        self.assertIn("165 bytes", self.feed.check_text)
        self.assertGreater(self.feed.next_check_at, fields.Datetime.now())
        self.run_import()
        self.assertEqual(self.feed.offer_count, 3)
        self.assertEqual(self.feed.freshness, "fresh")

    def serve_with_etag(self, data=PRICE_LIST, etag='"v1"'):
        """A source that sends its file to whoever does not have it yet."""

        def route(handler):
            if handler.headers.get("If-None-Match") == etag:
                handler.answer(304)
            else:
                handler.answer(200, data, ETag=etag)

        server = self.serve()
        server.routes["/tarif.csv"] = route
        return server

    def test_an_unchanged_file_is_not_even_sent(self):
        self.confirm_columns()
        self.serve_with_etag()
        self.feed._job_check()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["nothing-new"])
        self.assertFalse(self.feed.confirmed_at, "its import is still queued")
        self.run_import()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["nothing-new"])
        self.assertTrue(self.feed.confirmed_at)
        self.assertEqual(len(self.feed.import_ids), 1)

    def test_a_file_that_was_never_published_is_fetched_again(self):
        self.confirm_columns()
        self.serve_with_etag()
        self.feed._job_check()
        self.feed.import_ids._run_fail("broken")
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-imported"])
        self.feed.import_ids[:1].action_cancel()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-imported"])
        self.assertEqual(len(self.feed.import_ids), 3)
        self.assertFalse(self.feed.confirmed_at)
        self.assertFalse(self.feed.freshness)
        self.run_import()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["nothing-new"])
        self.assertTrue(self.feed.confirmed_at)

    def test_a_failed_import_after_a_good_one_confirms_nothing(self):
        self.confirm_columns()
        server = self.serve()
        self.feed._job_check()
        self.run_import()
        server.serve("/tarif.csv", PRICE_LIST.replace(b"12,50", b"12,90"))
        self.feed._job_check()
        self.feed.import_ids[:1]._run_fail("broken")
        server.serve("/tarif.csv")
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-same"])
        self.assertFalse(self.feed.confirmed_at)

    def test_a_held_import_still_waits_at_the_next_checks(self):
        self.confirm_columns()
        for serve in (self.serve_with_etag, self.serve):
            server = serve()
            self.feed._job_check()
            run = self.feed.import_ids[:1]
            run.state = "held"
            self.feed._job_check()
            self.assertEqual(self.rules(), ["import-waits"])
            self.assertEqual(self.feed.check_state, "waiting")
            self.assertIn("tarif.csv", self.feed.check_text)
            self.assertFalse(self.feed.confirmed_at)
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.assertEqual(self.feed.check_state, "waiting")
            run.state = "queued"
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.assertEqual(self.feed.check_state, "ok", "someone looked at it")
            self.feed.import_ids.unlink()
            server.close()

    def test_a_file_that_waits_confirms_nothing(self):
        self.confirm_columns()
        self.serve()
        self.feed._job_check()
        self.run_import()
        self.serve_with_etag(PRICE_LIST.replace(b"Stock", b"Dispo"), '"v2"')
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-held"])
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-waits"])
        self.assertEqual(self.feed.check_state, "waiting")
        self.assertFalse(self.feed.confirmed_at)
        self.feed.waiting_ids.action_dismiss()
        self.feed._job_check()
        self.assertEqual((self.rules(), self.feed.check_state), (["file-dismissed"], "ok"))
        self.assertFalse(self.feed.confirmed_at, "what the source gives was never published")
        self.serve()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-same"])
        self.assertTrue(self.feed.confirmed_at)

    def test_a_source_that_sends_the_same_bytes_again(self):
        self.confirm_columns()
        self.serve()
        self.feed._job_check()
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-same"])
        self.assertEqual(len(self.feed.import_ids), 1)

    def test_unknown_columns_are_no_failure(self):
        self.serve()
        self.feed._job_check()
        self.assertEqual(self.feed.check_state, "waiting")
        self.assertEqual(self.feed.failure_count, 0)
        self.assertEqual(self.feed.waiting_count, 1)

    def test_a_transient_failure_is_tried_again_with_growing_waits(self):
        server = self.serve()
        server.serve("/tarif.csv", b"", 503)
        waits = []
        for _try in range(MAX_RETRIES):
            error = self.retried()
            waits.append(error.seconds)
            self.assertTrue(error.ignore_retry)
            self.assertEqual((self.feed.check_state, self.feed.failure_count), ("retry", 0))
        self.assertGreater(waits[-1], 3 * waits[0])
        self.assertGreater(sum(waits), 600, "longer than a restart of the supplier's server")
        self.feed._job_check()
        self.assertEqual(self.feed.check_state, "failed", "the next scheduled check begins anew")
        self.assertEqual(self.feed.failure_count, 1)
        self.assertFalse(self.feed.is_suspended)
        self.assertFalse(self.feed.activity_ids)
        server.serve("/tarif.csv")
        self.feed._job_check()
        self.assertEqual((self.feed.failure_count, self.feed.check_state), (0, "waiting"))

    def test_the_server_s_own_wait_counts(self):
        self.serve(status=429, data=b"", Retry_After="4000")
        self.assertEqual(self.retried().seconds, 4000)

    def test_after_several_failures_someone_is_told_once(self):
        self.serve(status=404)
        for count in range(1, 5):
            self.feed._job_check()
            self.assertEqual(self.feed.failure_count, count)
            self.assertEqual(len(self.feed.activity_ids), int(count >= 3))
        activity = self.feed.activity_ids
        self.assertEqual(activity.user_id, self.buyer)
        self.assertIn("nothing at this address", activity.note)
        self.serve()
        self.feed._job_check()
        self.assertNotIn(activity, self.feed.activity_ids, "closed by itself")

    def test_a_daily_source_may_not_fail_twice_unseen(self):
        self.serve(status=404)
        self.feed.schedule = "daily"
        self.feed._job_check()
        self.assertEqual(len(self.feed.activity_ids), 1)

    def test_refused_credentials_stop_the_checks_until_they_are_corrected(self):
        server = self.serve()
        self.feed.write({"schedule": "interval", "source_auth": "bearer", "source_token": "old-1"})
        server.serve("/tarif.csv", b"", 401)
        self.feed._job_check()
        self.assertTrue(self.feed.is_suspended)
        self.assertFalse(self.feed.next_check_at)
        self.assertEqual(len(self.feed.activity_ids), 1, "at once")
        with trap_jobs() as trap:
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.assertFalse([job for job in trap.enqueued_jobs if job.recordset == self.feed])
        self.feed.source_token = "new-1"
        self.assertFalse(self.feed.is_suspended)
        self.assertTrue(self.feed.next_check_at)

    def test_no_secret_in_messages_logs_or_jobs(self):
        server = self.serve()
        self.feed.write({"source_auth": "header", "source_key_name": "X-Key"})
        self.feed.source_token = "tok-very-secret"
        self.feed.source_url = f"{self.feed.source_url}?sig=url-very-secret"
        self.feed.source_token = "tok-very-secret"
        with (
            self.assertLogs("", "DEBUG") as logs,
            self.assertLogs("odoo.addons.onep_sourcing", "DEBUG") as own_logs,
            trap_jobs() as trap,
        ):
            logging.getLogger("probe").debug("at least this line is logged")
            logging.getLogger(__name__).debug("and this one")
            self.feed.action_fetch_now()
            for status in (400, 401, 403, 404, 302):
                server.serve(
                    "/tarif.csv",
                    b"X-Key tok-very-secret is wrong",
                    status,
                    Location="/loop?sig=url-very-secret",
                )
                self.feed._job_check()
                self.assertNotIn("very-secret", self.feed.check_text)
            server.close()
            error = self.retried()
        self.assertNotIn("very-secret", str(error))
        self.assertNotIn("very-secret", str([job.args for job in trap.enqueued_jobs]))
        self.assertNotIn("very-secret", str(logs.output + own_logs.output))
        messages = self.feed.message_ids.mapped("body") + self.feed.activity_ids.mapped("note")
        self.assertNotIn("very-secret", str(messages))
        self.assertTrue(server.asked[-1][2].get("X-Key"), "it was sent, though")

    def test_one_failing_feed_stops_no_other(self):
        self.confirm_columns()
        self.serve()
        broken = self.make_feed(
            self.make_supplier("Broken"),
            channel="http",
            source_url="http://10.0.0.1/x",
            schedule="interval",
        )
        self.feed.schedule = "interval"
        with trap_jobs() as trap:
            self.env["onep.supplier.feed"]._cron_enqueue_checks()
            self.perform(trap)
        self.assertEqual(broken.check_state, "failed")
        self.assertEqual(self.feed.check_state, "ok")

    def test_files_of_a_server_oldest_first_and_once(self):
        server = self.serve_files(source_newest_only=False, kind="delta")
        self.confirm_columns()
        self.feed._job_check()
        self.assertEqual(self.feed.check_state, "failed", "an empty folder, never a file")
        server.put("b.csv", PRICE_LIST, age_s=7200)
        server.put("a.csv", PRICE_LIST.replace(b"12,50", b"13,50"), age_s=3600)
        self.feed._job_check()
        self.assertEqual(self.rules()[:2], ["file-imported", "file-imported"])
        self.assertEqual(self.feed.import_ids.sorted("id").mapped("file_name"), ["b.csv", "a.csv"])
        self.feed._job_check()
        self.assertEqual(self.rules(), ["no-new-file"])
        self.assertEqual(len(self.feed.import_ids), 2)
        newest = self.feed.import_ids[:1]
        newest.state = "held"
        self.feed._job_check()
        self.assertEqual((self.rules(), self.feed.check_state), (["import-waits"], "waiting"))
        newest._run_fail("broken")
        self.feed._job_check()
        self.assertEqual(self.rules(), ["file-imported"])
        self.assertEqual(
            self.feed.import_ids.sorted("id").mapped("file_name"), ["b.csv", "a.csv", "a.csv"]
        )

    def test_pressed_while_another_try_waits(self):
        self.serve(status=503)
        job = self.feed._enqueue_check()
        record = self.env["queue.job"].search([("uuid", "=", job.uuid)])
        record.eta = fields.Datetime.now() + timedelta(hours=1)
        self.feed.action_fetch_now()
        self.assertFalse(record.eta, "it comes at once")
        key = [("identity_key", "=", record.identity_key), ("state", "=", "pending")]
        self.assertEqual(self.env["queue.job"].search(key), record)

    def test_pressed_by_a_buyer(self):
        self.confirm_columns()
        self.serve()
        with trap_jobs() as trap:
            action = self.feed.with_user(self.buyer).action_fetch_now()
            trap.assert_jobs_count(1)
            job = trap.enqueued_jobs[0]
            self.assertEqual(job.recordset.env.user, self.buyer)
            self.perform(trap)
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(self.feed.check_state, "ok")
        self.assertEqual(self.feed.import_ids.create_uid, self.buyer)
        self.feed.channel = "manual"
        with self.assertRaises(UserError):
            self.feed.action_fetch_now()

    def test_a_job_that_breaks_is_shown(self):
        self.serve()
        self.feed._job_check_failed()
        self.assertEqual(self.rules(), ["broken"])
        self.assertEqual(self.feed.check_state, "failed")

    def test_a_feed_of_another_company_keeps_its_company(self):
        self.confirm_columns()
        self.serve()
        root = self.env.ref("base.user_root")
        feed = self.feed.with_user(root).with_context(allowed_company_ids=[]).with_company(False)
        feed._job_check()
        self.assertEqual(self.feed.import_ids.company_id, self.company)

    def test_freshness_follows_the_pace(self):
        self.confirm_columns()
        self.serve()
        self.feed._job_check()
        run = self.run_import()
        for days, schedule, expected in (
            (1, "daily", "fresh"),
            (3, "daily", "ageing"),
            (6, "daily", "stale"),
            (6, "none", "fresh"),
            (40, "none", "stale"),
        ):
            self.feed.schedule = schedule
            run.finished_at = fields.Datetime.now() - timedelta(days=days)
            self.feed.confirmed_at = False
            self.env.invalidate_all()
            self.assertEqual(self.feed.freshness, expected, (days, schedule))
