"""The whole road of every channel: a real server, the check, the import, the offers."""

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.queue_job.tests.common import trap_jobs

from .channel_servers import PRICE_LIST, Certificate, FtpServer, HttpServer, SftpServer, put_file
from .feed_source_case import HEADER, FeedSourceCase
from .test_channel_proxy import ProxyServer


@tagged("standard", "post_install", "-at_install")
class TestFeedChannels(FeedSourceCase):
    def start(self, server):
        if hasattr(server, "root"):
            self.addCleanup(shutil.rmtree, server.root, ignore_errors=True)
        self.addCleanup(server.close)
        return server

    def check_road(self, **vals):
        """A check brings the three offers; a second one finds nothing new."""
        self.confirm_columns()
        self.feed.write(vals)
        self.feed._job_check()
        self.assertEqual(self.feed.check_state, "ok", self.feed.check_text)
        run = self.run_import()
        self.assertEqual((run.row_count, run.accepted_count), (3, 3))
        self.assertEqual(self.feed.offer_count, 3)
        self.feed._job_check()
        self.assertEqual(len(self.feed.import_ids), 1, self.feed.check_text)
        return run

    def test_web_with_a_login(self):
        def route(handler):
            known = handler.headers.get("Authorization") == "Basic YnV5ZXI6cGFzcw=="
            handler.answer(200 if known else 401, PRICE_LIST if known else b"")

        server = self.start(HttpServer())
        server.routes["/tarif.csv"] = route
        self.check_road(
            channel="http",
            source_url=f"{server.url}/tarif.csv",
            source_auth="basic",
            source_login="buyer",
            source_password="pass",
        )

    def test_sftp(self):
        server = self.start(SftpServer())
        server.put("tarif_1.csv", b"old;file\n1;2\n", age_s=9000)
        server.put("tarif_2.csv")
        run = self.check_road(
            channel="sftp",
            source_host="127.0.0.1",
            source_port=server.port,
            source_login=server.LOGIN,
            source_password=server.PASSWORD,
            file_pattern="tarif_*.csv",
        )
        self.assertEqual(run.file_name, "tarif_2.csv")
        self.assertTrue(self.feed.source_host_key, "known from now on")
        self.assertEqual(self.rules(), ["no-new-file"])

    def test_ftps(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        server = self.start(FtpServer(certificate))
        server.put("tarif.csv")
        self.check_road(
            channel="ftp",
            source_host="127.0.0.1",
            source_port=server.port,
            source_login=server.LOGIN,
            source_password=server.PASSWORD,
            source_certificate=certificate.pem,
        )
        self.assertEqual(self.rules(), ["no-new-file"])

    def test_implicit_ftps(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        server = self.start(FtpServer(certificate, is_implicit=True))
        server.put("tarif.csv")
        self.check_road(
            channel="ftp",
            source_host="127.0.0.1",
            source_port=server.port,
            source_login=server.LOGIN,
            source_password=server.PASSWORD,
            source_encryption="implicit",
            source_certificate=certificate.pem,
        )
        self.assertEqual(self.rules(), ["no-new-file"])

    def test_web_with_a_token_that_is_asked_for(self):
        server = self.start(HttpServer())

        def give_token(handler):
            known = b"client_id=buyer&client_secret=s3cret-of-oauth" in handler.body
            answer = {"access_token": "tok-1", "expires_in": 600} if known else {"error": "no"}
            handler.answer(200 if known else 401, json.dumps(answer).encode())

        def give_file(handler):
            known = handler.headers.get("Authorization") == "Bearer tok-1"
            handler.answer(200 if known else 401, PRICE_LIST if known else b"")

        server.routes["/token"] = give_token
        server.routes["/tarif.csv"] = give_file
        vals = {
            "channel": "http",
            "source_url": f"{server.url}/tarif.csv",
            "source_auth": "oauth2",
            "source_token_url": f"{server.url}/token",
            "source_client_id": "buyer",
            "source_client_way": "body",
        }
        self.feed.write({**vals, "source_client_secret": "wrong"})
        self.feed.action_test_connection()
        self.assertIn("gives no access token: no", self.feed.test_text)
        self.check_road(**vals, source_client_secret="s3cret-of-oauth")
        self.assertEqual(self.rules(), ["file-same"])
        asked = [path for _m, path, _h, _b in server.asked]
        self.assertEqual(asked.count("/token"), 2, "refused once, then kept")

    def test_web_by_the_proxy_of_the_configuration(self):
        server = self.start(HttpServer())
        server.serve("/tarif.csv")
        proxy = self.start(ProxyServer(server.port))
        self.patch(
            config,
            "options",
            config.options.new_child({"onep_feed_proxy": f"http://us:pw@127.0.0.1:{proxy.port}"}),
        )
        self.check_road(channel="http", source_url="http://93.184.216.34/tarif.csv")
        self.assertEqual(len(proxy.asked), 2)
        self.feed.source_url = "http://10.1.2.3/tarif.csv"
        self.feed._job_check()
        self.assertEqual(self.rules(), ["private-address"])
        self.assertEqual(len(proxy.asked), 2, "the guard decides before the proxy is asked")

    def test_rest_in_pages(self):
        rows = [line.split(";") for line in PRICE_LIST.decode().splitlines()[1:]]
        records = [dict(zip(HEADER, row, strict=True)) for row in rows]

        def route(handler):
            page = int(dict(parse_qsl(urlsplit(handler.path).query))["page"])
            found = records[(page - 1) * 2 : page * 2]
            handler.answer(200, json.dumps({"data": {"items": found}}).encode())

        server = self.start(HttpServer())
        server.routes["/items"] = route
        self.check_road(
            channel="rest",
            source_url=f"{server.url}/items",
            rest_paging="page",
            rest_page_parameter="page",
            rest_records_path="data.items",
        )
        self.assertEqual(self.rules(), ["file-same"])
        # its bytes tell before anything is read of it
        with patch.object(
            self.registry["onep.feed.upload"], "_analyse", side_effect=AssertionError
        ):
            self.feed._job_check()
        self.assertEqual(self.rules(), ["file-same"])

    def test_rest_that_says_that_nothing_changed(self):
        rows = [line.split(";") for line in PRICE_LIST.decode().splitlines()[1:]]
        body = json.dumps([dict(zip(HEADER, row, strict=True)) for row in rows]).encode()
        answers = []

        def route(handler):
            is_same = handler.headers.get("If-None-Match") == '"v1"'
            answers.append(304 if is_same else 200)
            handler.answer(answers[-1], b"" if is_same else body, ETag='"v1"')

        server = self.start(HttpServer())
        server.routes["/items"] = route
        self.confirm_columns()
        self.feed.write(
            {"channel": "rest", "source_url": f"{server.url}/items", "schedule": "interval"}
        )
        self.feed._job_check()
        self.run_import()
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)), trap_jobs() as trap:
            self.assertLess(self.feed.next_check_at, fields.Datetime.now())
            self.feed._cron_enqueue_checks()
            self.perform(trap)
            self.assertEqual(self.rules(), ["nothing-new"])
            self.assertEqual(self.feed.confirmed_at, fields.Datetime.now(), "its prices are fresh")
            self.feed._cron_enqueue_checks()
            trap.assert_jobs_count(0)  # not before the next hour
        self.assertEqual(answers, [200, 304])
        self.assertEqual(len(self.feed.import_ids), 1)

    def test_rest_whose_quota_is_spent_half_way(self):
        rows = [line.split(";") for line in PRICE_LIST.decode().splitlines()[1:]]
        records = [dict(zip(HEADER, row, strict=True)) for row in rows]
        quota = {"left": 1}

        def route(handler):
            if not quota["left"]:
                quota["left"] = 1
                return handler.answer(429, Retry_After="60")
            quota["left"] -= 1
            start = int(dict(parse_qsl(urlsplit(handler.path).query))["skip"])
            handler.answer(200, json.dumps(records[start : start + 1]).encode())

        server = self.start(HttpServer())
        server.routes["/items"] = route
        self.confirm_columns()
        self.feed.write(
            {
                "channel": "rest",
                "source_url": f"{server.url}/items",
                "rest_paging": "offset",
                "rest_page_parameter": "skip",
            }
        )
        for _page in records:
            self.assertGreaterEqual(self.retried().seconds, 60)
            self.assertEqual(self.feed.retry_count, 1, "it gets ahead")
            self.assertFalse(self.feed.import_ids, "nothing half")
        self.feed._job_check()
        self.assertEqual(self.feed.check_state, "ok", self.feed.check_text)
        self.assertEqual(self.run_import().accepted_count, 3)
        self.assertFalse(self.feed.source_partial)
        self.assertFalse(self.feed.source_state, "nothing is left of the part")
        asked = [path for _m, path, _h, _b in server.asked]
        self.assertEqual(len(asked), len(set(asked)) + 3, "a page that came is not asked again")

    def test_rest_whose_quota_is_spent_while_it_says_that_nothing_changed(self):
        rows = [line.split(";") for line in PRICE_LIST.decode().splitlines()[1:]]
        records = [dict(zip(HEADER, row, strict=True)) for row in rows]
        quota = {"left": 9, "size": 9}

        def route(handler):
            if not quota["left"]:
                quota["left"] = quota["size"]
                return handler.answer(429, Retry_After="60")
            quota["left"] -= 1
            page = int(dict(parse_qsl(urlsplit(handler.path).query))["page"])
            if page > len(records):
                return handler.answer(404)
            tag = f'"{page}"'
            is_same = handler.headers.get("If-None-Match") == tag
            body = b"" if is_same else json.dumps(records[page - 1 : page]).encode()
            handler.answer(304 if is_same else 200, body, ETag=tag)

        server = self.start(HttpServer())
        server.routes["/items"] = route
        self.confirm_columns()
        self.feed.write(
            {
                "channel": "rest",
                "source_url": f"{server.url}/items",
                "rest_paging": "page",
                "rest_page_parameter": "page",
            }
        )
        self.feed._job_check()
        self.run_import()
        del server.asked[:]
        quota.update(left=1, size=1)
        for _page in records:
            self.assertGreaterEqual(self.retried().seconds, 60)
            self.assertEqual(self.feed.retry_count, 1, "it gets ahead")
        self.feed._job_check()
        self.assertEqual(self.rules(), ["nothing-new"], self.feed.check_text)
        self.assertEqual(len(server.asked), 7, "each page once, and three refusals")
        self.assertNotIn("partial", self.feed.source_state)

    def test_a_folder_whose_files_are_moved(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.patch(config, "options", config.options.new_child({"onep_feed_folders": str(folder)}))
        put_file(folder, "tarif.csv")
        self.check_road(channel="folder", source_folder=str(folder), source_move=True)
        self.assertFalse((folder / "tarif.csv").exists())
        self.assertEqual((folder / "processed" / "tarif.csv").read_bytes(), PRICE_LIST)
        self.assertEqual(self.rules(), ["folder-waits"])

    def test_a_file_is_moved_only_once_it_is_ours(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.patch(config, "options", config.options.new_child({"onep_feed_folders": str(folder)}))
        put_file(folder, "tarif.csv")
        self.feed.write({"channel": "folder", "source_folder": str(folder), "source_move": True})
        steps = []
        model = type(self.feed)
        self.patch(
            model,
            "_commit_check",
            lambda feed: steps.append((folder / "tarif.csv").exists() and feed.waiting_count),
        )
        self.feed._job_check()
        self.assertEqual(steps[0], 1, "kept before it was moved")
        self.assertFalse((folder / "tarif.csv").exists())
