from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .margin_case import MarginCase


class TestMarginScenario(MarginCase):
    """Simulations kept under a name, compared, and opened again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.Simulator = cls.env["onep.margin.simulator"]
        action = cls.Simulator._open(
            {
                "subject": "Puzzle",
                "platform": "amazon",
                "country_id": cls.france.id,
                "on_date": cls.today,
                "fee_category_id": cls.toys.id,
                "sell_price_taxed": 48.0,
                "buy_price": 20.0,
                "purchase_price": 20.0,
                "extra_cost": 0.5,
                "eco_tax": 0.1,
                "weight_g": 700.0,
                "length_mm": 300.0,
                "width_mm": 200.0,
                "height_mm": 100.0,
                "target_roi": 0.3,
            }
        )
        cls.deal = cls.Simulator.browse(action["res_id"])

    def save(self, name, **moved):
        self.deal.write(moved | {"scenario_name": name})
        self.deal.action_save_scenario()
        return self.env["onep.margin.scenario"].search([("name", "=", name)])

    def column(self, table, place):
        return {row["key"]: row["values"][place] for row in table["rows"]}

    def test_what_moves_is_told_from_today(self):
        self.assertFalse(self.deal.is_moved)
        self.deal.buy_price = 19.4
        self.assertTrue(self.deal.is_moved)
        table = self.deal.comparison
        self.assertEqual([column["label"] for column in table["columns"]], ["Today", "Simulation"])
        self.assertEqual(self.column(table, 0)["net_margin"], 5.85)
        self.assertEqual(self.column(table, 1)["net_margin"], 6.45)
        self.deal.action_back_to_today()
        self.assertEqual(self.deal.net_margin, 5.85)
        self.deal.buy_price = 19.4
        self.deal.action_take_as_today()
        self.assertEqual(self.column(self.deal.comparison, 0)["net_margin"], 6.45)

    def test_saved_with_its_figures_and_what_it_moved(self):
        scenario = self.save("Supplier gives 3 %", buy_price=19.4)
        self.assertEqual(scenario.net_margin, 6.45)
        self.assertEqual(scenario.user_id, self.env.user)
        self.assertAlmostEqual(scenario.cost_change_rate, -0.03)
        self.assertFalse(scenario.price_change_rate)
        self.assertEqual(scenario.lever_text, "supplier's price −3 %")
        self.toys.line_ids.filtered("card_id").rate = 0.5
        scenario.invalidate_recordset()
        self.assertEqual(scenario.net_margin, 6.45)

    def test_unnamed_is_named_by_what_it_moves(self):
        self.deal.write({"sell_price_taxed": 50.4, "fulfilment": "merchant"})
        self.deal.action_save_scenario()
        scenario = self.env["onep.margin.scenario"].search([], limit=1)
        self.assertEqual(scenario.name, "selling price +5 %, shipped by us")

    def test_side_by_side(self):
        cheap = self.save("Cheaper", buy_price=18.0)
        dear = self.save("Dearer", buy_price=20.0, sell_price_taxed=55.0)
        lost = self.save("Weightless", weight_g=0.0)
        action = (cheap | dear | lost).action_compare()
        comparison = self.env[action["res_model"]].browse(action["res_id"])
        table = comparison.table
        self.assertEqual(
            [(column["label"], column["is_best"]) for column in table["columns"]],
            [("Today", False), ("Cheaper", False), ("Dearer", True), ("Weightless", False)],
        )
        self.assertEqual(self.column(table, 1)["net_margin"], 7.85)
        self.assertIsNone(self.column(table, 3)["net_margin"])
        self.assertEqual(self.column(table, 3)["unknown_text"], "no weight")
        self.assertFalse(comparison.note)
        with self.assertRaises(UserError):
            self.env["onep.margin.scenario"].action_compare()

    def test_opened_again_by_the_rules_of_its_day(self):
        scenario = self.save("Dearer", sell_price_taxed=55.0)
        action = scenario.action_open_simulator()
        again = self.Simulator.browse(action["res_id"])
        self.assertEqual(again.net_margin, scenario.net_margin)
        self.assertEqual(again.on_date, self.today)
        self.assertEqual(self.column(again.comparison, 0)["net_margin"], 5.85)

    def test_colleagues_read_and_owners_change(self):
        options = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        owner, colleague, manager = (
            new_test_user(self.env, login, groups=f"onep_margin.{group}", **options)
            for login, group in (
                ("owner_mg", "group_margin_user"),
                ("colleague_mg", "group_margin_user"),
                ("manager_mg", "group_margin_manager"),
            )
        )
        scenario = (
            self.env["onep.margin.scenario"].with_user(owner).create({"name": "Mine", "note": "x"})
        )
        self.assertEqual(scenario.with_user(colleague).name, "Mine")
        with self.assertRaises(AccessError):
            scenario.with_user(colleague).name = "Yours"
        scenario.with_user(manager).name = "Ours"
        other = self.env["res.company"].create({"name": "Other"})
        owner.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        found = self.env["onep.margin.scenario"].with_user(owner).with_company(other)
        self.assertNotIn(
            scenario,
            found.with_context(allowed_company_ids=other.ids).search([]),
        )
