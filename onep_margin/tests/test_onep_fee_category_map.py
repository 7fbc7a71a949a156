from odoo.exceptions import ValidationError

from .margin_case import MarginCase


class TestFeeCategoryMap(MarginCase):
    """Category names of suppliers and catalogues find their fee category."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Map = cls.env["onep.fee.category.map"]

    def match(self, platform, name):
        found = self.Map._match(platform, [name]).get(name)
        return found and self.env["onep.fee.category"].browse(found.key)

    def category(self, name):
        return self.env.ref(f"onep_margin.fee_category_{name}")

    def test_common_names_are_known_everywhere(self):
        names = (
            "Informatique",
            "High-Tech",
            "Jouets",
            "Cuisine et Maison",
            "Jeux vidéo",
            "Bricolage",
            "Beauté",
            "Fournitures de bureau",
            "Hygiène",
            "Parfum",
            "Papeterie",
            "Outillage",
            "Téléphonie",
            "Sport",
            "Auto",
            "Livres",
            "Toys",
            "Kitchen",
            "Tools",
            "Office supplies",
        )
        for platform in ("amazon", "fnac", "cdiscount"):
            found = self.Map._match(platform, names)
            self.assertEqual(set(found), set(names), platform)

    def test_right_category(self):
        self.assertEqual(self.match("amazon", "Jouets > Puzzles"), self.category("amazon_toys"))
        self.assertEqual(
            self.match("amazon", "Souris"), self.category("amazon_electronic_accessories")
        )
        self.assertEqual(self.match("fnac", "Livres"), self.category("fnac_books"))
        self.assertEqual(self.match("cdiscount", "OUTILLAGE"), self.category("cdiscount_tools"))

    def test_names_of_the_categories_themselves(self):
        self.assertEqual(self.match("amazon", "Lawn & Garden"), self.category("amazon_lawn_garden"))

    def test_unmapped(self):
        self.assertFalse(self.match("amazon", "Zzyzx"))
        self.assertEqual(self.Map._match("amazon", [False, None, ""]), {})

    def test_a_new_name_is_known_at_once(self):
        self.assertFalse(self.match("amazon", "Zzyzx"))
        self.Map.create({"source_name": "Zzyzx", "fee_category_id": self.toys.id})
        self.assertEqual(self.match("amazon", "zzyzx"), self.toys)

    def test_a_renamed_category_still_matches(self):
        """By the translation dialog as by a form; the name it had goes on leading to it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.toys.update_field_translations("name", {"en_US": "Zzyzx", "fr_FR": "Qwyjibos"})
        for name in ("Zzyzx", "qwyjibo", "Toys & Games"):
            self.assertEqual(self.match("amazon", name), self.toys, name)
        self.toys.name = "Frobnicators"
        for name in ("Frobnicator", "Zzyzx", "Qwyjibo"):
            self.assertEqual(self.match("amazon", name), self.toys, name)
        # a name that another category has now is that category's
        books = self.category("amazon_books")
        books.name = "Zzyzx Books"
        self.assertEqual(self.match("amazon", "Zzyzx Books"), books)

    def test_names_of_rules_have_the_reader_s_decimal_sign(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        rate = self.env["onep.vat.rate"].create(
            {"country_id": self.env.ref("base.mc").id, "rate": 0.055, "valid_from": "2026-01-01"}
        )
        self.assertTrue(rate.with_context(lang="fr_FR").display_name.endswith("5,5 %"))
        self.assertTrue(rate.with_context(lang="en_US").display_name.endswith("5.5 %"))

    def test_one_category_by_name(self):
        vals = {"source_name": "Les Jouet", "fee_category_id": self.toys.id}
        with self.assertRaisesRegex(ValidationError, "Les Jouet is mapped already, as Jouets"):
            self.Map.create(vals)

    def test_query_count(self):
        self.Map._match("amazon", ["Jouets"])
        with self.assertQueryCount(0):
            self.Map._match("amazon", ["Jouets", "Livres", "Zzyzx"])
