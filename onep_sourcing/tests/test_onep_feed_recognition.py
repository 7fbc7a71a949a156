"""A file dropped without its feed: given to it when nothing is left in doubt, else offered."""

from odoo.tests import Form, tagged

from .upload_case import UploadCase

COLUMNS = ("Référence", "EAN", "Désignation", "Prix net HT", "Stock")


def ean(number):
    digits = f"377{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def article(number, prefix="LM-", price=7.15):
    return (
        f"{prefix}{number:04d}",
        ean(number),
        f"Lampe modèle {number}",
        f"{price + number * 1.37:.2f}".replace(".", ","),
        str(number * 7 % 40),
    )


def text(columns, rows):
    return "\n".join(";".join(row) for row in (columns, *rows))


#: Another name and another place for each column.
RENAMED = ("Dispo", "Libellé produit", "Tarif revendeur", "Gencod", "Code fournisseur")


def renamed(rows):
    return text(RENAMED, [(row[4], row[2], row[3], row[1], row[0]) for row in rows])


@tagged("standard", "post_install", "-at_install")
class TestFeedRecognition(UploadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = [article(number) for number in range(1, 21)]
        run = cls.upload(cls, text(COLUMNS, cls.rows), name="liste 2026-10.csv")._create_import()
        run._job_import()
        cls.other = cls.env["onep.supplier.feed"].create(
            {
                "name": "Martin",
                "partner_id": cls.env["res.partner"].create({"name": "Luminaires Martin"}).id,
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )

    def drop(self, data, name="export.csv"):
        return self.env["onep.feed.upload"]._create_from_file(name, data.encode())

    def fill_other(self, rows, columns=COLUMNS):
        self.run_import(text(columns, rows), feed=self.other, name="martin.csv")

    def test_renamed_and_reordered_it_is_known_by_its_articles_and_prices(self):
        upload = self.drop(renamed([*self.rows[2:], article(31), article(32)]))
        self.assertEqual(upload.feed_id, self.feed)
        self.assertTrue(upload.is_recognised)
        self.assertEqual(
            upload.recognised_by,
            "18 of 20 articles are known from this supplier. "
            "18 different prices are the same to the cent.",
        )
        # and held, with the difference on screen: what was known by another name
        self.assertTrue(upload.is_drifted)
        changes = {change.before: change.after for change in upload.change_ids.filtered("holds")}
        self.assertEqual(changes["Prix net HT"], "Tarif revendeur")
        self.assertEqual(changes["Référence"], "Code fournisseur")
        upload.action_accept_changes()
        self.assertEqual(
            dict(self.feed.mapping_ids.mapped(lambda line: (line.column, line.field))),
            {
                "Dispo": "stock_quantity",
                "Libellé produit": "name",
                "Tarif revendeur": "purchase_price",
                "Gencod": "ean",
                "Code fournisseur": "supplier_sku",
            },
        )

    def test_other_prices_leave_a_doubt_and_one_click_settles_it(self):
        upload = self.drop(renamed([article(number, price=9.4) for number in range(1, 21)]))
        self.assertFalse(upload.feed_id)
        self.assertIn("Choose the feed, or the supplier of a new one.", upload.missing)
        candidate = upload.candidate_ids
        self.assertEqual(candidate.feed_id, self.feed)
        self.assertEqual(candidate.why, "20 of 20 articles are known from this supplier.")
        candidate.action_choose()
        self.assertEqual(upload.feed_id, self.feed)
        self.assertEqual(upload.partner_id, self.partner)
        self.assertTrue(upload.is_drifted)
        self.assertFalse(upload.is_recognised or upload.candidate_ids)

    def test_the_name_of_the_supplier_in_that_of_the_file_settles_it_too(self):
        moved = renamed([article(number, price=9.4) for number in range(1, 21)])
        self.assertEqual(self.drop(moved, "tarif_DUPONT_11-2026.csv").feed_id, self.feed)
        self.assertFalse(self.drop(moved, "tarif_grossiste_11-2026.csv").feed_id)

    def test_makers_numbers_and_eans_that_two_suppliers_share_are_no_proof(self):
        self.fill_other([article(number, price=8.2) for number in range(1, 21)])
        third = self.drop(renamed([article(number, price=9.9) for number in range(1, 21)]))
        self.assertFalse(third.feed_id)
        self.assertEqual(third.candidate_ids.feed_id, self.feed | self.other)
        prices = self.drop(renamed([article(number, price=8.2) for number in range(1, 21)]))
        self.assertEqual(prices.feed_id, self.other)

    def test_the_same_prices_of_two_suppliers_are_asked_about(self):
        self.fill_other(self.rows)
        upload = self.drop(renamed(self.rows))
        self.assertFalse(upload.feed_id)
        self.assertEqual(upload.candidate_ids.feed_id, self.feed | self.other)

    def test_the_same_numbers_of_other_articles_are_another_supplier(self):
        rows = [(row[0], article(number + 500)[1], *row[2:])
                for number, row in enumerate(self.rows)]  # fmt: skip
        upload = self.drop(renamed(rows))
        self.assertFalse(upload.feed_id or upload.candidate_ids)

    def test_common_columns_of_a_stranger_are_asked_about(self):
        """A new supplier exports from the same software."""
        upload = self.drop(text(COLUMNS, [article(n, "Z") for n in range(600, 620)]))
        self.assertFalse(upload.feed_id)
        self.assertEqual(
            upload.candidate_ids.why,
            "Its columns are those of the last accepted file. "
            "None of its articles is known from this supplier.",
        )

    def test_columns_that_two_feeds_share_are_told_apart_by_their_articles(self):
        self.fill_other([article(number, "M", 4.2) for number in range(100, 120)])
        self.assertEqual(self.drop(text(COLUMNS, self.rows)).feed_id, self.feed)
        theirs = text(COLUMNS, [article(number, "M", 4.2) for number in range(105, 125)])
        self.assertEqual(self.drop(theirs).feed_id, self.other)

    def test_numbers_that_an_expression_made_are_met(self):
        upload = self.upload(text(COLUMNS, self.rows))
        sku = upload.line_ids.filtered(lambda line: line.field == "supplier_sku")
        sku.adjustment = '"DUP/" + []'
        upload._create_import()._job_import()
        self.offers().filtered(lambda offer: offer.supplier_sku.startswith("LM")).unlink()
        self.assertEqual(self.drop(renamed(self.rows)).feed_id, self.feed)

    def test_a_list_of_strangers_is_offered_to_nobody(self):
        rows = [(f"X{n}", ean(n + 900), f"Vis {n}", f"{n},5", "3") for n in range(1, 21)]
        upload = self.drop(renamed(rows))
        self.assertFalse(upload.feed_id or upload.candidate_ids)

    def test_of_two_feeds_of_a_supplier_the_columns_say_which(self):
        stock = self.feed.copy({"name": "Dupont stock", "kind": "delta"})
        self.run_import(
            text(("SKU", "Qty", "Net price"), [(row[0], row[4], row[3]) for row in self.rows]),
            feed=stock,
        )
        columns = ("Net price", "Arrival", "SKU", "Qty")
        upload = self.drop(text(columns, [(row[3], "", row[0], row[4]) for row in self.rows]))
        self.assertEqual(upload.feed_id, stock)
        unclear = self.drop(renamed(self.rows))
        self.assertFalse(unclear.feed_id)
        self.assertEqual(unclear.candidate_ids.feed_id, self.feed | stock)

    def test_feeds_of_another_company_are_not_looked_at(self):
        company = self.env["res.company"].create({"name": "Ailleurs"})
        uploads = self.env["onep.feed.upload"].with_company(company)
        upload = uploads._create_from_file("export.csv", renamed(self.rows).encode())
        self.assertFalse(upload.feed_id or upload.candidate_ids)

    def test_the_choice_of_another_feed_withdraws_the_offer(self):
        upload = self.drop(renamed([article(number, price=9.4) for number in range(1, 21)]))
        with Form(upload) as form:
            form.feed_id = self.other
        self.assertEqual(upload.partner_id, self.other.partner_id)
        self.assertFalse(upload.is_recognised)
