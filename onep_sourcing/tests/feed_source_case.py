"""A feed with confirmed columns whose source is a server on loopback."""

import shutil

from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .buying_case import BuyingCase
from .channel_servers import PRICE_LIST, HttpServer, SftpServer

MAPPING = ("supplier_sku", "ean", "name", "purchase_price", "stock_quantity")
HEADER = ("SKU", "EAN", "Désignation", "Prix HT", "Stock")


@tagged("standard", "post_install", "-at_install")
class FeedSourceCase(BuyingCase):
    def setUp(self):
        super().setUp()
        self.allow("127.0.0.0/8")
        self.feed.user_id = self.buyer

    def allow(self, networks):
        self.env["ir.config_parameter"].set_param("onep_sourcing.private_networks", networks)

    def confirm_columns(self, columns=HEADER, fields=MAPPING):
        """As if a person had confirmed these columns."""
        self.feed.mapping_ids.unlink()
        self.env["onep.feed.mapping"].create(
            [
                {"feed_id": self.feed.id, "column": column, "column_index": index, "field": field}
                for index, (column, field) in enumerate(zip(columns, fields, strict=True))
            ]
        )

    def serve(self, data=PRICE_LIST, path="/tarif.csv", **headers):
        """A web server with the feed's file; the feed points at it."""
        server = HttpServer()
        self.addCleanup(server.close)
        server.serve(path, data, **headers)
        self.feed.write({"channel": "http", "source_url": f"{server.url}{path}"})
        return server

    def serve_files(self, **vals):
        """An SFTP server without files; the feed points at it."""
        server = SftpServer()
        self.addCleanup(shutil.rmtree, server.root, ignore_errors=True)
        self.addCleanup(server.close)
        self.feed.write(
            {
                "channel": "sftp",
                "source_host": "127.0.0.1",
                "source_port": server.port,
                "source_login": server.LOGIN,
                "source_password": server.PASSWORD,
                **vals,
            }
        )
        return server

    def perform(self, trap):
        """Run the trapped jobs of feeds in this transaction: the queue would give those that may
        commit a cursor of their own, which sees nothing of a test.
        """
        jobs, trap.enqueued_jobs = trap.enqueued_jobs, []
        for job in jobs:
            if job.model_name == self.feed._name:
                getattr(job.recordset, job.method_name)(*job.args, **job.kwargs)

    def retried(self):
        """Check the source; the error that asks the queue to try again. Not assertRaises, which
        would undo what the job committed.
        """
        try:
            self.feed._job_check()
        except RetryableJobError as error:
            return error
        self.fail("the job asked for no other try")

    def rules(self, feed=None):
        return [entry["rule"] for entry in (feed or self.feed).check_entries or []]

    def run_import(self):
        """Run the newest import here and now."""
        run = self.feed.import_ids[:1]
        self.env.flush_all()
        run._job_import()
        self.assertEqual(run.state, "done", run.error_message)
        return run
