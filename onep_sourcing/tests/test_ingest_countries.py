from odoo.tests import BaseCase, tagged

from odoo.addons.onep_sourcing.ingest.countries import country_codes


@tagged("standard", "post_install", "-at_install")
class TestOrigins(BaseCase):
    def test_names_in_the_languages_of_suppliers(self):
        """English, French, German, Spanish, Italian, Dutch, Polish and Portuguese."""
        names = {
            "DE": "Germany Allemagne Deutschland Alemania Germania Duitsland Niemcy Alemanha",
            "IT": "Italy Italie Italien Italia Italia Italië Włochy Itália",
            "CN": "China Chine China China Cina China Chiny China",
        }
        for code, written in names.items():
            self.assertEqual(country_codes(written.split()), [code] * 8)

    def test_however_written(self):
        texts = ["fr", "FRA", " FRANCE ", "Made in China", "Fabriqué en Pologne", "WLOCHY", "UK"]
        self.assertEqual(country_codes(texts), ["FR", "FR", "FR", "CN", "PL", "IT", "GB"])

    def test_no_country(self):
        self.assertEqual(country_codes([None, "", "UE", "divers", "42"]), [None] * 5)
