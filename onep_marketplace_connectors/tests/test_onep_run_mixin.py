from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .market_case import MarketplaceCase, gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepRunMixin(MarketplaceCase):
    """On a market update, the run this addon has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_ = cls.fnac._sync(gtins(10))

    def test_rate_and_remaining(self):
        self.run_._run_start(100)
        self.run_.started_at = fields.Datetime.now() - timedelta(seconds=10)
        self.run_._run_progress(40, phase="prices")
        self.assertEqual(self.run_.progress, 40)
        self.assertAlmostEqual(self.run_.rate_per_second, 4, delta=0.5)
        self.assertAlmostEqual(self.run_.remaining_seconds, 15, delta=2)
        self.assertEqual(self.run_.phase, "prices")

    def test_going_on_keeps_the_first_start(self):
        self.run_._run_start(100)
        started = self.run_.started_at
        self.run_._run_progress(40)
        self.run_._run_start(100)
        self.assertEqual((self.run_.started_at, self.run_.done_count), (started, 40))

    def test_end(self):
        self.run_._run_start(10)
        self.run_._run_finish(done_count=10)
        self.assertEqual((self.run_.state, self.run_.progress), ("done", 100))
        self.assertFalse(self.run_.phase)
        self.run_._run_fail("Do this")
        self.assertEqual((self.run_.state, self.run_.error_message), ("failed", "Do this"))

    def test_every_step_is_committed_and_told(self):
        sent = []
        groups = self.env.registry["res.groups"]
        with (
            patch.object(groups, "_bus_send", lambda self, *message: sent.append(message)),
            patch.object(self.env.cr, "commit") as commit,
        ):
            self.run_._run_start(10)
            self.run_._run_progress(5)
            commit.assert_not_called()
        self.assertEqual([name for name, _message in sent], ["onep/run"] * 2)
        message = sent[-1][1]
        self.assertEqual(
            (message["model"], message["id"], message["done"], message["total"]),
            ("onep.market.sync", self.run_.id, 5, 10),
        )

    def test_one_job_at_a_time(self):
        """Stop then Resume leaves two jobs: the second waits until the first has noticed."""
        with db_connect(self.env.cr.dbname).cursor() as other:
            name = "onep_run onep.market.sync"
            other.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", (name, self.run_.id))
            with self.assertRaises(RetryableJobError) as raised, self.run_._run_alone():
                self.fail("another session works on this run")
            self.assertEqual(raised.exception.seconds, 10)
            other.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", (name, self.run_.id))
            with self.run_._run_alone():
                pass
            other.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", (name, self.run_.id))
            self.assertTrue(other.fetchone()[0], "a job that ends gives its lock back")
            other.execute("SELECT pg_advisory_unlock_all()")

    def test_a_broken_job_gives_its_lock_back(self):
        with self.assertRaises(ZeroDivisionError), self.run_._run_alone():
            raise ZeroDivisionError
        with self.run_._run_alone():
            pass

    def test_nothing_known_yet(self):
        self.assertEqual((self.run_.progress, self.run_.rate_per_second), (0, 0))
