from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepRfqCreate(BuyingCase):
    """From an approved list to native RFQs, once."""

    def approve(self, *opportunities):
        picking = self.make_list(*opportunities, user=self.buyer)
        picking.with_user(self.manager).action_approve()
        return picking.with_user(self.buyer)

    def open_wizard(self, picking):
        action = picking.action_create_rfqs()
        return self.env[action["res_model"]].with_user(picking.env.user).browse(action["res_id"])

    def order(self, picking):
        self.open_wizard(picking).action_create()
        return picking.purchase_order_ids

    def test_preview_then_one_rfq_per_supplier_and_currency(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": fields.Date.today(),
                "rate": 2.0,
            }
        )
        rival = self.make_feed(self.make_supplier("Rival"))
        picking = self.approve(
            self.make_opportunity(GTINS[0], {"minimum_order_quantity": 6}),
            self.make_opportunity(GTINS[1], {"currency_id": usd.id, "price_untaxed": 8.0}),
            self.make_opportunity(GTINS[2], feed=rival),
        )
        wizard = self.open_wizard(picking)
        self.assertEqual(wizard.rfq_count, 3)
        self.assertEqual(wizard.new_product_count, 3)
        self.assertRecordValues(
            wizard.line_ids.sorted("amount"),
            [
                {"amount": 8.0, "line_count": 1, "currency_id": usd.id},
                {"amount": 10.0, "line_count": 1, "currency_id": self.eur.id},
                {"amount": 60.0, "line_count": 1, "currency_id": self.eur.id},
            ],
        )
        self.assertFalse(picking.purchase_order_ids, "nothing is created before the button")
        wizard.action_create()
        orders = picking.purchase_order_ids.sorted("amount_untaxed")
        self.assertRecordValues(
            orders,
            [
                {"partner_id": self.supplier.id, "currency_id": usd.id, "state": "draft"},
                {"partner_id": rival.partner_id.id, "currency_id": self.eur.id, "state": "draft"},
                {"partner_id": self.supplier.id, "currency_id": self.eur.id, "state": "draft"},
            ],
        )
        self.assertEqual(set(orders.mapped("origin")), {picking.name})
        self.assertEqual(orders.picking_list_id, picking)
        self.assertEqual(set(orders.company_id), {self.company})

    def test_demo_figures_are_told_before_ordering(self):
        picking = self.approve(self.make_opportunity())
        self.assertTrue(self.open_wizard(picking).has_demo_lines)
        self.marketplace.environment = "production"
        picking = self.approve(self.make_opportunity(GTINS[1]))
        self.assertFalse(self.open_wizard(picking).has_demo_lines)

    def test_rfq_line(self):
        opportunity = self.make_opportunity(
            offer_vals={
                "supplier_sku": "GR-42",
                "minimum_order_quantity": 6,
                "lead_time_days": 5,
                "weight_g": 450,
                "price_untaxed": 9.87,
            }
        )
        picking = self.approve(opportunity)
        order = self.order(picking)
        line = order.order_line
        self.assertRecordValues(
            line,
            [{"product_qty": 6, "price_unit": 9.87, "opportunity_id": opportunity.id}],
        )
        self.assertIn("GR-42", line.name)
        self.assertIn(opportunity.name, line.name)
        self.assertAlmostEqual(
            line.date_planned, order.date_order + timedelta(days=5), delta=timedelta(minutes=1)
        )
        self.assertEqual(picking.line_ids.purchase_line_id, line)
        self.assertEqual(line.picking_line_ids, picking.line_ids)
        product = line.product_id
        self.assertRecordValues(
            product,
            [
                {
                    "barcode": GTINS[0][1:],
                    "is_storable": True,
                    "purchase_ok": True,
                    "weight": 0.45,
                    "name": opportunity.name,
                }
            ],
        )
        self.assertEqual(opportunity.product_id.product_id, product)
        self.assertRecordValues(
            product.seller_ids,
            [
                {
                    "partner_id": self.supplier.id,
                    "product_code": "GR-42",
                    "price": 9.87,
                    "min_qty": 6,
                    "delay": 5,
                }
            ],
        )

    def test_twice_creates_nothing_twice(self):
        picking = self.approve(self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1]))
        first, second = self.open_wizard(picking), self.open_wizard(picking)
        first.action_create()
        with self.assertRaisesRegex(UserError, "nothing was created"):
            second.action_create()
        with self.assertRaisesRegex(UserError, "already has an RFQ"):
            picking.action_create_rfqs()
        self.assertEqual(len(picking.purchase_order_ids), 1)
        self.assertEqual(len(picking.purchase_order_ids.order_line), 2)
        self.assertEqual(
            self.env["product.product"].search_count([("barcode", "=", GTINS[0][1:])]), 1
        )

    def test_only_what_is_left(self):
        """A cancelled RFQ is ordered again, the live one is left alone."""
        rival = self.make_feed(self.make_supplier("Rival"))
        picking = self.approve(
            self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1], feed=rival)
        )
        orders = self.order(picking)
        cancelled = orders.filtered(lambda order: order.partner_id == rival.partner_id)
        cancelled.button_cancel()
        self.assertEqual(picking.to_order_count, 1)
        wizard = self.open_wizard(picking)
        self.assertEqual(wizard.skipped_count, 1)
        wizard.action_create()
        live = picking.purchase_order_ids
        self.assertEqual(len(live), 2)
        self.assertNotIn(cancelled, live)
        self.assertIn(orders - cancelled, live)

    def test_not_approved_is_not_ordered(self):
        picking = self.make_list(self.make_opportunity())
        with self.assertRaises(UserError):
            picking.action_create_rfqs()
        wizard = self.env["onep.rfq.create"].create({"list_id": picking.id})
        with self.assertRaisesRegex(UserError, "approved"):
            wizard.action_create()

    def test_confirming_orders_the_list(self):
        rival = self.make_feed(self.make_supplier("Rival"))
        picking = self.approve(
            self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1], feed=rival)
        )
        first, second = self.order(picking)
        first.with_user(self.buyer).button_confirm()
        self.assertEqual(picking.state, "approved")
        self.assertIn("purchase", picking.line_ids.mapped("purchase_state"))
        second.button_confirm()
        self.assertEqual(picking.state, "ordered")
        second.button_cancel()
        self.assertEqual(picking.state, "approved")

    def test_purchase_user_without_sourcing_confirms(self):
        """Confirming is native: who knows nothing of sourcing can do it, and the list follows."""
        order = self.order(self.approve(self.make_opportunity()))
        user = self.make_user("purchaser_onep", "purchase.group_purchase_user")
        order.with_user(user).button_confirm()
        order.order_line.with_user(user).read()
        self.assertEqual(order.picking_list_id.state, "ordered")

    def test_matches_any_spelling_of_the_barcode(self):
        known = self.env["product.product"].create(
            {"name": "Known", "is_storable": True, "barcode": "012345678905"}
        )
        picking = self.approve(self.make_opportunity("00012345678905"))
        self.assertEqual(self.open_wizard(picking).new_product_count, 0)
        line = self.order(picking).order_line
        self.assertEqual(line.product_id, known)
        self.assertEqual(known.seller_ids.product_code, "SKU-00012345678905")

    def test_matches_the_vendor_code(self):
        known = self.env["product.product"].create(
            {
                "name": "Known",
                "is_storable": True,
                "seller_ids": [
                    (
                        0,
                        0,
                        {
                            "partner_id": self.supplier.id,
                            "product_code": f"SKU-{GTINS[0]}",
                            "price": 9.0,
                        },
                    )
                ],
            }
        )
        line = self.order(self.approve(self.make_opportunity())).order_line
        self.assertEqual(line.product_id, known)
        self.assertEqual(known.seller_ids.price, 9.0, "a negotiated price is kept")
        self.assertEqual(line.price_unit, 10.0, "the list's price is asked")

    def test_vendor_code_of_another_article_does_not_match(self):
        other = self.env["product.product"].create(
            {
                "name": "Other",
                "barcode": GTINS[1][1:],
                "seller_ids": [
                    (
                        0,
                        0,
                        {"partner_id": self.supplier.id, "product_code": f"SKU-{GTINS[0]}"},
                    )
                ],
            }
        )
        line = self.order(self.approve(self.make_opportunity())).order_line
        self.assertNotEqual(line.product_id, other)

    def test_archived_product_is_restored(self):
        known = self.env["product.product"].create(
            {"name": "Known", "barcode": GTINS[0][1:], "active": False}
        )
        line = self.order(self.approve(self.make_opportunity())).order_line
        self.assertEqual(line.product_id, known)
        self.assertTrue(known.active)

    def test_product_of_another_company_is_not_taken(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["product.product"].create(
            {"name": "Theirs", "barcode": GTINS[0][1:], "company_id": other.id}
        )
        line = self.order(self.approve(self.make_opportunity())).order_line
        self.assertNotEqual(line.product_id, theirs)
        self.assertEqual(line.product_id.company_id, self.company)

    def test_packaging_barcode_orders_the_packaging(self):
        unit = self.env.ref("uom.product_uom_dozen")
        known = self.env["product.product"].create({"name": "Known", "is_storable": True})
        known.product_tmpl_id.uom_ids = unit
        self.env["product.uom"].create(
            {"product_id": known.id, "uom_id": unit.id, "barcode": GTINS[0][1:]}
        )
        line = self.order(self.approve(self.make_opportunity())).order_line
        self.assertEqual(line.product_id, known)
        self.assertEqual(line.product_uom_id, unit)
        self.assertEqual(line.price_unit, 10.0)

    def test_new_rfq_by_default(self):
        first = self.order(self.approve(self.make_opportunity(GTINS[0])))
        picking = self.approve(self.make_opportunity(GTINS[1]))
        self.assertNotEqual(self.order(picking), first)

    def test_links_back(self):
        picking = self.approve(self.make_opportunity())
        order = self.order(picking)
        self.assertEqual(order.action_open_picking_list()["res_id"], picking.id)
        self.assertEqual(picking.action_open_orders()["res_id"], order.id)

    def test_ordered_list_is_not_deleted(self):
        picking = self.approve(self.make_opportunity())
        self.order(picking)
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            picking.unlink()
        with self.assertRaisesRegex(UserError, "Cancel these RFQs first"):
            picking.with_user(self.manager).action_cancel()

    def test_query_count(self):
        """Ordering grows by the lines' own records, not by searches per line."""
        picking = self.approve(
            *(self.make_opportunity(f"{3000000000000 + number:014d}") for number in range(12))
        )
        wizard = self.open_wizard(picking)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        wizard.action_create()
        self.env.flush_all()
        self.assertLess(self.cr.sql_log_count - start, 450)

    def test_exact_price_is_asked(self):
        offer = self.make_offer(minimum_order_quantity=1000, stock_quantity=5000)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE onep_supplier_offer SET price_untaxed = 0.0345 WHERE id = %s", offer.ids
        )
        self.env.invalidate_all()
        self.make_market_offer()
        self.evaluate()
        line = self.order(self.approve(self.find(offer))).order_line
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(line.price_unit, 0.0345)
        self.assertEqual(line.price_subtotal, 34.5)
        self.assertEqual(line.product_id.seller_ids.price, 0.0345)

    def test_gone_offer_is_not_ordered(self):
        picking = self.approve(self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1]))
        wizard = self.open_wizard(picking)
        picking.line_ids[0].supplier_offer_id.sudo().is_present = False
        with self.assertRaisesRegex(UserError, "no longer offers"):
            wizard.action_create()
        self.assertFalse(picking.purchase_order_ids)

    def test_merged_rfqs_are_not_ordered_again(self):
        """Odoo's own merge adds up quantities and cancels the rest: the lists follow."""
        opportunities = [self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1])]
        first, second = self.approve(opportunities[0]), self.approve(*opportunities)
        orders = self.order(first) | self.order(second)
        orders[0].date_order -= timedelta(minutes=5)
        user = self.make_user("merger_onep", "purchase.group_purchase_user")
        orders.with_user(user).action_merge()
        self.assertRecordValues(orders, [{"state": "draft"}, {"state": "cancel"}])
        for picking in (first, second):
            self.assertEqual(picking.purchase_order_ids, orders[0])
            self.assertEqual(picking.to_order_count, 0)
        orders[0].button_confirm()
        self.assertEqual((first | second).mapped("state"), ["ordered", "ordered"])

    def test_merge_of_doubles_keeps_what_they_covered(self):
        """Two lines of the oldest order become one before the merge adds the third."""
        opportunity = self.make_opportunity()
        lists = [self.approve(opportunity) for _number in range(3)]
        kept = self.order(lists[0])
        wizard = self.open_wizard(lists[1])
        wizard.line_ids.use_existing = True
        wizard.action_create()
        self.assertEqual(len(kept.order_line), 2)
        orders = kept | self.order(lists[2])
        kept.date_order -= timedelta(minutes=5)
        orders.with_user(self.buyer).action_merge()
        self.assertEqual(kept.order_line.product_qty, 3)
        self.assertEqual([picking.to_order_count for picking in lists], [0, 0, 0])
