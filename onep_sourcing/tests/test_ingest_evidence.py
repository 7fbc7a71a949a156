"""What the cells of a column say, by themselves and beside those of the others."""

import numpy as np
import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import arrow
from ..ingest.automap import codes, evidence, features, fit, lexicon, linked, ranks, series, traits
from ..ingest.automap.propose import examine
from .proposals import EANS, odds


class TestEvidence(BaseCase):
    def look(self, *cells):
        return evidence.look(arrow.text(list(cells)))

    def test_contents(self):
        self.assertEqual(self.look(*EANS).gtin, 1)
        self.assertEqual(self.look("12,50", "7,00 €").numeric, 1)
        self.assertEqual(self.look("20", "5,5", "10").vat, 1)
        self.assertEqual(self.look("0,20", "0,055").vat, 1)
        self.assertEqual(self.look("https://x.fr/a.jpg", "https://x.fr/b.PNG?w=2").image, 1)
        self.assertEqual(self.look("oui", "non", "rupture").availability, 1)
        self.assertEqual(self.look(">100", "12", "10+").count, 1)
        self.assertEqual(self.look("EUR", "eur").currency, 1)
        self.assertTrue(self.look("1", "2", "3", "4").ordinal)
        self.assertFalse(self.look("", "").known)
        self.assertEqual(self.look("03/12/2026", "2026-12-03").date, 1)
        self.assertEqual(self.look("8471 30 00", "9403.60.10").customs, 1)
        self.assertEqual(self.look("FR", "DE").country, 1)

    def test_cells_that_name_a_field_beside_a_header_that_names_none(self):
        for field, fitting, others in (
            ("purchase_price", ["12,50", "30,90", "7,10"], ["12", "30", "7"]),
            ("stock_quantity", ["12", "0", ">100"], ["12,5", "0,4", "7,1"]),
            ("vat_rate", ["20", "5,5", "20"], ["20", "6,3", "20"]),
            ("supplier_sku", ["AB-1", "CD-2", "EF-3"], ["AB-1", "AB-1", "EF-3"]),
            ("name", ["Lampe de bureau", "Table en bois", "Chaise pliante"], ["a b", "c d", "e"]),
            ("country_of_origin", ["FR", "DE", "FR"], ["fr", "de", "fr"]),
            ("currency", ["EUR", "USD", "EUR"], ["eux", "usu", "eux"]),
        ):
            with self.subTest(field=field):
                self.assertGreater(fit.suits(field, self.look(*fitting)), 0.3)
                self.assertEqual(fit.suits(field, self.look(*others)), 0)
        self.assertEqual(fit.suits("stock_quantity", self.look("12", "0")), 0, "too few to tell")

    def test_columns_of_a_file_are_looked_at_like_each_alone(self):
        columns = [
            EANS, ["1,50", "2,75", ""], ["rouge", "", "HPI-W2020A"], ["", "", ""],
            ["https://x.fr/a.jpg", "oui", "12"], ["20", "5,5", "10"],
        ]  # fmt: skip
        found = evidence.look_at_all([arrow.text(cells) for cells in columns])
        self.assertEqual([repr(item) for item in found], [
            repr(self.look(*cells)) for cells in columns
        ])  # fmt: skip

    def test_codes_mix_letters_and_digits_and_are_as_long(self):
        found = self.look("HPI-1", "BRO-2", "EPS-33")
        self.assertEqual(found.mixed, 1)
        self.assertAlmostEqual(found.even, 2 / 3)

    def test_traits_of_empty_columns_say_only_that(self):
        empty, words = traits.matrix([self.look("", ""), self.look("rouge", "vert")])
        self.assertEqual(empty.sum(), empty[traits.NAMES.index("empty")])
        self.assertEqual(words[traits.NAMES.index("letters")], 1)

    def test_cells_that_do_not_speak_the_language_of_a_field(self):
        for field, fitting, denied in (
            ("pack_size", ["Karton 12", "Karton 6", "24"], ["PCE", "RO", "PCE"]),
            ("lead_time_days", ["48h", "2 jours", "5"], ["DETAIL", "GROS", "DETAIL"]),
            ("country_of_origin", ["Italie", "Chine"], ["Golf 2.0", "Jetta 1.6"]),
            ("currency", ["USD ($)", "CDF (FC)"], ["une devise quelconque", "encore une autre"]),
            ("vat_rate", ["19,25", "19,25", "19,25"], ["190", "412", "37,5"]),
            ("supplier_sku", ["50.1120", "50.1144", "52.0031"], ["5.5", "10.25", "5.5"]),
            ("stock_quantity", ["92010", "8", "12"], ["92010", "92011", "92012"]),
        ):
            with self.subTest(field=field):
                self.assertGreaterEqual(fit.factor(field, self.look(*fitting)), 0.5)
                self.assertLess(fit.factor(field, self.look(*denied)), 0.51)

    def test_measures_with_their_unit_are_no_words(self):
        self.assertGreater(fit.factor("weight", self.look("0.9 kg", "1.2 kg", "0.4 kg")), 1)
        self.assertLess(
            fit.factor("weight", self.look("auf Anfrage", "sehr leicht", "leicht")), 0.5
        )

    def test_codes_of_any_currency_in_capitals(self):
        self.assertEqual(self.look("XPF", "GNF", "CDF").currency, 1)
        self.assertEqual(self.look("top", "cup", "pen").currency, 0)

    def test_vat_rates_are_those_of_the_file(self):
        self.assertLessEqual({20, 5.5, 19, 7.7, 8.1, 23, 0}, evidence.VAT_RATES)
        self.assertEqual(self.look("8,1", "2,6", "8,1").vat, 1)


class TestRelations(BaseCase):
    def test_a_code_behind_a_prefix_is_held(self):
        texts = [arrow.text(cells) for cells in (
            ["HPI-W2020A", "BRO-TN2450", "EPS-C13T05"], ["W2020A", "TN-2450", "C13T05"],
            ["a", "b", "c"],
        )]  # fmt: skip
        holds, held = codes.held_in(texts, [0, 1, 2])
        self.assertEqual((list(holds), list(held)), ([1, 0, 0], [0, 1, 0]))

    def test_a_list_price_less_its_discount_is_the_price_to_pay(self):
        columns = ["10,00", "24,90", "8,00"], ["40", "35", "0"], ["6,00", "16,19", "8,00"]
        texts = [arrow.text(list(cells)) for cells in (*columns, ("3", "9", "12"))]
        contents = evidence.look_at_all(texts)
        found = linked.by_discount(texts[:3], contents, [1])
        self.assertEqual(found, {})  # two rows with a discount are a chance of three
        texts[:3] = [
            arrow.text([*cells, more])
            for cells, more in zip(columns, ("50,00", "10", "45,00"), strict=True)
        ]
        contents = evidence.look_at_all(texts[:3])
        self.assertEqual(linked.by_discount(texts[:3], contents, [1]), {
            0: "recommended_retail_price", 1: "discount_percent", 2: "purchase_price",
        })  # fmt: skip
        self.assertEqual(linked.by_discount(texts[:3], contents, []), {})

    def test_quantities_that_rise_within_an_article(self):
        owner, steps, stock = (arrow.text(cells) for cells in (
            ["a", "a", "a", "b", "b"], ["1", "10", "50", "1", "25"], ["5", "5", "5", "8", "8"],
        ))  # fmt: skip
        self.assertEqual(series.rises(owner, [steps, stock]), [True, False])
        self.assertEqual(series.rises(arrow.text(["a", "b"]), [arrow.text(["1", "2"])]), [False])

    def test_ranks_of_equals_are_alike(self):
        self.assertEqual(ranks._among(5, [0, 2, 3], [7.0, 1.0, 7.0]).tolist(), [
            0.25, 0, -0.5, 0.25, 0,
        ])  # fmt: skip

    def test_categories_are_ranked_by_how_fine_they_are(self):
        def order(*headers):
            frame = pd.DataFrame({header: ["x", "y", "x"] for header in headers}, dtype=str)
            found, _texts = examine(headers, frame, lexicon.load())
            levels = ranks.of_levels(found, np.ones(len(headers)))
            return [headers[row] for row in np.argsort(levels)]

        self.assertEqual(
            order("Gruppe 3", "Gruppe 1", "Gruppe 2"), ["Gruppe 1", "Gruppe 2", "Gruppe 3"]
        )
        self.assertEqual(
            order("Sottocategoria", "Categoria", "Macro categoria"),
            ["Macro categoria", "Categoria", "Sottocategoria"],
        )


class TestWeight(BaseCase):
    """Each kind of evidence makes the field it speaks for likelier, all else equal."""

    FILE = {
        "Désignation": ["Lampe de bureau", "Table ronde", "Chaise pliante", "Tapis rouge"],
        "EAN": EANS,
    }  # fmt: skip

    def beside(self, header, cells, field):
        return odds({**self.FILE, header: cells}, header, field)

    def test_cells_speak_for_a_field(self):
        for field, header, speaking, silent in (
            ("supplier_sku", "Code", ["AB-1", "CD-2", "EF-3", "GH-4"], ["AB-1"] * 4),
            ("stock_quantity", "Zone", ["12", "0", "7", "130"], ["rouge", "vert", "bleu", "noir"]),
            ("stock_quantity", "Zone", ["12", "0", "7", "130"], ["12,55", "0,4", "7,1", "130,9"]),
            ("stock_quantity", "Zone", ["1", "2", "4", "3"], ["1", "2", "3", "4"]),
            ("stock_quantity", "Dispo", ["3", "5", "8", "3"], ["03/12/2026", "05/12/2026"] * 2),
            ("vat_rate", "Taux", ["20", "5,5", "20", "10"], ["21,7", "6,3", "33", "11,9"]),
            ("country_of_origin", "Zone", ["FR", "DE", "CN", "IT"], ["fr", "de", "cn", "it"]),
            ("hs_code", "Zone", ["8471 30 00", "9403 60 10"] * 2, ["8471-30", "9403-60"] * 2),
            ("currency", "Zone", ["EUR", "EUR", "USD", "EUR"], ["eux", "eux", "usu", "eux"]),
            ("availability", "État", ["en stock", "rupture"] * 2, ["en rayon", "retiré"] * 2),
            ("image_url", "Zone", ["https://x.fr/a.jpg", "https://x.fr/b.jpg"] * 2, ["a", "b"] * 2),
            ("purchase_price", "", ["12,50", "30,00", "99,90", "5,10"], ["12", "30", "99", "5"]),
        ):
            with self.subTest(field=field, silent=silent):
                self.assertGreater(
                    self.beside(header, speaking, field), 3 * self.beside(header, silent, field)
                )

    def test_an_ean_is_told_by_its_check_digit(self):
        columns = {"Désignation": self.FILE["Désignation"]}
        wrong = [f"{ean[:-1]}{(int(ean[-1]) + 1) % 10}" for ean in EANS]
        self.assertGreater(
            odds({**columns, "Code": EANS}, "Code", "ean"),
            10 * odds({**columns, "Code": wrong}, "Code", "ean"),
        )

    def test_one_column_is_weighed_beside_the_others(self):
        """A price alone is the one to pay; beside a clear one it is not."""
        alone = {"EAN": EANS, "Prix": ["15,00", "42,50", "8,20", "9,90"]}
        beside = {**alone, "Prix d'achat HT": ["10,50", "30,00", "5,10", "6,00"]}
        self.assertGreater(
            odds(alone, "Prix", "purchase_price"), 10 * odds(beside, "Prix", "purchase_price")
        )


class TestFeatures(BaseCase):
    """What the words of a header say of a price or a code, beside those of the other columns."""

    def told(self, field, name, header, *others):
        headers = [header, *others]
        columns, _texts = examine(headers, pd.DataFrame(), lexicon.load())
        return features.matrix(columns)[0, features.place(field), features.NAMES.index(name)]

    def test_a_column_beside_one_that_fits_better(self):
        for name, alone, beside in (("lag", False, True), ("sole", True, False)):
            with self.subTest(name=name):
                self.assertEqual(self.told("purchase_price", name, "Prix") > 0, alone)
                told = self.told("purchase_price", name, "Prix", "Prix d'achat HT")
                self.assertEqual(told > 0, beside)
        self.assertGreater(self.told("stock_quantity", "tie", "Stock", "Stock (2)"), 0)
        self.assertEqual(self.told("ean", "early", "EAN", "Prix"), 1)

    def test_of_two_texts_the_longer_one_describes(self):
        short = ["Lampe", "Table", "Chaise"]
        long = [f"{word} en métal brossé, livrée montée, garantie de deux ans" for word in short]
        frame = pd.DataFrame({"Texte": short, "Description": long}, dtype=str)
        columns, _texts = examine(list(frame), frame, lexicon.load())
        place = features.place("description")
        longer = features.matrix(columns)[:, place, features.NAMES.index("longer")]
        self.assertEqual(longer.tolist(), [-0.5, 0.5])

    def test_words_of_a_header(self):
        for field, name, header, others, without in (
            ("purchase_price", "side", "Prix d'achat", [], "Prix"),
            ("recommended_retail_price", "side", "Prix public", [], "Prix"),
            ("purchase_price", "other-side", "Prix", ["Prix d'achat"], "Prix public"),
            ("purchase_price", "taxed", "Prix TTC", [], "Prix HT"),
            ("purchase_price", "taxed-twin", "Prix TTC", ["Prix HT"], "Prix HT"),
            ("purchase_price", "packed", "Prix carton", [], "Prix"),
            ("purchase_price", "packed-twin", "Prix carton", ["Prix"], "Prix"),
            ("purchase_price", "piece-twin", "Prix pièce", ["Prix carton"], "Prix"),
            ("manufacturer_part_number", "theirs", "Vendor code", ["SKU"], "Code"),
            ("supplier_sku", "not-own", "Vendor code", ["SKU"], "Code"),
            ("brand", "coded-text", "Brand code", [], "Brand"),
            ("stock_quantity", "coded", "Stock code", [], "Stock"),
            ("purchase_price", "repeated", "Prix", ["Prix (2)"], "Montant"),
        ):
            with self.subTest(field=field, name=name):
                self.assertGreater(self.told(field, name, header, *others), 0)
                self.assertLessEqual(self.told(field, name, without, *others), 0)
