"""Builders: a supplier whose file has rows that wait in quarantine."""

from odoo.tests.common import TransactionCase, new_test_user, tagged

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock\n"
GOOD = "A-1;3770000000016;Lampe de bureau;Lumia;12,50;40\n"
NO_PRICE = "A-2;3770000000023;Clavier sans fil;Toka;sur devis;7\n"
NO_CODE = ";;Souris;Toka;9,99;3\n"
TEN_AT_11 = {"quantity": 10, "price": 11}
REPEATED = "A-1;3770000000047;Autre lampe;Lumia;14,00;2\n"


@tagged("standard", "post_install", "-at_install")
class ImportIssueCase(TransactionCase):
    """A feed, a buyer, and imports with refused rows."""

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

    def assert_counts(self, run, **counts):
        self.assertRecordValues(run, [counts])
        self.assertEqual(run.row_count, run.accepted_count + run.quarantined_count)
