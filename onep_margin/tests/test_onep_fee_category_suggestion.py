from odoo.exceptions import UserError

from ..engine import categories
from .margin_case import MarginCase


class TestFeeCategorySuggestion(MarginCase):
    """Names that nobody mapped are listed with what they hold up, and mapped by one click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Suggestion = cls.env["onep.fee.category.suggestion"]
        cls.Map = cls.env["onep.fee.category.map"]
        cls.parent = cls.env["product.category"].create({"name": "Zzyzx"})
        cls.child = cls.parent.create({"name": "Qwyjibo", "parent_id": cls.parent.id})
        cls.alike = cls.parent.create({"name": "Jouets premier âge en bois"})
        cls.env["product.template"].create(
            [{"name": "A", "categ_id": cls.child.id}] * 2
            + [{"name": "B", "categ_id": cls.alike.id}]
        )

    def listed(self, platform="amazon"):
        self.Suggestion.action_open()
        rows = self.Suggestion.search([("platform", "=", platform)])
        return {row.source_name: row for row in rows}

    def test_accept(self):
        rows = self.listed()
        unknown, alike = rows["Zzyzx / Qwyjibo"], rows["Jouets premier âge en bois"]
        self.assertEqual((unknown.state, unknown.offer_count), ("unmapped", 2))
        self.assertFalse(unknown.fee_category_id)
        self.assertTrue(alike.fee_category_id)
        self.assertLess(alike.confidence, 1.0)
        self.assertEqual(alike.product_category_id, self.alike)
        with self.assertRaisesRegex(UserError, "Qwyjibo"):
            (unknown | alike).action_accept()
        unknown.fee_category_id = self.toys
        (unknown | alike).action_accept()
        self.assertEqual(
            self.Map._match("amazon", ["Zzyzx / Qwyjibo"])["Zzyzx / Qwyjibo"].key, self.toys.id
        )
        self.assertFalse({"Zzyzx / Qwyjibo", "Jouets premier âge en bois"} & set(self.listed()))
        # Another marketplace has categories of its own.
        self.assertIn("Zzyzx / Qwyjibo", self.listed("fnac"))

    def test_a_guess_is_listed_until_it_is_accepted(self):
        guess = self.parent.create({"name": "Jouets", "parent_id": self.parent.id})
        deep = self.parent.create({"name": "Xyzzy", "parent_id": guess.id})
        self.env["product.template"].create({"name": "C", "categ_id": deep.id})
        row = self.listed()["Zzyzx / Jouets / Xyzzy"]
        self.assertEqual((row.state, row.fee_category_id), ("guessed", self.toys))
        row.action_accept()
        match = self.Map._match("amazon", [deep.complete_name])[deep.complete_name]
        self.assertFalse(match.is_estimated)

    def test_products_inherit_from_the_category_above(self):
        self.Map.create(
            {
                "source_name": "Zzyzx",
                "fee_category_id": self.toys.id,
                "product_category_id": self.parent.id,
            }
        )
        found = self.Map._match_product_categories("amazon", self.parent | self.child)
        self.assertEqual(
            (found[self.parent].key, found[self.parent].is_estimated), (self.toys.id, False)
        )
        self.assertEqual(
            (found[self.child].key, found[self.child].is_estimated), (self.toys.id, True)
        )
        books = self.env.ref("onep_margin.fee_category_amazon_books")
        self.Map.create(
            {
                "source_name": "Qwyjibo",
                "fee_category_id": books.id,
                "product_category_id": self.child.id,
            }
        )
        found = self.Map._match_product_categories("amazon", self.child)
        self.assertEqual((found[self.child].key, found[self.child].is_estimated), (books.id, False))
        self.assertFalse(self.Map._match_product_categories("fnac", self.child))

    def test_nothing_alike_is_proposed_for_nonsense(self):
        known = {"toy": (1, 1.0), "board game": (2, 1.0)}
        found = categories.suggest(["Toys for children", "Qwyjibo", ""], known)
        self.assertEqual(set(found), {"Toys for children"})
        self.assertEqual(found["Toys for children"].key, 1)
        self.assertTrue(found["Toys for children"].is_estimated)
