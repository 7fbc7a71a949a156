import stat
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from ..models.onep_secret_mixin import KEY_FILE, KEY_OPTION
from ..models.onep_secret_owner_mixin import MASK
from .market_case import SECRETS, MarketplaceCase


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceSecret(MarketplaceCase):
    def use_keys(self, *keys):
        self.patch(config, "options", config.options.new_child({KEY_OPTION: ",".join(keys)}))

    def secret_of(self, marketplace, key):
        return marketplace.sudo().secret_ids.filtered(lambda secret: secret.key == key)

    def test_nothing_in_clear_in_the_database(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT encrypted FROM onep_marketplace_secret")
        kept = " ".join(row[0] for row in self.env.cr.fetchall())
        self.env.cr.execute("SELECT row_to_json(m)::text FROM onep_marketplace m")
        kept += " ".join(row[0] for row in self.env.cr.fetchall())
        for secret in SECRETS.values():
            self.assertNotIn(secret, kept)
        self.assertEqual(
            self.amazon._get_account().secrets["amazon_client_secret"],
            SECRETS["amazon_client_secret"],
        )

    def test_even_a_manager_reads_a_mask(self):
        names = self.amazon._get_all_secret_keys()
        self.assertEqual(self.amazon.amazon_client_secret, MASK)
        self.assertFalse(self.amazon.fnac_key)
        values = str(self.amazon.read(names) + [self.amazon.export_data(names)])
        for secret in SECRETS.values():
            self.assertNotIn(secret, values)

    def test_writing_the_mask_back_changes_nothing(self):
        self.amazon.write({"amazon_client_secret": MASK})
        self.assertEqual(
            self.amazon._get_account().secrets["amazon_client_secret"],
            SECRETS["amazon_client_secret"],
        )

    def test_emptying_forgets(self):
        self.amazon.amazon_client_secret = False
        self.assertEqual(self.amazon.sudo().secret_ids.mapped("key"), ["amazon_refresh_token"])
        self.assertFalse(self.amazon.is_configured)

    def test_same_secret_again_changes_nothing(self):
        secret = self.secret_of(self.amazon, "amazon_client_secret")
        before = secret.expires_on
        secret.set_at = "2026-01-01 10:00:00"
        self.amazon.amazon_client_secret = SECRETS["amazon_client_secret"]
        self.assertEqual(secret.expires_on, before)
        self.assertFalse(secret.former_encrypted)

    def test_former_secret_is_the_way_back_from_a_typing_error(self):
        self.amazon.amazon_client_secret = "mistyped"
        self.assertTrue(self.amazon.amazon_former_until)
        self.amazon.action_check_connection()
        self.assertEqual(self.amazon.connection_state, "failed")
        self.assertIn("Use the former secret", self.amazon.last_check_message)
        self.amazon.action_restore_amazon_secret()
        self.assertEqual(self.amazon.connection_state, "ok", self.amazon.last_check_message)
        self.assertEqual(
            self.amazon._get_account().secrets["amazon_client_secret"],
            SECRETS["amazon_client_secret"],
        )
        self.assertEqual(
            self.amazon.amazon_secret_expires_on, fields.Date.today() + timedelta(days=7)
        )
        self.assertFalse(self.amazon.amazon_former_until)

    def test_former_secret_is_forgotten_after_its_days(self):
        self.amazon.amazon_client_secret = "newer"
        secret = self.secret_of(self.amazon, "amazon_client_secret")
        secret.former_until = fields.Datetime.now() - timedelta(minutes=1)
        self.assertFalse(self.amazon.amazon_former_until)
        self.assertFalse(self.amazon.action_restore_amazon_secret())
        self.env["onep.marketplace"]._cron_watch_secrets()
        self.assertFalse(secret.former_encrypted)
        self.assertEqual(self.amazon._get_account().secrets["amazon_client_secret"], "newer")

    def test_keys_of_others_have_no_former(self):
        self.fnac.fnac_key = "another"
        secret = self.secret_of(self.fnac, "fnac_key")
        self.assertFalse(secret.former_encrypted)
        self.assertFalse(secret.expires_on)

    def test_keys_rotate_without_a_pause(self):
        old, new = (Fernet.generate_key().decode() for _key in range(2))
        self.use_keys(old)
        self.fnac.fnac_key = "clear"
        self.use_keys(new, old)
        self.assertEqual(self.fnac._get_account().secrets["fnac_key"], "clear")
        self.fnac.action_rotate_secrets()
        self.use_keys(new)
        self.assertEqual(self.fnac._get_account().secrets["fnac_key"], "clear")
        self.use_keys(old)
        with self.assertRaises(UserError) as caught:
            self.fnac._get_account()
        self.assertIn("Enter them again", str(caught.exception))

    def test_unusable_key_is_said(self):
        self.use_keys("not a key")
        with self.assertRaises(UserError):
            self.fnac.fnac_key = "clear"

    def test_key_file_for_want_of_a_setting(self):
        with TemporaryDirectory() as folder:
            self.patch(
                config,
                "options",
                config.options.new_child({KEY_OPTION: None, "data_dir": folder}),
            )
            with self.assertLogs("odoo.addons.onep_marketplace_connectors", "WARNING") as logs:
                self.fnac.fnac_key = "clear"
            path = Path(folder) / KEY_FILE
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertNotIn(path.read_text(), "\n".join(logs.output))
            self.assertEqual(self.fnac._get_account().secrets["fnac_key"], "clear")

    def test_copy_does_not_take_the_keys(self):
        copy = self.fnac.copy({"code": "copy"})
        self.assertFalse(copy.is_configured)
