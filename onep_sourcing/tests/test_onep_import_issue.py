import base64
import io
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.modules import module
from odoo.sql_db import db_connect
from odoo.tests.common import Form, TransactionCase, new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..sql.staging import PUBLISH_LOCK

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock\n"
GOOD = "A-1;3770000000016;Lampe de bureau;Lumia;12,50;40\n"
NO_PRICE = "A-2;3770000000023;Clavier sans fil;Toka;sur devis;7\n"
NO_CODE = ";;Souris;Toka;9,99;3\n"
TEN_AT_11 = {"quantity": 10, "price": 11}
REPEATED = "A-1;3770000000047;Autre lampe;Lumia;14,00;2\n"


@tagged("standard", "post_install", "-at_install")
class TestOnepImportIssue(TransactionCase):
    """The quarantine: correct in place and replay, ignore for good, send back to the supplier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.currency_id = cls.env.ref("base.EUR")
        cls.partner = cls.env["res.partner"].create({"name": "Grossiste Dupont"})
        cls.feed = cls.env["onep.supplier.feed"].create(
            {"name": "Dupont", "partner_id": cls.partner.id}
        )
        cls.buyer = new_test_user(
            cls.env, "quarantine_buyer", groups="onep_sourcing.group_sourcing_user"
        )

    def run_import(self, *rows):
        data = (HEADER + "".join(rows)).encode()
        run = (
            self.env["onep.feed.upload"]
            ._create_from_file("tarif.csv", data, self.feed)
            ._create_import()
        )
        run._job_import()
        return run

    def offers(self):
        return self.env["onep.supplier.offer"].search([("partner_id", "=", self.partner.id)])

    def refused(self, run):
        return run.issue_ids.filtered(lambda issue: issue.severity == "refuse")

    # correct and replay

    def test_a_cell_corrected_in_the_list_is_replayed(self):
        run = self.run_import(GOOD, NO_PRICE)
        issue = self.refused(run).with_user(self.buyer)
        self.assertEqual((issue.column, issue.cell), ("Prix net HT", "sur devis"))
        issue.correction = "25,90"
        with trap_jobs() as trap:
            issue.action_replay()
            trap.assert_jobs_count(1)  # its deals are priced
        self.assertEqual(issue.state, "replayed")
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-2")
        self.assertRecordValues(
            offer,
            [{"price_untaxed": 25.9, "gtin": "03770000000023", "is_present": True}],
        )
        self.assertEqual(offer.product_id.gtin, "03770000000023")
        self.assertRecordValues(
            run, [{"row_count": 2, "accepted_count": 2, "quarantined_count": 0}]
        )

    def test_numbers_are_read_as_in_the_file(self):
        """One corrected cell is too little to tell 1.187 from 1,187: the file has told."""
        rows = "".join(f"B-{n};;Article {n};X;1.{n:03d},50;1\n" for n in range(10, 30))
        run = self.run_import(rows, "B-99;;Article;X;n.c.;1\n")
        issue = self.refused(run)
        issue.correction = "1.187"
        issue.action_replay()
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "B-99")
        self.assertEqual(offer.price_untaxed, 1187.0)

    def test_what_is_still_wrong_says_why(self):
        run = self.run_import(GOOD, NO_PRICE, NO_CODE)
        self.refused(run)[0].correction = "-3"
        self.refused(run).action_replay()
        first, second = self.refused(run)
        self.assertEqual((first.rule, second.rule), ("price-negative", "identifier-missing"))
        self.assertIn("negative", first.reason)
        self.assertEqual({first.state, second.state}, {"open"})
        self.assertRecordValues(run, [{"accepted_count": 1, "quarantined_count": 2}])

    def test_any_cell_can_be_corrected_on_the_form(self):
        run = self.run_import(GOOD, NO_CODE)
        issue = self.refused(run)
        issue.corrections = {"Référence": "S-1", "Désignation": "Souris optique"}
        issue.action_replay()
        self.assertEqual(issue.state, "replayed")
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "S-1")
        self.assertEqual(offer.name, "Souris optique")

    def test_a_repeated_article_needs_another_code(self):
        run = self.run_import(GOOD, REPEATED)
        issue = self.refused(run)
        issue.action_replay()
        self.assertEqual(issue.state, "open")
        self.assertEqual(self.offers().price_untaxed, 12.5, "the first line was kept")
        issue.corrections = {"Référence": "A-1B"}
        issue.action_replay()
        self.assertEqual(issue.state, "replayed")
        self.assertEqual(set(self.offers().mapped("price_untaxed")), {12.5, 14.0})

    def test_a_doubted_price_shows_its_cells_and_is_accepted_by_replaying(self):
        self.run_import(GOOD)
        run = self.run_import(GOOD.replace("12,50", "1250,00"), NO_PRICE)
        issue = self.refused(run).filtered(lambda issue: issue.rule == "price-above-known")
        self.assertEqual((issue.column, issue.cell), ("Prix net HT", "1250,00"))
        self.assertEqual(issue.raw["Désignation"], "Lampe de bureau")
        issue.action_replay()
        self.assertEqual(issue.state, "replayed")
        self.assertEqual(self.offers().price_untaxed, 1250.0)
        self.assertEqual(self.offers().history_ids.mapped("price_after"), [1250.0])

    def test_replaying_marks_nothing_gone(self):
        run = self.run_import(GOOD, NO_PRICE)
        issue = self.refused(run)
        issue.correction = "3"
        issue.action_replay()
        self.assertEqual(self.offers().mapped("is_present"), [True, True])

    def test_correction_taken_back(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"
        issue.correction = "sur devis"
        self.assertFalse(issue.corrections)

    def test_a_replaced_row_cannot_be_replayed(self):
        run = self.run_import(GOOD, NO_PRICE)
        issue = self.refused(run)
        self.run_import(GOOD, "A-2;3770000000023;Clavier sans fil;Toka;20;7\n")
        self.assertEqual(issue.state, "resolved")
        with self.assertRaisesRegex(UserError, "later file"):
            issue.action_replay()

    def test_fifty_rows_cost_no_more_statements_than_five(self):
        def replay(count, prefix):
            rows = (f"{prefix}{n};;Article;X;n.c.;1\n" for n in range(count))
            good = (f"G-{n};;Article;X;{n}.5;1\n" for n in range(60))
            issues = self.refused(self.run_import(*good, *rows))
            self.assertEqual(len(issues), count)
            issues.corrections = {"Prix net HT": "5"}
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            issues.action_replay()
            self.env.flush_all()
            self.assertEqual(set(issues.mapped("state")), {"replayed"})
            return self.cr.sql_log_count - start

        replay(3, "W")
        few = replay(5, "F")
        self.assertLessEqual(replay(50, "M"), few + 2)

    # counts

    def assert_counts(self, run, **counts):
        self.assertRecordValues(run, [counts])
        self.assertEqual(run.row_count, run.accepted_count + run.quarantined_count)

    def test_a_row_with_two_issues_is_replayed_once(self):
        run = self.run_import(GOOD, NO_PRICE)
        issue = self.refused(run)
        told = issue.copy({"severity": "warn", "rule": "ean-carried", "field": "ean"})
        issue.correction = "25,90"
        (issue | told).action_replay()
        self.assertEqual({issue.state, told.state}, {"replayed"})
        self.assertEqual(self.offers().mapped("price_untaxed"), [12.5, 25.9])
        self.assert_counts(run, accepted_count=2, quarantined_count=0, issue_count=0, new_count=2)

    def test_a_row_that_leaves_the_quarantine_is_counted_once(self):
        self.run_import(GOOD, NO_PRICE.replace("sur devis", "20"), "A-3;;Souris;Toka;8;1\n")
        later = self.run_import(GOOD, NO_PRICE, "A-3;;Souris;Toka;n.c.;1\n", "A-4;;X;X;n.c.;1\n")
        before = {"accepted_count": 1, "quarantined_count": 3, "issue_count": 3}
        self.assert_counts(later, **before, new_count=0, changed_count=0, unchanged_count=1)
        for issue, price in zip(self.refused(later), ("20", "9", "5"), strict=True):
            issue.correction = price
        self.refused(later).action_replay()
        self.assert_counts(
            later,
            accepted_count=4,
            quarantined_count=0,
            issue_count=0,
            new_count=1,
            changed_count=1,
            unchanged_count=2,
        )
        unchanged = self.env["onep.supplier.offer"].search(later.action_open_unchanged()["domain"])
        self.assertEqual(set(unchanged.mapped("supplier_sku")), {"A-1", "A-2"})

    def test_a_row_that_was_told_is_counted_already(self):
        run = self.run_import(GOOD, "A-2;123;Clavier;Toka;20;7\n")
        issue = run.issue_ids
        self.assertEqual(issue.severity, "warn")
        counts = {
            "accepted_count": 2,
            "quarantined_count": 0,
            "issue_count": 0,
            "new_count": 2,
            "changed_count": 0,
            "unchanged_count": 0,
        }
        self.assert_counts(run, **counts)
        issue.corrections = {"Prix net HT": "n.c."}
        issue.action_replay()
        self.assertEqual((issue.state, issue.severity), ("open", "warn"))
        self.assertIn("price", issue.rule)
        self.assert_counts(run, **counts)
        issue.corrections = {"EAN": "3770000000023", "Prix net HT": "21"}
        issue.action_replay()
        self.assertEqual(issue.state, "replayed")
        self.assert_counts(run, **counts)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-2")
        self.assertEqual((offer.price_untaxed, offer.gtin), (21.0, "03770000000023"))

    # articles of several lines

    def run_stepped(self, *rows):
        header = HEADER.replace("Stock", "Stock;Quantité mini")
        upload = self.env["onep.feed.upload"]._create_from_file(
            "paliers.csv", (header + "".join(rows)).encode(), self.feed
        )
        run = upload._create_import()
        run._job_import()
        return run

    def run_doubted(self):
        """An import where the price of an article with a step is a hundred times what it was."""
        self.run_stepped("A-1;;Lampe;Lumia;12,50;40;1\n", "A-1;;Lampe;Lumia;11,00;40;10\n")
        return self.run_stepped(
            "A-1;;Lampe;Lumia;1250,00;40;1\n",
            "A-1;;Lampe;Lumia;11,00;40;10\n",
            "A-2;;Clavier;Toka;20;7;1\n",
        )

    def test_a_row_of_an_article_with_quantity_steps_is_not_replayed_alone(self):
        run = self.run_stepped(
            "A-1;;Lampe;Lumia;12,50;40;1\n",
            "A-1;;Lampe;Lumia;11,00;40;10\n",
            "A-1;;Lampe;Lumia;n.c.;40;100\n",
            "A-2;;Clavier;Toka;n.c.;7;1\n",
        )
        self.assertEqual(run.merged_count, 1)
        step, alone = self.refused(run)
        (step | alone).corrections = {"Prix net HT": "9,00"}
        offer = self.offers()
        tiers = offer.tiers
        self.assertTrue(tiers)
        with self.assertRaisesRegex(UserError, "Correct the file and import it again"):
            step.action_replay()
        message = (step | alone).action_replay()["params"]["message"]
        self.assertIn("Rows imported: 1. Still refused: 0.", message)
        self.assertIn("Correct the file", message)
        self.assertEqual((step.state, alone.state), ("open", "replayed"))
        self.assertEqual((offer.price_untaxed, offer.tiers), (12.5, tiers))
        self.assert_counts(run, accepted_count=3, quarantined_count=1)

    def test_a_step_whose_other_lines_are_refused_too_is_not_replayed(self):
        run = self.run_stepped(
            "A-1;;Lampe;Lumia;12,50;40;1\n",
            "A-1;;Lampe;Lumia;11,00;40;10\n",
            "A-2;;Clavier;Toka;n.c.;7;1\n",
            "A-2;;Clavier;Toka;n.c.;7;10\n",
        )
        first = self.refused(run)[0]
        first.correction = "9,00"
        with self.assertRaises(UserError):
            first.action_replay()
        self.assertEqual(self.offers().supplier_sku, "A-1")

    def test_a_doubted_price_with_steps_keeps_its_offer(self):
        run = self.run_doubted()
        issue, step = self.refused(run)
        self.assertEqual((issue.rule, step.rule), ("price-above-known", "quantity-step-refused"))
        self.assertEqual((issue.line, step.line), (2, 3))
        self.assertIn("line 2", step.reason)
        self.assertEqual(step.raw["Prix net HT"], "11,00")
        self.assert_counts(
            run, row_count=3, accepted_count=1, merged_count=0, quarantined_count=2, issue_count=2
        )
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual((offer.price_untaxed, offer.tiers), (12.5, [TEN_AT_11]))

    def test_the_steps_of_a_doubted_price_are_replayed_with_it(self):
        self.run_stepped("A-1;;Lampe;Lumia;12,50;40;1\n", "A-1;;Lampe;Lumia;11,00;40;10\n")
        run = self.run_stepped(
            "A-1;;Lampe;Lumia;1250,00;40;1\n",
            "A-1;;Lampe;Lumia;1100,00;40;10\n",
            "A-2;;Clavier;Toka;20;7;1\n",
            "A-2;;Clavier;Toka;18;7;10\n",
        )
        self.assert_counts(run, accepted_count=2, merged_count=1, quarantined_count=2)
        issues = self.refused(run)
        message = issues[0].action_replay()["params"]["message"]  # looked at: it is right
        self.assertIn("Rows imported: 2. Still refused: 0.", message)
        self.assertEqual(issues.mapped("state"), ["replayed", "replayed"])
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(
            (offer.price_untaxed, offer.tiers), (1250, [{"quantity": 10, "price": 1100}])
        )
        self.assert_counts(
            run, row_count=4, accepted_count=4, merged_count=2, quarantined_count=0, issue_count=0
        )

    def test_a_step_of_a_doubted_price_can_be_corrected_but_not_left_out(self):
        run = self.run_doubted()
        issue, step = self.refused(run)
        step.action_ignore()
        with self.assertRaisesRegex(UserError, "Correct the file and import it again"):
            issue.action_replay()
        step.action_reopen()
        issue.correction, step.correction = "13,00", "10,00"
        step.action_replay()
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual((offer.price_untaxed, offer.tiers), (13, [{"quantity": 10, "price": 10}]))

    def test_steps_in_an_inactive_currency_are_quarantined_with_their_article(self):
        self.env.ref("base.CHF").active = False
        header = HEADER.replace("Stock", "Stock;Quantité mini;Devise")
        rows = [
            "A-1;;Lampe;Lumia;12,50;40;1;CHF\n",
            "A-1;;Lampe;Lumia;11,00;40;10;CHF\n",
            "A-1;;Lampe;Lumia;9,00;40;100;CHF\n",
        ]
        good = "A-2;;Clavier;Toka;20;7;1;EUR\n"
        upload = self.env["onep.feed.upload"]._create_from_file(
            "devises.csv", (header + "".join([*rows, good])).encode(), self.feed
        )
        run = upload._create_import()
        run._job_import()
        self.assert_counts(
            run, row_count=4, accepted_count=1, merged_count=0, quarantined_count=3, new_count=1
        )
        issues = self.refused(run)
        self.assertEqual(issues.mapped("line"), [2, 3, 4])
        self.assertEqual(
            issues.mapped("rule"), ["currency-inactive", *["quantity-step-refused"] * 2]
        )
        self.assertEqual([issue.raw["Prix net HT"] for issue in issues], ["12,50", "11,00", "9,00"])
        upload = self.env["onep.feed.upload"]._create_from_file(
            "devises.csv", (header + "".join(rows)).encode(), self.feed
        )
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.state, "failed")
        self.assert_counts(run, accepted_count=0, merged_count=0, quarantined_count=3)
        self.assertEqual(len(run.issue_ids), 3)

    def test_a_doubted_new_article_does_not_lose_its_steps(self):
        other = self.env["res.partner"].create({"name": "Autre"})
        feed = self.env["onep.supplier.feed"].create({"name": "Autre", "partner_id": other.id})
        upload = self.env["onep.feed.upload"]._create_from_file(
            "autre.csv", (HEADER + GOOD).encode(), feed
        )
        upload._create_import()._job_import()
        run = self.run_stepped(
            "N-1;3770000000016;Lampe;Lumia;1250,00;40;1\n",
            "N-1;3770000000016;Lampe;Lumia;1100,00;40;10\n",
            "A-2;;Clavier;Toka;20;7;1\n",
        )
        issue, step = self.refused(run)
        self.assertEqual((issue.rule, run.merged_count), ("price-above-known", 0))
        self.assertEqual(self.offers().supplier_sku, "A-2")
        step.corrections = {"Référence": "N-2"}  # the article would be left without it
        with self.assertRaises(UserError):
            (issue | step).action_replay()
        step.corrections = False
        issue.action_replay()
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "N-1")
        self.assertEqual(offer.tiers, [{"quantity": 10, "price": 1100}])
        self.assertEqual((run.accepted_count, run.merged_count), (3, 1))

    def test_a_row_does_not_replace_the_line_that_was_kept(self):
        run = self.run_import(GOOD, REPEATED, GOOD.replace("12,50", "n.c."))
        issues = self.refused(run)
        issues[0].corrections = {"EAN": "3770000000030"}
        issues[1].corrections = {"Prix net HT": "99"}
        with self.assertRaises(UserError):
            issues.action_replay()
        self.assertEqual(self.offers().price_untaxed, 12.5)

    # locks

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

    def test_a_row_of_an_older_file_is_not_replayed(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        issue.correction = "3"
        self.run_import(GOOD)
        issue.state = "open"
        with self.assertRaisesRegex(UserError, "a later file replaced them"):
            issue.action_replay()
        self.assertEqual(self.offers().supplier_sku, "A-1")

    # ignore

    def test_an_ignored_row_of_an_older_file_is_not_taken_back(self):
        run = self.run_import(GOOD, NO_PRICE)
        issue = self.refused(run)
        issue.action_ignore()
        issue.action_reopen()
        self.assertEqual(issue.state, "open")
        issue.action_ignore()
        later = self.run_import(GOOD, NO_PRICE)
        (issue | self.refused(later)).action_reopen()
        self.assertEqual((issue.state, self.refused(later).state), ("resolved", "open"))

    def test_ignored_for_good(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE, NO_CODE))
        issue.action_ignore()
        self.assertEqual(self.feed.issue_count, 0)
        later = self.run_import(GOOD, NO_PRICE, NO_CODE, "A-3;;Neuf;X;n.c.;1\n")
        states = {issue.raw.get("Désignation"): issue.state for issue in self.refused(later)}
        self.assertEqual(
            states, {"Clavier sans fil": "ignored", "Souris": "ignored", "Neuf": "open"}
        )
        self.refused(later).action_reopen()
        self.assertEqual(set(self.refused(later).mapped("state")), {"open"})
        self.assertEqual(later.quarantined_count, 3, "ignored rows are still counted")

    def test_another_reason_is_told_again(self):
        self.refused(self.run_import(GOOD, NO_PRICE)).action_ignore()
        later = self.run_import(GOOD, "A-2;3770000000023;Clavier sans fil;Toka;-4;7\n")
        self.assertEqual(self.refused(later).state, "open")

    # export

    def export(self, issues):
        action = issues.action_export()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.action_export()
        return load_workbook(io.BytesIO(base64.b64decode(wizard.file)))

    def test_export_in_the_supplier_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        run = self.run_import(GOOD, NO_PRICE, NO_CODE)
        (sheet,) = self.export(self.refused(run)).worksheets
        titles = [cell.value for cell in sheet[1]]
        self.assertEqual(titles[0], "Ligne")
        self.assertEqual(
            titles[2:], ["Référence", "EAN", "Désignation", "Marque", "Prix net HT", "Stock"]
        )
        self.assertEqual([sheet["A2"].value, sheet["A3"].value], [3, 4])
        self.assertIn("prix d'achat", sheet["B2"].value)
        self.assertEqual(sheet["G2"].value, "sur devis")

    def test_a_sheet_for_each_file(self):
        issues = self.refused(self.run_import(GOOD, NO_PRICE))
        issues |= self.refused(self.run_import(GOOD, NO_CODE))
        self.assertEqual(len(self.export(issues).worksheets), 2)

    # rights

    def test_another_company_sees_and_replays_nothing(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        other = self.env["res.company"].create({"name": "Autre"})
        stranger = new_test_user(
            self.env,
            "quarantine_stranger",
            groups="onep_sourcing.group_sourcing_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.env["onep.import.issue"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            issue.with_user(stranger).action_replay()

    def test_form_shows_every_cell(self):
        issue = self.refused(self.run_import(GOOD, NO_PRICE))
        with Form(issue) as form:
            cells = {cell["column"]: cell for cell in form.cells}
        self.assertEqual(list(cells), HEADER.strip().split(";"))
        self.assertTrue(cells["Prix net HT"]["blamed"])
        self.assertFalse(cells["Stock"]["blamed"])
