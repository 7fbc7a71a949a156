from psycopg2.errors import ForeignKeyViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests.common import new_test_user, tagged
from odoo.tools import mute_logger

from .import_case import ImportCase, make_ean, price_list

FIVE = [10.0, 11.0, 12.0, 13.0, 14.0]


@tagged("standard", "post_install", "-at_install")
class TestOnepSupplierOfferHistory(ImportCase):
    """Only changes are kept, with both values and the file that said so."""

    def changes(self, sku):
        return self.offers()[sku].history_ids.sorted("id")

    def test_a_first_import_has_no_history(self):
        run = self.run_import(price_list(FIVE))
        self.assertFalse(self.env["onep.supplier.offer.history"].search([]))
        self.assertEqual(self.offers()["A-000"].first_import_id, run)

    def test_a_change_keeps_both_values(self):
        self.run_import(price_list(FIVE))
        run = self.run_import(price_list([9.0, *FIVE[1:]]).replace(";9,00;5;1", ";9,00;7;6"))
        change = self.changes("A-000")
        self.assertEqual((change.import_id, change.kind), (run, "changed"))
        self.assertEqual((change.price_before, change.price_after), (10.0, 9.0))
        self.assertAlmostEqual(change.price_change_rate, -0.1)
        self.assertEqual((change.stock_before, change.stock_after), (5.0, 7.0))
        self.assertEqual((change.moq_before, change.moq_after), (1.0, 6.0))
        self.assertEqual(self.env["onep.supplier.offer.history"].search_count([]), 1)

    def test_what_did_not_move_stays_empty(self):
        self.run_import(price_list(FIVE))
        self.run_import(price_list(FIVE, stock=6))
        change = self.changes("A-001")
        self.assertIs(change.price_before, False)
        self.assertIs(change.price_after, False)
        self.assertEqual((change.stock_before, change.stock_after), (5.0, 6.0))

    def test_an_unknown_stock_is_no_zero(self):
        self.run_import(price_list(FIVE))
        self.run_import(price_list(FIVE, stock=""))
        change = self.changes("A-000")
        self.assertEqual(change.stock_before, 5.0)
        self.assertIs(change.stock_after, False)

    def test_other_columns_are_told_in_words(self):
        self.run_import(price_list(FIVE))
        self.run_import(price_list(FIVE, name="Article renommé {:03d}"))
        self.assertIn("Article 000 → Article renommé 000", self.changes("A-000").summary)

    def test_going_and_coming_back_are_kept(self):
        self.run_import(price_list(FIVE))
        gone = self.run_import(price_list([None, *FIVE[1:]]))
        back = self.run_import(price_list(FIVE))
        changes = self.changes("A-000")
        self.assertEqual(changes.mapped("kind"), ["gone", "returned"])
        self.assertEqual(changes.import_id, gone | back)
        self.assertEqual((gone.gone_count, back.new_count), (1, 1))

    def test_buttons_open_exactly_the_offers_also_of_an_older_import(self):
        first = self.run_import(price_list([*FIVE, None]))
        second = self.run_import(price_list([9.0, None, *FIVE[2:], 15.0]))
        third = self.run_import(price_list([9.0, 11.0, 12.5, 13.0, 14.0, 15.0]))
        self.assertEqual(self.browse(first.action_open_new()), [f"A-00{n}" for n in range(5)])
        self.assertEqual(self.browse(second.action_open_new()), ["A-005"])
        self.assertEqual(self.browse(second.action_open_changed()), ["A-000"])
        self.assertEqual(self.browse(second.action_open_gone()), ["A-001"])
        self.assertEqual(self.browse(second.action_open_unchanged()), ["A-002", "A-003", "A-004"])
        self.assertEqual(self.browse(third.action_open_new()), ["A-001"])
        self.assertEqual(self.browse(third.action_open_changed()), ["A-002"])
        for run in first | second | third:
            for kind in ("new", "changed", "gone", "unchanged"):
                opened = self.browse(getattr(run, f"action_open_{kind}")())
                self.assertEqual(len(opened), run[f"{kind}_count"], (run.id, kind))

    def test_two_imports_are_compared_in_one_click(self):
        self.run_import(price_list(FIVE))
        run = self.run_import(
            price_list([9.0, None, *FIVE[2:], 15.0]).replace("Article 002", "Lampe")
        )
        action = run.action_compare()
        found = self.env[action["res_model"]].search(action["domain"])
        told = {(row.supplier_sku, row.field): (row.before, row.after) for row in found}
        self.assertEqual(
            told,
            {
                ("A-000", "price_untaxed"): ("10.00\xa0€", "9.00\xa0€"),
                ("A-001", "gone"): (False, False),
                ("A-002", "name"): ("Article 002", "Lampe"),
                ("A-005", "new"): (False, "15.00\xa0€"),
            },
        )
        price = found.filtered(lambda row: row.field == "price_untaxed")
        self.assertAlmostEqual(price.change_rate, -0.1)
        self.assertEqual(set((found - price).mapped("change_rate")), {False})
        self.assertEqual(price.action_open_offer()["res_id"], price.offer_id.id)
        self.assertEqual(len(found.mapped("id")), len(set(found.ids)))

    def test_values_are_compared_in_the_user_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        header = "Référence;Désignation;Prix net HT;Stock;Disponible;TVA;Prix 10+;Prix 50+;Zone\n"
        self.run_import(header + "A-1;Lampe;1250,5;1200;oui;20 %;1100;1000;A\n")
        run = self.run_import(header + "A-1;Lampe;1250,505;0,5;non;5,5 %;1100;990,25;B\n")
        rows = self.env["onep.import.difference"].search([("import_id", "=", run.id)])
        told = {row.field: (row.before, row.after) for row in rows.with_context(lang="fr_FR")}
        price, stock = told["price_untaxed"], told["stock_quantity"]
        space = self.env["res.lang"]._lang_get("fr_FR").thousands_sep
        self.assertEqual(price, (f"1{space}250,50\xa0€", f"1{space}250,505\xa0€"))
        self.assertEqual(stock, (f"1{space}200", "0,5"))
        self.assertEqual(told["vat_rate"], ("20\xa0%", "5,5\xa0%"))
        self.assertIn("990,25\xa0€", told["tiers"][1])
        self.assertEqual(told["extra"], ("Zone: A", "Zone: B"))
        self.assertNotIn("yes", told["availability"])
        past = self.env["onep.supplier.offer.history"].search([("import_id", "=", run.id)])
        self.assertIn("5,5\xa0%", past.with_context(lang="fr_FR").summary)
        english = {row.field: row.after for row in rows}
        self.assertEqual(english["price_untaxed"], "1,250.505\xa0€")
        self.assertEqual(english["availability"], "Out of stock")

    def test_unchanged_offers_are_not_written(self):
        self.run_import(price_list(FIVE))
        self.env.cr.execute("SELECT id, ctid FROM onep_supplier_offer ORDER BY id")
        before = self.env.cr.fetchall()
        run = self.run_import(price_list(FIVE))
        self.env.cr.execute("SELECT id, ctid FROM onep_supplier_offer ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertEqual(run.unchanged_count, 5)
        self.assertEqual(self.offers()["A-000"].last_seen_at, run.finished_at)

    def test_what_moved_at_the_last_import_is_found(self):
        self.run_import(price_list(FIVE))
        self.run_import(price_list([9.0, *FIVE[1:]]))
        moved = self.env["onep.supplier.offer"].search(
            [("is_moved", "=", True), ("partner_id", "=", self.partner.id)]
        )
        self.assertEqual(moved.mapped("supplier_sku"), ["A-000"])
        self.assertEqual(moved.change_kind, "changed")
        self.assertFalse(self.offers()["A-001"].is_moved)

    def test_the_number_of_queries_does_not_follow_the_rows(self):
        def count(prices):
            run = self.make_run(price_list(prices))
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            run._job_import()
            self.env.flush_all()
            self.assertEqual(run.state, "done")
            return self.env.cr.sql_log_count - start

        few = count([10.0 + number for number in range(5)])
        many = count([10.5 + number for number in range(400)])
        self.assertLessEqual(many, few + 12)

    # links without foreign keys

    def test_a_deleted_feed_takes_everything_along(self):
        run = self.run_import(price_list(FIVE))
        self.run_import(price_list([9.0, *FIVE[1:]]))
        attachment = run.attachment_id
        self.feed.unlink()
        self.assertFalse(self.offers())
        self.assertFalse(self.env["onep.supplier.offer.history"].search([]))
        self.assertFalse(attachment.exists())
        self.assertFalse(run.exists())

    def test_a_deleted_import_leaves_offers_and_history(self):
        self.run_import(price_list(FIVE))
        run = self.run_import(price_list([9.0, *FIVE[1:]]))
        run.unlink()
        offer = self.offers()["A-000"]
        self.assertFalse(offer.last_import_id)
        self.assertEqual(offer.history_ids.price_after, 9.0)
        self.assertFalse(offer.history_ids.import_id)

    def test_a_deleted_product_frees_its_offers(self):
        self.run_import(price_list(FIVE))
        offer = self.offers()["A-000"]
        offer.product_id.unlink()
        self.assertFalse(offer.product_id)

    def test_a_currency_of_offers_cannot_be_deleted(self):
        currency = self.env["res.currency"].create({"name": "XQA", "symbol": "q"})
        self.run_import(price_list(FIVE))
        self.offers()["A-000"].currency_id = currency
        self.feed.invalidate_recordset()
        with self.assertRaises(UserError):
            currency.unlink()

    def test_an_offer_has_the_supplier_of_its_feed(self):
        self.run_import(price_list(FIVE))
        stranger = self.env["res.partner"].create({"name": "Autre"})
        with self.assertRaises(ValidationError):
            self.offers()["A-000"].partner_id = stranger

    def test_a_supplier_with_a_feed_cannot_be_deleted(self):
        self.run_import(price_list(FIVE))
        with self.assertRaises(ForeignKeyViolation), mute_logger("odoo.sql_db"):
            self.partner.unlink()

    def test_offers_follow_a_merged_supplier(self):
        self.run_import(price_list(FIVE))
        twin = self.env["res.partner"].create({"name": "Grossiste Martin SA"})
        self.run_import(price_list([20.0, *FIVE[1:], 15.0]), feed=self.make_feed(twin))
        kept = self.offers()["A-000"]
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | twin).ids, self.partner, extra_checks=False
        )
        offers = self.offers()
        self.assertEqual(sorted(offers), [f"A-00{number}" for number in range(6)])
        self.assertEqual((offers["A-000"], offers["A-000"].price_untaxed), (kept, 10.0))

    def test_no_table_of_offers_has_a_foreign_key(self):
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid IN "
            "('onep_supplier_offer'::regclass, 'onep_supplier_offer_history'::regclass)"
        )
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_two_feeds_of_a_supplier_share_an_article(self):
        self.run_import(price_list(FIVE))
        second = self.make_feed(self.partner, name="Second")
        run = self.run_import(price_list(FIVE[:2]), feed=second)
        self.assertEqual((run.unchanged_count, run.new_count), (2, 0))
        self.assertEqual(self.offers()["A-000"].feed_id, second)
        self.assertEqual(self.offers()["A-002"].feed_id, self.feed)

    # rights

    def test_a_buyer_reads_and_another_company_does_not(self):
        self.run_import(price_list(FIVE))
        self.run_import(price_list([9.0, *FIVE[1:]]))
        other = self.env["res.company"].create({"name": "Autre"})
        buyer = new_test_user(
            self.env,
            "history_buyer",
            groups="onep_sourcing.group_sourcing_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        stranger = new_test_user(
            self.env,
            "history_stranger",
            groups="onep_sourcing.group_sourcing_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for name in ("onep.supplier.offer.history", "onep.import.difference"):
            model = self.env[name].with_context(allowed_company_ids=None)
            self.assertTrue(model.with_user(buyer).search([]), name)
            self.assertFalse(model.with_user(stranger).search([]), name)
        with self.assertRaises(AccessError):
            self.changes("A-000").with_user(buyer).unlink()

    # files

    def test_old_files_are_let_go_but_never_the_last_good_one(self):
        runs = [self.run_import(price_list([10.0 + n, *FIVE[1:]])) for n in range(4)]
        bad = self.run_import("Référence;Prix net HT\nA-1;sur devis\n")
        self.assertEqual(bad.state, "failed")
        self.company.write({"onep_kept_files": 1, "onep_kept_days": 30})
        self.env.flush_all()
        self.env["onep.import"]._cron_archive_files()
        self.assertTrue(all(run.attachment_id for run in runs), "all are recent")
        self.env.cr.execute(
            "UPDATE onep_import SET create_date = create_date - interval '40 days' "
            "WHERE feed_id = %s",
            [self.feed.id],
        )
        self.env.invalidate_all()
        files = [run.attachment_id for run in runs]
        self.env["onep.import"]._cron_archive_files()
        self.assertEqual([bool(run.attachment_id) for run in runs], [False] * 3 + [True])
        self.assertEqual([bool(file.exists()) for file in files], [False] * 3 + [True])
        self.assertTrue(bad.attachment_id)
        self.assertEqual(runs[0].new_count, 5)
        self.assertTrue(runs[0].is_file_archived)

    def test_no_limit_keeps_all_files(self):
        run = self.run_import(price_list(FIVE))
        self.run_import(price_list([9.0, *FIVE[1:]]))
        self.company.write({"onep_kept_files": 0, "onep_kept_days": 0})
        self.env["onep.import"]._cron_archive_files()
        self.assertTrue(run.attachment_id)

    def test_foreign_prices_follow_the_rate_of_the_day(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        rate = self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "name": fields.Date.today(),
                "rate": 2.0,
                "company_id": self.company.id,
            }
        )
        self.feed.currency_id = usd
        self.run_import(price_list(FIVE))
        self.assertEqual(self.offers()["A-000"].price_company, 5.0)
        rate.rate = 4.0
        run = self.run_import(price_list(FIVE))
        self.assertEqual((run.unchanged_count, self.offers()["A-000"].price_company), (5, 2.5))

    def test_products_show_offers_by_their_gtin(self):
        self.run_import(price_list(FIVE))
        product = self.offers()["A-002"].product_id
        self.assertEqual(product.gtin, f"0{make_ean(2)}")
        self.assertEqual(product.supplier_offer_ids, self.offers()["A-002"])
        self.assertEqual(product.supplier_offer_count, 1)
