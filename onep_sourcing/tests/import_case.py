"""Builders of imports: a feed of one supplier in a company of its own."""

from odoo.tests.common import TransactionCase

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock;Quantité mini\n"


def price_list(prices, stock=5, moq=1, name="Article {:03d}"):
    """A price list with a line for each price, None leaving the article out."""
    lines = [HEADER]
    for number, price in enumerate(prices):
        if price is None:
            continue
        text = f"{price:.2f}".replace(".", ",") if isinstance(price, float) else price
        lines.append(
            f"A-{number:03d};{make_ean(number)};{name.format(number)};Toka;{text};{stock};{moq}\n"
        )
    return "".join(lines)


def make_ean(number):
    """A valid EAN-13 of our own numbers."""
    body = f"3770000{number:05d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


class ImportCase(TransactionCase):
    """A supplier with a full feed in euros; everything runs in the test's own transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.company = cls.env["res.company"].create(
            {
                "name": "Importer",
                "currency_id": euro.id,
                "country_id": cls.env.ref("base.fr").id,
            }
        )
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                lang="en_US",
                tracking_disable=True,
                queue_job__no_delay=False,
                allowed_company_ids=[cls.company.id],
            )
        )
        cls.partner = cls.env["res.partner"].create({"name": "Grossiste Martin"})
        cls.feed = cls.make_feed(cls.partner)

    @classmethod
    def make_feed(cls, partner, **vals):
        return cls.env["onep.supplier.feed"].create(
            {
                "name": f"{partner.name} list",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "currency_id": cls.env.ref("base.EUR").id,
                **vals,
            }
        )

    def make_run(self, text, feed=None, name="tarif.csv"):
        upload = self.env["onep.feed.upload"]._create_from_file(
            name, text.encode(), feed or self.feed
        )
        return upload._create_import()

    def run_import(self, text, feed=None, name="tarif.csv"):
        run = self.make_run(text, feed, name)
        run._job_import()
        return run

    def offers(self, partner=None):
        found = self.env["onep.supplier.offer"].search(
            [("partner_id", "=", (partner or self.partner).id)]
        )
        return {offer.supplier_sku: offer for offer in found}

    def browse(self, action):
        """SKUs that a button of an import opens."""
        found = self.env[action["res_model"]].search(action["domain"])
        return sorted(found.mapped("supplier_sku"))
