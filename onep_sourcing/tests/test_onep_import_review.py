from odoo.exceptions import UserError
from odoo.tests.common import tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from .import_case import ImportCase, make_ean, price_list

TEN = [10.0 + number for number in range(10)]


@tagged("standard", "post_install", "-at_install")
class TestOnepImportReview(ImportCase):
    """What waits for a person, and what only the database can judge."""

    def confirm(self, run, method):
        with trap_jobs() as trap:
            getattr(run, method)()
            trap.assert_jobs_count(1, only=run._job_import)
        run._job_import()

    def snapshot(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT supplier_sku, price_untaxed, is_present, write_date, last_import_id "
            "FROM onep_supplier_offer WHERE partner_id = %s ORDER BY supplier_sku",
            [self.partner.id],
        )
        return self.env.cr.fetchall()

    # a catalogue that shrinks

    def test_a_catalogue_that_shrinks_too_much_is_held_and_nothing_changes(self):
        self.run_import(price_list(TEN))
        before = self.snapshot()
        run = self.run_import(price_list([*TEN[:6], None, None, None, None]))
        self.assertEqual(run.state, "held")
        self.assertEqual(self.snapshot(), before)
        self.assertFalse(self.env["onep.supplier.offer.history"].search([]))
        self.assertIn("4 of the 10", run.hold_message)
        self.assertIn("40 %", run.hold_message)
        self.assertTrue(run.holds_gone)
        self.assertFalse(run.issue_ids)

    def test_a_held_import_can_mark_gone(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([*TEN[:6], None, None, None, None]))
        self.confirm(run, "action_import_and_mark_gone")
        self.assertEqual((run.state, run.gone_count), ("done", 4))
        self.assertEqual(
            [offer.is_present for _sku, offer in sorted(self.offers().items())],
            [True] * 6 + [False] * 4,
        )

    def test_a_held_import_can_keep_what_is_missing(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([11.0, *TEN[1:6], None, None, None, None]))
        self.confirm(run, "action_import_and_keep_missing")
        self.assertEqual((run.state, run.gone_count, run.changed_count), ("done", 0, 1))
        self.assertTrue(all(offer.is_present for offer in self.offers().values()))

    def test_a_held_import_can_be_cancelled(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list(TEN[:2]))
        run.action_cancel()
        self.assertEqual(run.state, "cancelled")
        with self.assertRaises(UserError):
            run.action_import_and_mark_gone()

    def test_an_older_file_never_undoes_a_newer_one(self):
        self.run_import(price_list(TEN))
        held = self.run_import(price_list(TEN[:2]))
        self.assertEqual(held.state, "held")
        with trap_jobs():
            held.action_import_and_mark_gone()  # while the newer one is being read
        newer = self.make_run(price_list([11.0, *TEN[1:]]))
        with self.assertRaises(RetryableJobError):
            newer._job_import()
        held.state = "held"
        newer._job_import()
        self.assertEqual((newer.state, held.state), ("done", "cancelled"))
        before = self.snapshot()
        with trap_jobs():
            held.action_import()
        held._job_import()
        self.assertEqual(held.state, "cancelled")
        self.assertIn("newer file", held.error_message)
        self.assertEqual(self.snapshot(), before)

    def test_a_confirmation_counts_once(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list(TEN[:2]))
        with trap_jobs():
            run.action_import_and_mark_gone()
        run.action_cancel()
        with trap_jobs():
            run.action_import()
        run._job_import()
        self.assertEqual(run.state, "held")

    def test_a_newer_file_settles_an_older_one_that_is_held(self):
        self.run_import(price_list(TEN))
        held = self.run_import(price_list(TEN[:2]))
        self.run_import(price_list([11.0, *TEN[1:]]))
        self.assertEqual(held.state, "cancelled")
        self.assertIn("newer file", held.error_message)

    def hold_a_delta(self):
        """Two files of changes: Monday's is held, Tuesday's waits behind it."""
        self.run_import(price_list(TEN))
        self.feed.kind = "delta"
        monday = self.run_import(price_list([price * 100 for price in TEN[:6]]))
        self.assertEqual(monday.state, "held")
        tuesday = self.run_import(price_list([None] * 6 + [99.0]))
        return monday, tuesday

    def test_changes_wait_for_an_older_file_of_changes(self):
        monday, tuesday = self.hold_a_delta()
        before = self.snapshot()
        self.assertEqual((monday.state, tuesday.state), ("held", "held"))
        self.assertIn("An older file of this feed waits", tuesday.hold_message)
        with self.assertRaisesRegex(UserError, "follows by itself"):
            tuesday.action_import_and_mark_gone()
        wednesday = self.run_import(price_list([None] * 7 + [98.0]))
        self.assertEqual(wednesday.state, "held")
        with trap_jobs():
            monday.action_import_and_mark_gone()
        with trap_jobs():
            monday._job_import()
        self.assertEqual((monday.state, tuesday.state), ("done", "queued"))
        self.assertEqual(wednesday.state, "held", "one after the other")
        tuesday._job_import()
        self.assertEqual((tuesday.state, wednesday.state), ("done", "queued"))
        wednesday._job_import()
        self.assertEqual(wednesday.state, "done")
        self.assertNotEqual(self.snapshot(), before)
        prices = {offer.supplier_sku: offer.price_untaxed for offer in self.offers().values()}
        self.assertEqual(prices["A-000"], TEN[0] * 100)
        self.assertEqual((prices["A-006"], prices["A-007"]), (99.0, 98.0))

    def test_changes_follow_when_the_older_file_is_cancelled_or_deleted(self):
        for decide in ("action_cancel", "unlink"):
            monday, tuesday = self.hold_a_delta()
            with trap_jobs() as trap:
                getattr(monday, decide)()
                trap.assert_jobs_count(1, only=tuesday._job_import)
            self.assertEqual(tuesday.state, "queued")
            tuesday._job_import()
            self.assertEqual(tuesday.state, "done")
            self.feed.kind = "full"

    def test_changes_follow_when_the_older_file_fails(self):
        monday, tuesday = self.hold_a_delta()
        monday.mapping = {"columns": [{"column": "Gone", "field": "supplier_sku"}]}
        with trap_jobs():
            monday.action_import_and_mark_gone()
            monday._job_import()
        self.assertEqual((monday.state, tuesday.state), ("failed", "queued"))

    def test_the_limit_is_the_feed_s_own_when_it_has_one(self):
        self.run_import(price_list(TEN))
        self.feed.gone_limit = 0.5
        run = self.run_import(price_list([*TEN[:6], None, None, None, None]))
        self.assertEqual((run.state, run.gone_count), ("done", 4))
        self.feed.gone_limit = False
        run = self.run_import(price_list(TEN[:4]))
        self.assertEqual(run.state, "held")

    def test_a_delta_is_never_held_for_what_it_lacks(self):
        self.run_import(price_list(TEN))
        self.feed.kind = "delta"
        self.assertEqual(self.run_import(price_list(TEN[:1])).state, "done")

    # prices that drift as a whole

    def assert_held(self, prices, word):
        self.run_import(price_list(TEN))
        before = self.snapshot()
        run = self.run_import(price_list(prices))
        self.assertEqual(run.state, "held", run.error_message)
        self.assertIn(word, run.hold_message)
        self.assertFalse(run.holds_gone)
        self.assertEqual(self.snapshot(), before)
        return run

    def test_prices_in_cents_are_held(self):
        run = self.assert_held([price * 100 for price in TEN], "100 times")
        self.confirm(run, "action_import_and_mark_gone")
        self.assertEqual((run.state, run.changed_count), ("done", 10))

    def test_prices_divided_by_ten_are_held(self):
        self.assert_held([price / 10 for price in TEN], "divided by 10")

    def test_prices_in_cents_are_held_in_a_file_of_one_row(self):
        self.company.onep_price_jump_severity = "none"
        self.run_import(price_list(TEN[:1]))
        run = self.run_import(price_list([TEN[0] * 100]))
        self.assertEqual(run.state, "held")
        self.assertIn("100 times", run.hold_message)
        self.assertEqual(self.offers()["A-000"].price_untaxed, TEN[0])
        self.confirm(run, "action_import_and_mark_gone")
        self.assertEqual(self.offers()["A-000"].price_untaxed, TEN[0] * 100)

    def test_a_few_prices_are_held_only_when_all_moved_as_a_unit_does(self):
        self.company.onep_price_jump_severity = "none"
        self.run_import(price_list(TEN[:4]))
        for prices in ([1000.0, *TEN[1:4]], [price * 4 for price in TEN[:4]]):
            run = self.run_import(price_list(prices))
            self.assertEqual(run.state, "done", run.hold_message)

    def test_prices_with_vat_are_held(self):
        self.assert_held([price * 1.2 for price in TEN], "VAT rate of 20 %")

    def test_prices_with_the_book_vat_are_held(self):
        self.assert_held([price * 1.055 * 100 / 100 for price in TEN], "VAT rate of 5.5 %")

    def test_prices_that_lost_their_vat_are_held(self):
        self.assert_held([price / 1.2 for price in TEN], "fell by exactly")

    def test_a_general_rise_is_not_held(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([price * 1.08 for price in TEN]))
        self.assertEqual((run.state, run.changed_count), ("done", 10))

    def test_another_currency_is_held(self):
        self.run_import(price_list(TEN))
        usd = self.env.ref("base.USD")
        usd.active = True
        self.feed.currency_id = usd
        run = self.run_import(price_list([price + 1 for price in TEN]))
        self.assertEqual(run.state, "held")
        self.assertIn("currency of 10 of the 10", run.hold_message)

    # one price that cannot be

    def test_a_price_far_above_the_known_one_goes_to_quarantine(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([1000.0, *TEN[1:]]))
        self.assertEqual((run.state, run.quarantined_count, run.accepted_count), ("done", 1, 9))
        issue = run.issue_ids
        self.assertEqual((issue.rule, issue.line), ("price-above-known", 2))
        self.assertIn("10.00 EUR", issue.reason)
        offer = self.offers()["A-000"]
        self.assertEqual((offer.price_untaxed, offer.is_present), (10.0, True))
        self.assertEqual(run.row_count, run.accepted_count + run.quarantined_count)

    def test_a_price_far_below_the_known_one_goes_to_quarantine(self):
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([0.10, *TEN[1:]]))
        self.assertEqual(run.issue_ids.rule, "price-below-known")

    def test_the_setting_only_warns(self):
        self.company.onep_price_jump_severity = "warn"
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([1000.0, *TEN[1:]]))
        self.assertEqual((run.quarantined_count, run.changed_count), (0, 1))
        self.assertEqual(run.issue_ids.severity, "warn")
        self.assertEqual(self.offers()["A-000"].price_untaxed, 1000.0)

    def test_the_setting_leaves_prices_alone(self):
        self.company.onep_price_jump_severity = "none"
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([1000.0, *TEN[1:]]))
        self.assertEqual((run.changed_count, len(run.issue_ids)), (1, 0))

    def test_what_the_article_once_cost_acquits(self):
        self.company.onep_price_jump_severity = "none"
        self.run_import(price_list([500.0, *TEN[1:]]))
        self.run_import(price_list([10.0, *TEN[1:]]))
        self.company.onep_price_jump_severity = "refuse"
        run = self.run_import(price_list([400.0, *TEN[1:]]))
        self.assertEqual((run.quarantined_count, run.changed_count), (0, 1))

    def test_a_new_article_is_compared_with_other_suppliers(self):
        other = self.make_feed(self.env["res.partner"].create({"name": "Autre"}))
        self.run_import(price_list(TEN), feed=other)
        run = self.run_import(price_list([9.0, 1100.0, 12.0]))
        self.assertEqual((run.accepted_count, run.quarantined_count), (2, 1))
        self.assertIn("11.00 EUR", run.issue_ids.reason)

    def test_a_refused_new_article_is_not_created(self):
        other = self.make_feed(self.env["res.partner"].create({"name": "Autre"}))
        self.run_import(price_list(TEN), feed=other)
        self.run_import(price_list([9.0, 1100.0]))
        self.assertEqual(list(self.offers()), ["A-000"])

    def test_prices_are_compared_in_one_currency(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "name": "2020-01-01",
                "rate": 100,
                "company_id": self.company.id,
            }
        )
        other = self.make_feed(
            self.env["res.partner"].create({"name": "Autre"}), currency_id=usd.id
        )
        self.run_import(price_list([1000.0, 1100.0]), feed=other)
        run = self.run_import(price_list([10.0, 11.0]))
        self.assertEqual(run.quarantined_count, 0)

    # one issue a row

    def test_a_price_that_is_refused_joins_what_was_told_of_its_row(self):
        self.run_import(price_list(TEN))
        text = price_list([1000.0, *TEN[1:]]).replace(make_ean(0), "123")
        run = self.run_import(text)
        issue = run.issue_ids
        self.assertEqual([issue.line, issue.severity], [2, "refuse"])
        self.assertEqual((issue.rule, issue.field), ("price-above-known", "purchase_price"))
        rules = [entry["rule"] for entry in issue.reasons]
        self.assertEqual(rules[0], "price-above-known")
        self.assertTrue(any(rule == "gtin-length" for rule in rules[1:]), rules)
        self.assertEqual(issue.raw["EAN"], "123")
        self.assertEqual((run.accepted_count, run.quarantined_count), (9, 1))
        self.assertEqual(self.offers()["A-000"].price_untaxed, 10.0)

    def test_a_price_that_is_told_stands_below_what_was_told_of_its_row(self):
        self.company.onep_price_jump_severity = "warn"
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([1000.0, *TEN[1:]]).replace(make_ean(0), "123"))
        issue = run.issue_ids
        self.assertEqual((len(issue), issue.severity), (1, "warn"))
        rules = [entry["rule"] for entry in issue.reasons]
        self.assertEqual((rules[0], rules[-1]), (issue.rule, "price-above-known"))

    def test_a_currency_that_odoo_lacks_joins_what_was_told_of_its_row(self):
        text = (
            "Référence;EAN;Désignation;Marque;Prix net HT;Devise;Stock\n"
            f"A-1;{make_ean(1)};Lampe;Toka;10,00;EUR;1\n"
            "A-2;123;Lampe;Toka;10,00;GBP;1\n"
        )
        self.env.ref("base.GBP").active = False
        issue = self.run_import(text).issue_ids
        self.assertEqual((len(issue), issue.severity), (1, "refuse"), issue.mapped("reasons"))
        self.assertEqual((issue.rule, issue.field), ("currency-inactive", "currency"))
        self.assertGreater(len(issue.reasons), 1)

    def test_an_ean_that_another_has_joins_what_was_told_of_its_row(self):
        self.feed.kind = "delta"
        self.run_import(price_list(TEN))
        run = self.run_import(price_list([]) + f"B-1;{make_ean(3)};Autre;Toka;13,00;1;abc\n")
        rules = [entry["rule"] for entry in run.issue_ids.reasons]
        self.assertEqual(len(run.issue_ids), 1)
        self.assertIn("ean-carried", rules)
        self.assertGreater(len(rules), 1)

    # EANs

    def test_an_ean_of_another_article_of_the_supplier_is_told(self):
        self.feed.kind = "delta"
        self.run_import(price_list(TEN))
        row = f"B-1;{make_ean(3)};Autre;Toka;13,00;1;1\n"
        run = self.run_import(price_list([]) + row)
        self.assertEqual((run.accepted_count, run.new_count), (1, 1))
        issue = run.issue_ids
        self.assertEqual((issue.rule, issue.severity), ("ean-carried", "warn"))
        self.assertIn("A-003", issue.reason)
        self.assertFalse(self.run_import(price_list([]) + row).issue_ids)

    def test_an_article_that_gave_its_ean_up_is_no_reason(self):
        self.run_import(price_list(TEN))
        text = price_list(TEN).replace(f"A-003;{make_ean(3)}", "A-003;")
        run = self.run_import(text + f"B-1;{make_ean(3)};Autre;Toka;13,00;1;1\n")
        self.assertFalse(run.issue_ids.filtered(lambda issue: issue.rule == "ean-carried"))
