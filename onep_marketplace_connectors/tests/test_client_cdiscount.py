import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import cdiscount_decode, errors
from odoo.addons.onep_marketplace_connectors.clients.cdiscount import CdiscountClient
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_contract import ClientContract
from .market_case import account, gtins

GTIN = "03700000000017"
SHEET = {"items": [{"reference": "AUC1", "gtin": "3700000000017", "label": "Cafetière"}]}


@tagged("standard", "post_install", "-at_install")
class TestCdiscountContract(ClientContract, BaseCase):
    client_class = CdiscountClient
    platform = "cdiscount"
    operation = "offers"
    item_step = Step.IDENTITY
    item_operation = "products"
    wrong_secret = "cdiscount_client_secret"

    def many(self):
        return self.subjects(gtins(140))

    def test_no_price_for_what_we_do_not_sell(self):
        table = self.client().ask(Step.WIDE, self.many()).table
        unsold = [r for r, codes in enumerate(table.reason_codes) if "not-sold" in (codes or "")]
        self.assertTrue(unsold)
        for row in unsold:
            self.assertEqual(table.state[row], "no_price")
            self.assertIsNone(table.buy_box_price_taxed[row])
            self.assertIsNone(table.lowest_price_taxed[row])
            self.assertIsNone(table.offer_count[row])
        self.assertIn("found", table.state)

    def test_own_offers_and_categories(self):
        client = self.client()
        offers = client.own_offers()
        self.assertTrue(all(price > 0 for price in offers.price_taxed))
        self.assertEqual({len(gtin) for gtin in offers.gtin if gtin}, {14})
        page, codes, parents = client.categories(), set(), set()
        while True:
            codes |= set(page.code)
            parents |= set(page.parent_code) - {None}
            if not page.next:
                break
            page = client.categories(page.next)
        self.assertTrue(parents)
        self.assertLessEqual(parents, codes)

    def test_seller_that_did_not_accept_the_client(self):
        client = self.client(account={"settings": {"seller_id": "999"}})
        with self.assertRaises(errors.BadCredentials) as caught:
            client.check()
        self.assertIn(caught.exception.rule, ("client-not-linked", "wrong-seller"))

    def test_seller_under_whichever_name_its_number_has(self):
        def client(seller):
            def serve(request):
                path = request.url.path
                if path.endswith("/token"):
                    return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
                return httpx.Response(200, json=seller if path.endswith("/sellers") else [])

            transport = Transport(http=httpx.Client(transport=httpx.MockTransport(serve)))
            return CdiscountClient(account("cdiscount", None), transport=transport)

        for seller in (
            {"id": 9, "sellerId": "12345", "shopName": "A"},
            {"id": 12345, "shopName": "A"},
            {"items": [{"reference": "9"}, {"reference": "12345", "shopName": "A"}]},
            {"shopName": "A"},
        ):
            self.assertEqual(client(seller).check().seller, "A")
        with self.assertRaises(errors.BadCredentials) as caught:
            client({"id": 9, "sellerId": "54321", "shopName": "A"}).check()
        self.assertEqual(caught.exception.rule, "wrong-seller")

    def test_channel_that_is_not_open(self):
        report = self.client(account={"settings": {"sales_channel": "CDONSE"}}).check()
        self.assertEqual(report.notes, ("marketplace-not-open",))


@tagged("standard", "post_install", "-at_install")
class TestCdiscountRecorded(BaseCase):
    """Answers written by hand: the inner names of a competing offer are not published."""

    def ask(self, offers, sheet=SHEET, asked=(GTIN,)):
        self.urls = []

        def serve(request):
            path = request.url.path
            self.urls.append(str(request.url))
            if path.endswith("/token"):
                return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
            if path.endswith("/offers"):
                answer = offers(request) if callable(offers) else offers
                return answer if isinstance(answer, httpx.Response) else self.json(answer)
            return self.json(sheet)

        self.patch(CdiscountClient, "limits", {})
        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(serve)))
        with CdiscountClient(account("cdiscount", None), transport=transport) as client:
            answer = client.ask(Step.IDENTITY, Subjects(asked))
            if answer.table.state == ("not_found",):
                return answer.table
            return client.ask(Step.WIDE, Subjects(asked, answer.table.external_id)).table

    @staticmethod
    def json(value):
        return httpx.Response(200, json=value)

    @staticmethod
    def offer(**feedback):
        return {
            "offerId": "12345_AUC1_6_CDISFR",
            "condition": "New",
            "product": {"gtin": "3700000000017"},
            "facialPrice": {"price": 24.9},
            "salesChannelFeedback": feedback,
        }

    def test_competition_under_several_spellings(self):
        spellings = (
            {"price": 22.5, "isBestOffer": True, "shipping": {"shippingPrice": 1.0}},
            {"price": {"price": 22.5}, "bestOffer": True, "shippingCost": 1.0},
            {"facialPrice": {"price": 22.5}, "isBestOffer": True, "deliveryCost": 1.0},
        )
        for spelling in spellings:
            with self.subTest(sorted(spelling)):
                table = self.ask({"items": [self.offer(competingOffers=[spelling])]})
                self.assertEqual(table.state, ("found",))
                self.assertEqual(table.buy_box_price_taxed, (22.5,))
                self.assertEqual(table.buy_box_shipping_taxed, (1.0,))
                self.assertEqual(table.lowest_price_taxed, (23.5,))
                self.assertEqual(table.offer_count, (2,))

    def test_unknown_spelling_is_unknown_not_zero(self):
        table = self.ask({"items": [self.offer(competingOffers=[{"montant": 22.5}])]})
        self.assertEqual(table.state, ("no_price",))
        self.assertIsNone(table.buy_box_price_taxed[0])
        self.assertIn("competition-unreadable", table.reason_codes[0])

    def test_competition_in_an_unknown_form_is_not_the_absence_of_rivals(self):
        rival = {"price": 22.5, "isBestOffer": True, "condition": 6}
        table = self.ask({"items": [self.offer(competingOffers={"items": [rival]})]})
        self.assertEqual((table.buy_box_price_taxed, table.offer_count), ((22.5,), (2,)))
        for feedback in (
            {"competingOffers": {"liste": [rival]}},
            {"competingOffers": [], "bestOfferDetails": {"montant": 22.5}},
        ):
            with self.subTest(feedback):
                table = self.ask({"items": [self.offer(**feedback)]})
                self.assertEqual((table.state, table.offer_count), (("no_price",), (None,)))
                self.assertIn("competition-unreadable", table.reason_codes[0])

    def test_answers_about_another_ean_are_not_believed(self):
        offer = self.offer(competingOffers=[])
        offer["product"]["gtin"] = "3700000000024"
        sheet = {"items": [{"reference": "X", "gtin": "3700000000024", "label": "Autre"}]}
        table = self.ask({"items": [offer]}, sheet)
        self.assertEqual(table.state, ("not_found",))

    def test_pages_follow_the_link_and_end(self):
        def offers(request):
            cursor = request.url.params.get("cursor")
            link = '<http://127.0.0.1:9/offers?limit=1000&Cursor=abc>; rel="next"'
            row = self.offer(bestOfferDetails={"price": 22.5})
            # a service that repeats its cursor for ever must not hold us
            return httpx.Response(200, json={"items": [row]}, headers={"Link": link}) or cursor

        self.ask(offers)
        self.assertEqual(len([url for url in self.urls if "/offers" in url]), 2)

    def test_a_link_to_another_host_is_not_followed(self):
        def offers(_request):
            link = '<https://elsewhere.example/offers?cursor=abc>; rel="next"'
            row = self.offer(bestOfferDetails={"price": 22.5})
            return httpx.Response(200, json={"items": [row]}, headers={"Link": link})

        self.ask(offers)
        self.assertEqual(len([url for url in self.urls if "/offers" in url]), 1)

    def test_the_feedback_is_asked_for_as_a_field(self):
        self.ask({"items": []})
        query = httpx.URL(next(url for url in self.urls if "/offers" in url)).params
        self.assertIn("salesChannelFeedback", query["fields"])
        self.assertNotIn("expand", query)

    def test_only_new_and_available_offers_make_prices(self):
        competing = [
            {"price": 10.0, "condition": "Used"},
            {"price": 11.0, "isAvailable": False},
            {"price": 22.5, "condition": "New", "seller": {"id": 0, "name": "Cdiscount"}},
        ]
        table = self.ask({"items": [self.offer(competingOffers=competing)]})
        self.assertEqual(table.lowest_price_taxed, (22.5,))
        self.assertEqual((table.offer_count, table.used_offer_count), ((2,), (1,)))
        self.assertEqual(table.retailer_present, ("yes",))

    def test_rivals_who_cannot_deliver_are_no_unreadable_ones(self):
        table = self.ask(
            {"items": [self.offer(competingOffers=[{"price": 9, "isAvailable": False}])]}
        )
        self.assertEqual((table.state, table.lowest_price_taxed), (("found",), (24.9,)))
        self.assertEqual((table.offer_count, table.buy_box_price_taxed), ((1,), (None,)))
        self.assertIn("no-buy-box", table.reason_codes[0].split(","))

    def test_own_buy_box_without_an_own_price_has_the_price_told_with_it(self):
        offer = self.offer(bestOfferDetails={"isBestOffer": True, "price": 22.5})
        del offer["facialPrice"]
        self.assertEqual(self.ask({"items": [offer]}).buy_box_price_taxed, (22.5,))

    def test_one_bad_code_leaves_the_others(self):
        """The service refuses a whole call for it, and a code of 14 digits without being asked."""
        carton, asked = "10614141000415", gtins(7)

        def offers(request):
            codes = request.url.params["gtins"].split(",")
            self.assertTrue(all(len(code) == 13 for code in codes))
            if asked[4].lstrip("0") in codes:
                return httpx.Response(400, json={"title": "The gtin is wrong."})
            return {"items": [self.offer() | {"product": {"gtin": code}} for code in codes]}

        table = self.ask(offers, asked=[*asked[:3], carton, *asked[3:]])
        self.assertEqual(table.state.count("found"), 6)
        rows = dict(zip(table.gtin, zip(table.state, table.reason_codes, strict=True), strict=True))
        self.assertEqual(rows[carton], ("not_found", "gtin-too-long"))
        self.assertEqual(rows[asked[4]][0], "error")

    def test_unreadable_keys_are_told_once(self):
        offer = self.offer(competingOffers=[{"tarif": 22.5}])
        with self.assertLogs(cdiscount_decode.__name__) as logs:
            self.ask({"items": [offer]})
            self.ask({"items": [offer]})
        self.assertEqual(len(logs.output), 1)
        self.assertIn("tarif", logs.output[0])
        self.assertNotIn("22.5", logs.output[0])

    def test_bare_list_and_data_envelope(self):
        for answer in (
            [self.offer(bestOfferDetails={"price": 22.5})],
            {"data": [self.offer(bestOfferDetails={"price": 22.5})]},
        ):
            self.assertEqual(self.ask(answer).buy_box_price_taxed, (22.5,))
