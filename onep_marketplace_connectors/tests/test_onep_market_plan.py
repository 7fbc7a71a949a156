from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.steps import Step

from .funnel_case import FunnelCase
from .market_case import gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketPlan(FunnelCase):
    def setUp(self):
        super().setUp()
        offers = self.env["onep.marketplace.offer"].create(
            [
                {
                    "marketplace_id": self.place.id,
                    "gtin": gtin,
                    "external_id": f"B{gtin[-9:]}",
                    "state": "found",
                    "fetched_at": fields.Datetime.now(),
                    "identified_at": fields.Datetime.now(),
                }
                for gtin in gtins(100)
            ]
        )
        self.age(offers, days=2)
        limits = {"wide": Limit(0.5, 1), "detail": Limit(0.1, 1)}
        self.patch(
            self.env.registry["onep.marketplace"], "_get_present_limits", lambda place: limits
        )

    def plan(self, marketplaces=None):
        action = (marketplaces or self.place).action_plan()
        return self.env[action["res_model"]].browse(action["res_id"])

    def left_today(self, seconds):
        self.patch(
            self.env.registry["onep.marketplace"],
            "_get_seconds_left_today",
            lambda place: seconds,
        )

    def test_how_long_and_what_limits(self):
        self.left_today(36000)
        plan = self.plan()
        wide, detail = (
            plan.line_ids.filtered(lambda line, step=step: line.step == step)
            for step in (Step.WIDE, Step.DETAIL)
        )
        # 10 calls of 10 EANs: the first at once, one each 2 s, one each 10 s
        self.assertEqual((wide.asked_count, wide.call_count, wide.seconds), (100, 10, 18.0))
        self.assertEqual((detail.call_count, detail.seconds), (10, 90.0))
        self.assertEqual((wide.is_limiting, detail.is_limiting), (False, True))
        place = plan.place_ids
        self.assertEqual((place.asked_count, place.today_count), (100, 100))
        self.assertEqual((place.seconds, place.limiting), (90.0, "detail"))
        self.assertIn("2 min", place.message)
        self.assertIn("detail is what limits", place.message)

    def test_how_much_fits_today(self):
        self.left_today(45)
        place = self.plan().place_ids
        # the burst and 4 more calls of the dearest operation
        self.assertEqual(place.today_count, 50)
        self.assertIn("50 of them fit", place.message)

    def test_start(self):
        self.left_today(45)
        action = self.plan().action_start()
        run = self.env["onep.market.sync"].browse(action["res_id"])
        self.assertEqual((run.kind, run.asked_count, run.left_count), ("sweep", 50, 50))

    def test_account_that_is_not_set_up_says_so_beside_the_others(self):
        bare = self.make_marketplace("cdiscount", cdiscount_client_secret=False)
        plan = self.plan(self.place | bare)
        messages = {place.marketplace_id: place.message for place in plan.place_ids}
        self.assertIn("not set up", messages[bare])
        self.assertIn("100 EANs", messages[self.place])

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_s_account_is_not_planned(self):
        company = self.env["res.company"].create({"name": "Other"})
        user = self.make_user(
            "connector_elsewhere",
            "group_connector_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        Plan = self.env["onep.market.plan"].with_user(user)
        with self.assertRaises(AccessError):
            Plan.create({"marketplace_ids": [(6, 0, self.place.ids)]})

    def test_form(self):
        with Form(self.plan()) as form:
            self.assertEqual(len(form.place_ids), 1)
