"""One table: what stands in the cells of a column, and what becomes of each.

A row of the table is (field, header, mapping options, cells); a cell is (text, value, rules). The
cells of a row stand in one column, since a column decides how its cells are read.
"""

import datetime
import json
import math

import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import arrow, currency, numbers
from ..ingest.fields import FIELDS
from ..ingest.header import is_value
from ..ingest.mapping import Mapping
from ..ingest.normalise import normalise
from ..ingest.readers import RawFrame

TODAY = datetime.date(2026, 11, 26)  # a Thursday of ISO week 48
NO = None

TABLE = [
    ("purchase_price", "PA HT", {}, [
        ("12,50", 12.5, ""),
        ("1 234,56 €", 1234.56, ""),
        ("1\u202f249,90\u00a0€", 1249.9, ""),
        ("€ 3,00", 3, ""),
        ("7,5 EUR HT", 7.5, ""),
        ("12€50", 12.5, ""),
        ("12,- €", 12, ""),
        ("US$ 4,50", 4.5, "currency-other"),
        ("Fr. 12,50", 12.5, "currency-other"),
        ("5,00 zł", 5, "currency-other"),
        ("10,00 Kč", 10, "currency-other"),
        ("9,90*", 9.9, ""),
        ("12,50 €/pce", 12.5, ""),
        ("10,00 € l'unité", 10, ""),
        ("ca. 10,00", 10, ""),
        ("+12,50", 12.5, ""),
        ("1.234,56", 1234.56, ""),
        ("1 234", 1234, ""),
        ("1,234.56", 1234.56, "number-other-style"),
        ("12.50", 12.5, "number-other-style"),
        ("12,50 / 100", 0.125, "price-per-unit"),
        ("4,20 le cent", 0.042, "price-per-unit"),
        ("12,50 € / 1000 pcs", 0.0125, "price-per-unit"),
        ("12 50", NO, "price-not-a-number"),
        ("57  (34,2)", NO, "price-not-a-number"),
        ("(3,20)", NO, "price-negative"),
        ("-5,00", NO, "price-negative"),
        ("5,00-", NO, "price-negative"),
        ("0,00", NO, "price-zero"),
        ("", NO, "price-missing"),
        ("-", NO, "price-missing"),
        ("sur devis", NO, "price-missing"),
        ("Prix sur demande", NO, "price-missing"),
        ("net", NO, "price-missing"),
        ("n.v.t.", NO, "price-missing"),
        ("abc", NO, "price-not-a-number"),
        ("=cmd|' /C calc'!A0", NO, "price-not-a-number"),
        ("4006381333931", NO, "price-absurd"),
    ]),
    ("purchase_price", "Cost", {}, [
        ("$1,234.56", 1234.56, ""),
        ("0.99", 0.99, ""),
        ("£5", 5, "currency-other"),
        ("CHF 1'234.50", 1234.5, "currency-other"),
        ("1,299", 1299, ""),
        ('="12.50"', 12.5, "text-formula"),
        ("3,5", 3.5, "number-other-style"),
        ("1.234.567", 1234567, "number-other-style"),
        ("POA", NO, "price-missing"),
    ]),
    ("purchase_price", "Prix", {}, [
        ("1.500", 1.5, ""), ("2.000", 2, ""), ("12.000", 12, ""),
    ]),
    ("purchase_price", "Prix", {}, [
        ("1.500,00", 1500, ""), ("12.000", 12000, ""),
    ]),
    ("purchase_price", "Prix", {"vat_rate": 0.2}, [
        ("12,00 € TTC", 10, "price-without-vat"),
        ("24,00 TTC", 20, "price-without-vat"),
        ("6,00 HT", 6, ""),
        ("36,00", 30, "price-without-vat"),
    ]),
    ("purchase_price", "EK Rappen", {}, [
        ("1250", 12.5, "price-scaled"), ("95", 0.95, "price-scaled"),
    ]),
    ("discount_percent", "Remise", {}, [
        ("10", 0.1, ""),
        ("10 %", 0.1, ""),
        ("12,5%", 0.125, ""),
        ("0", 0, ""),
        ("35+10", 0.415, "rate-in-words"),
        ("net", 0, "rate-in-words"),
        ("-", NO, ""),
        ("105", NO, "rate-out-of-range"),
        ("-5", NO, "rate-out-of-range"),
        ("voir liste", NO, "number-not-read"),
    ]),
    ("discount_percent", "Remise %", {}, [
        ("0,1", 0.1, ""), ("0,35", 0.35, ""), ("10 %", 0.1, ""),
    ]),
    ("vat_rate", "TVA", {}, [
        ("20", 0.2, ""),
        ("5,5 %", 0.055, ""),
        ("TVA 20 %", 0.2, ""),
        ("exonéré", 0, "rate-in-words"),
        ("n/a", NO, ""),
        ("taux normal", NO, "number-not-read"),
        ("1", NO, "rate-out-of-range"),
        ("1,20", NO, "rate-out-of-range"),
        ("2,1", 0.021, ""),
    ]),
    ("vat_rate", "VAT", {}, [("0.2", 0.2, ""), ("0.055", 0.055, "")]),
    ("stock_quantity", "Stock", {}, [
        ("12", 12, ""),
        ("12,0", 12, ""),
        (">100", 100, "stock-at-least"),
        ("> 1 000", 1000, "stock-at-least"),
        ("10+", 10, "stock-at-least"),
        ("+10", 10, "stock-at-least"),
        ("100 et +", 100, "stock-at-least"),
        ("+ de 50", 50, "stock-at-least"),
        ("plus de 50", 50, "stock-at-least"),
        ("mehr als 10", 10, "stock-at-least"),
        ("más de 10 uds", 10, "stock-at-least"),
        ("5 - 10", 5, "stock-at-least"),
        ("<5", 1, "stock-at-most"),
        ("moins de 5", 1, "stock-at-most"),
        ("5 pcs", 5, ""),
        ("12 en stock", 12, ""),
        ("En stock (5)", 5, "stock-in-words"),
        ("en stock", NO, "stock-in-words"),
        ("rupture", 0, "stock-in-words"),
        ("sur commande", 0, "stock-in-words"),
        ("nicht vorrätig", 0, "stock-in-words"),
        ("esaurito", 0, "stock-in-words"),
        ("agotado", 0, "stock-in-words"),
        ("uitverkocht", 0, "stock-in-words"),
        ("brak", 0, "stock-in-words"),
        ("oui", NO, "stock-in-words"),
        ("nein", 0, "stock-in-words"),
        ("-3", 0, "stock-negative"),
        ("J+3", NO, "stock-delay"),
        ("sous 48h", NO, "stock-delay"),
        ("2026-12-05", 0, "stock-delay"),
        ("voir magasin", NO, "stock-not-a-number"),
        ("???", NO, "stock-not-a-number"),
        ("", NO, ""),
    ]),
    ("stock_quantity", "Bestand", {}, [("1.187", 1187, ""), ("52", 52, ""), ("0", 0, "")]),
    ("stock_quantity", "Giacenza", {}, [("489,000", 489, ""), ("12,000", 12, "")]),
    ("availability", "Dispo", {}, [
        ("oui", True, ""), ("Non", False, ""), ("O", True, ""), ("N", False, ""),
        ("yes", True, ""), ("no", False, ""), ("ja", True, ""), ("nein", False, ""),
        ("sí", True, ""), ("vero", True, ""), ("falso", False, ""), ("wahr", True, ""),
        ("1", True, ""), ("0", False, ""), ("true", True, ""), ("FALSE", False, ""),
        ("en stock", True, ""), ("rupture", False, ""), ("lagernd", True, ""),
        ("non disponibile", False, ""), ("J+3", True, ""), ("", NO, ""),
        ("supprimé", False, "article-deleted"),
    ]),
    ("lead_time_days", "Délai", {}, [
        ("3", 3, ""),
        ("48h", 2, "lead-time-in-words"),
        ("24h/48h", 2, "lead-time-in-words"),
        ("2-3 sem.", 21, "lead-time-in-words"),
        ("sous 10 jours", 10, "lead-time-in-words"),
        ("2 à 3 jours ouvrés", 3, "lead-time-in-words"),
        ("J+3", 3, "lead-time-in-words"),
        ("10 Werktage", 10, "lead-time-in-words"),
        ("4-6 Wochen", 42, "lead-time-in-words"),
        ("2/3 settimane", 21, "lead-time-in-words"),
        ("3-5 días", 5, "lead-time-in-words"),
        ("2 tyg.", 14, "lead-time-in-words"),
        ("1-2 weken", 14, "lead-time-in-words"),
        ("next day", 1, "lead-time-in-words"),
        ("immédiat", 0, "lead-time-in-words"),
        ("sur stock", 0, "lead-time-in-words"),
        ("1 mois", 30, "lead-time-in-words"),
        ("15/12/2026", 19, "lead-time-from-date"),
        ("2026-12-10", 14, "lead-time-from-date"),
        ("05/12", 9, "lead-time-from-date"),
        ("semaine 50", 15, "lead-time-from-date"),
        ("KW 50", 15, "lead-time-from-date"),
        ("01/10/2026", 0, "lead-time-from-date"),
        ("nous appeler", NO, "lead-time-not-read"),
        ("-", NO, ""),
        ("NC", NO, ""),
    ]),
    ("lead_time_days", "Délai (h)", {}, [("24", 1, ""), ("36", 2, "")]),
    ("lead_time_days", "Livraison", {}, [("24", 1, ""), ("48", 2, ""), ("72", 3, "")]),
    ("lead_time_days", "Weeks", {}, [("2", 14, ""), ("1", 7, "")]),
    ("lead_time_days", "Available", {}, [
        ("12/20/2026", 24, "lead-time-from-date"), ("12/01/2026", 5, "lead-time-from-date"),
    ]),
    ("weight", "Poids", {}, [
        ("1,2 kg", 1200, ""),
        ("500 g", 500, ""),
        ("0,5", 500, ""),
        ("1.250,5 g", 1250.5, ""),
        ("2 lb", 907.185, ""),
        ("env. 300 g", 300, ""),
        ("0", NO, ""),
        ("-1", NO, "number-negative"),
        ("lourd", NO, "unit-not-read"),
    ]),
    ("weight", "Poids net (g)", {}, [("1200", 1200, ""), ("80", 80, "")]),
    ("weight", "Weight (lb)", {}, [("2.5", 1133.981, "")]),
    ("length", "Dimensions", {}, [
        ("10x20x5 cm", (100, 200, 50), ""),
        ("100×200×50 mm", (100, 200, 50), ""),
        ("10 x 20,5 x 5", (100, 205, 50), ""),
        ("L 10 x l 20 x H 5 cm", (100, 200, 50), ""),
        ("H 5 x L 10 x P 20 cm", (100, 200, 50), ""),
        ("10cm x 20cm x 5cm", (100, 200, 50), ""),
        ("20 x 30 cm", (200, 300, NO), ""),
        ("1,5 x 2 m", (1500, 2000, NO), ""),
        ("12 cm", (120, NO, NO), ""),
        ('5"', (127, NO, NO), ""),
        ("grand", (NO, NO, NO), "unit-not-read"),
    ]),
    ("length", "Dimensions HxLxP (mm)", {}, [("10x20x5", (20, 5, 10), "")]),
    ("pack_size", "Colisage", {}, [
        ("12", 12, ""),
        ("x12", 12, "pack-in-words"),
        ("lot de 6", 6, "pack-in-words"),
        ("carton 24", 24, "pack-in-words"),
        ("par carton de 12", 12, "pack-in-words"),
        ("Karton à 24", 24, "pack-in-words"),
        ("6er Pack", 6, "pack-in-words"),
        ("conf. da 6", 6, "pack-in-words"),
        ("caja 24", 24, "pack-in-words"),
        ("24 szt.", 24, "pack-in-words"),
        ("12 / carton", 12, "pack-in-words"),
        ("2x6", 12, "pack-in-words"),
        ("PCB 12", 12, "pack-in-words"),
        ("à l'unité", 1, "pack-in-words"),
        ("0", NO, ""),
        ("10 L", NO, ""),
        ("-", NO, ""),
        ("12/24", NO, "pack-not-read"),
    ]),
    ("ean", "EAN", {}, [
        ("4006381333931", "04006381333931", ""),
        ("4006381333931.0", "04006381333931", "gtin-decimal"),
        ("4,006381333931E+12", "04006381333931", "gtin-scientific"),
        ("4,00638E+12", NO, "gtin-scientific-lossy"),
        ("4 006381 333931", "04006381333931", "gtin-cleaned"),
        ("4.006.381.333.931", "04006381333931", "gtin-cleaned"),
        ("EAN13: 4006381333931", "04006381333931", "gtin-label"),
        ('="0036000291452"', "00036000291452", "text-formula"),
        ("36000291452", "00036000291452", "gtin-zeros"),
        ("96385074", "00000096385074", ""),
        ("10012345678902", "10012345678902", ""),
        ("2070541274", "09782070541270", "gtin-isbn10"),
        ("080442957X", "09780804429573", "gtin-isbn10"),
        ("4006381333931;3606480325205", "04006381333931", "gtin-several"),
        ("4006381333932", NO, "gtin-check-digit"),
        ("123", NO, "gtin-length"),
        ("0000000000000", NO, "gtin-placeholder"),
        ("sans", NO, "gtin-placeholder"),
        ("ABC", NO, "gtin-not-a-number"),
        ("2000000000015", NO, "gtin-restricted"),
        ("", NO, ""),
    ]),
    ("ean", "EAN", {}, [
        ("400638133393", "04006381333931", "gtin-completed"),
        ("360648032520", "03606480325205", "gtin-completed"),
        ("590123412345", "05901234123457", "gtin-completed"),
    ]),
    ("name", "Désignation", {}, [
        ("Caf&eacute; &amp; th&eacute;", "Café & thé", "text-cleaned"),
        ("<p>Lampe <b>LED</b></p>", "Lampe LED", "text-cleaned"),
        ("R&amp;amp;D", "R&D", "text-cleaned"),
        ("  Lampe\u00a0 de\tbureau ", "Lampe de bureau", ""),
        ("a < b", "a < b", ""),
        ("=HYPERLINK(\"http://x\")", "=HYPERLINK(\"http://x\")", ""),
        ("@SUM(1+1)", "@SUM(1+1)", ""),
        ("Ref\ufffdrence", "Ref\ufffdrence", "text-damaged"),
        ("n/a", NO, ""),
    ]),
    ("currency", "Devise", {}, [
        ("EUR", "EUR", ""), ("€", "EUR", ""), ("euros", "EUR", ""), ("zł", "PLN", ""),
        ("CHF", "CHF", ""), ("$", "USD", ""), ("bitcoin", NO, "currency-unknown"),
    ]),
    ("eco_tax", "Éco-participation", {}, [
        ("0,02", 0.02, ""), ("0", 0, ""), ("-", NO, ""), ("inclus", NO, "number-not-read"),
    ]),
    ("condition", "État", {}, [
        ("Neuf", "new", ""), ("gebraucht", "used", ""),
        ("Reconditionné grade A", "refurbished", ""),
    ]),
]  # fmt: skip


class TestCells(BaseCase):
    def test_table(self):
        count = 0
        for field, header, options, cells in TABLE:
            texts = [[f"A{place}", cell] for place, (cell, *_rest) in enumerate(cells)]
            raw = RawFrame.from_sample(("SKU", header), texts, range(2, 2 + len(cells)))
            mapping = Mapping({"SKU": "supplier_sku", header: field}, **options)
            batch = normalise(raw, mapping, TODAY)
            rules = self.rules(batch, field)
            for place, (cell, value, rule) in enumerate(cells):
                count += 1
                with self.subTest(field=field, header=header, cell=cell):
                    found = self.values(batch.frame, field, place)
                    wanted = value if isinstance(value, tuple) else (value,)
                    self.assertEqual(len(found), len(wanted))
                    for one, other in zip(found, wanted, strict=True):
                        self.assert_same(one, other)
                    self.assertEqual(rules.get(place, []), rule.split())
        self.assertGreaterEqual(count, 150)

    def values(self, frame, field, place):
        columns = list(FIELDS[field].columns)
        if field == "length":
            columns += ["width_mm", "height_mm"]
        return [frame[column].iloc[place] for column in columns]

    def rules(self, batch, field):
        """Rules by row; without a price column every row lacks one, which is not the matter."""
        found = {}
        for issue in batch.issues.frame().itertuples():
            if issue.rule != "price-missing" or field == "purchase_price":
                found.setdefault(issue.row, []).append(issue.rule)
        return found

    def assert_same(self, found, wanted):
        if wanted is NO:
            self.assertTrue(pd.isna(found), found)
        elif isinstance(wanted, int | float) and not isinstance(wanted, bool):
            self.assertTrue(math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-3), found)
        else:
            self.assertEqual(found, wanted)

    def frame(self, columns, rows, **options):
        raw = RawFrame.from_sample(list(columns), rows, range(2, 2 + len(rows)))
        return normalise(raw, Mapping(columns, **options), TODAY).frame

    def test_a_delay_in_the_stock_becomes_the_lead_time(self):
        frame = self.frame(
            {"SKU": "supplier_sku", "Stock": "stock_quantity", "Délai": "lead_time_days"},
            [["A", "J+3", ""], ["B", "J+3", "5"], ["C", "05/12/2026", ""], ["D", "4", "2"]],
        )
        self.assertEqual(frame["lead_time_days"].tolist(), [3, 5, 9, 2])
        self.assertEqual(frame["availability"].tolist(), [True, True, False, True])

    def test_what_comes_later_is_not_there(self):
        columns = {"SKU": "supplier_sku", "Stock": "stock_quantity", "Dispo": "availability"}
        rows = [
            ["A", "dispo le 05/12/2026", ""],
            ["B", "", "Disponible à partir du 05/12/2026"],
            ["C", "", "En stock au 20/11/2026"],
            ["D", "", "Disponible sous 3 jours"],
        ]
        frame = self.frame(columns, rows)
        self.assertEqual(frame["availability"].tolist(), [False, False, True, True])
        self.assertEqual(frame["lead_time_days"].tolist(), [9, 9, 0, 3])

    def test_an_availability_that_is_not_understood_is_said(self):
        columns = {"SKU": "supplier_sku", "Dispo": "availability"}
        cells = ["in_stock", "Sur-commande", "schwer zu sagen", "-", ""]
        rows = [[f"A{number}", cell] for number, cell in enumerate(cells)]
        raw = RawFrame.from_sample(list(columns), rows, range(2, 7))
        batch = normalise(raw, Mapping(columns))
        self.assertEqual(
            [None if pd.isna(one) else one for one in batch.frame["availability"]],
            [True, False, None, None, None],
        )
        issues = batch.issues.frame()
        self.assertEqual(
            issues.loc[issues["rule"] == "availability-not-read", "line"].tolist(), [4]
        )

    def test_dates_need_a_day_to_count_from(self):
        raw = RawFrame.from_sample(("SKU", "Délai"), [["A", "15/12/2026"]], [2])
        mapping = Mapping({"SKU": "supplier_sku", "Délai": "lead_time_days"})
        batch = normalise(raw, mapping)
        self.assertTrue(math.isnan(batch.frame["lead_time_days"][0]))
        self.assertIn("lead-time-not-read", batch.issues.frame()["rule"].tolist())

    def test_stocks_of_warehouses_add_up(self):
        frame = self.frame(
            {"SKU": "supplier_sku", "Paris": "stock_quantity", "Lyon": "stock_quantity"},
            [["A", "5", "3"], ["B", "", "2"], ["C", "rupture", "0"], ["D", "", ""]],
        )
        self.assertEqual(frame["stock_quantity"].tolist()[:3], [8, 2, 0])
        self.assertTrue(math.isnan(frame["stock_quantity"][3]))

    def test_prices_per_quantity_in_columns(self):
        columns = {"SKU": "supplier_sku", "Prix": "purchase_price", "Prix 50+": "tier_price",
                   "PU 10": "tier_price", "ab 100 Stk.": "tier_price"}  # fmt: skip
        frame = self.frame(
            columns, [["A", "9,00", "7,00", "8,00", "6,50"], ["B", "9,00", "", "", "-"]]
        )
        self.assertEqual(
            json.loads(frame["tiers"][0]),
            [
                {"quantity": 10, "price": 8},
                {"quantity": 50, "price": 7},
                {"quantity": 100, "price": 6.5},
            ],
        )
        self.assertTrue(frame["tiers"].isna()[1])

    def test_a_sign_beside_a_price_is_its_currency(self):
        columns = {"SKU": "supplier_sku", "Prix": "purchase_price"}
        raw = RawFrame.from_sample(
            list(columns),
            [["A", "12,50 €"], ["B", "$ 15,00"], ["C", "10,00 EUR"], ["D", "9,00"]],
            [2, 3, 4, 5],
        )
        batch = normalise(raw, Mapping(columns))
        self.assertEqual(batch.frame["currency"].tolist(), ["EUR", "USD", "EUR", "EUR"])
        issues = batch.issues.frame()
        self.assertEqual(issues.loc[issues["rule"] == "currency-other", "line"].tolist(), [3])
        named = {"SKU": "supplier_sku", "Preis CHF": "purchase_price"}
        self.assertEqual(self.frame(named, [["A", "5.00"]])["currency"].tolist(), ["CHF"])

    def test_currencies_of_the_world_are_read_and_named(self):
        """One list serves the figure, its currency and the search for the header."""
        written = {
            "12.50 CAD": "CAD", "AUD 12.50": "AUD", "12.50 JPY": "JPY", "TRY12.50": "TRY",
            "12.50HKD": "HKD", "R$ 12,50": "BRL", "A$12.50": "AUD", "CA$ 12.50": "CAD",
            "HK$12.50": "HKD", "NZ$ 12.50": "NZD", "S$12.50": "SGD", "12,50 $US": "USD",
            "US$ 12.50": "USD", "12.50 $ CAD": "CAD", "$ 12.50 AUD": "AUD", "12,50 лв": "BGN",
            "₺12,50": "TRY", "₹ 12.50": "INR", "12,50 Kč": "CZK", "12,50 zł": "PLN",
            "12,50 lei": "RON", "Fr. 12.50": "CHF", "12,50 €": "EUR", "£12.50": "GBP",
            "12.50 MXN": "MXN", "元12.50": "CNY", "kr. 12,50": "DKK", "¥12.50": "JPY",
        }  # fmt: skip
        cells = arrow.text(list(written))
        self.assertEqual(currency.in_cells(cells).to_pylist(), list(written.values()))
        for cell in written:
            column = arrow.text([cell])
            value = numbers.parse(column, numbers.style_of(column)).value
            self.assertEqual(value.tolist(), [12.5], cell)
            self.assertTrue(is_value(cell), cell)
        # Letters before a `$` that name no country one knows are not left out as if they did.
        self.assertTrue(numbers.parse(arrow.text(["Q$ 12.50"]), numbers.NumberStyle()).unread[0])
        self.assertEqual(currency.in_cells(arrow.text(["Q$ 12.50"])).to_pylist(), [None])
        names = {
            "Price (HKD)": "HKD", "Prix CAD": "CAD", "Precio MXN": "MXN", "Price (CA$)": "CAD",
            "Price R$": "BRL", "Price$": "USD", "Pris kr": "SEK", "Prix en euros": "EUR",
            "Preis in Rappen": "CHF", "Price per pound": None, "Top price, all": None,
        }  # fmt: skip
        self.assertEqual({name: currency.in_header(name) for name in names}, names)

    def test_a_sign_of_several_currencies_is_that_of_the_column(self):
        rows = [["A", "$ 15.00"], ["B", "US$ 3.00"], ["C", "9.00"], ["D", "CA$ 2.00"]]
        columns = {"SKU": "supplier_sku", "Price CAD": "purchase_price"}
        raw = RawFrame.from_sample(list(columns), rows, [2, 3, 4, 5])
        batch = normalise(raw, Mapping(columns))
        self.assertEqual(batch.frame["currency"].tolist(), ["CAD", "USD", "CAD", "CAD"])
        issues = batch.issues.frame()
        self.assertEqual(issues.loc[issues["rule"] == "currency-other", "line"].tolist(), [3])
        columns = {"SKU": "supplier_sku", "Price": "purchase_price", "Curr.": "currency"}
        frame = self.frame(columns, [["A", "5.00", "$"], ["B", "6.00", "R$"]], currency="AUD")
        self.assertEqual(frame["currency"].tolist(), ["AUD", "BRL"])

    def test_a_code_in_scientific_notation_is_doubted(self):
        raw = RawFrame.from_sample(("SKU",), [["1,23E+05"], ["000123"], ["E+1"]], [2, 3, 4])
        batch = normalise(raw, Mapping({"SKU": "supplier_sku"}))
        self.assertEqual(batch.frame["supplier_sku"].tolist(), ["1,23E+05", "000123", "E+1"])
        issues = batch.issues.frame()
        self.assertEqual(issues.loc[issues["rule"] == "sku-scientific", "line"].tolist(), [2])
