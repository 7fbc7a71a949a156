import json
from pathlib import Path

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.amazon import AmazonClient
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import (
    Limit,
    MemoryBuckets,
    paced,
)
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .market_case import account, gtins

DATA = Path(__file__).parent / "data"


@tagged("standard", "post_install", "-at_install")
class TestAmazonRecorded(BaseCase):
    """Answers written by hand after Amazon's documentation, odd ones included."""

    GTIN = "03700000000017"
    ASIN = "B0EXAMPLE1"

    def setUp(self):
        super().setUp()
        self.patch(AmazonClient, "limits", {})
        self.sent = []
        self.answers = json.loads((DATA / "amazon_answers.json").read_text())

    def client(self, buckets=None, **changes):
        """A client that is answered by :attr:`answers`, by a part of the path."""
        paths = {
            "/items": "catalog",
            "competitivePrice": "competitive",
            "itemOffers": "offers",
            "competitiveSummary": "summary",
            "feesEstimate": "fees",
            "/restrictions": "/restrictions",
            "/eligibility": "/eligibility",
        }

        def serve(request):
            path = request.url.path
            if path.endswith("/token"):
                return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
            self.sent.append(request)
            # the last part of a path tells more than a part that they share
            for part, name in reversed(paths.items()):
                if part in path and name in self.answers:
                    answer = self.answers[name]
                    answer = answer(request) if callable(answer) else answer
                    if isinstance(answer, httpx.Response):
                        return answer
                    return httpx.Response(200, json=answer)
            return httpx.Response(404, json={"errors": [{"code": "NotFound", "message": path}]})

        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(serve)))
        client = AmazonClient(
            account("amazon", None, **changes), transport=transport, buckets=buckets
        )
        self.addCleanup(client.close)
        return client

    def ask(self, step, *, client=None, **columns):
        subjects = Subjects([self.GTIN], [self.ASIN], **columns)
        return (client or self.client()).ask(step, subjects)

    def item(self):
        """The payload of the offers' only item."""
        return self.answers["offers"]["responses"][0]["body"]["payload"]

    def test_mixed_units_and_another_marketplace_s_data(self):
        answer = self.client().ask(Step.IDENTITY, Subjects([self.GTIN]))
        self.assertFalse(answer.error)
        table = answer.table
        self.assertEqual(table.name, ("Lampe de bureau",))
        self.assertEqual(table.category, ("Luminaires",))
        self.assertEqual(table.weight_g, (381.02,))  # 0.84 lb
        self.assertEqual(table.length_mm, (315.0,))  # 31.5 cm
        self.assertEqual(table.height_mm, (304.8,))  # 12 inches
        self.assertEqual(table.sales_rank, (4210,))
        self.assertEqual(table.sales_rank_category, ("Luminaires",))

    def test_page_of_variations_goes_with_its_child(self):
        child = self.answers["catalog"]["items"][0]
        here = {"marketplaceId": "A13V1IB3VIYZZH"}
        family = {"type": "VARIATION", "childAsins": [child["asin"], "B0ANOTHER1"]}
        parent = {"asin": "B0PARENT01", "relationships": [here | {"relationships": [family]}]}
        self.answers["catalog"]["items"].insert(0, parent)
        answer = self.client().ask(Step.IDENTITY, Subjects([self.GTIN, "03700000000024"]))
        self.assertEqual(answer.table.external_id, (child["asin"], None))
        self.assertEqual(answer.table.state, ("found", "not_found"))
        self.assertEqual(answer.candidates.kind, ("product", "variation_parent"))
        self.assertEqual(len(self.sent), 1, "nothing is left unexplained")

    def test_items_that_name_no_ean_are_asked_about_in_smaller_company(self):
        """Amazon's answer does not say which EAN brought them; no query is made twice."""
        asked = gtins(8)
        child = self.answers["catalog"]["items"][0]
        queries = []

        def catalog(request):
            queries.append(request.url.params["identifiers"])
            is_in = asked[5].lstrip("0") in queries[-1]
            return {"items": [child | {"identifiers": []}] if is_in else []}

        self.answers["catalog"] = catalog
        self.patch(AmazonClient, "limits", {"searchCatalogItems": Limit(1, 1)})
        clock = [0.0]
        client = self.client(buckets=MemoryBuckets(lambda: clock[0]))
        states, left = {}, asked
        while left and len(queries) < 30:
            answer = client.ask(Step.IDENTITY, Subjects(left))
            states |= dict(zip(answer.table.gtin, answer.table.external_id, strict=True))
            left = answer.pending
            clock[0] += 1.1
        self.assertEqual(states, dict.fromkeys(asked) | {asked[5]: child["asin"]})
        self.assertEqual(len(queries), len(set(queries)))

    def test_pages_that_the_quota_cuts_short_are_not_final(self):
        child = self.answers["catalog"]["items"][0]
        rows = [child | {"asin": f"B0SAMEEAN{n}"} for n in range(2)]

        def catalog(request):
            page = 1 if "pageToken" in request.url.params else 0
            several = "," in request.url.params["identifiers"]
            more = {"pagination": {"nextToken": "more"}} if not page else {}
            # of several, the other EAN's item is on the second page
            return {"items": rows[page : page + 1] if several else rows[:1]} | more

        self.answers["catalog"] = catalog
        self.patch(AmazonClient, "limits", {"searchCatalogItems": Limit(0.001, 1)})
        client = self.client()
        answer = client.ask(Step.IDENTITY, Subjects([self.GTIN, "03700000000024"]))
        self.assertEqual(answer.table.gtin, (), "half of its candidates are on the next page")
        self.assertIsInstance(answer.error, errors.RateLimited)
        self.assertEqual(client.steps()[Step.IDENTITY].batch_size, 1)
        table = self.client().ask(Step.IDENTITY, Subjects([self.GTIN])).table
        self.assertEqual((table.state, table.is_doubtful), (("found",), (True,)))
        self.assertIn("doubtful-candidate", table.reason_codes[0])

    def test_offers(self):
        table = self.ask(Step.DETAIL).table
        self.assertEqual(table.buy_box_price_taxed, (25.5,))
        self.assertEqual(table.lowest_price_taxed, (24.9,))
        self.assertEqual(table.offer_count, (5,))
        self.assertEqual(table.marketplace_fulfilled_count, (2,))
        self.assertEqual(table.merchant_fulfilled_count, (3,))
        self.assertEqual(table.buy_box_seller, ("A1SELLER000001",))
        self.assertEqual(table.retailer_present, ("unknown",), "5 offers, only one shown")

    def test_offers_are_not_read_where_the_account_does_not_want_it(self):
        client = self.client(settings={"offer_detail": ""})
        self.assertNotIn(Step.DETAIL, client.steps())
        self.assertEqual(len(client.steps()), 4)
        with self.assertRaises(ValueError):
            client.ask(Step.DETAIL, Subjects([self.GTIN], ["B0TEST0001"]))

    def test_rank_missing_in_the_catalogue_is_told_by_prices(self):
        del self.answers["catalog"]["items"][0]["salesRanks"]
        table = self.client().ask(Step.IDENTITY, Subjects([self.GTIN])).table
        self.assertEqual(table.sales_rank, (None,))
        self.assertEqual(table.sales_rank_category, ("Luminaires",), "what the rank will be in")
        self.assertEqual(self.ask(Step.WIDE).table.sales_rank, (4209,))

    def test_a_shelf_s_rank_never_stands_for_the_main_one(self):
        product = self.answers["competitive"]["payload"][0]["Product"]
        product["SalesRankings"] = [{"ProductCategoryId": "210000031", "Rank": 37}]
        table = self.ask(Step.WIDE).table
        self.assertEqual(table.sales_rank, (None,))
        self.assertIn("rank-missing", table.reason_codes[0])
        self.assertEqual(json.loads(table.ranks[0]), [{"category": "210000031", "rank": 37}])

    def test_a_day_without_any_rank_leaves_the_known_ones(self):
        self.answers["competitive"]["payload"][0]["Product"]["SalesRankings"] = []
        self.assertLessEqual({"sales_rank", "ranks"}, self.ask(Step.WIDE).table.silent)

    def test_a_quota_between_two_batches_does_not_wipe_known_ranks(self):
        row = self.answers["competitive"]["payload"][0]
        row["Product"]["SalesRankings"] = []
        asins = [f"B0EXAMPLE{number:02d}" for number in range(21)]
        self.answers["competitive"] = {"payload": [row | {"ASIN": asin} for asin in asins]}
        self.patch(AmazonClient, "limits", {"getCompetitivePricing": Limit(0.001, 1)})
        answer = self.client().ask(Step.WIDE, Subjects(gtins(21), asins))
        self.assertEqual((len(answer.table), len(answer.pending)), (20, 1))
        self.assertLessEqual({"sales_rank", "ranks"}, answer.table.silent)

    def test_item_throttled_inside_a_success(self):
        self.answers["offers"]["responses"][0]["status"]["statusCode"] = 429
        answer = self.ask(Step.DETAIL)
        self.assertEqual(answer.error.rule, "service-down")
        self.assertEqual(answer.pending, (self.GTIN,))

    def test_item_refused_inside_a_success(self):
        self.answers["offers"]["responses"][0] = {
            "status": {"statusCode": 400, "reasonPhrase": "Bad Request"},
            "request": {"Asin": self.ASIN},
            "body": {"errors": [{"code": "InvalidInput", "message": "Invalid ASIN."}]},
        }
        table = self.ask(Step.DETAIL).table
        self.assertEqual((table.state, table.reason_detail), (("error",), ("Invalid ASIN.",)))

    def test_parameters_of_a_batch_are_flat(self):
        self.ask(Step.DETAIL)
        (request,) = json.loads(self.sent[0].content)["requests"]
        self.assertEqual(request["MarketplaceId"], "A13V1IB3VIYZZH")
        self.assertEqual(request["ItemCondition"], "New")
        self.assertNotIn("queryParams", request)
        self.assertTrue(self.sent[0].url.path.endswith("/batches/products/pricing/v0/itemOffers"))

    def test_lists_are_one_parameter_and_no_other_marketplace_is_named(self):
        self.client().ask(Step.IDENTITY, Subjects([self.GTIN, "03700000000024"]))
        query = self.sent[0].url.params
        self.assertEqual(query.get_list("identifiers"), ["3700000000017,3700000000024"])
        self.assertEqual(query.get_list("marketplaceIds"), ["A13V1IB3VIYZZH"])
        self.assertNotIn("MarketplaceId", query)

    def test_one_asin_under_two_eans_is_asked_once(self):
        subjects = Subjects([self.GTIN, "03700000000024"], [self.ASIN] * 2)
        table = self.client().ask(Step.DETAIL, subjects).table
        self.assertEqual(table.buy_box_price_taxed, (25.5, 25.5))
        self.assertEqual(len(json.loads(self.sent[0].content)["requests"]), 1)

    def test_duplicates_that_amazon_believes_to_see(self):
        asins = [f"B0EXAMPLE{letter}" for letter in "ABCDEFGH"]
        gtins_ = gtins(8)
        refused = {"errors": [{"code": "InvalidInput", "message": "Duplicate requests submitted"}]}

        def offers(request):
            asked = [r["uri"].split("/")[-2] for r in json.loads(request.content)["requests"]]
            if len(asked) > 1 and asins[2] in asked:
                return httpx.Response(400, json=refused)
            return {
                "responses": [
                    {
                        "status": {"statusCode": 200},
                        "request": {"Asin": asin},
                        "body": {"payload": payload | {"ASIN": asin}},
                    }
                    for asin in asked
                ]
            }

        payload = self.item()
        self.answers["offers"] = offers
        client = self.client()
        answer = client.ask(Step.DETAIL, Subjects(gtins_, asins))
        self.assertFalse(answer.error)
        self.assertEqual(set(answer.table.state), {"found"})
        self.assertIn("batch_getItemOffersBatch", client.learned)
        smaller = self.client(settings=client.learned)
        self.assertLess(smaller.steps()[Step.DETAIL].batch_size, 20)

    def test_nothing_but_refusals_is_no_matter_of_items(self):
        body = {"errors": [{"code": "InvalidInput", "message": "The MarketplaceId is invalid."}]}
        self.answers["offers"] = lambda _request: httpx.Response(400, json=body)
        asins = [f"B0EXAMPLE{letter}" for letter in "ABCDEFGH"]
        answer = self.client().ask(Step.DETAIL, Subjects(gtins(8), asins))
        self.assertIsInstance(answer.error, errors.RejectedRequest)

    def test_either_spelling_of_the_marketplace(self):
        self.item().pop("marketplaceId", None)
        usual = self.ask(Step.DETAIL).table
        for name in ("marketplaceId", "MarketplaceID"):
            self.item()[name] = "A13V1IB3VIYZZH"
            self.assertEqual(self.ask(Step.DETAIL).table, usual)
            self.item()[name] = "A1PA6795UKMFR9"
            table = self.ask(Step.DETAIL).table
            self.assertEqual(table.reason_codes, ("not-answered",), "of another country")
            del self.item()[name]

    def test_two_winners(self):
        offer = dict(self.item()["Offers"][0])
        offer |= {"SellerId": "A1SELLER000002", "IsFulfilledByAmazon": False}
        offer["ListingPrice"] = {"CurrencyCode": "EUR", "Amount": 23.0}
        self.item()["Offers"].insert(0, offer)
        table = self.ask(Step.DETAIL).table
        self.assertEqual(table.buy_box_seller, ("A1SELLER000001",), "whose price is the buy box's")
        self.assertIn("two-holders", table.reason_codes[0])

    def test_a_winner_at_another_price_is_not_believed(self):
        self.item()["Offers"][0]["ListingPrice"]["Amount"] = 31.0
        table = self.ask(Step.DETAIL).table
        self.assertEqual(table.buy_box_price_taxed, (25.5,))
        self.assertEqual((table.buy_box_seller, table.buy_box_fulfilment), ((None,), (None,)))
        self.assertIn("holder-unknown", table.reason_codes[0])

    def nobody_sells(self):
        self.item().update(status="NoBuyableOffers", Offers=[], Summary={"TotalOfferCount": 0})

    def test_no_offers_are_no_proof(self):
        self.nobody_sells()
        table = self.ask(Step.DETAIL).table
        self.assertEqual(table.state, ("found",))
        self.assertEqual(table.buy_box_price_taxed, (25.5,), "the wide call knows better")
        self.assertIn("counts-disagree", table.reason_codes[0])

    def test_no_offers_that_two_calls_agree_on(self):
        self.nobody_sells()
        product = self.answers["competitive"]["payload"][0]["Product"]
        product["CompetitivePricing"] = {"CompetitivePrices": [], "NumberOfOfferListings": []}
        table = self.ask(Step.DETAIL).table
        self.assertEqual((table.state, table.offer_count), (("no_price",), (0,)))

    def test_no_offers_unproven(self):
        self.nobody_sells()
        self.answers["competitive"] = lambda _request: httpx.Response(503)
        answer = self.ask(Step.DETAIL)
        self.assertFalse(answer.error)
        self.assertEqual(answer.table.state, ("no_price",))
        self.assertEqual(answer.table.offer_count, (None,))
        codes = answer.table.reason_codes[0].split(",")
        self.assertIn("no-offer-unproven", codes)
        self.assertNotIn("no-offer", codes)

    def test_still_counted_and_the_newer_call_is_spent(self):
        self.item()["status"] = "ActiveButTooSoonForProcessing"
        self.answers["summary"] = lambda _request: httpx.Response(429, json={"errors": [{}]})
        table = self.ask(Step.DETAIL).table
        self.assertEqual(table.state, ("found",))
        self.assertEqual(table.buy_box_price_taxed, (25.5,))
        self.assertIn("detail-too-soon", table.reason_codes[0])

    # --- rights

    def test_rights_take_both_tokens_or_none(self):
        limits = {"getListingsRestrictions": Limit(1, 1), "getItemEligibilityPreview": Limit(5, 9)}
        self.patch(AmazonClient, "limits", limits)
        self.answers |= {"/eligibility": {"payload": {"isEligibleForProgram": True}}}
        self.answers |= {"/restrictions": {"restrictions": []}}
        buckets = MemoryBuckets(lambda: 0.0)
        client = self.client(buckets=buckets)
        asins = [f"B0EXAMPLE{letter}" for letter in "ABC"]
        answer = client.ask(Step.RIGHTS, Subjects(gtins(3), asins))
        self.assertEqual((answer.table.may_sell, answer.table.may_be_stored), (("yes",), ("yes",)))
        self.assertIsInstance(answer.error, errors.RateLimited)
        self.assertEqual(len(self.sent), 2, "no call that its twin has no token for")
        key = f"{client.account.quota_key()}:getItemEligibilityPreview"
        limit = limits["getItemEligibilityPreview"]
        self.assertEqual(buckets.peek({key: limit})[key].tokens, paced(limit)[1] - 1)

    def test_a_right_that_has_to_wait_does_not_ask_for_the_other_again(self):
        busy = [httpx.Response(429, json={"errors": [{}]})]
        self.answers |= {"/eligibility": {"payload": {"isEligibleForProgram": True}}}
        rights = {"restrictions": []}
        self.answers |= {"/restrictions": lambda _request: busy.pop() if busy else rights}
        client = self.client()
        self.assertIsInstance(self.ask(Step.RIGHTS, client=client).error, errors.RateLimited)
        table = self.ask(Step.RIGHTS, client=client).table
        self.assertEqual((table.may_sell, table.may_be_stored), (("yes",), ("yes",)))
        calls = [request.url.path.rpartition("/")[2] for request in self.sent]
        self.assertEqual(calls, ["itemPreview", "restrictions", "restrictions"])

    # --- fees

    def fee(self, request, **changes):
        wanted = request["FeesEstimateRequest"]
        euros = "EUR"

        def money(amount):
            return {"CurrencyCode": euros, "Amount": amount}

        return {
            "Status": "Success",
            "FeesEstimateIdentifier": {
                "IdValue": request["IdValue"],
                "SellerInputIdentifier": wanted["Identifier"],
                "PriceToEstimateFees": wanted["PriceToEstimateFees"],
            },
            "FeesEstimate": {
                "TotalFeesEstimate": money(7.35),
                "FeeDetailList": [
                    {"FeeType": "ReferralFee", "FeeAmount": money(3.0), "FinalFee": money(3.0)},
                    {
                        "FeeType": "FBAFees",
                        "FeeAmount": money(4.35),
                        "FinalFee": money(4.35),
                        "IncludedFeeDetailList": [
                            {"FeeType": "FBAPickAndPack", "FinalFee": money(4.35)}
                        ],
                    },
                ],
            },
        } | changes

    def test_fees_in_euros_without_nulls(self):
        self.answers["fees"] = lambda r: [self.fee(one) for one in json.loads(r.content)]
        table = self.ask(Step.FEES, price_taxed=[20]).table
        self.assertEqual(table.total_fee, (7.35,))
        self.assertEqual(table.commission, (3.0,))
        self.assertEqual(table.fulfilment_fee, (4.35,), "what is within it is not added")
        request, alone = json.loads(self.sent[0].content)
        shipped = [one["FeesEstimateRequest"]["IsAmazonFulfilled"] for one in (request, alone)]
        self.assertEqual(shipped, [True, False])
        price = request["FeesEstimateRequest"]["PriceToEstimateFees"]
        self.assertEqual(price, {"ListingPrice": {"Amount": 20.0, "CurrencyCode": "EUR"}})
        self.assertNotIn("null", self.sent[0].content.decode())

    def test_mixed_up_fees_are_asked_one_by_one(self):
        def serve(request):
            asked = json.loads(request.content)
            rows = [self.fee(one) for one in asked]
            if len(rows) > 2:
                # of two products, each asked about in both ways
                first, second = (rows[n]["FeesEstimateIdentifier"] for n in (0, 2))
                first["PriceToEstimateFees"], second["PriceToEstimateFees"] = (
                    second["PriceToEstimateFees"],
                    first["PriceToEstimateFees"],
                )
            return rows

        self.answers["fees"] = serve
        asked = gtins(3)
        subjects = Subjects(
            asked, ["B0EXAMPLEA", "B0EXAMPLEB", "B0EXAMPLEC"], price_taxed=[10, 20, 30]
        )
        table = self.client().ask(Step.FEES, subjects).table
        self.assertEqual(table.state, ("found",) * 3)
        self.assertEqual(len(self.sent), 3, "the batch, and the two that were mixed up")

    def test_phantom_promotion(self):
        def serve(request):
            rows = [self.fee(one) for one in json.loads(request.content)]
            rows[0]["FeesEstimate"]["FeeDetailList"][1]["FinalFee"]["Amount"] = 0
            rows[0]["FeesEstimate"]["TotalFeesEstimate"]["Amount"] = 3.0
            return rows

        self.answers["fees"] = serve
        table = self.ask(Step.FEES, price_taxed=[20]).table
        self.assertEqual((table.total_fee, table.fulfilment_fee), ((7.35,), (4.35,)))
        self.assertIn("fee-promotion-ignored", table.reason_codes[0])

    def test_what_amazon_cannot_ship_has_its_commission(self):
        error = {"Type": "Sender", "Code": "InvalidParameterValue", "Message": "No size."}

        def serve(request):
            shipped, row = map(self.fee, json.loads(request.content))
            del row["FeesEstimate"]["FeeDetailList"][1]
            return [shipped | {"Status": "ClientError", "FeesEstimate": None, "Error": error}, row]

        self.answers["fees"] = serve
        # one token is all it takes
        self.patch(AmazonClient, "limits", {"getMyFeesEstimates": Limit(0.001, 1)})
        table = self.ask(Step.FEES, price_taxed=[20]).table
        self.assertEqual((table.commission, table.fulfilment_fee), ((3.0,), (None,)))
        self.assertIn("fee-without-fulfilment", table.reason_codes[0])

    def test_fees_that_may_come_later(self):
        error = {"Type": "Receiver", "Code": "InternalError", "Message": "Try again."}
        self.answers["fees"] = lambda request: [
            self.fee(one, Status="ServiceError", Error=error) for one in json.loads(request.content)
        ]
        answer = self.ask(Step.FEES, price_taxed=[20])
        self.assertIsInstance(answer.error, errors.RetryLater)
        self.assertEqual(answer.pending, (self.GTIN,))
