import json
import threading

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import candidates, errors, measures, records
from odoo.addons.onep_marketplace_connectors.clients.auth import TokenStore, fingerprint
from odoo.addons.onep_marketplace_connectors.clients.base import Account
from odoo.addons.onep_marketplace_connectors.clients.draft import Draft
from odoo.addons.onep_marketplace_connectors.clients.pagination import next_cursor, walk
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.retry import (
    backoff,
    error_for,
    retry_after,
)
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, StepSpec, Subjects
from odoo.addons.onep_marketplace_connectors.messages import CANDIDATE_REASONS, ERRORS
from odoo.addons.onep_marketplace_connectors.messages import REASONS as WORDS


@tagged("standard", "post_install", "-at_install")
class TestTokens(BaseCase):
    def test_fetched_once_by_competing_threads(self):
        store, fetched = TokenStore(), []

        def fetch():
            fetched.append(1)
            return "token", 3600

        threads = [threading.Thread(target=store.get, args=("a", fetch)) for _n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(fetched), 1)

    def test_renewed_a_minute_early(self):
        now = [1000.0]
        store = TokenStore(clock=lambda: now[0])
        issued = iter("abc")
        self.assertEqual(store.get("k", lambda: (next(issued), 600)), "a")
        now[0] += 539
        self.assertEqual(store.get("k", lambda: (next(issued), 600)), "a")
        now[0] += 2
        self.assertEqual(store.get("k", lambda: (next(issued), 600)), "b")
        store.drop("k")
        self.assertEqual(store.get("k", lambda: (next(issued), 600)), "c")

    def test_another_secret_is_another_account(self):
        first = Account("a", secrets={"k": "one"})
        second = Account("a", secrets={"k": "two"})
        self.assertNotEqual(first.cache_key(), second.cache_key())
        self.assertNotIn("one", first.cache_key())
        self.assertNotIn("one", repr(first))
        self.assertNotEqual(fingerprint("ab", "c"), fingerprint("a", "bc"))

    def test_who_shares_a_token_and_who_a_quota(self):
        ids = {"client_id": "c", "partner_id": "p", "shop_id": "s", "seller_id": "v"}
        usual = {"settings": ids, "secrets": {"k": "one"}}
        others = [
            {"settings": ids | {name: "other"}} for name in ("client_id", "shop_id", "seller_id")
        ] + [{"sandbox": True}, {"endpoint_url": "https://x"}]
        first = Account("a", **usual)
        for changes in [*others, {"token_url": "https://x"}, {"secrets": {"k": "two"}}]:
            other = Account("a", **(usual | changes))
            self.assertNotEqual(first.cache_key(), other.cache_key(), changes)
            # a key or an address for tokens may change, the seller stays the same
            self.assertEqual(first.quota_key() != other.quota_key(), changes in others, changes)
        second = Account("b", country="DE", **usual)
        self.assertNotEqual(first.cache_key(), second.cache_key())
        self.assertEqual(first.quota_key(), second.quota_key(), "one seller, two countries")
        alone = Account("b", **usual | {"settings": ids | {"quota_scope": "account"}})
        self.assertEqual(alone.quota_key(), "b", "counted by country, as a person says")
        self.assertNotEqual(Account("a").quota_key(), Account("b").quota_key(), "nobody knows")


@tagged("standard", "post_install", "-at_install")
class TestRetry(BaseCase):
    def test_status_table(self):
        table = {
            401: errors.BadCredentials,
            403: errors.MissingPermission,
            404: errors.ItemNotFound,
            400: errors.RejectedRequest,
            422: errors.RejectedRequest,
            500: errors.ServiceDown,
            503: errors.ServiceDown,
            408: errors.ServiceDown,
        }
        for status, wanted in table.items():
            self.assertIs(type(error_for(httpx.Response(status), "op")), wanted, status)
        for status in (200, 429):
            with self.assertRaises(ValueError):
                error_for(httpx.Response(status), "op")

    def test_retry_after(self):
        def answer(value):
            return httpx.Response(503, headers={"Retry-After": value})

        self.assertEqual(retry_after(answer("7")), 7)
        self.assertEqual(retry_after(answer("Thu, 01 Jan 1970 00:01:00 GMT"), now=20), 40)
        self.assertIsNone(retry_after(answer("soon")))
        self.assertIsNone(retry_after(httpx.Response(503)))
        self.assertIsNone(retry_after(answer("nan")))
        self.assertEqual(retry_after(answer("-5")), 0)
        self.assertEqual(retry_after(answer("86400")), 900, "bounded")

    def test_backoff_grows_and_is_capped(self):
        waits = [backoff(attempt, draw=lambda: 1.0) for attempt in range(1, 12)]
        self.assertEqual(waits[:4], [10, 20, 40, 80])
        self.assertEqual(waits[-1], 900)
        self.assertEqual(backoff(3, draw=lambda: 0.0), 20)

    def test_every_rule_has_words_for_users(self):
        classes = [errors.MarketplaceError]
        while classes:
            found = classes.pop()
            classes += [c for c in found.__subclasses__() if c.__module__ == errors.__name__]
            if found.rule != "marketplace-error":
                self.assertIn(found.rule, ERRORS)
        self.assertEqual(set(records.REASONS), set(WORDS))
        self.assertEqual(set(candidates.REASONS), set(CANDIDATE_REASONS))

    def test_message_survives_a_missing_parameter(self):
        self.assertIn("%(operation)s", str(errors.RateLimited(3)))
        self.assertIn("searching", str(errors.RateLimited(3, operation="searching")))


@tagged("standard", "post_install", "-at_install")
class TestPagination(BaseCase):
    def test_walk_ends_on_a_repeated_cursor(self):
        pages = {None: ([{"n": 1}], "a"), "a": ([{"n": 2}], "a")}
        rows = list(walk(lambda cursor: records.Page(*pages[cursor])))
        self.assertEqual(rows, [{"n": 1}, {"n": 2}])

    def test_walk_ends_on_an_empty_page(self):
        pages = {None: ([{"n": 1}], 2), 2: ([], 3)}
        self.assertEqual(len(list(walk(lambda cursor: records.Page(*pages[cursor])))), 1)

    def test_cursor_in_body_or_link(self):
        link = '<https://x/y?limit=2&Cursor=abc%2F1>; rel="next", <https://x>; rel="first"'
        self.assertEqual(next_cursor(httpx.Response(200, headers={"Link": link})), "abc/1")
        self.assertEqual(next_cursor(httpx.Response(200), {"cursor": 7}), "7")
        self.assertIsNone(next_cursor(httpx.Response(200), {"items": []}))


@tagged("standard", "post_install", "-at_install")
class TestRecords(BaseCase):
    def test_untouched_rows_stay_pending(self):
        draft = Draft(Step.WIDE, Subjects(["a", "b", "a"]))
        draft.silent.add("sales_rank")
        draft.answer("b", records.FOUND, "no-buy-box", "no-buy-box", lowest_price_taxed=1.0)
        answer = draft.freeze(errors.RateLimited(3))
        self.assertEqual(answer.pending, ("a",))
        self.assertIsInstance(answer.error, errors.RateLimited)
        self.assertEqual((len(answer.table), answer.table.gtin), (1, ("b",)))
        self.assertEqual(answer.table.reason_codes, ("no-buy-box",))
        self.assertEqual(answer.table.buy_box_price_taxed, (None,))
        self.assertEqual(answer.table.silent, {"sales_rank"})

    def test_an_error_without_anything_pending_is_none(self):
        draft = Draft(Step.WIDE, Subjects(["a"]))
        draft.unknown("a")
        self.assertIsNone(draft.freeze(errors.RateLimited(3)).error)

    def test_unequal_columns_are_refused(self):
        names = records.FigureBatch.column_names()
        with self.assertRaises(ValueError):
            records.FigureBatch(**dict.fromkeys(names, ()) | {"gtin": ("a",)})
        with self.assertRaises(ValueError):
            records.FigureBatch(**dict.fromkeys(names, ()), silent=frozenset({"prix"}))
        with self.assertRaises(ValueError):
            Subjects(["a", "b"], ["x"])

    def test_time_of_a_step_follows_its_quota(self):
        spec = StepSpec(20, {"search": 1, "rights": 2, "free": 1})
        limits = {"search": Limit(2, 2), "rights": Limit(1, 1)}
        # 1000 keys are 50 batches: 48 calls at 2/s, 99 calls at 1/s
        self.assertEqual(spec.seconds(1000, limits), {"search": 24.0, "rights": 99.0, "free": 0.0})
        self.assertEqual(set(spec.seconds(0, limits).values()), {0.0})

    def test_measures(self):
        self.assertEqual(measures.grams({"unit": "Kilograms", "value": 0.84}), 840)
        self.assertEqual(measures.grams({"unit": "ounce", "value": 1}), 28.35)
        self.assertEqual(measures.millimetres({"unit": "inches", "value": 1}), 25.4)
        self.assertEqual(measures.millimetres({"unit": "Centimetres", "value": "3.1"}), 31)
        for odd in (
            None,
            {},
            {"unit": "cm"},
            {"unit": "?", "value": 1},
            {"unit": "cm", "value": 0},
        ):
            self.assertIsNone(measures.millimetres(odd))

    def test_answers_kept_as_data_are_valid_json(self):
        from .test_client_amazon_recorded import DATA

        self.assertTrue(json.loads((DATA / "amazon_answers.json").read_text()))
