import json
from pathlib import Path

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.amazon import AmazonClient
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_contract import ClientContract
from .common import account, gtins

DATA = Path(__file__).parent / "data"


@tagged("standard", "post_install", "-at_install")
class TestAmazonContract(ClientContract, BaseCase):
    client_class = AmazonClient
    platform = "amazon"
    operation = "searchCatalogItems"
    item_operation = "getCompetitivePricing"
    quota_operations = ("searchCatalogItems", "getCompetitivePricing", "getItemOffersBatch")
    wrong_secret = "amazon_client_secret"

    def test_rank_holder_and_parcel(self):
        batch = self.client().fetch(self.gtins).batch
        found = [row for row, state in enumerate(batch.state) if state == "found"]
        ranked = [row for row in found if batch.sales_rank[row]]
        self.assertGreater(len(ranked), len(found) / 2)
        for row in found:
            self.assertTrue(batch.external_id[row].startswith("B"))
            self.assertGreater(batch.weight_g[row], 0)
            self.assertGreaterEqual(batch.length_mm[row], batch.height_mm[row] * 0.9)
            if batch.buy_box_price_taxed[row] is not None:
                self.assertIn(batch.buy_box_fulfilment[row], ("marketplace", "merchant"))
                self.assertGreaterEqual(batch.offer_count[row], 1)
        self.assertIn("yes", batch.retailer_present)
        self.assertIn("no", batch.retailer_present)

    def test_several_products_under_one_ean(self):
        asked = gtins(600)
        batch = self.client().fetch(asked).batch
        several = [row for row, count in enumerate(batch.candidate_count) if (count or 0) > 1]
        self.assertTrue(several)
        for row in several:
            self.assertIn("several-candidates", batch.reason_codes[row])
            # never the variation parent, and the better ranked of the rest
            self.assertEqual(batch.external_id[row][1], "0")

    def test_item_of_no_asked_ean_is_asked_again_alone(self):
        before = self.client().fetch(self.gtins[:20]).batch
        self.spoil("stranger")
        after = self.client().fetch(self.gtins[:20]).batch
        self.assertEqual(
            sorted(zip(before.gtin, before.external_id, strict=True)),
            sorted(zip(after.gtin, after.external_id, strict=True)),
        )

    def test_without_offer_detail_the_holder_is_unknown(self):
        client = self.client(account={"settings": {"offer_detail": ""}})
        batch = client.fetch(self.gtins[:20]).batch
        self.assertNotIn("getItemOffersBatch", {call[1] for call in self.simulator.calls})
        row = next(r for r, price in enumerate(batch.buy_box_price_taxed) if price)
        self.assertIsNone(batch.buy_box_seller[row])
        self.assertEqual(batch.retailer_present[row], "unknown")

    def test_fees(self):
        asked = self.client().fetch(self.gtins[:20]).batch
        asins = [code for code in asked.external_id if code][:3] + ["B0UNKNOWN0"]
        quote = self.client().quote_fees(asins, [20.0] * 4, fulfilled=True)
        self.assertEqual(quote.commission[:3], (3.0, 3.0, 3.0))
        self.assertTrue(all(total > 3 for total in quote.total_fee[:3]))
        self.assertIsNone(quote.total_fee[3])
        self.assertTrue(quote.reason_detail[3])
        self.assertEqual(set(quote.currency), {"EUR"})

    def test_rate_is_learnt_from_the_server(self):
        self.patch(AmazonClient, "limits", {"searchCatalogItems": Limit(2, 2)})
        self.patch(self.simulator.quotas, "scale", 50)
        client = self.client()
        client.fetch(self.gtins[:2])
        self.assertEqual(client.limiter.limit("searchCatalogItems"), Limit(100, 100))

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

    def test_environment_does_not_choose_the_marketplace(self):
        self.patch(__import__("os"), "environ", {**__import__("os").environ})
        __import__("os").environ["SP_API_DEFAULT_MARKETPLACE"] = "US"
        fetched = self.client().fetch(self.gtins[:2])
        self.assertFalse(fetched.error)


@tagged("standard", "post_install", "-at_install")
class TestAmazonRecorded(BaseCase):
    """Answers written by hand after Amazon's documentation, odd ones included."""

    def fetch(self, asked, **answers):
        def serve(request):
            path = request.url.path
            if path.endswith("/token"):
                return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
            for name, answer in answers.items():
                if name in path:
                    return httpx.Response(200, json=answer)
            return httpx.Response(404, json={"errors": [{"code": "NotFound", "message": path}]})

        self.patch(AmazonClient, "limits", {})
        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(serve)))
        with AmazonClient(account("amazon", None), transport=transport) as client:
            return client.fetch(asked)

    def recorded(self):
        return json.loads((DATA / "amazon_answers.json").read_text())

    def test_mixed_units_and_another_marketplace_s_data(self):
        answers = self.recorded()
        fetched = self.fetch(
            ["03700000000017"],
            **{
                "/items": answers["catalog"],
                "competitivePrice": answers["competitive"],
                "itemOffers": answers["offers"],
            },
        )
        self.assertFalse(fetched.error)
        batch = fetched.batch
        self.assertEqual(batch.name, ("Lampe de bureau",))
        self.assertEqual(batch.category, ("Luminaires",))
        self.assertEqual(batch.weight_g, (381.02,))  # 0.84 lb
        self.assertEqual(batch.length_mm, (315.0,))  # 31.5 cm
        self.assertEqual(batch.height_mm, (304.8,))  # 12 inches
        self.assertEqual(batch.sales_rank, (4209,), "the price service is the newer")
        self.assertEqual(batch.buy_box_price_taxed, (25.5,))
        self.assertEqual(batch.lowest_price_taxed, (24.9,))
        self.assertEqual(batch.offer_count, (5,))
        self.assertEqual(batch.marketplace_fulfilled_count, (2,))
        self.assertEqual(batch.buy_box_seller, ("A1SELLER000001",))
        self.assertEqual(batch.retailer_present, ("unknown",), "5 offers, only one shown")
        self.assertIsNone(batch.reason_codes[0])

    def test_rank_missing_in_the_catalogue_is_taken_from_prices(self):
        answers = self.recorded()
        del answers["catalog"]["items"][0]["salesRanks"]
        batch = self.fetch(
            ["03700000000017"],
            **{
                "/items": answers["catalog"],
                "competitivePrice": answers["competitive"],
                "itemOffers": answers["offers"],
            },
        ).batch
        self.assertEqual(batch.sales_rank, (4209,))

    def test_item_throttled_inside_a_success(self):
        answers = self.recorded()
        answers["offers"]["responses"][0]["status"]["statusCode"] = 429
        fetched = self.fetch(
            ["03700000000017"],
            **{
                "/items": answers["catalog"],
                "competitivePrice": answers["competitive"],
                "itemOffers": answers["offers"],
            },
        )
        self.assertIsInstance(fetched.error, errors.ServiceDown)
        self.assertEqual(fetched.pending, ("03700000000017",))

    def test_missing_role_names_the_operation(self):
        fetched = self.fetch(["03700000000017"])
        self.assertIsInstance(fetched.error, errors.ItemNotFound)
