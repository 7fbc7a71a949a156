from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..clients.amazon import AmazonClient
from ..clients.errors import RateLimited
from ..clients.records import CheckReport
from ..clients.steps import Step
from ..messages import NOTES
from ..models.onep_marketplace_connection import CLOSED
from .market_case import MarketplaceCase, gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplace(MarketplaceCase):
    def test_connection_in_plain_words(self):
        for marketplace in (self.amazon, self.fnac, self.cdiscount, self.mirakl):
            action = marketplace.action_check_connection()
            self.assertEqual(action["params"]["type"], "success", marketplace.last_check_message)
            self.assertEqual(marketplace.connection_state, "ok")
            self.assertIn("Connected as", marketplace.last_check_message)
            self.assertIn("demo market", marketplace.last_check_message)
            self.assertTrue(marketplace.last_check_at)

    def test_wrong_keys_say_what_to_do(self):
        self.amazon.amazon_client_secret = "planted-secret"
        action = self.amazon.action_check_connection()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(self.amazon.connection_state, "failed")
        self.assertIn("Rotate it", self.amazon.last_check_message)
        self.assertNotIn("planted", self.amazon.last_check_message)

    def test_seller_that_did_not_accept(self):
        self.cdiscount.cdiscount_seller_id = "999"
        self.cdiscount.action_check_connection()
        self.assertIn("Accept the client id", self.cdiscount.last_check_message)

    def test_words_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.amazon.amazon_client_secret = "other"
        self.amazon.with_context(lang="fr_FR").action_check_connection()
        self.assertIn("secret", self.amazon.last_check_message)
        self.assertNotIn("Rotate", self.amazon.last_check_message)

    def test_demo_market_that_is_not_running(self):
        self.env["ir.config_parameter"].set_param(
            "onep_marketplace_connectors.demo_market_url", False
        )
        self.fnac.action_check_connection()
        self.assertIn("demo market is not running", self.fnac.last_check_message)

    def test_outage_during_a_test(self):
        self.simulator.faults.add("html-503", platform="fnac")
        self.fnac.action_check_connection()
        self.assertEqual(self.fnac.connection_state, "failed")
        self.assertIn("HTTP 503", self.fnac.last_check_message)

    def test_missing_keys_are_named(self):
        bare = self.make_marketplace("cdiscount", cdiscount_client_secret=False)
        self.assertFalse(bare.is_configured)
        bare.action_check_connection()
        self.assertIn("Client Secret", bare.last_check_message)

    def test_changed_keys_ask_for_a_new_test(self):
        self.amazon.action_check_connection()
        self.amazon.name = "Amazon France"
        self.assertEqual(self.amazon.connection_state, "ok")
        self.amazon.amazon_client_secret = "another"
        self.assertEqual(self.amazon.connection_state, "unchecked")

    def test_code_is_unique_in_a_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.make_marketplace("fnac", code=self.fnac.code)
        other = self.env["res.company"].create({"name": "Other"})
        self.make_marketplace("fnac", code=self.fnac.code, company_id=other.id, user_id=False)

    def test_platforms_come_from_the_hook(self):
        codes = [code for code, _name in self.amazon._selection_platform()]
        self.assertEqual(codes, ["amazon", "fnac", "cdiscount", "mirakl"])
        for code in codes:
            self.assertEqual(self.amazon._get_client_classes()[code].platform, code)

    def test_real_accounts_use_the_platform_s_address(self):
        self.fnac.environment = "production"
        self.assertFalse(self.fnac.is_demo)
        self.assertEqual(self.fnac._get_account().endpoint_url, "")
        with self.fnac._get_client() as client:
            self.assertTrue(client._base.startswith("https://"))

    def test_real_keys_never_travel_in_the_clear(self):
        self.fnac.environment = "production"
        for address in ("http://api.example.com", "api.example.com", "ftp://example.com"):
            with self.assertRaisesRegex(ValidationError, "https://", msg=address):
                self.fnac.endpoint_url = address
        self.fnac.endpoint_url = "https://api.example.com/api.php"
        self.assertEqual(self.fnac._get_account().endpoint_url, "https://api.example.com/api.php")
        demo = self.cdiscount
        demo.endpoint_url = "http://127.0.0.1:9/octopia"
        with self.assertRaisesRegex(ValidationError, "https://"):
            demo.environment = "production"

    def test_company_with_market_offers_stays(self):
        self.sync(self.fnac, gtins(3))
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "another account"):
            self.fnac.company_id = other
        self.cdiscount.user_id = False
        self.cdiscount.company_id = other
        self.assertEqual(self.cdiscount.company_id, other)

    def test_nothing_to_ask_says_the_next_step(self):
        with self.assertRaises(UserError) as caught:
            self.amazon.action_sync()
        self.assertIn("Look up EANs", str(caught.exception))

    def test_sweep_under_way_is_given_back(self):
        self.sync(self.amazon, gtins(3))
        self.amazon.offer_ids.fetched_at = "2026-01-01"
        first = self.amazon._sync()
        self.assertEqual(self.amazon._sync(), first)
        self.assertEqual(self.amazon.last_sync_id, first)

    def test_default_is_what_is_known(self):
        self.sync(self.amazon, gtins(5))
        wanted = self.env.execute_query(self.amazon._get_wanted())
        self.assertEqual(sorted(value for value, _bonus in wanted), sorted(gtins(5)))
        self.assertEqual(self.amazon.offer_count, 5)
        priced = self.amazon.offer_ids.filtered(
            lambda offer: offer.buy_box_price_taxed or offer.lowest_price_taxed
        )
        self.assertEqual(self.amazon.priced_count, len(priced))
        self.sync(self.mirakl, gtins(40))
        lowest = self.mirakl.offer_ids.filtered("lowest_price_taxed")
        self.assertEqual(self.mirakl.priced_count, len(lowest), "no buy box is told there")
        self.assertGreater(len(lowest), 0)

    def test_missing_rights_say_what_for_and_whom_to_ask(self):
        report = CheckReport(
            seller="Shop",
            marketplaces=("Amazon.fr", "Amazon.de"),
            missing={Step.FEES: "getMyFeesEstimates", Step.RIGHTS: "getListingsRestrictions"},
            notes=("rights-not-tested",),
        )
        with patch.object(AmazonClient, "check", return_value=report):
            action = self.amazon.action_check_connection()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(self.amazon.connection_state, "limited")
        self.assertEqual(self.amazon.seller_name, "Shop")
        self.assertEqual(self.amazon.open_channels, "Amazon.fr, Amazon.de")
        message = self.amazon.last_check_message
        for words in (
            "Connected as Shop.",
            "Not allowed: read the marketplace's own estimate of its fees.",
            "Not allowed: ask whether you may sell an article.",
            "Tick the missing roles",
            "test again later",
            "LWA Client Secret: valid until",
        ):
            self.assertIn(words, message)
        self.assertGreater(len(message.split("\n")), 5, "one fact a line")

    def test_every_step_has_words(self):
        self.assertEqual(set(self.amazon._get_step_names()), {str(step) for step in Step})

    def test_every_note_has_words(self):
        notes = {"seller-id-missing", "rights-not-tested", *CLOSED}
        self.assertLessEqual(notes, set(NOTES))

    def test_spent_quota_says_nothing_about_the_keys(self):
        self.fnac.action_check_connection()
        error = RateLimited(30, operation="auth")
        with patch.object(type(self.fnac), "_get_client", side_effect=error):
            self.fnac.action_check_connection()
        self.assertEqual(self.fnac.connection_state, "ok")
        self.assertIn("the next one in", self.fnac.last_check_message)

    def test_cdiscount_has_no_sandbox(self):
        with self.assertRaisesRegex(ValidationError, "no sandbox"):
            self.cdiscount.environment = "sandbox"
        self.fnac.environment = "sandbox"
        with self.fnac._get_client() as client:
            self.assertIn("test", client._base)

    def test_what_a_marketplace_taught_is_given_back(self):
        self.amazon._remember({"batch_searchCatalogItems": "10"})
        self.amazon._remember({"batch_getItemOffersBatch": "5"})
        settings = self.amazon._get_account().settings
        self.assertEqual(settings["batch_searchCatalogItems"], "10")
        self.assertEqual(settings["batch_getItemOffersBatch"], "5")
        self.amazon._remember({"batch_searchCatalogItems": ""})
        self.assertNotIn("batch_searchCatalogItems", self.amazon._get_account().settings)
        self.fnac._remember({"pricing": "v1", "batch_size": "50"})
        self.assertEqual((self.fnac.fnac_pricing, self.fnac.fnac_batch_size), ("v1", 50))
        manager = self.make_user("connector_teaching", "group_connector_manager")
        self.amazon.with_user(manager).amazon_seller_id = "AOTHER"
        self.assertFalse(self.amazon.learned_settings, "of another account")

    def test_operator_s_address_of_mirakl(self):
        real = self.make_marketplace("mirakl", environment="production")
        self.assertEqual(real._get_account().endpoint_url, "https://operator.example.com")
        for address in (
            "http://operator.example.com",
            "https://10.0.0.8",
            "https://localhost",
            "https://server.internal/x",
            "https://user:pw@operator.example.com",
        ):
            with self.assertRaises(ValidationError, msg=address):
                real.mirakl_instance_url = address
        self.assertEqual(self.mirakl._get_account().endpoint_url, f"{self.simulator.url}/mirakl")

    def test_another_operator_never_gets_the_key(self):
        manager = self.make_user("connector_moving", "group_connector_manager")
        real = self.make_marketplace("mirakl", environment="production").with_user(manager)
        real.mirakl_instance_url = "https://operator.example.com/"
        self.assertTrue(real.is_configured, "the same host")
        real.mirakl_instance_url = "https://elsewhere.example.com"
        self.assertFalse(real.mirakl_api_key)
        self.assertFalse(real.is_configured)
        real.write({"mirakl_instance_url": "https://x.example.com", "mirakl_api_key": "of x"})
        self.assertEqual(real._get_account().secrets["mirakl_api_key"], "of x")
        shown = real.mirakl_api_key
        real.write({"mirakl_instance_url": "https://x.example.com/", "mirakl_api_key": shown})
        self.assertEqual(real._get_account().secrets["mirakl_api_key"], "of x")
        real.write({"mirakl_instance_url": "https://y.example.com", "mirakl_api_key": shown})
        self.assertFalse(real.mirakl_api_key, "the mask is no key")
        self.assertFalse(real.is_configured)

    def test_defaults_come_from_the_company(self):
        self.env.company.onep_price_max_age_hours = 6
        self.env.company.onep_identity_max_age_days = 90
        account = self.make_marketplace("fnac")
        self.assertEqual((account.price_max_age_hours, account.identity_max_age_days), (6, 90))

    def test_form_asks_for_the_platform_s_keys(self):
        form = Form(self.env["onep.marketplace"])
        form.name = "Darty"
        form.code = "darty_fr"
        form.platform = "fnac"
        form.fnac_partner_id = "p"
        form.fnac_shop_id = "s"
        with self.assertRaises(AssertionError):
            form.save()
        form.fnac_key = "k"
        self.assertTrue(form.save().is_configured)

    def test_archived_and_removed(self):
        self.sync(self.amazon, gtins(5))
        self.amazon.unlink()
        self.assertFalse(self.env["onep.marketplace.offer"].search([("gtin", "in", gtins(5))]))
