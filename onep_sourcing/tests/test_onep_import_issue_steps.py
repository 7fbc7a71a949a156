"""Quarantined rows of articles that take several lines, one per quantity."""

from odoo.exceptions import UserError

from .import_issue_case import GOOD, HEADER, TEN_AT_11, ImportIssueCase


class TestOnepImportIssueSteps(ImportIssueCase):
    """A step is replayed with its article, never alone."""

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
