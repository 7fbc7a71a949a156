"""Which column is what, and why."""

import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import automap
from .proposals import EANS, fields, propose


class TestPropose(BaseCase):
    def test_an_ean_is_known_without_a_header(self):
        found = propose({"": EANS, "Prix net": ["1,00", "2,00", "3,00", "4,00"]})
        self.assertEqual(found[0].field, "ean")
        self.assertEqual(found[0].why[0].rule, "content-gtin")
        self.assertIsNone(found.held)

    def test_names_without_rows_are_mapped(self):
        found = automap.propose(["EAN", "Prix achat HT", "PVP conseillé"], pd.DataFrame())
        self.assertEqual(
            [item.field for item in found], ["ean", "purchase_price", "recommended_retail_price"]
        )

    def test_numbers_under_a_word_for_availability_are_a_stock(self):
        cells = {
            "Codice": ["A-1", "B-2", "C-3"],
            "Descrizione": ["Lampada da tavolo", "Sedia in legno", "Tavolo tondo"],
            "Prezzo netto": ["12,50", "30,00", "99,90"],
            "Disponibile": ["12", "0", "60"],
        }
        self.assertEqual(fields(propose(cells))["Disponibile"], "stock_quantity")
        cells["Disponibile"] = ["si", "no", "si"]
        self.assertEqual(fields(propose(cells))["Disponibile"], "availability")

    def test_an_empty_column_names_no_article(self):
        cells = {"SKU": ["a1", "b2"], "Title": ["", ""], "Cost": ["1.50", "2.60"]}
        self.assertIsNone(fields(propose(cells))["Title"])

    def test_thresholds_and_units_are_left_out(self):
        found = fields(
            propose({"Stock minimal": ["2"], "Stock": ["14"], "Unité": ["pce"], "URL": ["x"]})
        )
        self.assertEqual(
            found, {"Stock minimal": None, "Stock": "stock_quantity", "Unité": None, "URL": None}
        )

    def test_the_quantity_a_price_is_for_is_no_property(self):
        found = propose({"Unité de prix": ["C", "U"]})
        self.assertEqual((found[0].field, found[0].target), ("price_per", None))

    def test_a_serial_number_is_no_supplier_sku(self):
        found = fields(
            propose(
                {
                    "Serial Number": ["5CG0412ABC", "5CG0412ABD", "C02XK1AAJG"],
                    "Manufacturer": ["HP", "HP", "Apple"],
                    "Title": ["EliteBook 840 G7 16GB", "EliteBook 840 G7 8GB", "MacBook Pro 13"],
                }
            )
        )
        self.assertIsNone(found["Serial Number"])

    def test_every_reason_has_words(self):
        columns = dict.fromkeys(("EAN", "Prix", "Stock", "Foo", "Unité", "Image"), EANS)
        for item in propose(columns):
            self.assertTrue(item.why)
            for reason in item.why:
                self.assertNotIn("%(", reason.message)
                self.assertEqual(set(reason.to_json()), {"rule", "params", "message"})
