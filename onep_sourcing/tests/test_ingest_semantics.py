"""What figures mean beyond the names of their columns, and how sure that is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..ingest import basis, mapping, pipeline, readers, relations, semantics, settle

#: SKU, price, pack size and weight of four articles; prices in the style of the case.
PRICES = ["12,50", "8,90", "149,00", "3,20"]
POINTS = ["12.50", "8.90", "149.00", "3.20"]


def times(prices, factor):
    """Prices multiplied, written with a comma."""
    factors = factor if isinstance(factor, list) else [factor] * len(prices)
    return [
        f"{float(price.replace(',', '.')) * each:.2f}".replace(".", ",")
        for price, each in zip(prices, factors, strict=True)
    ]


PACKS = ["6", "12", "1", "24"]
IN_PACKS = [6, 12, 1, 24]

#: language, columns {name: cells}, fields {name: field}, context, kind, value, level
CASES = [
    # with or without VAT
    ("fr", {"PA HT": PRICES}, {"PA HT": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix net TTC": PRICES}, {"Prix net TTC": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {}, "vat", "untaxed", "likely"),
    ("fr", {"Prix": [f"{p} TTC" for p in PRICES]}, {"Prix": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix": PRICES, "Prix TTC": times(PRICES, 1.2)}, {"Prix": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix": times(PRICES, 1.2), "Prix HT": PRICES}, {"Prix": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix": times(PRICES, [1.2, 1.055, 1.2, 1.055]), "Base": PRICES, "TVA": ["20", "5,5", "20", "5,5"]}, {"Prix": "purchase_price", "TVA": "vat_rate"}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix": PRICES, "Tarif 2": times(PRICES, 1.2)}, {"Prix": "purchase_price"}, {}, "vat", "untaxed", "likely"),
    ("fr", {"Prix": times(PRICES, 1.2), "Tarif 2": PRICES}, {"Prix": "purchase_price"}, {}, "vat", "untaxed", "asked"),
    ("fr", {"PA HT": times(PRICES, 1.2), "Prix HT net": PRICES}, {"PA HT": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix HT": ["12,50 TTC", "8,90", "149,00", "3,20"]}, {"Prix HT": "purchase_price"}, {}, "vat", "untaxed", "asked"),
    ("de", {"EK netto": PRICES}, {"EK netto": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    ("de", {"Preis brutto": PRICES}, {"Preis brutto": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("de", {"Preis": PRICES, "UVP": times(PRICES, 1.7)}, {"Preis": "purchase_price", "UVP": "recommended_retail_price"}, {}, "vat", "untaxed", "likely"),
    ("en", {"Price": ["9.99", "14.95", "19.99", "4.99", "24.99", "7.95", "2.99", "49.99"]}, {"Price": "purchase_price"}, {}, "vat", "untaxed", "asked"),
    ("en", {"Cost price": ["9.99", "14.95", "19.99", "4.99", "24.99", "7.95", "2.99", "49.99"]}, {"Cost price": "purchase_price"}, {}, "vat", "untaxed", "likely"),
    ("es", {"Precio sin IVA": PRICES}, {"Precio sin IVA": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    ("it", {"Prezzo ivato": PRICES}, {"Prezzo ivato": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("nl", {"Prijs incl btw": PRICES}, {"Prijs incl btw": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("pl", {"Cena brutto": PRICES}, {"Cena brutto": "purchase_price"}, {}, "vat", "taxed", "sure"),
    ("pt", {"Preço": PRICES, "Preço incl": times(PRICES, 1.23)}, {"Preço": "purchase_price"}, {}, "vat", "untaxed", "sure"),
    # of a piece, a pack, a hundred
    ("fr", {"Prix unitaire": PRICES, "PCB": PACKS}, {"Prix unitaire": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix colis": PRICES, "PCB": PACKS}, {"Prix colis": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("fr", {"Prix colis": PRICES}, {"Prix colis": "purchase_price"}, {}, "price_basis", "piece", "asked"),
    ("fr", {"Prix HT au cent": PRICES}, {"Prix HT au cent": "purchase_price"}, {}, "price_basis", "100", "sure"),
    ("fr", {"Prix": PRICES, "PCB": PACKS}, {"Prix": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "piece", "likely"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix": PRICES, "UP": ["100", "1", "100", "1"]}, {"Prix": "purchase_price", "UP": "price_per"}, {}, "price_basis", "column", "sure"),
    ("fr", {"Prix": PRICES, "Montant": times(PRICES, IN_PACKS), "PCB": PACKS}, {"Prix": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix": times(PRICES, IN_PACKS), "Valeur": PRICES, "PCB": PACKS}, {"Prix": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("fr", {"Prix": times(PRICES, IN_PACKS), "PVC": times(PRICES, 1.9), "PCB": ["6", "12", "6", "24"]}, {"Prix": "purchase_price", "PVC": "recommended_retail_price", "PCB": "pack_size"}, {}, "price_basis", "piece", "asked"),
    ("fr", {"Prix unitaire": times(PRICES, IN_PACKS), "Valeur": PRICES, "PCB": PACKS}, {"Prix unitaire": "purchase_price", "PCB": "pack_size"}, {}, "price_basis", "piece", "asked"),
    ("de", {"Preis je 100 Stück": PRICES}, {"Preis je 100 Stück": "purchase_price"}, {}, "price_basis", "100", "sure"),
    ("de", {"Preis/VE": PRICES, "VE": PACKS}, {"Preis/VE": "purchase_price", "VE": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("en", {"Price per 1000": POINTS}, {"Price per 1000": "purchase_price"}, {}, "price_basis", "1000", "sure"),
    ("en", {"Case price": POINTS, "Case qty": PACKS}, {"Case price": "purchase_price", "Case qty": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("es", {"Precio caja": PRICES, "Uds caja": PACKS}, {"Precio caja": "purchase_price", "Uds caja": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("it", {"Prezzo per 1000 pz": PRICES}, {"Prezzo per 1000 pz": "purchase_price"}, {}, "price_basis", "1000", "sure"),
    ("nl", {"Prijs per doos": PRICES, "Per doos": PACKS}, {"Prijs per doos": "purchase_price", "Per doos": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("pl", {"Cena za karton": PRICES, "Karton": PACKS}, {"Cena za karton": "purchase_price", "Karton": "pack_size"}, {}, "price_basis", "pack", "sure"),
    ("pt", {"Preço por caixa": PRICES, "Caixa": PACKS}, {"Preço por caixa": "purchase_price", "Caixa": "pack_size"}, {}, "price_basis", "pack", "sure"),
    # the currency
    ("fr", {"Prix €": PRICES}, {"Prix €": "purchase_price"}, {"currency": "USD"}, "currency", "EUR", "sure"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"currency": "EUR"}, "currency", "EUR", "likely"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"currency": "EUR", "home_currency": "EUR"}, "currency", "EUR", "sure"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"currency": "EUR", "home_currency": "CHF"}, "currency", "EUR", "asked"),
    ("en", {"Price": [f"${p}" for p in POINTS]}, {"Price": "purchase_price"}, {"currency": "EUR"}, "currency", "USD", "sure"),
    ("en", {"Price EUR": [f"${p}" for p in POINTS]}, {"Price EUR": "purchase_price"}, {}, "currency", "EUR", "asked"),
    ("en", {"Price": ["$12.50", "£8.90", "$149.00", "£3.20"]}, {"Price": "purchase_price"}, {}, "currency", "USD", "asked"),
    ("pl", {"Cena": [f"{p} zł" for p in PRICES]}, {"Cena": "purchase_price"}, {"currency": "EUR"}, "currency", "PLN", "sure"),
    ("de", {"Preis": PRICES, "Währung": ["CHF"] * 4}, {"Preis": "purchase_price", "Währung": "currency"}, {}, "currency", "CHF", "sure"),
    # the decimal sign
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {}, "decimal", ",", "sure"),
    ("en", {"Price": ["1,234.50", "8.90", "3.20", "2.00"]}, {"Price": "purchase_price"}, {}, "decimal", ".", "sure"),
    ("de", {"Preis": ["1.234,50", "8,90", "3,20", "2,00"]}, {"Preis": "purchase_price"}, {}, "decimal", ",", "sure"),
    ("it", {"Prezzo": ["1.250", "12.500", "3.125", "2.750"]}, {"Prezzo": "purchase_price"}, {}, "decimal", ".", "likely"),
    ("es", {"Precio": ["1.250", "500", "3.125", "750"]}, {"Precio": "purchase_price"}, {}, "decimal", ".", "asked"),
    ("nl", {"Prijs": ["1250", "500", "3125", "750"]}, {"Prijs": "purchase_price"}, {}, "decimal", ".", "sure"),
    # all, or what changed
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"file_name": "catalogue_2026.csv"}, "scope", "full", "likely"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"file_name": "maj_0412.csv"}, "scope", "full", "asked"),
    ("fr", {"Prix": PRICES}, {"Prix": "purchase_price"}, {"file_name": "maj_0412.csv", "scope": "delta"}, "scope", "delta", "likely"),
    ("en", {"Price": POINTS}, {"Price": "purchase_price"}, {"row_count": 950, "known_count": 1000}, "scope", "full", "sure"),
    ("en", {"Price": POINTS}, {"Price": "purchase_price"}, {"row_count": 40, "known_count": 1000}, "scope", "full", "asked"),
    ("de", {"Preis": PRICES, "Aktion": ["neu", "gelöscht", "neu", "gelöscht"]}, {"Preis": "purchase_price"}, {}, "scope", "full", "asked"),
    # the unit of weights
    ("fr", {"Prix": PRICES, "Poids (g)": ["850", "1200", "90", "40"]}, {"Prix": "purchase_price", "Poids (g)": "weight"}, {}, "weight_unit", "g", "sure"),
    ("fr", {"Prix": PRICES, "Poids": ["0,85", "1,2", "0,09", "14"]}, {"Prix": "purchase_price", "Poids": "weight"}, {}, "weight_unit", "kg", "likely"),
    ("en", {"Price": POINTS, "Weight": ["1.2 kg", "850 g", "90 g", "4 kg"]}, {"Price": "purchase_price", "Weight": "weight"}, {}, "weight_unit", "kg", "sure"),
    ("pt", {"Preço": PRICES, "Peso": ["25", "30", "28", "40"]}, {"Preço": "purchase_price", "Peso": "weight"}, {}, "weight_unit", "kg", "asked"),
    ("it", {"Prezzo": PRICES, "Peso": ["850", "1200", "960", "440"]}, {"Prezzo": "purchase_price", "Peso": "weight"}, {}, "weight_unit", "g", "likely"),
    ("de", {"Preis": PRICES, "Gewicht kg": ["850", "1200000", "960000", "440000"]}, {"Preis": "purchase_price", "Gewicht kg": "weight"}, {}, "weight_unit", "kg", "asked"),
]  # fmt: skip


def read(columns):
    names = list(columns)
    return readers.RawFrame.from_sample(names, list(zip(*columns.values(), strict=True)), range(2, 2 + len(columns[names[0]])))  # fmt: skip


def judge(columns, fields, context=None, confirmed=None):
    raw = read({"Ref": [f"A-{n}" for n in range(len(next(iter(columns.values()))))], **columns})
    settled = settle.settle(mapping.Mapping({"Ref": "supplier_sku", **fields}), raw)
    found = semantics.judge(
        settled, raw.frame, semantics.FileContext(**(context or {})), confirmed
    )
    return {meaning.kind: meaning for meaning in found}


class TestMeanings(BaseCase):
    def test_each_kind_in_eight_languages(self):
        for language, columns, fields, context, kind, value, level in CASES:
            with self.subTest(language=language, columns=list(columns), kind=kind):
                found = judge(columns, fields, context)[kind]
                self.assertEqual((found.value, found.level), (value, level), found)
                self.assertTrue(all(reason.message for reason in found.why))
                self.assertTrue(found.why)
                self.assertIn(found.value, found.choices)
        self.assertEqual({case[0] for case in CASES}, set("fr en de es it nl pl pt".split()))

    def test_what_a_person_confirmed_is_asked_no_more(self):
        columns, fields = {"Prix colis": PRICES}, {"Prix colis": "purchase_price"}
        self.assertEqual(judge(columns, fields)["price_basis"].level, "asked")
        found = judge(columns, fields, confirmed={"price_basis": "piece"})["price_basis"]
        self.assertEqual((found.value, found.level, found.confidence), ("piece", "sure", 1.0))

    def test_what_a_person_decides_is_what_is_read(self):
        columns = {"Ref": ["A", "B"], "Prix": ["1.250", "500"], "PCB": ["10", "5"], "Poids": ["25", "30"]}
        fields = {
            "Ref": "supplier_sku", "Prix": "purchase_price", "PCB": "pack_size", "Poids": "weight",
        }  # fmt: skip
        decided = semantics.decide(
            mapping.Mapping(fields, vat_rate=0.25),
            {"vat": "taxed", "price_basis": "pack", "currency": "SEK", "decimal": ",",
             "weight_unit": "g", "scope": "delta"},
        )  # fmt: skip
        batch = pipeline.process(read(columns), decided)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [100.0, 80.0])
        self.assertEqual(batch.accepted["weight_g"].tolist(), [25.0, 30.0])
        self.assertEqual(batch.accepted["currency"].tolist(), ["SEK", "SEK"])

    def test_nothing_is_said_of_a_file_without_a_price(self):
        self.assertEqual(set(judge({"Nom": ["Lampe"] * 3}, {"Nom": "name"})), {"scope"})

    def test_reasons_name_the_column_that_gives_them(self):
        found = judge({"Prix": PRICES, "Prix TTC": times(PRICES, 1.2)}, {"Prix": "purchase_price"})
        self.assertEqual(
            found["vat"].why[0].message, "“Prix TTC” is the same with VAT of 20 %."
        )


class TestSettledByRelation(BaseCase):
    def test_a_column_without_vat_makes_the_price_one_with_vat(self):
        raw = read({"Ref": list("ABCD"), "Prix": times(PRICES, 1.2), "Prix HT": PRICES})
        fields = {"Ref": "supplier_sku", "Prix": "purchase_price"}
        batch = pipeline.process(raw, mapping.Mapping(fields))
        self.assertEqual(batch.mapping.vat_rate, 0.2)
        self.assertEqual(batch.accepted["purchase_price"].round(2).tolist(), [12.5, 8.9, 149, 3.2])

    def test_a_price_of_packs_is_divided_and_one_without_size_is_refused(self):
        raw = read({"Ref": list("ABC"), "Prix colis": ["60,00", "24,00", "8,00"], "PCB": ["6", "12", ""]})
        fields = {"Ref": "supplier_sku", "Prix colis": "purchase_price", "PCB": "pack_size"}
        batch = pipeline.process(raw, mapping.Mapping(fields))
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [10.0, 2.0])
        self.assertEqual(batch.quarantined["rule"].tolist(), ["pack-size-missing"])

    def test_a_later_file_is_read_as_the_first_was_settled(self):
        raw = read({"Ref": list("ABC"), "Prix colis": ["60,00", "24,00", "8,00"], "PCB": ["6", "12", "4"]})
        fields = {"Ref": "supplier_sku", "Prix colis": "purchase_price", "PCB": "pack_size"}
        settled = settle.settle(mapping.Mapping(fields), raw)
        kept = mapping.Mapping.from_json(settled.to_json())
        self.assertEqual(kept, settled)
        self.assertEqual(kept.price_basis, "pack")

    def test_a_retail_price_that_is_no_vat_away_tells_nothing(self):
        raw = read({"Prix": PRICES, "Autre": times(PRICES, 1.37)})
        self.assertIsNone(relations.tax_twin(raw.frame, "Prix"))

    @settings(max_examples=50, deadline=None)
    @given(
        prices=st.lists(st.integers(200, 100_000), min_size=4, max_size=30, unique=True),
        rate=st.sampled_from([5.5, 10, 19, 20, 21, 23]),
    )
    def test_a_price_and_its_taxed_twin_find_each_other(self, prices, rate):
        untaxed = [f"{price / 100:.2f}" for price in prices]
        taxed = [f"{price * (1 + rate / 100) / 100:.2f}" for price in prices]
        frame = read({"A": untaxed, "B": taxed}).frame
        there, back = relations.tax_twin(frame, "A"), relations.tax_twin(frame, "B")
        self.assertEqual((there.column, there.is_taxed), ("B", False))
        self.assertEqual((back.column, back.is_taxed), ("A", True))
        self.assertAlmostEqual(there.rate, back.rate)

    def test_headers_that_say_two_things_say_nothing(self):
        self.assertIsNone(basis.in_header("Prix unitaire carton"))
        self.assertIsNone(basis.in_header("Prix 100"))  # the price from 100 pieces on
        self.assertEqual(basis.in_header("Prix HT / 100"), "100")


