"""What becomes of a file that came: an import, nothing, or a person's work."""

import io
import json

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .channel_servers import PRICE_LIST
from .feed_source_case import HEADER, FeedSourceCase


def workbook(*sheets):
    """An XLSX of (title, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@tagged("standard", "post_install", "-at_install")
class TestFeedIntake(FeedSourceCase):
    def test_known_columns_are_imported_without_a_person(self):
        self.confirm_columns()
        entry = self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(entry["rule"], "file-imported")
        run = self.run_import()
        self.assertEqual((run.accepted_count, run.new_count, run.file_name), (3, 3, "tarif.csv"))
        offer = self.env["onep.supplier.offer"].search(
            [("feed_id", "=", self.feed.id), ("supplier_sku", "=", "A-1")]
        )
        self.assertEqual((offer.price_untaxed, offer.stock_quantity), (12.5, 30))
        self.assertFalse(self.feed.waiting_count)
        self.assertFalse(self.feed.activity_ids)

    def test_what_a_person_confirmed_wins_over_what_the_mapper_thinks(self):
        self.confirm_columns(fields=("supplier_sku", False, "name", "purchase_price", False))
        self.feed._receive("tarif.csv", PRICE_LIST)
        self.run_import()
        offer = self.env["onep.supplier.offer"].search(
            [("feed_id", "=", self.feed.id), ("supplier_sku", "=", "A-1")]
        )
        self.assertFalse(offer.gtin)
        self.assertFalse(offer.stock_quantity)

    def test_a_first_file_waits_with_a_to_do(self):
        entry = self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(entry["rule"], "file-held")
        self.assertFalse(self.feed.import_ids)
        arrival = self.feed.waiting_ids
        self.assertEqual(arrival.attachment_id.raw, PRICE_LIST)
        activity = self.feed.activity_ids
        self.assertEqual(activity.user_id, self.buyer)
        self.assertIn("tarif.csv", activity.summary)
        self.assertFalse(self.env["onep.feed.upload"].search([("feed_id", "=", self.feed.id)]))

    def test_a_buyer_checks_it_and_the_to_do_goes(self):
        self.feed._receive("tarif.csv", PRICE_LIST)
        feed = self.feed.with_user(self.buyer)
        action = feed.action_check_columns()
        upload = self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        self.assertEqual(upload.feed_id, feed)
        self.assertEqual(upload.file_name, "tarif.csv")
        self.feed.check_state = "waiting"
        upload.action_confirm()
        self.assertFalse(self.feed.waiting_count)
        self.env["onep.supplier.feed"]._cron_enqueue_checks()
        self.assertFalse(self.feed.activity_ids)
        self.assertEqual(self.feed.check_state, "ok")
        self.run_import()
        self.assertEqual(self.feed._receive("tarif.csv", PRICE_LIST)["rule"], "file-same")

    def test_an_older_file_leaves_a_newer_one_waiting(self):
        files = [PRICE_LIST.replace(b"12,50", price) for price in (b"12,50", b"12,60", b"12,70")]
        for data in files:
            self.feed._receive("tarif.csv", data)
        newest, middle, oldest = self.feed.waiting_ids
        self.feed.check_state = "waiting"
        action = middle.action_check_columns()
        self.env[action["res_model"]].browse(action["res_id"]).action_confirm()
        self.assertEqual(self.feed._get_waiting(), newest)
        self.assertTrue(oldest.is_dismissed)
        self.assertEqual(self.feed.check_state, "waiting")
        self.assertTrue(newest.activity_id)
        action = newest.action_check_columns()
        self.env[action["res_model"]].browse(action["res_id"]).action_confirm()
        self.assertFalse(self.feed.waiting_count)

    def test_changed_columns_wait_and_are_named(self):
        self.confirm_columns(("SKU", "EAN", "Col. C", "Prix HT", "Stock"))
        entry = self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(entry["params"]["reason"]["rule"], "layout-drifted")
        self.assertEqual(
            self.feed.waiting_ids.reason_text,
            "Its columns changed since the last file. “Col. C” is gone. It filled Name.",
        )

    def test_the_order_of_columns_is_free_when_names_tell_them_apart(self):
        self.confirm_columns(("EAN", "SKU", "Désignation", "Prix HT", "Stock"),
                             ("ean", "supplier_sku", "name", "purchase_price", False))  # fmt: skip
        self.assertEqual(self.feed._receive("tarif.csv", PRICE_LIST)["rule"], "file-imported")
        self.run_import()
        offer = self.env["onep.supplier.offer"].search(
            [("feed_id", "=", self.feed.id), ("supplier_sku", "=", "A-1")]
        )
        self.assertEqual(offer.price_untaxed, 12.5)

    def test_named_values_may_come_in_any_order(self):
        self.confirm_columns()
        rows = [line.split(";") for line in PRICE_LIST.decode().splitlines()[1:]]
        records = [dict(reversed(list(zip(HEADER, row, strict=True)))) for row in rows]
        entry = self.feed._receive("items.json", json.dumps(records).encode())
        self.assertEqual(entry["rule"], "file-imported", entry)
        self.assertEqual(self.run_import().accepted_count, 3)
        offer = self.env["onep.supplier.offer"].search(
            [("feed_id", "=", self.feed.id), ("supplier_sku", "=", "A-1")]
        )
        self.assertEqual((offer.price_untaxed, offer.stock_quantity), (12.5, 30))

    def test_a_mapping_without_a_price_waits(self):
        self.confirm_columns(fields=("supplier_sku", "ean", "name", False, "stock_quantity"))
        entry = self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(entry["params"]["reason"]["rule"], "mapping-incomplete")
        self.assertIn("purchase price", self.feed.waiting_ids.reason_text)
        self.assertEqual(len(self.feed.mapping_ids), 5, "what was confirmed is untouched")

    def test_the_bytes_of_the_last_import_are_noticed(self):
        self.confirm_columns()
        self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(
            self.feed._receive("again.csv", PRICE_LIST)["rule"], "file-same", "still queued"
        )
        self.run_import()
        self.assertEqual(self.feed._receive("again.csv", PRICE_LIST)["rule"], "file-same")
        self.assertTrue(self.feed.confirmed_at)
        self.assertEqual(len(self.feed.import_ids), 1)
        other = PRICE_LIST.replace(b"12,50", b"12,90")
        self.assertEqual(self.feed._receive("b.csv", other)["rule"], "file-imported")
        self.run_import()
        self.assertEqual(
            self.feed._receive("c.csv", PRICE_LIST)["rule"],
            "file-imported",
            "prices may go back: only the last import counts",
        )

    def test_a_failed_import_is_tried_again_with_the_same_bytes(self):
        self.confirm_columns()
        self.feed._receive("tarif.csv", PRICE_LIST)
        self.feed.import_ids._run_fail("broken")
        self.assertEqual(self.feed._receive("tarif.csv", PRICE_LIST)["rule"], "file-imported")

    def test_a_file_that_waits_is_not_kept_twice(self):
        self.feed._receive("tarif.csv", PRICE_LIST)
        self.assertEqual(self.feed._receive("tarif.csv", PRICE_LIST)["rule"], "file-waits")
        self.assertEqual(len(self.feed.waiting_ids), 1)
        self.assertEqual(len(self.feed.activity_ids), 1)

    def test_a_newer_full_catalogue_replaces_what_waited(self):
        self.feed._receive("odd.csv", b"Foo;Bar\n1;2\n3;4\n")
        self.assertEqual(self.feed.waiting_count, 1)
        self.confirm_columns()
        self.feed._receive("tarif.csv", PRICE_LIST)
        self.env.invalidate_all()
        self.assertFalse(self.feed.waiting_count)
        self.assertFalse(self.feed.activity_ids)

    def test_what_is_no_price_list_waits_with_its_reason(self):
        self.confirm_columns()
        entry = self.feed._receive("tarif.pdf", b"%PDF-1.7 \x00\x01")
        self.assertEqual(entry["params"]["reason"]["rule"], "file-unreadable")
        self.assertIn("PDF", self.feed.waiting_ids.reason_text)
        arrival = self.feed.waiting_ids
        self.feed.check_state = "waiting"
        arrival.with_user(self.buyer).action_dismiss()
        self.assertEqual(self.feed.check_state, "ok")
        self.assertFalse(self.feed.activity_ids)
        self.env.invalidate_all()
        self.assertFalse(self.feed.waiting_count)

    def test_the_sheet_of_the_last_import_is_read_again(self):
        rows = [list(HEADER), ["A-1", "3701234567890", "Ours", 12.5, 30], ["A-2", "", "X", 4, 1]]
        noise = [["Société", "Adresse"], ["Grossiste", "Paris"], ["x", "y"], ["z", "w"]]
        self.confirm_columns()
        self.feed._receive("a.xlsx", workbook(("Tarif", rows)))
        self.run_import()
        rows[1][3] = 13.5
        wide = [["Code", *(f"C{n}" for n in range(12))]] + [[n] * 13 for n in range(60)]
        entry = self.feed._receive(
            "b.xlsx", workbook(("Infos", noise), ("Stats", wide), ("Tarif", rows))
        )
        self.assertEqual(entry["rule"], "file-imported", entry)
        self.assertEqual(self.feed.import_ids[:1].shape["sheet"], "Tarif")

    def test_files_go_with_their_feed(self):
        self.feed._receive("tarif.csv", PRICE_LIST)
        attachment = self.feed.waiting_ids.attachment_id
        self.feed.unlink()
        self.assertFalse(attachment.exists())

    def test_a_buyer_cannot_make_a_waiting_file_point_elsewhere(self):
        self.feed._receive("tarif.csv", PRICE_LIST)
        other = self.env["ir.attachment"].create({"name": "secret", "raw": b"secret"})
        arrival = self.feed.waiting_ids.with_user(self.buyer)
        with self.assertRaises(AccessError):
            arrival.write({"attachment_id": other.id})
        with self.assertRaises(AccessError):
            arrival.create({"name": "x", "feed_id": self.feed.id, "attachment_id": other.id})

    def test_a_name_is_text_in_the_to_do(self):
        self.feed._receive("<b>x</b>.csv", PRICE_LIST)
        self.assertIn("&lt;b&gt;", self.feed.activity_ids.note)

    def test_other_companies_see_nothing(self):
        self.feed._receive("tarif.csv", PRICE_LIST)
        arrival = self.feed.waiting_ids
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.make_user("stranger_onep", "onep_sourcing.group_sourcing_manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(user=stranger, context={})
        self.assertFalse(env["onep.feed.arrival"].search([]))
        feed = self.feed.with_env(env)
        for call in (
            arrival.with_env(env).action_check_columns,
            arrival.with_env(env).action_dismiss,
            feed.action_check_columns,
            feed.action_test_connection,
            feed.action_fetch_now,
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertTrue(arrival.is_waiting)
