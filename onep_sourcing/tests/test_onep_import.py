"""Price lists that are read, proposed and imported, or refused."""

import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests.common import tagged
from odoo.tools import SQL

from .upload_case import HEADER, ROWS, UploadCase


@tagged("standard", "post_install", "-at_install")
class TestOnepImport(UploadCase):
    def test_upload_proposes_a_complete_mapping(self):
        upload = self.upload(HEADER + ROWS)
        self.assertFalse(upload.error_message)
        self.assertEqual(
            dict(upload.line_ids.mapped(lambda line: (line.column, line.field))),
            {
                "Référence": "supplier_sku",
                "EAN": "ean",
                "Désignation": "name",
                "Marque": "brand",
                "Prix net HT": "purchase_price",
                "Stock": "stock_quantity",
            },
        )
        self.assertTrue(upload.is_ready, upload.missing)

    def test_preview_shows_normalised_rows_and_marks_the_refused_one(self):
        upload = self.upload(HEADER + ROWS + "A-4;3770000000047;Écran;Toka;sur devis;3\n")
        rows = upload.preview["rows"]
        self.assertEqual(rows[0]["cells"]["purchase_price"], "12.50")
        refused = [row for row in rows if row["state"] == "refuse"]
        self.assertEqual([row["line"] for row in refused], [5])
        self.assertIn("purchase_price", refused[0]["marks"])

    def test_mapping_without_price_is_not_ready_and_says_so(self):
        upload = self.upload(HEADER + ROWS)
        upload.line_ids.filtered(lambda line: line.field == "purchase_price").field = False
        self.assertFalse(upload.is_ready)
        self.assertIn("purchase price", upload.missing)
        with self.assertRaises(UserError):
            upload.action_confirm()

    def test_a_correction_is_remembered_for_the_next_file(self):
        upload = self.upload(HEADER.replace("Stock", "Zone") + ROWS)
        line = upload.line_ids.filtered(lambda line: line.column == "Zone")
        line.field = "minimum_order_quantity"
        upload._create_import()
        again = self.upload(HEADER.replace("Stock", "Zone") + ROWS + "A-9;;Tapis;Toka;3,00;2\n")
        line = again.line_ids.filtered(lambda line: line.column == "Zone")
        self.assertEqual(line.field, "minimum_order_quantity")
        self.assertEqual(line.origin, "memory")

    def test_import_makes_offers_and_products(self):
        run = self.run_import(HEADER + ROWS)
        self.assertEqual(run.state, "done", run.error_message)
        self.assertEqual((run.row_count, run.accepted_count, run.new_count), (3, 3, 3))
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.price_untaxed, 12.5)
        self.assertEqual(offer.gtin, "03770000000016")
        self.assertEqual(offer.product_id.gtin, "03770000000016")
        self.assertEqual(offer.product_id.name, "Lampe de bureau")
        self.assertEqual(offer.stock_quantity, 40)

    def test_unknown_figures_stay_unknown(self):
        self.run_import("Référence;EAN;Désignation;Prix net HT\nA-1;3770000000016;Lampe;12,50\n")
        offer = self.offers()
        self.assertIs(offer.stock_quantity, False)
        self.assertIs(offer.weight_g, False)
        self.assertIs(offer.minimum_order_quantity, False)

    def test_second_import_counts_new_changed_unchanged_and_gone(self):
        self.run_import(HEADER + ROWS)
        first = {offer.supplier_sku: offer.id for offer in self.offers()}
        run = self.run_import(
            HEADER
            + "A-1;3770000000016;Lampe de bureau;Lumia;13,00;40\n"
            + "A-2;3770000000023;Clavier sans fil;Toka;25,90;7\n"
            + "A-5;3770000000054;Casque;Toka;49,00;4\n"
        )
        self.assertEqual(
            (run.new_count, run.changed_count, run.unchanged_count, run.gone_count), (1, 1, 1, 1)
        )
        offers = {offer.supplier_sku: offer for offer in self.offers()}
        self.assertEqual(offers["A-1"].id, first["A-1"])
        self.assertEqual(offers["A-1"].previous_price_untaxed, 12.5)
        self.assertFalse(offers["A-3"].is_present)

    def test_the_card_of_a_feed_shows_how_its_files_grow(self):
        other = self.env["onep.supplier.feed"].create(
            {"name": "Other", "partner_id": self.partner.id}
        )
        self.assertEqual((self.feed | other).mapped("row_curve"), [False, False])
        self.run_import(HEADER + ROWS)
        self.run_import(HEADER + ROWS + "A-4;3770000000047;Tapis;Toka;5,00;4\n")
        self.upload(HEADER + ROWS + "A-9;;Câble;Toka;5,00;4\n")._create_import()  # still to do
        self.assertEqual((self.feed | other).mapped("row_curve"), [[3, 4], False])

    def test_a_list_without_skus_keeps_its_quarantined_articles(self):
        self.run_import("EAN;Désignation;Prix net HT\n3770000000016;Lampe;12,50\n")
        run = self.run_import(
            "EAN;Désignation;Prix net HT\n3770000000016;Lampe;sur devis\n"
            "3770000000023;Clavier;25,90\n"
        )
        self.assertEqual((run.quarantined_count, run.gone_count), (1, 0))

    def test_a_change_of_currency_is_no_change_of_price(self):
        self.env["res.currency"]._activate_group_multi_currency()
        usd = self.env.ref("base.USD")
        usd.active = True
        self.run_import(HEADER + ROWS)
        self.feed.currency_id = usd
        self.run_import(HEADER + ROWS.replace("12,50", "14,00"))
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.currency_id, usd)
        self.assertIs(offer.previous_price_untaxed, False)

    def test_rows_in_equal_accepted_plus_quarantined(self):
        run = self.run_import(
            HEADER + ROWS + "A-6;3770000000061;Sac;Toka;sur devis;1\n;;Sans rien;Toka;5,00;1\n"
        )
        self.assertEqual(run.row_count, 5)
        self.assertEqual((run.accepted_count, run.quarantined_count), (3, 2))
        issues = run.issue_ids.filtered(lambda issue: issue.severity == "refuse")
        self.assertEqual(issues.sorted("line").mapped("line"), [5, 6])
        self.assertIn("Sac", json.dumps(issues.mapped("raw"), ensure_ascii=False))
        self.assertTrue(all(issues.mapped("reason")))

    def test_a_quarantined_row_is_not_gone(self):
        self.run_import(HEADER + ROWS)
        run = self.run_import(
            HEADER + ROWS.replace("9,99", "sur devis"),
        )
        self.assertEqual(run.gone_count, 0)
        self.assertTrue(all(self.offers().mapped("is_present")))

    def test_measures_that_were_converted_are_told_once_on_the_import(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        text = HEADER.replace("Stock", "Stock;Poids (kg)") + ROWS.replace("\n", ";1,2\n")
        run = self.run_import(text)
        self.assertFalse(run.issue_ids)
        self.assertEqual(set(self.offers().mapped("weight_g")), {1200.0})
        self.assertEqual(
            run.repair_text,
            "Weight: The measure was given in kg; it was converted to g. Rows: 3.",
        )
        self.assertIn(run.repair_text, self.upload(text).preview["repairs"])

    def test_a_file_in_an_inactive_currency_shows_its_cells(self):
        self.run_import(HEADER + ROWS + "A-9;;Reste;X;n.c.;1\n")
        waiting = self.env["onep.import.issue"].search([("feed_id", "=", self.feed.id)])
        self.env.ref("base.CHF").active = False
        text = (HEADER + ROWS).replace("Stock", "Stock;Devise").replace("\n", ";CHF\n")
        run = self.run_import(text.replace("Devise;CHF", "Devise"))
        self.assertEqual(run.state, "failed")
        self.assertEqual((run.accepted_count, run.quarantined_count), (0, 3))
        self.assertEqual(run.issue_ids[0].raw["Désignation"], "Lampe de bureau")
        self.assertEqual(set(waiting.mapped("state")), {"open"}, "it replaced nothing")

    def test_same_sku_twice_keeps_the_first_and_says_so(self):
        run = self.run_import(HEADER + ROWS + "A-1;3770000000016;Lampe bis;Lumia;99,00;1\n")
        self.assertEqual(run.quarantined_count, 1)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.price_untaxed, 12.5)
        self.assertIn("2", run.issue_ids.filtered(lambda i: i.severity == "refuse").reason)

    def test_import_again_changes_nothing(self):
        self.run_import(HEADER + ROWS)
        before = self.offers().read(["price_untaxed", "stock_quantity", "first_seen_at"])
        run = self.run_import(HEADER + ROWS)
        self.assertEqual((run.unchanged_count, run.new_count, run.changed_count), (3, 0, 0))
        after = self.offers().read(["price_untaxed", "stock_quantity", "first_seen_at"])
        self.assertEqual(before, after)

    def test_same_file_is_noticed_before_any_work(self):
        self.run_import(HEADER + ROWS)
        self.assertTrue(self.upload(HEADER + ROWS).duplicate_import_id)

    def test_foreign_currency_is_converted_at_the_day_rate(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": usd.id, "name": fields.Date.today(), "rate": 1.25}
        )
        self.feed.currency_id = usd
        self.run_import(HEADER + ROWS)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.currency_id, usd)
        self.assertAlmostEqual(offer.price_company, 10.0)

    def test_without_a_rate_the_company_price_is_unknown(self):
        gbp = self.env.ref("base.GBP")
        gbp.active = True
        gbp.rate_ids.unlink()
        self.feed.currency_id = gbp
        self.run_import(HEADER + ROWS)
        self.assertEqual(set(self.offers().mapped("price_company")), {False})

    def test_row_in_an_inactive_currency_waits_in_quarantine(self):
        self.env.ref("base.JPY").active = False
        run = self.run_import(
            "Référence;EAN;Désignation;Prix net HT;Devise\n"
            "A-1;3770000000016;Lampe;12,50;EUR\nA-2;3770000000023;Clavier;2590;JPY\n"
        )
        self.assertEqual((run.accepted_count, run.quarantined_count), (1, 1))
        self.assertIn("JPY", run.issue_ids.reason)

    def test_product_is_matched_to_the_variant_with_that_barcode(self):
        variant = self.env["product.product"].create(
            {"name": "Lampe Odoo", "barcode": "3770000000016"}
        )
        self.run_import(HEADER + ROWS)
        product = self.env["onep.product"].search([("gtin", "=", "03770000000016")])
        self.assertEqual(product.product_id, variant)

    def assert_refused(self, data, word, **options):
        upload = self.upload(data, **options)
        self.assertIn(word, upload.error_message or "")
        self.assertFalse(upload.is_ready)
        with self.assertRaises(UserError):
            upload.action_confirm()
        self.assertFalse(self.offers())

    def test_empty_file_is_refused(self):
        self.assert_refused(b"", "empty")

    def test_binary_rubbish_is_refused(self):
        self.assert_refused(bytes(range(256)) * 40, "binary", name="photo.csv")

    def test_file_without_header_is_named_by_what_it_holds(self):
        upload = self.upload("A-1;3770000000016;12,50\nA-2;3770000000023;25,90\n")
        self.assertIn("no header", upload.shape_text)
        self.assertEqual(upload.preview["rows"][0]["line"], 1, "the first line is an article")
        rows = "".join(f"A-{n};{5 * n},50;{3 * n}\n" for n in range(1, 9)) + "A-9;sur devis;4\n"
        upload = self.upload(rows)
        self.assertEqual(upload.line_ids.mapped("column")[2], "Stock", "what is stored is stable")
        self.assertEqual(upload.line_ids.mapped("label")[2], "Stock quantity")
        upload.line_ids[0].adjustment = "[] + [Stock quantity]"
        self.assertEqual(upload.preview["rows"][0]["cells"]["supplier_sku"], "A-1 3")
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.feed_id.mapping_ids.mapped("label")[2], "Stock quantity")
        self.assertIn("Supplier SKU: [Supplier SKU] + [Stock quantity]", run.feed_id.reading_text)
        self.assertIn("Stock quantity: 4", run.issue_ids.raw_text)
        unclear = self.upload("12;13;14\n15;16;17\n18;19;20\n")
        self.assertFalse(unclear.is_ready)
        self.assertIn("identifies the article", unclear.missing)

    def test_header_only_is_refused(self):
        self.assert_refused(HEADER, "no rows")

    def test_wrong_encoding_is_refused_and_can_be_corrected(self):
        upload = self.upload(HEADER + ROWS, encoding="cp1252")
        self.assertEqual(upload.line_ids[0].column, "Référence")
        upload.encoding = "utf-8"
        upload.action_reread()
        self.assertIn("utf-8", upload.error_message)
        upload.encoding = False
        upload.action_reread()
        self.assertFalse(upload.error_message)
        self.assertEqual(upload.line_ids[0].column, "Référence")

    def test_file_without_ean_imports_by_sku(self):
        run = self.run_import("Référence;Désignation;Prix net HT\nA-1;Lampe;12,50\n")
        self.assertEqual(run.state, "done")
        self.assertFalse(self.offers().gtin)

    def test_no_row_accepted_leaves_the_catalogue_alone(self):
        self.run_import(HEADER + ROWS)
        run = self.run_import(
            HEADER + "A-1;3770000000016;Lampe;Lumia;sur devis;1\nA-2;;Clavier;Toka;n.c.;1\n"
        )
        self.assertEqual(run.state, "failed")
        self.assertIn("2", run.error_message)
        self.assertEqual(len(run.issue_ids.filtered(lambda i: i.severity == "refuse")), 2)
        self.assertEqual(len(self.offers().filtered("is_present")), 3)

    def test_a_file_left_without_importing_is_not_kept(self):
        left = self.upload(HEADER + ROWS)
        file = left.attachment_id
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE onep_feed_upload SET write_date = '2020-01-01' WHERE id = %s", left.id)
        )
        self.env["onep.feed.upload"]._transient_clean_rows_older_than(300)
        self.assertFalse(left.exists() or file.exists())
        imported = self.upload(HEADER + ROWS)
        run = imported._create_import()
        imported.unlink()
        self.assertTrue(run.attachment_id.raw)

    def test_quarantine_is_grouped_by_what_the_rule_says(self):
        self.run_import(HEADER + ROWS + "A-1;;Lampe;Lumia;12;1\nA-9;;Lampe;Lumia;sur devis;1\n")
        Issue = self.env["onep.import.issue"]
        domain = [("feed_id", "=", self.feed.id)]
        labels = dict(Issue.fields_get(["rule"])["rule"]["selection"])
        found = {labels[rule] for rule, _count in Issue._read_group(domain, ["rule"], ["__count"])}
        self.assertIn("Line … already has this supplier SKU; the first one was kept.", found)
        self.assertIn("The row has no purchase price.", found)
        self.assertFalse({label for label in labels.values() if "%(" in label})

    def test_messages_come_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.env["onep.feed.upload"].with_context(lang="fr_FR")
        upload = french._create_from_file("vide.csv", b"", self.feed)
        self.assertIn("vide", upload.error_message)
