"""What figures mean beyond the names of their columns, and how sure that is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..ingest import (
    basis,
    mapping,
    pipeline,
    preview,
    readers,
    relations,
    semantics,
    settle,
    terminal,
)

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


SHORT = {
    "price": "purchase_price",
    "retail": "recommended_retail_price",
    "vat": "vat_rate",
    "pack": "pack_size",
    "per": "price_per",
    "weight": "weight",
    "currency": "currency",
    "lead": "lead_time_days",
    "discount": "discount_percent",
}
SHORT_FIELDS = ["supplier_sku", "purchase_price", "recommended_retail_price"]
PACKS = ["6", "12", "1", "24"]
IN_PACKS = [6, 12, 1, 24]

#: language, columns {name (field)?: cells}, context, kind, value, level; fields in short, below
CASES = [
    # with or without VAT
    ("fr", {"PA HT =price": PRICES}, {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix net TTC =price": PRICES}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix =price": PRICES}, {}, "vat", "untaxed", "likely"),
    ("fr", {"Prix =price": [f"{p} TTC" for p in PRICES]}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix =price": PRICES, "Prix TTC": times(PRICES, 1.2)}, {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix =price": times(PRICES, 1.2), "Prix HT": PRICES}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix =price": times(PRICES, [1.2, 1.055, 1.2, 1.055]), "Base": PRICES,
      "TVA =vat": ["20", "5,5", "20", "5,5"]}, {}, "vat", "taxed", "sure"),
    ("fr", {"Prix =price": PRICES, "Tarif 2": times(PRICES, 1.2)}, {}, "vat", "untaxed", "likely"),
    ("fr", {"Prix =price": times(PRICES, 1.2), "Tarif 2": PRICES}, {}, "vat", "untaxed", "asked"),
    ("fr", {"PA HT =price": times(PRICES, 1.2), "Prix HT net": PRICES},
      {}, "vat", "untaxed", "sure"),
    ("fr", {"Prix HT =price": ["12,50 TTC", "8,90", "149,00", "3,20"]},
      {}, "vat", "untaxed", "asked"),
    ("de", {"EK netto =price": PRICES}, {}, "vat", "untaxed", "sure"),
    ("de", {"Preis brutto =price": PRICES}, {}, "vat", "taxed", "sure"),
    ("de", {"Preis =price": PRICES, "UVP =retail": times(PRICES, 1.7)},
      {}, "vat", "untaxed", "likely"),
    ("en", {"Price =price": ["9.99", "14.95", "19.99", "4.99", "24.99", "7.95", "2.99", "49.99"]},
      {}, "vat", "untaxed", "asked"),
    ("en", {
      "Cost price =price": ["9.99", "14.95", "19.99", "4.99", "24.99", "7.95", "2.99", "49.99"]},
      {}, "vat", "untaxed", "likely"),
    ("es", {"Precio sin IVA =price": PRICES}, {}, "vat", "untaxed", "sure"),
    ("it", {"Prezzo ivato =price": PRICES}, {}, "vat", "taxed", "sure"),
    ("nl", {"Prijs incl btw =price": PRICES}, {}, "vat", "taxed", "sure"),
    ("pl", {"Cena brutto =price": PRICES}, {}, "vat", "taxed", "sure"),
    ("pt", {"Preço =price": PRICES, "Preço incl": times(PRICES, 1.23)},
      {}, "vat", "untaxed", "sure"),
    # of a piece, a pack, a hundred
    ("fr", {"Prix unitaire =price": PRICES, "PCB =pack": PACKS},
      {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix colis =price": PRICES, "PCB =pack": PACKS}, {}, "price_basis", "pack", "sure"),
    ("fr", {"Prix colis =price": PRICES}, {}, "price_basis", "piece", "asked"),
    ("fr", {"Prix HT au cent =price": PRICES}, {}, "price_basis", "100", "sure"),
    ("fr", {"Prix =price": PRICES, "PCB =pack": PACKS}, {}, "price_basis", "piece", "likely"),
    ("fr", {"Prix =price": PRICES}, {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix =price": PRICES, "UP =per": ["100", "1", "100", "1"]},
      {}, "price_basis", "column", "sure"),
    ("fr", {"Prix =price": PRICES, "Montant": times(PRICES, IN_PACKS), "PCB =pack": PACKS},
      {}, "price_basis", "piece", "sure"),
    ("fr", {"Prix =price": times(PRICES, IN_PACKS), "Valeur": PRICES, "PCB =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    ("fr", {"Prix =price": times(PRICES, IN_PACKS), "PVC =retail": times(PRICES, 1.9),
      "PCB =pack": ["6", "12", "6", "24"]}, {}, "price_basis", "piece", "asked"),
    ("fr", {"Prix =price": times(PRICES, 100), "PVC =retail": times(PRICES, 1.9),
      "PCB =pack": ["6", "12", "6", "24"]}, {}, "price_basis", "piece", "asked"),
    ("fr", {"Prix unitaire =price": times(PRICES, IN_PACKS), "Valeur": PRICES, "PCB =pack": PACKS},
      {}, "price_basis", "piece", "asked"),
    ("de", {"Preis je 100 Stück =price": PRICES}, {}, "price_basis", "100", "sure"),
    ("de", {"Preis/VE =price": PRICES, "VE =pack": PACKS}, {}, "price_basis", "pack", "sure"),
    ("en", {"Price per 1000 =price": POINTS}, {}, "price_basis", "1000", "sure"),
    ("en", {"Case price =price": POINTS, "Case qty =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    ("es", {"Precio caja =price": PRICES, "Uds caja =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    ("it", {"Prezzo per 1000 pz =price": PRICES}, {}, "price_basis", "1000", "sure"),
    ("nl", {"Prijs per doos =price": PRICES, "Per doos =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    ("pl", {"Cena za karton =price": PRICES, "Karton =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    ("pt", {"Preço por caixa =price": PRICES, "Caixa =pack": PACKS},
      {}, "price_basis", "pack", "sure"),
    # the currency
    ("fr", {"Prix € =price": PRICES}, {"currency": "USD"}, "currency", "EUR", "sure"),
    ("fr", {"Prix =price": PRICES}, {"currency": "EUR"}, "currency", "EUR", "likely"),
    ("fr", {"Prix =price": PRICES},
      {"currency": "EUR", "home_currency": "EUR"}, "currency", "EUR", "sure"),
    ("fr", {"Prix =price": PRICES},
      {"currency": "EUR", "home_currency": "CHF"}, "currency", "EUR", "asked"),
    ("en", {"Price =price": [f"${p}" for p in POINTS]},
      {"currency": "EUR"}, "currency", "USD", "likely"),
    ("en", {"Price =price": [f"${p}" for p in POINTS]},
      {"currency": "EUR", "home_currency": "CAD"}, "currency", "USD", "asked"),
    ("en", {"Price ($) =price": POINTS},
      {"currency": "EUR", "home_currency": "USD"}, "currency", "USD", "likely"),
    ("en", {"Price ($) =price": [f"{p} CAD" for p in POINTS]}, {}, "currency", "CAD", "sure"),
    ("en", {"Price =price": [f"US$ {p}" for p in POINTS]}, {}, "currency", "USD", "sure"),
    ("en", {"Price (HKD) =price": [f"${p}" for p in POINTS]}, {}, "currency", "HKD", "sure"),
    ("pt", {"Preço =price": [f"R$ {p}" for p in PRICES]}, {}, "currency", "BRL", "sure"),
    ("nl", {"Prijs =price": [f"{p} kr" for p in PRICES]}, {}, "currency", "SEK", "asked"),
    ("en", {"Price =price": POINTS, "Currency =currency": ["$"] * 4},
      {}, "currency", "USD", "likely"),
    ("en", {"Price EUR =price": [f"${p}" for p in POINTS]}, {}, "currency", "EUR", "asked"),
    ("en", {"Price =price": ["$12.50", "£8.90", "$149.00", "£3.20"]},
      {}, "currency", "USD", "asked"),
    ("pl", {"Cena =price": [f"{p} zł" for p in PRICES]},
      {"currency": "EUR"}, "currency", "PLN", "sure"),
    ("de", {"Preis =price": PRICES, "Währung =currency": ["CHF"] * 4},
      {}, "currency", "CHF", "sure"),
    # the decimal sign
    ("fr", {"Prix =price": PRICES}, {}, "decimal", ",", "sure"),
    ("en", {"Price =price": ["1,234.50", "8.90", "3.20", "2.00"]}, {}, "decimal", ".", "sure"),
    ("de", {"Preis =price": ["1.234,50", "8,90", "3,20", "2,00"]}, {}, "decimal", ",", "sure"),
    ("it", {"Prezzo =price": ["1.250", "12.500", "3.125", "2.750"]}, {}, "decimal", ".", "likely"),
    ("es", {"Precio =price": ["1.250", "500", "3.125", "750"]}, {}, "decimal", ",", "asked"),
    ("nl", {"Prijs =price": ["1250", "500", "3125", "750"]}, {}, "decimal", ".", "sure"),
    # all, or what changed
    ("fr", {"Prix =price": PRICES},
      {"file_name": "catalogue_2026.csv"}, "scope", "full", "likely"),
    ("fr", {"Prix =price": PRICES}, {"file_name": "maj_0412.csv"}, "scope", "full", "asked"),
    ("fr", {"Prix =price": PRICES},
      {"file_name": "maj_0412.csv", "scope": "delta"}, "scope", "delta", "likely"),
    ("en", {"Price =price": POINTS},
      {"row_count": 950, "known_count": 1000}, "scope", "full", "sure"),
    ("en", {"Price =price": POINTS},
      {"row_count": 40, "known_count": 1000}, "scope", "full", "asked"),
    ("de", {"Preis =price": PRICES, "Aktion": ["neu", "gelöscht", "neu", "gelöscht"]},
      {}, "scope", "full", "asked"),
    # the unit of weights
    ("fr", {"Prix =price": PRICES, "Poids (g) =weight": ["850", "1200", "90", "40"]},
      {}, "weight_unit", "g", "sure"),
    ("fr", {"Prix =price": PRICES, "Poids =weight": ["0,85", "1,2", "0,09", "14"]},
      {}, "weight_unit", "kg", "likely"),
    ("en", {"Price =price": POINTS, "Weight =weight": ["1.2 kg", "850 g", "90 g", "4 kg"]},
      {}, "weight_unit", "kg", "sure"),
    ("pt", {"Preço =price": PRICES, "Peso =weight": ["25", "30", "28", "40"]},
      {}, "weight_unit", "kg", "asked"),
    ("it", {"Prezzo =price": PRICES, "Peso =weight": ["850", "1200", "960", "440"]},
      {}, "weight_unit", "g", "likely"),
    ("de", {"Preis =price": PRICES, "Gewicht kg =weight": ["850", "1200000", "960000", "440000"]},
      {}, "weight_unit", "kg", "asked"),
    # the unit of lead times
    ("fr", {"Prix =price": PRICES, "Délai (semaines) =lead": ["2", "3", "1", "6"]},
      {}, "lead_time_unit", "weeks", "sure"),
    ("fr", {"Prix =price": PRICES, "Délai =lead": ["24", "48", "24", "72"]},
      {}, "lead_time_unit", "hours", "likely"),
    ("de", {"Preis =price": PRICES, "Lieferzeit =lead": ["5", "10", "2 Wochen", "3"]},
      {}, "lead_time_unit", "days", "likely"),
    ("it", {"Prezzo =price": PRICES, "Consegna =lead": ["5", "240", "10", "3"]},
      {}, "lead_time_unit", "days", "likely"),
    # how rates are written
    ("fr", {"Prix =price": PRICES, "Remise =discount": ["10", "35", "12,5", ""]},
      {}, "discount_form", "percent", "sure"),
    ("en", {"Price =price": POINTS, "Discount =discount": ["0.1", "0.35", "0.125", ""]},
      {}, "discount_form", "share", "sure"),
    ("es", {"Precio =price": PRICES, "Descuento =discount": ["0,5", "35", "12", "10 %"]},
      {}, "discount_form", "percent", "likely"),
    ("nl", {"Prijs =price": PRICES, "BTW =vat": ["0,21", "0,21", "0,09", "0,21"]},
      {}, "vat_form", "share", "sure"),
]  # fmt: skip


def read(columns):
    names = list(columns)
    rows = list(zip(*columns.values(), strict=True))
    return readers.RawFrame.from_sample(names, rows, range(2, 2 + len(rows)))


def split(named):
    """({column: cells}, {column: field}) of columns whose names say what they fill."""
    parts = {name: name.partition(" =") for name in named}
    columns = {parts[name][0]: cells for name, cells in named.items()}
    return columns, {name: SHORT[field] for name, _sign, field in parts.values() if field}


def judge(columns, fields, context=None, confirmed=None):
    count = len(next(iter(columns.values())))
    raw = read({"Ref": [f"A-{n}" for n in range(count)], **columns})
    settled = settle.settle(mapping.Mapping({"Ref": "supplier_sku", **fields}), raw)
    found = semantics.judge(settled, raw.frame, semantics.FileContext(**(context or {})), confirmed)
    return {meaning.kind: meaning for meaning in found}


class TestMeanings(BaseCase):
    def test_each_kind_in_eight_languages(self):
        for language, named, context, kind, value, level in CASES:
            columns, fields = split(named)
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
        columns = {
            "Ref": ["A", "B"], "Prix": ["1.250", "500"], "PCB": ["10", "5"], "Poids": ["25", "30"],
        }  # fmt: skip
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

    def test_bare_figures_are_read_in_the_unit_a_person_gives(self):
        columns = {
            "Ref": ["A", "B", "C"], "Prix": ["100", "200", "300"], "Poids": ["2", "3", "0,5 kg"],
            "Délai": ["5", "12", "2 sem."], "Remise": ["0,5", "0,2", "10 %"],
            "TVA": ["5,5", "20", "20 %"],
        }  # fmt: skip
        fields = {
            "Ref": "supplier_sku", "Prix": "purchase_price", "Poids": "weight", "TVA": "vat_rate",
            "Délai": "lead_time_days", "Remise": "discount_percent",
        }  # fmt: skip
        for confirmed, column, values in (
            ({"lead_time_unit": "days"}, "lead_time_days", [5, 12, 14]),
            ({"lead_time_unit": "working_days"}, "lead_time_days", [7, 17, 14]),
            ({"lead_time_unit": "weeks"}, "lead_time_days", [35, 84, 14]),
            ({"lead_time_unit": "hours"}, "lead_time_days", [1, 1, 14]),
            ({"weight_unit": "lb"}, "weight_g", [907.185, 1360.777, 500]),
            ({"weight_unit": "g"}, "weight_g", [2, 3, 500]),
            ({}, "discount_percent", [0.5, 0.2, 0.1]),
            ({"discount_form": "percent"}, "discount_percent", [0.005, 0.002, 0.1]),
            ({"vat_form": "percent"}, "vat_rate", [0.055, 0.2, 0.2]),
            ({"weight_unit": "g", "lead_time_unit": "weeks"}, "weight_g", [2, 3, 500]),
        ):
            with self.subTest(confirmed):
                kept = (
                    mapping.Mapping(fields).to_json()
                    | semantics.decide(mapping.Mapping(fields), confirmed).to_json()
                )
                batch = pipeline.process(read(columns), mapping.Mapping.from_json(kept))
                self.assertEqual(batch.accepted[column].tolist(), values)
        batch = pipeline.process(
            read(columns), semantics.decide(mapping.Mapping(fields), {"vat_form": "share"})
        )
        self.assertEqual(batch.accepted["vat_rate"].dropna().tolist(), [0.2])
        self.assertIn("rate-out-of-range", batch.details["rule"].tolist())

    def test_figures_with_their_own_unit_leave_nothing_to_say(self):
        columns, fields = split({
            "Prix =price": PRICES, "Délai =lead": ["48h", "J+3", "2 sem.", "10 jours"],
            "Remise =discount": ["10 %", "5 %", "", "0"], "TVA =vat": ["20%"] * 4,
        })  # fmt: skip
        found = judge(columns, fields)
        self.assertFalse(found.keys() & {"lead_time_unit", "discount_form", "vat_form"})

    def test_an_edited_file_names_a_currency_there_is(self):
        for value, is_possible in (("EUR", True), ("XOF", True), ("ABC", False), ("eur", False)):
            self.assertIs(semantics.is_possible("currency", value), is_possible, value)

    def test_nothing_is_said_of_a_file_without_a_price(self):
        self.assertEqual(set(judge({"Nom": ["Lampe"] * 3}, {"Nom": "name"})), {"scope"})

    def test_reasons_name_the_column_that_gives_them(self):
        found = judge({"Prix": PRICES, "Prix TTC": times(PRICES, 1.2)}, {"Prix": "purchase_price"})
        self.assertEqual(found["vat"].why[0].message, "“Prix TTC” is the same with VAT of 20 %.")


class TestSettledByRelation(BaseCase):
    def test_a_column_without_vat_makes_the_price_one_with_vat(self):
        raw = read({"Ref": list("ABCD"), "Prix": times(PRICES, 1.2), "Prix HT": PRICES})
        fields = {"Ref": "supplier_sku", "Prix": "purchase_price"}
        batch = pipeline.process(raw, mapping.Mapping(fields))
        self.assertEqual(batch.mapping.vat_rate, 0.2)
        self.assertEqual(batch.accepted["purchase_price"].round(2).tolist(), [12.5, 8.9, 149, 3.2])

    def test_a_price_of_packs_is_divided_and_one_without_size_is_refused(self):
        prices, sizes = ["60,00", "24,00", "8,00"], ["6", "12", ""]
        raw = read({"Ref": list("ABC"), "Prix colis": prices, "PCB": sizes})
        fields = {"Ref": "supplier_sku", "Prix colis": "purchase_price", "PCB": "pack_size"}
        batch = pipeline.process(raw, mapping.Mapping(fields))
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [10.0, 2.0])
        self.assertEqual(batch.quarantined["rule"].tolist(), ["pack-size-missing"])

    def test_a_later_file_is_read_as_the_first_was_settled(self):
        prices, sizes = ["60,00", "24,00", "8,00"], ["6", "12", "4"]
        raw = read({"Ref": list("ABC"), "Prix colis": prices, "PCB": sizes})
        fields = {"Ref": "supplier_sku", "Prix colis": "purchase_price", "PCB": "pack_size"}
        settled = settle.settle(mapping.Mapping(fields), raw)
        kept = mapping.Mapping.from_json(settled.to_json())
        self.assertEqual(kept, settled)
        self.assertEqual(kept.price_basis, "pack")

    def test_numbers_the_file_holds_keep_their_point_whatever_is_confirmed(self):
        names = ["Ref", "Prix", "PVC"]
        rows = [["A", "1.299", "2,50"], ["B", "12.499", "25,00"]]
        raw = readers.RawFrame.from_sample(names, rows, [2, 3], ["Prix"])
        fields = dict(zip(names, SHORT_FIELDS, strict=True))
        decided = semantics.decide(mapping.Mapping(fields), {"decimal": ","})
        settled = settle.settle(decided, raw)
        self.assertEqual((settled.style("Prix").decimal, settled.style("PVC").decimal), (".", ","))
        batch = pipeline.process(raw, decided)
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [1.299, 12.499])
        context = semantics.FileContext(figures=raw.figures)
        kinds = [found.kind for found in semantics.judge(settled, raw.frame, context)]
        self.assertIn("vat", kinds)
        self.assertNotIn("decimal", kinds)

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


class TestPreviewed(BaseCase):
    """What `./onep preview` says of the figures."""

    def preview(self, text, **options):
        return preview.preview(text.encode(), preview.PreviewOptions(**options))

    def test_figures_and_their_reasons(self):
        found = self.preview("Réf;Nom;Prix net HT\nA-1;Lampe;12,50\nA-2;Table;8,90\n")
        vat = next(item for item in found["semantics"] if item["kind"] == "vat")
        self.assertEqual((vat["value"], vat["level"]), ("untaxed", "sure"))
        self.assertEqual(vat["why"][0]["message"], "“Prix net HT” says so.")
        self.assertIsNone(found["held"])
        self.assertIn("FIGURES\n  vat", terminal.as_text(found))

    def test_an_open_meaning_holds_until_it_is_said(self):
        text = "Réf;Nom;Prix net HT EUR\nA-1;Lampe;$12.50\nA-2;Table;$8.90\nA-3;Tapis;$3.20\n"
        found = self.preview(text)
        self.assertEqual(found["held_rule"], "meaning-open")
        self.assertIn("the currency", found["held"])
        self.assertIsNone(self.preview(text, currency="USD")["held"])
