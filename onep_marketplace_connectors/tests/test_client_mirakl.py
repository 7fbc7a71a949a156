import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.mirakl import MiraklClient
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_contract import ClientContract
from .market_case import account, gtins

GTIN = "03700000000017"


@tagged("standard", "post_install", "-at_install")
class TestMiraklContract(ClientContract, BaseCase):
    client_class = MiraklClient
    platform = "mirakl"
    operation = "P11"
    item_operation = "P11"
    wrong_secret = "mirakl_api_key"
    renews = False

    def assert_spoilt(self, table, row):
        # an operator leaves out what it cannot show
        self.assertEqual(table.state[row], "no_price")
        self.assertIn("price-missing", table.reason_codes[row])

    def test_neither_buy_box_nor_rank_is_invented(self):
        table = self.client().ask(Step.WIDE, self.subjects()).table
        self.assertLessEqual(
            {"buy_box_price_taxed", "sales_rank", "used_offer_count"}, table.silent
        )
        row = table.state.index("found")
        self.assertGreater(table.lowest_price_taxed[row], 0)
        self.assertGreater(table.offer_count[row], 0)
        self.assertIn("no-buy-box-published", table.reason_codes[row])

    def test_masked_constants_are_not_read(self):
        table = self.client().ask(Step.WIDE, self.subjects()).table
        self.assertNotIn(999, table.offer_count)
        offers = self.client().own_offers()
        self.assertNotIn("0", offers.sku)

    def test_pages_that_count_offers_or_products_say_the_same(self):
        subjects = self.subjects(gtins(200))
        usual = self.client().ask(Step.WIDE, subjects).table
        self.simulator.mirakl.products.pages_of = "products"
        self.assertEqual(self.client().ask(Step.WIDE, subjects).table, usual)

    def test_condition_new_is_asked_once_and_remembered(self):
        client, subjects = self.client(), self.subjects(self.gtins[:20])
        client.ask(Step.WIDE, subjects)
        client.ask(Step.WIDE, subjects)
        self.assertEqual(client.learned, {"new_state": "11"})
        self.client(account={"settings": client.learned}).ask(Step.WIDE, subjects)
        self.assertEqual(self.called("OF61"), 1)

    def test_the_operator_s_name_of_an_ean(self):
        self.simulator.mirakl.products.reference_types = ("GTIN",)
        answer = self.client().ask(Step.IDENTITY, Subjects(self.gtins[:5]))
        self.assertEqual(set(answer.table.state), {"error"})
        client = self.client(account={"settings": {"reference_type": "GTIN"}})
        self.assertIn("found", client.ask(Step.IDENTITY, Subjects(self.gtins)).table.state)

    def test_another_shop_of_the_same_user(self):
        client = self.client(account={"settings": {"shop_id": "2002"}})
        with self.assertRaises(errors.MissingPermission):
            client.check()
        self.assertTrue(self.client(account={"settings": {"shop_id": "2001"}}).check().seller)

    def test_without_an_instance(self):
        with self.assertRaises(errors.BadCredentials) as caught:
            MiraklClient(account("mirakl", self.simulator, endpoint_url=""))
        self.assertEqual(caught.exception.rule, "instance-missing")


@tagged("standard", "post_install", "-at_install")
class TestMiraklRecorded(BaseCase):
    """Answers written by hand after the sellers' specification, odd ones included."""

    def setUp(self):
        super().setUp()
        self.patch(MiraklClient, "limits", {})
        self.sent = []

    def client(self, serve, **changes):
        def answer(request):
            self.sent.append(request)
            return serve(request)

        changes = {"settings": {"new_state": "11"}} | changes
        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(answer)))
        client = MiraklClient(account("mirakl", None, **changes), transport=transport)
        self.addCleanup(client.close)
        return client

    @staticmethod
    def product(**values):
        return {
            "product_sku": "P1",
            "product_title": "Lampe",
            "product_references": [{"reference_type": "ean", "reference": "3700000000017"}],
            "total_count": 2,
            "offers": [
                {"price": 20.0, "min_shipping_price": 4.0, "active": True, "quantity": 999},
                {"applicable_pricing": {"price": 22.5}, "price": 30.0, "total_price": 22.5},
            ],
        } | values

    def wide(self, product):
        client = self.client(lambda _r: httpx.Response(200, json={"products": [product]}))
        return client.ask(Step.WIDE, Subjects([GTIN])).table

    def test_the_key_is_sent_bare(self):
        self.wide(self.product())
        self.assertEqual(self.sent[0].headers["authorization"], "demo-mirakl-key")
        self.assertIn("EAN%7C3700000000017", str(self.sent[0].url))

    def test_cheapest_total_counts(self):
        table = self.wide(self.product())
        self.assertEqual(table.lowest_price_taxed, (22.5,))
        self.assertEqual(table.offer_count, (2,))

    def test_what_is_missing_stays_unknown(self):
        table = self.wide(self.product(total_count=None, offers=None))
        self.assertEqual(table.state, ("no_price",))
        self.assertEqual(table.offer_count, (None,))
        table = self.wide(self.product(total_count=0, offers=[]))
        self.assertIn("no-offer", table.reason_codes[0])
        table = self.wide(self.product(offers=[{"price": "?"}, None]))
        self.assertEqual(table.lowest_price_taxed, (None,))

    def test_wait_of_the_server_is_obeyed(self):
        client = self.client(lambda _r: httpx.Response(429, headers={"Retry-After": "17"}))
        answer = client.ask(Step.WIDE, Subjects([GTIN]))
        self.assertIsInstance(answer.error, errors.RateLimited)
        self.assertEqual(answer.error.seconds, 17)

    def test_only_offers_in_the_conditions_of_the_account_are_compared(self):
        """Some operators ignore which ones were asked for."""
        used = {"price": 9.0, "state_code": "1"}
        shown = {"price": 15.0, "state_code": "10"}
        new = {"price": 20.0, "state_code": "11"}
        for codes, lowest in (("11", 20.0), ("11, 10", 15.0)):
            client = self.client(
                lambda _r: httpx.Response(
                    200, json={"products": [self.product(offers=[used, shown, new])]}
                ),
                settings={"new_state": codes},
            )
            table = client.ask(Step.WIDE, Subjects([GTIN])).table
            self.assertEqual(table.lowest_price_taxed, (lowest,))
            self.assertEqual(table.offer_count, (None,), "others are among the number told")
            asked = self.sent[-1].url.params["offer_state_codes"]
            self.assertEqual(asked, codes.replace(" ", ""))

    def test_one_wrong_reference_is_found_by_halves(self):
        asked = gtins(8)

        def serve(request):
            if asked[5].lstrip("0") in str(request.url):
                return httpx.Response(400, json={"message": "wrong reference", "status": 400})
            return httpx.Response(200, json={"products": []})

        table = self.client(serve).ask(Step.IDENTITY, Subjects(asked)).table
        self.assertEqual(table.state.count("error"), 1)
        self.assertEqual(table.state[5], "error")
        self.assertEqual(table.reason_detail[5], "wrong reference")

    def test_states_that_cannot_be_read_leave_the_usual_one(self):
        def serve(request):
            if "states" in request.url.path:
                return httpx.Response(403, json={"message": "forbidden"})
            return httpx.Response(200, json={"products": [self.product()]})

        client = self.client(serve, settings={})
        self.assertEqual(client.ask(Step.WIDE, Subjects([GTIN])).table.state, ("found",))
        self.assertIn("offer_state_codes=11", str(self.sent[-1].url))
