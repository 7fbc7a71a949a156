"""Published sample answers decode, and each recorded shape of an error ends in its rule."""

import json
from pathlib import Path

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients.amazon import AmazonClient
from odoo.addons.onep_marketplace_connectors.clients.cdiscount import CdiscountClient
from odoo.addons.onep_marketplace_connectors.clients.fnac import FnacClient
from odoo.addons.onep_marketplace_connectors.clients.mirakl import MiraklClient
from odoo.addons.onep_marketplace_connectors.clients.records import REASONS
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport
from odoo.addons.onep_marketplace_connectors.messages import ERRORS

from .market_case import account

DATA = Path(__file__).parent / "data"
CLIENTS = {
    "amazon": AmazonClient,
    "fnac": FnacClient,
    "cdiscount": CdiscountClient,
    "mirakl": MiraklClient,
}
GTIN = "03700000000017"
FNAC_AUTH = (DATA / "fnac_recorded" / "auth_response.xml").read_bytes()
TOKEN = {"access_token": "t", "expires_in": 3600}


class RecordedCase(BaseCase):
    """Clients that are answered from files, without quotas."""

    def setUp(self):
        super().setUp()
        self.calls = []
        for client_class in CLIENTS.values():
            self.patch(client_class, "limits", {})

    def client(self, platform, serve, **changes):
        """A client whose calls, those for tokens excepted, are answered by `serve`."""

        def answer(request):
            path = request.url.path
            if path.endswith("/token"):
                return httpx.Response(200, json=TOKEN)
            if path.endswith("/auth"):
                return httpx.Response(200, content=FNAC_AUTH)
            self.calls.append(path)
            return serve(request)

        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(answer)))
        if platform == "mirakl":
            changes.setdefault("settings", {"new_state": "11"})
        client = CLIENTS[platform](account(platform, None, **changes), transport=transport)
        self.addCleanup(client.close)
        return client


@tagged("standard", "post_install", "-at_install")
class TestErrorShapes(RecordedCase):
    def test_each_shape_ends_in_its_rule(self):
        shapes = json.loads((DATA / "error_shapes.json").read_text())
        self.assertEqual({shape["platform"] for shape in shapes}, set(CLIENTS))
        for shape in shapes:
            about = {name: shape[name] for name in ("platform", "status")}
            with self.subTest(**about, body=str(shape.get("json", shape.get("text")))[:60]):
                self.check_shape(shape)

    def check_shape(self, shape):
        def serve(_request):
            body = {"json": shape["json"]} if "json" in shape else {"text": shape["text"]}
            return httpx.Response(shape["status"], headers=shape.get("headers"), **body)

        self.calls.clear()
        client = self.client(shape["platform"], serve)
        answer = client.ask(Step.WIDE, Subjects([GTIN], ["B0EXAMPLE1"]))
        if shape.get("refused"):
            # a single item: the refusal is its own
            self.assertEqual(answer.table.state, ("error",))
            self.assertTrue(answer.table.reason_detail[0])
            self.assertIn(shape.get("words", ""), answer.table.reason_detail[0])
            return
        self.assertEqual(answer.error.rule, shape["rule"])
        self.assertIn(answer.error.rule, ERRORS)
        self.assertEqual(answer.pending, (GTIN,))
        self.assertEqual(len(self.calls), shape.get("calls", 1))
        self.assertIn(shape.get("words", ""), str(answer.error))
        if "seconds" in shape:
            self.assertEqual(answer.error.seconds, shape["seconds"])


@tagged("standard", "post_install", "-at_install")
class TestAmazonSandbox(RecordedCase):
    """Amazon's own samples; they are of its American marketplace."""

    def sample(self, name):
        return json.loads((DATA / "amazon_sandbox" / f"{name}.json").read_text())

    def ask(self, step, subjects, *names):
        """The answer to one step, its calls answered by samples in turn."""
        left = [self.sample(name) for name in names]
        client = self.client(
            "amazon", lambda _request: httpx.Response(200, json=left.pop(0)), country="US"
        )
        answer = client.ask(step, subjects)
        for codes in answer.table.reason_codes:
            self.assertLessEqual({c for c in (codes or "").split(",") if c}, set(REASONS))
        return answer

    def test_catalogue(self):
        sample = self.sample("searchCatalogItems")
        rows = sample["items"][0]["identifiers"][0]["identifiers"]
        gtin = next(row["identifier"] for row in rows if row["identifierType"] == "EAN").zfill(14)
        sample.pop("pagination")

        client = self.client(
            "amazon", lambda _request: httpx.Response(200, json=sample), country="US"
        )
        answer = client.ask(Step.IDENTITY, Subjects([gtin]))
        table = answer.table
        self.assertEqual(table.state, ("found",))
        self.assertEqual(table.external_id, (sample["items"][0]["asin"],))
        summary = sample["items"][0]["summaries"][0]
        self.assertEqual(table.name, (summary["itemName"],))
        self.assertEqual(table.brand, (summary["brand"],))
        package = sample["items"][0]["dimensions"][0]["package"]
        self.assertEqual(package["weight"]["unit"], "kilograms")
        self.assertAlmostEqual(table.weight_g[0], package["weight"]["value"] * 1000, places=1)
        self.assertEqual(package["length"]["unit"], "inches")
        self.assertAlmostEqual(table.length_mm[0], package["length"]["value"] * 25.4, places=1)
        ranks = json.loads(table.ranks[0])
        groups = sample["items"][0]["salesRanks"][0]["displayGroupRanks"]
        self.assertEqual(ranks[0]["rank"], groups[0]["rank"])
        self.assertEqual(table.sales_rank[0], groups[0]["rank"])

    def test_competitive_pricing(self):
        subjects = Subjects([GTIN, "03700000000024"], ["B00V5DG6IQ", "B00551Q3CS"])
        table = self.ask(Step.WIDE, subjects, "getCompetitivePricing").table
        self.assertEqual(table.state, ("found", "found"))
        self.assertEqual(table.buy_box_price_taxed, (130, 130))
        self.assertEqual(table.offer_count, (20, 1))
        self.assertEqual(table.currency, ("USD", "USD"))

    def test_item_offers(self):
        sample = self.sample("getItemOffersBatch")
        asins = [response["request"]["Asin"] for response in sample["responses"]]
        gtins = [f"{row:014d}" for row in range(len(asins))]
        answer = self.ask(
            Step.DETAIL, Subjects(gtins, asins), "getItemOffersBatch", "getCompetitivePricing"
        )
        self.assertFalse(answer.error)
        rows = dict(zip(asins, range(len(asins)), strict=True))
        table = answer.table

        def row(asin, *names):
            return tuple(getattr(table, name)[rows[asin]] for name in names)

        self.assertEqual(
            row("B001PYUTII", "offer_count", "used_offer_count", "marketplace_fulfilled_count"),
            (15, 4271, 1),
        )
        self.assertEqual(
            row("B00505DW2I", "buy_box_price_taxed", "buy_box_shipping_taxed"), (10, 4.99)
        )
        self.assertEqual(row("B001Q3KU9Q", "buy_box_fulfilment"), ("marketplace",))
        self.assertEqual(row("B000OQA3N4", "buy_box_price_taxed", "offer_count"), (None, 3))
        self.assertIn("no-buy-box", row("B000OQA3N4", "reason_codes")[0])
        # NoBuyableOffers, and the other call does not know it either: unproven, so unknown
        self.assertEqual(row("B00KFRNZY6", "state", "offer_count"), ("no_price", None))
        self.assertEqual(
            json.loads(row("B000P6Q7MY", "ranks")[0])[0],
            {"category": "toy_display_on_website", "rank": 48602},
        )

    def test_competitive_summary_answers_what_is_still_counted(self):
        offers = {
            "responses": [
                {
                    "status": {"statusCode": 200},
                    "request": {"Asin": "B00ZIAODGE"},
                    "body": {
                        "payload": {
                            "ASIN": "B00ZIAODGE",
                            "status": "ActiveButTooSoonForProcessing",
                            "Summary": {"TotalOfferCount": 0},
                        }
                    },
                }
            ]
        }
        summary = self.sample("getCompetitiveSummary")
        left = [offers, summary]
        client = self.client(
            "amazon", lambda _request: httpx.Response(200, json=left.pop(0)), country="US"
        )
        table = client.ask(Step.DETAIL, Subjects([GTIN], ["B00ZIAODGE"])).table
        self.assertEqual(table.state, ("found",))
        self.assertIsNone(table.offer_count[0])
        self.assertIn("detail-too-soon", table.reason_codes[0])
        segments = summary["responses"][0]["body"]["featuredBuyingOptions"][0]
        prices = [
            segment["listingPrice"]["amount"] for segment in segments["segmentedFeaturedOffers"]
        ]
        self.assertIn(table.buy_box_price_taxed[0], prices)
        self.assertTrue(table.buy_box_seller[0])

    def test_fees_of_something_else_are_not_believed(self):
        # the sample answers about another product and another price
        subjects = Subjects([GTIN], ["asin123"], price_taxed=[10])
        table = self.ask(Step.FEES, subjects, "getMyFeesEstimates").table
        self.assertEqual(table.reason_codes, ("not-answered",))
        self.assertIsNone(table.total_fee[0])

    def test_restrictions(self):
        subjects = Subjects([GTIN], ["B0000ASIN1"])
        names = ("getItemEligibilityPreview", "getListingsRestrictions")
        table = self.ask(Step.RIGHTS, subjects, *names).table
        self.assertEqual(table.may_sell, ("yes",), "the sample is about used goods")
        self.assertEqual(table.may_be_stored, ("yes",))
        sample = self.sample("getListingsRestrictions")
        sample["restrictions"][0]["conditionType"] = "new_new"
        left = [self.sample("getItemEligibilityPreview"), sample]
        client = self.client(
            "amazon", lambda _request: httpx.Response(200, json=left.pop(0)), country="US"
        )
        table = client.ask(Step.RIGHTS, subjects).table
        self.assertEqual(table.may_sell, ("approval",))
        self.assertIn("approvalrequest", table.approval_url[0])

    def test_storage_is_unknown_without_the_role(self):
        def serve(request):
            if "eligibility" in request.url.path:
                return httpx.Response(403, json=self.sample("getItemEligibilityPreview_403"))
            return httpx.Response(200, json={"restrictions": []})

        client = self.client("amazon", serve)
        table = client.ask(Step.RIGHTS, Subjects([GTIN], ["B0EXAMPLE1"])).table
        self.assertEqual((table.may_sell, table.may_be_stored), (("yes",), ("unknown",)))
        self.assertIn("storage-unknown", table.reason_codes[0])

    def test_participations(self):
        sample = self.sample("getMarketplaceParticipations")

        def serve(request):
            if "marketplaceParticipations" in request.url.path:
                return httpx.Response(200, json=sample)
            if "restrictions" in request.url.path:
                return httpx.Response(403, json=self.sample("getItemEligibilityPreview_403"))
            return httpx.Response(400, json=self.sample("searchCatalogItems_400"))

        report = self.client("amazon", serve, country="US").check()
        self.assertEqual(report.missing, {Step.RIGHTS: "getListingsRestrictions"})
        names = [row["marketplace"]["name"] for row in sample["payload"]]
        self.assertEqual(list(report.marketplaces), names)


@tagged("standard", "post_install", "-at_install")
class TestFnacRecordedTraffic(RecordedCase):
    def body(self, name):
        return (DATA / "fnac_recorded" / f"{name}.xml").read_bytes()

    def ask(self, gtins, *names):
        left = [self.body(name) for name in names]
        client = self.client(
            "fnac",
            lambda _request: httpx.Response(200, content=left.pop(0)),
            settings={"pricing": "v1"},
        )
        return client.ask(Step.WIDE, Subjects(gtins)), client

    def test_prices_by_condition(self):
        answer, _client = self.ask(["09780262510875"], "query_pricing_response")
        self.assertEqual(answer.table.state, ("found",))
        self.assertEqual(answer.table.lowest_price_taxed, (46.47,))  # 41.48 and 4.99, new

    def test_unknown_ean(self):
        answer, _client = self.ask(["00000000000007"], "query_pricing_with_invalid_ean_response")
        self.assertEqual(answer.table.state, ("not_found",))

    def test_too_many_references_are_halved(self):
        asked = [f"{row:014d}" for row in range(10)]
        answer, client = self.ask(
            asked,
            "query_pricing_more_than_ten_eans_response",
            "query_pricing_with_no_ean_response",
            "query_pricing_with_no_ean_response",
        )
        self.assertFalse(answer.error)
        self.assertEqual(client.learned, {"batch_pricing_query": "5"}, "V1's own, not V3's")
        self.assertEqual(len(self.calls), 3)

    def test_own_offers(self):
        left = [self.body("query_offers_response")]
        client = self.client(
            "fnac",
            lambda _request: httpx.Response(200, content=left.pop(0)),
            settings={"pricing": "v1"},
        )
        page = client.own_offers()
        self.assertIsNone(page.next, "without counters a short page is the last one")
        self.assertEqual(page.fee_untaxed[:2], (10.07, 2.74))
        self.assertEqual(page.price_taxed[:2], (80.0, 20.0))
        self.assertEqual(page.external_id[0], "20005761")
        self.assertEqual(page.category[0], "Jeux Vidéo")
        self.assertEqual(page.gtin, (None,) * len(page))
