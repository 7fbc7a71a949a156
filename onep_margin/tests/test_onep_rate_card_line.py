from odoo.exceptions import ValidationError

from .margin_case import MarginCase


class TestRateCardLine(MarginCase):
    """Two rules never answer for the same price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.new_card(cls)
        cls.rule = cls.card.line_ids

    def add(self, **vals):
        return self.rule.create(
            {"card_id": self.card.id, "category_id": self.rule.category_id.id, "rate": 0.2} | vals
        )

    def test_overlap_names_the_other_rule(self):
        with self.assertRaisesRegex(ValidationError, "Category of Test card: 10 %"):
            self.add()

    def test_bands_that_touch_do_not_overlap(self):
        self.rule.write({"method": "whole", "tier_max": 10.0})
        self.add(method="whole", tier_min=10.0)
        with self.assertRaises(ValidationError):
            self.add(method="whole", tier_min=9.0, tier_max=9.5)

    def test_one_method_by_category(self):
        self.rule.write({"method": "whole", "tier_max": 10.0})
        with self.assertRaises(ValidationError):
            self.add(method="marginal", tier_min=10.0)

    def test_a_condition_may_have_its_own_rule(self):
        self.assertTrue(self.add(condition="used"))
        with self.assertRaises(ValidationError):
            self.add(condition="used")

    def test_archived_rules_do_not_conflict(self):
        self.rule.active = False
        self.assertTrue(self.add())
        with self.assertRaises(ValidationError):
            self.rule.active = True

    def test_category_of_the_same_marketplace(self):
        with self.assertRaises(ValidationError):
            self.add(category_id=self.toys.id)
