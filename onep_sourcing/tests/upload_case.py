"""A supplier whose price lists are uploaded and imported."""

from odoo.tests.common import TransactionCase

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock\n"
ROWS = (
    "A-1;3770000000016;Lampe de bureau;Lumia;12,50;40\n"
    "A-2;3770000000023;Clavier sans fil;Toka;25,90;7\n"
    "A-3;3770000000030;Souris;Toka;9,99;0\n"
)


class UploadCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.currency_id = cls.env.ref("base.EUR")
        # a third of these few articles may go: see test_onep_import_review.py for the guard
        cls.env.company.onep_gone_limit = 1.0
        cls.partner = cls.env["res.partner"].create({"name": "Grossiste Dupont"})
        cls.feed = cls.env["onep.supplier.feed"].create(
            {
                "name": "Dupont",
                "partner_id": cls.partner.id,
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )

    def upload(self, text, name="tarif.csv", encoding="utf-8", feed=None):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        return self.env["onep.feed.upload"]._create_from_file(name, data, feed or self.feed)

    def run_import(self, text, **options):
        run = self.upload(text, **options)._create_import()
        run._job_import()
        return run

    def offers(self):
        return self.env["onep.supplier.offer"].search([("partner_id", "=", self.partner.id)])
