"""Settings of a source, its secrets, and “Test the connection”."""

import tempfile

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import config

from odoo.addons.onep_marketplace_connectors.models.onep_secret_mixin import KEY_OPTION
from odoo.addons.onep_marketplace_connectors.models.onep_secret_owner_mixin import MASK

from .channel_servers import PRICE_LIST, FtpServer, put_file
from .feed_source_case import FeedSourceCase

SECRET = "open-sesame-42"


@tagged("standard", "post_install", "-at_install")
class TestFeedSecrets(FeedSourceCase):
    def test_nothing_in_clear_in_the_database_or_in_a_read(self):
        self.feed.write(
            {
                "channel": "sftp",
                "source_host": "sftp.example.com",
                "source_password": SECRET,
                "source_token": SECRET,
                "source_private_key": SECRET,
                "source_client_secret": SECRET,
            }
        )
        self.env.flush_all()
        kept = ""
        for table in (
            "onep_supplier_feed",
            "onep_feed_secret",
            "mail_message",
            "mail_tracking_value",
        ):
            self.env.cr.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            kept += " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertNotIn(SECRET, kept)
        feed = self.feed.with_user(self.manager)
        self.env.invalidate_all()
        names = ["source_password", "source_token", "source_private_key", "source_client_secret"]
        (values,) = feed.read(names)
        self.assertEqual({values[name] for name in names}, {MASK})
        self.assertNotIn(SECRET, str(feed.read()) + str(self.feed.export_data(names)))
        self.assertEqual(self.feed._get_secret("source_password"), SECRET)

    def test_a_buyer_neither_reads_nor_sets_where_a_file_is(self):
        self.feed.write({"channel": "http", "source_url": "https://a.example/x?key=1"})
        feed = self.feed.with_user(self.buyer)
        for name in ("source_url", "source_password", "source_token", "rest_headers"):
            with self.assertRaises(AccessError, msg=name):
                feed.read([name])
            with self.assertRaises(AccessError, msg=name):
                feed.write({name: "https://evil.example"})
        self.assertNotIn("secret_ids", feed.read()[0])
        self.assertEqual(feed.source_text, "a.example", "the host alone")
        with self.assertRaises(AccessError):
            self.env["onep.feed.secret"].with_user(self.manager).search([])

    def test_another_host_gets_no_secret(self):
        self.feed.write(
            {"channel": "http", "source_url": "https://a.example/x", "source_token": SECRET}
        )
        self.feed.source_url = "https://a.example/other.csv"
        self.assertEqual(self.feed._get_secret("source_token"), SECRET, "same host")
        self.feed.write({"source_url": "https://b.example/x", "source_token": MASK})
        self.assertEqual(self.feed._get_secret("source_token"), "")
        self.feed.write({"source_url": "https://c.example/x", "source_token": "new"})
        self.assertEqual(self.feed._get_secret("source_token"), "new")
        self.feed.write({"source_url": "http://c.example/x"})
        self.assertEqual(self.feed._get_secret("source_token"), "", "no longer encrypted")
        self.feed.write(
            {
                "channel": "sftp",
                "source_host": "a.example",
                "source_password": SECRET,
                "source_host_key": f"SHA256:{'A' * 43}",
            }
        )
        self.feed.source_host = "b.example"
        self.assertFalse(self.feed.source_password)
        self.assertFalse(self.feed.source_host_key)

    def test_no_way_round_by_another_channel_or_port(self):
        web = {"channel": "http", "source_url": "https://a.example/x", "source_password": SECRET}
        for step in (
            {"channel": "sftp", "source_host": "evil.example"},
            {"channel": "manual"},
            {"source_url": "https://a.example:8443/x"},
            {"source_url": "https://a.example.evil.example/x"},
        ):
            self.feed.write(web)
            self.assertEqual(self.feed._get_secret("source_password"), SECRET)
            self.feed.write(step)
            self.assertEqual(self.feed._get_secret("source_password"), "", step)
        self.feed.write({"channel": "sftp", "source_host": "a.example", "source_password": SECRET})
        self.feed.source_port = 22
        self.assertEqual(self.feed._get_secret("source_password"), SECRET, "the usual port")
        self.feed.source_port = 2222
        self.assertEqual(self.feed._get_secret("source_password"), "")

    def test_the_client_secret_goes_to_one_address_of_tokens(self):
        vals = {
            "channel": "rest",
            "source_url": "https://a.example/x",
            "source_auth": "oauth2",
            "source_token_url": "https://login.example/token",
            "source_client_id": "us",
            "source_client_secret": SECRET,
        }
        for step, is_kept in (
            ({"source_token_url": "https://login.example/oauth/token"}, True),
            ({"source_token_url": "https://evil.example/token"}, False),
            ({"source_token_url": "http://login.example/token"}, False),
            ({"source_token_url": False}, False),
            ({"source_url": "https://evil.example/x"}, False),
        ):
            self.feed.write(vals)
            self.feed.write({**step, "source_client_secret": MASK})
            kept = self.feed._get_secret("source_client_secret")
            self.assertEqual(kept, SECRET if is_kept else "", step)
        with self.assertRaises(ValidationError):
            self.feed.source_token_url = "https://user:pw@login.example/token"

    def test_a_password_kept_for_ftps_is_not_sent_in_clear(self):
        vals = {"channel": "ftp", "source_host": "a.example", "source_password": SECRET}
        self.feed.write({**vals, "source_encryption": "explicit"})
        self.feed.source_encryption = "implicit"
        self.assertEqual(self.feed._get_secret("source_password"), SECRET)
        self.feed.source_encryption = "none"
        self.assertEqual(self.feed._get_secret("source_password"), "")

    def test_a_buyer_opens_and_saves_the_form(self):
        self.feed.write({"channel": "sftp", "source_host": "a.example", "source_password": SECRET})
        with Form(self.feed.with_user(self.buyer)) as form:
            form.schedule = "daily"
            form.time_of_day = 7.5
        self.assertEqual(self.feed.time_of_day, 7.5)
        self.assertEqual(self.feed._get_secret("source_password"), SECRET)

    def test_a_form_saved_again_keeps_the_secret(self):
        self.feed.write({"channel": "sftp", "source_host": "a.example", "source_password": SECRET})
        with Form(self.feed.with_user(self.manager)) as form:
            form.source_folder = "/out"
        self.assertEqual(self.feed._get_secret("source_password"), SECRET)
        with Form(self.feed.with_user(self.manager)) as form:
            form.source_password = ""
        self.assertEqual(self.feed._get_secret("source_password"), "")

    def test_keys_rotate(self):
        old, new = (Fernet.generate_key().decode() for _key in range(2))

        def use(*keys):
            self.patch(config, "options", config.options.new_child({KEY_OPTION: ",".join(keys)}))

        use(old)
        self.feed.source_token = SECRET
        use(new, old)
        self.feed.action_rotate_secrets()
        use(new)
        self.assertEqual(self.feed._get_secret("source_token"), SECRET)
        use(old)
        with self.assertRaises(UserError) as caught:
            self.feed._get_secret("source_token")
        self.assertIn("Enter them again", str(caught.exception))
        self.assertIn(self.feed.name, str(caught.exception))

    def test_what_was_kept_before_is_read(self):
        """One secret for feeds and marketplaces: the stored form is plain Fernet, as it was."""
        key = Fernet.generate_key()
        self.patch(config, "options", config.options.new_child({KEY_OPTION: key.decode()}))
        self.env.cr.execute(
            "INSERT INTO onep_feed_secret (feed_id, key, encrypted) VALUES (%s, %s, %s)",
            (self.feed.id, "source_password", Fernet(key).encrypt(SECRET.encode()).decode()),
        )
        self.env.invalidate_all()
        self.assertEqual(self.feed._get_secret("source_password"), SECRET)
        self.assertEqual(self.feed.source_password, MASK)
        for model in ("onep.feed.secret", "onep.marketplace.secret"):
            self.assertIn("onep.secret.mixin", self.env.registry[model]._inherit_module, model)

    def test_a_copy_has_neither_address_nor_secrets(self):
        self.feed.write(
            {"channel": "http", "source_url": "https://a.example/x", "source_token": SECRET}
        )
        copy = self.feed.copy()
        self.assertFalse(copy.source_url)
        self.assertFalse(copy.source_token)

    def test_settings_that_cannot_work_are_refused_in_words(self):
        for vals in (
            {"source_url": "https://user:pw@a.example/x"},
            {"source_url": "a.example/x"},
            {"source_host_key": "AA:BB"},
            {"rest_headers": "no colon"},
            {"rest_body": "[1]"},
        ):
            with self.assertRaises(ValidationError, msg=str(vals)) as caught:
                self.feed.write(vals)
            self.assertNotIn("%(", str(caught.exception))


@tagged("standard", "post_install", "-at_install")
class TestFeedConnectionTest(FeedSourceCase):
    def test_web(self):
        server = self.serve(Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT")
        self.feed.action_test_connection()
        self.assertTrue(self.feed.is_test_ok)
        text = self.feed.test_text
        for words in (
            "127.0.0.1",
            "tarif.csv",
            "165 bytes",
            "CSV",
            "SKU, EAN, Désignation",
            "wait",
        ):
            self.assertIn(words, text)
        self.confirm_columns()
        self.feed.action_test_connection()
        self.assertIn("imported without asking", self.feed.test_text)
        self.assertFalse(self.feed.import_ids, "a test imports nothing")
        self.assertFalse(self.feed.source_state, "nor does it remember")
        server.serve("/tarif.csv", b"", 401)
        self.feed.action_test_connection()
        self.assertFalse(self.feed.is_test_ok)
        self.assertIn("refuses the login", self.feed.test_text)

    def test_other_columns_are_named(self):
        self.serve()
        self.confirm_columns(("SKU", "EAN", "Titre", "Prix HT", "Stock"))
        self.feed.action_test_connection()
        self.assertIn("Désignation", self.feed.test_text)
        self.assertIn("Titre", self.feed.test_text)

    def test_private_addresses_need_an_administrator(self):
        server = self.serve()
        self.allow("")
        self.feed.action_test_connection()
        self.assertFalse(self.feed.is_test_ok)
        self.assertIn("onep_sourcing.private_networks", self.feed.test_text)
        self.assertFalse(server.asked)

    def test_sftp_pins_the_key_and_says_it(self):
        server = self.serve_files(file_pattern="tarif_*.csv")
        server.put("tarif_1.csv")
        server.put("readme.md")
        self.feed.action_test_connection()
        self.assertTrue(self.feed.is_test_ok, self.feed.test_text)
        self.assertIn("Files there: 2; fitting the pattern: 1", self.feed.test_text)
        self.assertIn("First contact", self.feed.test_text)
        self.assertIn("SHA256:", self.feed.source_host_key)
        self.feed.action_test_connection()
        self.assertNotIn("First contact", self.feed.test_text)
        self.feed.source_host_key = f"SHA256:{'A' * 43}"
        self.feed.action_test_connection()
        self.assertIn("does not show the key we know", self.feed.test_text)
        self.feed.write({"source_host_key": False, "file_pattern": "*.xlsx"})
        self.feed.action_test_connection()
        self.assertIn("tarif_1.csv", self.feed.test_text)
        self.assertIn("Check the pattern", self.feed.test_text)

    def test_ftp_warns_of_clear_text(self):
        server = FtpServer()
        self.addCleanup(server.close)
        server.put("tarif.csv")
        self.feed.write(
            {
                "channel": "ftp",
                "source_encryption": "none",
                "source_host": "127.0.0.1",
                "source_port": server.port,
                "source_login": server.LOGIN,
                "source_password": server.PASSWORD,
            }
        )
        self.feed.action_test_connection()
        self.assertTrue(self.feed.is_test_ok, self.feed.test_text)
        self.assertIn("unencrypted", self.feed.test_text)

    def test_folder(self):
        with tempfile.TemporaryDirectory() as root:
            self.feed.write({"channel": "folder", "source_folder": root})
            self.feed.action_test_connection()
            self.assertIn("onep_feed_folders", self.feed.test_text)
            self.patch(config, "options", config.options.new_child({"onep_feed_folders": root}))
            put_file(root, "tarif.csv")
            self.feed.action_test_connection()
            self.assertTrue(self.feed.is_test_ok, self.feed.test_text)
            self.feed.source_folder = "/etc"
            self.feed.action_test_connection()
            self.assertFalse(self.feed.is_test_ok)
            self.assertNotIn("passwd", self.feed.test_text)

    def test_what_cannot_be_read_is_said(self):
        self.serve(b"%PDF-1.7 nothing for us")
        self.feed.action_test_connection()
        self.assertFalse(self.feed.is_test_ok)
        self.assertIn("PDF", self.feed.test_text)

    def test_in_the_reader_s_language(self):
        self.serve()
        self.env["res.lang"]._activate_lang("fr_FR")
        self.feed.action_test_connection()
        english = self.feed.test_text
        self.assertTrue(english)
        self.assertEqual(self.feed.test_entries[0]["rule"], "test-reached")

    def test_what_an_earlier_version_kept_still_opens(self):
        self.feed.test_entries = [
            {"rule": "test-file", "params": {"size_bytes": None, "modified_at": False}},
            {"rule": "file-imported", "params": {}},
            {"rule": "server-busy", "params": {}},
            {"rule": "no-such-rule", "params": None},
        ]
        self.assertEqual(len(self.feed.test_text.splitlines()), 4)

    def test_another_setting_makes_a_test_worthless(self):
        self.serve()
        self.feed.action_test_connection()
        self.feed.source_url = f"{self.feed.source_url}?x"
        self.assertFalse(self.feed.test_entries)
        self.assertEqual(len(PRICE_LIST), 165)
