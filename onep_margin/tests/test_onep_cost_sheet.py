from contextlib import contextmanager

import numpy as np
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from ..engine import customs
from ..engine.landed import land
from .margin_case import MarginCase


class TestOnepCostSheet(MarginCase):
    """From terms, duties, contributions and rates to what the engine reads of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls.env["res.currency"].create({"name": "XUD", "symbol": "X$"})
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.dollar.id,
                "company_id": False,
                "name": "2026-01-01",
                "rate": 2.0,
            }
        )
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Lantau", "is_company": True, "country_id": cls.env.ref("base.hk").id}
        )
        # Worked by hand: 10 % then 5 % off; 30 of carriage over an order of 600, that is 5 %.
        cls.terms = cls.env["onep.supplier.terms"].create(
            {
                "partner_id": cls.supplier.id,
                "currency_id": cls.dollar.id,
                "valid_from": "2026-01-01",
                "discount_1": 0.1,
                "discount_2": 0.05,
                "order_value": 600.0,
                "carriage": 30.0,
                "carriage_paid_from": 900.0,
                "inbound_per_unit": 0.4,
            }
        )
        cls.duty = cls.env["onep.customs.duty"].create(
            {"hs_prefix": "8528.72", "rate": 0.14, "valid_from": "2026-01-01"}
        )

    def sheet(self, on_date=None):
        return self.env["onep.cost.sheet"]._get_engine_sheet(on_date or self.today)

    def land(self, on_date=None, partner=None, **columns):
        """Land one offer at 100.00 of the supplier's currency."""
        partner = partner or self.supplier
        sheet = self.sheet(on_date)
        usual = {
            "price": 100.0,
            "quantity": 1.0,
            "eco_amount": np.nan,
            "partner_id": partner.id,
            "currency_id": self.dollar.id,
            "country_id": partner.country_id.id or np.nan,
            "weight_g": 500.0,
            "volume_mm3": np.nan,
        }
        codes = {
            "commodity_code": customs.codes(["8528720000"])[0],
            "origin": -1,
            "eco_kind": -1,
            "levy_kind": -1,
        }
        arrays = {name: np.array([value]) for name, value in (usual | codes | columns).items()}
        purchase, _assumed = sheet.purchase(arrays)
        return land(purchase, sheet.tables)

    def test_terms_duty_and_rate(self):
        """85.50 $ is 42.75 €; carriage 5 % of it, transport 0.40, duty 14 % of the three."""
        landed = self.land()
        self.assertAlmostEqual(landed.buy_price[0], 42.75)
        self.assertAlmostEqual(landed.supplier_extras[0], 2.1375)
        self.assertAlmostEqual(landed.inbound_cost[0], 0.4)
        self.assertAlmostEqual(landed.customs_duty[0], 0.14 * 45.2875)
        self.assertEqual(self.sheet().tables.duties.refs, (f"onep.customs.duty,{self.duty.id}",))

    def test_terms_in_the_currency_of_the_offer(self):
        """An offer in euros of the same supplier bears the same terms, in euros."""
        landed = self.land(currency_id=self.euro.id)
        self.assertAlmostEqual(landed.buy_price[0], 85.5)
        # 15 € over 300 €
        self.assertAlmostEqual(landed.supplier_extras[0], 4.275)

    def test_rows_are_dated(self):
        before = self.land("2025-12-31")
        self.assertEqual(before.unknown[0].bit_count(), 2)  # neither a rate nor a duty then
        self.terms.valid_to = "2026-06-30"
        after = self.land("2026-07-01")
        self.assertAlmostEqual(after.buy_price[0], 50.0)
        self.assertEqual(after.supplier_extras[0], 0.0)

    def test_a_change_is_seen_at_once(self):
        self.assertIs(self.sheet(), self.sheet())
        self.terms.discount_2 = 0.0
        self.assertAlmostEqual(self.land().buy_price[0], 45.0)
        self.duty.rate = 0.0
        self.assertEqual(self.land().customs_duty[0], 0.0)
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.dollar.id,
                "company_id": self.company.id,
                "name": "2026-11-01",
                "rate": 2.5,
            }
        )
        self.assertAlmostEqual(self.land().buy_price[0], 36.0)
        self.env["onep.currency.margin"].create(
            {"currency_id": self.dollar.id, "safety_margin": 0.05, "valid_from": "2026-01-01"}
        )
        self.assertAlmostEqual(self.land().buy_price[0], 37.8)
        self.company.margin_receiving_cost = 0.3
        self.assertEqual(self.land().receiving_cost[0], 0.3)

    def test_own_rows_replace_shared_ones(self):
        own = {"company_id": self.company.id, "valid_from": "2026-01-01"}
        self.terms.copy(own | {"discount_1": 0.2, "discount_2": 0.0, "active": True})
        self.duty.copy(own | {"rate": 0.0})
        landed = self.land()
        self.assertAlmostEqual(landed.buy_price[0], 40.0)
        self.assertEqual(landed.customs_duty[0], 0.0)

    def test_origin_and_customs_union(self):
        chinese = self.env["onep.customs.duty"].create(
            {
                "hs_prefix": "852872",
                "origin_id": self.env.ref("base.cn").id,
                "rate": 0.2,
                "valid_from": "2026-01-01",
            }
        )
        origin = self.sheet().tables.duties.origin_index("CN")
        value = 45.2875
        self.assertAlmostEqual(self.land(origin=origin).customs_duty[0], 0.2 * value)
        self.assertAlmostEqual(self.land().customs_duty[0], 0.14 * value)
        self.assertIn("China", chinese.display_name)
        for code in ("base.de", "base.mc", "base.fr"):
            self.supplier.country_id = self.env.ref(code)
            self.assertEqual(self.land(commodity_code=-1).customs_duty[0], 0.0, code)
        self.supplier.country_id = self.env.ref("base.ch")
        self.assertTrue(np.isnan(self.land(commodity_code=-1).landed_cost[0]))
        self.terms.is_duty_paid = True
        self.assertFalse(np.isnan(self.land(commodity_code=-1).landed_cost[0]))

    def test_contribution_by_category(self):
        phone = self.env["onep.contribution"].search(
            [("scheme", "=", "deee"), ("name", "=", "Smartphone")], limit=1
        )
        self.env["onep.contribution.category"].create(
            {"source_name": "Téléphones mobiles", "contribution_id": phone.id}
        )
        category = self.env["onep.contribution.category"]
        match = category._match(["Téléphonie > TELEPHONE MOBILE", "Livres"], False)
        self.assertEqual(list(match), ["Téléphonie > TELEPHONE MOBILE"])
        self.assertFalse(category._match(["Téléphones mobiles"], True))
        key = (*match["Téléphonie > TELEPHONE MOBILE"].key, "new")
        kind = self.sheet().tables.contributions.index(key)
        landed = self.land(eco_kind=kind)
        self.assertAlmostEqual(landed.eco_contribution[0], 2.56)
        self.terms.eco_position = "inside"
        self.assertEqual(self.land(eco_kind=kind).eco_contribution[0], 0.0)

    @contextmanager
    def assertRefused(self, words):
        """The change is refused with these words, and undone."""
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            yield

    def test_refused_terms(self):
        with self.assertRefused("Terms of Lantau.*both be in force"):
            self.terms.copy({"active": True})
        with self.assertRefused("Usual Order"):
            self.terms.order_value = 0.0
        with self.assertRefused("Its Weight"):
            self.terms.spread = "weight"
        with self.assertRefused("below zero"):
            self.terms.handling = -1.0
        nowhere = self.env["res.currency"].create({"name": "XNW", "symbol": "N"})
        with self.assertRefused("exchange rate.*XNW"):
            self.terms.currency_id = nowhere
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.terms.discount_1 = 1.0
            self.terms.flush_recordset()

    def test_customs_codes(self):
        self.assertEqual(self.duty.hs_prefix, "852872")
        for code in ("8", "85 28 72 00 00 11", "TV8528"):
            with self.assertRefused("no customs code"):
                self.duty.hs_prefix = code
        with self.assertRefused("both be in force"):
            self.duty.copy({"valid_from": "2026-05-01"})

    def test_supplier_form(self):
        """A supplier's form leads to its terms, and to a new one that knows the supplier."""
        contact = self.env["res.partner"].create(
            {"name": "Desk", "parent_id": self.supplier.id, "type": "contact"}
        )
        self.assertEqual((self.supplier.onep_terms_count, contact.onep_terms_count), (1, 1))
        action = contact.action_open_onep_terms()
        self.assertEqual(self.env["onep.supplier.terms"].search(action["domain"]), self.terms)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        view = "onep_margin.onep_supplier_terms_view_form"
        with Form(
            self.env["onep.supplier.terms"].with_context(
                **other.action_open_onep_terms()["context"]
            ),
            view,
        ) as form:
            form.discount_1 = 0.03
            form.valid_from = "2026-01-01"
        self.assertEqual(other.onep_terms_ids.currency_id, self.euro)
        self.assertEqual(self.land(partner=other).buy_price[0], 48.5)

    def test_buyers_read_and_administrators_write(self):
        options = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        user = new_test_user(
            self.env, "terms_user", groups="onep_margin.group_margin_user", **options
        )
        manager = new_test_user(
            self.env, "terms_manager", groups="onep_margin.group_margin_manager", **options
        )
        elsewhere = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.euro.id}
        )
        rows = {
            self.terms: {"handling": 1.0},
            self.duty: {"rate": 0.1},
            self.env["onep.currency.margin"].create(
                {"currency_id": self.dollar.id, "safety_margin": 0.1}
            ): {"safety_margin": 0.2},
        }
        for row, vals in rows.items():
            row.with_user(user).read(list(vals))
            with self.assertRaises(AccessError):
                row.with_user(user).write(vals)
            row.with_user(manager).write(vals)
            self.assertIn(row, row.with_user(user).search([]))
            row.company_id = elsewhere
            self.assertNotIn(row, row.with_user(user).search([]))
