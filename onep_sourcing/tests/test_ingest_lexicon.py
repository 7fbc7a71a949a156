"""What the words of a header mean."""

from odoo.tests.common import BaseCase

from ..ingest.automap import lexicon, pricewords
from ..ingest.fields import FIELDS
from .proposals import fields, propose

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
            ("Katego", "category"),
        ):
            with self.subTest(header=header):
                hits = book.hits(header)
                self.assertEqual(max(hits.values(), key=lambda hit: hit.score).field, field)

    def test_abbreviations(self):
        book = lexicon.load()
        for header, field in (
            ("PVC", "recommended_retail_price"),
            ("PA HT", "purchase_price"),
            ("UVC", "pack_size"),
            ("PCB", "pack_size"),
            ("Qté", "stock_quantity"),
            ("Réf", "supplier_sku"),
            ("Dlr prc", "purchase_price"),
            ("Herst-Nr", "manufacturer_part_number"),
            ("Sct %", "discount_percent"),
        ):
            with self.subTest(header=header):
                hits = book.hits(header)
                self.assertEqual(max(hits.values(), key=lambda hit: hit.score).field, field)

    def test_what_leads_to_the_last_name_of_a_path_says_less(self):
        hits = lexicon.load().hits("Stock/Price")
        self.assertGreater(hits["purchase_price"].score, hits["stock_quantity"].score)
        hits = lexicon.load().hits("Price/Stock")
        self.assertGreater(hits["stock_quantity"].score, hits["purchase_price"].score)

    def test_every_term_belongs_to_a_field_and_a_language(self):
        for term in lexicon.load().terms:
            self.assertIn(term.language, HEADERS)
            self.assertTrue(0 < term.weight <= 1)
            self.assertIn(term.field, {lexicon.IGNORE, *FIELDS})

    def test_headers_of_eight_languages(self):
        for language, expected in HEADERS.items():
            with self.subTest(language=language):
                found = fields(propose({header: [] for header in expected}))
                for header, field in expected.items():
                    if field:
                        self.assertEqual(found[header], field, header)


class TestPriceWords(BaseCase):
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
