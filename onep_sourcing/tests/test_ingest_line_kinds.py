"""Lines that are no article are set apart with their reason; articles that sound so are kept."""

import json

from odoo.tests.common import BaseCase

from ..ingest import arrow, line_words, preview

FRENCH = """Référence;Désignation;Marque;Prix HT;Stock
A-1;Vis inox;Facom;12,50;5
A-2;Clou;Facom;13,50;7
A-3;Total Range Cooker;Total;99,00;2
SUM;Summer hat;Sum;9,90;2
TOTAL 5W30;Huile 5W30;Total;11,00;2
PAGE1;Carnet;Oxford;4,00;9
PORT;Port USB;Anker;7,00;8
A-4;Transport 3 pièces;Brio;19,00;4
Sous-total;Quincaillerie;;175,00;39
TOTAL HT;;;175,90;
TVA 20 %;;;35,18;
Net à payer;;;211,08;
Report;;;1234,50;18
A reporter;;;1234,50;18
TOTAL 5000;;;1234,50;16
Grand total;Tous les produits;;1234,50;16
TOTAL:;Catalogue 2025;;26,00;12
Montant total TTC;;;1234,50;
Remise 10 %;;;12,00;
Frais de port;;;15,00;
X-9;Frais de port DPD;;15,00;
X-8;Net à payer TTC;;211,08;1
X-7;Total;;1234,50;
"""
GERMAN = """Artikelnr;Bezeichnung;Preis netto;Bestand
B-1;Lampe;12,50;5
B-2;Stuhl;13,50;7
GESAMT-X;Gesamt für alle, Brettspiel;19,00;2
SUMME 12;Summe, Hörbuch;9,00;1
Zwischensumme Lampen;;26,00;12
MwSt. 19 %;;4,94;
19 % MwSt.;;4,94;
Nettobetrag;;26,00;
Zahlbetrag;Rechnung 12;30,94;1
Übertrag;;26,00;12
Gesamt;2 Artikel;26,00;12
Versandkosten DHL;;6,90;
Seite 2 von 3;;;
B-9;Versandkosten;6,90;1
"""
SPANISH = """Código;Descripción;Precio;Existencias
C-1;Lámpara;12,50;5
C-2;Silla;13,50;7
SUMA;Suma de letras, libro;9,90;2
C-3;Total Effects crema;8,00;3
TOTAL;;43,90;17
IVA 21 %;;9,22;
Total a pagar;;53,12;
Suma y sigue;;43,90;
Gastos de envío;;7,00;
Base imponible;;43,90;
C-8;IVA (21 %);9,22;
"""
#: File → lines that are articles, and the rules of the others in their order.
FILES = {
    FRENCH: (8, ["row-total", "row-total", "row-charge", *["row-total"] * 7,
                 "row-charge", "row-charge", "row-charge", "row-total", "row-total"]),
    GERMAN: (4, ["row-total", "row-charge", "row-charge", *["row-total"] * 4, "row-charge",
                 "row-section", "row-charge"]),
    SPANISH: (4, ["row-total", "row-charge", "row-total", "row-total", "row-charge", "row-total",
                  "row-charge"]),
}  # fmt: skip


class TestLineKinds(BaseCase):
    def look_at(self, text):
        found = preview.preview(text.encode())
        counts = found["counts"]
        self.assertEqual(counts["rows"], text.count("\n") - 1)
        self.assertEqual(counts["rows"], counts["accepted"] + counts["quarantined"])
        return found

    def test_totals_charges_and_taxes_are_set_apart_and_articles_kept(self):
        for text, (count, rules) in FILES.items():
            lines = text.splitlines()
            with self.subTest(lines[0]):
                found = self.look_at(text)
                skus = [offer["supplier_sku"] for offer in found["offers"]]
                self.assertEqual(skus, [line.split(";")[0] for line in lines[1 : count + 1]])
                refused = [item for item in found["issues"] if item["severity"] == "refuse"]
                self.assertEqual([item["line"] for item in refused],
                                 list(range(count + 2, len(lines) + 1)))  # fmt: skip
                self.assertEqual([item["rule"] for item in refused], rules, json.dumps(refused))

    def test_codes_without_names_may_be_words_for_a_total(self):
        """Where no article has a name, `SUM` is a code like another, and `Total` is none."""
        text = "Code;Prix;Stock\nA1;12,50;5\nA2;13,50;7\nSUM;14,00;3\nSOM;15,00;3\nEOF;15,00;3\n"
        found = self.look_at(text + "PAGE1;15,00;3\nTOTAL-01;16,00;3\nTotal;26,00;12\n")
        skus = [offer["supplier_sku"] for offer in found["offers"]]
        self.assertEqual(skus, ["A1", "A2", "SUM", "SOM", "EOF", "PAGE1", "TOTAL-01"])
        self.assertEqual([item["rule"] for item in found["issues"]], ["row-total"])

    def test_the_sum_of_what_is_above_is_a_total_whatever_its_name(self):
        text = "Code;Nom;Prix;Stock\nA1;Vis;12,50;5\nA2;Clou;13,50;7\n"
        by_price = self.look_at(text + "TOTAL;Quincaillerie;26,00;3\n")
        by_stock = self.look_at(text + "TOTAL;Quincaillerie;29,00;12\n")
        by_value = self.look_at(text + "SUM;Quincaillerie;157,00;3\n")
        for found in (by_price, by_stock, by_value):
            self.assertEqual([item["rule"] for item in found["issues"]], ["row-total"])
        found = self.look_at(text + "TOTAL;Quincaillerie;26,50;3\n")
        self.assertEqual(found["counts"]["accepted"], 3)

    def test_an_article_may_lack_what_others_have(self):
        text = (
            "Code;Nom;Prix;Stock;Couleur;Matière;Taille;Image\n"
            "A1;Vis;12,50;5;gris;inox;M;a.jpg\nA2;Clou;13,50;7;gris;acier;S;b.jpg\n"
            "SUM;Chapeau;9,00;1;;;;\nA3;500 pièces;9,00;;;;;\n"
            "Report;;1234,50;12;;;;\nPORT;Forfait;15,00;;;;;\n"
        )
        found = self.look_at(text)
        self.assertEqual([o["supplier_sku"] for o in found["offers"]], ["A1", "A2", "SUM", "A3"])
        rules = [item["rule"] for item in found["issues"]]
        self.assertEqual(rules, ["row-total", "row-charge"])

    def test_an_ean_makes_an_article(self):
        text = "EAN;Désignation;Prix HT;Stock\n4006381333931;Bidon;12,50;5\n"
        found = self.look_at(text + "4006381333948;Total HT;13,50;7\n3045140105502;Remise;1,20;2\n")
        self.assertEqual(found["counts"]["accepted"], 3)

    def test_how_surely_words_name_no_article(self):
        levels = {
            line_words.CERTAIN: (
                "Total HT", "Total 12,50 €", "Total: 12", "Grand Total Excl. VAT", "À reporter",
                "Page 1 sur 3", "FIN DE LISTE (3 articles)", "TVA 5,5%", "dont TVA", "Łącznie",
                "Total quantity: 12", "Remise 10%", "Transport 12,00 € HT", "Totale (3 righe)",
            ),
            line_words.BARE: (
                "Total", "TOTAL 5000", "Total stock", "Total du catalogue", "3 Artikel",
            ),
            line_words.OPEN: ("Total de la Mer", "Total (5W30)", "Sous-total Peinture"),
            line_words.CODE: ("SUM", "SOM 12", "PAGE 12", "EOF", "TVA", "VAT 69", "Report", "Port"),
            line_words.NO: (
                "Total Net Curtain", "TOTAL-01", "Total Quartz", "Port USB", "Montant du lit",
                "Shipping box", "Page 3 notebook", "Transport 3 pièces", "Tax free shirt",
            ),
        }  # fmt: skip
        for level, words in levels.items():
            found = line_words.read(arrow.text(list(words)))
            self.assertEqual(dict(zip(words, found.level.tolist(), strict=True)),
                             dict.fromkeys(words, level))  # fmt: skip
