"""What earlier files said of a header."""

from odoo.tests.common import BaseCase

from ..ingest.automap.memory import HALF_LIFE_DAYS, Fact, Memory, key, keys
from .proposals import fields, propose

FEED, SISTER, SUPPLIER = 1, 2, 10
HEADERS = ("Réf", "Prix", "Dispo")


def fact(field, header="Prix", feed=FEED, supplier=SUPPLIER, **values):
    return Fact(header, key(header), field, feed, supplier, **values)


def recall(*facts, header="Prix", headers=HEADERS, **options):
    options = {"feed": FEED, "supplier": SUPPLIER} | options
    memory = Memory(headers, facts, **options)
    return memory.recall(header, headers.index(header) if header in headers else 0)


class TestHeaderKey(BaseCase):
    def test_case_accents_blanks_and_dates_say_nothing(self):
        for one, two in (
            ("Qté  Dispo", "QTE_DISPO"),
            ("Tarif 2025", "Tarif 2026"),
            ("Stock au 25/11/2026", "stock au 26.11.26"),
            ("Stock 2026-11-25", "STOCK"),
            ("Stock_20261125", "stock"),
            ("Prix au 11/2026", "Prix au 12/2026"),
        ):
            self.assertEqual(key(one), key(two), (one, two))

    def test_numbers_that_mean_something_stay(self):
        self.assertNotEqual(key("Prix 10+"), key("Prix 50+"))
        self.assertEqual(key("2026"), "2026")
        self.assertNotEqual(key("Prix HT"), key("Prix TTC"))
        self.assertEqual(key("Цена"), "цена")

    def test_what_is_no_header_stays_short(self):
        long = "conditions de vente " * 400
        self.assertLess(len(key(long).encode()), 500)
        self.assertEqual(key(long), key(long.upper()))
        self.assertNotEqual(key(long), key(f"{long} et de livraison"))
        self.assertLess(len(key("価格" * 4000).encode()), 1000, "an index takes 2 700 bytes")

    def test_columns_of_one_name_are_told_apart_by_their_order(self):
        self.assertEqual(keys(["Prix", "EAN", "Prix (2)", "PRIX"]),
                         ("prix", "ean", "prix #2", "prix #3"))  # fmt: skip
        self.assertEqual(keys(["Boîte (2)"]), ("boite 2",))


class TestMemory(BaseCase):
    def test_nothing_is_remembered_of_nothing(self):
        self.assertIsNone(Memory.empty().recall("Prix", 0))
        self.assertIsNone(recall(fact("purchase_price"), header="Dispo"))

    def test_what_this_feed_said(self):
        found = recall(fact("purchase_price", files=12, confirmed=1))
        self.assertTrue(found.is_own)
        self.assertFalse(found.is_certain)
        self.assertGreater(found.log_odds["purchase_price"], 1.5)
        self.assertEqual(
            found.reason("purchase_price").message, "Mapped so for this supplier 12 times."
        )
        self.assertEqual(found.reason("ean").message, "Earlier files used this column otherwise.")

    def test_more_files_say_more(self):
        odds = [
            recall(fact("purchase_price", files=files, confirmed=1)).log_odds["purchase_price"]
            for files in (1, 5, 15)
        ]
        self.assertEqual(odds, sorted(odds))
        self.assertGreater(odds[2], odds[0] + 0.5)

    def test_a_column_left_out_is_remembered_as_left_out(self):
        found = recall(fact(None, files=3, confirmed=3))
        self.assertGreater(found.log_odds[None], 2)
        self.assertEqual(found.reason(None).message, "Left out 3 times before.")
        self.assertEqual(recall(fact(None, files=1)).reason(None).message, "Left out once before.")

    def test_a_correction_says_more_than_many_files_nobody_looked_at(self):
        corrected = recall(fact("purchase_price", confirmed=1, corrections=1, corrected_days=0))
        unattended = recall(fact("purchase_price", files=12))
        self.assertGreater(
            corrected.log_odds["purchase_price"], unattended.log_odds["purchase_price"]
        )
        self.assertEqual(
            corrected.reason("purchase_price").message, "Set so by a person for this supplier."
        )

    def test_a_contrary_correction_outweighs_what_was_said_before(self):
        before = fact("purchase_price", files=60, confirmed=3, age_days=1)
        against = fact("recommended_retail_price", confirmed=1, corrections=1, corrected_days=0)
        found = recall(before, against)
        self.assertEqual(found.field, "recommended_retail_price")
        self.assertGreater(found.log_odds["recommended_retail_price"], 1.5)
        self.assertLess(found.log_odds["purchase_price"], -1.5)
        self.assertEqual(found.reason("purchase_price").rule, "memory-otherwise")
        left_out = recall(before, fact(None, confirmed=1, corrections=1, corrected_days=0.5))
        self.assertIsNone(left_out.field)

    def test_a_correction_can_be_taken_back(self):
        found = recall(
            fact("purchase_price", files=5, corrections=1, confirmed=1, corrected_days=1,
                 age_days=1),
            fact("recommended_retail_price", corrections=1, confirmed=1, corrected_days=3,
                 age_days=3),
        )  # fmt: skip
        self.assertEqual(found.field, "purchase_price")
        self.assertLess(found.log_odds["recommended_retail_price"], -1.5)

    def test_what_is_old_fades(self):
        odds = [
            recall(fact("purchase_price", files=3, confirmed=3, age_days=age)).log_odds[
                "purchase_price"
            ]
            for age in (0, HALF_LIFE_DAYS, 6 * HALF_LIFE_DAYS)
        ]
        self.assertGreater(odds[0], odds[1] + 0.5)
        self.assertLess(odds[2], 0.2)
        newer = fact("recommended_retail_price", files=1, confirmed=1, age_days=2)
        older = fact("purchase_price", files=2, confirmed=2, age_days=3 * HALF_LIFE_DAYS)
        self.assertEqual(recall(newer, older).field, "recommended_retail_price")

    def test_another_supplier_benefits(self):
        files = [
            fact("purchase_price", feed=feed, supplier=100 + feed, files=9, confirmed=1)
            for feed in range(20, 24)
        ]
        found = recall(*files)
        self.assertFalse(found.is_own)
        self.assertGreater(found.log_odds["purchase_price"], 1)
        self.assertEqual(found.reason("purchase_price").message, "Mapped so for 4 other suppliers.")
        self.assertEqual(recall(files[0]).reason("purchase_price").message,
                         "Mapped so for one other supplier.")  # fmt: skip
        own = fact("recommended_retail_price", files=1, confirmed=1, corrections=1,
                   corrected_days=0)  # fmt: skip
        self.assertEqual(recall(*files, own).field, "recommended_retail_price")

    def test_one_supplier_is_one_voice(self):
        loud = fact("purchase_price", feed=30, supplier=300, files=500, confirmed=40)
        others = [fact("recommended_retail_price", feed=31 + n, supplier=301 + n, files=4,
                       confirmed=2) for n in range(2)]  # fmt: skip
        self.assertEqual(recall(loud, *others).field, "recommended_retail_price")

    def test_another_feed_of_the_supplier_comes_between(self):
        values = {"files": 5, "confirmed": 1}
        odds = [
            recall(fact("purchase_price", feed=feed, supplier=supplier, **values)).log_odds[
                "purchase_price"
            ]
            for feed, supplier in ((FEED, SUPPLIER), (SISTER, SUPPLIER), (50, 500))
        ]
        self.assertTrue(odds[0] > odds[1] > odds[2], odds)
        self.assertTrue(recall(fact("purchase_price", feed=SISTER)).is_own)

    def test_a_layout_that_shares_columns_counts_more(self):
        near, far = (
            recall(fact("purchase_price", feed=60, supplier=600, confirmed=1, likeness=likeness))
            for likeness in (0.9, 0.0)
        )
        self.assertGreater(near.log_odds["purchase_price"], far.log_odds["purchase_price"])
        self.assertGreater(far.log_odds["purchase_price"], 0)

    def test_another_spelling_of_the_header_counts_a_little_less(self):
        exact = recall(fact("purchase_price", files=4))
        near = recall(fact("purchase_price", header="PRIX 2025", files=4))
        self.assertGreater(exact.log_odds["purchase_price"], near.log_odds["purchase_price"])
        self.assertGreater(near.log_odds["purchase_price"], 0.5 * exact.log_odds["purchase_price"])

    def test_nameless_columns_say_nothing_of_other_feeds(self):
        headers = ("Column 1", "Column 2")
        other = fact("ean", header="Column 2", feed=SISTER)
        self.assertIsNone(recall(other, header="Column 2", headers=headers))
        own = fact("ean", header="Column 2")
        self.assertEqual(recall(own, header="Column 2", headers=headers).field, "ean")

    def test_the_accepted_layout_is_certain(self):
        accepted = {"Réf": "supplier_sku", "Prix": None, "Dispo": "stock_quantity"}
        against = fact("purchase_price", files=12, confirmed=12)
        found = recall(against, accepted=accepted)
        self.assertTrue(found.is_certain)
        self.assertIsNone(found.field)
        self.assertLess(found.log_odds["purchase_price"], -5)
        moved = recall(against, headers=("Dispo", "Prix", "Réf"), accepted=accepted)
        self.assertTrue(moved.is_certain, "names are unique: their order says nothing")
        other = recall(against, headers=(*HEADERS, "Marque"), accepted=accepted)
        self.assertFalse(other.is_certain)
        self.assertEqual(other.field, "purchase_price")

    def test_what_the_mapper_takes_today(self):
        memory = Memory(
            HEADERS,
            [
                fact("purchase_price", files=7),
                fact(None, header="Dispo", files=2),
                fact("supplier_sku", header="Réf", feed=70, supplier=700),
            ],
            feed=FEED,
            supplier=SUPPLIER,
        )
        self.assertEqual(memory.as_headers(), {"Prix": ("purchase_price", 7), "Dispo": (None, 2)})


class TestProposalFromMemory(BaseCase):
    def test_memory_outweighs_the_header(self):
        cells = {"SKU": ["a"], "Zone": ["5"], "Stock": ["7"]}
        facts = [
            Fact("Zone", key("Zone"), "purchase_price", 1, 1, files=3, confirmed=3),
            Fact("Stock", key("Stock"), None, 1, 1, confirmed=1, corrections=1, corrected_days=0),
        ]
        found = propose(cells, Memory(list(cells), facts, 1, 1))
        self.assertEqual(
            fields(found), {"SKU": "supplier_sku", "Zone": "purchase_price", "Stock": None}
        )
        self.assertEqual(found[1].level, "sure")
        self.assertEqual(found[1].why[0].params, {"count": 3})

    def test_an_accepted_price_above_the_retail_price_is_not_asked_again(self):
        cells = {"SKU": ["a", "b"], "PA HT": ["20", "30"], "Prix public": ["10", "12"]}
        accepted = dict(
            zip(cells, ("supplier_sku", "purchase_price", "recommended_retail_price"), strict=True)
        )
        memory = Memory(list(cells), feed=1, supplier=1, accepted=accepted)
        self.assertEqual(fields(propose(cells, memory)), accepted)

    def test_a_contrary_correction_outweighs_what_was_said(self):
        cells = {"SKU": ["a"], "Dispo": ["7"]}
        words = key("Dispo")
        often = Fact("Dispo", words, "stock_quantity", 1, 1, files=9, confirmed=2, age_days=1)
        corrected = Fact(
            "Dispo", words, "pack_size", 1, 1, confirmed=1, corrections=1, corrected_days=0
        )
        before = propose(cells, Memory(list(cells), [often], 1, 1))
        after = propose(cells, Memory(list(cells), [often, corrected], 1, 1))
        self.assertEqual(fields(before)["Dispo"], "stock_quantity")
        self.assertEqual(fields(after)["Dispo"], "pack_size")

    def test_the_supplier_s_own_files_count_more_than_those_of_others(self):
        cells = {"Réf": ["a1", "b2"], "Nom": ["Lampe", "Table ronde"], "Code": ["7", "12"]}

        def found(*suppliers):
            facts = [
                Fact("Code", key("Code"), "manufacturer_part_number", one, one, confirmed=1)
                for one in suppliers
            ]
            return fields(propose(cells, Memory(list(cells), facts, 1, 1)))["Code"]

        self.assertEqual(found(1), "manufacturer_part_number")
        self.assertIsNone(found(2))
        self.assertIsNone(found(2, 3, 4))

    def test_other_suppliers_help_where_the_file_says_little(self):
        cells = {"SKU": ["a", "b", "c"], "Kolonne": ["7", "12", "0"], "Prix net": ["1", "2", "3"]}
        words = key("Kolonne")
        facts = [
            Fact(
                "Kolonne", words, "stock_quantity", feed, feed,
                files=5, confirmed=3, corrections=1, corrected_days=1,
            )
            for feed in (2, 3, 4)
        ]  # fmt: skip
        self.assertIsNone(fields(propose(cells))["Kolonne"])
        found = propose(cells, Memory(list(cells), facts, 1, 1))
        self.assertEqual(found[1].field or found[1].alternatives[0], "stock_quantity")
        self.assertIn("memory-others", [reason.rule for reason in found[1].why])
