import io

import openpyxl

from odoo.exceptions import UserError
from odoo.tests.common import Form, tagged

from ..ingest.rules import Reason
from ..models.ingest_messages import get_meaning_message
from .mapping_case import SURE_LIST, MappingCase

#: A price for a colis whose size no column gives, and a weight that could be grams.
OPEN_LIST = (
    "Référence;Désignation;PA HT colis;Poids\nA-1;Lampe;60,00;28\nA-2;Table;24,00;34\n"
    "A-3;Clavier;12,00;25\n"
)


@tagged("standard", "post_install", "-at_install")
class TestFeedUploadMapping(MappingCase):
    """Meanings, values for all rows and expressions on the screen."""

    # what the figures mean

    def test_an_open_meaning_waits_for_a_person_and_is_remembered(self):
        upload = self.upload(OPEN_LIST)
        self.assertEqual(self.meaning(upload, "price_basis")["level"], "asked")
        self.assertIn("A price is for, Weights", upload.missing)
        self.assertFalse(upload.is_ready)
        with self.assertRaisesRegex(UserError, "Confirm what the figures mean"):
            upload._create_import()
        self.decide(upload, price_basis="pack", weight_unit="g")
        self.value(upload, "pack_size", "6")
        self.assertFalse(upload.missing)
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.state, "done", run.error_message)
        offers = self.offers()
        self.assertEqual(offers["A-1"].price_untaxed, 10)
        self.assertEqual(offers["A-1"].weight_g, 28)
        self.assertEqual(offers["A-1"].pack_size, 6)
        feed = upload.feed_id
        self.assertIn("a pack", feed.reading_text)
        told = get_meaning_message(self.env, [Reason("scope-few", {"rows": 1600, "known": 15740})])
        self.assertEqual(told, "Only 1,600 rows, of 15,740 articles known.")
        later = self.upload(OPEN_LIST.replace("60,00", "66,00"), feed=feed)
        self.assertTrue(self.meaning(later, "price_basis")["confirmed"])
        self.assertFalse(later.missing)

    def test_units_and_forms_of_rates_are_a_person_s_to_say(self):
        text = (
            "Référence;Désignation;Prix net HT;Poids;Délai;Remise;TVA\n"
            "A-1;Lampe;12,50;3;5;0,5;20\nA-2;Table;49,00;7;10;0,2;5,5\n"
        )
        upload = self.upload(text)
        shown = {item["kind"]: (item["value"], item["certainty"]) for item in upload.meanings}
        self.assertEqual(shown["lead_time_unit"][0], "days")
        self.assertEqual(shown["discount_form"][0], "share")
        self.assertEqual(shown["vat_form"][0], "percent")
        self.decide(
            upload, weight_unit="lb", lead_time_unit="working_days", discount_form="percent"
        )
        cells = upload.preview["rows"][0]["cells"]
        self.assertEqual(cells["lead_time_days"], "7")
        self.assertEqual(cells["discount_percent"], "0.5\xa0%")
        self.assertIn("1,360.777", cells["weight"])
        upload._create_import()._job_import()
        self.assertEqual(self.offers()["A-2"].lead_time_days, 14)
        self.assertIn("Lead times: working days", upload.feed_id.reading_text)
        feed = upload.feed_id
        entry = feed._receive("tarif2.csv", text.replace(";10;", ";3;").encode())
        self.assertEqual(entry["rule"], "file-imported")
        feed.last_import_id._job_import()
        self.assertEqual(self.offers()["A-2"].lead_time_days, 5, "3 working days")
        self.assertAlmostEqual(self.offers()["A-1"].weight_g, 1360.777, 2)
        values = self.exported(upload.action_export_mapping())
        self.assertEqual(values["confirmed"]["lead_time_unit"], "working_days")

    def test_unattended_files_are_read_as_the_first_was_confirmed(self):
        upload = self.upload(OPEN_LIST)
        self.decide(upload, price_basis="pack", weight_unit="g")
        self.value(upload, "pack_size", "6")
        self.line(upload, "Référence").adjustment = '"LAMP-" + []'
        upload._create_import()._job_import()
        feed = upload.feed_id
        entry = feed._receive("tarif2.csv", OPEN_LIST.replace("60,00", "66,00").encode())
        self.assertEqual(entry["rule"], "file-imported")
        feed.last_import_id._job_import()
        self.assertEqual(self.offers()["LAMP-A-1"].price_untaxed, 11)

    def test_a_setting_of_the_feed_is_the_last_word(self):
        upload = self.upload(SURE_LIST)
        self.decide(upload, vat="untaxed", scope="full")
        upload._create_import()
        feed = upload.feed_id
        feed.write({"prices_include_vat": True, "kind": "delta"})
        later = self.upload(SURE_LIST, feed=feed)
        self.assertTrue(later.prices_include_vat)
        self.assertEqual(later.decisions, {"vat": "taxed", "scope": "delta"})
        self.assertTrue(feed._get_mapping_json()["prices_include_vat"])

    def test_an_unattended_first_file_waits(self):
        entry = self.feed._receive("tarif.csv", OPEN_LIST.encode())
        self.assertEqual(entry["params"]["reason"]["rule"], "first-file")

    def test_meanings_nobody_asks_about_hold_nothing(self):
        upload = self.upload(SURE_LIST)
        self.assertFalse({item["level"] for item in upload.meanings} - {"sure", "likely"})
        self.assertTrue(upload.is_ready, upload.missing)

    def test_another_price_column_says_by_itself_what_it_includes(self):
        upload = self.upload(
            "Référence;Désignation;PA HT;Prix TTC\nA-1;Lampe;10,00;12,00\nA-2;Table;20,00;24,00\n"
            "A-3;Tapis;30,00;36,00\n"
        )
        self.assertFalse(upload.prices_include_vat)
        with Form(upload) as form:
            for index, column in enumerate(upload.line_ids.mapped("column")):
                with form.line_ids.edit(index) as line:
                    if column.startswith("P"):
                        line.field = "purchase_price" if column == "Prix TTC" else False
        self.assertTrue(upload.prices_include_vat)
        self.assertEqual(upload.preview["rows"][0]["cells"]["purchase_price"], "10.00")

    def test_meanings_are_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        upload = self.upload(SURE_LIST).with_context(lang="fr_FR")
        self.assertEqual(self.meaning(upload, "scope")["choices"][0][1], "Catalogue complet")

    def test_the_supplier_s_country_speaks_for_its_currency_at_first(self):
        self.partner.country_id = self.env.ref("base.ch")
        upload = self.upload(SURE_LIST)
        self.assertEqual(self.meaning(upload, "currency")["level"], "asked")
        self.decide(upload, currency="EUR")
        upload._create_import()
        later = self.upload(SURE_LIST, feed=upload.feed_id)
        self.assertTrue(self.meaning(later, "currency")["confirmed"])

    # constants and expressions

    def test_values_for_all_rows_fill_what_is_empty(self):
        upload = self.upload(SURE_LIST)
        self.value(upload, "brand", "Lego")
        self.value(upload, "vat_rate", "5,5")
        self.line(upload, "Prix net HT").adjustment = "- 10 %"
        cells = [row["cells"] for row in upload.preview["rows"]]
        self.assertEqual([cell["brand"] for cell in cells], ["Toka", "Lego"])
        self.assertEqual([cell["purchase_price"] for cell in cells], ["11.25", "44.10"])
        self.assertEqual(cells[0]["vat_rate"], "5.5\xa0%")
        run = upload._create_import()
        run._job_import()
        self.assertEqual(self.offers()["A-2"].brand, "Lego")
        self.assertEqual(self.offers()["A-2"].price_untaxed, 44.1)

    def test_a_quarantined_row_is_replayed_with_them(self):
        upload = self.upload(SURE_LIST.replace("49,00", "sur devis"))
        self.value(upload, "brand", "Lego")
        self.line(upload, "Prix net HT").adjustment = "× 0,5"
        run = upload._create_import()
        run._job_import()
        issue = run.issue_ids.filtered(lambda issue: issue.severity == "refuse")
        issue._correct({"Prix net HT": "50,00"})
        issue.action_replay()
        self.assertEqual(self.offers()["A-2"].price_untaxed, 25)
        self.assertEqual(self.offers()["A-2"].brand, "Lego")

    def test_wrong_ones_say_what_is_wrong(self):
        upload = self.upload(SURE_LIST)
        self.line(upload, "Prix net HT").adjustment = "moins dix"
        self.value(upload, "vat_rate", "vingt")
        self.value(upload, "name", "[Désignation] + [Marque]")
        self.assertIn("“moins dix” is not understood", upload.missing)
        self.assertIn("“vingt” is no figure that VAT rate can take", upload.missing)
        self.assertIn("Name already has a column", upload.missing)
        self.assertFalse(upload.is_ready)

    def test_a_name_joined_of_columns_that_fill_other_fields(self):
        upload = self.upload("Référence;Marque;Modèle;Prix net HT\nA-1;Toka;LB-1;12,50\n")
        upload.line_ids.filtered(
            lambda line: line.column == "Modèle"
        ).field = "manufacturer_part_number"
        self.value(upload, "name", '[Marque] + " " + [Modèle]')
        self.assertEqual(upload.preview["rows"][0]["cells"]["name"], "Toka LB-1")

    def test_two_columns_of_one_field_are_named(self):
        upload = self.upload(SURE_LIST)
        self.line(upload, "Marque").field = "name"
        self.assertIn("Désignation, Marque", upload.missing)

    def test_stocks_of_two_warehouses_are_added_up(self):
        upload = self.upload("Référence;Désignation;Prix net HT;Lyon;Lille\nA-1;Lampe;12,50;3;4\n")
        for column in ("Lyon", "Lille"):
            self.line(upload, column).field = "stock_quantity"
        self.assertFalse(upload.missing)
        upload._create_import()._job_import()
        self.assertEqual(self.offers()["A-1"].stock_quantity, 7)

    def test_another_feed_brings_its_own_adjustments_and_none_leaves_nothing(self):
        first = self.upload(SURE_LIST)
        self.line(first, "Prix net HT").adjustment = "× 0.5"
        self.value(first, "pack_size", "6")
        self.decide(first, scope="delta")
        first._create_import()
        partner = self.env["res.partner"].create({"name": "Autre"})
        other = self.make_feed(partner)
        for feed, price in ((other, "12.50"), (self.feed.browse(), "12.50")):
            upload = self.upload(SURE_LIST, feed=first.feed_id)
            self.assertEqual(upload.preview["rows"][0]["cells"]["purchase_price"], "6.25")
            with Form(upload) as form:
                form.feed_id = feed
            self.assertEqual(upload.preview["rows"][0]["cells"]["purchase_price"], price)
            self.assertFalse(upload.value_ids)
            self.assertFalse(upload.decisions)

    # what a person chose

    def test_a_choice_is_said_to_be_the_person_s(self):
        upload = self.upload(SURE_LIST)
        line = self.line(upload, "Marque")
        self.assertEqual((line.field, line.state), ("brand", "sure"))
        line.field = "category"
        self.assertEqual((line.state, line.reasons), ("person", "Chosen by you."))
        line.write({"field": False, "is_decided": True})
        self.assertEqual(line.state, "unused")
        upload._create_import()
        kept = upload.feed_id.mapping_ids.filtered(lambda line: line.column == "Marque")
        self.assertEqual((kept.field, kept.origin), (False, "person"))

    def test_of_two_look_alike_prices_the_choice_of_one_settles_the_other(self):
        rows = [f"A-{n};Lampe {n};{n},50;{n},{n * 7 % 90 + 10}" for n in range(5, 25)]
        upload = self.upload("\n".join(["Référence;Désignation;Prix A;Prix B", *rows]))
        one, other = self.line(upload, "Prix A"), self.line(upload, "Prix B")
        self.assertEqual((one.state, other.state), ("asked", "asked"))
        self.assertFalse(upload.is_ready)
        with Form(upload) as form:
            place = upload.line_ids.mapped("column").index("Prix A")
            with form.line_ids.edit(place) as line:
                line.field = "purchase_price"
            with form.line_ids.edit(place + 1) as line:
                self.assertEqual(line.state, "unused", "on screen, before anything is saved")
        self.assertEqual((one.state, other.state), ("person", "unused"))
        self.assertIn("“Prix A” is taken for Purchase price", other.reasons)
        self.assertFalse(upload.missing)
        run = upload._create_import()
        run._job_import()
        self.assertFalse(upload.feed_id.mapping_ids.filtered("level").filtered(
            lambda line: line.level == "asked"))  # fmt: skip
        self.assertEqual(self.offers()["A-5"].extra, {"Prix B": "5,45"})

    def test_the_other_price_can_still_be_mapped(self):
        rows = [f"A-{n};Lampe {n};{n},50;{n},{n * 7 % 90 + 10}" for n in range(5, 25)]
        upload = self.upload("\n".join(["Référence;Désignation;Prix A;Prix B", *rows]))
        self.line(upload, "Prix A").field = "purchase_price"
        other = self.line(upload, "Prix B")
        self.assertIn("purchase_price", other.alternatives)
        other.write({"field": "recommended_retail_price", "is_decided": True})
        self.assertEqual(other.state, "person")
        self.line(upload, "Prix A").field = False
        other.write({"field": False, "is_decided": False})
        self.assertEqual(other.state, "asked", "asked again, as nothing is the price")

    def test_what_a_person_chose_stays_when_the_file_is_read_again(self):
        text = SURE_LIST.replace("49,00", "49,00 €").replace("Marque", "Modèle")
        upload = self.env["onep.feed.upload"]._create_from_file("t.csv", text.encode("cp1252"))
        upload.partner_id = self.partner
        self.line(upload, "Modèle").field = "category"
        self.line(upload, "Référence").is_decided = True
        self.line(upload, "Désignation").write({"field": False, "is_decided": True})
        self.line(upload, "Prix net HT").adjustment = "× 0.5"
        self.value(upload, "pack_size", "6")
        self.decide(upload, vat="taxed", scope="delta", currency="EUR")
        upload.vat_rate = 5.5
        kept = self.values_of(upload)
        for options in ({"header_row": 1}, {"encoding": "cp1252"}, {"encoding": False}):
            upload.write(options)
            upload.action_reread()
            with self.subTest(options):
                self.assertEqual(self.values_of(upload), kept)
        # by an encoding that reads other names: what was chosen stays, proposals are made anew
        upload.encoding = "cp850"
        upload.action_reread()
        self.assertNotIn("Modèle", upload.line_ids.mapped("column"))
        self.assertEqual(self.values_of(upload)[0][:3], kept[0][:3])
        self.assertEqual(self.values_of(upload)[1:], kept[1:])
        # what cannot be read drops nothing either
        upload.encoding = "utf-16"
        upload.action_reread()
        self.assertTrue(upload.error_message)
        upload.encoding = "cp1252"
        upload.action_reread()
        self.assertFalse(upload.error_message)
        by_column = {line.column: line.field for line in upload.line_ids}
        self.assertEqual(by_column["Prix net HT"], "purchase_price")
        self.assertEqual(self.line(upload, "Prix net HT").adjustment, "× 0.5")

    def values_of(self, upload):
        lines = [(line.field, line.adjustment, line.state) for line in upload.line_ids]
        values = [(value.field, value.value) for value in upload.value_ids]
        return lines, values, upload.decisions, upload.vat_rate, upload.kind, upload.currency_id

    def test_what_a_feed_says_and_a_person_takes_away_stays_away(self):
        first = self.upload(SURE_LIST)
        self.line(first, "Prix net HT").adjustment = "× 0.5"
        self.line(first, "Marque").field = False
        self.value(first, "brand", "[Marque] + [Désignation]")
        self.value(first, "pack_size", "6")
        first._create_import()
        upload = self.upload(SURE_LIST, feed=first.feed_id)
        self.line(upload, "Prix net HT").adjustment = False
        upload.value_ids.unlink()
        upload.action_reread()
        self.assertFalse(self.line(upload, "Prix net HT").adjustment)
        self.assertFalse(upload.value_ids)

    def test_a_feed_found_at_the_second_reading_keeps_its_own_adjustments(self):
        create = self.env["onep.feed.upload"]._create_from_file
        silent, said = (create("t.csv", SURE_LIST.encode()) for _upload in range(2))
        self.line(said, "Prix net HT").adjustment = "+ 1"
        first = self.upload(SURE_LIST)
        self.line(first, "Prix net HT").adjustment = "× 0.5"
        first._create_import()
        for upload, adjustment in ((silent, "× 0.5"), (said, "+ 1")):
            self.assertFalse(upload.feed_id)
            upload.action_reread()
            self.assertEqual(upload.feed_id, first.feed_id)
            self.assertEqual(self.line(upload, "Prix net HT").adjustment, adjustment)

    def test_an_adjustment_of_the_feed_goes_with_its_field(self):
        text = SURE_LIST.replace("Prix net HT", "Prix net HT;Tarif").replace(",50", ",50;10,50")
        text = text.replace(",00", ",00;40,00")
        first = self.upload(text)
        self.line(first, "Tarif").field = False
        self.line(first, "Prix net HT").adjustment = "× 0.5"
        first._create_import()
        upload = self.upload(text, feed=first.feed_id)
        self.assertEqual(self.line(upload, "Prix net HT").adjustment, "× 0.5")
        with Form(upload) as form:
            names = upload.line_ids.mapped("column")
            with form.line_ids.edit(names.index("Prix net HT")) as line:
                line.field = "recommended_retail_price"
                self.assertFalse(line.adjustment, "it was the purchase price's")
            with form.line_ids.edit(names.index("Tarif")) as line:
                line.field = "purchase_price"
                self.assertEqual(line.adjustment, "× 0.5")
                line.adjustment = "× 0.7"
                line.field = "recommended_retail_price"
                self.assertEqual(line.adjustment, "× 0.7", "what a person typed stays")

    def test_another_sheet_keeps_what_was_chosen_of_the_columns_it_has(self):
        book = openpyxl.Workbook()
        book.active.title = "Lampes"
        for row in SURE_LIST.splitlines():
            book.active.append(row.split(";"))
        other = book.create_sheet("Tables")
        for row in (("Référence", "Prix net HT", "Zone"), ("T-1", "9,00", "7"), ("T-2", "8", "7")):
            other.append(row)
        data = io.BytesIO()
        book.save(data)
        upload = self.env["onep.feed.upload"]._create_from_file("t.xlsx", data.getvalue())
        upload.partner_id = self.partner
        self.line(upload, "Référence").field = "manufacturer_part_number"
        self.line(upload, "Marque").field = "category"
        upload.sheet = "Tables"
        upload.action_reread()
        self.assertEqual(self.line(upload, "Référence").field, "manufacturer_part_number")
        self.assertNotIn("category", upload.line_ids.mapped("field"))

    def test_sixty_columns_are_read_in_time(self):
        names = [f"Colonne {n}" for n in range(56)]
        head = ";".join(["Référence", "Désignation", "Marque", "Prix net HT", *names])
        rows = [f"A-{n};Lampe;Toka;{n},50" + ";7" * 56 for n in range(1, 200)]
        upload = self.upload("\n".join([head, *rows]))
        self.assertEqual(len(upload.line_ids), 60)
        with self.assertQueryCount(60):
            upload.invalidate_recordset(["preview", "meanings", "missing"])
            self.assertTrue(upload.preview["rows"])
            self.assertTrue(upload.meanings)
