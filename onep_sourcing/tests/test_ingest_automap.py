"""Which column is what, and when the answer is a question."""

import numpy as np
import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import arrow, automap
from ..ingest.automap import (
    assign,
    codes,
    dearer,
    evidence,
    fit,
    lexicon,
    linked,
    pricewords,
    ranks,
    series,
    traits,
)
from ..ingest.automap.features import IGNORED, OPTIONS, place
from ..ingest.automap.memory import Fact, Memory, key
from ..ingest.automap.proposal import ColumnProposal
from ..ingest.automap.propose import Knowledge, _held, _propose, examine
from ..ingest.fields import FIELDS
from ..ingest.rules import Reason

EANS = ["4006381333931", "5901234123457", "3760456000012", "9780306406157"]

#: Headers of eight languages and what they fill.
HEADERS = {
    "fr": {
        "Réf.": "supplier_sku", "Désig.": "name", "PA HT": "purchase_price", "PVC": None,
        "Qté": "stock_quantity", "PCB": "pack_size", "Gencod": "ean", "Marque": "brand",
    },
    "en": {
        "SKU": "supplier_sku", "ProductTitle": "name", "CostPrice": "purchase_price",
        "RRP": "recommended_retail_price", "QtyOnHand": "stock_quantity", "MOQ":
        "minimum_order_quantity", "UPC": "ean", "Manufacturer": "brand",
    },
    "de": {
        "Artikelnummer": "supplier_sku", "Bezeichnung": "name", "EK netto": "purchase_price",
        "UVP": "recommended_retail_price", "Lagerbestand": "stock_quantity",
        "Mindestbestellmenge": "minimum_order_quantity", "EAN": "ean", "Hersteller": "brand",
    },
    "es": {
        "codigo": "supplier_sku", "NOMBRE": "name", "PRECIOSINCANON": "purchase_price",
        "PVP": "recommended_retail_price", "existencias": "stock_quantity",
        "CODIGO_BARRAS": "ean", "marca": "brand", "familia": "category",
    },
    "it": {
        "Codice articolo": "supplier_sku", "Descrizione": "name", "Prezzo netto": "purchase_price",
        "Listino": "recommended_retail_price", "Giacenza": "stock_quantity",
        "CODICE A BARRE": "ean", "Marchio": "brand", "Pz/conf": "pack_size",
    },
    "nl": {
        "Artikelnummer": "supplier_sku", "Omschrijving": "name", "Inkoopprijs": "purchase_price",
        "Adviesprijs": "recommended_retail_price", "Voorraad": "stock_quantity", "Merk": "brand",
    },
    "pl": {
        "Kod": "supplier_sku", "Nazwa": "name", "CenaZakupuNetto": "purchase_price",
        "CenaDetalicznaBrutto": "recommended_retail_price", "Stan magazynowy": "stock_quantity",
        "Producent": "brand",
    },
    "pt": {
        "Referência": "supplier_sku", "Designação": "name", "Preço de custo": "purchase_price",
        "PVP": "recommended_retail_price", "Quantidade": "stock_quantity",
        "Código de barras": "ean",
    },
}  # fmt: skip


def propose(columns, memory=None):
    """Propose for header → cells."""
    frame = pd.DataFrame(columns, dtype=str)
    return automap.propose(list(columns), frame, memory)


def fields(proposal):
    return {item.column: item.field for item in proposal}


class TestLexicon(BaseCase):
    def test_words(self):
        for header, expected in (
            ("Prix d'achat HT", ("prix", "d", "achat", "ht")),
            ("prixAchat_HT", ("prix", "achat", "ht")),
            ("PRIX_ACHAT", ("prix", "achat")),
            ("EAN13", ("ean", "13")),
            ("% TVA", ("percent", "tva")),
            ("1° € PALLET.", ("1", "eur", "pallet")),
            ("Straßenpreis", ("strassenpreis",)),
        ):
            self.assertEqual(lexicon.words(header), expected)

    def test_a_word_joined_by_an_s_is_known_and_one_that_begins_like_another_is_not(self):
        book = lexicon.load()
        readings = [set(slot.readings) for slot in book.slots("einkaufsRabatt")]
        self.assertEqual(readings, [{"einkauf"}, {"rabatt"}])
        near = book._nearest("mill")
        self.assertFalse(near and near[0] == "millesime")

    def test_glued_misspelt_and_cut_words(self):
        book = lexicon.load()
        for header, field in (
            ("PRECIOSINCANON", "purchase_price"),
            ("codigointerno", "supplier_sku"),
            ("Fabriquant", "brand"),
            ("Désig.", "name"),
            ("Item/BrandName", "brand"),
            ("variants[].ean", "ean"),
            ("ARTICLE_ORDER_DETAILS/QUANTITY_MIN", "minimum_order_quantity"),
        ):
            with self.subTest(header=header):
                hits = book.hits(header)
                self.assertEqual(max(hits.values(), key=lambda hit: hit.score).field, field)

    def test_every_term_belongs_to_a_field_and_a_language(self):
        for term in lexicon.load().terms:
            self.assertIn(term.language, HEADERS)
            self.assertTrue(0 < term.weight <= 1)
            self.assertIn(term.field, {lexicon.IGNORE, *FIELDS})


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

    def test_a_code_behind_a_prefix_is_held(self):
        texts = [arrow.text(cells) for cells in (
            ["HPI-W2020A", "BRO-TN2450", "EPS-C13T05"], ["W2020A", "TN-2450", "C13T05"],
            ["a", "b", "c"],
        )]  # fmt: skip
        holds, held = codes.held_in(texts, [0, 1, 2])
        self.assertEqual((list(holds), list(held)), ([1, 0, 0], [0, 1, 0]))

    def test_traits_of_empty_columns_say_only_that(self):
        empty, words = traits.matrix([self.look("", ""), self.look("rouge", "vert")])
        self.assertEqual(empty.sum(), empty[traits.NAMES.index("empty")])
        self.assertEqual(words[traits.NAMES.index("letters")], 1)

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

    def test_whose_price_a_header_speaks_of(self):
        for header, side, taxed in (
            ("Preço de Compra s/Imposto", "purchase_price", False),
            ("Prix public TTC", "recommended_retail_price", True),
            ("VK-Empf.", "recommended_retail_price", None),
            ("Cena hurtowa netto", "purchase_price", False),
            ("Precio c/IVA", None, True),
            ("Prezzo", None, None),
            ("B2B price", "purchase_price", None),
            ("Preis B", None, None),
        ):
            with self.subTest(header=header):
                self.assertEqual((pricewords.side(header), pricewords.taxed(header)), (side, taxed))

    def test_what_a_header_says_a_price_is_of(self):
        for header, packed, pieced in (
            ("CASE_PRICE", True, False),
            ("Dozens price", True, False),
            ("Prix palette", True, False),
            ("Piece_Price", False, True),
            ("Prijs per stuk", False, True),
            ("Prezzo", False, False),
        ):
            with self.subTest(header=header):
                self.assertEqual(
                    (pricewords.packed(header), pricewords.pieced(header)), (packed, pieced)
                )
        self.assertIsNone(pricewords.side("Dozens price"))

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


class TestPropose(BaseCase):
    def test_headers_of_eight_languages(self):
        for language, expected in HEADERS.items():
            with self.subTest(language=language):
                found = fields(propose({header: [] for header in expected}))
                for header, field in expected.items():
                    if field:
                        self.assertEqual(found[header], field, header)

    def test_an_ean_is_known_without_a_header(self):
        found = propose({"": EANS, "Prix net": ["1,00", "2,00", "3,00", "4,00"]})
        self.assertEqual(found[0].field, "ean")
        self.assertEqual(found[0].why[0].rule, "content-gtin")
        self.assertIsNone(found.held)

    def test_content_denies_a_header(self):
        found = propose({"SKU": ["a", "b", "c"], "Prix d'achat": ["rouge", "vert", "bleu"]})
        self.assertNotEqual(found[1].level, "sure")
        self.assertIn("content-against", [reason.rule for reason in found[1].why])
        self.assertEqual(found.held.rule, "unsure-price-column")

    def test_the_makers_code_is_held_in_the_suppliers(self):
        cells = {
            "Part Number": ["HPI-W2020A", "BRO-TN2450", "EPS-C13T05"],
            "Part No": ["W2020A", "TN-2450", "C13T05"],
            "Name": ["Toner", "Drum", "Ink"],
            "Dealer price": ["10.00", "20.00", "30.00"],
        }
        found = automap.propose(list(cells), pd.DataFrame(cells, dtype=str))
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

    def test_a_header_that_says_just_one_thing_is_not_asked(self):
        found = propose({
            "CODIGO": ["A-101", "A-102", "B-201"],
            "DESCRICAO": ["Farol dianteiro", "Porta traseira", "Motor de arranque"],
            "CONDICAO": ["Grau A - Excelente", "Grau B - Bom", "Grau A - Excelente"],
            "PRECO_CUSTO": ["R$ 150,00", "R$ 90,50", "R$ 210,00"],
        })  # fmt: skip
        self.assertEqual(fields(found)["CONDICAO"], "condition")
        self.assertEqual(fields(found)["PRECO_CUSTO"], "purchase_price")

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

    def test_an_ambiguous_price_settles_beside_a_clear_one(self):
        cells = {"sku": ["a"], "cost": ["5.00"], "price": ["9.00"]}
        self.assertEqual(fields(propose(cells))["price"], "recommended_retail_price")
        self.assertEqual(
            fields(propose({"sku": ["a"], "price": ["9.00"]}))["price"], "purchase_price"
        )

    def test_a_purchase_price_above_the_retail_price_is_doubted(self):
        cells = {"SKU": ["a", "b"], "PA HT": ["20", "30"], "Prix public": ["10", "12"]}
        found = propose(cells)
        self.assertIsNone(found[1].field)
        self.assertEqual(found.held.rule, "unsure-price-column")

    def test_names_without_rows_are_mapped(self):
        found = automap.propose(["EAN", "Prix achat HT", "PVP conseillé"], pd.DataFrame())
        self.assertEqual(
            [item.field for item in found], ["ean", "purchase_price", "recommended_retail_price"]
        )

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

    def test_of_two_prices_that_for_the_buyer_is_paid(self):
        cells = {
            "Referência": ["a1", "b2", "c3"],
            "Nome": ["Copo de papel", "Palhinha de papel", "Prato fundo"],
            "Preço s/IVA": ["15,00", "42,50", "8,20"],
            "Preço de compra s/IVA": ["10,50", "30,00", "5,10"],
        }
        self.assertEqual(fields(propose(cells))["Preço de compra s/IVA"], "purchase_price")

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

    def test_thresholds_and_units_are_left_out(self):
        found = fields(
            propose({"Stock minimal": ["2"], "Stock": ["14"], "Unité": ["pce"], "URL": ["x"]})
        )
        self.assertEqual(
            found, {"Stock minimal": None, "Stock": "stock_quantity", "Unité": None, "URL": None}
        )

    def test_description_names_the_article_when_nothing_else_does(self):
        found = fields(propose({"codice": ["a"], "Descrizione": ["Lampada da tavolo"]}))
        self.assertEqual(found["Descrizione"], "name")
        found = fields(propose({"Nome": ["Lampada"], "Descrizione": ["Lampada da tavolo"]}))
        self.assertEqual(found["Descrizione"], "description")

    def test_the_quantity_a_price_is_for_is_no_property(self):
        found = propose({"Unité de prix": ["C", "U"]})
        self.assertEqual((found[0].field, found[0].target), ("price_per", None))

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

    def test_repeated_headers_are_doubted(self):
        frame = pd.DataFrame(
            [["4", "5", "6"]], columns=["Stock", "Stock (2)", "Stock (3)"], dtype=str
        )
        found = automap.propose(["Stock", "Stock (2)", "Stock (3)"], frame)
        self.assertNotIn("sure", [item.level for item in found if item.field])

    def test_memory_outweighs_the_header(self):
        cells = {"SKU": ["a"], "Zone": ["5"], "Stock": ["7"]}
        facts = [
            Fact("Zone", key("Zone"), "purchase_price", 1, 1, files=3, confirmed=3),
            Fact("Stock", key("Stock"), None, 1, 1, confirmed=1, corrections=1, corrected_days=0),
        ]
        found = propose(cells, Memory(list(cells), facts, 1, 1))
        self.assertEqual(
            fields(found), {"SKU": "supplier_sku", "Zone": "purchase_price", "Stock": None}
        )
        self.assertEqual(found[1].level, "sure")
        self.assertEqual(found[1].why[0].params, {"count": 3})

    def test_an_accepted_price_above_the_retail_price_is_not_asked_again(self):
        cells = {"SKU": ["a", "b"], "PA HT": ["20", "30"], "Prix public": ["10", "12"]}
        accepted = dict(
            zip(cells, ("supplier_sku", "purchase_price", "recommended_retail_price"), strict=True)
        )
        memory = Memory(list(cells), feed=1, supplier=1, accepted=accepted)
        self.assertEqual(fields(propose(cells, memory)), accepted)

    def test_a_contrary_correction_outweighs_what_was_said(self):
        cells = {"SKU": ["a"], "Dispo": ["7"]}
        words = key("Dispo")
        often = Fact("Dispo", words, "stock_quantity", 1, 1, files=9, confirmed=2, age_days=1)
        corrected = Fact(
            "Dispo", words, "pack_size", 1, 1, confirmed=1, corrections=1, corrected_days=0
        )
        before = propose(cells, Memory(list(cells), [often], 1, 1))
        after = propose(cells, Memory(list(cells), [often, corrected], 1, 1))
        self.assertEqual(fields(before)["Dispo"], "stock_quantity")
        self.assertEqual(fields(after)["Dispo"], "pack_size")

    def test_other_suppliers_help_where_the_file_says_little(self):
        cells = {"SKU": ["a", "b", "c"], "Kolonne": ["7", "12", "0"], "Prix net": ["1", "2", "3"]}
        words = key("Kolonne")
        facts = [
            Fact(
                "Kolonne", words, "stock_quantity", feed, feed,
                files=5, confirmed=3, corrections=1, corrected_days=1,
            )
            for feed in (2, 3, 4)
        ]  # fmt: skip
        self.assertIsNone(fields(propose(cells))["Kolonne"])
        found = propose(cells, Memory(list(cells), facts, 1, 1))
        self.assertEqual(found[1].field or found[1].alternatives[0], "stock_quantity")
        self.assertIn("memory-others", [reason.rule for reason in found[1].why])

    def test_held_without_identifier_or_price(self):
        self.assertEqual(
            propose({"Nom": ["x"], "Prix net": ["1"]}).held.rule, "no-identifier-column"
        )
        self.assertEqual(propose({"SKU": ["x"], "Nom": ["y"]}).held.rule, "no-price-column")
        both = {"SKU": ["x"], "Prix public": ["10"], "Remise %": ["35"]}
        self.assertIsNone(propose(both).held)

    def test_every_reason_has_words(self):
        columns = dict.fromkeys(("EAN", "Prix", "Stock", "Foo", "Unité", "Image"), EANS)
        for item in propose(columns):
            self.assertTrue(item.why)
            for reason in item.why:
                self.assertNotIn("%(", reason.message)
                self.assertEqual(set(reason.to_json()), {"rule", "params", "message"})
