"""Accepted offers into vendor price lists: previewed, written, and written once."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepVendorPriceWrite(BuyingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.company)
        cls.yesterday = cls.today - timedelta(days=1)
        cls.variants = cls.env["product.product"].create(
            [{"name": f"Known {gtin}", "barcode": gtin[1:]} for gtin in GTINS[:4]]
        )
        cls.offers = cls.env["onep.supplier.offer"]
        for gtin, variant in zip(GTINS, cls.variants, strict=False):
            cls.make_product(gtin, product_id=variant.id)
            cls.offers |= cls.make_offer(gtin, lead_time_days=3)

    def preview(self, offers=None, user=None):
        offers = (offers or self.offers).with_user(user or self.manager)
        action = offers.with_company(self.company).action_write_vendor_prices()
        return (
            self.env[action["res_model"]].browse(action["res_id"]).with_env(offers.env)
        ).with_company(self.company)

    def lines(self, wizard):
        return [(line.offer_id.gtin, line.action, line.reason) for line in wizard.line_ids]

    def rows(self, variant):
        return self.env["product.supplierinfo"].search(
            [("product_tmpl_id", "=", variant.product_tmpl_id.id)], order="min_qty, id"
        )

    def make_row(self, variant, price, **vals):
        return self.env["product.supplierinfo"].create(
            {
                "partner_id": self.supplier.id,
                "product_tmpl_id": variant.product_tmpl_id.id,
                "company_id": self.company.id,
                "currency_id": self.eur.id,
                "onep_price_source": "catalogue",
                "price": price,
                **vals,
            }
        )

    def test_written_once(self):
        """Prices by quantity are rows; a second run finds nothing to do."""
        offer = self.offers[0]
        offer.write(
            {
                "minimum_order_quantity": 6,
                "tiers": [{"quantity": 2, "price": 9.5}, {"quantity": 24, "price": 8.0}],
            }
        )
        wizard = self.preview()
        self.assertEqual((wizard.create_count, wizard.keep_count), (5, 0))
        self.assertFalse(self.rows(self.variants[0]), "a preview writes nothing")
        wizard.action_apply()
        rows = self.rows(self.variants[0])
        self.assertEqual(rows.mapped("min_qty"), [6, 24])
        self.assertEqual(rows.mapped("price"), [9.5, 8.0])
        self.assertEqual(set(rows.mapped("onep_price_source")), {"catalogue"})
        self.assertEqual(
            (rows[0].partner_id, rows[0].product_code, rows[0].delay, rows[0].company_id),
            (self.supplier, offer.supplier_sku, 3, self.company),
        )
        seller = (
            self.variants[0]
            .with_company(self.company)
            ._select_seller(partner_id=self.supplier, quantity=30)
        )
        self.assertEqual(seller, rows[1], "Odoo buys at it")
        again = self.preview()
        self.assertEqual((again.keep_count, again.has_work), (5, False))
        self.assertEqual({line.reason for line in again.line_ids}, {"same"})

    def test_what_is_left_alone_and_why(self):
        negotiated = self.make_row(self.variants[0], 7.0, onep_price_source="negotiated")
        self.make_row(self.variants[1], 7.0, date_end=self.yesterday)
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.make_row(self.variants[1], 6.0, company_id=other.id)
        self.offers[2].product_id.product_id = False
        self.offers[3].price_untaxed = 0.0
        wizard = self.preview()
        self.assertEqual(
            self.lines(wizard),
            [
                (GTINS[1], "create", "new"),
                (GTINS[0], "keep", "negotiated"),
                (GTINS[2], "keep", "no_product"),
                (GTINS[3], "keep", "no_price"),
            ],
        )
        wizard.action_apply()
        self.assertEqual(self.rows(self.variants[0]), negotiated)
        self.assertEqual((negotiated.price, theirs.price), (7.0, 6.0))

    def test_changes_in_place_and_by_date(self):
        """A moved price replaces its row, or ends it yesterday and begins another today."""
        self.preview().action_apply()
        self.offers[0].write({"price_untaxed": 11.0})
        self.offers[1].write({"is_present": False})
        wizard = self.preview()
        self.assertEqual(
            sorted(self.lines(wizard)[:2]),
            [(GTINS[0], "change", "moved"), (GTINS[1], "close", "gone")],
        )
        line = wizard.line_ids[0]
        self.assertEqual((line.price_before, line.price_after), (10.0, 11.0))
        wizard.action_apply()
        row = self.rows(self.variants[0])
        self.assertEqual(
            (row.price, row.date_end, row.onep_price_source), (11.0, False, "catalogue")
        )
        self.assertEqual(self.rows(self.variants[1]).date_end, self.yesterday)
        row.date_start = self.today - timedelta(days=30)
        self.offers[0].price_untaxed = 12.0
        wizard = self.preview()
        wizard.on_change = "close"
        wizard.action_apply()
        old, new = self.rows(self.variants[0])
        self.assertEqual((old.price, old.date_end), (11.0, self.yesterday))
        self.assertEqual((new.price, new.date_start, new.date_end), (12.0, self.today, False))
        self.assertFalse(self.preview().has_work)

    def test_tier_gone_and_copy_of_an_order(self):
        """What an order left from one unit on is the same row; a price by quantity that is no
        more ends."""
        row = self.make_row(self.variants[0], 9.0, min_qty=1, onep_price_source="order")
        tier = self.make_row(self.variants[0], 8.0, min_qty=50)
        wizard = self.preview(self.offers[0])
        self.assertEqual(
            self.lines(wizard), [(GTINS[0], "change", "moved"), (GTINS[0], "close", "step")]
        )
        wizard.action_apply()
        self.assertEqual((row.price, tier.date_end), (10.0, self.yesterday))

    def test_moved_since_the_preview(self):
        """What was not shown is not written: the preview is made again."""
        wizard = self.preview(self.offers[0])
        self.offers[0].price_untaxed = 13.0
        action = wizard.action_apply()
        self.assertEqual((action["res_model"], wizard.is_moved), (wizard._name, True))
        self.assertFalse(self.rows(self.variants[0]))
        wizard.action_apply()
        self.assertEqual(self.rows(self.variants[0]).price, 13.0)

    def test_rights(self):
        """A buyer sees, a manager writes; nobody sees another company's offers or previews."""
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.eur.id})
        feed = self.make_feed(self.make_supplier("Theirs"), company_id=other.id)
        theirs = self.make_offer(GTINS[0], feed=feed)
        wizard = self.preview(self.offers[0], self.buyer)
        self.assertEqual(wizard.create_count, 1)
        with self.assertRaises(AccessError):
            wizard.action_apply()
        with self.assertRaises(AccessError):
            wizard.line_ids.price_after = 1.0
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).line_ids.read(["price_after"])
        forged = self.env["onep.vendor.price.write"].with_user(self.manager)
        forged = forged.with_company(self.company).create({"offer_ids": theirs.ids})
        forged.action_apply()
        self.assertFalse(forged.line_ids)

    def test_statements_do_not_grow_with_the_offers(self):
        """500 offers: a preview is one statement, the writing a batch."""
        products = self.env["product.product"].create([{"name": f"P{i}"} for i in range(500)])
        pivots = self.env["onep.product"].create(
            [
                {"gtin": f"{i:014d}", "name": f"P{i}", "product_id": product.id}
                for i, product in enumerate(products, 1)
            ]
        )
        offers = self.env["onep.supplier.offer"].create(
            [
                {
                    "feed_id": self.feed.id,
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "supplier_sku": f"P{pivot.gtin}",
                    "gtin": pivot.gtin,
                    "product_id": pivot.id,
                    "name": pivot.name,
                    "currency_id": self.eur.id,
                    "price_untaxed": 5.0,
                }
                for pivot in pivots
            ]
        )
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.preview(offers).action_apply()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 100)
        self.assertEqual(
            self.env["product.supplierinfo"].search_count(
                [("product_tmpl_id", "in", products.product_tmpl_id.ids)]
            ),
            500,
        )
