"""Files as suppliers send them, told by what they hold: every one gives the same two articles."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import openpyxl

from odoo.tests.common import BaseCase

from ..ingest import detect, dialect, pipeline, preview
from ..ingest.errors import UnreadableFile
from ..ingest.mapping import Mapping
from ..ingest.shape import SniffOptions
from . import xlsb
from .written_files import (
    ARTICLES,
    FOUND,
    HEADER,
    fixed_width,
    joined,
    old_workbook,
    page,
    records,
    spreadsheet_xml,
    workbook,
    zipped,
)

LAYOUTS = Path(__file__).parent / "data" / "feed_layouts.jsonl"


class TestFormats(BaseCase):
    def offers(self, data, **options):
        found = preview.preview(data, preview.PreviewOptions(sniff=SniffOptions(**options)))
        counts = found["counts"]
        self.assertEqual(counts["rows"], counts["accepted"] + counts["quarantined"])
        self.found = found
        return [
            tuple(
                offer[key]
                for key in ("supplier_sku", "ean", "name", "purchase_price", "stock_quantity")
            )
            for offer in found["offers"]
        ]

    def test_encodings(self):
        text = joined(";")
        for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252",
                      "iso-8859-15", "cp850"):  # fmt: skip
            with self.subTest(codec=codec):
                self.assertEqual(self.offers(text.encode(codec)), FOUND)

    def test_delimiters(self):
        for delimiter in (";", "\t", "|", "~", "^", "§", "¦", "#", "||", "::"):
            with self.subTest(delimiter=delimiter):
                self.assertEqual(self.offers(joined(delimiter).encode()), FOUND)
        dotted = [[cell.replace(",", ".") for cell in row] for row in ARTICLES]
        self.assertEqual(self.offers(joined(",", [HEADER, *dotted]).encode()), FOUND)

    def test_line_ends(self):
        for end in ("\n", "\r\n", "\r"):
            with self.subTest(end=end):
                self.assertEqual(self.offers(joined(";", end=end).encode()), FOUND)
        mixed = joined(";").replace("\n", "\r\n", 1)
        self.assertEqual(self.offers(mixed.encode()), FOUND)

    def test_trailing_delimiters(self):
        self.assertEqual(self.offers(joined(";").replace("\n", ";\n").encode()), FOUND)
        self.assertEqual(self.offers(joined(";").replace("3\n", "3;;;\n").encode()), FOUND)

    def test_quotes(self):
        text = ";".join(HEADER) + '\nR-01;3606480325205;"Lampe\nd\'été";12,50;3\n'
        self.assertEqual(self.offers(text.encode())[0], FOUND[0])
        text += (
            'R-03;;Tube 5";2,00;1\nR-04;;"Clé ""plate""; rouge";3,00;1\nR-05;;12" et 14";4,00;1\n'
        )
        names = [offer[2] for offer in self.offers(text.encode())]
        self.assertEqual(names[1:], ['Tube 5"', 'Clé "plate"; rouge', '12" et 14"'])

    def test_whole_lines_in_quotes(self):
        rows = [HEADER, ARTICLES[0], [*ARTICLES[1][:2], '"Table ""à"" café', *ARTICLES[1][3:]]]
        rows[2][2] += '"'
        found = [FOUND[0], (*FOUND[1][:2], 'Table "à" café', *FOUND[1][3:])]
        lines = joined(";", rows).splitlines()
        wrapped = ['"' + line.replace('"', '""') + '"' for line in lines]
        for name, text in {
            "all": wrapped,
            "under a bare header": [lines[0], *wrapped[1:] * 3],
            "with delimiters behind": [f"{line};;" for line in wrapped],
            "under a title": ["TARIF 2026", *wrapped * 2],
        }.items():
            for end in ("\n", "\r\n"):
                with self.subTest(name, end=end):
                    offers = self.offers((end.join(text) + end).encode("cp1252"))
                    self.assertEqual(list(dict.fromkeys(offers)), found)
                    repairs = {item["rule"]: item["count"] for item in self.found["repairs"]}
                    bare = sum(
                        line in ("TARIF 2026", wrapped[0], f"{wrapped[0]};;", lines[0])
                        for line in text[:2]
                    )
                    self.assertEqual(repairs["line-wrapped"], len(text) - bare)

    def test_lines_of_one_quoted_value_keep_it(self):
        names = "".join(f'"Lampe, {color}"\n' for color in ("rouge", "verte", "bleue", "noire") * 3)
        self.assertIsNone(dialect.without_wrapping(f"Désignation\n{names}"))
        self.assertIsNone(dialect.without_wrapping('"R-01";"Lampe; rouge"\n"R-02";"Table"\n'))

    def test_quotes_around_nothing_are_refused_in_words(self):
        for data in (b'""\r""', '""\r""'.encode("utf-16"), b'""\n""\n""\n'):
            with self.subTest(data=data), self.assertRaises(UnreadableFile):
                self.offers(data)

    def test_quotes_that_do_not_close(self):
        rows = [HEADER, *ARTICLES, ["R-03", "", 'Ecran 24"', "5,00", "1"]]
        text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows)
        offers = self.offers(text.encode())
        self.assertEqual(offers[:2], FOUND)
        self.assertEqual(offers[2], ("R-03", None, 'Ecran 24"', "5.00", 1))
        padded = 'SKU , EAN , Name , Net price\n A1 , 3606480325205 , "Lamp, red" , 12.50 \n'
        self.assertEqual(self.offers(padded.encode())[0][2:4], ("Lamp, red", "12.50"))

    def test_fixed_width(self):
        rows = [[*row] for row in (HEADER, *ARTICLES, *ARTICLES)]
        for place, row in enumerate(rows[3:], start=3):
            row[0] = f"R-0{place}"
        offers = self.offers(fixed_width(rows).encode("cp850"))
        self.assertEqual(self.found["format"], "fixed")
        self.assertEqual(offers[:2], FOUND)
        self.assertEqual(len(offers), 4)

    def test_workbooks(self):
        rows = [HEADER, *ARTICLES]
        for kind, data in (
            ("xlsx", workbook(rows)),
            ("xls", old_workbook(rows)),
            ("html", page(rows)),
            ("spreadsheetml", spreadsheet_xml(rows)),
        ):
            with self.subTest(kind=kind):
                self.assertEqual(self.offers(data), FOUND)
                self.assertEqual(self.found["format"], kind)

    def test_workbooks_that_are_text(self):
        for codec in ("utf-16", "cp1252"):
            self.assertEqual(self.offers(joined("\t").encode(codec)), FOUND)
            self.assertEqual(self.found["format"], "csv")

    def test_numbers_of_a_workbook(self):
        rows = [
            HEADER,
            [7, 3606480325205, "Lampe d'été", 12.5, 3.0],
            [11, 4006381333931.0, "T", 1099, 0],
        ]
        data = workbook(rows, formats={"A2": "0000", "A3": "0000"})
        self.assertEqual(self.offers(data)[0], ("0007", *FOUND[0][1:]))
        self.assertEqual(self.offers(data)[1][0], "0011")
        self.assertEqual(self.offers(workbook(rows))[0][0], "7")

    def test_hidden_sheets_are_not_proposed(self):
        book = openpyxl.load_workbook(io.BytesIO(workbook([HEADER, *ARTICLES])))
        old = book.create_sheet("2025", 0)
        old.sheet_state = "hidden"
        for row in (HEADER, *ARTICLES * 9):
            old.append(row)
        data = io.BytesIO()
        book.save(data)
        self.assertEqual(self.offers(data.getvalue()), FOUND)
        self.assertEqual(self.found["sheets"], ["2025", "Sheet"])
        self.offers(data.getvalue(), sheet="2025")
        self.assertEqual(self.found["counts"]["rows"], 18)

    def test_merged_cells(self):
        rows = [
            ["TARIF 2026"],
            ["Article", "", "", "Prix", "", "Marque"],
            ["Code", "EAN", "Désignation", "Achat HT", "Public TTC", ""],
            ["R-01", "3606480325205", "Lampe d'été", 12.5, 20, "Acme"],
            ["R-02", "4006381333931", "Table à café", 1099, 2000, None],
        ]
        data = workbook(rows, merge=("A1:F1", "A2:C2", "D2:E2", "F2:F3", "F4:F5"))
        found = preview.preview(data)
        self.assertEqual(found["header_row"], 3)
        self.assertEqual(
            [offer["purchase_price"] for offer in found["offers"]], ["12.50", "1099.00"]
        )
        self.assertEqual([offer["brand"] for offer in found["offers"]], ["Acme", "Acme"])
        self.assertEqual(found["mapping"][4]["field"], "recommended_retail_price")

    def test_two_rows_of_names(self):
        text = (
            "Fournisseur X;;;;\n\nCode;Code;Désignation;Prix;Stock\narticle;barres;;net HT;dispo\n"
            + joined(";", ARTICLES)
        )
        self.assertEqual(self.offers(text.encode()), FOUND)
        self.assertEqual(self.found["header_row"], 4)
        units = ";".join(HEADER) + "\n;;;€;pcs\n" + joined(";", ARTICLES)
        self.assertEqual(self.offers(units.encode()), FOUND)

    def test_an_article_is_no_second_row_of_names(self):
        text = joined(";", [HEADER, ["R-00", "", "Sur devis", "sur devis", "rupture"], *ARTICLES])
        self.assertEqual(self.offers(text.encode()), FOUND)
        self.assertEqual(self.found["header_row"], 1)

    def test_no_header(self):
        many = [
            [f"R-{n:02d}", ARTICLES[n % 2][1], f"Article numéro {n}", f"{n + 1},90", str(n * 5 % 7)]
            for n in range(9)
        ]
        offers = self.offers(joined(";", many).encode("cp1252"))
        self.assertEqual(len(offers), 9)
        self.assertEqual(offers[4], ("R-04", "03606480325205", "Article numéro 4", "5.90", 6))
        self.assertIsNone(self.found["header_row"])
        self.assertEqual(self.found["held_rule"], "columns-guessed")

    def test_footers_totals_and_repeated_headers(self):
        rows = [["TARIF 2026"], [], HEADER, ["LUMINAIRES", "", "", "", ""], ARTICLES[0],
                ["Sous-total luminaires", "", "", "12,50", "3"], HEADER, ARTICLES[1],
                ["Total général", "", "", "1111,50", ""],
                ["Prix valables jusqu'au 31/12"]]  # fmt: skip
        self.assertEqual(self.offers(joined(";", rows).encode()), FOUND)
        self.assertEqual(
            [(issue["line"], issue["rule"]) for issue in self.found["issues"]],
            [
                (4, "row-section"),
                (6, "row-total"),
                (7, "row-header"),
                (9, "row-total"),
                (10, "row-section"),
            ],
        )

    def test_totals_and_footers_with_a_figure_in_eight_languages(self):
        for text in (
            "TOTAL (3 lignes)", "Total général", "Total HT : 1 234,50 €", "Total des articles",
            "Total 3 articles", "*** Total ***", "Nombre d’articles : 3", "3 lignes",
            "Fin de fichier", "Page 1/3", "Grand total (12 items)", "Subtotal: 4", "End of list",
            "Gesamtsumme (3 Artikel)", "Summe netto", "Anzahl Artikel: 3", "Seite 2 von 3",
            "Total general (3 líneas)", "Suma total", "Número de artículos: 3",
            "Totale (3 righe)", "Totale generale", "Fine listino",
            "Totaal (3 regels)", "Eindtotaal", "Aantal regels: 3",
            "Razem (3 pozycje)", "Łącznie: 3", "Liczba pozycji: 3",
            "Total geral (3 linhas)", "Soma", "Total 1.234,50",
        ):  # fmt: skip
            with self.subTest(text):
                rows = [HEADER, *ARTICLES, [text, "", "", "1111,50", "3"]]
                self.assertEqual(self.offers(joined(";", rows).encode()), FOUND)
                ((line, rule),) = [(item["line"], item["rule"]) for item in self.found["issues"]]
                self.assertEqual(line, 4)
                self.assertIn(rule, ("row-total", "row-section"))

    def test_an_article_named_total_is_no_total(self):
        rows = [["TOT-5W40", "3606480325205", "Total Quartz 5W40", "25,00", "3"]]
        codes = ("TOTAL-01", "TOTAL 01", "TOTAL01", "TOTAL 5W30", "SUM-12", "SOMMIER", "GESAMT-X",
                 "SUBTOTAL-1", "PAGE", "TOTALE2", "TOTAL")  # fmt: skip
        rows += [[code, "", "Huile Rubia", "30,00", "1"] for code in codes]
        offers = self.offers(joined(";", [HEADER, *rows]).encode())
        self.assertEqual([offer[0] for offer in offers], ["TOT-5W40", *codes])

    def test_a_line_of_the_brand_total_without_a_code_is_no_total(self):
        head = [*HEADER, "Marque"]
        rows = [[*ARTICLES[0], "Total"], ["", "", "Huile Rubia", "30,00", "1", "Total"]]
        self.assertEqual(self.offers(joined(";", [head, *rows]).encode()), FOUND[:1])
        self.assertEqual([item["rule"] for item in self.found["issues"]], ["identifier-missing"])

    def test_archives(self):
        text = joined(";")
        self.assertEqual(self.offers(gzip.compress(text.encode("cp850"))), FOUND)
        self.assertEqual(
            self.offers(zipped({"tarif/liste.xlsx": workbook([HEADER, *ARTICLES])})), FOUND
        )
        several = zipped({
            "LISEZMOI.txt": "Bonjour\nvoici nos tarifs\n",
            "photo.jpg": b"\xff\xd8\xff" + b"0" * 5000,
            "stock.csv": "ref;qte\n" + "R-01;3\n" * 900,
            "tarif.csv": text,
        })  # fmt: skip
        self.assertEqual(self.offers(several), FOUND)
        self.assertEqual(self.found["member"], "tarif.csv")
        self.assertEqual(self.found["members"], ["LISEZMOI.txt", "stock.csv", "tarif.csv"])
        self.offers(several, member="stock.csv")
        self.assertEqual(self.found["counts"]["rows"], 900)
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            for name, content in (("lisez.moi", b"..."), ("a/tarif.csv", text.encode())):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        self.assertEqual(self.offers(data.getvalue()), FOUND)

    def test_json(self):
        own = records(ARTICLES)
        noise = {"pages": [{"n": number} for number in range(9)]}
        for document in (
            own,
            {"data": {"items": own}, "meta": noise},
            {"products": {row["EAN"]: row for row in own}},
            [HEADER, *ARTICLES],
        ):
            with self.subTest(document=str(document)[:40]):
                self.assertEqual(self.offers(json.dumps(document).encode()), FOUND)
        lines = "\n".join(json.dumps(record) for record in own)
        self.assertEqual(self.offers(lines.encode()), FOUND)
        two = {"old": {"items": own * 3}, "new": {"items": own}}
        self.assertEqual(self.offers(json.dumps(two).encode(), records="new.items"), FOUND)

    def test_xml(self):
        rubrics = "".join(f"<rubric id='{n}' name='R{n}' parent='0'/>" for n in range(300))
        items = "".join(
            f"<item sku='{sku}'><ean>{ean}</ean><name><![CDATA[{name}]]></name>"
            f"<price currency='EUR'>{price}</price><stock>{stock}</stock></item>"
            for sku, ean, name, price, stock in ARTICLES
        )
        head = "<?xml version='1.0' encoding='ISO-8859-1'?>"
        text = f"{head}<x><r>{rubrics}</r><list>{items}</list></x>"
        self.assertEqual(self.offers(text.encode("latin1")), FOUND)
        self.assertEqual(self.found["offers"][0]["currency"], "EUR")

    def test_xml_with_bare_ampersands_and_entities_of_html(self):
        head = '<?xml version="1.0" encoding="{}"?><!-- R&D --><list brand="B&B">'
        rows = (
            ("R-01", "3606480325205", "Lampe d'&eacute;t&eacute; R&D &amp; A&B;", "12,50", "3"),
            ("R-02", "4006381333931", "<![CDATA[Table & caf&eacute;]]>", "1099,00", "0"),
        )
        names = ("sku", "ean", "name", "price", "stock")
        for codec in ("utf-8", "iso-8859-1", "utf-16"):
            text = head.format(codec)
            for row in rows:
                cells = zip(names, row, strict=True)
                text += "<item>" + "".join(f"<{n}>{c}</{n}>" for n, c in cells) + "</item>"
            with self.subTest(codec):
                offers = self.offers((text + "</list>").encode(codec))
                self.assertEqual(
                    [offer[2] for offer in offers], ["Lampe d'été R&D & A&B;", "Table & café"]
                )
                self.assertEqual([offer[3] for offer in offers], ["12.50", "1099.00"])
                repairs = {item["rule"]: item["count"] for item in self.found["repairs"]}
                self.assertEqual((repairs["xml-ampersand"], repairs["xml-entity"]), (3, 2))

    def test_xml_of_shops(self):
        item = "<g:id>{}</g:id><g:gtin>{}</g:gtin><g:title>{}</g:title><g:price>{} EUR</g:price>"
        items = "".join(f"<item>{item.format(*row[:4])}</item>" for row in ARTICLES)
        space = 'xmlns:g="http://base.example.com/ns/1.0"'
        feed = f"<rss {space}><channel><title>Shop</title>{items}</channel></rss>"
        self.assertEqual(
            [offer[:4] for offer in self.offers(feed.encode())], [f[:4] for f in FOUND]
        )
        one = (
            "<c><date>1</date><p><sku>A</sku><price>1.5</price><i><u a='1'/><u a='2'/></i></p></c>"
        )
        self.assertEqual(self.offers(one.encode())[0][0], "A")

    def test_duplicate_and_empty_columns(self):
        rows = [["Référence", "", "EAN", "EAN", "Désignation", "Prix net HT", "Stock"],
                *[[row[0], "", row[1], "", *row[2:]] for row in ARTICLES]]  # fmt: skip
        found = preview.preview(joined(";", rows).encode())
        self.assertEqual([offer["ean"] for offer in found["offers"]], [row[1] for row in FOUND])

    def test_deleted_articles_create_no_offer(self):
        rows = [["Action", *HEADER], ["D", *ARTICLES[0]], ["A", *ARTICLES[1]]]
        self.assertEqual(self.offers(joined(";", rows).encode()), FOUND[1:])
        (issue,) = self.found["issues"]
        self.assertEqual((issue["rule"], issue["raw"], issue["line"]), ("article-deleted", "D", 2))
        # An energy class is no flag.
        rows = [["Classe", *HEADER], ["D", *ARTICLES[0]], ["A", *ARTICLES[1]]]
        self.assertEqual(self.offers(joined(";", rows).encode()), FOUND)

    def test_rows_repeated_per_quantity(self):
        rows = [
            ["Réf", "EAN", "Désignation", "Quantité mini", "Prix net HT"],
            ["A", "3606480325205", "Stylo", "10", "0,90"],
            ["A", "3606480325205", "Stylo", "1", "1,00"],
            ["A", "3606480325205", "Stylo", "100", "0,75"],
            ["B", "4006381333931", "Cahier", "1", "2,00"],
            ["B", "4006381333931", "Cahier", "1", "2,10"],
        ]
        found = preview.preview(joined(";", rows).encode())
        self.assertEqual(found["counts"], {"rows": 5, "accepted": 4, "quarantined": 1})
        self.assertEqual(
            [
                (offer["supplier_sku"], offer["purchase_price"], offer["tiers"])
                for offer in found["offers"]
            ],
            [
                (
                    "A",
                    "1.00",
                    [{"quantity": 10.0, "price": "0.90"}, {"quantity": 100.0, "price": "0.75"}],
                ),
                ("B", "2.00", None),
            ],
        )
        self.assertEqual(
            [(issue["line"], issue["rule"]) for issue in found["issues"]],
            [(2, "quantity-step"), (4, "quantity-step"), (6, "duplicate-identifier")],
        )

    def test_rows_are_steps_although_the_column_of_the_code_is_not_certain(self):
        lines = [["Clé", "Désignation", "Quantité", "Prix net HT"]]
        lines += [
            [f"A-{n}", f"Article {n}", str(quantity), str(price)]
            for n in range(6)
            for quantity, price in ((1, 9), (10, 8), (50, 7))
        ]
        found = preview.preview(joined(";", lines).encode())
        mapping = {entry["column"]: entry for entry in found["mapping"]}
        self.assertEqual(mapping["Clé"]["level"], "asked")
        self.assertEqual(mapping["Quantité"]["field"], "tier_qty")
        stock = [[*line[:2], "5", line[3]] for line in lines[1:]]
        found = preview.preview(joined(";", [lines[0], *stock]).encode())
        self.assertNotIn("tier_qty", [entry["field"] for entry in found["mapping"]])

    def test_binary_workbooks(self):
        figures = [[*row[:3], float(row[3].replace(",", ".")), int(row[4])] for row in ARTICLES]
        book = xlsb.write(
            {
                "Conditions": [["Nos conditions"], ["Franco", 300]],
                "Tarif": [["Tarif 2026"], [], [*HEADER, "Note"], *figures],
                "Fins de série": [HEADER, ["F-1", None, "Chaise", 0.1 + 0.2, 1e6]],
            }
        )
        self.assertEqual(self.offers(book), FOUND)
        self.assertEqual((self.found["format"], self.found["sheet"]), ("xlsb", "Tarif"))
        self.assertEqual(self.found["sheets"], ["Conditions", "Tarif", "Fins de série"])
        self.assertEqual(self.found["header_row"], 3)
        self.assertEqual(
            self.offers(book, sheet="Fins de série"), [("F-1", None, "Chaise", "0.30", 1_000_000)]
        )
        self.assertEqual(self.offers(zipped({"tarif.xlsb": book})), FOUND)
        self.assertEqual((self.found["compression"], self.found["member"]), ("zip", "tarif.xlsb"))
        with self.assertRaises(UnreadableFile) as caught:
            preview.preview(book[: len(book) // 2])
        self.assertEqual(caught.exception.rule, "damaged-file")

    def test_steps_are_whole_across_batches(self):
        lines = [["Réf", "Quantité mini", "Prix net HT"]]
        lines += [[f"A{n // 3}", str(10 ** (n % 3)), f"{9 - n % 3},00"] for n in range(30)]
        data = joined(";", lines).encode()
        shape = detect.sniff(data)
        fields = {"Réf": "supplier_sku", "Quantité mini": "minimum_order_quantity",
                  "Prix net HT": "purchase_price"}  # fmt: skip
        mapping = Mapping.from_names(shape.columns, fields)
        whole = list(pipeline.run(data, shape, mapping))
        parts = list(pipeline.run(data, shape, mapping, 51))
        for batches in (whole, parts):
            tiers = [text for batch in batches for text in batch.accepted["tiers"]]
            self.assertEqual(len(tiers), 10)
            self.assertTrue(all(len(json.loads(text)) == 2 for text in tiers))
            self.assertEqual(sum(batch.accepted_count for batch in batches), 30)

    def test_layouts_seen_in_the_wild(self):
        for line in LAYOUTS.read_text(encoding="utf-8").splitlines():
            layout = json.loads(line)
            with self.subTest(layout=layout["id"]):
                data = self.written(layout)
                options = SniffOptions(has_header=None if layout["headed"] else False)
                shape = detect.sniff(data, "", options)
                mapping = Mapping.from_names(shape.columns, layout["fields"], vat_rate=0.2)
                batches = list(pipeline.run(data, shape, mapping))
                self.assertEqual(sum(batch.row_count for batch in batches), len(layout["rows"]))
                accepted = sum(batch.accepted_count for batch in batches)
                refused = sum(batch.quarantined_count for batch in batches)
                self.assertEqual(accepted + refused, len(layout["rows"]))
                prices = [price for batch in batches for price in batch.accepted["purchase_price"]]
                self.assertEqual(prices, layout["prices"])
                rules = {
                    issue.rule
                    for batch in batches
                    for issue in batch.details.itertuples()
                    if issue.severity == "refuse"
                }
                self.assertEqual(sorted(rules), layout["refused"])

    def written(self, layout):
        rows = [layout["headers"], *layout["rows"]] if layout["headed"] else layout["rows"]
        if layout["kind"] in ("json", "xml"):
            keyed = [dict(zip(layout["headers"], row, strict=False)) for row in layout["rows"]]
            return json.dumps(keyed).encode()
        if layout["kind"] in ("xlsx", "xls"):
            return workbook(rows)
        quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
        return joined(layout["kind"], quoted).encode()
