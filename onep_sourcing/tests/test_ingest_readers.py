"""From bytes to frames: every row, once, with its line."""

import csv
import gzip
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..ingest import detect, readers
from ..ingest.readers import delimited
from ..ingest.readers.xml_repair import Mender
from ..ingest.shape import FileShape
from .test_ingest_detect import workbook

CELL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029"),
    max_size=12,
) | st.sampled_from(['say "hi"', "two\nlines", "a;b", '"', "", "été", '5" tube'])


def shape_of(columns, **options):
    return FileShape("csv", columns, columns, encoding="utf-8", delimiter=";", **options)


def read(data, shape, batch_rows=1000):
    """All rows as lists of cells, with lines and flaws."""
    rows, lines, flaws = [], [], []
    for raw in readers.frames(data, shape, batch_rows):
        rows += raw.frame.to_numpy().tolist()
        lines += raw.lines.tolist()
        flaws += raw.flaws.tolist()
    return rows, lines, flaws


class TestDelimited(BaseCase):
    def test_lines_count_empty_ones_and_breaks_in_values(self):
        text = 'SKU;Name\nA1;one\n\n;\nA2;"two\nlines"\nA3;three\r\nA4;four'
        rows, lines, _flaws = read(text.encode(), shape_of(("SKU", "Name"), header_row=1))
        self.assertEqual(
            rows, [["A1", "one"], ["A2", "two\nlines"], ["A3", "three"], ["A4", "four"]]
        )
        self.assertEqual(lines, [2, 5, 7, 8])

    def test_a_stray_quote_swallows_nothing(self):
        text = 'SKU;Name;Price\nA1;"5" tube;1\nA2;6" tube;2\nA3;"open;3\nA4;fine;4\nA5;"q";5\n'
        rows, lines, _flaws = read(text.encode(), shape_of(("SKU", "Name", "Price"), header_row=1))
        self.assertEqual([row[0] for row in rows], ["A1", "A2", "A3", "A4", "A5"])
        self.assertEqual([row[2] for row in rows], ["1", "2", "3", "4", "5"])
        self.assertEqual(lines, [2, 3, 4, 5, 6])

    def test_doubled_quotes_and_delimiters_inside(self):
        text = 'SKU;Name\nA1;"Switch ""AC"" 30mA; red"\n'
        rows, _lines, _flaws = read(text.encode(), shape_of(("SKU", "Name"), header_row=1))
        self.assertEqual(rows, [["A1", 'Switch "AC" 30mA; red']])

    def test_ragged_rows_are_kept_and_marked(self):
        text = "SKU;Name;Price\nA1;short\nA2;x;1;;\nA3;x;1;left over\nA4;x;2\n"
        rows, lines, flaws = read(text.encode(), shape_of(("SKU", "Name", "Price"), header_row=1))
        self.assertEqual(lines, [2, 3, 4, 5])
        self.assertEqual(flaws, ["row-short", None, "row-too-long", None])
        self.assertEqual(rows[2], ["A3", "x", "1;left over"])

    def test_unquoted_entities_do_not_cut(self):
        text = "SKU;Name;Price\nA1;R&amp;D kit;1\n"
        rows, _lines, flaws = read(text.encode(), shape_of(("SKU", "Name", "Price"), header_row=1))
        self.assertEqual((rows, flaws), ([["A1", "R&amp;D kit", "1"]], [None]))

    def test_one_column(self):
        shape = FileShape("csv", ("EAN",), ("EAN",), encoding="utf-8", header_row=1)
        rows, _lines, _flaws = read(b"EAN\n4006381333931\n5901234123457\n", shape)
        self.assertEqual(rows, [["4006381333931"], ["5901234123457"]])

    def test_blocks_join_without_a_seam(self):
        text = "SKU;Name\n" + "".join(
            f'A{number};"line {number}\nof two; ""é"""\n' for number in range(300)
        )
        whole = read(text.encode(), shape_of(("SKU", "Name"), header_row=1))
        size = delimited.BLOCK_BYTES
        try:
            for delimited.BLOCK_BYTES in (64, 97, 1000):
                self.assertEqual(
                    read(text.encode(), shape_of(("SKU", "Name"), header_row=1)), whole
                )
        finally:
            delimited.BLOCK_BYTES = size
        self.assertEqual(len(whole[0]), 300)

    def test_batches_are_bounded(self):
        text = "SKU;Name\n" + "A;b\n" * 25
        sizes = [
            len(raw)
            for raw in readers.frames(text.encode(), shape_of(("S", "N"), header_row=1), 10)
        ]
        self.assertEqual(sizes, [10, 10, 5])

    def test_an_endless_line_is_refused(self):
        limit = delimited.LINE_LIMIT
        size = delimited.BLOCK_BYTES
        delimited.LINE_LIMIT, delimited.BLOCK_BYTES = 1000, 100
        try:
            with self.assertRaises(detect.UnreadableFile) as caught:
                read(b"x" * 5000, shape_of(("A",)))
        finally:
            delimited.LINE_LIMIT, delimited.BLOCK_BYTES = limit, size
        self.assertEqual(caught.exception.rule, "line-too-long")

    def test_gzip(self):
        data = gzip.compress(b"SKU;Price\nA1;2,50\n")
        self.assertEqual(read(data, detect.sniff(data))[0], [["A1", "2,50"]])

    def test_damaged_characters_are_replaced(self):
        shape = shape_of(("SKU", "Name"), header_row=1)
        rows, _lines, _flaws = read(b"SKU;Name\nA1;caf\xe9\n", shape)
        self.assertEqual(rows, [["A1", "caf\ufffd"]])

    @settings(max_examples=120, deadline=None)
    @given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12))
    def test_what_csv_writes_is_read_back(self, table):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *table])
        rows, _lines, flaws = read(
            text.getvalue().encode(), shape_of(("a", "b", "c"), header_row=1)
        )
        expected = [row for row in table if any(cell.strip() for cell in row)]
        self.assertEqual(rows, expected)
        self.assertEqual(set(flaws) - {None}, set())

    @settings(max_examples=400, deadline=None)
    @given(st.text(alphabet='ab1;;"\n ', max_size=80))
    def test_no_character_is_lost_whatever_the_quotes(self, text):
        shape = shape_of(("x", "y", "z"))
        rows, lines, _flaws = read(text.encode(), shape)
        kept = "".join("".join(row) for row in rows)
        self.assertEqual(
            [char for char in kept if char in "ab1"], [char for char in text if char in "ab1"]
        )
        self.assertEqual(lines, sorted(lines))


class TestSpreadsheet(BaseCase):
    def test_cells_as_a_person_reads_them(self):
        data = workbook(
            Prices=[
                ["Price list"],
                [],
                ["SKU", "EAN", "Cost", "Name", "Active"],
                ["007", 4006381333931, 0.1 + 0.2, "Lamp", True],
                [],
                ["A2", None, 1e-5, None, False],
            ]
        )
        shape = detect.sniff(data)
        self.assertEqual(shape.header_row, 3)
        rows, lines, _flaws = read(data, shape)
        self.assertEqual(
            rows,
            [
                ["007", "4006381333931", "0.3", "Lamp", "true"],
                ["A2", "", "0.00001", "", "false"],
            ],
        )
        self.assertEqual(lines, [4, 6])

    def test_a_table_that_starts_further_right_and_down(self):
        data = workbook(A=[[], [None, None, "SKU", "Cost"], [None, None, "A1", 2]])
        shape = detect.sniff(data)
        rows, lines, _flaws = read(data, shape)
        self.assertEqual((rows, lines), ([["", "", "A1", "2"]], [3]))


class TestStructured(BaseCase):
    def test_json_records(self):
        data = (
            b'{"meta": {"page": 1}, "items": [{"sku": "A", "price": {"EUR": 2.50}, "ean": 12},'
            b' {"sku": "B", "tags": ["x", "y"], "ok": true, "price": {"EUR": null}}]}'
        )
        shape = detect.sniff(data)
        self.assertEqual(shape.records, "items")
        rows, lines, _flaws = read(data, shape)
        self.assertEqual(shape.columns, ("sku", "price.EUR", "ean", "tags", "ok"))
        self.assertEqual(rows, [["A", "2.50", "12", "", ""], ["B", "", "", "x, y", "true"]])
        self.assertEqual(lines, [1, 2])

    def test_json_lines(self):
        data = b'{"sku": "A", "price": 1}\n{"sku": "B", "price": 2}\n'
        self.assertEqual(read(data, detect.sniff(data))[0], [["A", "1"], ["B", "2"]])

    def test_records_path(self):
        data = b'{"a": [{"x": 1}, {"x": 2}], "b": {"c": [{"sku": "A"}]}}'
        shape = detect.sniff(data, "", detect.SniffOptions(records="b.c"))
        self.assertEqual(read(data, shape)[0], [["A"]])
        with self.assertRaises(detect.UnreadableFile) as caught:
            detect.sniff(data, "", detect.SniffOptions(records="b.d"))
        self.assertEqual(caught.exception.rule, "unknown-records")

    def test_xml_records(self):
        data = (
            '<?xml version="1.0" encoding="iso-8859-1"?><catalogue xmlns="urn:x"><title>é</title>'
            '<product id="1"><sku>A</sku><price currency="EUR">2,50</price></product>'
            '<product id="2"><sku>B</sku></product></catalogue>'
        ).encode("iso-8859-1")
        shape = detect.sniff(data)
        self.assertEqual(shape.records, "catalogue/product")
        self.assertEqual(shape.columns, ("@id", "sku", "price/@currency", "price"))
        self.assertEqual(read(data, shape)[0], [["1", "A", "EUR", "2,50"], ["2", "B", "", ""]])

    def test_xml_is_mended_alike_in_pieces_of_any_size(self):
        text = (
            "<l><!-- a & <![CDATA[ --><i a='b&c'>R&D &eacute;&amp;&foo; &</i>"
            "<i><![CDATA[x & ]] &nbsp;]]>&eacute</i><i>&#233;&#xE9;</i></l>"
        )
        wanted = text.replace("a='b&c'", "a='b&amp;c'").replace(
            "R&D &eacute;&amp;&foo; &<", "R&amp;D &#233;&amp;&amp;foo; &amp;<"
        ).replace("]]>&eacute<", "]]>&amp;eacute<")  # fmt: skip
        for codec in ("utf-8", "utf-16", "utf-16-le", "utf-32"):
            data = text.encode(codec)
            for size in range(4, 90):
                mender = Mender()
                pieces = [mender.feed(data[at : at + size]) for at in range(0, len(data), size)]
                pieces.append(mender.feed(b"", final=True))
                self.assertEqual(b"".join(pieces), wanted.encode(codec), (codec, size))
                self.assertEqual(mender.mended, {"xml-ampersand": 5, "xml-entity": 1})

    def test_a_sample_is_the_first_rows(self):
        text = "SKU;Cost\n" + "".join(f"A{number};1,50\n" for number in range(50))
        raw = readers.sample(text.encode(), detect.sniff(text.encode()), 10)
        self.assertEqual(len(raw), 10)
        self.assertTrue(np.array_equal(raw.lines, np.arange(2, 12)))


class TestEstimate(BaseCase):
    def test_rows_are_estimated_from_line_ends(self):
        for text, expected in (
            ("Note\nSKU;Name\nA;1\nB;2\n", 2),
            ("Note\nSKU;Name\nA;1\nB;2", 2),
            ("Note\r\nSKU;Name\r\nA;1\r\nB;2\r\n", 2),
            ("Note\rSKU;Name\rA;1\rB;2\r", 2),
            ("Note\nSKU;Name\n", 0),
        ):
            for codec in ("utf-8", "utf-16-le", "utf-16"):
                with self.subTest(text=text, codec=codec):
                    data = text.encode(codec)
                    shape = shape_of(("SKU", "Name"), header_row=2)
                    self.assertEqual(readers.estimate_rows(data, shape), expected)
        data = b"A;1\nB;2\n"
        self.assertEqual(readers.estimate_rows(data, shape_of(("SKU", "Name"))), 2)
        self.assertEqual(readers.estimate_rows(b"", shape_of(("SKU", "Name"))), 0)

    def test_by_chunks_of_any_size(self):
        size, delimited.BLOCK_BYTES = delimited.BLOCK_BYTES, 3
        try:
            for end in ("\n", "\r\n", "\r"):
                data = end.join(["SKU;Name", "A1;one", "A2;two", "A3;three"]).encode()
                shape = shape_of(("SKU", "Name"), header_row=1)
                self.assertEqual(readers.estimate_rows(data, shape), 3)
        finally:
            delimited.BLOCK_BYTES = size

    def test_what_cannot_be_told_cheaply(self):
        book = workbook(A=[["SKU", "Cost"], ["A", 1]])
        self.assertIsNone(readers.estimate_rows(book, detect.sniff(book)))
        packed = gzip.compress(b"SKU;Cost\nA;1,00\nB;2,00\n")
        self.assertIsNone(readers.estimate_rows(packed, detect.sniff(packed)))
        document = b'[{"SKU": "A", "Cost": 1}, {"SKU": "B", "Cost": 2}]'
        self.assertIsNone(readers.estimate_rows(document, detect.sniff(document)))
