"""A file that is bad for good: neither fetched nor imported again and again."""

from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .channel_servers import PRICE_LIST, HttpServer
from .feed_source_case import MAPPING, FeedSourceCase

#: Its columns are the confirmed ones, and no row of it can be used.
WORTHLESS = "SKU;EAN;Désignation;Prix HT;Stock\n;;Ours;12,50;30\n;;Toupie;4,10;120\n".encode()
PAGE = b"<!DOCTYPE html><html><form><input type='password'></form></html>"
DATE = "Mon, 02 Nov 2026 08:00:00 GMT"


@tagged("standard", "post_install", "-at_install")
class TestFeedRefusal(FeedSourceCase):
    def setUp(self):
        super().setUp()
        self.confirm_columns()

    def fail_import(self):
        run = self.feed.import_ids[:1]
        self.env.flush_all()
        run._job_import()
        self.assertEqual(run.state, "failed")
        self.assertTrue(run.refused_as, "for what it holds")
        return run

    def check(self, *rules, state="failed"):
        self.feed._job_check()
        self.assertEqual(self.rules(), list(rules), self.feed.check_text)
        self.assertEqual(self.feed.check_state, state)

    def fetch_now(self):
        with trap_jobs() as trap:
            self.feed.with_user(self.buyer).action_fetch_now()
            self.perform(trap)

    def serve_bodies(self, data, **headers):
        """A web server that answers nobody with 304; counts the bodies that are taken from it."""
        server = HttpServer()
        self.addCleanup(server.close)
        taken = []

        def route(handler):
            handler.send_response(200)
            for name, value in {"Content_Length": len(data), **headers}.items():
                handler.send_header(name.replace("_", "-"), str(value))
            handler.end_headers()
            handler.close_connection = True
            for start in range(0, len(data), 1 << 16):
                handler.wfile.write(data[start : start + (1 << 16)])
            taken.append(len(data))

        server.routes["/tarif.csv"] = route
        self.feed.write({"channel": "http", "source_url": f"{server.url}/tarif.csv"})
        return taken

    def test_an_import_that_failed_for_its_contents_is_not_begun_again(self):
        server = self.serve(WORTHLESS)
        self.check("file-imported", state="ok")
        self.fail_import()
        for _check in range(3):
            self.check("refused-before")
        self.assertEqual(len(self.feed.import_ids), 1)
        self.assertIn("None of the 2 rows", self.feed.check_text)
        self.assertIn("Fetch now", self.feed.check_text)
        self.assertEqual(len(self.feed.activity_ids), 1, "its responsible is told")
        server.serve("/tarif.csv")
        self.check("file-imported", state="ok")
        self.assertEqual(self.run_import().accepted_count, 3, "it changed")
        self.assertFalse(self.feed.activity_ids)

    def test_what_was_bad_before_something_good_is_still_known(self):
        server = self.serve(WORTHLESS)
        self.check("file-imported", state="ok")
        self.fail_import()
        server.serve("/tarif.csv")
        self.check("file-imported", state="ok")
        self.run_import()
        server.serve("/tarif.csv", WORTHLESS)
        self.check("refused-before")
        self.assertEqual(len(self.feed.import_ids), 2)

    def test_a_server_that_knows_what_we_have_is_asked_for_no_more(self):
        server = self.serve(WORTHLESS)

        def route(handler):
            known = handler.headers.get("If-None-Match") == '"v1"'
            handler.answer(304 if known else 200, b"" if known else WORTHLESS, ETag='"v1"')

        server.routes["/tarif.csv"] = route
        self.check("file-imported", state="ok")
        self.fail_import()
        self.check("refused-before")
        self.assertIn("If-None-Match", server.asked[-1][2])
        self.assertEqual(len(self.feed.import_ids), 1)

    def test_what_changes_no_file_leaves_a_refusal_alone(self):
        self.feed.write({"channel": "sftp", "source_host": "a.example", "source_password": "first"})
        known = self.feed._get_reading_print()
        self.feed.sudo().secret_ids._rotate()
        self.assertEqual(self.feed._get_reading_print(), known, "encrypted again")
        self.feed.source_host_key = "SHA256:" + "A" * 43
        self.assertEqual(self.feed._get_reading_print(), known, "learned at first contact")
        self.feed.source_password = "second"
        self.assertNotEqual(self.feed._get_reading_print(), known)

    def test_columns_settings_or_a_person_try_it_again(self):
        self.serve(WORTHLESS)
        self.check("file-imported", state="ok")
        for count, change in enumerate(
            (
                lambda: self.confirm_columns(fields=("supplier_sku", False, "name", *MAPPING[3:])),
                lambda: self.feed.write({"prices_include_vat": True}),
                lambda: self.feed.write({"source_key_name": "X-Key"}),
                lambda: self.feed.write({"source_token": "new-token"}),
                lambda: self.env["ir.config_parameter"].set_param("onep_sourcing.feed_max_mb", "7"),
            ),
            start=2,
        ):  # fmt: skip
            self.fail_import()
            self.check("refused-before")
            change()
            self.check("file-imported", state="ok")
            self.assertEqual(len(self.feed.import_ids), count)
        self.fail_import()
        self.check("refused-before")
        self.fetch_now()
        self.assertEqual(self.rules(), ["file-imported"])
        self.assertEqual(len(self.feed.import_ids), count + 1)
        self.fail_import()
        self.check("refused-before")

    def test_a_broken_import_is_no_fault_of_the_file(self):
        self.serve(WORTHLESS)
        self.check("file-imported", state="ok")
        self.feed.import_ids._job_failed()
        self.check("file-imported", state="ok")
        self.assertEqual(len(self.feed.import_ids), 2)

    def test_a_file_of_a_server_whose_import_failed(self):
        server = self.serve_files()
        server.put("tarif.csv", WORTHLESS)
        self.check("file-imported", "key-learned", state="ok")
        self.fail_import()
        self.check("refused-before")
        self.assertEqual(len(self.feed.import_ids), 1)
        self.fetch_now()
        self.assertEqual(self.rules(), ["file-imported"])
        self.fail_import()
        server.put("tarif.csv", PRICE_LIST, age_s=60)
        self.check("file-imported", state="ok")
        self.run_import()
        self.check("no-new-file", state="ok")

    def test_an_older_failure_does_not_come_after_a_newer_good_one(self):
        server = self.serve_files()
        self.feed.source_newest_only = False
        server.put("a.csv", WORTHLESS, age_s=7200)
        self.check("file-imported", "key-learned", state="ok")
        self.fail_import()
        server.put("b.csv")
        self.feed._job_check()
        self.run_import()
        self.feed.prices_include_vat = True
        self.check("no-new-file", state="ok")
        self.fetch_now()
        self.assertEqual(len(self.feed.import_ids), 2)

    def test_a_file_too_large_is_not_fetched_again_and_stops_no_other(self):
        self.env["ir.config_parameter"].set_param("onep_sourcing.feed_max_mb", "0.001")
        server = self.serve_files()
        self.feed.write({"source_newest_only": False, "kind": "delta"})
        server.put("a.csv", b"x" * 5000, age_s=7200)
        server.put("b.csv")
        self.check("file-refused", "file-imported", "key-learned")
        self.assertIn("larger than", self.feed.check_text)
        self.run_import()
        self.check("refused-before")
        self.assertEqual(self.feed.failure_count, 2)
        server.put("c.csv", PRICE_LIST.replace(b"12,50", b"12,90"), age_s=60)
        self.check("refused-before", "file-imported")
        self.run_import()
        self.env["ir.config_parameter"].set_param("onep_sourcing.feed_max_mb", "1")
        self.check("file-held", state="waiting")
        (server.root / "a.csv").unlink()
        self.feed.waiting_ids.action_dismiss()
        self.check("no-new-file", state="ok")

    def test_a_large_download_that_was_refused_is_not_begun_again(self):
        """Even of a server that sends its file whatever we say we have."""
        self.env["ir.config_parameter"].set_param("onep_sourcing.feed_max_mb", "0.001")
        for headers in ({"ETag": '"v1"'}, {"Last_Modified": DATE}):
            self.feed.source_state = False
            self.serve_bodies(b"x" * (32 << 20), **headers)
            self.check("file-refused")
            self.check("refused-before")
            self.assertIn("larger than", self.feed.check_text)

    def test_a_web_page_is_not_fetched_again_until_it_changes(self):
        taken = self.serve_bodies(PAGE + b" " * (8 << 20), ETag='"login"')
        self.check("file-refused")
        self.assertEqual(len(taken), 1)
        self.check("refused-before")
        self.assertEqual(len(taken), 1, "its body was not taken")
        self.assertIn("login page", self.feed.check_text)
        self.fetch_now()
        self.assertEqual(self.rules(), ["file-refused"])
        self.assertEqual(len(taken), 2)
        self.feed.source_token = "new-token"
        self.check("file-refused")
        self.assertEqual(len(taken), 3)

    def test_a_page_that_shows_nothing_is_asked_for_each_time(self):
        self.serve(PAGE)
        for _check in range(2):
            self.check("web-page")

    def test_what_someone_set_aside_does_not_come_back_by_itself(self):
        server = self.serve(b"%PDF-1.7 nothing for us")
        self.check("file-held", state="waiting")
        self.feed.waiting_ids.action_dismiss()
        for _check in range(2):
            self.check("file-dismissed", state="ok")
        self.assertFalse(self.feed.waiting_count)
        self.fetch_now()
        self.assertEqual(self.rules(), ["file-held"])
        self.feed.waiting_ids.action_dismiss()
        self.env["onep.feed.arrival"].search([]).write({"write_date": "2026-01-01"})
        self.env["onep.feed.arrival"]._gc_settled()
        self.check("file-dismissed", state="ok")
        server.serve("/tarif.csv")
        self.check("file-imported", state="ok")
