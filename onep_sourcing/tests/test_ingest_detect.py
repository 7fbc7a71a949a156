"""What a file is, told by its bytes."""

import gzip
import io
import zipfile

from openpyxl import Workbook

from odoo.tests.common import BaseCase

from ..ingest import detect, encoding, readers, shape
from ..ingest.detect import SniffOptions, UnreadableFile

HEADER = "Référence;Désignation;Prix net HT;Stock"
ROWS = "A1;Écran 24 pouces;129,90;4\nA2;Câble d'été à 2 mètres;3,50;120\nA3;Clé USB;7,90;0\n"
LIST = f"{HEADER}\n{ROWS}"


def workbook(**sheets):
    """Bytes of an XLSX: sheet name → rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


class TestDetect(BaseCase):
    def assert_unreadable(self, rule, data, **options):
        with self.assertRaises(UnreadableFile) as caught:
            detect.sniff(data, "list.csv", SniffOptions(**options))
        self.assertEqual(caught.exception.rule, rule)
        self.assertTrue(caught.exception.message)
        self.assertNotIn("%(", caught.exception.message)

    def test_encodings(self):
        for codec, expected in (
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("utf-16", "utf-16"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("cp1252", "cp1252"),
            ("cp850", "cp850"),
            ("mac_roman", "mac_roman"),
        ):
            with self.subTest(codec=codec):
                found = detect.sniff(LIST.encode(codec))
                self.assertEqual(found.encoding, expected)
                self.assertEqual(found.headers[1], "Désignation")

    def test_the_euro_sign_tells_two_latin_encodings_apart(self):
        text = "Référence;Prix\nA1;12,00 €\nA2;13,00 €\n"
        self.assertEqual(encoding.detect(text.encode("iso-8859-15")), "iso-8859-15")
        self.assertEqual(encoding.detect(text.encode("cp1252")), "cp1252")

    def test_polish(self):
        text = "Nazwa;Cena zakupu;Opis\nŻółta łódź;12,00;Świetna gęś\nWąż;3,00;ćma\n"
        self.assertEqual(encoding.detect(text.encode("cp1250")), "cp1250")

    def test_accents_far_into_the_file(self):
        rows = "".join(f"A{number};Screen;1,50;4\n" for number in range(60_000))
        data = f"Reference;Name;Prix net HT;Stock\n{rows}B1;Écran à clé;2,00;1\n".encode("cp1252")
        self.assertEqual(detect.sniff(data).encoding, "cp1252")

    def test_a_sample_cut_inside_a_character(self):
        self.assertEqual(encoding.detect("déjà".encode()[:-1]), "utf-8")

    def test_delimiters(self):
        for delimiter in ";,\t|~":
            with self.subTest(delimiter=delimiter):
                text = LIST.replace(",", ".").replace(";", delimiter)
                found = detect.sniff(text.encode())
                self.assertEqual(found.delimiter, delimiter)
                self.assertEqual(len(found.headers), 4)

    def test_decimal_commas_do_not_cut(self):
        text = "Réf;PA HT;PVC TTC;TVA\n" + "A1;12,50;25,90;20,00\n" * 5
        self.assertEqual(detect.sniff(text.encode()).delimiter, ";")

    def test_semicolons_inside_tabbed_blocks(self):
        text = "SKU\tName\tCost\n" + "A1\tred; blue; green\t2.50\n" * 5
        self.assertEqual(detect.sniff(text.encode()).delimiter, "\t")

    def test_header_under_titles(self):
        for title in (
            "Mon tarif personnalisé;;;\n",
            "TARIF 2026 - Fournitures;;;\n;;;\n",
            "export généré\nédition du 03/01/2026\nSociété Dupont 2026\n\n",
        ):
            with self.subTest(title=title):
                found = detect.sniff((title + LIST).encode())
                self.assertEqual(found.header_row, title.count("\n") + 1)
                self.assertEqual(found.headers, tuple(HEADER.split(";")))

    def test_lines_pasted_from_another_encoding_do_not_decide(self):
        lines = LIST.encode() * 5 + "B1;Clé;3,00;1\n".encode("cp1252")
        self.assertEqual(detect.sniff(lines).encoding, "utf-8")

    def test_pages_in_latin_1_have_the_euro(self):
        rows = "<tr><td>Réf<td>Prix HT</tr><tr><td>A1<td>12,50 €</tr><tr><td>A2<td>3 €</tr>"
        page = f'<html><meta charset="iso-8859-1"><table>{rows}</table></html>'.encode("cp1252")
        found = detect.sniff(page)
        self.assertIn("12,50 €", readers.sample(page, found).frame["Prix HT"].tolist())

    def test_polish_encodings(self):
        text = "Indeks;Nazwa;Cena;Stan\nA1;Łącznik żółty;1,50;3\nA2;Świeca część;2,50;4\n"
        for codec in ("cp1250", "iso-8859-2", "cp852"):
            with self.subTest(codec=codec):
                self.assertEqual(encoding.detect(text.encode(codec)), codec)

    def test_signs_alone_are_no_central_european_letters(self):
        text = "SKU;Name;Price\nA1;Vis 5°;1,50\nA2;Tube Ø20 ±2;2,50\n"
        self.assertEqual(encoding.detect(text.encode("cp850")), "cp850")

    def test_header_of_unknown_names_over_values(self):
        found = detect.sniff(b"foo;bar;baz\nA1;Lamp;12,50\nA2;Chair;13,50\n")
        self.assertEqual(found.headers, ("foo", "bar", "baz"))

    def test_trailing_delimiter_and_repeated_names(self):
        found = detect.sniff(b"SKU;EAN;EAN;Price;\nA1;1;2;3,00;\nA2;1;2;4,00;\n")
        self.assertEqual(found.headers, ("SKU", "EAN", "EAN", "Price", ""))
        self.assertEqual(found.columns, ("SKU", "EAN", "EAN (2)", "Price", "Column 5"))

    def test_rows_wider_than_their_header(self):
        found = detect.sniff(b"SKU;Name;Price\nA1;x;3,00;\nA2;y;4,00;\n")
        self.assertEqual(found.headers, ("SKU", "Name", "Price", ""))

    def test_a_header_alone_that_ends_with_a_delimiter(self):
        found = detect.sniff(b"SKU;Name;Price;\nA1;x;3,00\nA2;y;4,00\n")
        self.assertEqual(found.headers, ("SKU", "Name", "Price"))

    def test_semicolons_of_entities_do_not_widen_the_table(self):
        found = detect.sniff(b"SKU;Name;Price\nA1;L&eacute;gume;3,00\nA2;R&amp;D;4,00\n")
        self.assertEqual(found.headers, ("SKU", "Name", "Price"))

    def test_names_above_figures_on_the_right(self):
        text = (
            "Ref   Nom            Prix HT   Stock\n"
            "A1    Lampe LED        12,50      3\n"
            "A2    Clavier azerty   25,90     12\n"
            "A3    Souris            9,90      0\n"
        )
        found = detect.sniff(text.encode())
        self.assertEqual(found.format, "fixed")
        self.assertEqual(found.headers, ("Ref", "Nom", "Prix HT", "Stock"))

    def test_forced_options(self):
        found = detect.sniff(b"A1;Lamp;12,50\nA2;Chair;3,00\n", "", SniffOptions(has_header=False))
        self.assertIsNone(found.header_row)
        self.assertEqual(found.columns, ("Supplier SKU", "Name", "Purchase price"))
        found = detect.sniff(LIST.encode("cp1252"), "", SniffOptions(encoding="cp1252"))
        self.assertEqual(found.encoding, "cp1252")
        found = detect.sniff(b"x;y;z\nSKU;Name;Price\nA;B;1\n", "", SniffOptions(header_row=2))
        self.assertEqual(found.headers, ("SKU", "Name", "Price"))

    def test_content_decides_whatever_the_name(self):
        self.assertEqual(
            detect.sniff(workbook(A=[["SKU", "Cost"], ["A", 1]]), "x.csv").format, "xlsx"
        )
        self.assertEqual(detect.sniff(LIST.encode(), "x.xlsx").format, "csv")
        self.assertEqual(detect.sniff(b'[{"sku": "A", "price": 1}]', "x.csv").format, "json")
        self.assertEqual(
            detect.sniff(b"<a><b><sku>A</sku></b><b><sku>B</sku></b></a>").format, "xml"
        )

    def test_the_sheet_that_is_a_price_list(self):
        data = workbook(
            Note=[["Prices valid until June"], ["Call us"]],
            Listino=[
                ["Listino 2026"],
                [],
                ["Codice", "EAN", "Prezzo netto"],
                ["A1", 4006381333931, 2.5],
            ],
        )
        found = detect.sniff(data)
        self.assertEqual((found.sheet, found.header_row), ("Listino", 3))
        self.assertEqual(found.sheets, ("Note", "Listino"))
        self.assert_unreadable("unknown-sheet", data, sheet="Prices")

    def test_archives(self):
        self.assertEqual(detect.sniff(gzip.compress(LIST.encode())).compression, "gz")
        found = detect.sniff(zipped(**{"list.csv": LIST, "__MACOSX/x": "x"}))
        self.assertEqual((found.compression, found.member), ("zip", "list.csv"))
        self.assertEqual(detect.sniff(zipped(a=LIST, b=LIST)).members, ("a", "b"))
        self.assert_unreadable("empty-file", zipped())
        inner = zipped(**{"list.csv": LIST})
        self.assert_unreadable("archive-nested", zipped(**{"inner.zip": inner}))
        self.assert_unreadable("archive-nested", gzip.compress(gzip.compress(LIST.encode())))
        table = workbook(A=[["SKU", "Price"], ["A", 1]])
        self.assertEqual(detect.sniff(zipped(**{"list.xlsx": table})).format, "xlsx")

    def test_where_a_document_breaks_off_is_told(self):
        xml = b"<list>\n<item><sku>A1</sku><name>R<D</name></item>\n</list>"
        with self.assertRaisesRegex(UnreadableFile, "XML file is not well formed at line 2"):
            detect.sniff(xml)
        with self.assertRaisesRegex(UnreadableFile, "JSON file is not well formed at line 3"):
            detect.sniff(b'{"sku": "A", "price": 1}\n{"sku": "B", "price": 2}\n{"sku": "C", "pr')
        with self.assertRaisesRegex(UnreadableFile, "JSON file is not well formed at line 2"):
            detect.sniff(b'[{"sku": "A"},\n {"sku": "B" "price": 2}]')

    def test_unreadable(self):
        self.assert_unreadable("empty-file", b"")
        self.assert_unreadable("empty-file", b" \r\n\r\n")
        self.assert_unreadable("empty-file", "\ufeff".encode())
        self.assert_unreadable("binary-file", bytes(range(256)) * 20)
        self.assert_unreadable("unsupported-format", b"%PDF-1.7 ...")
        self.assert_unreadable("unsupported-format", b"\x89PNG\r\n")
        self.assert_unreadable("no-table", b"<html><p>No table</p></html>")
        self.assert_unreadable("damaged-file", workbook(A=[["SKU"]])[:500])
        self.assert_unreadable("damaged-file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600)
        self.assert_unreadable("not-well-formed", b'[{"sku": "A", ')
        self.assert_unreadable("not-well-formed", b"<a><b></a>")
        self.assert_unreadable("no-header", b"hello;world\nto be;or not\n")
        self.assert_unreadable("no-rows", f"{HEADER}\n".encode())
        self.assert_unreadable("wrong-encoding", LIST.encode("cp1252"), encoding="utf-8")
        self.assert_unreadable("wrong-encoding", LIST.encode("utf-8"), encoding="utf-16")
        self.assert_unreadable("unknown-encoding", LIST.encode(), encoding="klingon")

    def test_entities_in_xml_are_refused(self):
        data = b'<!DOCTYPE a [<!ENTITY x "y">]><a><b><sku>&x;</sku></b></a>'
        self.assert_unreadable("unsafe-xml", data)

    def test_a_shape_survives_json(self):
        found = detect.sniff(LIST.encode())
        self.assertEqual(shape.FileShape.from_json(found.to_json()), found)
