"""Replays beside an import or another replay: nobody waits, nothing is lost."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules import module
from odoo.sql_db import db_connect

from ..sql.staging import PUBLISH_LOCK
from .import_issue_case import GOOD, NO_PRICE, ImportIssueCase


class TestOnepImportIssueLock(ImportIssueCase):
    """The locks a replay holds, and until when."""

    def replay_while_locked(self, issue, lock, *params):
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SET statement_timeout = '5s'")
            other.execute(f"SELECT pg_advisory_lock({lock})", params)
            self.env.cr.execute("SET LOCAL statement_timeout = '5s'")
            try:
                with self.assertRaisesRegex(UserError, "Dupont is being imported"):
                    issue.action_replay()
            finally:
                other.execute("SELECT pg_advisory_unlock_all()")
            self.assertEqual(issue.state, "open")
            issue.action_replay()
            other.execute(f"SELECT pg_try_advisory_lock({lock})", params)
            self.assertTrue(other.fetchone()[0], "the lock was given back")
            other.execute("SELECT pg_advisory_unlock_all()")
        self.assertEqual(issue.state, "replayed")

    def test_a_replay_does_not_wait_for_an_import_of_the_feed(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"
        self.replay_while_locked(issue, "hashtext('onep_run onep.import'), %s", self.feed.id)

    def test_a_replay_does_not_wait_for_another_publication(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"
        self.replay_while_locked(issue, "%s, %s", *PUBLISH_LOCK)

    def replay_committing(self, issue, meanwhile=lambda: None):
        """Replay as a web request does; returns the locks held at each commit."""
        held = []

        def commit():
            self.env.cr.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
            )
            held.append(self.env.cr.fetchone()[0])
            if len(held) == 1:
                meanwhile()

        with (
            patch.object(self.env.cr, "commit", commit),
            patch.object(module, "current_test", False),
        ):
            issue.action_replay()
        return held

    def test_a_replay_is_committed_while_the_locks_are_held(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"
        self.assertEqual(self.replay_committing(issue), [2, 2])
        self.assertEqual(issue.state, "replayed")

    def test_what_happened_before_the_locks_were_held_is_seen(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"

        def ignore():
            self.env.cr.execute(
                "UPDATE onep_import_issue SET state = 'ignored' WHERE id = %s", issue.ids
            )

        with self.assertRaisesRegex(UserError, "None of these rows waits"):
            self.replay_committing(issue, ignore)
        self.assertEqual(self.offers().supplier_sku, "A-1")
