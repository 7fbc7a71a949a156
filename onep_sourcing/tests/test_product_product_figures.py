"""Our own figures, worked by hand: goods come and go on known days of the last 90."""

from datetime import timedelta

import numpy as np

from odoo.tests import tagged

from .buying_case import GTINS
from .own_figures_case import OwnFiguresCase


@tagged("standard", "post_install", "-at_install")
class TestProductProductFigures(OwnFiguresCase):
    def figures(self, products, company=None):
        return products._onep_get_own_figures(company or self.company)

    def assertUnknown(self, value, message=None):
        self.assertTrue(np.isnan(value), message)

    def test_days_without_stock_are_left_out(self):
        """20 came 60 days ago, all sold by day 40, 4 came back on day 5.

        It was there on days 60 to 40 and from day 5 on: 21 + 6 days.
        """
        product = self.make_variant("Sold out")
        self.move(product, 20, self.vendors, self.shelf, 60)
        self.move(product, 10, self.shelf, self.customers, 50)
        self.move(product, 10, self.shelf, self.customers, 40)
        self.move(product, 4, self.customers, self.shelf, 5)
        figures = self.figures(product)
        self.assertEqual(figures.on_hand, 4)
        self.assertEqual((figures.sold_30, figures.sold_90, figures.sold_365), (-4, 16, 16))
        self.assertEqual(figures.days_in_stock_90, 27)
        self.assertAlmostEqual(figures.daily_sales[0], 16 / 27)
        self.assertAlmostEqual(figures.return_rate[0], 4 / 20)

    def test_old_stock_and_old_sales(self):
        """What moved before the 90 days counts as stock then; its sales only in the year."""
        product = self.make_variant("Slow")
        self.move(product, 30, self.vendors, self.shelf, 200)
        self.move(product, 10, self.shelf, self.customers, 150)
        self.move(product, 5, self.shelf, self.customers, 89)
        figures = self.figures(product)
        self.assertEqual((figures.sold_90, figures.sold_365), (5, 15))
        self.assertEqual(figures.days_in_stock_90, 90)
        self.assertAlmostEqual(figures.daily_sales[0], 5 / 90)

    def test_unknown_is_not_zero(self):
        """Never here nor sold: unknown. Here and unsold: zero. Sold past our stock: every day."""
        never, unsold, direct, untracked = (
            self.make_variant(name, is_storable=name != "Untracked")
            for name in ("Never", "Unsold", "Direct", "Untracked")
        )
        self.move(unsold, 3, self.vendors, self.shelf, 10)
        self.move(direct, 9, self.vendors, self.customers, 2)
        figures = self.figures(direct | never | untracked | unsold)
        self.assertEqual(len(figures), 4)
        self.assertEqual(figures.daily_sales[[0, 3]].tolist(), [0.1, 0.0])
        self.assertUnknown(figures.daily_sales[1])
        self.assertUnknown(figures.daily_sales[2])
        self.assertEqual(figures.on_hand[[0, 1, 3]].tolist(), [0, 0, 3])
        self.assertUnknown(figures.on_hand[2], "not tracked")
        self.assertEqual(figures.return_rate[0], 0.0)
        for name in ("return_rate", "unit_cost", "last_purchase_price", "last_sale_price_untaxed"):
            self.assertUnknown(getattr(figures, name)[1], name)
        self.assertEqual(len(self.figures(self.env["product.product"])), 0)

    def test_what_customers_wait_for_is_sold(self):
        """A dozen ordered of a product that is out of stock, 4 pieces delivered: 12 sold in all.

        A cancelled order, and the rest of a delivery that was given up, are not waited for.
        """
        product = self.make_variant("Awaited")
        self.move(product, 4, self.vendors, self.shelf, 3)
        customer = self.env["res.partner"].create({"name": "Customer"})
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "order_line": [
                        (
                            0,
                            0,
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "product_uom_id": unit.id,
                                "tax_ids": False,
                            },
                        )
                    ],
                }
                for quantity, unit in (
                    (1, self.env.ref("uom.product_uom_dozen")),
                    (50, product.uom_id),
                    (9, product.uom_id),
                )
            ]
        )
        waited, cancelled, given_up = orders
        orders.action_confirm()
        cancelled._action_cancel()
        given_up.picking_ids.action_cancel()
        delivery = waited.picking_ids
        delivery.move_ids.quantity, delivery.move_ids.picked = 4, True
        delivery._action_done()
        figures = self.figures(product)
        self.assertEqual((figures.on_hand, figures.outgoing), (0, 8))
        self.assertEqual((figures.sold_30, figures.sold_90, figures.sold_365), (12, 12, 12))
        self.assertEqual(figures.days_in_stock_90, 4)
        self.assertEqual(figures.daily_sales, 3.0)
        self.assertEqual(figures.return_rate, 0.0)
        waited.date_order -= timedelta(days=100)
        figures = self.figures(product)
        self.assertEqual((figures.sold_90, figures.sold_365), (4, 12))

    def test_articles_follow_the_barcode(self):
        """Created, corrected, taken away: what is shown is of the product with the barcode."""
        pivot, other = self.make_product("00012345678905"), self.make_product(GTINS[1])
        product = self.make_variant("Shared", barcode="012345678905")
        self.assertEqual(pivot.product_id, product)
        self.move(product, 7, self.vendors, self.shelf)
        self.assertEqual(pivot.own_on_hand_quantity, 7.0)
        product.product_tmpl_id.barcode = GTINS[1][1:]
        self.assertEqual((pivot.product_id.id, other.product_id), (False, product))
        product.barcode = "not an EAN"
        self.assertFalse(other.product_id)
        own = self.make_variant("Ours", barcode="012345678905", company_id=self.company.id)
        self.assertFalse(pivot.product_id, f"{own.name} is one company's, the link is shared")

    def test_open_transfers(self):
        product = self.make_variant("Expected")
        self.move(product, 10, self.vendors, self.shelf)
        self.plan(product, 7, self.vendors, self.shelf)
        self.plan(product, 4, self.shelf, self.customers)._action_assign()
        self.plan(product, 2, self.shelf, self.warehouse.wh_qc_stock_loc_id)
        figures = self.figures(product)
        self.assertEqual((figures.on_hand, figures.reserved), (10, 4))
        self.assertEqual((figures.incoming, figures.outgoing, figures.forecast), (7, 4, 13))

    def test_other_company(self):
        """Stock, sales, cost and prices are those of the company asked for."""
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.eur.id})
        self.env.user.company_ids |= other
        home = self.env["stock.warehouse"].search([("company_id", "=", other.id)]).lot_stock_id
        product = self.make_variant("Shared")
        product.with_company(self.company).standard_price = 6.5
        self.move(product, 8, self.vendors, self.shelf, 20)
        self.move(product, 30, self.vendors, home, 20, other)
        self.move(product, 12, home, self.customers, 10, other)
        self.make_purchase(product, other, 3.0)
        ours, theirs = self.figures(product), self.figures(product, other)
        self.assertEqual((ours.on_hand, ours.sold_90, ours.unit_cost), (8, 0, 6.5))
        self.assertUnknown(ours.last_purchase_price[0])
        self.assertEqual((theirs.on_hand, theirs.sold_90, theirs.days_in_stock_90), (18, 12, 21))
        self.assertEqual(theirs.last_purchase_price, 3.0)
        self.assertUnknown(theirs.unit_cost[0])

    def make_purchase(self, product, company, price, **vals):
        order = (
            self.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "company_id": company.id,
                    "currency_id": vals.pop("currency_id", self.eur.id),
                    "order_line": [
                        (
                            0,
                            0,
                            {"product_id": product.id, "price_unit": price, "tax_ids": [], **vals},
                        )
                    ],
                }
            )
        )
        order.button_confirm()
        return order

    def test_last_prices(self):
        """Per unit of the product, discounts deducted, in the company's currency."""
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": usd.id, "company_id": self.company.id, "name": "2020-01-01", "rate": 2}
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        product = self.make_variant("Priced")
        self.make_purchase(product, self.company, 7.0, product_qty=1)
        self.make_purchase(
            product,
            self.company,
            240.0,
            product_qty=2,
            product_uom_id=dozen.id,
            discount=10,
            currency_id=usd.id,
        )
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_id": dozen.id,
                            "product_uom_qty": 1,
                            "price_unit": 180.0,
                            "tax_ids": [],
                        },
                    )
                ],
            }
        )
        self.assertUnknown(self.figures(product).last_sale_price_untaxed[0], "not confirmed")
        sale.action_confirm()
        products = product | self.make_variant("Unpriced")
        self.env.flush_all()
        with self.assertQueryCount(1):
            figures = self.figures(products)
        # 240 USD a dozen less 10 % is 18 USD a piece, 9 EUR
        self.assertEqual(figures.last_purchase_price[0], 9.0)
        self.assertEqual(figures.last_sale_price_untaxed[0], 15.0)
