"""What one cell says: numbers, stocks, packs, lead times, measures, texts."""

import math

import numpy as np

from odoo.tests.common import BaseCase

from ..ingest import arrow, measures, numbers, quantities, texts
from ..ingest.leadtime import lead_time
from ..ingest.numbers import NumberStyle

NAN = float("nan")

# column → what its cells are, the decimal sign being the column's matter
NUMBERS = [
    (["12.50", "3", ".5"], [12.5, 3, 0.5]),
    (["12,50", "3", ",5"], [12.5, 3, 0.5]),
    (["1 234,56 €", "12,5"], [1234.56, 12.5]),
    (["1\u00a0234,56", "0,99"], [1234.56, 0.99]),
    (["1\u202f234,56", "7"], [1234.56, 7]),
    (["1.234,56", "12,5", "1.234"], [1234.56, 12.5, 1234]),
    (["$1,234.56", "$0.50"], [1234.56, 0.5]),
    (["€1,049.00", "€ 12.00"], [1049, 12]),
    (["1'234.50", "CHF 12.00"], [1234.5, 12]),
    (["1’234.50", "12.00 CHF"], [1234.5, 12]),
    (["1,2345", "4,8210"], [1.2345, 4.821]),
    (["1.234.567,00", "5,00"], [1234567, 5]),
    (["12,50", "12.50"], [12.5, 12.5]),
    (["(3,20)", "1,00"], [-3.2, 1]),
    (["5,00-", "-7,00"], [-5, -7]),
    (["−4,00", "+5,00"], [-4, 5]),
    (["12.-", "7.50"], [12, 7.5]),
    (["12,--", "7,50"], [12, 7.5]),
    (["7,5 EUR HT", "9 €HT", "3.000,00 €"], [7.5, 9, 3000]),
    (["10 %", "5,5%"], [10, 5.5]),
    (["12,50 zł", "1 200,00 zł"], [12.5, 1200]),
    (["12.50 GBP", "EUR 7"], [12.5, 7]),
    (["0,450", "1,250"], [0.45, 1.25]),
    (["1234,567", "2,100"], [1234.567, 2.1]),
    (["12,", "5."], [12, 5]),
    (["abc", "1e5", "--", "nan", "inf", "12 x 3"], [NAN] * 6),
    (["57  (34,2)", "7  (139,3)"], [NAN, NAN]),
    (["", "   ", "3,5"], [NAN, NAN, 3.5]),
    (["1.2.3", "1,5"], [NAN, 1.5]),
    (["0012,50", "003,00"], [12.5, 3]),
    (["12,50EUR", "799eur HT", "CHF3,20"], [12.5, 799, 3.2]),
    (["M12", "12kg", "FR12"], [NAN] * 3),
    (["1.299 €", "799 €", "1.499 €"], [1299, 799, 1499]),
    (["1,299", "$799"], [1299, 799]),
    (["1.250", "1250", "3"], [1.25, 1250, 3]),
    (["1.299", "799", "2.5"], [1.299, 799, 2.5]),
]

# the same, in a column that counts things
WHOLE_NUMBERS = [
    (["1.187", "52", "0"], [1187, 52, 0]),
    (["1,187", "52", "0"], [1187, 52, 0]),
    (["5.000"], [5000]),
    (["489,000", "12,000", "3,000"], [489, 12, 3]),
    (["12,5", "48"], [12.5, 48]),
    (["1 250", "3"], [1250, 3]),
]

# cell → (quantity, available)
STOCKS = [
    ("12", 12, None),
    ("0", 0, None),
    (">100", 100, None),
    ("> 100", 100, None),
    (">=50", 50, None),
    ("100+", 100, None),
    ("10 +", 10, None),
    ("+ de 20", 20, None),
    ("plus de 50", 50, None),
    ("more than 25", 25, None),
    ("mehr als 10", 10, None),
    ("<5", 1, None),
    ("moins de 3", 1, None),
    ("12 pcs", 12, None),
    ("5 Stück", 5, None),
    ("7 szt.", 7, None),
    ("-3", 0, None),
    ("en stock", NAN, 1),
    ("En Stock", NAN, 1),
    ("Disponible", NAN, 1),
    ("oui", NAN, 1),
    ("rupture", 0, 0),
    ("Rupture de stock", 0, 0),
    ("épuisé", 0, 0),
    ("non", 0, 0),
    ("in stock", NAN, 1),
    ("out of stock", 0, 0),
    ("lagernd", NAN, 1),
    ("nicht lagernd", 0, 0),
    ("lagernd (derzeit bis zu 10 Werktage)", NAN, 1),
    ("ausverkauft", 0, 0),
    ("Disponibile", NAN, 1),
    ("Esaurito", 0, 0),
    ("agotado", 0, 0),
    ("op voorraad", NAN, 1),
    ("uitverkocht", 0, 0),
    ("dostępny", NAN, 1),
    ("brak", 0, 0),
    ("esgotado", 0, 0),
    ("sur commande", 0, 0),
    ("true", NAN, 1),
    ("FALSE", 0, 0),
    ("stock épuisé", 0, 0),
    ("pas en stock", 0, 0),
    ("stock faible", NAN, 1),
    ("Stock fournisseur", NAN, None),
    ("Disponible sur commande", 0, 0),
    ("available on request", 0, 0),
    ("lieferbar auf Bestellung", 0, 0),
    ("disponibile su ordinazione", 0, 0),
    ("5 pcs sur commande", NAN, None),
    ("5 pcs neufs", 5, None),
    ("in_stock", NAN, 1),
    ("out-of-stock", 0, 0),
    ("https://schema.org/InStock", NAN, 1),
    ("http://schema.org/OutOfStock", 0, 0),
    ("voir avec nous", NAN, None),
    ("", NAN, None),
]

PACKS = [
    ("12", 12),
    ("1,00", 1),
    ("x12", 12),
    ("X 6", 6),
    ("lot de 6", 6),
    ("Lot de 6 pièces", 6),
    ("carton 24", 24),
    ("Carton de 24", 24),
    ("CF 100", 100),
    ("boîte de 50", 50),
    ("pack of 10", 10),
    ("12 pcs", 12),
    ("24 Stk", 24),
    ("VE 20", 20),
    ("6x", 6),
    ("confezione da 12", 12),
    ("caja de 8", 8),
    ("doos 10", 10),
    ("0", NAN),
    ("12x1L", NAN),
    ("100ml", NAN),
    ("1 lot", 1),
    ("Tube 50 ml", NAN),
    ("10 L", NAN),
    ("-4", NAN),
    ("", NAN),
]

LEAD_TIMES = [
    ("3", 3),
    ("48h", 2),
    ("24 h", 1),
    ("24/48", 2),
    ("48/72h", 3),
    ("2-3 jours", 3),
    ("2 à 3 jours ouvrés", 3),
    ("sous 10 jours", 10),
    ("2-3 sem.", 21),
    ("1 semaine", 7),
    ("J+3", 3),
    ("3 Tage", 3),
    ("2 Wochen", 14),
    ("1-2 weeks", 14),
    ("5 days", 5),
    ("3 giorni", 3),
    ("2 semanas", 14),
    ("4 dni", 4),
    ("2 weken", 14),
    ("1 mois", 30),
    ("36 hours", 2),
    ("immédiat", 0),
    ("sofort lieferbar", 0),
    ("nous consulter", NAN),
    ("14.10.2026", NAN),
    ("", NAN),
]

WEIGHTS = [
    ("1,2 kg", 1200),
    ("350g", 350),
    ("350 GR", 350),
    ("0.5 KG", 500),
    ("1 200 g", 1200),
    ("2 lb", 907.185),
    ("8 oz", 226.796),
    ("500 mg", 0.5),
    ("1.5", 1500),
    ("0", NAN),
    ("-1", NAN),
    ("lourd", NAN),
    ("", NAN),
]

SIZES = [
    ("12 cm", 120),
    ("120mm", 120),
    ("1,2 m", 1200),
    ("10", 100),
    ('4"', 101.6),
    ("2 in", 50.8),
    ("0", NAN),
    ("grand", NAN),
]

PRICE_UNITS = [
    ("", 1),
    ("U", 1),
    ("pièce", 1),
    ("Stk.", 1),
    ("C", 100),
    ("100", 100),
    ("100 pcs", 100),
    ("/100", 100),
    ("par 1000", 1000),
    ("M", 1000),
    ("dz", 12),
    ("0", 1),
    ("bobine", NAN),
]

TEXTS = [
    ("  Lampe   de\tbureau ", "Lampe de bureau"),
    ("Caf&eacute; &amp; th&eacute;", "Café & thé"),
    ("R&amp;amp;D", "R&D"),
    ("<p>Lampe <b>LED</b></p>", "Lampe LED"),
    ("une<br/>deux", "une deux"),
    ("5 &lt; 6", "5 < 6"),
    ("a < b et c > d", "a < b et c > d"),
    ("AT&T", "AT&T"),
    ("L\u2019été &#8217; &#x27;", "L\u2019été \u2019 '"),
    ("<!-- note -->Nom", "Nom"),
    ("Nom\u00a0produit\u200b", "Nom produit"),
    ("-", ""),
    ("n/a", ""),
    ("NULL", ""),
    ("keine Angabe", ""),
    ("Nan", ""),
    ("Nancy", "Nancy"),
]


def close(first, second):
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-3)


class TestCells(BaseCase):
    def assert_values(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected, strict=True):
            self.assertTrue(close(one, other), f"{list(found)} is not {expected}")

    def assert_each(self, read, cases):
        for cell, expected in cases:
            with self.subTest(cell=cell):
                self.assert_values(read(arrow.text([cell])), [expected])

    def test_numbers(self):
        for whole, cases in ((False, NUMBERS), (True, WHOLE_NUMBERS)):
            for cells, expected in cases:
                with self.subTest(cells=cells):
                    column = arrow.text(cells)
                    style = numbers.style_of(column, whole=whole)
                    self.assert_values(numbers.parse(column, style).value, expected)

    def test_a_column_without_evidence_follows_the_file(self):
        column = arrow.text(["1,234"])
        self.assertEqual(numbers.parse(column, numbers.style_of(column, habit=",")).value[0], 1.234)

    def test_a_fixed_format_against_the_habit_of_the_file(self):
        """`1.299` in a file that writes 2,5 groups thousands; padded zeros are decimals."""
        for cells, habit, decimal in (
            (["1.299", "1.799"], ",", ","),
            (["1.299", "1.799"], ".", "."),
            (["1.299", "1.799"], None, "."),
            (["12.500", "1.790"], ",", "."),
        ):
            with self.subTest(cells=cells, habit=habit):
                style = numbers.style_of(arrow.text(cells), habit=habit)
                self.assertEqual(style.decimal, decimal)

    def test_what_reads_in_one_way_only_is_read_and_said(self):
        parsed = numbers.parse(arrow.text(["12,50", "12.50"]), NumberStyle(","))
        self.assertEqual(parsed.odd.tolist(), [False, True])

    def test_stock(self):
        for cell, quantity, said in STOCKS:
            with self.subTest(cell=cell):
                found = quantities.stock(arrow.text([cell]), NumberStyle(","))
                self.assert_values(found.value, [quantity])
                self.assert_values(found.available, [NAN if said is None else said])

    def test_packs(self):
        self.assert_each(lambda column: quantities.pack(column, NumberStyle(",")).value, PACKS)

    def test_lead_times(self):
        self.assert_each(lambda column: lead_time(column, NumberStyle(",")).value, LEAD_TIMES)

    def test_weights(self):
        self.assert_each(lambda column: measures.weight(column, NumberStyle(".")).value, WEIGHTS)

    def test_sizes(self):
        self.assert_each(lambda column: measures.size(column, NumberStyle(".")).value, SIZES)

    def test_three_sizes_in_a_cell(self):
        for cell, expected in (
            ("10x20x5 cm", [100, 200, 50]),
            ("10 x 20,5 x 5", [100, 205, 50]),
            ("100*200*50 mm", [100, 200, 50]),
            ("12 cm", [NAN] * 3),
        ):
            with self.subTest(cell=cell):
                self.assert_values(measures.triple(arrow.text([cell])).value[0], expected)

    def test_units_that_were_converted_are_counted(self):
        cells = arrow.text(["1,2", "800 g", "1,5 kg", "2 lbs", "", "lourd", "0"])
        found = measures.weight(cells, NumberStyle(","))
        self.assertEqual(measures.converted(found.factor, "grams"), {"kg": 2, "lb": 1})
        many = measures.weight(arrow.text(["1,2", "800 g"] * 3000), NumberStyle(","))
        self.assertEqual(measures.converted(many.factor, "grams"), {"kg": 3000})
        sides = measures.triple(arrow.text(["10x20x5 cm", "100x200 mm", "10 cm", "1x2x3 m"]))
        self.assertEqual(measures.converted(sides.factor, "millimetres"), {"cm": 1, "m": 1})
        self.assertEqual(measures.converted(np.full(4, np.nan), "grams"), {})

    def test_price_units(self):
        self.assert_each(
            lambda column: quantities.price_per(column, NumberStyle(".")).value, PRICE_UNITS
        )

    def test_texts(self):
        for cell, expected in TEXTS:
            with self.subTest(cell=cell):
                self.assertEqual(texts.clean(arrow.text([cell]))[0][0].as_py(), expected)

    def test_long_columns_read_as_short_ones(self):
        """Repeated cells are read once each: the result is the same."""
        cells = [cell for cell, *_rest in STOCKS]
        few = quantities.stock(arrow.text(cells), NumberStyle(","))
        many = quantities.stock(arrow.text(cells * 200), NumberStyle(","))
        self.assert_values(many.value[: len(cells)], few.value)
        self.assert_values(many.available[-len(cells) :], few.available)
        for rule, where in few.notes.items():
            self.assertEqual(many.notes[rule].sum(), where.sum() * 200, rule)
