from datetime import timedelta

import numpy as np
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepPurchaseProposalRule(BuyingCase):
    """A list proposed every morning: 10.00 an article, ROI 80 %, one score for all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Europe/Paris"
        cls.rival = cls.make_feed(cls.make_supplier("Rival"))
        cls.opportunities = cls.env["onep.opportunity"].union(
            *(cls.make_opportunity(gtin, {"minimum_order_quantity": 5}) for gtin in GTINS[:3]),
            cls.make_opportunity(GTINS[3], {"minimum_order_quantity": 5}, feed=cls.rival),
        )
        cls.env.flush_all()
        cls.rule = cls.env["onep.purchase.proposal.rule"].create(
            {
                "name": "Every morning",
                "user_id": cls.buyer.id,
                "company_id": cls.company.id,
                "minimum_score": 0.0,
                "minimum_roi": 0.3,
                "cover_days": 20,
            }
        )

    def lists(self):
        return self.env["onep.picking.list"].search([("proposal_rule_id", "=", self.rule.id)])

    def test_a_proposed_list_with_a_to_do_for_its_buyer(self):
        action = self.rule.with_user(self.manager).action_run_now()
        picking = self.lists()
        self.assertRecordValues(
            picking,
            [{"state": "proposed", "user_id": self.buyer.id, "budget": 200.0, "line_count": 4}],
        )
        self.assertEqual(picking.company_id, self.company)
        self.assertEqual(picking.activity_ids.user_id, self.buyer)
        self.assertIn("4 lines", picking.activity_ids.summary)
        self.assertFalse(picking.purchase_order_ids)
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn(picking.name, self.rule.last_result)
        again = self.rule.with_user(self.manager).action_run_now()
        self.assertEqual(self.lists(), picking, "twice a day creates nothing twice")
        self.assertIn("already", again["params"]["message"])

    def test_cron_waits_for_the_company_s_hour_and_runs_once_a_day(self):
        self.company.onep_proposal_hour = 7
        with freeze_time("2031-07-08 04:30:00"):  # 06:30 in Paris
            self.env["onep.purchase.proposal.rule"]._cron_propose()
            self.assertFalse(self.lists())
        with freeze_time("2031-07-08 05:10:00"):
            self.env["onep.purchase.proposal.rule"]._cron_propose()
            self.assertEqual(len(self.lists()), 1)
            self.assertEqual(self.lists().proposed_on, fields.Date.to_date("2031-07-08"))
            self.lists().unlink()
            self.env["onep.purchase.proposal.rule"]._cron_propose()
            self.assertFalse(self.lists(), "what was thrown away is not proposed again today")

    def test_a_week_s_budget(self):
        """80 a week at 10 a unit: one line today, none tomorrow, one on Monday.

        The minimum of 5 costs 50: at 80 a week, the 30 that are left buy nothing.
        """
        self.rule.write({"weekly_budget": 80.0})
        with freeze_time("2031-07-08 08:00:00"):  # a Tuesday
            self.rule._run()
            self.assertEqual(self.lists().budget, 50.0)
            self.assertEqual(self.rule.taken_this_week, 50.0)
        with freeze_time("2031-07-09 08:00:00"):
            self.rule._run()
            self.assertEqual(len(self.lists()), 1)
            self.assertIn("budget", self.rule.last_result)
        with freeze_time("2031-07-14 08:00:00"):
            self.rule._run()
            self.assertEqual(self.lists().mapped("budget"), [50.0, 50.0])
            lines = self.lists().line_ids
            self.assertEqual(len(lines.supplier_offer_id), 2, "the open list's is not doubled")

    def test_limits_of_a_rule(self):
        self.rule.write({"partner_id": self.supplier.id, "maximum_lines": 2})
        self.rule._run()
        self.assertEqual(self.lists().line_ids.partner_id, self.supplier)
        self.assertEqual(self.lists().line_count, 2)

    def test_what_is_open_asked_or_awaited_is_left_out(self):
        """The first is in a draft, the second on an RFQ, the third awaited; the fourth remains."""
        self.make_list(self.opportunities[0], user=self.buyer)
        for number in (1, 2):
            picking = self.make_list(self.opportunities[number], user=self.buyer)
            picking.with_user(self.manager).action_approve()
            self.env["onep.rfq.create"].create({"list_id": picking.id}).action_create()
        picking.purchase_order_ids.button_confirm()
        found = self.rule._find_candidates(fields.Date.today())
        self.assertEqual(found, self.opportunities[3])
        receipt = picking.purchase_order_ids.picking_ids
        receipt.move_ids.quantity = 5
        receipt.move_ids.picked = True
        receipt._action_done()
        found = self.rule._find_candidates(fields.Date.today())
        self.assertEqual(found, self.opportunities[2] | self.opportunities[3])

    def test_what_was_refused_waits_a_week(self):
        self.rule._run()
        self.lists().with_user(self.buyer).action_cancel()
        today = fields.Date.today()
        self.assertFalse(self.rule._find_candidates(today))
        self.assertIn("All 4", self.rule._get_why_nothing())
        self.assertEqual(len(self.rule._find_candidates(today + timedelta(days=8))), 4)

    def test_nothing_to_propose_says_why(self):
        self.rule.write({"minimum_score": 99.5, "minimum_roi": 0.0})
        self.rule.with_user(self.manager).action_run_now()
        self.assertFalse(self.lists())
        self.assertEqual(self.rule.last_result, "Nothing above 99.5 points.")
        self.assertEqual(self.rule.last_run_on, self.rule._get_today())

    def test_stock_that_covers_the_sales_proposes_nothing(self):
        variant = self.env["product.product"].create({"name": "Known", "is_storable": True})
        opportunity = self.opportunities[0]
        opportunity.product_id.product_id = variant
        self.rule.partner_id = self.supplier
        (self.opportunities - opportunity).active = False
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        stock = warehouse.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(variant, stock, 500)
        customers = self.env.ref("stock.stock_location_customers")
        move = self.env["stock.move"].create(
            {
                "product_id": variant.id,
                "product_uom_qty": 3,
                "location_id": stock.id,
                "location_dest_id": customers.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move.quantity = 3
        move.picked = True
        move._action_done()
        self.rule._run()
        self.assertFalse(self.lists())
        self.assertIn("our stock covers", self.rule.last_result)

    def test_a_rule_scores_by_its_own_profile(self):
        """The marketplace scores by ROI; the rule, by stock: 100 points from 50 units on."""
        stocks = (10, 50, 30, 45)
        for opportunity, stock in zip(self.opportunities, stocks, strict=True):
            opportunity.supplier_offer_id.stock_quantity = stock
        self.evaluate()
        profile = self.env["onep.score.profile"].create(
            {
                "name": "By stock",
                "sequence": 99,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "signal": "supplier_stock",
                            "value_none": 0.0,
                            "value_half": 25.0,
                            "value_full": 50.0,
                        },
                    )
                ],
                "veto_ids": [
                    (
                        0,
                        0,
                        {"name": "Too much", "fact": "supplier_stock", "value": 48.0, "cap": 70.0},
                    )
                ],
            }
        )
        kept = self.opportunities.mapped("score")
        self.rule.profile_id = profile
        today = fields.Date.today()
        first, second, third, fourth = self.opportunities
        # 90 points, 70 by the veto instead of 100, 60, 20.
        self.assertEqual(
            self.rule._find_candidates(today).ids, (fourth | second | third | first).ids
        )
        self.rule.minimum_score = 60.0
        self.assertEqual(self.rule._find_candidates(today).ids, (fourth | second | third).ids)
        self.rule.minimum_grade = "B"
        self.assertEqual(
            self.rule._find_candidates(today).ids, (fourth | second | third).ids, "B from 60 on"
        )
        self.rule.minimum_grade = "A"
        self.assertEqual(self.rule._find_candidates(today), fourth)
        # The profile is taken as it is now, without pricing anything again.
        profile.veto_ids.unlink()
        self.assertEqual(self.rule._find_candidates(today).ids, (second | fourth).ids)
        self.assertEqual(self.opportunities.mapped("score"), kept)
        self.rule._run()
        self.assertEqual(set(self.lists().line_ids.opportunity_id), {second, fourth})
        self.assertIn("scored by “By stock”", self.lists().message_ids[0].body)

    def test_a_failing_rule_does_not_stop_the_others(self):
        """It is kept on the rule, and told to its buyer with what to do."""
        other = self.rule.copy({"name": "Second", "sequence": 20})
        run = type(self.rule)._propose
        failing = self.rule.id

        def propose(rule, today):
            if rule.id == failing:
                self.env.cr.execute("SELECT 1 / 0")
            return run(rule, today)

        self.patch(type(self.rule), "_propose", propose)
        with (
            freeze_time("2031-07-08 08:00:00"),
            mute_logger(
                "odoo.sql_db", "odoo.addons.onep_sourcing.models.onep_purchase_proposal_rule"
            ),
        ):
            self.env["onep.purchase.proposal.rule"]._cron_propose()
        self.assertEqual(other.list_ids.state, "proposed")
        self.assertFalse(self.lists())
        self.assertTrue(self.rule.is_failing)
        self.assertRegex(self.rule.last_result, "division by zero.*Press “Run now”")
        self.assertEqual(self.rule.activity_ids.user_id, self.buyer)
        self.assertIn("failed", self.rule.activity_ids.summary)
        # What the other list holds is free again once it is cancelled.
        other.list_ids.with_user(self.buyer).action_cancel()
        failing = None
        with freeze_time("2031-07-08 09:00:00"):
            self.rule.with_user(self.manager).action_run_now()
        self.assertFalse(self.rule.is_failing)
        self.assertFalse(self.rule.activity_ids)
        self.assertEqual(self.lists().line_count, 4)

    def test_the_rest_of_a_budget_buys_fewer_units(self):
        """20 days at one a day are 20 units of each; 300 buy 20 and 10."""
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), 1.0))
        self.rule.weekly_budget = 300.0
        self.rule._run()
        self.assertRecordValues(
            self.lists().line_ids.sorted("quantity"),
            [
                {"quantity": 10, "quantity_reason": "budget"},
                {"quantity": 20, "quantity_reason": "demand"},
            ],
        )
        self.assertEqual(self.lists().budget, 300.0)

    def test_rights(self):
        """A buyer reads rules; managers write them; nobody sees another company's."""
        rule = self.rule.with_user(self.buyer)
        self.assertEqual(rule.name, "Every morning")
        with self.assertRaises(AccessError):
            rule.action_run_now()
        with self.assertRaises(AccessError):
            rule.weekly_budget = 5.0
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        theirs = rule.sudo().create(
            {
                "name": "Theirs",
                "company_id": other.id,
                "user_id": self.env.user.id,
                "minimum_score": 0.0,
            }
        )
        Rules = self.env["onep.purchase.proposal.rule"]
        self.assertFalse(Rules.with_user(self.manager).search([("id", "=", theirs.id)]))
        theirs._run()
        self.assertFalse(theirs.list_ids, "our opportunities are not theirs")
