from datetime import datetime, timedelta
from itertools import pairwise

from odoo.tests.common import tagged

from .import_case import ImportCase, price_list

FIVE = [10.0, 11.0, 12.0, 13.0, 14.0]
NOW = datetime(2026, 11, 1)


@tagged("standard", "post_install", "-at_install")
class TestOnepSupplierOfferCurve(ImportCase):
    """The price over time: what each file said, and nothing where no file said it."""

    def play(self, *lists, feed=None):
        """Import price lists a day apart, the first one on October 1st."""
        runs = self.env["onep.import"]
        for day, (prices, options) in enumerate(lists):
            run = self.run_import(price_list(prices, **options), feed, f"tarif-{day}.csv")
            self.assertEqual(run.state, "done", run.error_message or run.hold_message)
            at = datetime(2026, 10, 1) + timedelta(days=day)
            run.finished_at = at
            changes = self.env["onep.supplier.offer.history"].search([("import_id", "=", run.id)])
            changes.changed_at = at
            runs |= run
        self.env["onep.supplier.offer"].search([]).first_seen_at = datetime(2026, 10, 1)
        return runs

    def periods(self, sku):
        """(days since October 1st of start and end, state, price, file) of each period."""
        first = datetime(2026, 10, 1)
        return [
            (
                (period["start"] - first).days,
                (period["end"] - first).days,
                period["state"],
                period["price"],
                period["file"],
            )
            for period in self.offers()[sku]._get_price_periods(NOW)
        ]

    def test_a_price_stands_until_a_file_says_another(self):
        cheaper = [9.0, *FIVE[1:]]
        self.play((FIVE, {}), (cheaper, {}), (cheaper, {}), ([9.5, *FIVE[1:]], {}))
        self.assertEqual(
            self.periods("A-000"),
            [
                (0, 1, "listed", 10.0, "tarif-0.csv"),
                (1, 3, "listed", 9.0, "tarif-1.csv"),
                (3, 3, "listed", 9.5, "tarif-3.csv"),
                (3, 31, "unconfirmed", 9.5, "tarif-3.csv"),
            ],
        )

    def test_files_that_repeat_a_price_confirm_it(self):
        self.play((FIVE, {}), (FIVE, {"stock": 7}), (FIVE, {}))
        self.assertEqual(
            self.periods("A-001"),
            [
                (0, 2, "listed", 11.0, "tarif-0.csv"),
                (2, 31, "unconfirmed", 11.0, "tarif-0.csv"),
            ],
        )

    def test_an_absence_has_no_price(self):
        without = [None, *FIVE[1:]]
        self.play((FIVE, {}), (without, {}), ([10.5, *FIVE[1:]], {}), (without, {}))
        self.assertEqual(
            self.periods("A-000"),
            [
                (0, 1, "listed", 10.0, "tarif-0.csv"),
                (1, 2, "absent", None, "tarif-1.csv"),
                (2, 3, "listed", 10.5, "tarif-2.csv"),
                (3, 31, "absent", None, "tarif-3.csv"),
            ],
        )

    def test_an_unknown_price_and_another_currency_are_told_apart(self):
        self.play((FIVE, {}))
        offer = self.offers()["A-000"]
        dollar = self.env.ref("base.USD")
        for day, before, after in ((5, 8.0, False), (9, False, 9.0), (12, 9.0, 10.0)):
            self.env["onep.supplier.offer.history"].create(
                {
                    "offer_id": offer.id,
                    "changed_at": datetime(2026, 10, 1 + day),
                    "kind": "changed",
                    "price_before": before,
                    "price_after": after,
                    "currency_before_id": dollar.id,
                    "currency_id": offer.currency_id.id if day == 12 else dollar.id,
                }
            )
        self.assertEqual(
            [period[:4] for period in self.periods("A-000")],
            [
                (0, 5, "currency", 8.0),
                (5, 9, "unknown", None),
                (9, 12, "currency", 9.0),
                (12, 12, "listed", 10.0),
                (12, 31, "unconfirmed", 10.0),
            ],
        )

    def test_the_form_gets_times_as_text_and_an_unknown_as_null(self):
        self.play((FIVE, {}), ([None, *FIVE[1:]], {}))
        curve = self.offers()["A-000"].price_curve
        self.assertEqual([period["state"] for period in curve], ["listed", "absent"])
        self.assertEqual(curve[0]["end"], "2026-10-02 00:00:00")
        self.assertIs(curve[1]["price"], None)
        self.assertEqual(curve[0]["currency_id"], self.env.ref("base.EUR").id)

    def test_periods_leave_no_hole(self):
        self.play((FIVE, {}), ([9.0, None, *FIVE[2:]], {}), (FIVE, {}), ([9.0, *FIVE[1:]], {}))
        for offer in self.offers().values():
            curve = offer.price_curve
            for before, after in pairwise(curve):
                self.assertEqual(before["end"], after["start"])
