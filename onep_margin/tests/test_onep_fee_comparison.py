from odoo import Command
from odoo.exceptions import UserError

from .margin_case import MarginCase


class TestFeeComparison(MarginCase):
    """Two grids side by side: what is new, gone, changed, and by how much."""

    def compare(self, left, right, **vals):
        context = {"active_model": left._name, "active_ids": (left | right).ids}
        wizard = self.env["onep.fee.comparison"].with_context(**context).create(vals)
        action = wizard.action_compare()
        lines = self.env[action["res_model"]].search(action["domain"])
        return {(line.section, line.name): line for line in lines}

    def test_two_cards(self):
        other = self.amazon.copy({"valid_from": "2027-01-01"})
        rules = other.line_ids.filtered(lambda line: line.category_id == self.toys)
        rules.rate = 0.12
        other.line_ids.filtered(
            lambda line: line.category_id.name == "Musical Instruments & AV Production"
        ).active = False
        category = self.env["onep.fee.category"].create({"platform": "amazon", "name": "Robots"})
        other.line_ids.create({"card_id": other.id, "category_id": category.id, "rate": 0.2})
        other.subscription = 45.0
        lines = self.compare(self.amazon, other.with_context(active_test=False))
        toys = lines["commission", self.toys.name]
        self.assertEqual((toys.change, toys.before, toys.after), ("changed", 15.0, 12.0))
        self.assertAlmostEqual(toys.difference, -3.0)
        self.assertAlmostEqual(toys.difference_rate, -0.2)
        self.assertEqual(lines["commission", "Robots"].change, "new")
        self.assertEqual(lines["commission", "Musical Instruments & AV Production"].change, "gone")
        self.assertEqual(lines["setting", "Subscription per Month"].difference, 6.0)
        sample = lines["sample", f"Commission, {self.toys.name}"]
        self.assertEqual((sample.before, sample.after), (7.5, 6.0))
        unchanged = [line for line in lines.values() if line.section == "fulfilment"]
        self.assertTrue(unchanged)
        self.assertEqual({line.change for line in unchanged}, {"same"})

    def test_a_carrier_with_the_version_before(self):
        old = self.env.ref("onep_margin.carrier_colissimo_fr_2025")
        new = self.env.ref("onep_margin.carrier_colissimo_fr_2026")
        new.fuel_rate = 0.1
        for grid, amount, rate in ((old, 6.0, 0.0), (new, 7.5, 0.02)):
            grid.supplement_ids = [
                Command.clear(),
                Command.create({"name": "Signed", "code": "sign", "rate": rate, "amount": 1.0}),
                Command.create({"name": "Long", "above_longest_mm": 1200, "amount": amount}),
            ]
        wizard = self.env["onep.fee.comparison"].with_context(
            active_model=new._name, active_id=new.id
        )
        values = wizard.default_get(["kind", "grid_id", "other_grid_id"])
        self.assertEqual((values["grid_id"], values["other_grid_id"]), (old.id, new.id))
        lines = self.compare(old, new, sample_weight_g=1000.0)
        kilo = lines["price", "≤ 1000 g"]
        self.assertEqual(
            kilo.before, old.line_ids.filtered(lambda line: line.weight_max_g == 1000).amount
        )
        long = lines["supplement", "Long · Above Length (mm) 1200"]
        self.assertEqual((long.before, long.after, long.change), (6.0, 7.5, "changed"))
        self.assertEqual(lines["supplement", "Signed"].change, "same")
        signed = lines["supplement_share", "Signed"]
        self.assertEqual((signed.after, signed.change), (2.0, "new"))
        sample = lines["sample", "Parcel of 1000 g"]
        self.assertAlmostEqual(sample.before, kilo.before)
        self.assertAlmostEqual(sample.after, kilo.after * 1.1, 4)

    def test_two_are_needed(self):
        alone = self.new_card()
        with self.assertRaisesRegex(UserError, "two different grids"):
            self.compare(alone, alone)
