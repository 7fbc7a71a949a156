import numpy as np

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .buying_case import GTINS, BuyingCase

TIERS = [{"quantity": 10, "price": 9.0}, {"quantity": 50, "price": 8.0}]


@tagged("standard", "post_install", "-at_install")
class TestOnepPickingListFigures(BuyingCase):
    """Prices, costs and totals that follow the quantity, worked by hand."""

    def test_the_tier_of_the_quantity_is_the_price(self):
        picking = self.make_list(self.make_opportunity(offer_vals={"tiers": TIERS}))
        line = picking.line_ids
        self.assertEqual((line.quantity, line.price_unit, line.unit_margin), (1, 10.0, 8.0))
        with Form(picking) as form:
            with form.line_ids.edit(0) as edited:
                for quantity, price in ((9, 10.0), (10, 9.0), (49, 9.0), (50, 8.0)):
                    edited.quantity = quantity
                    # 25 - 3 - 4 less the price
                    self.assertEqual(
                        (edited.price_unit, edited.unit_margin), (price, 18.0 - price), quantity
                    )
                edited.quantity = 20
                self.assertEqual(edited.amount_company, 180.0)
            self.assertEqual((form.budget, form.expected_margin), (180.0, 180.0))
            self.assertEqual(form.supplier_summary[0]["amount"], 180.0)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            line,
            [
                {
                    "price_unit": 9.0,
                    "landed_cost": 9.0,
                    "unit_margin": 9.0,
                    "roi": 1.0,
                    "amount": 180.0,
                    "margin_total": 180.0,
                    "is_price_changed": False,
                }
            ],
        )
        line.supplier_offer_id.tiers = [{"quantity": 10, "price": 9.5}]
        self.assertTrue(line.is_price_changed)
        picking.action_update_prices()
        self.assertEqual((line.price_unit, line.quantity), (9.5, 20))

    def test_the_advice_rests_on_the_market_where_we_never_sold(self):
        """40 would sell in 30 days; 50 cost 9.00 each, 50 more in all, and save 40."""
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), 40 / 30))
        tiers = [{"quantity": 50, "price": 9.0}]
        picking = self.make_list(self.make_opportunity(offer_vals={"tiers": tiers}))
        self.assertRecordValues(
            picking.line_ids,
            [
                {
                    "quantity": 50,
                    "recommended_quantity": 50,
                    "quantity_reason": "tier",
                    "price_unit": 9.0,
                    "sales_source": "market",
                    "available_quantity": False,
                    "days_of_cover": 38,
                }
            ],
        )
        picking.cover_days = 9
        picking.action_advise()
        self.assertRecordValues(
            picking.line_ids, [{"quantity": 12, "quantity_reason": "demand", "price_unit": 10.0}]
        )

    def test_discounts_and_carriage_follow_the_order(self):
        """A tenth off; carriage 20 on orders below 300, which are usually of 200."""
        self.env["onep.supplier.terms"].create(
            {
                "partner_id": self.supplier.id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
                "discount_1": 0.1,
                "order_value": 200.0,
                "carriage": 20.0,
                "carriage_paid_from": 300.0,
                "minimum_order": 100.0,
                "supply": "domestic",
                "eco_position": "none",
                "levy_position": "none",
            }
        )
        picking = self.make_list(
            self.make_opportunity(
                market_vals={"length_mm": 200, "width_mm": 100, "height_mm": 50, "weight_g": 500}
            )
        )
        line = picking.line_ids
        # 9.00 of a usual order of 200 bear 9/200 of the 20 of carriage.
        self.assertRecordValues(
            line, [{"price_unit": 9.0, "landed_cost": 9.9, "unit_margin": 8.1, "amount": 9.0}]
        )
        line.quantity = 20
        card = picking.supplier_summary[0]
        self.assertEqual(card["to_minimum"], 0.0)
        self.assertEqual(card["to_carriage_paid"], 120.0)
        self.assertEqual(card["extras"], 20.0)
        self.assertEqual((card["weight_kg"], card["volume_m3"]), (10.0, 0.02))
        line.quantity = 5
        card = picking.supplier_summary[0]
        self.assertEqual((card["to_minimum"], card["to_carriage_paid"]), (55.0, 255.0))
        self.assertEqual((picking.weight_kg, picking.volume_m3), (2.5, 0.005))

    def test_what_is_not_known_is_counted(self):
        picking = self.make_list(
            self.make_opportunity(GTINS[0]),
            self.make_opportunity(
                GTINS[1],
                market_vals=dict.fromkeys(("weight_g", "length_mm", "width_mm", "height_mm")),
            ),
        )
        self.assertRecordValues(
            picking,
            [
                {
                    "weight_kg": 0.5,
                    "unknown_weight_count": 1,
                    "unknown_volume_count": 1,
                    "unknown_sales_count": 2,
                    "days_of_cover": False,
                }
            ],
        )
        self.assertEqual(
            picking.totals_text,
            "2 lines · ≥ 0.5 kg, without 1 line of unknown weight · "
            "≥ 0.0015 m³, without 1 line of unknown size · cover unknown: no line has known sales",
        )
        picking.line_ids[0].unlink()
        # Nothing known is told as unknown, and never as a zero.
        self.assertRecordValues(picking, [{"weight_kg": False, "volume_m3": False}])
        self.assertTrue(
            picking.totals_text.startswith(
                "1 line · weight unknown: no line has one · volume unknown: no line has its sizes"
            )
        )
        card = picking.supplier_summary[0]
        self.assertEqual((card["weight_kg"], card["volume_m3"], card["margin"]), (None, None, None))

    def test_days_of_cover_name_an_assumed_stock(self):
        picking = self.make_list(self.make_opportunity())
        line = picking.line_ids
        line.sudo().write({"daily_sales": 2.0, "available_quantity": 4.0, "quantity": 16})
        self.assertEqual((line.days_of_cover, picking.days_of_cover), (10, 10))
        self.assertEqual(picking.assumed_stock_count, 0)
        line.sudo().available_quantity = False
        self.assertEqual((line.days_of_cover, picking.days_of_cover), (8, 8))
        self.assertEqual(picking.assumed_stock_count, 1)
        self.assertIn("no stock of ours assumed for 1 line", picking.totals_text)

    def test_lines_of_several_lists_follow_together_whatever_is_flushed_meanwhile(self):
        opportunity = self.make_opportunity(offer_vals={"tiers": TIERS})
        lists = self.make_list(opportunity) | self.make_list(opportunity)
        model = type(opportunity)
        ask = model._get_agreed_prices

        def flush_and_ask(opportunities, quantities):
            opportunities.env.flush_all()
            return ask(opportunities, quantities)

        self.patch(model, "_get_agreed_prices", flush_and_ask)
        lists.line_ids.quantity = 20
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(lists.line_ids.mapped("amount_company"), [180.0, 180.0])
        self.assertEqual(lists.mapped("budget"), [180.0, 180.0])

    def test_a_closed_list_keeps_the_figures_it_was_approved_on(self):
        picking = self.make_list(self.make_opportunity())
        picking.with_user(self.manager).action_approve()
        line = picking.line_ids
        line.supplier_offer_id.price_untaxed = 12.0
        line._refigure()
        self.env.flush_all()
        self.assertRecordValues(line, [{"price_unit": 10.0, "unit_margin": 8.0}])
        self.assertTrue(line.is_price_changed)

    def test_best_within_a_budget(self):
        """Of four at 10.00, minimum 5: the best two fit 100; the loss and the unknown do not."""
        kept = self.make_opportunity(GTINS[0], {"minimum_order_quantity": 5})
        dear = self.make_opportunity(GTINS[1], {"minimum_order_quantity": 8, "price_untaxed": 9.0})
        small = self.make_opportunity(
            GTINS[2], {"minimum_order_quantity": 5, "price_untaxed": 10.0}
        )
        loss = self.make_opportunity(GTINS[3], {"price_untaxed": 19.0})
        unknown = self.make_opportunity(GTINS[4], market_vals={"category": "Quantum widgets"})
        everything = kept | dear | small | loss | unknown
        action = (
            everything.browse()
            .with_user(self.buyer)
            .with_context(active_domain=[("id", "in", everything.ids)])
            .action_open_best()
        )
        wizard = self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        wizard.write({"criterion": "roi", "budget": 125.0})
        second, third = (kept | small).sorted("id")
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"opportunity_id": dear.id, "outcome": "taken", "quantity": 8, "amount": 72.0},
                {"opportunity_id": second.id, "outcome": "taken", "quantity": 5, "amount": 50.0},
                {"opportunity_id": third.id, "outcome": "budget", "quantity": 5, "amount": 50.0},
            ],
        )
        # 8 at 9.00 earn 9.00 each, 5 at 10.00 earn 8.00 each.
        self.assertEqual((wizard.spend, wizard.margin), (122.0, 112.0))
        for sentence in ("1 has an unknown margin", "1 would earn nothing", "1 did not fit"):
            self.assertIn(sentence, wizard.note)
        picking = self.env["onep.picking.list"].browse(wizard.action_add()["res_id"])
        self.assertEqual(picking.user_id, self.buyer)
        self.assertEqual((picking.budget, picking.expected_margin), (122.0, 112.0))
        wizard.write({"budget": 0.0, "most": 1})
        self.assertEqual(wizard.line_ids.opportunity_id, dear)
        wizard.write({"minimum_score": 100.0})
        with self.assertRaisesRegex(UserError, "Nothing fits"):
            wizard.action_add()

    def test_best_fills_its_budget(self):
        """One a day over 30 days, at 10.00, at 9.00 from 20 on: 250 buy 27 of the 30."""
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), 1.0))
        opportunity = self.make_opportunity(
            GTINS[0], {"tiers": [{"quantity": 20, "price": 9.0}], "pack_size": 1}
        )
        wizard = self.env["onep.picking.best"].create(
            {"domain": [("id", "=", opportunity.id)], "cover_days": 30}
        )
        # 175 would buy 19 at 9.00, but 19 cost 10.00 each.
        for budget, spend in ((400.0, 270.0), (250.0, 243.0), (175.0, 0.0), (9.0, 0.0)):
            wizard.budget = budget
            self.assertEqual(wizard.spend, spend)
        wizard.budget = 250.0
        picking = self.env["onep.picking.list"].browse(wizard.action_add()["res_id"])
        self.assertRecordValues(
            picking.line_ids,
            [{"quantity": 27, "quantity_reason": "budget", "price_unit": 9.0}],
        )

    def test_storage_bounds_the_advice(self):
        """1.5 l and 500 g each, one a day: room, weight and days bind in turn."""
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), 1.0))
        self.company.onep_storage_m3 = 0.021
        first = self.make_opportunity(GTINS[0], {"pack_size": 4})
        second = self.make_opportunity(GTINS[1], {"price_untaxed": 12.0})
        picking = self.env["onep.picking.list"].create({"company_id": self.company.id})
        self.assertEqual(picking.storage_m3, 0.021, "the company's, until a list says otherwise")
        picking.cover_days = 20
        picking._add_opportunities(first | second)
        told = {line.opportunity_id: line for line in picking.line_ids}
        # 14 fit: 3 packs of what earns more, 2 of the other.
        self.assertRecordValues(
            told[first] | told[second],
            [
                {"quantity": 12, "quantity_reason": "storage"},
                {"quantity": 2, "quantity_reason": "storage"},
            ],
        )
        self.assertFalse(picking.storage_text)
        told[second].quantity = 5
        self.assertIn("The list takes 0.0255 m³, the storage has 0.021 m³", picking.warning)
        # What another line takes is gone.
        added = picking._add_opportunities(self.make_opportunity(GTINS[2]))
        self.assertRecordValues(added, [{"quantity": 0, "quantity_reason": "storage"}])
        self.assertIn("exceeds the storage", added.quantity_warning)
        picking.action_fix_quantities()
        self.assertFalse(added.exists())
        self.assertIn("exceeds the storage", picking.message_ids[0].body)
        picking.write({"storage_m3": 0.0, "storage_kg": 3.0})
        picking.action_advise()
        self.assertEqual((told[first].quantity, told[second].quantity), (4, 2))
        picking.storage_kg = 0.0
        self.company.onep_storage_days = 9
        picking.action_advise()
        self.assertRecordValues(
            told[first] | told[second],
            [
                {"quantity": 8, "quantity_reason": "storage"},
                {"quantity": 9, "quantity_reason": "storage"},
            ],
        )
        self.assertEqual(
            dict(picking.line_ids._get_reason_words())["storage"], "Storage: room, weight or time"
        )

    def test_what_exceeds_a_selection_is_refused_not_cut(self):
        """All that match are selected, a list hands over the first ones only."""
        opportunities = self.make_opportunity(GTINS[0]) | self.make_opportunity(GTINS[1])
        self.env["ir.config_parameter"].sudo().set_param("web.active_ids_limit", 1)
        cut = opportunities[0].with_context(active_domain=[("id", "in", opportunities.ids)])
        for action in ("action_add_to_picking_list", "action_negotiate", "action_evaluate"):
            with (
                self.subTest(action),
                self.assertRaisesRegex(UserError, "2 opp.*1 at most"),
            ):
                getattr(cut, action)()
        self.assertEqual(
            self.env["onep.opportunity"].search(cut._get_chosen_domain()), opportunities.sorted()
        )

    def test_limits_of_persons(self):
        picking = self.make_list(self.make_opportunity(), user=self.buyer).with_user(self.buyer)
        picking.line_ids.quantity = 20
        Limit = self.env["onep.approval.limit"]
        with self.assertRaises(AccessError):
            Limit.with_user(self.manager).create({"user_id": self.manager.id, "amount": 1e9})
        Limit.create(
            [
                {"user_id": self.buyer.id, "company_id": self.company.id, "amount": 199.99},
                {"user_id": self.manager.id, "company_id": self.company.id, "amount": 200.0},
            ]
        )
        self.assertFalse(picking.can_approve)
        with self.assertRaisesRegex(AccessError, "Propose it to one of them: manager_onep"):
            picking.action_approve()
        picking.approver_id = self.buyer
        with self.assertRaisesRegex(UserError, "Choose another approver: manager_onep"):
            picking.action_propose()
        picking.approver_id = self.manager
        picking.action_propose()
        picking.line_ids.quantity = 21
        with self.assertRaises(AccessError):
            picking.with_user(self.manager).action_approve()
        picking.line_ids.quantity = 19
        picking.action_approve()
        self.assertEqual(picking.approved_by_id, self.buyer)
