from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepEvaluation(BuyingCase):
    """From offers and market to figures: hand-worked deals, and every kind of unknown."""

    def test_best_fulfilment_and_bounds(self):
        opportunity = self.make_opportunity()
        self.assertRecordValues(
            opportunity,
            [
                {
                    "landed_cost": 10.0,
                    "revenue_untaxed": 25.0,
                    "commission": 3.0,
                    "fulfilment": "marketplace",
                    "fulfilment_fee": 4.0,
                    "net_margin": 8.0,
                    "margin_rate": 0.32,
                    "roi": 0.8,
                    "net_margin_marketplace": 8.0,
                    "net_margin_merchant": 7.0,
                    # (10 + 4) / (1 / 1.2 - 0.1), rounded up
                    "break_even_price_taxed": 19.1,
                    # (25 - 3 - 4) / 1.3, rounded down
                    "max_buy_price": 13.84,
                    "margin_known": True,
                    "unknown_reasons": False,
                    "fee_category_id": self.fee_category.id,
                    "rate_card_id": self.rate_card.id,
                    "price_basis": "buy_box",
                    "is_demo": True,
                    "is_immediate": True,
                }
            ],
        )
        self.assertIn(opportunity.grade, "ABCDE")
        self.assertAlmostEqual(
            sum(line["given"] for line in opportunity.score_lines), opportunity.score, delta=1.0
        )

    def test_only_allowed_fulfilment(self):
        self.marketplace.ships_by_marketplace = False
        opportunity = self.make_opportunity()
        self.assertEqual(opportunity.fulfilment, "merchant")
        self.assertEqual(opportunity.net_margin, 7.0)
        self.assertFalse(opportunity.net_margin_marketplace)

    def test_size_missing_falls_back_to_own_carrier(self):
        opportunity = self.make_opportunity(
            market_vals={"length_mm": False, "width_mm": False, "height_mm": False}
        )
        self.assertEqual(opportunity.fulfilment, "merchant")
        self.assertEqual(opportunity.net_margin, 7.0)

    def test_market_shipping_counts(self):
        """Shipped by us, the buyer's 3.00 of shipping is income and base of the commission."""
        self.marketplace.ships_by_marketplace = False
        opportunity = self.make_opportunity(
            market_vals={"buy_box_price_taxed": 27.0, "buy_box_shipping_taxed": 3.0}
        )
        self.assertEqual(opportunity.sell_price_taxed, 27.0)
        self.assertEqual(opportunity.shipping_charged_taxed, 3.0)
        self.assertEqual(opportunity.net_margin, 7.0)

    def test_untold_shipping_is_named(self):
        """Nobody tells what the holder charges to ship: 0 is taken, and said, not stored."""
        self.marketplace.ships_by_marketplace = False
        opportunity = self.make_opportunity(market_vals={"buy_box_shipping_taxed": False})
        words = "shipping charged unknown: taken as 0"
        self.assertEqual(opportunity.net_margin, 7.0)
        self.assertIs(opportunity.shipping_charged_taxed, False)
        self.assertIn("shipping_charged_unknown", opportunity.estimated_reasons.split(","))
        self.assertIn(words, opportunity.attention)
        (line,) = [row for row in opportunity.waterfall if row["key"] == "shipping_charged_taxed"]
        self.assertEqual((line["amount"], line["estimated"]), (0.0, True))
        self.assertIn("taken as 0", line["note"])
        # one that the marketplace ships for charges the buyer nothing: that is known
        opportunity.market_offer_id.sudo().buy_box_fulfilment = "marketplace"
        self.evaluate()
        self.assertEqual(opportunity.shipping_charged_taxed, 0.0)
        self.assertNotIn("shipping charged", opportunity.estimated_text or "")

    def test_extra_cost_and_eco_tax(self):
        self.company.onep_extra_cost = 0.5
        opportunity = self.make_opportunity(offer_vals={"eco_tax": 0.25})
        self.assertEqual(opportunity.landed_cost, 10.75)
        self.assertEqual(opportunity.net_margin, 7.25)

    def assertUnknown(self, opportunity, reasons, words):
        """The margin is NULL in the table, blank on screen, and says why."""
        self.assertEqual(len(opportunity), 1)
        self.env.cr.execute(
            "SELECT net_margin, roi, score FROM onep_opportunity WHERE id = %s", opportunity.ids
        )
        self.assertEqual(self.env.cr.fetchone(), (None, None, None))
        self.assertIs(opportunity.net_margin, False)
        self.assertFalse(opportunity.margin_known)
        self.assertEqual(opportunity.unknown_reasons, reasons)
        self.assertEqual(opportunity.unknown_text, words)
        self.assertIn(words, opportunity.attention)

    def test_unknown_not_read(self):
        offer = self.make_offer()
        self.evaluate()
        self.assertUnknown(self.find(offer), "market_unread", "marketplace not read yet")

    def test_unknown_not_found(self):
        opportunity = self.make_opportunity(
            market_vals={
                "state": "not_found",
                "buy_box_price_taxed": False,
                "lowest_price_taxed": False,
                "category": False,
            }
        )
        self.assertUnknown(opportunity, "market_not_found", "EAN not found on the marketplace")

    def test_unknown_no_price(self):
        opportunity = self.make_opportunity(
            market_vals={
                "state": "no_price",
                "buy_box_price_taxed": False,
                "lowest_price_taxed": False,
            }
        )
        self.assertUnknown(opportunity, "market_no_price", "no market price")

    def test_unknown_category(self):
        opportunity = self.make_opportunity(market_vals={"category": "Quantum widgets"})
        self.assertUnknown(opportunity, "category_unmapped", "category not mapped")
        self.assertTrue(opportunity.needs_category)

    def test_unknown_weight(self):
        self.marketplace.ships_by_marketplace = False
        opportunity = self.make_opportunity(market_vals={"weight_g": False})
        self.assertUnknown(opportunity, "weight_missing", "no weight")
        self.assertTrue(opportunity.needs_size)

    def test_unknown_exchange_rate(self):
        currency = self.env["res.currency"].create({"name": "XOP", "symbol": "¤", "active": True})
        opportunity = self.make_opportunity(offer_vals={"currency_id": currency.id})
        self.assertUnknown(opportunity, "currency_rate_missing", "no exchange rate")

    def test_unknown_rate_card(self):
        self.rate_card.active = False
        opportunity = self.make_opportunity()
        self.assertFalse(opportunity.margin_known)
        self.assertIn("rate_card_missing", opportunity.unknown_reasons.split(","))

    def test_in_store_ean_never_matches(self):
        gtin = "02012345678900"
        offer = self.make_offer(gtin)
        self.make_market_offer(gtin)
        self.evaluate()
        self.assertUnknown(
            self.find(offer), "gtin_restricted", "in-store EAN, unknown outside the supplier"
        )
        wanted = self.env.execute_query(self.marketplace._get_wanted())
        self.assertNotIn(gtin, [value for value, _bonus in wanted])

    def test_lowest_price_when_no_buy_box(self):
        opportunity = self.make_opportunity(
            market_vals={"buy_box_price_taxed": False, "lowest_price_taxed": 24.0}
        )
        # 24 / 1.2 - 10 - 2.4 - 4
        self.assertEqual(opportunity.net_margin, 3.6)
        self.assertEqual(opportunity.price_basis, "lowest")
        self.assertIn("lowest offer taken", opportunity.estimated_text)
        self.assertFalse(opportunity.is_immediate)

    def test_supplier_size_is_an_assumption(self):
        opportunity = self.make_opportunity(
            offer_vals={"weight_g": 500, "length_mm": 200, "width_mm": 150, "height_mm": 50},
            market_vals={
                "weight_g": False,
                "length_mm": False,
                "width_mm": False,
                "height_mm": False,
            },
        )
        self.assertEqual(opportunity.net_margin, 8.0)
        self.assertIn("weight or size assumed", opportunity.estimated_text)

    def test_day_rate(self):
        currency = self.env["res.currency"].create({"name": "XOP", "symbol": "¤"})
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": fields.Date.today(),
                "rate": 2.0,
            }
        )
        opportunity = self.make_opportunity(
            offer_vals={"currency_id": currency.id, "price_untaxed": 20.0}
        )
        self.assertEqual(opportunity.buy_price, 10.0)
        self.assertEqual(opportunity.net_margin, 8.0)

    def test_too_good_to_be_true(self):
        opportunity = self.make_opportunity(offer_vals={"price_untaxed": 1.0})
        self.assertTrue(opportunity.is_suspicious)
        self.assertFalse(opportunity.is_immediate)

    def test_gone_offer_is_archived_and_comes_back(self):
        opportunity = self.make_opportunity()
        offer = opportunity.supplier_offer_id
        offer.is_present = False
        run = self.evaluate()
        self.assertEqual(run.gone_count, 1)
        self.assertFalse(opportunity.active)
        offer.is_present = True
        self.evaluate()
        self.assertTrue(opportunity.active)
        self.assertEqual(self.find(offer), opportunity)

    def test_only_moved_figures_are_written(self):
        self.make_opportunity(GTINS[0])
        other = self.make_opportunity(GTINS[1])
        self.evaluate()
        priced_at = other.evaluated_at
        other.supplier_offer_id.price_untaxed = 11.0
        with self.subTest("the second run writes one row"):
            run = self.evaluate()
            self.assertEqual(run.total_count, 2)
            self.assertLessEqual(run.opportunity_count, 2)
        self.assertEqual(other.net_margin, 7.0)
        self.assertGreaterEqual(other.evaluated_at, priced_at)

    def test_import_scope(self):
        """Only what the import changed, and what was never priced."""
        imported = self.env["onep.import"].create(
            {"feed_id": self.feed.id, "file_name": "list.csv"}
        )
        changed = self.make_offer(GTINS[0], last_import_id=imported.id, change_kind="changed")
        unpriced = self.make_offer(GTINS[1], last_import_id=imported.id, change_kind="unchanged")
        priced = self.make_opportunity(
            GTINS[2], {"last_import_id": imported.id, "change_kind": "unchanged"}
        )
        run = self.evaluate("import", import_id=imported.id)
        self.assertEqual(run.total_count, 2)
        self.assertTrue(self.find(changed) and self.find(unpriced) and priced)

    def test_sync_scope(self):
        sync = self.env["onep.market.sync"].create(
            self.env["onep.market.sync"]._prepare_sync_vals(self.marketplace, "sweep")
        )
        self.make_offer(GTINS[0])
        self.make_offer(GTINS[1])
        self.make_market_offer(GTINS[0], sync_id=sync.id, changed_sync_id=sync.id)
        self.make_offer(GTINS[2])
        self.make_market_offer(GTINS[2], sync_id=sync.id)
        run = self.evaluate("sync", sync_id=sync.id, marketplace_id=self.marketplace.id)
        self.assertEqual(run.total_count, 1)

    def test_after_sync_enqueues_once(self):
        sync = self.env["onep.market.sync"].create(
            self.env["onep.market.sync"]._prepare_sync_vals(self.marketplace, "sweep")
        )
        sync.changed_count = 1
        with trap_jobs() as trap:
            sync._after_sync()
            sync._after_sync()
            run = self.env["onep.evaluation"].search([("sync_id", "=", sync.id)])
            self.assertEqual(len(run), 1)
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                run.sudo()._job_evaluate,
                properties={"identity_key": f"onep_evaluation-{run.id}"},
            )

    def test_update_that_changes_nothing_prices_nothing_and_moves_dates(self):
        opportunity = self.make_opportunity()
        sync = self.env["onep.market.sync"].create(
            self.env["onep.market.sync"]._prepare_sync_vals(self.marketplace, "sweep")
        )
        seen = fields.Datetime.now() + timedelta(hours=1)
        opportunity.market_offer_id.write({"sync_id": sync.id, "fetched_at": seen})
        with trap_jobs() as trap:
            sync._after_sync()
            trap.assert_jobs_count(0)
        self.assertEqual(opportunity.fetched_at, seen)

    def test_what_suppliers_offer_is_asked(self):
        self.make_offer(GTINS[0])
        self.make_offer(GTINS[1], is_present=False)
        self.make_offer("02012345678900")
        wanted = self.env.execute_query(self.marketplace._get_wanted())
        self.assertEqual([value for value, _bonus in wanted], [GTINS[0]])

    def test_other_company_is_left_alone(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.eur.id})
        feed = self.make_feed(self.make_supplier("Elsewhere"), company_id=other.id)
        offer = self.make_offer(GTINS[3], feed=feed)
        self.make_market_offer(GTINS[3])
        self.evaluate()
        self.assertFalse(self.find(offer))

    def test_pages(self):
        """A run larger than one page prices every deal once."""
        for gtin in GTINS:
            self.make_offer(gtin)
            self.make_market_offer(gtin)
        module = "odoo.addons.onep_sourcing.models.onep_evaluation.BATCH_DEALS"
        with self.patch_constant(module, 2):
            run = self.evaluate()
        self.assertEqual(run.done_count, len(GTINS))
        self.assertEqual(
            self.env["onep.opportunity"].search_count(
                [("company_id", "=", self.company.id), ("net_margin", "=", 8.0)]
            ),
            len(GTINS),
        )

    def patch_constant(self, target, value):
        from unittest.mock import patch

        return patch(target, value)

    def test_query_count_does_not_grow(self):
        """As many statements for 200 deals as for 2."""

        def count(first, size):
            for number in range(first, first + size):
                gtin = f"{3000000000000 + number:014d}"
                self.make_offer(gtin)
                self.make_market_offer(gtin)
            run = self.env["onep.evaluation"].create(
                {"name": "Test", "state": "queued", "company_id": self.company.id}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            run._job_evaluate()
            self.env.flush_all()
            return self.cr.sql_log_count - start

        few = count(0, 2)
        many = count(10, 200)
        self.assertLessEqual(many, few + 2)
        self.assertLess(many, 80)

    def test_freshness(self):
        opportunity = self.make_opportunity(
            market_vals={"fetched_at": fields.Datetime.now() - timedelta(days=10)}
        )
        self.assertEqual(opportunity.freshness, "old")
        self.assertTrue(opportunity.needs_market)
        self.assertIn("may have moved", opportunity.attention)

    def test_vat_is_the_destination_s(self):
        """A list's VAT rate is its supplier's country's: elsewhere it says nothing."""
        local = self.make_feed(self.make_supplier("Local", country_id=self.country.id))
        abroad = self.make_supplier("Abroad", country_id=self.env.ref("base.de").id)
        vals = {"vat_rate": 0.0}
        here = self.make_opportunity(GTINS[0], vals, feed=local)
        there = self.make_opportunity(GTINS[1], vals, feed=self.make_feed(abroad))
        nowhere = self.make_opportunity(GTINS[2], vals)
        self.assertEqual(here.revenue_untaxed, 30.0)
        self.assertEqual(there.revenue_untaxed, 25.0)
        self.assertEqual(nowhere.revenue_untaxed, 25.0)
        self.assertIs(there.vat_rate, False)

    def test_import_scope_catches_up(self):
        """An offer that moved after its pricing is priced, though this import left it alone."""
        earlier, imported = self.env["onep.import"].create(
            [{"feed_id": self.feed.id, "file_name": name} for name in ("old.csv", "new.csv")]
        )
        missed = self.make_opportunity(
            GTINS[0], {"last_import_id": imported.id, "change_kind": "unchanged"}
        )
        absent = self.make_opportunity(
            GTINS[1], {"last_import_id": earlier.id, "change_kind": "changed"}
        )
        priced = self.make_opportunity(
            GTINS[2], {"last_import_id": imported.id, "change_kind": "unchanged"}
        )
        (missed | absent).supplier_offer_id.price_untaxed = 11.0
        self.env.flush_all()
        for opportunities, moved in ((missed | absent, "1 hour"), (priced, "-1 hour")):
            self.env.cr.execute(
                "UPDATE onep_supplier_offer AS offer "
                "SET write_date = known.evaluated_at + %s::interval "
                "FROM onep_opportunity AS known "
                "WHERE known.supplier_offer_id = offer.id AND known.id = ANY(%s)",
                (moved, opportunities.ids),
            )
        run = self.evaluate("import", import_id=imported.id)
        self.assertEqual(run.total_count, 2)
        self.assertEqual((missed | absent | priced).mapped("net_margin"), [7.0, 7.0, 8.0])

    def test_condition_words(self):
        """Conditions in the suppliers' words; an unknown one is not new."""
        self.env["onep.rate.card.line"].create(
            [
                {
                    "card_id": self.rate_card.id,
                    "category_id": self.fee_category.id,
                    "condition": condition,
                    "rate": rate,
                }
                for condition, rate in (("refurbished", 0.2), ("used", 0.3))
            ]
        )
        commissions = {
            False: 3.0,
            "Neuf": 3.0,
            " NEW ": 3.0,
            "Reconditionné": 6.0,
            "Refurbished": 6.0,
            "Used": 9.0,
            "D’occasion": 9.0,
        }
        for number, (condition, commission) in enumerate(commissions.items()):
            with self.subTest(condition=condition):
                opportunity = self.make_opportunity(
                    f"{3000000000000 + number:014d}", {"condition": condition}
                )
                self.assertEqual(opportunity.commission, commission)
                self.assertEqual(opportunity.net_margin, 11.0 - commission)
                lines = {line["key"]: line["amount"] for line in opportunity.waterfall}
                self.assertEqual(lines["commission"], -commission)
        strange = self.make_opportunity(GTINS[0], {"condition": "Déballé, B-stock"})
        self.assertUnknown(
            strange, "condition_unknown", "the supplier's condition is not understood"
        )
