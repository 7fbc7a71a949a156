from datetime import timedelta

import numpy as np

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepPickingList(BuyingCase):
    """What a buyer picks, at what quantity, and who may approve it."""

    def test_add_from_the_list(self):
        """Select, add, and get lines with an advised quantity and its reason."""
        opportunities = self.make_opportunity(GTINS[0]) | self.make_opportunity(
            GTINS[1], {"minimum_order_quantity": 6, "pack_size": 4}
        )
        action = opportunities.with_user(self.buyer).action_add_to_picking_list()
        wizard = self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        self.assertEqual(wizard.opportunity_count, 2)
        self.assertIn("demo market", wizard.note)
        wizard.action_add()
        picking = self.env["onep.picking.list"].search([("user_id", "=", self.buyer.id)])
        self.assertRegex(picking.name, r"^PL/\d{4}/\d{4}$")
        self.assertRecordValues(
            picking.line_ids,
            [
                {"quantity": 1, "quantity_reason": "single", "amount": 10.0, "unit_margin": 8.0},
                {"quantity": 8, "quantity_reason": "pack", "amount": 80.0, "unit_margin": 8.0},
            ],
        )
        self.assertRecordValues(
            picking,
            [
                {
                    "budget": 90.0,
                    "expected_margin": 72.0,
                    "roi": 0.8,
                    "line_count": 2,
                    "supplier_count": 1,
                    "state": "draft",
                }
            ],
        )

    def test_same_offer_is_bought_once(self):
        other_place = self.make_marketplace(name="Amazon two", code="amazon_two")
        offer = self.make_offer()
        self.make_market_offer()
        self.make_market_offer(marketplace=other_place, buy_box_price_taxed=36.0)
        self.evaluate()
        both = self.find(offer) | self.find(offer, other_place)
        picking = self.make_list()
        lines = picking._add_opportunities(both)
        self.assertEqual(len(lines), 1)
        self.assertEqual(lines.marketplace_id, other_place, "the best margin speaks")
        self.assertFalse(picking._add_opportunities(both))

    def test_advice_follows_sales(self):
        """30 days of sales to cover, less what we have."""
        product = self.env["product.product"].create(
            {"name": "Known", "is_storable": True, "barcode": GTINS[0][1:]}
        )
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        stock, customer = warehouse.lot_stock_id, self.env.ref("stock.stock_location_customers")
        self.env["stock.quant"]._update_available_quantity(product, stock, 95)
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": 90,
                "location_id": stock.id,
                "location_dest_id": customer.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move.quantity, move.picked = 90, True
        move._action_done()
        opportunity = self.make_opportunity(offer_vals={"pack_size": 10})
        opportunity.product_id.product_id = product
        line = self.make_list(opportunity).line_ids
        # 90 sold in 90 days: 30 to cover, 5 on hand, by packs of 10
        self.assertEqual(line.quantity, 30)
        self.assertEqual(line.quantity_reason, "pack")
        self.assertEqual(line.available_quantity, 5)
        self.env["stock.quant"]._update_available_quantity(product, stock, 40)
        line.list_id.with_user(self.manager).action_approve()
        # Whoever decides sees the stock of today; the quantity stays his.
        self.assertEqual((line.available_quantity, line.quantity), (45, 30))
        self.assertIn("5 → 45", line.list_id.message_ids[:2].mapped("body")[-1])
        self.assertEqual(line.list_id.days_of_cover, 75, "the totals follow: 45 and 30 at 1 a day")

    def test_deciding_reads_any_number_of_lines_at_once(self):
        """What moved is written by one statement, however many lines moved."""

        def decide(picking, units):
            def moved(opportunities, company):
                return np.full(len(opportunities), units / 10), np.full(len(opportunities), units)

            self.patch(type(opportunities), "_get_own_sales", moved)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            picking._read_own_figures()
            self.env.flush_all()
            spent = self.cr.sql_log_count - start
            for line in picking.line_ids:
                self.assertEqual((line.daily_sales, line.available_quantity), (units / 10, units))
            self.assertEqual(picking.message_ids[0].body.count(f"→ {units}"), len(picking.line_ids))
            return spent

        opportunities = self.env["onep.opportunity"].union(
            *(self.make_opportunity(gtin) for gtin in GTINS)
        )
        few, many = self.make_list(opportunities[0]), self.make_list(*opportunities)
        decide(few, 3)
        self.assertLessEqual(decide(many, 4), decide(few, 4) + 2, "six lines as one")

    def test_supplier_stock_binds(self):
        short = self.make_opportunity(
            GTINS[0], {"minimum_order_quantity": 100, "stock_quantity": 50}
        )
        line = self.make_list(short).line_ids
        self.assertEqual(line.quantity, 0)
        self.assertEqual(line.quantity_reason, "stock_short")
        self.assertIn("less than its minimum", line.quantity_warning)

    def test_fixing_removes_what_cannot_be_ordered_and_says_so(self):
        short = self.make_opportunity(
            GTINS[0], offer_vals={"minimum_order_quantity": 24, "stock_quantity": 23}
        )
        picking = self.make_list(short, self.make_opportunity(GTINS[1]))
        picking.action_fix_quantities()
        self.assertEqual(len(picking.line_ids), 1)
        self.assertIn("less than its minimum", picking.message_ids[0].body)
        picking.action_propose()

    def test_editing_a_quantity_keeps_it_orderable(self):
        opportunity = self.make_opportunity(
            offer_vals={"minimum_order_quantity": 6, "pack_size": 4}
        )
        picking = self.make_list(opportunity)
        with Form(picking) as form:
            with form.line_ids.edit(0) as line:
                line.quantity = 9
                self.assertEqual(line.quantity, 12)
                self.assertEqual(line.amount, 120.0)
            self.assertEqual(form.budget, 120.0)
        self.assertEqual(picking.expected_margin, 96.0)

    def test_quantity_below_the_minimum_is_refused(self):
        picking = self.make_list(
            self.make_opportunity(offer_vals={"minimum_order_quantity": 6, "pack_size": 4})
        )
        picking.line_ids.quantity = 3
        self.assertIn("minimum is 6", picking.line_ids.quantity_warning)
        self.assertTrue(picking.has_quantity_warning)
        with self.assertRaisesRegex(UserError, "Fix quantities"):
            picking.action_propose()
        picking.action_fix_quantities()
        self.assertEqual(picking.line_ids.quantity, 8)
        picking.action_propose()
        self.assertEqual(picking.state, "proposed")

    def test_unknown_margin_counts_apart(self):
        picking = self.make_list(
            self.make_opportunity(GTINS[0]),
            self.make_opportunity(GTINS[1], market_vals={"category": "Quantum widgets"}),
        )
        self.assertEqual(picking.budget, 20.0)
        self.assertEqual(picking.expected_margin, 8.0)
        self.assertEqual(picking.roi, 0.8)
        self.assertEqual(picking.unknown_margin_count, 1)
        self.assertIs(picking.line_ids[1].margin_total, False)
        self.assertIn("unknown margin", picking.warning)

    def test_duplicates_across_open_lists_are_warned(self):
        opportunity = self.make_opportunity()
        first, second = self.make_list(opportunity), self.make_list(opportunity)
        self.assertEqual(first.line_ids.duplicate_text, second.name)
        self.assertIn(first.name, second.warning)
        self.assertIn(first.name, opportunity.open_list_text)
        second.action_cancel()
        first.line_ids.invalidate_recordset(["duplicate_text"])
        self.assertFalse(first.line_ids.duplicate_text)

    def test_changed_price_is_told_and_taken(self):
        opportunity = self.make_opportunity()
        picking = self.make_list(opportunity)
        opportunity.supplier_offer_id.price_untaxed = 11.0
        self.evaluate()
        self.assertTrue(picking.line_ids.is_price_changed)
        self.assertIn("changed the price", picking.warning)
        self.assertEqual(picking.budget, 10.0)
        picking.action_update_prices()
        self.assertEqual(picking.budget, 11.0)
        self.assertEqual(picking.expected_margin, 7.0)

    def test_by_supplier(self):
        feed = self.make_feed(self.make_supplier("Rival"))
        picking = self.make_list(
            self.make_opportunity(GTINS[0]),
            self.make_opportunity(GTINS[1], {"price_untaxed": 15.0}, feed=feed),
        )
        summary = picking.supplier_summary
        self.assertEqual([row["supplier"] for row in summary], ["Rival", "Grossiste"])
        self.assertEqual([row["amount"] for row in summary], [15.0, 10.0])
        self.assertEqual([row["margin"] for row in summary], [3.0, 8.0])

    def test_buyer_cannot_approve(self):
        picking = self.make_list(self.make_opportunity(), user=self.buyer).with_user(self.buyer)
        self.assertFalse(picking.can_approve)
        picking.action_propose()
        with self.assertRaisesRegex(AccessError, "purchase manager"):
            picking.action_approve()
        for vals in ({"state": "approved"}, {"approved_by_id": self.buyer.id}):
            with self.assertRaises(AccessError):
                picking.write(vals)
        with self.assertRaises(AccessError):
            picking.create({"state": "approved"})
        sneaky = picking.with_context(
            default_state="approved", default_approved_by_id=self.manager.id
        ).create({})
        self.assertRecordValues(sneaky, [{"state": "draft", "approved_by_id": False}])
        picking.with_user(self.manager).action_approve()
        self.assertRecordValues(picking, [{"state": "approved", "approved_by_id": self.manager.id}])

    def test_buyer_approves_below_the_limit(self):
        self.company.onep_approval_limit = 15.0
        picking = self.make_list(self.make_opportunity(), user=self.buyer).with_user(self.buyer)
        picking.action_approve()
        self.assertEqual(picking.state, "approved")
        above = self.make_list(self.make_opportunity(GTINS[1], {"price_untaxed": 16.0})).with_user(
            self.buyer
        )
        with self.assertRaises(AccessError):
            above.action_approve()

    def test_approved_list_is_closed(self):
        picking = self.make_list(self.make_opportunity()).with_user(self.manager)
        picking.action_approve()
        line = picking.line_ids
        with self.assertRaisesRegex(UserError, "closed to changes"):
            line.quantity = 5
        with self.assertRaisesRegex(UserError, "closed to changes"):
            line.unlink()
        with self.assertRaises(UserError):
            picking._add_opportunities(self.make_opportunity(GTINS[1]))
        with self.assertRaises(AccessError):
            picking.with_user(self.buyer).action_reset()
        picking.action_reset()
        line.quantity = 5
        self.assertEqual(picking.budget, 50.0)

    def test_proposing_gives_the_approver_a_todo(self):
        picking = self.make_list(self.make_opportunity())
        picking.write(
            {
                "approver_id": self.manager.id,
                "deadline": fields.Date.today() + timedelta(days=3),
            }
        )
        picking.with_user(self.buyer).action_propose()
        activity = picking.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, picking.deadline)
        picking.with_user(self.manager).action_approve()
        self.assertFalse(picking.activity_ids)

    def test_empty_list_is_not_proposed(self):
        with self.assertRaisesRegex(UserError, "Add opportunities"):
            self.make_list().action_propose()

    def test_other_company_sees_no_list(self):
        picking = self.make_list(self.make_opportunity())
        other = self.env["res.company"].create({"name": "Other"})
        user = self.make_user("elsewhere_onep", "onep_sourcing.group_sourcing_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=user, context={"allowed_company_ids": other.ids})
        self.assertNotIn(picking, env["onep.picking.list"].search([]))
        self.assertNotIn(picking.line_ids, env["onep.picking.list.line"].search([]))
        with self.assertRaises(AccessError):
            picking.with_env(env).read(["name"])

    def test_unit_prices_are_exact(self):
        """An article at 0.0345 is neither 0.03 nor unchanged when it becomes 0.03."""
        offer = self.make_offer(minimum_order_quantity=1000, stock_quantity=5000)
        self.set_price(offer, 0.0345)
        self.make_market_offer()
        self.evaluate()
        opportunity = self.find(offer)
        self.assertEqual(opportunity.landed_cost, 0.0345)
        line = self.make_list(opportunity).line_ids
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            line,
            [
                {
                    "price_unit": 0.0345,
                    "price_company": 0.0345,
                    "landed_cost": 0.0345,
                    # 25 - 0.0345 - 3 - 4
                    "unit_margin": 17.9655,
                    "amount": 34.5,
                    "amount_company": 34.5,
                    "margin_total": 17965.5,
                    "is_price_changed": False,
                }
            ],
        )
        self.set_price(offer, 0.03)
        self.assertTrue(line.is_price_changed)

    def set_price(self, offer, price):
        """As an import writes it, with all its decimals."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE onep_supplier_offer SET price_untaxed = %s WHERE id = %s", (price, offer.id)
        )
        self.env.invalidate_all()

    def test_unknown_rate_is_not_zero(self):
        """Without an exchange rate a line costs something nobody knows: a manager decides."""
        currency = self.env["res.currency"].create({"name": "XOQ", "symbol": "¤"})
        self.company.onep_approval_limit = 15.0
        picking = self.make_list(
            self.make_opportunity(GTINS[0]),
            self.make_opportunity(GTINS[1], {"currency_id": currency.id, "price_untaxed": 900.0}),
            user=self.buyer,
        ).with_user(self.buyer)
        line = picking.line_ids[1]
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT price_company, landed_cost, amount_company FROM onep_picking_list_line "
            "WHERE id = %s",
            line.ids,
        )
        self.assertEqual(self.env.cr.fetchone(), (None, None, None))
        self.assertEqual(line.amount, 900.0)
        self.assertRecordValues(picking, [{"budget": 10.0, "unknown_price_count": 1}])
        self.assertIn("1 line has no exchange rate", picking.warning)
        self.assertFalse(picking.can_approve)
        with self.assertRaisesRegex(AccessError, "purchase manager"):
            picking.action_approve()
        picking.with_user(self.manager).action_approve()
        self.assertEqual(picking.state, "approved")

    def test_lines_do_not_slip_into_an_approved_list(self):
        approved = self.make_list(self.make_opportunity(GTINS[0]))
        approved.with_user(self.manager).action_approve()
        draft = self.make_list(self.make_opportunity(GTINS[1])).with_user(self.buyer)
        with self.assertRaises(UserError):
            draft.line_ids.list_id = approved
        self.assertEqual(len(approved.line_ids), 1)

    def test_figures_are_not_written_by_hand(self):
        picking = self.make_list(self.make_opportunity()).with_user(self.buyer)
        line = picking.line_ids
        for vals in (
            {"price_unit": 1.0},
            {"price_company": 1.0},
            {"unit_margin": 99.0, "margin_known": True},
            {"supplier_stock": 1e6},
            {"purchase_line_id": False},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, "by the buttons"):
                line.write(vals)
        with self.assertRaisesRegex(AccessError, "by the buttons"):
            picking.write({"line_ids": [(0, 0, {"name": "Bribe", "price_unit": 1.0})]})
        with self.assertRaises(AccessError):
            picking.budget = 1.0
        line.quantity = 3
        picking.action_update_prices()
        self.assertEqual(picking.budget, 30.0)

    def test_gone_offer_is_not_approved(self):
        kept, gone = self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1])
        picking = self.make_list(kept, gone)
        gone.supplier_offer_id.is_present = False
        self.assertEqual(picking.line_ids.mapped("is_offer_gone"), [False, True])
        self.assertIn("1 line is no longer offered", picking.warning)
        for step in ("action_propose", "action_approve"):
            with self.subTest(step), self.assertRaisesRegex(UserError, "no longer offers"):
                getattr(picking, step)()
        picking.line_ids.filtered("is_offer_gone").unlink()
        self.assertFalse(picking.warning)
        picking.action_propose()
