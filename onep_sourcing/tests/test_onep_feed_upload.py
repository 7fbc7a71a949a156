import gzip
import io
import tarfile
import zipfile

from openpyxl import Workbook

from odoo.tests.common import Form, TransactionCase, tagged

HEADER = ["Référence", "EAN", "Désignation", "Prix net HT"]
LAMPS = [["A-1", "3770000000016", "Lampe de bureau", 12.5], ["A-2", "", "Lampadaire", 49]]
TOYS = [["T-1", "3770000000023", "Toupie", 3.2]]


@tagged("standard", "post_install", "-at_install")
class TestOnepFeedUpload(TransactionCase):
    """Files that hold several lists: one is proposed, each can be chosen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Grossiste Dupont"})

    def upload(self, name, data):
        return self.env["onep.feed.upload"]._create_from_file(name, data)

    def book(self, **sheets):
        book = Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def archive(self, **files):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as pack:
            for name, rows in files.items():
                text = "\n".join(";".join(map(str, row)) for row in rows)
                pack.writestr(f"{name}.csv", text)
        return buffer.getvalue()

    def first_code(self, upload):
        return upload.preview["rows"][0]["cells"]["supplier_sku"]

    def test_the_right_sheet_is_proposed_and_another_can_be_chosen(self):
        data = self.book(
            Conditions=[["Nos conditions"], ["Franco 300 €"]],
            Lampes=[HEADER, *LAMPS],
            Jouets=[HEADER, *TOYS],
        )
        upload = self.upload("tarif.xlsx", data)
        self.assertEqual(upload.sheet, "Lampes")
        self.assertEqual(upload.sheet_choices, ["Conditions", "Lampes", "Jouets"])
        self.assertEqual(self.first_code(upload), "A-1")
        with Form(upload) as form:
            form.sheet = "Jouets"
        upload.action_reread()
        self.assertEqual(self.first_code(upload), "T-1")
        upload.partner_id = self.partner
        run = upload._create_import()
        run._job_import()
        self.assertEqual((run.state, run.row_count), ("done", 1))

    def test_a_sheet_that_holds_no_list_says_so_and_can_be_left(self):
        upload = self.upload("t.xlsx", self.book(Vide=[[None]], Lampes=[HEADER, *LAMPS]))
        upload.sheet = "Vide"
        upload.action_reread()
        self.assertTrue(upload.error_message)
        self.assertFalse(upload.is_ready)
        self.assertIn("Lampes", upload.sheet_choices)
        upload.sheet = "Lampes"
        upload.action_reread()
        self.assertFalse(upload.error_message)

    def test_numbers_of_a_workbook_are_read_on_screen_as_they_are_imported(self):
        rows = [[*row[:3], price] for row, price in zip(LAMPS, (1.299, 12.499), strict=True)]
        upload = self.upload("tarif.xlsx", self.book(Lampes=[HEADER, *rows]))
        upload.partner_id = self.partner
        shown = [row["cells"]["purchase_price"] for row in upload.preview["rows"]]
        self.assertEqual(shown, ["1.299", "12.499"])
        self.assertFalse([item for item in upload.meanings if item["kind"] == "decimal"])
        upload._create_import()._job_import()
        offers = self.env["onep.supplier.offer"].search([("feed_id", "=", upload.feed_id.id)])
        self.assertEqual(sorted(offers.mapped("price_untaxed")), [1.299, 12.499])
        prints = upload.feed_id._get_layout().print_of("Prix net HT")
        self.assertEqual(prints.numbers, (1.299, 12.499))

    def test_one_sheet_asks_nothing(self):
        upload = self.upload("tarif.xlsx", self.book(Lampes=[HEADER, *LAMPS]))
        self.assertFalse(upload.sheet_choices)

    def test_files_of_an_archive(self):
        upload = self.upload(
            "tarifs.zip", self.archive(lampes=[HEADER, *LAMPS], jouets=[HEADER, *TOYS])
        )
        self.assertEqual(sorted(upload.member_choices), ["jouets.csv", "lampes.csv"])
        upload.member = "jouets.csv"
        upload.action_reread()
        self.assertEqual(self.first_code(upload), "T-1")
        upload.partner_id = self.partner
        run = upload._create_import()
        run._job_import()
        self.assertEqual((run.state, run.accepted_count), ("done", 1))

    def test_where_the_list_was_packed_is_told(self):
        upload = self.upload("listes.zip", self.archive(lampes=[HEADER, *LAMPS]))
        self.assertIn("lampes.csv in a ZIP", upload.shape_text)
        plain = ";".join(HEADER) + "\nA-1;;Lampe;12,50\n"
        self.assertIn(
            "packed as GZ", self.upload("tarif.csv.gz", gzip.compress(plain.encode())).shape_text
        )
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as pack:
            member = tarfile.TarInfo("tarif.csv")
            member.size = len(plain.encode())
            pack.addfile(member, io.BytesIO(plain.encode()))
        self.assertIn(
            "tarif.csv in a TAR.GZ", self.upload("tarif.tgz", buffer.getvalue()).shape_text
        )
        for word in ("ZIP", "GZ"):
            self.assertNotIn(word, self.upload("tarif.csv", plain.encode()).shape_text)

    def test_the_preview_speaks_the_user_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        text = "Référence;Désignation;Prix net HT;Poids (kg);TVA\nA-1;Lampe;1250,5;0,8505;5,5 %\n"
        upload = self.upload("tarif.csv", text.encode())
        cells = upload.preview["rows"][0]["cells"]
        self.assertEqual(
            [cells[name] for name in ("purchase_price", "weight", "vat_rate")],
            ["1,250.50", "850.5", "5.5\xa0%"],
        )
        french = upload.with_context(lang="fr_FR")
        french.invalidate_recordset(["preview"])
        cells = french.preview["rows"][0]["cells"]
        space = self.env["res.lang"]._lang_get("fr_FR").thousands_sep
        self.assertEqual(
            [cells[name] for name in ("purchase_price", "weight", "vat_rate")],
            [f"1{space}250,50", "850,5", "5,5\xa0%"],
        )

    def test_quantity_steps_in_headers_become_tiers(self):
        text = (
            "Référence;Désignation;Prix net HT;Prix 10+;Prix 50+\n"
            "A-1;Lampe;12,50;11,00;9,90\nA-2;Lampadaire;49,00;45,00;40,00\n"
        )
        upload = self.upload("tarif.csv", text.encode())
        lines = {line.column: line for line in upload.line_ids}
        self.assertEqual(lines["Prix 10+"].field, "tier_price")
        upload.partner_id = self.partner
        run = upload._create_import()
        run._job_import()
        offer = self.env["onep.supplier.offer"].search(
            [("partner_id", "=", self.partner.id), ("supplier_sku", "=", "A-1")]
        )
        self.assertEqual(
            offer.tiers, [{"quantity": 10, "price": 11.0}, {"quantity": 50, "price": 9.9}]
        )

    def test_rows_that_are_quantity_steps_become_tiers_and_are_counted(self):
        rows = [
            f"A-{n};Article {n};{q};{p}" for n in range(6) for q, p in ((1, 9), (10, 8), (50, 7))
        ]
        text = "\n".join(["Clé;Désignation;Quantité;Prix net HT", *rows])
        upload = self.upload("paliers.csv", text.encode())
        by_column = {line.column: line for line in upload.line_ids}
        self.assertEqual(by_column["Clé"].level, "asked")
        self.assertEqual(
            (by_column["Quantité"].field, by_column["Quantité"].level), ("tier_qty", "sure")
        )
        by_column["Clé"].field = "supplier_sku"
        upload.partner_id = self.partner
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.state, "done", run.error_message)
        self.assertEqual((run.row_count, run.accepted_count, run.merged_count), (18, 18, 12))
        offers = self.env["onep.supplier.offer"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual(len(offers), 6)
        self.assertEqual([step["quantity"] for step in offers[0].tiers], [10, 50])

    def test_columns_named_by_what_they_hold_ask_for_a_look(self):
        text = "".join(f"A-{n};37700000000{n}{n};Lampe numéro {n};{n},50\n" for n in range(1, 9))
        upload = self.upload("sans.csv", text.encode())
        self.assertTrue(upload.shape["guessed"])
        self.assertFalse(
            set(upload.line_ids.filtered("field").mapped("level")) - {"likely", "asked"}
        )
