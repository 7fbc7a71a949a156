import operator
from pathlib import Path
from xml.etree import ElementTree

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors, fnac, xml
from odoo.addons.onep_marketplace_connectors.clients.draft import Draft
from odoo.addons.onep_marketplace_connectors.clients.fnac import FnacClient
from odoo.addons.onep_marketplace_connectors.clients.fnac_decode import read_product
from odoo.addons.onep_marketplace_connectors.clients.records import OF_MINIMUM
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_contract import ClientContract
from .common import account, gtins

DATA = Path(__file__).parent / "data"
DARTY = {
    "shop_id": "22222222-2222-4222-8222-dddddddddddd",
    "key": "33333333-3333-4333-8333-dddddddddddd",
}
AUTH = (
    b'<auth_response xmlns="http://www.fnac.com/schemas/mp-dialog.xsd" status="OK">'
    b"<token>t</token></auth_response>"
)


@tagged("standard", "post_install", "-at_install")
class TestFnacContract(ClientContract, BaseCase):
    client_class = FnacClient
    platform = "fnac"
    operation = "prices_query"
    item_operation = "prices_query"
    wrong_secret = "fnac_key"

    def many(self):
        return Subjects(gtins(450))

    def ask(self, client, asked=None):
        """The wide answer's table about GTINs, complete."""
        subjects = Subjects(self.gtins if asked is None else asked)
        answer = client.ask(Step.WIDE, subjects)
        self.assert_complete(answer, subjects)
        return answer.table

    def test_no_rank_is_published(self):
        table = self.ask(self.client())
        self.assertLessEqual({"sales_rank", "ranks"}, table.silent)
        row = table.state.index("found")
        self.assertIn("no-rank-published", table.reason_codes[row])

    def test_buy_box_retailer_and_family(self):
        table = self.ask(self.client())
        self.assertIn("yes", table.retailer_present)
        self.assertIn("Fnac.com", table.buy_box_seller)
        row = table.state.index("found")
        self.assertNotIn("(", table.name[row])
        self.assertTrue(table.category[row])
        self.assertTrue(any(table.used_offer_count), "used offers are counted apart")

    def test_the_number_of_listed_offers_is_a_minimum(self):
        """Nobody promises a whole list; a gap in the ranks, one's own aside, proves it is not."""
        rank = "<ranked_offers type='professional'><position>%s</position></ranked_offers>"
        own = "<seller_offer><uid>A</uid></seller_offer>"
        for positions, content, code, retailer in (
            ((0, 1), "", "count-is-minimum", "no"),
            ((1, 2), "", "count-is-minimum", "no"),
            ((1, 3), own, "count-is-minimum", "no"),
            ((1, 3), "", "offers-lacking", "unknown"),
            ((1, 4), own, "offers-lacking", "unknown"),
            ((3,), "", "offers-lacking", "unknown"),
            ((), own, None, "no"),
        ):
            with self.subTest(positions=positions, own=bool(content)):
                standard = content + "".join(rank % position for position in positions)
                product = xml.parse(
                    f"<pricing_product><standard>{standard}</standard></pricing_product>".encode()
                )
                draft = Draft(Step.WIDE, Subjects(self.gtins[:1]))
                read_product(draft, self.gtins[0], product, None)
                table = draft.freeze().table
                told = set(table.reason_codes[0].split(","))
                self.assertEqual(told & OF_MINIMUM, {code} - {None})
                self.assertEqual(table.retailer_present[0], retailer)

    def test_buy_box_under_either_name(self):
        usual = self.ask(self.client())
        self.simulator.fnac.buy_box_tag = "has_buy_box"
        self.assertEqual(self.ask(self.client()), usual)

    def test_the_same_key_for_the_shop_of_darty(self):
        shop = {
            "settings": {"shop_id": DARTY["shop_id"], "shop_name": "Darty"},
            "secrets": {"fnac_key": DARTY["key"]},
        }
        client = self.client(account=shop)
        self.assertTrue(client.check().seller.startswith("Darty"))
        darty = self.ask(client)
        self.assertIn("Darty", darty.buy_box_seller)
        self.assertNotEqual(darty.buy_box_price_taxed, self.ask(self.client()).buy_box_price_taxed)

    def test_country_without_fnac(self):
        with self.assertRaises(errors.BadCredentials):
            FnacClient(account("fnac", self.simulator, country="DE"))
        for country in ("BE", "ES", "PT"):
            self.assertTrue(FnacClient(account("fnac", self.simulator, country=country)))

    def test_shop_without_v3_falls_back_and_is_remembered(self):
        for version in (1, 2):
            with self.subTest(version):
                self.simulator.reset()
                self.simulator.fnac.has_v3 = False
                self.simulator.fnac.pricing_version = version
                client = self.client()
                table = self.ask(client, self.gtins[:25])
                self.assertEqual(client.learned["pricing"], "v1")
                self.assertEqual(client.steps()[Step.WIDE].batch_size, 10)
                row = table.state.index("found")
                self.assertIsNone(table.buy_box_price_taxed[row])
                self.assertGreater(table.lowest_price_taxed[row], 0)
                self.assertIsNone(table.offer_count[row])
                self.assertIn("holder-unknown", table.reason_codes[row])
                self.assertEqual(self.called("prices_query"), 1, "tried once")
                again = self.client(account={"settings": client.learned})
                self.ask(again, self.gtins[:5])
                self.assertEqual(self.called("prices_query"), 1, "and never again")

    def test_a_passing_refusal_of_v3_is_not_remembered(self):
        self.simulator.fnac.has_v3 = False
        client = self.client()
        self.spoil("html-503", operation="pricing_query")
        self.assertIsInstance(
            client.ask(Step.WIDE, Subjects(self.gtins[:5])).error, errors.ServiceDown
        )
        self.assertFalse(client.learned)

    def test_a_shop_without_v3_tries_it_again_after_a_week_and_loses_nothing_by_that(self):
        now, settings = [1e9], {}

        def wide(**changes):
            client = self.client(account={"settings": settings}, clock=lambda: now[0])
            table = self.ask(client, self.gtins[:5])
            settings.update(client.learned)
            return table, client.learned

        self.simulator.fnac.has_v3 = False
        wide()
        self.assertEqual(settings["pricing"], "v1")
        for has_v3 in (False, True):
            # still without it; then it is there, and down
            now[0] += fnac.V3_AGAIN_S + 1
            self.simulator.fnac.has_v3 = has_v3
            if has_v3:
                self.spoil("html-503", count=None)
            _table, learned = wide()
            self.assertEqual(learned["pricing"], "v1")
            self.assertGreater(int(learned["v3_again"]), now[0] + fnac.V3_AGAIN_S - 10)
        self.simulator.faults.clear()
        self.assertEqual(wide()[1], {}, "not before a week is over")
        now[0] += fnac.V3_AGAIN_S + 1
        table, learned = wide()
        self.assertEqual(learned, {"pricing": "v3", "v3_again": ""})
        self.assertTrue(any(table.buy_box_price_taxed))

    def test_a_shop_that_has_v3_does_not_leave_it_for_an_error_of_another_kind(self):
        self.spoil("html-503")
        client = self.client()
        self.assertIsInstance(
            client.ask(Step.WIDE, Subjects(self.gtins[:5])).error, errors.ServiceDown
        )
        self.assertFalse(self.called("pricing_query"))
        self.ask(client, self.gtins[:5])
        self.assertFalse(client.learned)

    def test_eans_of_own_offers_come_in_calls_that_fnac_accepts(self):
        def eans(client, clock):
            return {
                number: gtin
                for page in self.pages(client.own_offers, clock)
                for number, gtin in zip(page.external_id, page.gtin, strict=True)
            }

        usual = eans(self.client(), [0.0])
        self.simulator.fnac.most["prices_query"] = 30
        client, clock = self.spared(account={"settings": {"batch_size": "30"}})
        self.assertEqual(eans(client, clock), usual)
        self.assertGreater(sum(map(bool, usual.values())), 30)

    def test_batches_are_halved_until_accepted_and_remembered(self):
        self.simulator.fnac.most["prices_query"] = 30
        client = self.client()
        self.ask(client)
        self.assertEqual(client.learned["batch_size"], "17")
        again = self.client(account={"settings": client.learned})
        self.assertEqual(again.steps()[Step.WIDE].batch_size, 17)

    def test_own_offers_have_their_fee_and_their_ean(self):
        page = self.client().own_offers()
        self.assertTrue(all(fee > 0 for fee in page.fee_untaxed))
        self.assertTrue(all(map(operator.gt, page.fee_taxed, page.fee_untaxed)))
        self.assertTrue(any(page.gtin))
        self.assertEqual({len(gtin) for gtin in page.gtin if gtin}, {14})


@tagged("standard", "post_install", "-at_install")
class TestFnacRecorded(BaseCase):
    """Answers written by hand after the schemas and the shapes seen in public traffic."""

    def ask(self, asked, *bodies, **settings):
        queue = list(bodies)
        self.sent = []

        def serve(request):
            if request.url.path.endswith("/auth"):
                return httpx.Response(200, content=AUTH)
            self.sent.append(request.content)
            return httpx.Response(200, content=queue.pop(0) if len(queue) > 1 else queue[0])

        self.patch(FnacClient, "limits", {})
        transport = Transport(http=httpx.Client(transport=httpx.MockTransport(serve)))
        with FnacClient(account("fnac", None, settings=settings), transport=transport) as client:
            return client.ask(Step.WIDE, Subjects(asked))

    def test_v3(self):
        body = (DATA / "fnac_prices_v3.xml").read_bytes()
        table = self.ask(["00045496428549", "03700000000017", "03700000000024"], body).table
        self.assertEqual(table.state, ("found", "not_found", "error"))
        self.assertEqual(table.buy_box_price_taxed[0], 44.9)
        self.assertEqual(table.buy_box_seller[0], "Boutique A")
        self.assertEqual(table.lowest_price_taxed[0], 44.9)
        self.assertEqual(table.offer_count[0], 2, "used offers and members' prices do not count")
        self.assertEqual(table.retailer_present[0], "yes")
        self.assertIn("not-answered", table.reason_codes[2])

    def test_v1_keeps_new_offers_only(self):
        body = (DATA / "fnac_pricing_v1.xml").read_bytes()
        table = self.ask(["09780262510875"], body, pricing="v1").table
        self.assertEqual(table.lowest_price_taxed, (46.47,))
        self.assertEqual(table.category, ("Livres en VO",))

    def test_v2_empty_element_is_no_offer(self):
        body = (DATA / "fnac_pricing_v2.xml").read_bytes()
        table = self.ask(["03700000000017", "03700000000024"], body, pricing="v1").table
        self.assertEqual(table.state, ("found", "no_price"))
        self.assertEqual(table.lowest_price_taxed, (24.89, None))

    def test_request_is_what_fnac_validates(self):
        body = (DATA / "fnac_prices_v3.xml").read_bytes()
        self.ask(["00045496428549"], body)
        root = ElementTree.fromstring(self.sent[0])
        self.assertEqual(root.tag.rpartition("}")[2], "pricing_query")
        self.assertEqual(root.get("token"), "t")
        self.assertNotIn("key", root.attrib)
        self.assertEqual([node.text for node in root], ["0045496428549"])

    def test_fatal_is_worth_waiting_for(self):
        body = (
            b'<pricing_query_response xmlns="x" status="FATAL">'
            b'<error severity="FATAL" code="ERR_000">down</error></pricing_query_response>'
        )
        self.assertIsInstance(self.ask(["03700000000017"], body).error, errors.ServiceDown)

    def told(self, product, status="OK"):
        """The wide answer's only row, of one `pricing_product`."""
        reference = '<product_reference type="Ean">3700000000017</product_reference>'
        body = (
            f'<pricing_query_response xmlns="x" status="{status}"><request_id>7</request_id>'
            f'<error severity="ERROR" code="ERR_128">odd</error><pricing_products>'
            f"<pricing_product>{reference}{product}</pricing_product></pricing_products>"
            "</pricing_query_response>"
        )
        table = self.ask(["03700000000017"], body.encode()).table
        return {name: getattr(table, name)[0] for name in table.column_names()}

    def test_an_error_at_the_root_is_told_whatever_comes_before_it(self):
        body = (
            b'<pricing_query_response xmlns="x" status="ERROR"><request_id>7</request_id>'
            b'<error severity="ERROR" code="ERR_128">Comment not found.</error>'
            b"</pricing_query_response>"
        )
        error = self.ask(["03700000000017"], body).error
        self.assertEqual((error.rule, error.code), ("request-refused", "ERR_128"))
        self.assertEqual(len(self.sent), 1, "it says nothing of the service")

    def test_what_is_answered_beside_an_error_is_used(self):
        offers = '<ranked_offers type="fnac"><price>12,50</price></ranked_offers>'
        row = self.told(f"<standard>{offers}</standard>", status="ERROR")
        self.assertEqual((row["lowest_price_taxed"], row["retailer_present"]), (12.5, "yes"))

    def test_prices_that_cannot_be_read_are_no_absent_offers(self):
        unreadable = "<ranked_offers><price>n/a</price></ranked_offers>"
        row = self.told(f"<standard>{unreadable * 2}</standard>")
        self.assertEqual((row["state"], row["offer_count"]), ("no_price", 2))
        self.assertIn("price-missing", row["reason_codes"])
        self.assertEqual(row["retailer_present"], "unknown", "no seller's type is told")
        readable = (
            '<ranked_offers type="professional"><has_buybox>1</has_buybox><price>20</price>'
            "<seller_name>A</seller_name></ranked_offers>"
        )
        row = self.told(f"<standard>{unreadable}{readable}</standard>")
        self.assertEqual((row["lowest_price_taxed"], row["offer_count"]), (20, 2))
        self.assertIn("price-missing", row["reason_codes"], "which may be the lowest")
        for product in ("", f"<adherent>{readable}</adherent>"):
            row = self.told(product)
            self.assertEqual((row["state"], row["offer_count"]), ("no_price", None))
            self.assertIn("price-missing", row["reason_codes"])
        row = self.told("<standard/>")
        self.assertEqual(row["offer_count"], 0)
        self.assertIn("no-offer", row["reason_codes"])

    def test_entities_are_never_expanded(self):
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
            b"<pricing_query_response>&b;</pricing_query_response>"
        )
        with self.assertRaises(xml.UnreadableXml):
            xml.parse(bomb)
        self.assertIsInstance(self.ask(["03700000000017"], bomb).error, errors.ServiceDown)

    def test_claimed_utf16_and_latin1(self):
        text = '<?xml version="1.0" encoding="utf-16"?><a>é</a>'
        self.assertEqual(xml.parse(text.encode()).text, "é")
        self.assertEqual(xml.parse("<a>é</a>".encode("latin-1")).text, "é")
        self.assertEqual(xml.parse("<a>é</a>".encode("utf-16")).text, "é")
