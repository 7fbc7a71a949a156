from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .market_case import MarketplaceCase

ACTIVITY = "onep_marketplace_connectors.mail_activity_type_secret"


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceExpiry(MarketplaceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible = cls.make_user("connector_responsible", "group_connector_manager")
        cls.real = cls.make_marketplace(
            "amazon", name="Amazon real", environment="production", user_id=cls.responsible.id
        )
        cls.entered_on = fields.Date.today()

    def watch(self, days_before):
        """Run the daily job so many days before the secret expires; returns the open reminders."""
        day = self.real.amazon_secret_expires_on - timedelta(days=days_before)
        with freeze_time(f"{day} 04:00:00"):
            self.env["onep.marketplace"]._cron_watch_secrets()
            return self.real.activity_ids

    def test_secret_lives_180_days_unless_told_otherwise(self):
        self.assertEqual(self.real.amazon_secret_expires_on, self.entered_on + timedelta(days=180))
        self.real.amazon_secret_expires_on = "2030-05-01"
        self.assertEqual(str(self.real.amazon_secret_expires_on), "2030-05-01")
        self.real.invalidate_recordset()
        self.assertEqual(str(self.real.amazon_secret_expires_on), "2030-05-01")

    def test_told_at_30_14_7_and_1_days_with_one_activity(self):
        self.assertFalse(self.watch(31))
        activity = self.watch(30)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.activity_type_id, self.env.ref(ACTIVITY))
        self.assertEqual(activity.user_id, self.responsible)
        self.assertIn("LWA Client Secret of Amazon real expires on", activity.summary)
        self.assertIn("Rotate secret", activity.note)
        activity.summary = "read and left"
        self.watch(20)
        self.assertEqual(activity.summary, "read and left", "not told every day")
        for days in (14, 7, 1):
            self.assertEqual(self.watch(days), activity, "the same one, renewed")
            self.assertIn("expires on", activity.summary)
            activity.summary = "read and left"
        self.assertEqual(self.watch(0), activity)
        self.assertIn("expired on", activity.summary)
        self.assertEqual(self.real.activity_ids, activity)

    def test_told_again_when_the_reminder_was_ticked_off(self):
        self.watch(30).action_done()
        self.assertFalse(self.watch(29))
        self.assertEqual(len(self.watch(14)), 1)

    def test_days_that_were_missed_are_made_up_for(self):
        self.assertEqual(len(self.watch(3)), 1)

    def test_new_secret_ends_the_reminder(self):
        self.watch(7)
        expires_on = self.real.amazon_secret_expires_on
        with freeze_time(f"{expires_on - timedelta(days=6)} 10:00:00"):
            self.real.amazon_client_secret = "renewed"
            self.assertFalse(self.real.activity_ids)
            self.assertEqual(
                self.real.amazon_secret_expires_on, expires_on + timedelta(days=180 - 6)
            )

    def test_demo_and_archived_accounts_are_left_alone(self):
        for secret in (self.amazon | self.real).sudo().secret_ids.filtered("expires_on"):
            secret.expires_on = fields.Date.today() + timedelta(days=3)
        self.real.active = False
        self.env["onep.marketplace"]._cron_watch_secrets()
        self.assertFalse((self.amazon | self.real).activity_ids)

    def test_secret_kept_since_before_gets_its_day(self):
        secret = self.real.sudo().secret_ids.filtered(lambda s: s.key == "amazon_client_secret")
        secret.write({"expires_on": False, "set_at": "2026-01-01 10:00:00"})
        self.env["onep.marketplace"]._cron_watch_secrets()
        self.assertEqual(str(secret.expires_on), "2026-06-30")

    def test_said_in_the_language_of_who_is_responsible(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.responsible.lang = "fr_FR"
        day = self.real.amazon_secret_expires_on
        self.assertIn(day.strftime("%d/%m/%Y"), self.watch(7).summary)

    def test_the_test_of_the_connection_says_until_when(self):
        self.amazon.amazon_secret_expires_on = fields.Date.today() + timedelta(days=12)
        self.amazon.action_check_connection()
        self.assertIn("12 days more", self.amazon.last_check_message)
        self.assertIn("Rotate secret", self.amazon.last_check_message)
