"""Which column is given a field that several could fill."""

import numpy as np
import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest.automap import assign, lexicon, series
from ..ingest.automap.features import IGNORED, OPTIONS, place
from ..ingest.automap.propose import examine, name_by_description
from ..ingest.fields import FIELDS
from .proposals import fields, propose


class TestAssign(BaseCase):
    def test_no_field_is_taken_twice(self):
        odds = np.full((3, len(FIELDS)), 0.01)
        place = list(FIELDS).index("ean")
        odds[:, place] = (50, 20, 0.1)
        shares = assign.marginals(odds)
        self.assertTrue(np.allclose(shares.sum(axis=1), 1))
        self.assertLessEqual(shares[:, place].sum(), 1.02)
        self.assertGreater(shares[0, place], 2 * shares[1, place])

    def test_the_file_as_a_whole_is_likeliest(self):
        utilities = np.full((2, len(FIELDS) + 1), -9.0)
        utilities[:, -1] = 0
        sku, maker = (list(FIELDS).index(name) for name in (
            "supplier_sku", "manufacturer_part_number",
        ))  # fmt: skip
        utilities[0, [sku, maker]] = (5, 1)
        utilities[1, [sku, maker]] = (4, 3)
        found = assign.choose(utilities)
        self.assertEqual(
            [choice.field for choice in found], ["supplier_sku", "manufacturer_part_number"]
        )

    def test_of_equals_the_first(self):
        utilities = np.full((2, len(OPTIONS)), -9.0)
        utilities[:, IGNORED] = 0
        utilities[:, place("brand")] = 4
        found = assign.choose(utilities)
        self.assertEqual([choice.field for choice in found], ["brand", None])

    def test_free_fields_are_offered_before_taken_ones(self):
        options = np.zeros(len(OPTIONS))
        options[[place(name) for name in ("brand", "name", "category")]] = 0.5, 0.3, 0.2
        choice = assign.Choice("brand", 0.5, options)
        self.assertEqual(assign.alternatives(choice, ["brand", "name"]), ["category", "name"])
        self.assertEqual(assign.alternatives(choice, ["brand"]), ["name", "category"])


class TestChoiceAmongColumns(BaseCase):
    def test_the_makers_code_is_held_in_the_suppliers(self):
        cells = {
            "Part Number": ["HPI-W2020A", "BRO-TN2450", "EPS-C13T05"],
            "Part No": ["W2020A", "TN-2450", "C13T05"],
            "Name": ["Toner", "Drum", "Ink"],
            "Dealer price": ["10.00", "20.00", "30.00"],
        }
        found = propose(cells)
        ranked = [item.field or item.alternatives[0] for item in found]
        self.assertEqual(ranked[:2], ["supplier_sku", "manufacturer_part_number"])

    def test_prices_from_a_quantity_are_steps(self):
        cells = {
            "SKU": ["a1", "b2", "c3"],
            "Dealer price": ["5.10", "6.20", "7.30"],
            "Dealer price 10+": ["4.90", "6.00", "7.10"],
            "Dealer price 50+": ["4.70", "5.80", "6.90"],
        }
        found = propose(cells)
        self.assertEqual(
            [item.field for item in found],
            ["supplier_sku", "purchase_price", "tier_price", "tier_price"],
        )

    def test_quantities_and_prices_of_steps_are_taken_in_pairs(self):
        found = propose({
            "SKU": ["a1", "b2", "c3"],
            "Qté 1": ["1", "1", "1"], "Prix 1": ["5,10", "6,20", "7,30"],
            "Qté 2": ["10", "10", "20"], "Prix 2": ["4,90", "6,00", "7,10"],
        })  # fmt: skip
        self.assertEqual([item.field for item in found], [
            "supplier_sku", "tier_qty", "tier_price", "tier_qty", "tier_price",
        ])  # fmt: skip
        quantity, price, _named = series.steps(
            ["Qté 1", "Prix 1", "Qté 2", "Prix 2"],
            np.array([False, True, False, True]),
            np.array([True, False, True, False]),
        )
        self.assertEqual((quantity.tolist(), price.tolist()), (
            [True, False, True, False], [False, True, False, True],
        ))  # fmt: skip

    def test_an_ambiguous_price_settles_beside_a_clear_one(self):
        cells = {"sku": ["a"], "cost": ["5.00"], "price": ["9.00"]}
        self.assertEqual(fields(propose(cells))["price"], "recommended_retail_price")
        alone = {
            "sku": ["AB-1", "AB-2", "AB-3"],
            "name": ["Blue pen", "Red pen", "Pencil set"],
            "price": ["9.10", "3.20", "4.15"],
        }
        self.assertEqual(fields(propose(alone))["price"], "purchase_price")

    def test_of_two_prices_that_for_the_buyer_is_paid(self):
        cells = {
            "Referência": ["a1", "b2", "c3"],
            "Nome": ["Copo de papel", "Palhinha de papel", "Prato fundo"],
            "Preço s/IVA": ["15,00", "42,50", "8,20"],
            "Preço de compra s/IVA": ["10,50", "30,00", "5,10"],
        }
        self.assertEqual(fields(propose(cells))["Preço de compra s/IVA"], "purchase_price")

    def test_description_names_the_article_when_nothing_else_does(self):
        for header in ("Opis", "Langtext"):
            texts = ["Lampada da tavolo", "Sedia bella", "Tavolo rosso grande"]
            found = fields(propose({"codice": ["a1", "b2", "c3"], header: texts}))
            self.assertEqual(found[header], "name")
        found = fields(propose({"codice": ["a"], "Descrizione": ["Lampada da tavolo"]}))
        self.assertEqual(found["Descrizione"], "name")
        found = fields(propose({"Nome": ["Lampada"], "Descrizione": ["Lampada da tavolo"]}))
        self.assertEqual(found["Descrizione"], "description")

    def test_a_description_is_believed_to_name_the_article_when_nothing_else_does(self):
        columns, _texts = examine(["Descrizione", "Prezzo"], pd.DataFrame(), lexicon.load())
        options = np.zeros((2, len(OPTIONS)))
        options[0, [place("description"), place("name")]] = 0.7, 0.2
        options[1, place("purchase_price")] = 1
        chosen = [
            assign.Choice("description", 0.7, options[0]),
            assign.Choice("purchase_price", 1.0, options[1]),
        ]
        found = name_by_description(columns, chosen, {})
        self.assertEqual(found[0].field, "name")
        self.assertGreaterEqual(found[0].probability, 0.9)
        self.assertEqual(found[0].options[place("description")], 0)
        remembered = name_by_description(columns, chosen, {0: object()})
        self.assertEqual(remembered[0].field, "description", "what a person said stays")

    def test_of_several_levels_the_finest_is_the_category(self):
        found = fields(
            propose(
                {
                    "Artikelnummer": ["A-1", "A-2", "A-3"],
                    "Bezeichnung": ["Toner schwarz 12A", "Toner cyan 85A", "Notebook 13 Zoll"],
                    "Gruppe 1": ["Verbrauch", "Verbrauch", "Computer"],
                    "Gruppe 2": ["Toner", "Toner", "Notebooks"],
                    "Gruppe 3": ["Laser", "Farblaser", "Ultrabook"],
                    "EK netto": ["74,90", "62,15", "899,00"],
                }
            )
        )
        self.assertEqual(
            [found[f"Gruppe {level}"] for level in (1, 2, 3)], [None, None, "category"]
        )

    def test_the_same_price_in_another_currency_is_no_retail_price(self):
        found = fields(
            propose(
                {
                    "sku": ["A-1", "A-2", "A-3"],
                    "name": ["Evening dress red", "Bikini model blue", "Summer skirt long"],
                    "price_eur": ["29.90", "13.50", "18.20"],
                    "price_pln": ["129.00", "59.00", "78.00"],
                }
            )
        )
        self.assertNotIn("recommended_retail_price", found.values())
