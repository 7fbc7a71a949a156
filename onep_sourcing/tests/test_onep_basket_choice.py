import numpy as np

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepBasketChoice(BuyingCase):
    """The best basket of a list: shown first, then written with its reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival_feed = cls.make_feed(cls.make_supplier("Rival"))
        # Two articles of one supplier at 10.00 (8.00 each, packs of 5), the first also of a rival
        # at 9.00 (9.00 each) in a minimum of 4.
        cls.first = cls.make_opportunity(GTINS[0], {"pack_size": 5})
        cls.second = cls.make_opportunity(GTINS[1], {"pack_size": 5, "stock_quantity": 12})
        cls.rival = cls.make_opportunity(
            GTINS[0], {"price_untaxed": 9.0, "minimum_order_quantity": 4}, feed=cls.rival_feed
        )

    def make_choice(self, picking, sales, **vals):
        """A choice on a list whose articles sell a number of units a day each."""
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), sales))
        action = picking.with_user(self.buyer).action_optimise()
        choice = self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        choice.write({"budget": 0.0, **vals})
        choice.action_choose()
        return choice

    def lines(self, choice):
        return {
            line.opportunity_id: (line.quantity, line.reason, line.amount, line.margin)
            for line in choice.line_ids
        }

    def test_suppliers_quantities_and_reasons_at_once(self):
        picking = self.make_list(self.first, self.second, user=self.buyer)
        choice = self.make_choice(picking, 1.0, cover_days=21)
        # 21 wanted of each: the rival's at 9.00; of the other, 12 in stock make 2 packs of 5.
        self.assertEqual(
            self.lines(choice),
            {
                self.first: (0.0, "served", 0.0, 0.0),
                self.second: (10.0, "stock", 100.0, 80.0),
                self.rival: (21.0, "demand", 189.0, 189.0),
            },
        )
        self.assertRecordValues(
            choice,
            [{"status": "optimal", "spend": 289.0, "total_margin": 269.0, "is_current": True}],
        )
        # 5 of each at 10.00
        self.assertEqual((choice.today_spend, choice.today_margin), (100.0, 80.0))
        self.assertIn("What holds it", choice.answer)
        self.assertEqual([card["amount"] for card in choice.supplier_summary], [189.0, 100.0])
        before = picking.line_ids.mapped("quantity")
        self.assertEqual(before, picking.line_ids.mapped("quantity"), "nothing written yet")
        choice.action_apply()
        self.assertRecordValues(
            picking.line_ids.sorted("quantity"),
            [
                {"quantity": 10, "quantity_reason": "stock", "price_unit": 10.0},
                {"quantity": 21, "quantity_reason": "demand", "price_unit": 9.0},
            ],
        )
        self.assertEqual((picking.budget, picking.expected_margin), (289.0, 269.0))
        self.assertIn("Another offer serves", picking.message_ids[0].body)

    def test_a_budget_binds_and_says_what_more_would_bring(self):
        picking = self.make_list(self.first, self.second, user=self.buyer)
        choice = self.make_choice(picking, 1.0, cover_days=20, budget=100.0, include_rivals=False)
        self.assertLessEqual(choice.spend, 100.0)
        self.assertEqual(choice.total_margin, 80.0)
        self.assertRegex(choice.answer, r"What holds it: .*budget")
        self.assertRegex(choice.answer, r"One more unit of budget .* would bring about 0\.80")
        again = self.make_choice(picking, 1.0, cover_days=20, budget=100.0, include_rivals=False)
        self.assertEqual(self.lines(again), self.lines(choice))

    def test_what_cannot_be_reached_is_said(self):
        picking = self.make_list(self.second, user=self.buyer)
        choice = self.make_choice(
            picking, 1.0, cover_days=30, minimum_margin=200.0, include_rivals=False
        )
        self.assertEqual((choice.status, choice.total_margin), ("unreached", 80.0))
        self.assertIn("is not earned within these limits", choice.answer)
        self.assertRegex(choice.answer, "without one of these: .*supplier's stock")

    def test_storage_leaves_out_what_has_no_size(self):
        unsized = self.make_opportunity(
            GTINS[2], market_vals=dict.fromkeys(("length_mm", "width_mm", "height_mm"))
        )
        picking = self.make_list(self.first, unsized, user=self.buyer)
        # 1.5 l each: 0.01 m³ hold 6, one pack of 5.
        choice = self.make_choice(
            picking, 1.0, cover_days=20, storage_m3=0.01, include_rivals=False
        )
        self.assertEqual(
            {opp: row[:2] for opp, row in self.lines(choice).items()},
            {self.first: (5.0, "pack"), unsized: (0.0, "unknown")},
        )
        self.assertRegex(choice.answer, "What holds it: .*storage")
        self.assertIn("1 offer of unknown size is left out", choice.answer)

    def test_an_agreed_price_holds_from_its_quantity_on(self):
        """Agreed at 6.00 from 8 on: 7 cost the list's 10.00, 8 cost 48.00."""
        self.second.supplier_offer_id.pack_size = False
        self.env.flush_all()
        negotiation = self.env["onep.negotiation"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.supplier.id,
                "currency_id": self.eur.id,
                "state": "answered",
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "opportunity_id": self.second.id,
                            "supplier_offer_id": self.second.supplier_offer_id.id,
                            "product_id": self.second.product_id.id,
                            "name": self.second.name,
                            "quantity": 8,
                            "price": 10.0,
                            "wanted_price": 6.0,
                            "answer_price": 6.0,
                        },
                    )
                ],
            }
        )
        negotiation.line_ids._agree()
        picking = self.make_list(self.second, user=self.buyer)
        for days, quantity, amount in ((7, 7.0, 70.0), (8, 8.0, 48.0), (11, 11.0, 66.0)):
            choice = self.make_choice(picking, 1.0, cover_days=days, include_rivals=False)
            (told,) = self.lines(choice).values()
            self.assertEqual((told[0], told[2]), (quantity, amount))
        # 18.00 before the price of each
        self.assertEqual(choice.total_margin, 11 * 18.0 - 66.0)
        choice.action_apply()
        self.assertRecordValues(picking.line_ids, [{"price_unit": 6.0, "amount": 66.0}])

    def test_vendor_prices_by_quantity_hold(self):
        """Odoo's vendor list asks 9.00 from 1 on and 6.00 from 8 on, for the catalogue's 10.00."""
        self.second.supplier_offer_id.pack_size = False
        product = self.env["product.product"].create({"name": "Known", "barcode": GTINS[1][1:]})
        self.second.product_id.product_id = product
        self.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": self.supplier.id,
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "company_id": self.company.id,
                    "currency_id": self.eur.id,
                    "min_qty": least,
                    "price": price,
                }
                for least, price in ((1, 9.0), (8, 6.0))
            ]
        )
        self.evaluate("offers", offer_ids=self.second.supplier_offer_id.ids)
        picking = self.make_list(self.second, user=self.buyer)
        for days, quantity, amount in ((7, 7.0, 63.0), (8, 8.0, 48.0), (11, 11.0, 66.0)):
            choice = self.make_choice(picking, 1.0, cover_days=days, include_rivals=False)
            (told,) = self.lines(choice).values()
            self.assertEqual((told[0], told[2]), (quantity, amount))

    def test_an_old_answer_is_not_applied(self):
        picking = self.make_list(self.first, user=self.buyer)
        choice = self.make_choice(picking, 1.0, cover_days=20)
        choice.budget = 50.0
        self.assertFalse(choice.is_current)
        with self.assertRaisesRegex(UserError, "Optimise"):
            choice.action_apply()
        choice.action_choose()
        picking.with_user(self.manager).action_approve()
        with self.assertRaises(UserError):
            choice.action_apply()
        colleague = self.make_user("colleague_basket", "onep_sourcing.group_sourcing_user")
        with self.assertRaises(AccessError):
            choice.with_user(colleague).read(["spend"])

    def test_from_the_opportunities(self):
        demand = type(self.env["onep.opportunity"])
        self.patch(demand, "_get_market_sales", lambda opps: np.full(len(opps), 1.0))
        action = (self.first | self.rival).with_user(self.buyer).action_optimise()
        choice = self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        choice.cover_days = 30
        choice.action_choose()
        picking = self.env["onep.picking.list"].browse(choice.action_apply()["res_id"])
        self.assertRecordValues(
            picking.line_ids,
            [{"opportunity_id": self.rival.id, "quantity": 30, "quantity_reason": "demand"}],
        )
        self.assertEqual((picking.user_id, picking.cover_days), (self.buyer, 30))

    def test_no_line_breaks_a_limit(self):
        """Whatever the budget: minimum, pack, stock and budget hold; more never earns less."""
        picking = self.make_list(self.first, self.second, user=self.buyer)
        earned = []
        for budget in (0.01, 40.0, 90.0, 145.0, 333.0):
            choice = self.make_choice(picking, 1.5, cover_days=20, budget=budget)
            self.assertLessEqual(choice.spend, budget)
            for line in choice.line_ids.filtered("quantity"):
                offer = line.opportunity_id.supplier_offer_id
                self.assertFalse(line.quantity % (offer.pack_size or 1.0))
                self.assertGreaterEqual(line.quantity, offer.minimum_order_quantity or 0.0)
                self.assertLessEqual(line.quantity, offer.stock_quantity)
            earned.append(choice.total_margin)
        self.assertEqual(earned, sorted(earned))
        self.assertGreater(earned[-1], earned[1])


@tagged("standard", "post_install", "-at_install")
class TestPickingListTour(BuyingCase, HttpCase):
    """A buyer makes a list, optimises it and proposes it."""

    def test_a_buyer_makes_a_list_in_both_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.make_opportunity(GTINS[0])
        self.make_opportunity(
            GTINS[1],
            {
                "minimum_order_quantity": 10,
                "tiers": [{"quantity": 10, "price": 9.0}],
            },
        )
        for lang, name in (("fr_FR", "fr"), ("en_US", "en")):
            self.buyer.write({"lang": lang, "password": "buyer_onep"})
            self.start_tour(
                "/odoo/opportunities", f"onep_sourcing_picking_list_{name}", login="buyer_onep"
            )
            picking = self.env["onep.picking.list"].search([("user_id", "=", self.buyer.id)])
            self.assertRecordValues(picking, [{"state": "proposed", "budget": 108.0}])
            self.assertRecordValues(picking.line_ids, [{"quantity": 12, "price_unit": 9.0}])
            picking.unlink()
