import io

from openpyxl import load_workbook

from odoo.tests import BaseCase, tagged

from ..ingest.quarantine_file import RefusedFile, RefusedRow, write


@tagged("standard", "post_install", "-at_install")
class TestQuarantineFile(BaseCase):
    def sheets(self, *files):
        data = write(files, "Line", "Reason")
        return load_workbook(io.BytesIO(data)).worksheets

    def test_reasons_stand_beside_the_original_cells(self):
        row = RefusedRow(17, "No price.", {"Réf": "A-1", "Prix": "sur devis"}, frozenset({"Prix"}))
        (sheet,) = self.sheets(RefusedFile("tarif.csv", ["Réf", "Nom", "Prix"], [row]))
        self.assertEqual(
            list(sheet.iter_rows(values_only=True)),
            [
                ("Line", "Reason", "Réf", "Nom", "Prix"),
                (17, "No price.", "A-1", None, "sur devis"),
            ],
        )
        self.assertEqual(sheet["E2"].fill.fgColor.rgb, "FFF8D7DA")
        self.assertNotEqual(sheet["C2"].fill.fgColor.rgb, "FFF8D7DA")

    def test_formulas_stay_text(self):
        cells = {"Nom": "=cmd|' /C calc'!A0", "Prix": "+1+1", "Lien": "https://example.com"}
        (sheet,) = self.sheets(RefusedFile("x", list(cells), [RefusedRow(2, "=1+1", cells)]))
        for cell in sheet[2][1:]:
            self.assertEqual(cell.data_type, "s", cell.value)
            self.assertFalse(cell.hyperlink)
        self.assertEqual(sheet["C2"].value, "=cmd|' /C calc'!A0")

    def test_sheet_names_are_accepted_and_unique(self):
        names = ["a/b:c*?[1].csv", "A B C   1 .csv", "x" * 40, "x" * 40, "'"]
        sheets = self.sheets(*(RefusedFile(name, [], []) for name in names))
        self.assertEqual(len({sheet.title.casefold() for sheet in sheets}), 5)
        self.assertTrue(all(0 < len(sheet.title) <= 31 for sheet in sheets))

    def test_columns_the_file_no_longer_names_are_kept(self):
        row = RefusedRow(3, "Short.", {"Autre": "1"})
        (sheet,) = self.sheets(RefusedFile("x", ["Réf"], [row]))
        self.assertEqual([cell.value for cell in sheet[1]], ["Line", "Reason", "Réf", "Autre"])
