"""Constants and expressions: what a person does to the cells of a field."""

import string

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..ingest import arrow, constants, expressions, mapping, pipeline, readers, settle
from ..ingest.expressions import Expression, Part, parse

COLUMNS = ["Réf", "Marque", "Nom", "Prix", "Couleur"]
CELLS = st.text(string.ascii_letters + string.digits + " ", max_size=6)
FIGURES = st.floats(0.01, 100_000).map(lambda value: round(value, 2))


def process(columns, fields, **options):
    names = list(columns)
    rows = list(zip(*columns.values(), strict=True))
    raw = readers.RawFrame.from_sample(names, rows, range(2, 2 + len(rows)))
    return pipeline.process(raw, mapping.Mapping(fields, **options))


class TestParse(BaseCase):
    def test_figures(self):
        for text, factor, amount in (
            ("× 0,95", 0.95, 0), ("*0.95", 0.95, 0), ("x 0.95 + 2", 0.95, 2), ("+ 1,50", 1, 1.5),
            ("-5 %", 0.95, 0), ("+ 3%", 1.03, 0), ("/ 1,25", 0.8, 0), ("÷ 4 - 1", 0.25, -1),
            ("+ 2 × 3", 3, 6), ("× 95 %", 0.95, 0),
        ):  # fmt: skip
            with self.subTest(text=text):
                found = parse(text, "purchase_price")
                self.assertAlmostEqual(found.factor, factor)
                self.assertAlmostEqual(found.amount, amount)

    def test_texts(self):
        for text, parts in (
            ('"LEG-" + []', [Part("LEG-"), Part(column="Réf")]),
            ("“LEG-” + [Réf]", [Part("LEG-"), Part(column="Réf")]),
            ("« LEG- » + [réf] + '/FR'", [Part("LEG-"), Part(column="Réf"), Part("/FR")]),
            ("Marque + Nom", [Part(column="Marque"), Part(column="Nom")]),
            ('[Nom] + "-" + [Prix]', [Part(column="Nom"), Part("-"), Part(column="Prix")]),
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertEqual(parse(text, "name", COLUMNS, "Réf").parts, tuple(parts))

    def test_nothing_typed_or_nothing_changed(self):
        for text in ("", "  ", "× 1", "+ 0", "× 2 / 2"):
            self.assertIsNone(parse(text, "purchase_price"), text)
        self.assertIsNone(parse("[]", "name", COLUMNS, "Nom"))

    def test_what_is_wrong_is_said(self):
        for text, field, words in (
            ("prix", "purchase_price", "“prix” is not understood"),
            ("× 0", "purchase_price", "a factor is above zero"),
            ("- 100 %", "purchase_price", "a factor is above zero"),
            ("LEG- + []", "supplier_sku", "no column “LEG-”"),
            ('"LEG-"', "supplier_sku", "a text alone is a constant"),
            ("[Nom] +", "name", "is not understood"),
            ("× 2", "vat_rate", "only prices, quantities, codes and texts"),
        ):
            with (
                self.subTest(text=text),
                self.assertRaisesRegex(expressions.InvalidExpression, words),
            ):
                parse(text, field, COLUMNS, "Réf")

    @given(factor=st.floats(0.001, 1000), amount=st.floats(-1000, 1000))
    def test_what_is_written_reads_back(self, factor, amount):
        expression = Expression(round(factor, 6), round(amount, 4))
        for decimal in ".,":
            written = expression.written(decimal=decimal)
            self.assertEqual(parse(written, "purchase_price") or Expression(), expression)

    @given(st.lists(st.sampled_from([*COLUMNS, None, "LEG-", " / "]), min_size=1, max_size=6))
    def test_texts_written_read_back(self, items):
        parts = tuple(
            Part(column=item) if item in COLUMNS else Part(text=item or "x") for item in items
        )
        expression = Expression(parts=parts)
        if not expression.columns or expression.parts == (Part(column="Réf"),):
            return
        self.assertEqual(parse(expression.written("Réf"), "name", COLUMNS, "Réf"), expression)
        self.assertEqual(Expression.from_json(expression.to_json()), expression)

    @given(
        st.lists(st.text("ab\"]”'", min_size=1, max_size=4), min_size=1, max_size=3),
        st.text('ab"][', min_size=1, max_size=4),
    )
    def test_quotes_and_brackets_written_read_back(self, texts, name):
        parts = (Part(column=name), *(Part(text=text) for text in texts))
        written = Expression(parts=parts).written()
        self.assertEqual(parse(written, "name", [*COLUMNS, name]), Expression(parts=parts))
        self.assertTrue(expressions.is_expression(written))


class TestApplied(BaseCase):
    @settings(deadline=None)
    @given(
        values=st.lists(FIGURES, min_size=1, max_size=20),
        factor=st.floats(0.01, 100),
        amount=st.floats(0, 50),
    )
    def test_the_inverse_gives_the_figures_back(self, values, factor, amount):
        values = np.array(values)
        there = Expression(factor, amount).figures(values)
        back = np.round((there - amount) / factor, 6)
        np.testing.assert_allclose(back, values, rtol=1e-4, atol=1e-5)

    def test_unknown_zero_and_negative_figures_stay_what_they_are(self):
        found = Expression(0.5, 10).figures(np.array([np.nan, 0.0, -4.0, 4.0]))
        np.testing.assert_array_equal(found, [np.nan, 0.0, -4.0, 12.0])

    @settings(deadline=None)
    @given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20))
    def test_joined_texts_hold_their_cells_and_empty_ones_stay_empty(self, rows):
        cells = {
            "A": arrow.text([row[0] for row in rows]),
            "B": arrow.text([row[1] for row in rows]),
        }
        parts = (Part("<"), Part(column="A"), Part("|"), Part(column="B"), Part(">"))
        joined = Expression(parts=parts).texts(cells.__getitem__).to_pylist()
        for (first, second), text in zip(rows, joined, strict=True):
            given = [cell.strip() for cell in (first, second) if cell.strip()]
            self.assertEqual(text, f"<{'|'.join(given)}>" if given else "")

    @settings(deadline=None)
    @given(
        st.lists(CELLS, min_size=1, max_size=20),
        st.text(string.ascii_letters, min_size=1, max_size=5),
    )
    def test_a_constant_never_overwrites_a_given_cell(self, cells, text):
        style = mapping.NumberStyle()
        filled = constants.fill(arrow.text(cells), "brand", text, style).to_pylist()
        for before, after in zip(cells, filled, strict=True):
            self.assertEqual(after, before if before.strip() else text)

    def test_columns_of_a_file(self):
        batch = process(
            {
                "Réf": ["1", "2", ""], "EAN": ["3770000000016", "3770000000023", "3770000000030"],
                "Marque": ["Lego", "", "Lego"], "Nom": ["Lampe", "Table", "Brique"],
                "Prix": ["12,50", "8,00", "3,00"], "Stock": ["2", "0", ""],
            },
            {"Réf": "supplier_sku", "EAN": "ean", "Nom": "name", "Prix": "purchase_price",
             "Stock": "stock_quantity", "Marque": "brand"},
            constants={"brand": "Toka", "vat_rate": "20%", "pack_size": "6", "stock_quantity": "9"},
            expressions={
                "supplier_sku": parse('"LEG-" + []', "supplier_sku", ["Réf"], "Réf"),
                "name": parse("[Marque] + [Nom]", "name", ["Marque", "Nom"], "Nom"),
                "purchase_price": parse("× 0.9 + 1", "purchase_price"),
                "stock_quantity": parse("× 12", "stock_quantity"),
            },
        )  # fmt: skip
        rows = batch.accepted
        self.assertEqual(rows["supplier_sku"].tolist(), ["LEG-1", "LEG-2", "03770000000030"])
        self.assertEqual(rows["name"].tolist(), ["Lego Lampe", "Table", "Lego Brique"])
        self.assertEqual(rows["brand"].tolist(), ["Lego", "Toka", "Lego"])
        self.assertEqual(rows["purchase_price"].tolist(), [12.25, 8.2, 3.7])
        self.assertEqual(rows["vat_rate"].tolist(), [0.2] * 3)
        self.assertEqual(rows["pack_size"].tolist(), [6] * 3)
        self.assertEqual(rows["stock_quantity"].tolist(), [24, 0, 108])

    def test_the_steps_of_a_price_follow_their_own_expression(self):
        batch = process(
            {"Réf": ["1"], "Prix": ["10,00"], "Prix 10+": ["8,00"]},
            {"Réf": "supplier_sku", "Prix": "purchase_price", "Prix 10+": "tier_price"},
            expressions={"tier_price": Expression(0.5)},
        )
        self.assertEqual(batch.accepted["tiers"][0], '[{"quantity": 10, "price": 4}]')

    def test_a_price_below_nothing_is_refused(self):
        batch = process(
            {"Réf": ["1", "2"], "Prix": ["10,00", "4,00"]},
            {"Réf": "supplier_sku", "Prix": "purchase_price"},
            expressions={"purchase_price": Expression(1, -5)},
        )
        self.assertEqual(batch.accepted["purchase_price"].tolist(), [5.0])
        self.assertEqual(batch.quarantined["rule"].tolist(), ["price-negative"])

    def test_a_constant_follows_the_numbers_of_its_column(self):
        batch = process(
            {"Réf": ["1", "2"], "Prix": ["10,00", "4,00"], "TVA": ["5,5", ""]},
            {"Réf": "supplier_sku", "Prix": "purchase_price", "TVA": "vat_rate"},
            constants={"vat_rate": constants.clean("vat_rate", "2.1")},
        )
        self.assertEqual(batch.accepted["vat_rate"].tolist(), [0.055, 0.021])
        self.assertFalse(batch.repairs)

    def test_a_mapping_with_them_is_kept_and_read_back(self):
        kept = mapping.Mapping(
            {"Réf": "supplier_sku", "Prix": "purchase_price"},
            constants={"brand": "Lego"},
            expressions={
                "purchase_price": Expression(0.95, 1),
                "name": Expression(parts=(Part("x "), Part(column="Réf"))),
            },
            price_basis="100",
        )
        self.assertEqual(mapping.Mapping.from_json(kept.to_json()), kept)
        raw = readers.RawFrame.from_sample(["Réf", "Prix"], [["1", "5,00"]], [2])
        settled = settle.settle(kept, raw)
        self.assertEqual(mapping.Mapping.from_json(settled.to_json()), settled)

    def test_a_column_it_names_must_be_in_the_file(self):
        with self.assertRaisesRegex(mapping.InvalidMapping, "Couleur"):
            process(
                {"Réf": ["1"], "Prix": ["5"]},
                {"Réf": "supplier_sku", "Prix": "purchase_price"},
                expressions={"name": Expression(parts=(Part(column="Couleur"),))},
            )


class TestConstants(BaseCase):
    def test_as_a_mapping_keeps_them(self):
        for field, text, kept in (
            ("brand", " Lego  Technic ", "Lego Technic"), ("vat_rate", "20", "20%"),
            ("vat_rate", "5,5 %", "5.5%"), ("vat_rate", "0.2", "20%"), ("pack_size", "6", "6"),
            ("discount_percent", "0.5", "0.5%"), ("currency", "€", "EUR"),
            ("currency", "sek", "SEK"),
            ("price_per", "100", "100"), ("purchase_price", "1,5", "1.5"),
        ):  # fmt: skip
            with self.subTest(field=field, text=text):
                self.assertEqual(constants.clean(field, text), kept)

    def test_what_is_wrong_is_said(self):
        for field, text, words in (
            ("supplier_sku", "A", "differs from article to article"),
            ("vat_rate", "vingt", "“vingt” is no figure"), ("vat_rate", "120", "is no figure"),
            ("brand", " ", "Type the value"), ("currency", "francs suisses", "is no currency"),
            ("currency", "abc", "“abc” is no currency"), ("currency", "FRF", "is no currency"),
        ):  # fmt: skip
            with self.subTest(text=text), self.assertRaisesRegex(constants.InvalidConstant, words):
                constants.clean(field, text)
