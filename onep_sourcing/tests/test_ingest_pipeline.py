"""A file from beginning to end: rows in = accepted + quarantined, and why."""

import json
from collections import Counter
from pathlib import Path

from odoo.tests.common import BaseCase

from ...onep_marketplace_connectors.clients import gtin
from ..ingest import automap, detect, pipeline, readers
from ..ingest.errors import UnreadableFile
from ..ingest.fields import TARGET_COLUMNS
from ..ingest.issues import list_repairs
from ..ingest.mapping import InvalidMapping, Mapping
from ..ingest.rules import FILE_RULES, HELD_RULES, RULES, WHY_RULES
from .test_ingest_detect import workbook

HEADER = "Réf;EAN;Désignation;Marque;Prix net HT;Stock\n"
ROWS = "A1;4006381333931;Lampe;Lumia;12,50;40\nA2;5901234123457;Clavier;Toka;25,90;7\n"
SAMPLES = Path(__file__).resolve().parents[2] / "data"


def run(text, batch_rows=1000, fields=None, **options):
    """All batches of a text."""
    data = text if isinstance(text, bytes) else text.encode()
    shape = detect.sniff(data)
    if fields is None:
        sample = readers.sample(data, shape)
        mapping = Mapping.from_proposal(automap.propose(shape.columns, sample.frame), **options)
    else:
        mapping = Mapping.from_names(shape.columns, fields, **options)
    return list(pipeline.run(data, shape, mapping, batch_rows))


def reasons(batches):
    """line → rules that refuse it."""
    return {
        int(row.line): [item["rule"] for item in row.reasons if item["severity"] == "refuse"]
        for batch in batches
        for row in batch.quarantined.itertuples()
    }


class TestPipeline(BaseCase):
    def test_a_good_file(self):
        (batch,) = run(HEADER + ROWS)
        self.assertEqual(
            (batch.row_count, batch.accepted_count, batch.quarantined_count), (2, 2, 0)
        )
        self.assertEqual(tuple(batch.accepted.columns), TARGET_COLUMNS)
        self.assertEqual(batch.accepted["line"].tolist(), [2, 3])
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [12.5, 25.9])
        self.assertTrue(batch.issues.empty)

    def test_measures_that_are_converted_are_told_once_for_the_column(self):
        header = HEADER.replace("Stock", "Stock;Poids;Longueur")
        row = "A{};;Lampe;Lumia;12,50;>100;1,2 kg;{}\n"
        lines = [row.format(n, "30" if n % 2 else "10x20x5 cm") for n in range(1, 5)]
        fields = {"Réf": "supplier_sku", "Prix net HT": "purchase_price",
                  "Stock": "stock_quantity", "Poids": "weight", "Longueur": "length"}  # fmt: skip
        batches = run(header + "".join(lines), batch_rows=2, fields=fields)
        self.assertTrue(all(batch.issues.empty for batch in batches))
        self.assertEqual(
            [rule for batch in batches for rule in batch.details["rule"]], ["stock-at-least"] * 4
        )
        told = {
            (entry["rule"], entry["field"]): (entry["count"], entry["message"])
            for entry in list_repairs(sum((batch.repairs for batch in batches), Counter()))
        }
        self.assertEqual(
            told,
            {
                ("unit-converted", "weight"): (
                    4, "The measure was given in kg; it was converted to g."),
                ("unit-converted", "length"): (
                    4, "The measure was given in cm; it was converted to mm."),
                ("stock-at-least", "stock_quantity"): (4, RULES["stock-at-least"].message),
            },
        )  # fmt: skip
        kept = batches[0].accepted
        self.assertEqual(kept["weight_g"].tolist(), [1200.0, 1200.0])
        self.assertEqual(kept["length_mm"].tolist(), [300.0, 100.0])

    def test_measures_in_the_unit_they_are_kept_in_are_not_converted(self):
        (batch,) = run("Réf;Prix net HT;Poids (g)\nA1;12,50;800\nA2;12,50;1200\n")
        self.assertEqual(batch.accepted["weight_g"].tolist(), [800.0, 1200.0])
        self.assertFalse(batch.repairs)

    def test_a_repair_names_its_figure_when_it_is_one(self):
        fields = {"Réf": "supplier_sku", "Prix TTC": "purchase_price", "TVA": "vat_rate"}
        for rate, told in (("20", "VAT of 20 % was"), ("5,5", "VAT of … % was")):
            (batch,) = run(f"Réf;Prix TTC;TVA\nA1;12,00;20\nA2;6,00;{rate}\n", fields=fields)
            (repair,) = list_repairs(batch.repairs)
            self.assertIn(told, repair["message"])

    def test_lines_that_are_no_article(self):
        text = (
            HEADER
            + "LUMINAIRES;;;;;\n"
            + ROWS
            + "Sous-total;;;;38,40;\n;;Total;;38,40;\n"
            + HEADER
            + "A3;;Souris;Toka;9,99;1\n"
            + ";;;;;\n"
        )
        batches = run(text)
        self.assertEqual(
            reasons(batches),
            {2: ["row-section"], 5: ["row-total"], 6: ["row-total"], 7: ["row-header"]},
        )
        self.assertEqual(sum(batch.accepted_count for batch in batches), 3)
        self.assertEqual(sum(batch.row_count for batch in batches), 7)

    def test_totals_of_many_languages(self):
        words = (
            "Somme",
            "Montant total",
            "Gesamtbetrag",
            "Importe total",
            "Łącznie",
            "Totale generale",
        )
        text = HEADER + ROWS + "".join(f"{word};;;;41,50;\n" for word in words)
        found = reasons(run(text))
        self.assertEqual(found, {line: ["row-total"] for line in range(4, 4 + len(words))})

    def test_commas_that_part_values_and_decimals_shift_nothing(self):
        fields = {
            "Ref": "supplier_sku",
            "Nom": "name",
            "Prix": "purchase_price",
            "Stock": "stock_quantity",
        }
        text = "Ref,Nom,Prix,Stock\nA1,Lampe,12,50,3\nA2,Vis,3,20,4\nA3,Clou,5,07,9\nA4,Sac,8,2\n"
        (batch,) = run(text, fields=fields)
        self.assertEqual(reasons([batch]), {line: ["row-too-long"] for line in (2, 3, 4)})
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [8])
        named = "Ref,Nom,Prix,Stock\nA1,Lampe,12.50,3,x\nA2,Vis,3.20,4,y\n"
        (batch,) = run(named, fields=fields)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [12.5, 3.2])

    def test_figures_of_a_workbook_are_no_texts(self):
        """1.299 and 799 are numbers there; written as texts they would be thousands."""
        fields = {"Ref": "supplier_sku", "Prix": "purchase_price", "Stock": "stock_quantity"}
        rows = [["A1", 1.299, 2.125], ["A2", 799, 3], ["A3", 45, 12]]
        expected = ([1.299, 799, 45], [2.125, 3, 12])
        book = workbook(A=[list(fields), *rows])
        document = json.dumps([dict(zip(fields, row, strict=True)) for row in rows]).encode()
        table = "".join(
            f'<Row><Cell><Data ss:Type="String">{name}</Data></Cell>'
            + "".join(f'<Cell><Data ss:Type="Number">{cell}</Data></Cell>' for cell in cells)
            + "</Row>"
            for name, *cells in rows
        )
        names = "".join(f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in fields)
        space = "urn:schemas-microsoft-com:office:spreadsheet"
        old_book = (
            f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
            f'<Worksheet ss:Name="A"><Table><Row>{names}</Row>{table}</Table></Worksheet>'
            "</Workbook>"
        )
        for data in (book, document, old_book.encode()):
            (batch,) = run(data, fields=fields)
            accepted = batch.accepted
            self.assertEqual(accepted["purchase_price"].tolist(), expected[0])
            self.assertEqual(accepted["stock_quantity"].tolist(), expected[1])
        texts = [[cell if isinstance(cell, str) else str(cell) for cell in row] for row in rows]
        (batch,) = run(workbook(A=[list(fields), *texts]), fields=fields)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [1299, 799, 45])

    def test_a_column_that_tells_nothing_follows_those_that_do(self):
        fields = {
            "Ref": "supplier_sku",
            "Prix": "purchase_price",
            "PVC": "recommended_retail_price",
        }
        text = "Ref;Prix;PVC\nA1;1.299;1.599,00\nA2;1.100;1.400,00\n"
        (batch,) = run(text, fields=fields)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [1299, 1100])

    def test_exponents_of_json_are_written_out(self):
        fields = {"ref": "supplier_sku", "price": "purchase_price", "ean": "ean"}
        text = (
            '[{"ref": "A", "price": 1.5E-1, "ean": 4.00638E+12},'
            ' {"ref": "B", "price": 1.25e3, "ean": 1e999999999999}]'
        )
        (batch,) = run(text, fields=fields)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [0.15, 1250])
        self.assertTrue(batch.accepted["gtin"].isna().all())

    def test_an_article_called_total_is_one(self):
        (batch,) = run(HEADER + ROWS + "A3;;Total Protect 5 W30;Total;9,99;1\n")
        self.assertEqual(batch.accepted_count, 3)

    def test_identifiers(self):
        text = HEADER + (
            ";4006381333931;Lampe;;1,00;\n"
            ";4006381333932;Lampe;;1,00;\n"
            ";;Lampe;;1,00;\n"
            "A4;4006381333932;Lampe;;1,00;\n"
        )
        (batch,) = run(text)
        self.assertEqual(reasons([batch]), {3: ["ean-invalid"], 4: ["identifier-missing"]})
        self.assertEqual(batch.accepted["supplier_sku"].tolist(), ["04006381333931", "A4"])
        self.assertEqual(batch.accepted["gtin"].isna().tolist(), [False, True])
        self.assertEqual(batch.warnings["rule"].tolist().count("gtin-check-digit"), 2)

    def test_the_first_usable_row_of_a_sku_is_kept(self):
        text = HEADER + (
            "A1;;x;;sur devis;\nA1;;y;;2,00;\nA1;;z;;3,00;\nB1;;b;;1,00;\nA1;;w;;4,00;\n"
        )
        for batch_rows in (1, 2, 100):
            with self.subTest(batch_rows=batch_rows):
                batches = run(text, batch_rows)
                found = reasons(batches)
                self.assertEqual(found[2], ["price-missing"])
                self.assertEqual(found[4], ["duplicate-identifier"])
                self.assertEqual(found[6], ["duplicate-identifier"])
                self.assertEqual(len(found), 3)
                issue = next(
                    row
                    for batch in reversed(batches)
                    for row in batch.details.itertuples()
                    if row.rule == "duplicate-identifier"
                )
                self.assertEqual(issue.params, {"first_line": 3})
                self.assertIn("3", issue.message)

    def test_an_ean_under_two_skus_is_told(self):
        text = HEADER + "A1;4006381333931;x;;1,00;\nA2;4006381333931;y;;1,00;\n"
        (batch,) = run(text)
        self.assertEqual(batch.accepted_count, 2)
        self.assertEqual(batch.warnings["rule"].tolist(), ["ean-shared"])

    def test_ragged_rows(self):
        (batch,) = run(HEADER + ROWS + "A3;;Souris;Toka;9,99;1;left over\nA4;;Tapis;Toka;4,00\n")
        self.assertEqual(reasons([batch]), {4: ["row-too-long"]})
        self.assertEqual(batch.accepted["supplier_sku"].tolist(), ["A1", "A2", "A4"])

    def test_quarantine_keeps_the_original_cells(self):
        (batch,) = run(HEADER + ROWS + "A3;;Souris <b>;;sur devis;\n")
        (row,) = batch.issues.to_dict("records")
        self.assertEqual(
            row["raw"], {"Réf": "A3", "Désignation": "Souris <b>", "Prix net HT": "sur devis"}
        )
        self.assertEqual(
            (row["line"], row["severity"], row["rule"]), (4, "refuse", "price-missing")
        )
        self.assertEqual(row["field"], "purchase_price")
        self.assertEqual(row["reasons"][0]["raw"], "sur devis")
        self.assertEqual(row["reasons"][0]["message"], "The row has no purchase price.")

    def test_styles_are_decided_once_for_all_batches(self):
        text = (
            "SKU;Price net;Qty\n"
            + "".join(f"A{n};1.{n:03d},50;3\n" for n in range(5))
            + "B;1.234;1\n"
        )
        batches = run(text, 5)
        self.assertEqual(batches[1].accepted["purchase_price"].tolist(), [1234])

    def test_units_of_rates_are_decided_once_for_all_batches(self):
        text = "SKU;Prix tarif HT;Remise;TVA\n" + "A;100;30;20\n" * 3 + "B;100;1;5,5\nC;100;0,5;0\n"
        text = text.replace("A;", "A1;", 1).replace("\nA;", "\nA2;", 1)
        fields = {
            "SKU": "supplier_sku", "Prix tarif HT": "recommended_retail_price",
            "Remise": "discount_percent", "TVA": "vat_rate",
        }  # fmt: skip
        for batch_rows in (3, 4, 100):
            with self.subTest(batch_rows=batch_rows):
                accepted = [
                    row
                    for batch in run(text, batch_rows, fields)
                    for row in batch.accepted.to_dict("records")
                ]
                self.assertEqual(
                    [row["purchase_price"] for row in accepted], [70, 70, 70, 99, 99.5]
                )
                self.assertEqual([row["vat_rate"] for row in accepted], [0.2, 0.2, 0.2, 0.055, 0])
        shares = "SKU;Prix HT;TVA\n" + "".join(f"A{n};1,00;0,2\n" for n in range(3)) + "B;1,00;1\n"
        batches = run(
            shares, 3, {"SKU": "supplier_sku", "Prix HT": "purchase_price", "TVA": "vat_rate"}
        )
        self.assertEqual(batches[1].accepted["vat_rate"].tolist(), [1])

    def test_numbers_before_units_are_read_alike_in_all_batches(self):
        text = "SKU;Prix HT;Poids\n" + "A1;1,00;1.250,5 g\nA2;1,00;350,5 g\nB;1,00;1.250 g\n"
        fields = {"SKU": "supplier_sku", "Prix HT": "purchase_price", "Poids": "weight"}
        for batch_rows in (2, 100):
            weights = [
                weight
                for batch in run(text, batch_rows, fields)
                for weight in batch.accepted["weight_g"]
            ]
            self.assertEqual(weights, [1250.5, 350.5, 1250])

    def test_a_refused_row_tells_its_sku(self):
        text = HEADER + (
            "LUMINAIRES;;;;;\n"
            " A1 ;;x;;sur devis;\n"
            ";4006381333931;y;;0;\n"
            ";4006381333932;z;;1,00;\n"
            "A2;;x;;1,00;\n"
            "A2;;x;;1,00;\n"
            "Total;;;;1,00;\n"
        )
        (batch,) = run(text)
        self.assertEqual(
            list(batch.issues.columns),
            ["line", "severity", "rule", "field", "supplier_sku", "reasons", "raw"],
        )
        found = dict(zip(batch.quarantined["line"], batch.quarantined["supplier_sku"], strict=True))
        known = {line: sku for line, sku in found.items() if sku == sku and sku is not None}
        self.assertEqual(known, {3: "A1", 4: "04006381333931", 7: "A2"})
        self.assertEqual(sorted(found), [2, 3, 4, 5, 7, 8])
        self.assertIn("supplier_sku", run(HEADER + ROWS)[0].issues.columns)

    def test_a_mapping_that_does_not_fit(self):
        with self.assertRaises(InvalidMapping):
            run(HEADER + ROWS, fields={"Code": "supplier_sku"})
        data = (HEADER + ROWS).encode()
        with self.assertRaises(UnreadableFile):
            list(pipeline.run(data, detect.sniff(data), Mapping({"Code": "supplier_sku"})))

    def test_every_rule_has_words(self):
        for rules in (FILE_RULES, HELD_RULES, WHY_RULES):
            for code, template in rules.items():
                self.assertRegex(code, r"^[a-z0-9-]+$")
                self.assertTrue(template)
        for code, rule in RULES.items():
            self.assertIn(rule.severity, ("refuse", "warn", "fix"), code)

    def test_every_rule_is_met_somewhere(self):
        folder = Path(pipeline.__file__).parent
        code = "".join(path.read_text() for path in folder.rglob("*.py") if path.name != "rules.py")
        for rules in (RULES.keys() - gtin.RULES.keys(), FILE_RULES, HELD_RULES, WHY_RULES):
            for rule in rules:
                self.assertIn(f'"{rule}"', code)

    def test_the_sample_files_of_the_demo(self):
        expected = SAMPLES / "expected.json"
        if not expected.exists():
            self.skipTest("no sample files beside the addons")
        for name, counts in json.loads(expected.read_text())["files"].items():
            with self.subTest(name=name):
                batches = run((SAMPLES / name).read_bytes())
                self.assertEqual(sum(batch.row_count for batch in batches), counts["lines"])
                self.assertEqual(sum(batch.accepted_count for batch in batches), counts["accepted"])
                wrong = sum(
                    (batch.details["rule"] == "gtin-check-digit").sum() for batch in batches
                )
                self.assertEqual(wrong, counts["bad_check_digit"])
