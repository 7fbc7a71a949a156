"""What the mapper knows by name: brands, units, countries, words of prices and quantities."""

import pandas as pd

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_sourcing.ingest import arrow
from odoo.addons.onep_sourcing.ingest.automap import (
    columns,
    evidence,
    features,
    lexicon,
    pricewords,
    propose,
    within,
)
from odoo.addons.onep_sourcing.ingest.automap.propose import _as_in_file
from odoo.addons.onep_sourcing.ingest.rules import Reason

BRANDS = ["Samsung", "Bosch", "LEGO", "Philips", "Bosch", "Makita"]
NAMES = [
    "Samsung Galaxy A55 128 Go",
    "Bosch perceuse GSB 13",
    "LEGO Technic 42160",
    "Philips rasoir S5887",
    "Bosch ponceuse PEX 220",
    "Makita visseuse DDF485",
]
CODES = ["A55", "GSB 13", "42160", "S5887", "PEX 220", "DDF485"]


def look(*cells):
    return evidence.look(arrow.text(list(cells)))


@tagged("standard", "post_install", "-at_install")
class TestVocabularies(BaseCase):
    def map(self, data):
        found = propose(list(data), pd.DataFrame(data, dtype=str))
        return {item.column: item for item in found}

    def test_each_vocabulary_is_told_by_its_words(self):
        self.assertEqual(look("HP", "bosch", "L'Oreal").brand, 1)
        self.assertEqual(look("PCE", "Stk.", "Karton").unit, 1)
        self.assertEqual(look("Chine", "FR", "Włochy", "DEU").country, 1)
        self.assertEqual(look("Neuf", "gebraucht", "B-Ware").condition, 1)
        self.assertEqual(look("250 g", "6 x 75 cl", "10ml").measure, 1)

    def test_words_of_no_vocabulary_are_none(self):
        content = look("Rouge", "Perceuse sans fil", "12")
        for name in ("brand", "unit", "country", "condition", "measure"):
            self.assertEqual(getattr(content, name), 0, name)

    def test_brands_under_an_unknown_header_are_offered_as_brands(self):
        """And what is said about it names what was seen."""
        found = self.map({
            "Réf": ["A1", "A2", "A3", "A4", "A5", "A6"],
            "Désignation": NAMES,
            "Zulieferhaus": BRANDS,
            "Prix net HT": ["199,00", "89,90", "35,00", "74,10", "61,00", "120,50"],
        })  # fmt: skip
        brand = found["Zulieferhaus"]
        self.assertIn("brand", {brand.field, *brand.alternatives[:1]})
        self.assertIn(Reason("content-brand", {"share": "100"}), brand.why)

    def test_one_brand_alone_names_no_field(self):
        found = self.map({
            "Réf": ["A1", "A2", "A3"],
            "Désignation": NAMES[:3],
            "Zone": ["Bosch", "Bosch", "Bosch"],
            "Prix net HT": ["199,00", "89,90", "35,00"],
        })  # fmt: skip
        self.assertIsNone(found["Zone"].field)

    def test_units_of_sale_are_no_pack_size(self):
        found = self.map({
            "Réf": ["A1", "A2", "A3"],
            "Désignation": NAMES[:3],
            "Conditionnement": ["PCE", "CT", "BTE"],
            "Prix net HT": ["199,00", "89,90", "35,00"],
        })  # fmt: skip
        self.assertIsNone(found["Conditionnement"].field)

    def test_brand_and_part_number_stand_within_the_name(self):
        texts = [arrow.text(cells) for cells in (NAMES, BRANDS, CODES)]
        name, brand, code = within.look(texts, evidence.look_at_all(texts))
        self.assertEqual((brand.inside, brand.opens), (1, 1))
        self.assertEqual(name.holding, 1)
        self.assertEqual(name.inside, 0)
        self.assertEqual((code.inside, code.opens), (1, 0))

    def test_a_short_text_stands_within_another_as_a_word(self):
        texts = [arrow.text(["Chaise rouge XL", "Table ronde M"]), arrow.text(["ai", "M"])]
        where = within.look(texts, evidence.look_at_all(texts))[1]
        self.assertEqual(where.inside, 0)


@tagged("standard", "post_install", "-at_install")
class TestPriceWords(BaseCase):
    def test_a_quantity_beside_a_price_word(self):
        """Which of the two a header is of depends on the word order of its language."""
        for header in ("ek_menge_1", "Quantité prix 1", "Menge", "price qty"):
            self.assertTrue(pricewords.counts(header), header)
        for header in ("qty_100_cost", "Prix quantité 2", "Staffelpreis", "Prix net"):
            self.assertFalse(pricewords.counts(header), header)

    def test_the_unit_that_is_sold_says_nothing_of_who_sells(self):
        self.assertIsNone(pricewords.side("Prix à l'unité de vente HT"))
        self.assertEqual(pricewords.side("Prix de vente TTC"), "recommended_retail_price")
        self.assertEqual(pricewords.without_unit("Tarifa 2 unidad de venta"), "tarifa 2")
        self.assertEqual(pricewords.without_unit("Prix net"), "Prix net")

    def test_prices_and_quantities_of_steps(self):
        """`ek_menge_2` is a quantity, `ek_preis_2` its price; steps of the shelf price are none."""
        data = {
            "artnr": ["100", "101", "102"],
            "ek_menge_1": ["1", "5", "1"],
            "ek_preis_1": ["9,90", "3,10", "44,00"],
            "ek_menge_2": ["10", "25", "5"],
            "ek_preis_2": ["9,10", "2,90", "41,00"],
            "vk_menge_2": ["10", "25", "5"],
            "vk_preis_2": ["15,10", "4,90", "71,00"],
        }
        texts = [arrow.text(cells) for cells in data.values()]
        found = columns.look_up(
            list(data), list(data), evidence.look_at_all(texts), lexicon.load(), texts
        )
        step = features.NAMES.index("step")
        told = features.matrix(found)[:, :, step]
        quantity, price = (features.place(name) for name in ("tier_qty", "tier_price"))
        self.assertEqual(told[:, quantity].tolist(), [0, 1, 0, 1, 0, 0, 0])
        self.assertEqual(told[:, price].tolist(), [0, 0, 1, 0, 1, 0, 0])

    def test_a_price_next_to_a_currency(self):
        data = {
            "Réf": ["A1", "A2", "A3"],
            "Prix": ["9,90", "3,10", "44,00"],
            "Devise": ["EUR", "EUR", "USD"],
            "Tarif": ["12,10", "4,00", "51,00"],
            "Poids": ["1,1", "2,0", "0,4"],
        }
        texts = [arrow.text(cells) for cells in data.values()]
        found = columns.look_up(
            list(data), list(data), evidence.look_at_all(texts), lexicon.load(), texts
        )
        beside = features.NAMES.index("currency-beside")
        told = features.matrix(found)[:, features.place("purchase_price"), beside]
        self.assertEqual(told.tolist(), [0, 1, 0, 1, 0])

    def test_numbers_that_a_file_writes_itself_are_no_repetition(self):
        headers = ["Net HT", "Net HT (1)", "Net HT (2)"]
        self.assertEqual([_as_in_file(name, headers) for name in headers], headers)
        repeated = ["Net HT", "Net HT (2)"]
        self.assertEqual([_as_in_file(name, repeated) for name in repeated], ["Net HT"] * 2)
