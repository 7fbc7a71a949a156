from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .margin_case import MarginCase


class TestSecurity(MarginCase):
    """Users read and simulate, administrators edit, companies do not mix."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        options = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.user = new_test_user(
            cls.env, "margin_user", groups="onep_margin.group_margin_user", **options
        )
        cls.manager = new_test_user(
            cls.env, "margin_manager", groups="onep_margin.group_margin_manager", **options
        )
        cls.stranger = new_test_user(cls.env, "stranger", groups="base.group_user", **options)

    def test_user_reads_and_simulates(self):
        card = self.RateCard.with_user(self.user)
        self.assertFalse(card._get_engine_card("amazon", "FR", self.today)[0].is_missing)
        self.assertTrue(self.env["onep.margin.simulator"].with_user(self.user).create({}))
        with self.assertRaises(AccessError):
            self.amazon.with_user(self.user).name = "Mine"

    def test_fee_tables_are_the_administrators(self):
        for model in (
            "onep.fee.version",
            "onep.carrier.import",
            "onep.fee.comparison",
            "onep.fee.category.suggestion",
            "onep.fee.gap",
        ):
            self.assertTrue(self.env[model].with_user(self.manager).has_access("create"), model)
            self.assertFalse(self.env[model].with_user(self.user).has_access("create"), model)
        line = self.amazon.line_ids[:1].with_user(self.user)
        self.assertNotIn("effect", line.fields_get())

    def test_a_simulated_deal_is_its_author_s(self):
        deal = self.env["onep.margin.simulator"].with_user(self.user).create({"buy_price": 4.2})
        deal.invalidate_recordset()
        self.assertEqual(deal.buy_price, 4.2)
        others = deal.with_user(self.manager)
        self.assertFalse(others.search([("id", "=", deal.id)]))
        with self.assertRaises(AccessError):
            others.read(["buy_price"])

    def test_manager_edits(self):
        self.amazon.with_user(self.manager).name = "Ours"
        self.assertEqual(self.amazon.origin, "administrator")

    def test_stranger_sees_nothing(self):
        with self.assertRaises(AccessError):
            self.amazon.with_user(self.stranger).read(["name"])

    def test_companies_do_not_mix(self):
        other = self.env["res.company"].create({"name": "Other"})
        card = self.new_card(company_id=other.id)
        visible = self.RateCard.with_user(self.manager).search([])
        self.assertNotIn(card, visible)
        self.assertIn(self.amazon, visible)
        lines = self.env["onep.rate.card.line"].with_user(self.manager).search([])
        self.assertNotIn(card.line_ids, lines)
