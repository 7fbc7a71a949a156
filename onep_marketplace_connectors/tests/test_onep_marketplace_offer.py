from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .market_case import MarketplaceCase, gtin


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceOffer(MarketplaceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gtin = gtin(376012345678)
        cls.offer = cls.env["onep.marketplace.offer"].create(
            {"marketplace_id": cls.amazon.id, "gtin": cls.gtin, "state": "found"}
        )

    def test_unknown_figures_read_as_blank(self):
        values = self.offer.read(["buy_box_price_taxed", "sales_rank", "weight_g"])[0]
        self.assertIs(values["buy_box_price_taxed"], False)
        self.assertIs(values["sales_rank"], False)
        self.assertIs(values["weight_g"], False)
        self.assertEqual(self.offer.export_data(["sales_rank", "weight_g"])["datas"], [["", ""]])

    def test_zero_is_a_figure_and_false_forgets_it(self):
        self.offer.write({"buy_box_shipping_taxed": 0.0, "sales_rank": 12})
        self.env.invalidate_all()
        self.assertIsNot(self.offer.buy_box_shipping_taxed, False)
        self.assertEqual(self.offer.buy_box_shipping_taxed, 0)
        self.offer.sales_rank = False
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT sales_rank, buy_box_shipping_taxed FROM onep_marketplace_offer WHERE id = %s",
            [self.offer.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (None, 0))

    def test_unknown_can_be_searched(self):
        Offer = self.env["onep.marketplace.offer"]
        domain = [("id", "=", self.offer.id)]
        self.assertTrue(Offer.search(domain + [("sales_rank", "=", False)]))
        self.offer.buy_box_price_taxed = 12.0
        self.assertFalse(Offer.search(domain + [("buy_box_price_taxed", "=", False)]))
        self.assertTrue(Offer.search(domain + [("buy_box_price_taxed", "!=", False)]))

    def test_ean_as_it_is_printed(self):
        self.assertEqual(self.offer.ean, self.gtin[1:])
        Offer = self.env["onep.marketplace.offer"]
        self.assertEqual(Offer.search([("ean", "=", self.gtin[1:])]), self.offer)
        self.assertEqual(Offer.search([("ean", "ilike", self.gtin[5:12])]), self.offer)

    def test_freshness_follows_the_marketplace_s_setting(self):
        now = fields.Datetime.now()
        self.amazon.price_max_age_hours = 10
        ages = {None: "never", 1: "fresh", 20: "ageing", 40: "old"}
        for hours, wanted in ages.items():
            self.offer.fetched_at = now - timedelta(hours=hours) if hours else False
            self.offer.invalidate_recordset(["freshness"])
            self.assertEqual(self.offer.freshness, wanted)

    def test_reason_in_the_reader_s_words(self):
        self.offer.write({"reason_codes": "no-offer,no-rank-published,made-up"})
        self.assertEqual(
            self.offer.reason,
            "The product exists but nobody sells it at the moment."
            " This marketplace publishes no sales rank.",
        )
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.offer.with_context(lang="fr_FR").reason
        self.assertIn("classement", french)

    def test_read_again_asks_for_these_only(self):
        with trap_jobs() as trap:
            self.offer.action_refresh()
            trap.assert_jobs_count(1)
        self.assertEqual(self.amazon.last_sync_id.task_ids.mapped("gtin"), [self.gtin])

    def test_name_of_what_has_none(self):
        self.assertEqual(self.offer.display_name, self.gtin[1:])
