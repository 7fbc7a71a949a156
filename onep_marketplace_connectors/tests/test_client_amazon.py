import json
import os
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import amazon, errors
from odoo.addons.onep_marketplace_connectors.clients.amazon import AmazonClient
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import (
    Limit,
)
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects

from .client_contract import ClientContract
from .market_case import account, gtins, load_simulator


@tagged("standard", "post_install", "-at_install")
class TestAmazonContract(ClientContract, BaseCase):
    client_class = AmazonClient
    platform = "amazon"
    operation = "getCompetitivePricing"
    item_operation = "getCompetitivePricing"
    wrong_secret = "amazon_client_secret"

    def column(self, table, name):
        """Values of a column by GTIN."""
        return dict(zip(table.gtin, getattr(table, name), strict=True))

    # --- identity

    def test_what_a_product_is(self):
        table = self.client().ask(Step.IDENTITY, Subjects(self.gtins)).table
        self.assertIn("not_found", table.state)
        for row, state in enumerate(table.state):
            if state != "found":
                self.assertIsNone(table.external_id[row])
                continue
            self.assertTrue(table.external_id[row].startswith("B"))
            self.assertGreater(table.weight_g[row], 0)
            self.assertTrue(table.category_code[row].isdigit())
            self.assertTrue(table.url[row].startswith("https://www.amazon.fr/dp/B"))
        ranked = [json.loads(ranks) for ranks in table.ranks if ranks]
        self.assertTrue(ranked)
        for ranks in ranked:
            self.assertTrue(all(one["rank"] > 0 and one["category"] for one in ranks))

    def test_several_products_under_one_ean(self):
        asked = Subjects(gtins(400))
        answer = self.client().ask(Step.IDENTITY, asked)
        several = [
            g for g, n in self.column(answer.table, "candidate_count").items() if n and n > 1
        ]
        self.assertTrue(several)
        reasons = self.column(answer.table, "reason_codes")
        kinds = dict(
            zip(
                zip(answer.candidates.gtin, answer.candidates.external_id, strict=True),
                answer.candidates.kind,
                strict=True,
            )
        )
        self.assertIn("variation_parent", kinds.values())
        chosen = self.column(answer.table, "external_id")
        for gtin in several:
            self.assertIn("several-candidates", reasons[gtin])
            if any(k != "variation_parent" for (g, _a), k in kinds.items() if g == gtin):
                self.assertNotEqual(kinds[gtin, chosen[gtin]], "variation_parent")

    def test_a_person_s_choice_is_kept(self):
        asked = Subjects(gtins(400))
        answer = self.client().ask(Step.IDENTITY, asked)
        row = answer.candidates.position.index(2)
        gtin, other = answer.candidates.gtin[row], answer.candidates.external_id[row]
        again = self.client().ask(Step.IDENTITY, Subjects([gtin], [other]))
        self.assertEqual(again.table.external_id, (other,))
        self.assertEqual(again.table.is_doubtful, (False,))
        self.assertEqual(again.candidates.reason[0], "chosen")

    def test_item_of_no_asked_ean_is_asked_again_alone(self):
        asked = Subjects(self.gtins[:20])
        before = self.client().ask(Step.IDENTITY, asked).table
        self.spoil("stranger", operation="searchCatalogItems")
        after = self.client().ask(Step.IDENTITY, asked).table
        self.assertEqual(before.external_id, after.external_id)

    def test_quota_between_pages_keeps_what_was_read(self):
        asked = Subjects(gtins(400))
        self.spoil("rate-limit", operation="searchCatalogItems", skip=2)
        answer = self.client().ask(Step.IDENTITY, asked)
        self.assert_nothing_lost(answer, asked)
        self.assertIsInstance(answer.error, errors.RateLimited)

    # --- figures

    def test_wide_gives_price_and_counts_not_the_holder(self):
        table = self.client().ask(Step.WIDE, self.subjects()).table
        self.assertLessEqual({"buy_box_seller", "lowest_price_taxed"}, table.silent)
        self.assertNotIn("ranks", table.silent)
        self.assertTrue([price for price in table.buy_box_price_taxed if price])
        self.assertTrue([count for count in table.offer_count if count])

    def test_detail_gives_holder_fulfilment_and_retailer(self):
        table = self.client().ask(Step.DETAIL, self.subjects()).table
        self.assertIn("yes", table.retailer_present)
        self.assertIn("no", table.retailer_present)
        self.assertIn("Amazon", table.buy_box_seller)
        for row, state in enumerate(table.state):
            if state == "found" and table.buy_box_seller[row]:
                self.assertIn(table.buy_box_fulfilment[row], ("marketplace", "merchant"))
            both = table.marketplace_fulfilled_count[row], table.merchant_fulfilled_count[row]
            if None not in both:
                self.assertEqual(sum(both), table.offer_count[row])
            if table.lowest_price_taxed[row] and table.buy_box_price_taxed[row]:
                landed = table.buy_box_price_taxed[row] + (table.buy_box_shipping_taxed[row] or 0)
                self.assertLessEqual(table.lowest_price_taxed[row], round(landed, 2))

    def test_item_throttled_inside_a_success_stays_pending(self):
        subjects = self.subjects(self.gtins[:20])
        self.spoil("throttled-item", operation="getItemOffersBatch")
        answer = self.client().ask(Step.DETAIL, subjects)
        self.assertEqual(len(answer.pending), 1)
        self.assert_waits(answer)
        self.assertNotIsInstance(answer.error, errors.ServiceDown, "the operation itself works")
        self.assert_nothing_lost(answer, subjects)

    def test_a_product_that_was_never_identified(self):
        table = self.client().ask(Step.WIDE, Subjects(self.gtins[:1])).table
        self.assertEqual(table.state, ("error",))
        self.assertEqual(table.reason_codes, ("identity-unknown",))
        self.assertFalse(self.simulator.calls)

    # --- rights and fees

    def test_rights(self):
        # goods of many brands
        asked = load_simulator().numbers.gtins(150)
        table = self.client().ask(Step.RIGHTS, self.subjects(asked)).table
        self.assertLessEqual(set(table.may_sell), {"yes", "approval", "no", "unknown"})
        self.assertIn("yes", table.may_sell)
        self.assertIn("approval", table.may_sell)
        for row, may_sell in enumerate(table.may_sell):
            if may_sell == "approval":
                self.assertTrue(table.approval_url[row].startswith("https://"))
            if may_sell in ("approval", "no"):
                self.assertTrue(table.sell_reason[row])
        self.assertIn("no", table.may_be_stored)

    def test_rights_without_a_seller_id(self):
        client = self.client(account={"settings": {"seller_id": ""}})
        table = client.ask(Step.RIGHTS, self.subjects(self.gtins[:6])).table
        self.assertEqual(set(table.may_sell), {"unknown"})
        self.assertIn("seller-id-missing", table.reason_codes[0])

    def test_fees(self):
        subjects = self.subjects()
        table = self.client().ask(Step.FEES, subjects).table
        self.assertEqual(set(table.currency), {"EUR"})
        found = [row for row, state in enumerate(table.state) if state == "found"]
        self.assertTrue(found)
        for row in found:
            self.assertEqual(table.price_taxed[row], 25.0)
            parts = table.commission[row] + (table.fulfilment_fee[row] or 0)
            self.assertGreaterEqual(table.total_fee[row], round(parts, 2) - 0.01)

    def test_fees_without_a_price(self):
        subjects = self.subjects(self.gtins[:6])
        asked = Subjects(subjects.gtin, subjects.external_id)
        table = self.client().ask(Step.FEES, asked).table
        self.assertEqual(set(table.reason_codes), {"price-not-given"})

    # --- account

    def test_rate_is_learnt_from_the_server(self):
        self.patch(AmazonClient, "limits", {"searchCatalogItems": Limit(2, 2)})
        self.patch(self.simulator.quotas, "scale", 50)
        client = self.client()
        client.ask(Step.IDENTITY, Subjects(self.gtins[:2]))
        self.assertEqual(
            client.limiter.limit("searchCatalogItems"),
            Limit(100, 2),
            "more at once is not announced",
        )

    def test_withdrawn_authorisation(self):
        client = self.client(account={"secrets": {"amazon_refresh_token": "Atzr|another"}})
        with self.assertRaises(errors.BadCredentials) as caught:
            client.check()
        self.assertEqual(caught.exception.rule, "authorisation-revoked")

    def test_wrong_client_secret_says_rotate(self):
        client = self.client(account={"secrets": {"amazon_client_secret": "old"}})
        with self.assertRaises(errors.BadCredentials) as caught:
            client.check()
        self.assertEqual(caught.exception.rule, "secret-expired")

    def test_country_without_amazon(self):
        with self.assertRaises(errors.BadCredentials):
            AmazonClient(account("amazon", self.simulator, country="LU"))

    def test_environment_chooses_neither_marketplace_nor_keys(self):
        with patch.dict(
            os.environ,
            {
                "SP_API_DEFAULT_MARKETPLACE": "US",
                "LWA_APP_ID": "another",
                "LWA_CLIENT_SECRET": "another",
                "SP_API_REFRESH_TOKEN": "another",
            },
        ):
            asked = Subjects(self.gtins[:2])
            self.assert_complete(self.client().ask(Step.IDENTITY, asked), asked)
            client = self.client(account={"secrets": {"amazon_client_secret": ""}})
            self.assertEqual(client.ask(Step.IDENTITY, asked).error.rule, "keys-missing")

    def test_another_country(self):
        asked = Subjects(self.gtins)
        table = self.client(account={"country": "DE"}).ask(Step.IDENTITY, asked).table
        self.assertIn("found", table.state)
        row = table.state.index("found")
        self.assertIn("www.amazon.de", table.url[row])

    def test_stock_has_to_be_read_at_once(self):
        now = [1000.0]
        self.patch(amazon, "STOCK_PAGES", 1)
        client = self.client(clock=lambda: now[0])
        page = client.own_stock()
        self.assertTrue(page.next, "the demo's stock has several pages")
        now[0] += 31
        with self.assertRaises(errors.RetryLater) as caught:
            client.own_stock(page.next)
        self.assertEqual(caught.exception.rule, "cursor-expired")
