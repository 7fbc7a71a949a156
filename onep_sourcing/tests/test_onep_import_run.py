"""Jobs of imports, and who may do what."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests.common import Form, new_test_user, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ..hooks import uninstall_hook
from .upload_case import HEADER, ROWS, UploadCase


@tagged("standard", "post_install", "-at_install")
class TestOnepImportRun(UploadCase):
    def test_import_is_queued_once(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with trap_jobs() as trap:
            run.action_import()
            trap.assert_jobs_count(1, only=run._job_import)
            self.assertEqual(run.state, "queued")
            with self.assertRaises(UserError):
                run.action_import()

    def test_the_evaluation_is_queued_with_the_publication(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with trap_jobs() as trap:
            run._job_import()
            evaluation = self.env["onep.evaluation"].search([("import_id", "=", run.id)])
            trap.assert_jobs_count(1, only=evaluation._job_evaluate)

    def test_another_file_cannot_be_read_through_an_import(self):
        secret = self.env["ir.attachment"].create({"name": "paie.csv", "raw": ROWS.encode()})
        run = self.upload(HEADER + ROWS)._create_import()
        run.attachment_id = secret
        run._job_import()
        self.assertEqual(run.state, "failed")
        self.assertIn("upload it again", run.error_message)
        self.assertFalse(self.offers())

    def test_a_broken_job_ends_failed_and_can_be_tried_again(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.state = "running"
        run._job_failed()
        self.assertEqual(run.state, "failed")
        self.assertIn("changed nothing", run.error_message)
        with trap_jobs():
            run.action_import()
        self.assertEqual(run.state, "queued")

    def test_an_import_whose_job_is_dead_ends_failed(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.action_import()
        job = self.env["queue.job"].search([("identity_key", "=", f"onep_import-{run.id}")])
        self.assertEqual(len(job), 1)
        self.env["onep.import"]._cron_fail_dead_runs()
        self.assertEqual(run.state, "queued")
        job.state = "failed"
        self.env["onep.import"]._cron_fail_dead_runs()
        self.assertEqual(run.state, "failed")
        self.assertIn("Import again", run.error_message)

    def test_a_cancelled_import_changes_nothing(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with patch.object(type(run), "_run_is_cancelled", return_value=True):
            run._job_import()
        self.assertFalse(self.offers())

    def test_two_imports_of_a_feed_never_run_at_once(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT pg_advisory_lock(hashtext('onep_run onep.import'), %s)", [self.feed.id]
            )
            with self.assertRaises(RetryableJobError):
                run._job_import()
            other.execute("SELECT pg_advisory_unlock_all()")
        self.assertEqual(run.state, "draft")

    def test_a_file_of_a_known_layout_finds_its_feed_and_says_so(self):
        self.run_import(HEADER + ROWS)
        upload = self.env["onep.feed.upload"]._create_from_file(
            "suite.csv", (HEADER + ROWS).encode()
        )
        self.assertEqual(upload.feed_id, self.feed)
        self.assertTrue(upload.is_recognised)

    def test_choosing_the_feed_brings_its_corrections(self):
        header = HEADER.replace("Stock", "Zone")
        first = self.upload(header + ROWS)
        first.line_ids.filtered(lambda line: line.column == "Zone").field = "pack_size"
        first._create_import()
        other = header.replace("Marque", "Rayon")
        upload = self.env["onep.feed.upload"]._create_from_file(
            "autre.csv", (other + ROWS).encode()
        )
        self.assertFalse(upload.feed_id)
        with Form(upload) as form:
            form.feed_id = self.feed
        line = upload.line_ids.filtered(lambda line: line.column == "Zone")
        self.assertEqual((line.field, line.origin), ("pack_size", "memory"))

    def test_a_finished_import_does_not_run_again(self):
        run = self.run_import(HEADER + ROWS)
        finished_at = run.finished_at
        run._job_import()
        self.assertEqual(run.finished_at, finished_at)

    def test_buyer_can_upload_and_import(self):
        buyer = new_test_user(self.env, "buyer", groups="onep_sourcing.group_sourcing_user")
        upload = (
            self.env["onep.feed.upload"]
            .with_user(buyer)
            ._create_from_file("t.csv", (HEADER + ROWS).encode(), self.feed.with_user(buyer))
        )
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.state, "done")

    def test_other_company_sees_nothing(self):
        self.run_import(HEADER + ROWS)
        other = self.env["res.company"].create({"name": "Autre"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="onep_sourcing.group_sourcing_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("onep.supplier.feed", "onep.import", "onep.supplier.offer"):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)

    def test_an_account_that_turns_real_forgets_the_demo_market(self):
        marketplace = self.env["onep.marketplace"].create(
            {"name": "Fnac", "code": "f", "platform": "fnac", "environment": "demo"}
        )
        self.env["onep.marketplace.offer"].create(
            {"marketplace_id": marketplace.id, "gtin": "03770000000016", "state": "found"}
        )
        marketplace.environment = "production"
        self.assertFalse(marketplace.offer_ids)

    def test_only_managers_price_everything_again(self):
        buyer = new_test_user(self.env, "buyer2", groups="onep_sourcing.group_sourcing_user")
        with self.assertRaises(AccessError):
            self.env["onep.evaluation"].with_user(buyer).action_evaluate_all()

    def test_a_feed_with_imports_stays_in_its_company(self):
        self.run_import(HEADER + ROWS)
        with self.assertRaises(UserError):
            self.feed.company_id = self.env["res.company"].create({"name": "Autre"})

    def test_menus_and_jobs_are_given_back_at_uninstall(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.action_import()
        uninstall_hook(self.env)
        self.assertFalse(self.env["queue.job"].search([("model_name", "=", "onep.import")]))
        self.assertTrue(self.env.ref("onep_margin.onep_margin_menu_root").active)
