import contextlib
import io
from unittest.mock import MagicMock, patch

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import config

from ..cli.onep_secrets import OnepSecrets
from ..models.onep_secret_mixin import KEY_OPTION
from .market_case import SECRETS, MarketplaceCase


@tagged("standard", "post_install", "-at_install")
class TestOnepSecretRotation(MarketplaceCase):
    """Another key for everything that is kept, while everything works."""

    def setUp(self):
        super().setUp()
        self.env["onep.marketplace.secret"].sudo().search([]).unlink()
        for name in self.env["onep.secret.mixin"]._get_secret_models():
            self.env[name].sudo().search([]).unlink()
        self.old, self.new, self.lost = (Fernet.generate_key().decode() for _key in range(3))
        self.use_keys(self.old)
        self.amazon.write(
            {name: value for name, value in SECRETS.items() if name.startswith("amazon")}
        )
        self.amazon.amazon_client_secret = "the second"
        self.fnac.fnac_key = SECRETS["fnac_key"]

    def use_keys(self, *keys):
        self.patch(config, "options", config.options.new_child({KEY_OPTION: ",".join(keys)}))

    def test_every_model_of_every_addon_is_known(self):
        names = self.env["onep.secret.mixin"]._get_secret_models()
        self.assertIn("onep.marketplace.secret", names)
        self.assertNotIn("onep.secret.mixin", names)
        for name in names:
            self.assertIn("encrypted", self.env[name]._fields)

    def test_all_at_once_then_the_old_key_can_go(self):
        self.use_keys(self.new, self.old)
        self.assertEqual(self.fnac._get_account().secrets["fnac_key"], SECRETS["fnac_key"])
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.onep_secret_count, 3)
        self.assertEqual(settings.onep_key_source, "option")
        notice = settings.action_rotate_all_secrets()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertIn("3 secrets", notice["message"])
        self.assertIn("can be removed", notice["message"])
        self.use_keys(self.new)
        self.assertEqual(self.fnac._get_account().secrets["fnac_key"], SECRETS["fnac_key"])
        self.assertEqual(self.amazon._get_account().secrets["amazon_client_secret"], "the second")
        self.amazon.action_restore_amazon_secret()
        self.assertEqual(
            self.amazon._get_account().secrets["amazon_client_secret"],
            SECRETS["amazon_client_secret"],
            "the former one was encrypted again too",
        )

    def test_what_cannot_be_opened_is_named_and_left(self):
        self.use_keys(self.lost)
        self.fnac.fnac_key = "of another server"
        kept = self.fnac.sudo().secret_ids.encrypted
        self.use_keys(self.new, self.old)
        notice = self.env["res.config.settings"].create({}).action_rotate_all_secrets()["params"]
        self.assertEqual(notice["type"], "warning")
        self.assertTrue(notice["sticky"])
        self.assertIn("2 secrets", notice["message"])
        self.assertIn("Fnac: fnac_key", notice["message"])
        self.assertIn("keep the former keys", notice["message"])
        self.assertEqual(self.fnac.sudo().secret_ids.encrypted, kept)

    def test_one_account_by_itself(self):
        self.use_keys(self.new, self.old)
        notice = self.fnac.action_rotate_secrets()["params"]
        self.assertIn("1 secrets", notice["message"])
        self.use_keys(self.new)
        self.assertEqual(self.fnac._get_account().secrets["fnac_key"], SECRETS["fnac_key"])

    def test_only_administrators(self):
        manager = self.make_user("connector_rotating", "group_connector_manager")
        settings = self.env["res.config.settings"].create({})
        with self.assertRaises(AccessError):
            settings.with_user(manager).action_rotate_all_secrets()

    def run_command(self, *args):
        """Run the command on this database, in this test's transaction; (exit code, output)."""
        registry = MagicMock(wraps=self.env.registry)
        registry.cursor.return_value.__enter__.return_value = self.env.cr
        output = io.StringIO()
        with (
            patch("odoo.modules.registry.Registry.__new__", return_value=registry),
            patch.object(config, "parse_config"),
            patch.object(self.env.cr, "commit", lambda: None),
            contextlib.redirect_stdout(output),
            self.assertRaises(SystemExit) as left,
        ):
            self.patch(
                config, "options", config.options.new_child({"db_name": [self.env.cr.dbname]})
            )
            OnepSecrets().run(list(args))
        return left.exception.code, output.getvalue()

    def test_command(self):
        self.use_keys(self.new, self.old)
        code, words = self.run_command()
        self.assertEqual(code, 0, words)
        self.assertIn("3 secrets are encrypted with the newest key", words)
        self.use_keys(self.lost)
        code, words = self.run_command()
        self.assertEqual(code, 1)
        self.assertIn("Fnac: fnac_key", words)
        self.assertIn("0 secrets", words)
        self.assertNotIn(SECRETS["fnac_key"], words)

    def test_command_is_found_by_odoo(self):
        from odoo.cli.command import find_command

        self.assertEqual(find_command("onep_secrets").name, "onep_secrets")
