"""Cells as suppliers write them, and what they become."""

import json

from odoo.tests.common import BaseCase

from ..ingest import taxes
from ..ingest.mapping import InvalidMapping, Mapping
from ..ingest.normalise import normalise
from ..ingest.readers import RawFrame
from .test_ingest_values import close

NAN = float("nan")


class TestNormalise(BaseCase):
    def frame(self, rows, fields, **options):
        """Normalise rows whose columns bear the names of `fields` (column → field)."""
        raw = RawFrame.from_sample(list(fields), rows, range(2, 2 + len(rows)))
        mapped = {column: field for column, field in fields.items() if field}
        return normalise(raw, Mapping(mapped, **options))

    def prices(self, column, cells, **options):
        """(prices, rules) of a price column."""
        rows = [[f"A{index}", cell] for index, cell in enumerate(cells)]
        result = self.frame(rows, {"SKU": "supplier_sku", column: "purchase_price"}, **options)
        return result.frame["purchase_price"].tolist(), result.issues.frame()["rule"].tolist()

    def test_prices_that_are_none(self):
        cells = ["", "sur devis", "n.v.t.", "-", "POA", "a.A.", "abc", "0,00", "-5", "12,50"]
        prices, rules = self.prices("PA HT", cells)
        self.assertEqual([price for price in prices if price == price], [12.5])
        self.assertEqual(
            rules, ["price-missing"] * 6 + ["price-not-a-number", "price-zero", "price-negative"]
        )

    def test_what_a_header_says_of_vat(self):
        for headers, told in (
            (("Prix T.T.C.", "prixTTC", "Prix hors remise TTC", "Precio con IVA"), True),
            (("Preis mit 19 % MwSt", "Cena z VAT", "Prix toutes taxes comprises"), True),
            (("Precio IVA no incluido", "Prezzo IVA non inclusa", "MwSt nicht inkl."), False),
            (("Prix HT", "Prix hors taxes", "Preis ohne MwSt", "Prijs excl. btw"), False),
            (("Prix", "Tarif conseillé", "Precio con descuento"), None),
        ):
            for header in headers:
                with self.subTest(header=header):
                    self.assertIs(taxes.in_header(header), told)

    def test_price_per_hundred_in_the_header(self):
        for header, divisor in (
            ("Prix HT / 100", 100),
            ("Prix pour 100 pièces HT", 100),
            ("Tarif le cent", 100),
            ("Preis je 1000 Stk", 1000),
            ("Price per thousand", 1000),
            ("Prix / 100 ml", 1),
            ("Prix par 100", 1),
            ("Prix le centimètre", 1),
        ):
            with self.subTest(header=header):
                prices, rules = self.prices(header, ["12,50", "12,50 / 100"])
                self.assertEqual(prices, [12.5 / divisor, 0.125])
                told = 2 if divisor > 1 else 1
                self.assertEqual(rules, ["price-per-unit"] * told)

    def test_a_price_that_names_its_quantity_is_divided_once(self):
        rows = [["A", "12,00 / 100", "100"], ["B", "12,00", "100"]]
        fields = {"SKU": "supplier_sku", "Prix": "purchase_price", "Par": "price_per"}
        result = self.frame(rows, fields)
        self.assertEqual(result.frame["purchase_price"].tolist(), [0.12, 0.12])

    def test_price_per_hundred(self):
        rows = [["A", "123,00", "C", "246,00"], ["B", "1,12", "U", "2,10"], ["C", "5,00", "?!", ""]]
        fields = {
            "Réf": "supplier_sku",
            "Prix net HT": "purchase_price",
            "Unité de prix": "price_per",
            "Prix public HT": "recommended_retail_price",
        }
        result = self.frame(rows, fields)
        self.assertEqual(result.frame["purchase_price"].tolist()[:2], [1.23, 1.12])
        self.assertEqual(result.frame["recommended_retail_price"].tolist()[:2], [2.46, 2.1])
        rules = result.issues.frame()
        self.assertEqual(
            rules[["line", "rule"]].to_numpy().tolist(),
            [[2, "price-per-unit"], [4, "price-unit-unknown"]],
        )
        self.assertIn("100", rules["message"][0])

    def test_vat_is_taken_out_by_row_or_by_option(self):
        fields = {"SKU": "supplier_sku", "Prix net TTC": "purchase_price", "TVA": "vat_rate"}
        result = self.frame([["A", "9,60", "20"], ["B", "10,55", "5,5"], ["C", "1,00", ""]], fields)
        self.assertEqual(result.frame["purchase_price"].tolist()[:2], [8, 10])
        self.assertIn("vat-missing", result.issues.frame()["rule"].tolist())
        prices, _rules = self.prices("Prix net TTC", ["12,00"], vat_rate=0.2)
        self.assertEqual(prices, [10])
        prices, _rules = self.prices("Prix", ["12,00"], prices_include_vat=True, vat_rate=0.2)
        self.assertEqual(prices, [10])
        prices, _rules = self.prices("Prix TTC", ["12,00"], prices_include_vat=False)
        self.assertEqual(prices, [12])

    def test_vat_as_percent_or_share(self):
        for cells, expected in (
            (["20", "5,5", "0"], [0.2, 0.055, 0]),
            (["0,18", "0,18", "0"], [0.18, 0.18, 0]),
            (["20 %", "10%", "1 %"], [0.2, 0.1, 0.01]),
            (["300", "-5", "20"], [NAN, NAN, 0.2]),
        ):
            with self.subTest(cells=cells):
                result = self.frame([[cell] for cell in cells], {"TVA": "vat_rate"})
                for found, value in zip(result.frame["vat_rate"], expected, strict=True):
                    self.assertTrue(close(found, value))

    def test_rates_in_percent_or_shares_are_told_by_most_of_them(self):
        for cells, expected in (
            (["30", "0,5", "12,5"], [0.3, 0.005, 0.125]),
            (["0,3", "0,25", "30"], [0.3, 0.25, NAN]),
            (["0,3", "1", "5 %"], [0.3, 1, 0.05]),
            (["1", "0", "x"], [0.01, 0, NAN]),
        ):
            with self.subTest(cells=cells):
                result = self.frame([[cell] for cell in cells], {"Remise %": "discount_percent"})
                for found, value in zip(result.frame["discount_percent"], expected, strict=True):
                    self.assertTrue(close(found, value), (found, value))

    def test_a_vat_below_one_percent_is_no_rate(self):
        result = self.frame([["20"], ["20"], ["0,2"]], {"TVA": "vat_rate"})
        self.assertEqual(result.frame["vat_rate"].isna().tolist(), [False, False, True])
        self.assertIn("rate-out-of-range", result.issues.frame()["rule"].tolist())

    def retail(self, header, cell, vat=None, **options):
        """(untaxed, taxed) retail price."""
        fields = {"SKU": "supplier_sku", "PA HT": "purchase_price"}
        row = ["A", "1,00", cell]
        fields[header] = "recommended_retail_price"
        if vat is not None:
            fields["TVA"] = "vat_rate"
            row.append(vat)
        frame = self.frame([row], fields, **options).frame
        return (
            frame["recommended_retail_price"][0],
            frame["recommended_retail_price_taxed"][0],
        )

    def test_retail_price_with_and_without_vat(self):
        for header, vat, options, expected in (
            ("Prix public TTC", "20", {}, (10, 12)),
            ("Prix public TTC", None, {}, (NAN, 12)),
            ("Prix public TTC", None, {"vat_rate": 0.2}, (10, 12)),
            ("PPTTC", "20", {}, (10, 12)),
            ("Prix public HT", "20", {}, (12, 14.4)),
            ("Prix public HT", "", {}, (12, NAN)),
            ("RRP incl. VAT", "20", {}, (10, 12)),
            ("Prix public", "20", {}, (10, 12)),
            ("Prix public", None, {}, (NAN, 12)),
            ("Prix public HT", "0", {}, (12, 12)),
            ("Prix public HT", "20", {"retail_includes_vat": True}, (10, 12)),
        ):
            with self.subTest(header=header, vat=vat, options=options):
                found = self.retail(header, "12,00", vat, **options)
                for one, other in zip(found, expected, strict=True):
                    self.assertTrue(close(one, other), found)

    def test_a_list_price_with_vat_and_no_rate_gives_no_purchase_price(self):
        fields = {
            "SKU": "supplier_sku",
            "Prix public TTC": "recommended_retail_price",
            "Remise": "discount_percent",
        }
        result = self.frame([["A", "100,00", "50"]], fields)
        self.assertTrue(result.frame["purchase_price"].isna()[0])
        self.assertIn("vat-missing", result.issues.frame()["rule"].tolist())
        result = self.frame([["A", "120,00", "50"]], fields, vat_rate=0.2)
        self.assertEqual(result.frame["purchase_price"][0], 50)

    def test_eco_tax_follows_its_own_header(self):
        fields = {"SKU": "supplier_sku", "Prix TTC": "purchase_price"}
        for header, rate, expected in (
            ("Éco-part", 0.2, 1.2),
            ("Éco-part HT", 0.2, 1.2),
            ("Éco-part TTC", 0.2, 1),
            ("Éco-part TTC", None, NAN),
        ):
            with self.subTest(header=header, rate=rate):
                result = self.frame(
                    [["A", "12,00", "1,20"]], fields | {header: "eco_tax"}, vat_rate=rate
                )
                self.assertTrue(close(result.frame["eco_tax"][0], expected))
                told = "vat-unknown" in result.issues.frame()["rule"].tolist()
                self.assertEqual(told, rate is None)

    def test_conditions(self):
        for cell, expected in (
            ("Neuf", "new"),
            ("NEW", "new"),
            ("Neu", "new"),
            ("nuovo", "new"),
            ("Nuevo", "new"),
            ("État neuf", "new"),
            ("Occasion", "used"),
            ("Used - very good", "used"),
            ("gebraucht", "used"),
            ("Usato", "used"),
            ("B-Ware", "used"),
            ("Grade B", "used"),
            ("Reconditionné", "refurbished"),
            ("Refurbished (Grade A)", "refurbished"),
            ("Grade A reconditionné", "refurbished"),
            ("Generalüberholt", "refurbished"),
            ("RICONDIZIONATO", "refurbished"),
            ("Neuf, boîte abîmée", "Neuf, boîte abîmée"),
            ("Usedom", "Usedom"),
            ("Déballé", "Déballé"),
        ):
            with self.subTest(cell=cell):
                frame = self.frame([[cell]] * 2, {"État": "condition"}).frame
                self.assertEqual(frame["condition"].tolist(), [expected] * 2)
        frame = self.frame([["", "A"]], {"État": "condition", "SKU": "supplier_sku"}).frame
        self.assertTrue(frame["condition"].isna()[0])
        frame = self.frame([["Neuf"], ["x"]] * 200, {"État": "condition"}).frame
        self.assertEqual(frame["condition"].tolist(), ["new", "x"] * 200)

    def test_cents(self):
        prices, rules = self.prices("EINKAUFSPREIS_CENT", ["62", "310"])
        self.assertEqual((prices, rules), ([0.62, 3.1], ["price-scaled"] * 2))
        result = self.frame(
            [["A", "7490"]], {"Nr": "supplier_sku", "Preis in Schweizer Rappen": "purchase_price"}
        )
        self.assertEqual(result.frame["purchase_price"][0], 74.9)
        self.assertEqual(result.frame["currency"][0], "CHF")

    def test_price_from_list_price_and_discount(self):
        fields = {
            "SKU": "supplier_sku",
            "Prix tarif HT": "recommended_retail_price",
            "Remise": "discount_percent",
        }
        result = self.frame([["A", "100,00", "35 %"], ["B", "10,00", ""]], fields)
        self.assertEqual(result.frame["purchase_price"][0], 65)
        self.assertEqual(
            result.issues.frame()["rule"].tolist(), ["price-from-discount", "price-missing"]
        )

    def test_identifiers(self):
        fields = {"SKU": "supplier_sku", "EAN": "ean"}
        rows = [
            ["A1", "4006381333931"],
            ["", "4006381333931"],
            ["A3", "4006381333932"],
            ["", "4006381333932"],
            ["", "2000000000015"],
            ["A6", "2000000000015"],
            ["-", ""],
            ["007", "4,00638E+12"],
        ]
        frame = self.frame(rows, fields).frame
        self.assertEqual(
            frame["supplier_sku"].fillna("").tolist(),
            ["A1", "04006381333931", "A3", "", "02000000000015", "A6", "", "007"],
        )
        self.assertEqual(frame["gtin"].notna().tolist(), [True, True] + [False] * 6)

    def test_currencies(self):
        cells = ["€", "euro", "chf", "GBP", "thb", ""]
        rows = [["A", cell] for cell in cells]
        fields = {"SKU": "supplier_sku", "Devise": "currency"}
        frame = self.frame(rows, fields, currency="USD").frame
        self.assertEqual(frame["currency"].tolist(), ["EUR", "EUR", "CHF", "GBP", "THB", "USD"])
        result = self.frame([["A", "12,50 €"]], {"SKU": "supplier_sku", "Prix": "purchase_price"})
        self.assertEqual(result.frame["currency"][0], "EUR")

    def test_unknown_currency_is_refused(self):
        # no ISO code, a former one, words of three letters, the code for no currency
        for cell in ("bananes", "XYZ", "FRF", "net", "les", "XXX", "EURO/u"):
            with self.subTest(cell):
                result = self.frame([[cell]], {"Devise": "currency"}, currency="EUR")
                self.assertIn("currency-unknown", result.issues.frame()["rule"].tolist())
                self.assertTrue(result.frame["currency"].isna().all())

    def test_stock_and_availability_help_each_other(self):
        fields = {"SKU": "supplier_sku", "Stock": "stock_quantity", "Dispo": "availability"}
        cells = [["4", ""], ["0", ""], ["", "oui"], ["4", "non"], ["rupture", ""], ["", ""]]
        frame = self.frame([["A", *row] for row in cells], fields).frame
        self.assertEqual(
            frame["availability"].astype("Int8").fillna(-1).tolist(), [1, 0, 1, 0, 0, -1]
        )

    def test_units_of_the_header_and_of_the_size(self):
        for header, cell, expected in (
            ("Poids kg", "0,35", 350),
            ("Poids (g)", "350", 350),
            ("Weight lbs", "2", 907.185),
            ("Gewicht", "1,20", 1200),
            ("Poids", "850", 850),
        ):
            with self.subTest(header=header):
                found = self.frame([[cell]], {header: "weight"}).frame["weight_g"][0]
                self.assertTrue(close(found, expected), found)
        found = self.frame([["120"]], {"Longueur mm": "length"}).frame["length_mm"][0]
        self.assertEqual(found, 120)

    def test_tiers(self):
        fields = {
            "SKU": "supplier_sku",
            "Prix": "purchase_price",
            "Prix 10+": "tier_price",
            "Qté palier": "tier_qty",
            "Prix palier": "tier_price",
        }
        frame = self.frame(
            [["A", "9,00", "8,00", "50", "7,00"], ["B", "9,00", "", "", ""]], fields
        ).frame
        self.assertEqual(
            json.dumps(json.loads(frame["tiers"][0], parse_int=float)),
            '[{"quantity": 10.0, "price": 8.0}, {"quantity": 50.0, "price": 7.0}]',
        )
        self.assertTrue(frame["tiers"].isna()[1])

    def test_tiers_are_of_one_piece_without_vat(self):
        fields = {
            "SKU": "supplier_sku",
            "Prix TTC": "purchase_price",
            "Unité de prix": "price_per",
            "TVA": "vat_rate",
            "Prix 10+": "tier_price",
        }
        rows = [["A", "1200,00", "C", "20", "600,00"], ["B", "12,00", "U", "", "6,00"]]
        frame = self.frame(rows, fields).frame
        self.assertEqual(json.loads(frame["tiers"][0]), [{"quantity": 10, "price": 5}])
        self.assertTrue(frame["tiers"].isna()[1])
        fields = {"SKU": "supplier_sku", "Preis Cent": "purchase_price", "Cent 10+": "tier_price"}
        frame = self.frame([["A", "900", "800"]], fields).frame
        self.assertEqual(json.loads(frame["tiers"][0]), [{"quantity": 10, "price": 8}])

    def test_the_suppliers_own_columns_travel_along(self):
        fields = {"SKU": "supplier_sku", 'Say "x"': None, "Vide": None}
        frame = self.frame([["A", 'a\\b "c"\nd', ""], ["B", " ", ""]], fields).frame
        self.assertEqual(frame["extra"][0], '{"Say \\"x\\"": "a\\\\b \\"c\\"\\nd"}')
        self.assertTrue(frame["extra"].isna()[1])

    def test_a_settled_mapping_survives_json(self):
        result = self.frame(
            [["A", "1.234,50"]], {"SKU": "supplier_sku", "EK EUR": "purchase_price"}
        )
        again = Mapping.from_json(result.mapping.to_json())
        self.assertEqual(again, result.mapping)
        self.assertTrue(again.settled)
        self.assertEqual((again.currency, again.style("EK EUR").decimal), ("EUR", ","))
        result = self.frame(
            [["A", "0,3", "1,5 kg", "1,20"]],
            {"SKU": "supplier_sku", "Remise": "discount_percent", "Poids": "weight",
             "Éco TTC": "eco_tax"},
        )  # fmt: skip
        self.assertEqual(Mapping.from_json(result.mapping.to_json()), result.mapping)
        self.assertEqual(dict(result.mapping.percents), {"discount_percent": False})

    def test_what_an_older_version_settled_is_completed(self):
        values = Mapping({"Remise": "discount_percent"}, settled=True, currency="CHF").to_json()
        del values["percents"]
        raw = RawFrame.from_sample(["Remise"], [["0.3"]], [2])
        again = normalise(raw, Mapping.from_json(values))
        self.assertEqual(again.frame["discount_percent"][0], 0.3)
        self.assertEqual(again.mapping.currency, "CHF")

    def test_mappings_that_cannot_be(self):
        for fields, rule in (
            ({"A": "ean", "B": "ean"}, "mapping-field-twice"),
            ({"A": "colour"}, "mapping-unknown-field"),
        ):
            with self.assertRaises(InvalidMapping) as caught:
                Mapping(fields)
            self.assertEqual(caught.exception.rule, rule)
        with self.assertRaises(InvalidMapping) as caught:
            Mapping.from_names(["SKU"], {"Code": "supplier_sku"})
        self.assertEqual(caught.exception.rule, "mapping-unknown-column")
        self.assertEqual(Mapping.from_names(["SKU "], {"sku": "ean"}).column("ean"), "SKU ")
