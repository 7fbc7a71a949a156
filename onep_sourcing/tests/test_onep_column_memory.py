"""What accepted files teach, who may see it, and what happens to it."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .feed_source_case import HEADER, FeedSourceCase

FILE = (
    "SKU;EAN;Désignation;Prix HT;Stock\n"
    "A-1;3701234567890;Lampe;12,50;30\nA-2;;Lampadaire;49,00;2\nA-3;;Applique;15,90;7\n"
)


@tagged("standard", "post_install", "-at_install")
class TestOnepColumnMemory(FeedSourceCase):
    def accept(self, text=FILE, feed=None, **choices):
        """A person accepts a file, with some columns set by hand."""
        feed = (feed or self.feed).with_user(self.buyer)
        upload = feed.env["onep.feed.upload"]._create_from_file("t.csv", text.encode(), feed)
        for line in upload.line_ids:
            if line.column in choices:
                line.field = choices[line.column]
        upload._create_import()
        return upload

    def facts(self, header, feed=None):
        lines = self.env["onep.column.memory"].search(
            [("header", "=", header), ("feed_id", "=", (feed or self.feed).id)]
        )
        return {
            line.field: (line.import_count, line.confirmed_count, line.correction_count)
            for line in lines
        }

    def recall(self, header, feed=None, columns=HEADER):
        memory = (feed or self.feed)._get_memory([header if name == "Stock" else name
                                                  for name in columns])  # fmt: skip
        return memory.recall(header, 4)

    def test_each_accepted_file_teaches_its_columns(self):
        self.accept()
        self.assertEqual(self.facts("Prix HT"), {"purchase_price": (1, 1, 0)})
        self.feed._receive("t.csv", FILE.replace("49,00", "48,00").encode())
        self.assertEqual(self.facts("Prix HT"), {"purchase_price": (2, 1, 0)}, "nobody looked")
        line = self.env["onep.column.memory"].search([("header", "=", "Prix HT")])
        self.assertEqual((line.partner_id, line.company_id), (self.supplier, self.company))

    def test_a_correction_is_remembered(self):
        self.accept(Stock="minimum_order_quantity")
        self.assertEqual(self.facts("Stock"), {"minimum_order_quantity": (1, 1, 1)})
        # in another layout of the feed too
        other = FILE.replace("Désignation", "Libellé long")
        upload = self.feed.env["onep.feed.upload"]._create_from_file(
            "t.csv", other.encode(), self.feed
        )
        by_column = {line.column: line for line in upload.line_ids}
        self.assertEqual(by_column["Stock"].field, "minimum_order_quantity")
        self.assertEqual(by_column["Stock"].origin, "memory")

    def test_a_contrary_correction_outweighs_it(self):
        for _file in range(4):
            self.accept()
        self.assertEqual(self.recall("STOCK").field, "stock_quantity")
        self.accept(Stock=False)
        self.assertEqual(self.facts("Stock"), {"stock_quantity": (4, 4, 0), False: (1, 1, 1)})
        found = self.recall("STOCK")
        self.assertIsNone(found.field)
        self.assertGreater(found.log_odds[None], 1)
        self.assertEqual(found.reason(None).rule, "memory-ignored-person")

    def test_a_field_set_on_the_feed_s_form_is_a_correction(self):
        self.accept()
        line = self.feed.mapping_ids.filtered(lambda line: line.column == "Stock")
        line.with_user(self.buyer).field = "minimum_order_quantity"
        self.assertEqual(
            self.facts("Stock"),
            {"stock_quantity": (1, 1, 0), "minimum_order_quantity": (0, 0, 1)},
        )
        self.assertEqual(self.recall("STOCK").field, "minimum_order_quantity")

    def test_another_supplier_benefits(self):
        self.accept(Stock="minimum_order_quantity")
        stranger = self.make_feed(self.make_supplier("Autre grossiste"))
        found = self.recall("Stock", stranger)
        self.assertFalse(found.is_own)
        self.assertGreater(found.log_odds["minimum_order_quantity"], 0)
        self.assertEqual(found.reason("minimum_order_quantity").rule, "memory-others-once")
        sister = self.make_feed(self.supplier)
        self.assertTrue(self.recall("Stock", sister).is_own)
        self.assertGreater(
            self.recall("Stock", sister).log_odds["minimum_order_quantity"],
            found.log_odds["minimum_order_quantity"],
        )

    def test_other_companies_do_not(self):
        self.accept(Stock="minimum_order_quantity")
        company = self.env["res.company"].create({"name": "Other"})
        memory = self.env["onep.column.memory"]._get_memory(HEADER, company)
        self.assertIsNone(memory.recall("Stock", 4))

    def test_the_accepted_layout_is_certain(self):
        self.accept(Stock=False)
        found = self.feed._get_memory(HEADER).recall("Stock", 4)
        self.assertTrue(found.is_certain)
        self.assertIsNone(found.field)

    def test_what_is_old_fades_and_is_forgotten(self):
        self.accept()
        fresh = self.recall("STOCK").log_odds["stock_quantity"]
        lines = self.env["onep.column.memory"].search([("feed_id", "=", self.feed.id)])
        lines.last_seen_at = fields.Datetime.now() - timedelta(days=400)
        self.feed.mapping_ids.unlink()
        self.assertLess(self.recall("STOCK").log_odds["stock_quantity"], fresh / 2)
        self.env["onep.column.memory"]._gc_old()
        self.assertEqual(len(lines.exists()), 5)
        self.env["ir.config_parameter"].set_param("onep_sourcing.memory_days", "365")
        self.env["onep.column.memory"]._gc_old()
        self.assertFalse(lines.exists())

    def test_it_goes_with_its_feed(self):
        self.accept()
        other = self.make_feed(self.supplier)
        self.accept(feed=other)
        self.feed.import_ids.state = "cancelled"
        self.feed.unlink()
        left = self.env["onep.column.memory"].search([("partner_id", "=", self.supplier.id)])
        self.assertEqual(left.feed_id, other)

    def test_it_follows_a_merged_supplier(self):
        self.accept()
        self.accept(feed=self.make_feed(self.make_supplier("Grossiste bis")))
        double = self.env["res.partner"].search([("name", "=", "Grossiste bis")])
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.supplier | double).ids, self.supplier
        )
        self.env.invalidate_all()
        lines = self.env["onep.column.memory"].search([("company_id", "=", self.company.id)])
        self.assertEqual(lines.partner_id, self.supplier)
        self.assertEqual(len(lines), 10)

    def test_buyers_read_managers_delete_nobody_writes(self):
        self.accept()
        line = self.env["onep.column.memory"].search([("header", "=", "Prix HT")])
        self.assertEqual(line.with_user(self.buyer).field, "purchase_price")
        for user in (self.buyer, self.manager):
            with self.assertRaises(AccessError):
                line.with_user(user).write({"field": "ean"})
            with self.assertRaises(AccessError):
                line.with_user(user).create({"feed_id": self.feed.id, "header": "x", "words": "x"})
        with self.assertRaises(AccessError):
            line.with_user(self.buyer).unlink()
        line.with_user(self.manager).unlink()
        self.feed.mapping_ids.unlink()
        self.assertIsNone(self.feed._get_memory(HEADER).recall("Prix HT", 3))

    def test_columns_of_one_name_are_kept_apart(self):
        text = "SKU;Prix;Prix;Désignation\nA-1;12,50;30,00;Lampe\nA-2;49,00;90,00;Lampadaire\n"
        self.accept(text, **{"SKU": "supplier_sku", "Prix": "purchase_price",
                             "Prix (2)": "recommended_retail_price"})  # fmt: skip
        self.assertEqual(list(self.facts("Prix")), ["purchase_price"])
        self.assertEqual(list(self.facts("Prix (2)")), ["recommended_retail_price"])

    def test_memory_is_read_by_few_queries(self):
        self.accept()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            self.feed._get_memory(HEADER)
