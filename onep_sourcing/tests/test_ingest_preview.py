"""What is shown of a file before it is imported, on screen and by the command."""

import io
import json
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from odoo.tests.common import BaseCase

from ..ingest import preview
from .test_ingest_detect import workbook
from .test_ingest_pipeline import HEADER, ROWS


class TestPreview(BaseCase):
    KEYS = (
        "format", "encoding", "delimiter", "sheet", "header_row", "mapping", "held", "counts",
        "issues", "offers",
    )  # fmt: skip

    def preview(self, text, **options):
        data = text if isinstance(text, bytes) else text.encode()
        return preview.preview(data, preview.PreviewOptions(**options))

    def command(self, data, *arguments):
        """(exit code, standard output) of the command on a file with this content."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.csv"
            path.write_bytes(data)
            out = io.StringIO()
            with redirect_stdout(out), redirect_stderr(io.StringIO()):
                code = preview.main([str(path), *arguments])
            return code, out.getvalue()

    def test_the_object(self):
        text = "Tarif 2026;;;;;\n" + HEADER + ROWS + "A3;;Souris;;sur devis;\n"
        found = self.preview(text.encode("cp1252"))
        for key in self.KEYS:
            self.assertIn(key, found)
        self.assertEqual([found[key] for key in self.KEYS[:5]], ["csv", "cp1252", ";", None, 2])
        self.assertIsNone(found["held"])
        self.assertEqual(found["counts"], {"rows": 3, "accepted": 2, "quarantined": 1})
        self.assertEqual(
            found["issues"],
            [
                {
                    "line": 5,
                    "severity": "refuse",
                    "rule": "price-missing",
                    "field": "purchase_price",
                    "raw": "sur devis",
                    "message": "The row has no purchase price.",
                }
            ],
        )
        offer = found["offers"][0]
        self.assertEqual(offer["supplier_sku"], "A1")
        self.assertEqual(offer["ean"], "04006381333931")
        self.assertEqual(offer["purchase_price"], "12.50")
        self.assertEqual(offer["stock_quantity"], 40)
        self.assertIs(offer["availability"], True)
        self.assertIsNone(offer["currency"])
        mapped = {entry["column"]: entry["field"] for entry in found["mapping"]}
        self.assertEqual(mapped["Prix net HT"], "purchase_price")
        json.dumps(found)

    def test_retail_prices_stay_as_the_file_gives_them(self):
        for header, expected in (("Prix public TTC", True), ("Prix public HT", False)):
            found = self.preview(f"SKU;PA HT;{header}\nA;5,00;12,50\n")
            self.assertEqual(found["offers"][0]["recommended_retail_price"], "12.50")
            self.assertIs(found["options"]["retail_includes_vat"], expected)

    def test_amounts_keep_their_decimals(self):
        found = self.preview("SKU;Cost\nA;1234.5\nB;0.0125\nC;7\n")
        self.assertEqual(
            [offer["purchase_price"] for offer in found["offers"]], ["1234.50", "0.0125", "7.00"]
        )

    def test_forced_choices(self):
        found = self.preview(HEADER + ROWS, currency="CHF")
        self.assertEqual(found["offers"][0]["currency"], "CHF")
        found = self.preview(HEADER + ROWS, prices_include_vat=True, vat_rate=0.25)
        self.assertEqual(found["offers"][0]["purchase_price"], "10.00")
        found = self.preview(HEADER + ROWS, prices_include_vat=True)
        self.assertEqual(found["held_rule"], "vat-rate-needed")
        fields = {"Réf": "supplier_sku", "Stock": "purchase_price"}
        found = self.preview(HEADER + ROWS, fields=fields)
        self.assertEqual(found["offers"][0]["purchase_price"], "40.00")
        self.assertIsNone(found["offers"][0]["ean"])

    def test_held(self):
        self.assertEqual(self.preview("SKU;Nom\nA;x\n")["held_rule"], "no-price-column")
        self.assertEqual(self.preview("SKU;PA HT\nA;\nB;0\n")["held_rule"], "no-row-accepted")
        self.assertTrue(self.preview("SKU;Nom\nA;x\n")["held"])

    def test_workbooks(self):
        data = workbook(
            Note=[["x"]],
            Prix=[["Réf", "EAN", "PA HT"], ["A1", 4006381333931, 2.5], ["A2", None, "n/a"]],
        )
        found = self.preview(data)
        self.assertEqual((found["format"], found["sheet"]), ("xlsx", "Prix"))
        self.assertEqual(found["counts"]["accepted"], 1)
        self.assertEqual(found["offers"][0]["ean"], "04006381333931")

    def test_large_files_are_sampled_and_say_so(self):
        size, preview.WHOLE_BYTES = preview.WHOLE_BYTES, 100
        rows, preview.SAMPLE_ROWS = preview.SAMPLE_ROWS, 10
        try:
            found = self.preview(HEADER + "".join(f"A{n};;x;;1,00;\n" for n in range(50)))
        finally:
            preview.WHOLE_BYTES, preview.SAMPLE_ROWS = size, rows
        self.assertTrue(found["sampled"])
        self.assertEqual(found["counts"]["rows"], 10)

    def test_command(self):
        code, out = self.command((HEADER + ROWS).encode(), "--json", "--currency", "eur")
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out)["offers"][0]["currency"], "EUR")
        code, out = self.command((HEADER + ROWS).encode())
        self.assertEqual(code, 0)
        self.assertIn("2 accepted", out)
        code, out = self.command(b"A1;Lampe;1,50\nA2;Vis;2,50\n", "--json", "--no-header")
        self.assertEqual((code, json.loads(out)["header_row"]), (0, None))

    def test_command_on_what_cannot_be_read(self):
        for data, arguments, rule in (
            (b"", (), "empty-file"),
            (bytes(range(256)) * 9, (), "binary-file"),
            (HEADER.encode(), (), "no-rows"),
            ((HEADER + ROWS).encode(), ("--currency", "abc"), "constant-no-currency"),
            ((HEADER + ROWS).encode("cp1252"), ("--encoding", "utf-8"), "wrong-encoding"),
            (workbook(A=[["SKU", "Cost"], ["A", 1]]), ("--sheet", "B"), "unknown-sheet"),
            ((HEADER + ROWS).encode(), ("--mapping", "/nowhere.json"), "no-file"),
        ):
            with self.subTest(rule=rule):
                code, out = self.command(data, "--json", *arguments)
                self.assertEqual(code, 2)
                self.assertEqual(json.loads(out)["error"]["rule"], rule)
