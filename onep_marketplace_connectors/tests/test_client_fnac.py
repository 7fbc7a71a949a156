from pathlib import Path
from xml.etree import ElementTree

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors, xml
from odoo.addons.onep_marketplace_connectors.clients.fnac import FnacClient
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .client_contract import ClientContract
from .common import account, gtins

DATA = Path(__file__).parent / "data"
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
    quota_operations = ("prices_query", "pricing_query")
    wrong_secret = "fnac_key"

    def many(self):
        return gtins(450)

    def test_no_rank_is_published(self):
        batch = self.client().fetch(self.gtins).batch
        self.assertEqual(set(batch.sales_rank), {None})
        row = list(batch.state).index("found")
        self.assertIn("no-rank-published", batch.reason_codes[row])

    def test_buy_box_retailer_and_family(self):
        batch = self.client().fetch(self.gtins).batch
        self.assertIn("yes", batch.retailer_present)
        self.assertIn("Fnac.com", batch.buy_box_seller)
        row = list(batch.state).index("found")
        self.assertNotIn("(", batch.name[row])
        self.assertTrue(batch.category[row])

    def test_shop_without_v3_falls_back_and_is_remembered(self):
        self.simulator.fnac.has_v3 = False
        client = self.client()
        fetched = client.fetch(self.gtins[:25])
        self.assertFalse(fetched.error)
        self.assertEqual(client.learned["pricing"], "v1")
        self.assertLessEqual({"found"}, set(fetched.batch.state))
        row = list(fetched.batch.state).index("found")
        self.assertIsNone(fetched.batch.buy_box_price_taxed[row])
        self.assertGreater(fetched.batch.lowest_price_taxed[row], 0)
        self.assertIn("holder-unknown", fetched.batch.reason_codes[row])
        calls = [call for call in self.simulator.calls if call[1] == "prices_query"]
        self.assertEqual(len(calls), 1, "the missing service is tried once")

    def test_batches_are_halved_until_accepted_and_remembered(self):
        self.simulator.fnac.most["prices_query"] = 30
        client = self.client()
        fetched = client.fetch(self.gtins)
        self.assertFalse(fetched.error)
        self.assertEqual(len(fetched.batch), len(self.gtins))
        self.assertEqual(client.learned["batch_size"], "17")


@tagged("standard", "post_install", "-at_install")
class TestFnacRecorded(BaseCase):
    """Answers written by hand after the schemas and the shapes seen in public traffic."""

    def fetch(self, asked, *bodies, **settings):
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
            return client.fetch(asked)

    def test_v3(self):
        body = (DATA / "fnac_prices_v3.xml").read_bytes()
        batch = self.fetch(["00045496428549", "03700000000017", "03700000000024"], body).batch
        self.assertEqual(batch.state, ("found", "not_found", "error"))
        self.assertEqual(batch.buy_box_price_taxed[0], 44.9)
        self.assertEqual(batch.buy_box_seller[0], "Boutique A")
        self.assertEqual(batch.lowest_price_taxed[0], 44.9)
        self.assertEqual(batch.offer_count[0], 2, "used offers and members' prices do not count")
        self.assertEqual(batch.retailer_present[0], "yes")
        self.assertIn("not-answered", batch.reason_codes[2])

    def test_v1_keeps_new_offers_only(self):
        body = (DATA / "fnac_pricing_v1.xml").read_bytes()
        batch = self.fetch(["09780262510875"], body, pricing="v1").batch
        self.assertEqual(batch.lowest_price_taxed, (46.47,))
        self.assertEqual(batch.category, ("Livres en VO",))

    def test_v2_empty_element_is_no_offer(self):
        body = (DATA / "fnac_pricing_v2.xml").read_bytes()
        batch = self.fetch(["03700000000017", "03700000000024"], body, pricing="v1").batch
        self.assertEqual(batch.state, ("found", "no_price"))
        self.assertEqual(batch.lowest_price_taxed, (24.89, None))

    def test_request_is_what_fnac_validates(self):
        body = (DATA / "fnac_prices_v3.xml").read_bytes()
        self.fetch(["00045496428549"], body)
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
        self.assertIsInstance(self.fetch(["03700000000017"], body).error, errors.ServiceDown)

    def test_entities_are_never_expanded(self):
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
            b"<pricing_query_response>&b;</pricing_query_response>"
        )
        with self.assertRaises(xml.UnreadableXml):
            xml.parse(bomb)
        self.assertIsInstance(self.fetch(["03700000000017"], bomb).error, errors.ServiceDown)

    def test_claimed_utf16_and_latin1(self):
        text = '<?xml version="1.0" encoding="utf-16"?><a>é</a>'
        self.assertEqual(xml.parse(text.encode()).text, "é")
        self.assertEqual(xml.parse("<a>é</a>".encode("latin-1")).text, "é")
        self.assertEqual(xml.parse("<a>é</a>".encode("utf-16")).text, "é")
