from uuid import uuid4

import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.onep_marketplace_connectors.clients.breaker import (
    FAILURES_IN_A_ROW,
    after_failure,
)
from odoo.addons.onep_marketplace_connectors.clients.errors import RateLimited
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit

from .market_case import MarketplaceCase


@tagged("standard", "post_install", "-at_install")
class TestQuotas(MarketplaceCase):
    def setUp(self):
        super().setUp()
        limits = {"search": Limit(2, 4), "detail": Limit(0.1, 1)}
        for client_class in self.env["onep.marketplace"]._get_client_classes().values():
            self.patch(client_class, "limits", limits)
        self.marketplace = self.make_marketplace("fnac", fnac_shop_id=str(uuid4()))
        self.search, self.detail = (
            self.marketplace.quota_ids.filtered(lambda quota, name=name: quota.operation == name)
            for name in ("search", "detail")
        )
        self.store = self.marketplace._get_limits_store()

    def patch_limits_store(self):
        """Here it is the real one, in Redis or PostgreSQL; each test has a seller of its own."""

    def test_every_operation_has_a_row_with_the_usual_figures(self):
        self.assertEqual(set(self.marketplace.quota_ids.mapped("operation")), {"search", "detail"})
        self.assertEqual((self.search.default_rate, self.search.default_burst), (2, 4))
        self.assertEqual((self.search.rate, self.search.share_percent), (0, 100))
        self.assertEqual((self.search.allowed_rate, self.search.allowed_hourly), (2, 7200))
        self.assertAlmostEqual(self.search.token_count, 3.5)
        self.assertEqual(self.marketplace._get_limits()["search"], Limit(2, 4))

    def test_rows_follow_the_client(self):
        for client_class in self.env["onep.marketplace"]._get_client_classes().values():
            self.patch(client_class, "limits", {"search": Limit(2, 4), "new": Limit(1, 1)})
        self.search.share_percent = 50
        self.env["onep.marketplace"]._complete_all_quotas()
        self.assertEqual(set(self.marketplace.quota_ids.mapped("operation")), {"search", "new"})
        self.assertEqual(self.search.share_percent, 50, "settings stay")

    def test_own_figures_reach_the_client(self):
        self.search.write({"rate": 5, "burst": 10, "share_percent": 50})
        self.assertEqual(self.marketplace._get_limits()["search"], Limit(5, 10, 0.5))
        self.assertEqual(self.search.allowed_rate, 2.5)
        with self.marketplace._get_client() as client:
            self.assertEqual(client.limiter.limit("search"), Limit(5, 10, 0.5))
            self.assertEqual(client.limits["detail"], Limit(0.1, 1))

    def test_some_calls_a_day_are_no_quota_of_none(self):
        for client_class in self.env["onep.marketplace"]._get_client_classes().values():
            self.patch(client_class, "limits", {"daily": Limit(5 / 86_400, 5)})
        daily = self.make_marketplace("fnac", fnac_shop_id=str(uuid4())).quota_ids
        self.assertAlmostEqual(daily.default_rate * 86_400, 5, 2)
        self.assertAlmostEqual(daily.allowed_hourly, 0.2)
        daily.rate = 2 / 86_400
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertAlmostEqual(daily._get_limit().rate * 86_400, 2, 2)

    def test_mirakl_accounts_of_one_shop_are_counted_together(self):
        """Nobody has to enter a shop id: the operator names it when the connection is tested."""
        first, same, named, other = (
            self.make_marketplace("mirakl", **vals)
            for vals in (
                {},
                {},
                {"mirakl_shop_id": "2001"},
                {"mirakl_api_key": "second-mirakl-key"},
            )
        )
        self.assertNotEqual(first._get_quota_key(), same._get_quota_key())
        for account in first + same + named + other:
            account.action_check_connection()
            self.assertEqual(account.connection_state, "ok", account.last_check_message)
        shared = first._get_quota_key()
        self.assertEqual((same._get_quota_key(), named._get_quota_key()), (shared, shared))
        self.assertNotEqual(other._get_quota_key(), shared)
        self.assertFalse(first.mirakl_shop_id, "what was learned is no setting")
        first.mirakl_api_key = "second-mirakl-key"
        self.assertNotEqual(first._get_quota_key(), shared, "another key may be another shop's")

    def test_what_workers_take_and_learn_is_shown(self):
        with self.marketplace._get_client() as client:
            client.limiter.reserve("search")
            client.limiter.learn("search", "8.0")
        self.marketplace.quota_ids.invalidate_recordset()
        self.assertEqual((self.search.taught_rate, self.search.allowed_rate), (8, 8))
        self.assertEqual(self.marketplace._get_present_limits()["search"], Limit(8, 4))
        self.assertEqual(self.detail.token_count, 1)
        with self.marketplace._get_client() as client:
            client.limiter.throttled("search", 60)
        self.marketplace.quota_ids.invalidate_recordset()
        self.assertEqual(self.search.token_count, 0)

    def test_accounts_of_one_seller_are_counted_together(self):
        with self.marketplace._get_client() as client:
            client.limiter.reserve("detail")
        twin = self.make_marketplace("fnac", fnac_shop_id=self.marketplace.fnac_shop_id)
        with twin._get_client() as client, self.assertRaises(RateLimited):
            client.limiter.reserve("detail")
        twin.fnac_shop_id = str(uuid4())
        with twin._get_client() as client:
            client.limiter.reserve("detail")

    def test_use_of_the_last_hour(self):
        record = self.env["onep.marketplace.call"]
        self.env.cr.execute(
            "INSERT INTO onep_marketplace_call (marketplace_id, operation, at)"
            " SELECT %s, 'search', (now() AT TIME ZONE 'UTC') - make_interval(mins => n * 4)"
            " FROM generate_series(0, 29) n",
            (self.marketplace.id,),
        )
        record.invalidate_model()
        self.marketplace.quota_ids.invalidate_recordset()
        self.assertEqual((self.search.used_count, self.detail.used_count), (15, 0))
        self.assertAlmostEqual(self.search.use_rate, 15 / 7200)

    @mute_logger("odoo.sql_db")
    def test_figures_that_cannot_be_are_refused(self):
        for vals in ({"share_percent": 0}, {"share_percent": 101}, {"rate": -1}, {"burst": 0.5}):
            with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
                self.search.write(vals)
                self.search.flush_recordset()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_managers_change_users_read(self):
        user = self.make_user("quota_user", "group_connector_user")
        manager = self.make_user("quota_manager", "group_connector_manager")
        self.assertEqual(self.search.with_user(user).allowed_rate, 2)
        with self.assertRaises(AccessError):
            self.search.with_user(user).write({"rate": 1})
        self.search.with_user(manager).write({"rate": 1})
        with self.assertRaises(AccessError):
            self.search.with_user(manager).unlink()

    def test_a_manager_sets_the_share_on_the_form(self):
        manager = self.make_user("quota_manager", "group_connector_manager")
        with Form(self.marketplace.with_user(manager)) as form, form.quota_ids.edit(1) as line:
            line.share_percent = 40
        self.assertEqual(sorted(self.marketplace.quota_ids.mapped("share_percent")), [40, 100])

    def test_a_paused_operation_is_said_in_words(self):
        self.assertFalse(self.marketplace.pause_message)
        key = self.marketplace._get_breaker_key("detail")
        for _failure in range(FAILURES_IN_A_ROW):
            self.store.update(key, lambda circuit, now: after_failure(circuit, now, "HTTP 503"))
        self.marketplace.invalidate_recordset(["pause_message"])
        self.assertRegex(
            self.marketplace.pause_message,
            r"^detail is paused until \d+:\d\d.*: HTTP 503 ×5, tries again by itself\.$",
        )
        (pause,) = self.marketplace._get_pauses()
        self.assertEqual((pause["operation"], pause["failure_count"]), ("detail", 5))
        self.assertFalse(self.fnac.pause_message, "another account is not concerned")
