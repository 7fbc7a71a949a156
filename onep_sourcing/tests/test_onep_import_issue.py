import base64
import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import Form, new_test_user

from odoo.addons.queue_job.tests.common import trap_jobs

from .import_issue_case import GOOD, HEADER, NO_CODE, NO_PRICE, REPEATED, ImportIssueCase


class TestOnepImportIssue(ImportIssueCase):
    """The quarantine: correct in place and replay, ignore for good, send back to the supplier."""

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

    def test_a_row_does_not_replace_the_line_that_was_kept(self):
        run = self.run_import(GOOD, REPEATED, GOOD.replace("12,50", "n.c."))
        issues = self.refused(run)
        issues[0].corrections = {"EAN": "3770000000030"}
        issues[1].corrections = {"Prix net HT": "99"}
        with self.assertRaises(UserError):
            issues.action_replay()
        self.assertEqual(self.offers().price_untaxed, 12.5)

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
