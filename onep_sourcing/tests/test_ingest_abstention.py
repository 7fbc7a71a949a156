"""When the answer is a question, and when it is none."""

from dataclasses import replace

import numpy as np
import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import arrow, automap
from ..ingest.automap import assign, dearer
from ..ingest.automap.features import IGNORED, OPTIONS, place
from ..ingest.automap.proposal import ColumnProposal
from ..ingest.automap.propose import Knowledge, _held, _propose, examine
from ..ingest.rules import Reason
from .proposals import EANS, fields, propose


class TestAbstention(BaseCase):
    def test_content_denies_a_header(self):
        found = propose({"SKU": ["a", "b", "c"], "Prix d'achat": ["rouge", "vert", "bleu"]})
        self.assertNotEqual(found[1].level, "sure")
        self.assertIn("content-against", [reason.rule for reason in found[1].why])
        self.assertEqual(found.held.rule, "unsure-price-column")

    def test_two_look_alike_prices_are_asked(self):
        cells = ["1,00", "2,00", "3,00"]
        found = propose({"SKU": ["a", "b", "c"], "Prix net A": cells, "Prix net B": cells})
        self.assertEqual([item.field for item in found], ["supplier_sku", None, None])
        self.assertEqual(found[1].alternatives[0], "purchase_price")
        self.assertEqual(found.held.rule, "unsure-price-column")
        self.assertIn("Prix net A", found.held.message)

    def test_two_prices_that_are_each_the_lower_one_are_both_asked(self):
        cells = {
            "Artikelnr": ["N-1", "N-2", "N-3", "N-4"],
            "EAN": EANS,
            "Bezeichnung": ["Akku Bohrer 18 V", "Schleifer 125 mm", "Trommel 25 m", "Leuchte 30 W"],
            "Preis A": ["51,98", "117,12", "55,57", "20,10"],
            "Preis B": ["54,06", "108,92", "57,79", "18,40"],
        }
        found = {item.column: item for item in propose(cells)}
        for column, other in (("Preis A", "Preis B"), ("Preis B", "Preis A")):
            with self.subTest(column=column):
                item = found[column]
                self.assertEqual((item.field, item.level), (None, "asked"))
                self.assertIn("purchase_price", item.alternatives)
                self.assertIn(Reason("look-alike", {"column": other}), item.why)
        self.assertIn(Reason("content-gtin", {"share": "100"}), found["EAN"].why)
        lower = cells | {"Preis B": ["40,06", "98,92", "47,79", "15,40"]}
        self.assertEqual(fields(propose(lower))["Preis B"], "purchase_price")

    def test_a_purchase_price_above_the_retail_price_is_doubted(self):
        cells = {"SKU": ["a", "b"], "PA HT": ["20", "30"], "Prix public": ["10", "12"]}
        found = propose(cells)
        self.assertIsNone(found[1].field)
        self.assertEqual(found.held.rule, "unsure-price-column")

    def test_a_column_that_is_probably_nothing_is_no_retail_price(self):
        item = ColumnProposal("Paid", 0, "purchase_price", 0.95, "sure")
        texts = [arrow.text(["1", "2", "3"]), arrow.text(["2", "4", "6"])]

        def settled(*doubts, confidence=0.9):
            why = tuple(Reason(rule, {}) for rule in doubts)
            asked = ColumnProposal(
                "PVP", 1, None, confidence, "asked", why, ("recommended_retail_price",)
            )
            return dearer.is_retail([item, asked], texts)[1].field

        self.assertEqual(settled(), "recommended_retail_price")
        self.assertIsNone(settled(confidence=0.7))
        self.assertIsNone(settled("content-against"))
        self.assertIsNone(settled("header-repeated"))

    def test_confidence_of_what_is_asked_is_that_of_its_best_answer(self):
        knowledge = Knowledge.load()
        options = np.zeros(len(OPTIONS))
        options[place("recommended_retail_price")], options[IGNORED] = 0.45, 0.55
        choice = assign.Choice(None, 0.55, options)
        (column,), _texts = examine(["?"], pd.DataFrame({"?": ["1", "2"]}), knowledge.lexicon)
        item = _propose(column, [choice], [None], None, [column], knowledge.model)
        self.assertEqual((item.level, item.alternatives[0]), ("asked", "recommended_retail_price"))
        self.assertAlmostEqual(item.confidence, knowledge.model.calibrated(0.45), 2)

    def test_a_price_made_of_two_others_is_as_sure_as_both(self):
        def held(level):
            return _held(
                [
                    ColumnProposal("EAN", 0, "ean", 0.99, "sure"),
                    ColumnProposal("PVC", 1, "recommended_retail_price", 0.99, "sure"),
                    ColumnProposal("Remise", 2, "discount_percent", 0.7, level),
                ]
            )

        self.assertIsNone(held("sure"))
        self.assertEqual(held("likely"), Reason("unsure-price-column", {"columns": "Remise"}))

    def test_joined_sides_are_offered_as_the_length(self):
        cells = {
            "SKU": ["a1", "b2", "c3"],
            "Title": ["Desk lamp", "Oak table", "Chair"],
            "Cost": ["1.50", "2.60", "3.70"],
            "Dimensions": ["10x20x5", "8 x 8 x 9 cm", "12x3,5x4"],
        }
        item = propose(cells)[3]
        self.assertEqual((item.field, item.alternatives), (None, ("length",)))
        self.assertEqual([reason.rule for reason in item.why], ["sides-joined"])

    def test_an_unknown_currency_is_not_left_out(self):
        cells = {
            "Réf": ["a1", "b2", "c3"],
            "Désignation": ["Lampe de bureau", "Table ronde", "Chaise"],
            "Prix achat": ["1,50", "2,60", "3,70"],
            "Devise": ["Zorkmid", "Zorkmid", "Zorkmid"],
        }
        item = propose(cells)[3]
        self.assertEqual(item.field or item.alternatives[0], "currency")

    def test_repeated_headers_are_doubted(self):
        frame = pd.DataFrame(
            [["4", "5", "6"]], columns=["Stock", "Stock (2)", "Stock (3)"], dtype=str
        )
        found = automap.propose(["Stock", "Stock (2)", "Stock (3)"], frame)
        self.assertNotIn("sure", [item.level for item in found if item.field])

    def test_of_two_prices_of_one_name_none_is_taken(self):
        cells = {
            "Réf": ["A1", "A2", "A3", "A4"],
            "EAN": EANS,
            "Désignation": ["Perceuse 18 V", "Ponceuse 125", "Scie sauteuse", "Lampe 30 W"],
            "Prix HT": ["10,00", "20,00", "30,00", "40,00"],
            "Prix HT (2)": ["12,00", "22,00", "33,00", "44,00"],
        }
        found = propose(cells)
        self.assertNotIn("purchase_price", fields(found).values())
        self.assertIn("asked", [item.level for item in found if item.column.startswith("Prix")])
        self.assertEqual(found.held.rule, "unsure-price-column")

    def test_a_column_that_lost_its_field_names_the_one_that_has_it(self):
        cells = {
            "Réf": ["A1", "A2", "A3", "A4"],
            "Désignation": ["Perceuse 18 V", "Ponceuse 125", "Scie sauteuse", "Lampe 30 W"],
            "Catégorie": ["Outils", "Outils", "Sols", "Lumière"],
            "Sous-catégorie": ["Perceuses", "Ponceuses", "Scies", "Lampes"],
            "Prix net HT": ["10,00", "20,00", "30,00", "40,00"],
        }
        found = {item.column: item for item in propose(cells)}
        self.assertEqual(found["Sous-catégorie"].field, "category")
        lost = Reason("likelier", {"column": "Sous-catégorie"})
        self.assertIn(lost, found["Catégorie"].why)

    def test_held_without_identifier_or_price(self):
        self.assertEqual(
            propose({"Nom": ["x"], "Prix net": ["1"]}).held.rule, "no-identifier-column"
        )
        self.assertEqual(propose({"SKU": ["x"], "Nom": ["y"]}).held.rule, "no-price-column")
        both = {"SKU": ["x"], "Prix public": ["10"], "Remise %": ["35"]}
        self.assertIsNone(propose(both).held)

    def test_a_header_that_says_just_one_thing_is_not_asked(self):
        found = propose({
            "CODIGO": ["A-101", "A-102", "B-201"],
            "DESCRICAO": ["Farol dianteiro", "Porta traseira", "Motor de arranque"],
            "CONDICAO": ["Grau A - Excelente", "Grau B - Bom", "Grau A - Excelente"],
            "PRECO_CUSTO": ["R$ 150,00", "R$ 90,50", "R$ 210,00"],
        })  # fmt: skip
        self.assertEqual(fields(found)["CONDICAO"], "condition")
        self.assertEqual(fields(found)["PRECO_CUSTO"], "purchase_price")


class TestThreshold(BaseCase):
    """What becomes of a probability, whatever the weights that led to it."""

    TEXTS = ["Lampe de bureau", "Table ronde", "Chaise", "Tapis", "Fauteuil", "Étagère"]
    COUNTS = ["12", "0", "7", "130", "45", "3"]

    def answer(self, header, cells, bars=(0.9, 0.9), others=(), **chances):
        """Return what is proposed for a column, the bars of needed and of other fields given.

        chances: field → probability; what is left is that of filling none
        """
        knowledge = Knowledge.load()
        model = replace(
            knowledge.model,
            slope=1.0,
            shift=0.0,
            bars=dict(zip(("needed", "other"), bars, strict=True)),
        )
        headers = [header, *others]
        frame = pd.DataFrame(dict.fromkeys(headers, cells), dtype=str)
        columns, _texts = examine(headers, frame, knowledge.lexicon)
        options = np.zeros(len(OPTIONS))
        for field, probability in chances.items():
            options[place(field)] = probability
        options[IGNORED] = 1 - options.sum()
        best = OPTIONS[int(options.argmax())]
        choice = assign.Choice(best, float(options.max()), options)
        none = assign.Choice(None, 1.0, np.eye(len(OPTIONS))[IGNORED])
        choices = [choice, *[none] * len(others)]
        taken = [item.field for item in choices]
        return _propose(columns[0], choices, taken, None, columns, model)

    def check(self, item, field, level, *alternatives):
        self.assertEqual((item.field, item.level), (field, level))
        self.assertEqual(item.alternatives[: len(alternatives)], alternatives)

    def test_below_its_bar_a_field_is_asked_about(self):
        below = self.answer("Stock", self.COUNTS, stock_quantity=0.85)
        self.check(below, None, "asked", "stock_quantity")
        above = self.answer("Stock", self.COUNTS, stock_quantity=0.95)
        self.check(above, "stock_quantity", "sure")

    def test_fields_of_an_import_and_others_have_bars_of_their_own(self):
        bars = 0.9, 0.5
        asked = self.answer("Stock", self.COUNTS, bars, stock_quantity=0.8)
        self.check(asked, None, "asked", "stock_quantity")
        likely = self.answer("Conditionnement", self.COUNTS, bars, pack_size=0.8)
        self.check(likely, "pack_size", "likely")

    def test_an_identifier_and_a_price_never_come_from_a_guess(self):
        low = 0.2, 0.2
        likely = self.answer("Stock", self.COUNTS, low, stock_quantity=0.65)
        self.check(likely, "stock_quantity", "likely")
        price = self.answer("Prix", self.COUNTS, low, purchase_price=0.65)
        self.check(price, None, "asked", "purchase_price")
        price = self.answer("Prix", self.COUNTS, low, purchase_price=0.75)
        self.check(price, "purchase_price", "likely")

    def test_a_header_that_says_just_one_thing_needs_less(self):
        said = self.answer("Hersteller", self.TEXTS, brand=0.65, category=0.35)
        self.check(said, "brand", "likely")
        near = self.answer("Herst Angabe", self.TEXTS, brand=0.65, category=0.35)
        self.check(near, None, "asked", "brand", "category")

    def test_an_optional_text_is_left_out_and_what_an_import_needs_is_asked(self):
        left = self.answer("Herst Angabe", self.TEXTS, brand=0.6)
        self.check(left, None, "likely", "brand")
        name = self.answer("Herst Angabe", self.TEXTS, name=0.6)
        self.check(name, None, "asked", "name")
        currency = self.answer("Währung", ["EUR"] * 6, bars=(0.99, 0.99), currency=0.59)
        self.check(currency, None, "asked", "currency")

    def test_a_header_that_stands_twice_is_not_sure(self):
        once = self.answer("Marke", self.TEXTS, brand=0.97)
        self.check(once, "brand", "sure")
        twice = self.answer("Marke", self.TEXTS, (0.8, 0.8), ["Marke (2)"], brand=0.97)
        self.check(twice, "brand", "likely")

    def test_a_field_that_nothing_speaks_for_is_asked_about(self):
        item = self.answer("Xyz", self.TEXTS, hs_code=0.99)
        self.check(item, None, "asked", "hs_code")

    def test_a_header_that_its_cells_deny_is_asked_about(self):
        item = self.answer("EAN", self.TEXTS, ean=0.1)
        self.check(item, None, "asked", "ean")

    def test_beside_prices_of_steps_what_a_price_is_for_is_asked(self):
        cells = ["1", "100", "1", "1", "100", "1"]
        alone = self.answer("Unité de prix", cells, price_per=0.97)
        self.check(alone, "price_per", "sure")
        beside = self.answer("Unité de prix", cells, others=["Prix (10+)"], price_per=0.97)
        self.check(beside, None, "asked", "price_per")
