from odoo import fields

from ..wizards.onep_fee_gap import Place
from .margin_case import MarginCase


class TestFeeGap(MarginCase):
    """What is missing is told in words, and opens what is to be mended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Gap = cls.env["onep.fee.gap"]
        cls.monaco = cls.env.ref("base.mc")
        cls.card = cls.new_card(cls, name="Fnac Monaco", country_id=cls.monaco.id)
        cls.rule = cls.card.line_ids
        places = [Place("fnac", cls.monaco, "Fnac Monaco"), Place("amazon", cls.france, "Amazon")]
        # The same with and without the addon that knows marketplaces and opportunities.
        cls.classPatch(type(cls.Gap), "_get_places", lambda gap: places)
        cls.classPatch(type(cls.Gap), "_count_used_categories", lambda gap, place: None)

    def gaps(self, kind, words):
        self.Gap.action_open()
        rows = self.Gap.search([("kind", "=", kind)])
        return rows.filtered(lambda gap: words in gap.name)

    def test_no_card_after_a_day(self):
        today = fields.Date.context_today(self.Gap)
        self.assertFalse(self.gaps("card", "Fnac Monaco"))
        self.card.valid_to = fields.Date.add(today, days=20)
        gap = self.gaps("card", "Fnac Monaco ends on")
        self.assertEqual((gap.severity, gap.action_mend()["res_id"]), ("2_soon", self.card.id))
        self.card.valid_to = fields.Date.subtract(today, days=1)
        self.assertEqual(self.gaps("card", "Fnac Monaco has no rate card").severity, "1_blocking")

    def test_price_ranges(self):
        self.rule.write({"method": "whole", "tier_min": 5.0, "tier_max": 10.0})
        self.rule.copy({"tier_min": 20.0, "tier_max": 50.0})
        found = self.gaps("commission", f"{self.rule.category_id.name} has no commission")
        self.assertEqual(
            {name.split("commission ")[1].split(" in ")[0] for name in found.mapped("name")},
            {"from 0 to 5", "from 10 to 20", "above 50"},
        )
        self.assertEqual(found[0].action_mend()["res_id"], self.card.id)

    def test_weights(self):
        tier = self.env["onep.logistics.tier"].create(
            {
                "card_id": self.card.id,
                "name": "Crate",
                "max_weight_g": 5000,
                "band_ids": [(0, 0, {"weight_max_g": 3000, "amount": 3.0})],
            }
        )
        gap = self.gaps("fulfilment", "Crate has no fee from 3000 to 5000 g")
        self.assertEqual(gap.action_mend()["res_id"], tier.id)
        tier.band_ids.weight_max_g = 0
        self.assertFalse(self.gaps("fulfilment", "Crate"))
        self.assertEqual(len(self.gaps("carrier", "No carrier delivers to Monaco")), 1)
        grid = self.env["onep.carrier.grid"].create(
            {
                "name": "Poste",
                "code": "mc",
                "country_id": self.monaco.id,
                "currency_id": self.euro.id,
                "valid_from": "2026-01-01",
                "max_weight_g": 30000,
            }
        )
        self.assertFalse(self.gaps("carrier", "Monaco"))
        self.assertEqual(self.gaps("carrier", "Poste has no price.").res_id, grid.id)
        grid.line_ids = [(0, 0, {"weight_max_g": 10000, "amount": 9.0, "status": "estimate"})]
        self.assertEqual(len(self.gaps("carrier", "Poste has no price from 10000 to 30000 g")), 1)
        self.assertEqual(self.gaps("carrier", "Poste has no fuel").severity, "4_advice")
        self.assertEqual(self.gaps("status", "Poste is in use with 1 figures").count, 1)

    def test_vat_and_currency(self):
        self.assertEqual(
            self.gaps("vat", "Monaco has no VAT rate for goods of the kind Standard").severity,
            "1_blocking",
        )
        pound = self.env.ref("base.GBP")
        pound.active = True
        pound.rate_ids.unlink()
        self.card.currency_id = pound
        self.assertEqual(self.gaps("currency", "GBP has no exchange rate").res_id, pound.id)
        pound.rate_ids.create(
            {
                "currency_id": pound.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.8,
            }
        )
        self.assertEqual(self.gaps("currency", "rate of GBP is of").severity, "3_doubtful")

    def test_unmapped_names(self):
        category = self.env["product.category"].create({"name": "Zzyzx"})
        self.env["product.template"].create([{"name": "A", "categ_id": category.id}] * 3)
        gap = self.gaps("category", "not mapped on Amazon")
        self.assertGreaterEqual(gap.count, 3)
        self.assertEqual(gap.action_mend()["res_model"], "onep.fee.category.suggestion")
        self.Gap.search([]).unlink()
        self.assertEqual(self.Gap.action_refresh()["tag"], "soft_reload")
        self.assertTrue(self.Gap.search([("kind", "=", "category")]))
