from odoo.tests import BaseCase

from ..engine.categories import match, normalise

KNOWN = {
    normalise(name): (key, confidence)
    for name, key, confidence in (
        ("Jeux et jouets", "toys", 1.0),
        ("Souris", "accessories", 1.0),
        ("Informatique", "computers", 0.6),
        ("Fournitures de bureau", "office", 1.0),
    )
}


class TestCategories(BaseCase):
    """Names however they are written; what is only likely is flagged."""

    def match(self, text):
        return match([text], KNOWN).get(text)

    def test_normalised(self):
        self.assertEqual(normalise("  Jeux & Jouets "), "jeu jouet")
        self.assertEqual(normalise("ÉLECTROMÉNAGER"), "electromenager")
        self.assertEqual(normalise("Cuisine et Maison"), normalise("cuisine/maison"))
        self.assertEqual(normalise(None), "")

    def test_same_words(self):
        found = self.match("JEU, JOUET")
        self.assertEqual((found.key, found.confidence, found.is_estimated), ("toys", 1.0, False))

    def test_path_from_its_last_level(self):
        found = self.match("Informatique > Périphériques > Souris")
        self.assertEqual((found.key, found.is_estimated), ("accessories", False))

    def test_parent_is_inherited_and_flagged(self):
        found = self.match("Jeux et jouets > Toupies")
        self.assertEqual((found.key, found.is_estimated), ("toys", True))
        self.assertLess(found.confidence, 0.8)

    def test_broad_name_is_flagged(self):
        self.assertTrue(self.match("Informatique").is_estimated)

    def test_nearly_the_same(self):
        found = self.match("Fourniture bureaux")
        self.assertEqual((found.key, found.is_estimated), ("office", False))
        found = self.match("Fourniturs de burau")
        self.assertEqual((found.key, found.is_estimated), ("office", True))

    def test_unlike_is_absent(self):
        self.assertIsNone(self.match("Haushalt"))
        self.assertIsNone(self.match("..."))
        self.assertEqual(match(["a"], {}), {})
