import json
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Datetime
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.onep_marketplace_connectors import retention
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.transport import CallRecord

from .market_case import MarketplaceCase


@tagged("standard", "post_install", "-at_install")
class TestCallLog(MarketplaceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Call = cls.env["onep.marketplace.call"]
        cls.Hour = cls.env["onep.marketplace.call.hour"]
        # what other tests' own transactions kept
        cls.Call.search([]).unlink()
        cls.Hour.search([]).unlink()

    def record(self, at=None, **changes):
        at = at or Datetime.now()
        record = CallRecord(
            account=self.amazon._get_account_key(),
            operation="searchCatalogItems",
            status=200,
            ms=100,
            bytes_in=2000,
            bytes_out=0,
            batch_size=20,
            attempt=1,
            correlation_id="c0ffee",
            request_id="r-1",
            first_gtin="03700000000001",
            error_rule="",
            at=(at - datetime(1970, 1, 1)).total_seconds(),
        )
        return replace(record, **changes)

    def test_records_are_kept_as_they_are(self):
        at = Datetime.now().replace(microsecond=0)
        self.Call._store([self.record(at), self.record(at, status=0, error_rule="service-down")])
        failed, call = self.Call.search([], order="id desc")
        self.assertEqual(
            (call.marketplace_id, call.company_id, call.operation, call.status, call.duration_ms),
            (self.amazon, self.amazon.company_id, "searchCatalogItems", 200, 100),
        )
        self.assertEqual(
            (call.bytes_in, call.batch_size, call.attempt, call.first_gtin, call.at),
            (2000, 20, 1, "03700000000001", at),
        )
        self.assertEqual((call.error_rule, failed.error_rule), (False, "service-down"))
        self.assertEqual((call.correlation_id, call.request_id), ("c0ffee", "r-1"))

    def test_calls_of_a_deleted_account_are_left_out(self):
        self.Call._store([self.record(account="db:999999999"), self.record(account="odd")])
        self.assertFalse(self.Call.search([]))

    def test_a_test_of_the_connection_is_logged_at_its_commit(self):
        self.amazon.action_check_connection()
        self.env.cr.precommit.run()
        calls = self.Call.search([("marketplace_id", "=", self.amazon.id)])
        participations = calls.filtered(
            lambda call: call.operation == "getMarketplaceParticipations"
        )
        self.assertEqual(participations.mapped("status"), [200])
        self.assertGreater(participations.bytes_in, 0)

    def test_a_call_told_again_is_one_line(self):
        """The client finds an answer without use after its call was told."""
        collect = self.Call._get_collector()
        collect(self.record(correlation_id="first"))
        collect(self.record(correlation_id="second"))
        collect(self.record(correlation_id="second", error_rule="service-down"))
        self.env.cr.precommit.run()
        calls = self.Call.search([], order="id")
        self.assertEqual(calls.mapped("correlation_id"), ["first", "second"])
        self.assertEqual(calls.mapped("error_rule"), [False, "service-down"])

    def test_calls_outlive_the_transaction_that_made_them(self):
        collect = self.Call._get_collector()
        collect(self.record())
        collect(self.record(correlation_id="another"))
        kept = []
        with patch.object(
            type(self.Call), "_store", lambda model, records: kept.append((model.env.cr, records))
        ):
            self.env.cr.precommit.clear()
            self.env.cr.postrollback.run()
        ((cr, records),) = kept
        self.assertIsNot(cr, self.env.cr)
        self.assertEqual(len(records), 2)

    def test_no_secret_is_logged(self):
        self.amazon.action_check_connection()
        self.fnac.action_check_connection()
        self.cdiscount.action_check_connection()
        self.env.cr.precommit.run()
        rows = self.Call.search([]).read()
        self.assertGreaterEqual(len(rows), 3)
        text = json.dumps(rows, default=str)
        for marketplace in self.amazon + self.fnac + self.cdiscount:
            for secret in marketplace._get_account().secrets.values():
                self.assertNotIn(secret, text)
        self.assertNotIn("?", text)
        self.assertNotIn("http", text)

    def test_summary_by_hour(self):
        hour = Datetime.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        calls = [self.record(hour + timedelta(minutes=n), ms=100 + n) for n in range(17)]
        calls += [
            self.record(hour, status=429, error_rule="rate-limited", ms=5),
            self.record(hour, status=503, error_rule="service-down", ms=3000, attempt=2),
            self.record(hour, status=404, error_rule="item-not-found", ms=90),
            self.record(hour + timedelta(hours=1)),
            # a success that said nothing
            self.record(hour + timedelta(hours=1), error_rule="service-down"),
        ]
        self.Call._store(calls)
        self.env["onep.marketplace.quota"].search(
            [("marketplace_id", "=", self.amazon.id), ("operation", "=", "searchCatalogItems")]
        ).write({"rate": 0.01})
        with patch.object(
            type(self.env["onep.marketplace"]),
            "_get_default_limits",
            lambda marketplace: {"searchCatalogItems": Limit(2, 2)},
        ):
            self.Hour._summarise()
            self.Hour._summarise()
        older, newer = self.Hour.search([], order="hour")
        self.assertEqual((older.hour, newer.hour), (hour, hour + timedelta(hours=1)))
        self.assertEqual(
            (older.call_count, older.success_count, older.throttle_count, older.repeat_count),
            (20, 18, 1, 1),
        )
        self.assertAlmostEqual(older.success_rate, 0.9)
        self.assertEqual((older.p50_ms, older.p95_ms), (107, 116))
        self.assertEqual((older.bytes_in, older.item_count), (40_000, 400))
        self.assertAlmostEqual(older.quota_use, 20 / 36)
        self.assertEqual((newer.call_count, newer.success_count), (2, 1))

    def test_summary_of_an_unfinished_hour_grows(self):
        self.Call._store([self.record()])
        self.Hour._summarise()
        self.Call._store([self.record()])
        self.Hour._summarise()
        self.assertEqual(sum(self.Hour.search([]).mapped("call_count")), 2)

    def test_a_manager_sums_up_when_they_want_to(self):
        self.Call._store([self.record()])
        manager = self.make_user("call_manager", "group_connector_manager")
        # as the button of an empty list calls it
        call_kw(self.Hour.with_user(manager), "action_summarise", [[]], {})
        self.assertEqual(self.Hour.with_user(manager).search([]).call_count, 1)
        user = self.make_user("call_user", "group_connector_user")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.Hour.with_user(user).action_summarise()

    def test_old_calls_go_and_their_summary_stays(self):
        old = Datetime.now() - timedelta(days=15)
        self.Call._store([self.record(old) for _call in range(7)] + [self.record()])
        with (
            patch.object(retention, "AT_ONCE", 3),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=60.0
            ) as commit,
        ):
            self.Hour._cron_summarise()
        self.assertEqual(len(self.Call.search([])), 1)
        self.assertEqual(sum(self.Hour.search([]).mapped("call_count")), 8)
        self.assertEqual(commit.call_args.kwargs, {"remaining": 0})
        self.assertEqual(commit.call_count, 3, "three at a time")

    def test_how_long_calls_and_summaries_are_kept_is_a_setting(self):
        """The archive obeys what an administrator saves in the settings."""
        days = (0, 3, 30, 500)
        self.Call._store([self.record(Datetime.now() - timedelta(days=age)) for age in days])
        Settings = self.env["res.config.settings"]
        known = Settings.create({})
        self.assertEqual((known.onep_call_log_days, known.onep_call_summary_days), (14, 400))
        self.env["ir.config_parameter"].set_param(retention.CALLS.parameter, "nonsense")
        self.run_cron("ir_cron_summarise_calls")
        self.assertEqual(self.count_left(), (2, 3), "14 days of calls, 400 of summaries")
        for calls, hours, left in ((4, 20, (2, 2)), (2, 20, (1, 2)), (1, 2, (1, 1))):
            Settings.create(
                {"onep_call_log_days": calls, "onep_call_summary_days": hours}
            ).set_values()
            self.run_cron("ir_cron_summarise_calls")
            self.assertEqual(self.count_left(), left, (calls, hours))
        for calls, hours in ((0, 20), (30, 20)):
            with self.assertRaises(ValidationError):
                Settings.create({"onep_call_log_days": calls, "onep_call_summary_days": hours})

    def count_left(self):
        """Calls kept, and calls that the summaries kept tell of."""
        return len(self.Call.search([])), sum(self.Hour.search([]).mapped("call_count"))

    def test_a_summary_opens_its_calls(self):
        self.Call._store([self.record(), self.record(operation="other")])
        self.Hour._summarise()
        summary = self.Hour.search([("operation", "=", "other")])
        calls = self.Call.search(summary.action_view_calls()["domain"])
        self.assertEqual(calls.mapped("operation"), ["other"])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_managers_read_users_do_not_nobody_writes(self):
        self.Call._store([self.record()])
        self.Hour._summarise()
        user = self.make_user("call_user", "group_connector_user")
        manager = self.make_user("call_manager", "group_connector_manager")
        for model in (self.Call, self.Hour):
            self.assertTrue(model.with_user(manager).search([]).read(["operation"]))
            with self.assertRaises(AccessError):
                model.with_user(user).search([])
            with self.assertRaises(AccessError):
                model.with_user(manager).search([]).write({"operation": "x"})

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_calls_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        manager = self.make_user("call_manager", "group_connector_manager")
        elsewhere = self.make_marketplace("fnac", company_id=other.id, user_id=False)
        self.Call._store([self.record(account=elsewhere._get_account_key())])
        self.Hour._summarise()
        for model in (self.Call, self.Hour):
            self.assertEqual(len(model.search([])), 1)
            self.assertFalse(model.with_user(manager).search([]))


@tagged("standard", "post_install", "-at_install")
class TestCallScreens(MarketplaceCase):
    def test_every_view_of_the_actions_loads(self):
        for name in ("call", "call_hour"):
            action = self.env.ref(f"onep_marketplace_connectors.onep_marketplace_{name}_action")
            views = [(False, kind) for kind in (*action.view_mode.split(","), "search")]
            loaded = self.env[action.res_model].get_views(views)
            self.assertEqual(set(loaded["views"]), {"list", "graph", "pivot", "search"})
            self.assertIn("o_view_nocontent", action.help)
