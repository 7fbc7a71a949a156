import io
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
