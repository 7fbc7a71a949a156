from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .margin_case import MarginCase


class TestConflicts(MarginCase):
    """Of two rules for the same case the second one is refused, and the first one named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.new_card(cls, name="Fnac Belgium")
        cls.category = cls.card.line_ids.category_id
        cls.tier = cls.env["onep.logistics.tier"].create(
            {
                "card_id": cls.card.id,
                "name": "Small box",
                "max_longest_mm": 300,
                "band_ids": [(0, 0, {"weight_max_g": 500, "amount": 3.0})],
            }
        )
        cls.grid = cls.env["onep.carrier.grid"].create(
            {
                "name": "Bpost",
                "code": "bpost",
                "country_id": cls.env.ref("base.be").id,
                "currency_id": cls.euro.id,
                "valid_from": "2026-01-01",
                "line_ids": [(0, 0, {"weight_max_g": 1000, "amount": 5.0})],
            }
        )

        cls.contribution = cls.env["onep.contribution"].create(
            {
                "country_id": cls.env.ref("base.be").id,
                "currency_id": cls.euro.id,
                "scheme": "deee",
                "name": "Kettle",
                "amount": 0.34,
                "valid_from": "2026-01-01",
            }
        )

    def cases(self):
        """(model, values of a rule, what differs in one that may stand beside it, its name)"""
        card, country = {"card_id": self.card.id}, {"country_id": self.env.ref("base.ad").id}
        euro = {"currency_id": self.euro.id}
        rule = {**card, "category_id": self.category.id, "condition": "used", "rate": 0.2}
        return [
            (
                "onep.rate.card.line",
                rule | {"method": "whole", "tier_min": 5.0, "tier_max": 20.0},
                {"tier_min": 20.0, "tier_max": 0.0},
                "5 – 20",
            ),
            (
                "onep.rate.card",
                {**country, **euro, "name": "Fnac Andorra", "platform": "fnac"}
                | {"valid_from": "2026-03-01", "valid_to": "2026-06-30"},
                {"valid_from": "2026-07-01", "valid_to": False},
                "Fnac Andorra",
            ),
            (
                "onep.rate.card.surcharge",
                {**card, "name": "Peak", "amount": 0.3}
                | {"valid_from": "2026-10-15", "valid_to": "2027-01-14"},
                {"name": "Fuel"},
                "Peak",
            ),
            (
                "onep.logistics.tier",
                {**card, "name": "Large box", "max_longest_mm": 600, "max_weight_g": 5000},
                {"is_low_price": True},
                "Large box",
            ),
            (
                "onep.logistics.band",
                {"tier_id": self.tier.id, "weight_max_g": 900, "amount": 4.0},
                {"weight_max_g": 0},
                "Small box ≤ 900 g",
            ),
            (
                "onep.logistics.adjustment",
                {**card, "code": "lithium", "name": "Lithium", "amount": 0.1},
                {"tier_id": self.tier.id},
                "Lithium",
            ),
            (
                "onep.carrier.grid.line",
                {"grid_id": self.grid.id, "weight_max_g": 2000, "amount": 6.0},
                {"zone": "Corse"},
                "Bpost ≤ 2000 g",
            ),
            (
                "onep.carrier.supplement",
                {"grid_id": self.grid.id, "name": "Signature", "code": "sign", "amount": 1.2},
                {"above_weight_g": 10_000.0},
                "Signature and Signature",
            ),
            (
                "onep.carrier.grid",
                {**country, **euro, "name": "Andorra Post", "code": "ad"}
                | {"valid_from": "2026-01-01"},
                {"code": "ad_express"},
                "Andorra Post",
            ),
            (
                "onep.vat.rate",
                {**country, "kind": "reduced", "rate": 0.05, "valid_from": "2026-01-01"},
                {"kind": "standard"},
                "VAT Andorra",
            ),
            (
                "onep.contribution",
                {**country, **euro, "scheme": "deee", "name": "Kettle", "amount": 0.34}
                | {"measure_min": 0.0, "measure_max": 5.0, "valid_from": "2026-01-01"},
                {"measure_min": 5.0, "measure_max": 10.0},
                "Kettle",
            ),
            (
                "onep.fee.category.map",
                {"fee_category_id": self.category.id, "source_name": "Zzbouilloires"},
                {"source_name": "Zzgrille-pain"},
                "Zzbouilloires",
            ),
            (
                "onep.price.rounding",
                {**euro, "platform": "fnac", "step": 5.0, "ending": 4.9},
                {"company_id": self.env.company.id},
                "Fnac Darty: ",
            ),
            (
                "onep.contribution.category",
                {"source_name": "Zzbouilloires", "contribution_id": self.contribution.id},
                {"source_name": "Zzgrille-pain"},
                "Zzbouilloires → Kettle",
            ),
        ]

    def test_every_kind_of_rule(self):
        for model, vals, difference, name in self.cases():
            with self.subTest(model):
                Model = self.env[model]
                first = Model.create(vals)
                self.assertTrue(Model.create(vals | difference))
                with self.assertRaisesRegex(ValidationError, name), self.env.cr.savepoint():
                    Model.create(vals)
                with self.assertRaisesRegex(ValidationError, name), self.env.cr.savepoint():
                    Model.create([dict(vals, active=False), dict(vals, active=False)]).active = True
                first.active = False
                self.assertTrue(Model.create(vals))

    def test_the_database_refuses_what_two_people_save_at_once(self):
        """The check of the one cannot see the row of the other: the constraint does."""
        for model, vals, _difference, _name in self.cases():
            with self.subTest(model):
                first = self.env[model].create(vals)
                other = self.env[model].create(dict(vals, active=False))
                self.env.flush_all()
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(IntegrityError),
                    self.env.cr.savepoint(),
                ):
                    self.env.cr.execute(
                        f"UPDATE {other._table} SET active = TRUE WHERE id = %s", other.ids
                    )
                    self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self.assertTrue(first.active)

    def test_bands_may_be_moved_together(self):
        """A write that moves several bands is judged by its end, not on its way."""
        rules = self.env["onep.rate.card.line"].create(
            [
                {
                    "card_id": self.card.id,
                    "category_id": self.category.id,
                    "condition": "used",
                    "method": "whole",
                    "tier_min": lower,
                    "tier_max": upper,
                    "rate": rate,
                }
                for lower, upper, rate in ((0, 10, 0.08), (10, 0, 0.15))
            ]
        )
        self.card.write(
            {
                "line_ids": [
                    (1, rules[0].id, {"tier_max": 15.0}),
                    (1, rules[1].id, {"tier_min": 15.0}),
                ]
            }
        )
        self.assertEqual(rules.mapped("tier_min"), [0.0, 15.0])

    def test_dates_that_touch(self):
        rate = self.env["onep.vat.rate"].create(
            {"country_id": self.env.ref("base.mc").id, "rate": 0.2, "valid_from": "2026-01-01"}
        )
        with self.assertRaisesRegex(ValidationError, "VAT Monaco"), self.env.cr.savepoint():
            rate.copy({"valid_from": "2027-01-01", "rate": 0.21})
        rate.valid_to = "2026-12-31"
        self.assertTrue(rate.copy({"valid_from": "2027-01-01", "valid_to": False, "rate": 0.21}))

    def test_one_statement_for_many_rules(self):
        lines = self.amazon.line_ids
        self.env.flush_all()
        with self.assertQueryCount(4):
            # pair, constraint, SET, siblings
            lines._check_conflicts()
