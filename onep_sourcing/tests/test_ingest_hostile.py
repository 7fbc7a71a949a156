"""Files that attack their reader are refused with a reason, in bounded time and memory."""

import gzip
import io
import json

import openpyxl

from odoo.tests.common import BaseCase

from ..ingest import detect, preview, readers
from ..ingest.errors import UnreadableFile
from .written_files import HEADER, joined, zipped


class TestHostile(BaseCase):
    def refused(self, data, *rules):
        with self.assertRaises(UnreadableFile) as caught:
            preview.preview(data)
        self.assertIn(caught.exception.rule, rules)
        self.assertTrue(caught.exception.message)

    def test_archives(self):
        self.refused(zipped({"../../etc/tarif.csv": "a;b\n1;2\n"}), "unsafe-archive")
        self.refused(zipped({"C:\\tarif.csv": "a;b\n1;2\n"}), "unsafe-archive")
        self.refused(zipped({f"{n}.csv": "" for n in range(2001)}), "archive-crowded")
        nested = zipped({"a.zip": zipped({"b.csv": joined(";")})})
        self.refused(nested, "archive-nested")
        bomb = gzip.compress(b"sku;ean;price\n" + b"A;1;1\n" * 100_000, 9)
        self.assertEqual(preview.preview(bomb)["counts"]["rows"], 100_000)

    def test_a_bomb_stops_at_the_limit(self):
        from ..ingest import source

        data = gzip.compress(b"sku;ean;price\n" + b"A;1;1\n" * 1_000_000, 1)
        limit, source.UNPACKED_LIMIT = source.UNPACKED_LIMIT, 2 * 1024**2
        try:
            self.refused(data, "archive-too-large")
        finally:
            source.UNPACKED_LIMIT = limit

    def test_a_sheet_that_claims_a_grid(self):
        book = openpyxl.Workbook()
        book.active["A1"], book.active["XFD1048576"] = "SKU", "x"
        data = io.BytesIO()
        book.save(data)
        self.refused(data.getvalue(), "sheet-too-large")

    def test_entities(self):
        text = '<!DOCTYPE a [<!ENTITY a "a"><!ENTITY b "&a;&a;&a;">]><a><b><sku>&b;</sku></b></a>'
        self.refused(text.encode(), "unsafe-xml")
        mended = text.replace("<sku>", "<sku>R&D &eacute; ")
        self.refused(mended.encode(), "unsafe-xml")
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
        text = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a><b><sku>R&D &l9;</sku></b></a>'
        self.refused(text.encode(), "unsafe-xml")

    def test_one_long_line(self):
        self.refused(b"sku;ean;price\n" + b"x" * 2_000_000, "line-too-long")
        self.refused(b"a;" * 1_000_000, "line-too-long")

    def test_deep_documents(self):
        self.refused(b"[" * 200_000, "damaged-file")
        self.refused(b"<a>" * 100_000, "not-well-formed")
        self.refused(b"<table>" + b"<tr><td>" * 20_000, "empty-file", "no-header", "no-table")

    def test_spans_take_no_more_than_they_should(self):
        cells = "<td colspan=1000 rowspan=1000>a" * 30
        data = f"<table><tr>{cells}</tr>" + "<tr><td>b</td></tr>" * 1000 + "</table>"
        self.refused(data.encode(), "no-header", "no-rows", "sheet-too-large")

    def test_formulas_are_text(self):
        rows = [HEADER, ["=cmd|' /C calc'!A0", "3606480325205", "@SUM(1+1)", "12,50", "3"],
                ['="00123"', "4006381333931", "+Nom", "3,00", "3"]]  # fmt: skip
        found = preview.preview(joined(";", rows).encode())
        self.assertEqual(
            [(offer["supplier_sku"], offer["name"]) for offer in found["offers"]],
            [("=cmd|' /C calc'!A0", "@SUM(1+1)"), ("00123", "+Nom")],
        )

    def test_names_of_columns_are_text_that_a_database_can_hold(self):
        odd = json.dumps([{"sku\x00": "A\x00-1", "prix\ud800": "1,50", "nom": "\udc00"}] * 3)
        book = openpyxl.Workbook()
        for row in (["SKU_x0000_", "Prix"], ["A_x0000_-1", 1.5], ["A-2", 2.5]):
            book.active.append(row)
        data = io.BytesIO()
        book.save(data)
        table = joined(";").replace("EAN", "EA\x00N").replace("R-01", "A-1")
        for kind, content in (("json", odd), ("xlsx", data.getvalue()), ("csv", table)):
            with self.subTest(kind=kind):
                content = content.encode() if isinstance(content, str) else content
                shape = detect.sniff(content)
                cells = readers.sample(content, shape).frame.to_numpy().ravel()
                text = "".join([*shape.headers, *shape.columns, *cells])
                self.assertNotIn("\x00", text)
                text.encode()
                self.assertIn("A-1", preview.preview(content)["offers"][0]["supplier_sku"])
