"""Access tokens by client credentials, against real servers on loopback."""

import base64
import json
from urllib.parse import parse_qs

from odoo.addons.onep_marketplace_connectors.clients.auth import TokenStore

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.http import HttpChannel
from ..channels.rest import Paging, RestChannel
from ..channels.web_auth import ClientCredentials, WebAuth, parse_token
from .channel_servers import Certificate, HttpServer
from .web_case import LOOPBACK, WebCase

SECRET = "client-sécret/42"


class TestOAuth(WebCase):
    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.life = 3600
        self.valid = set()
        self.issued = 0
        self.tokens = HttpServer()
        self.addCleanup(self.tokens.close)
        self.tokens.routes["/token"] = self.give_token
        self.server.routes["/items"] = self.give_items
        self.store = TokenStore(lambda: self.now)

    def give_token(self, handler):
        self.issued += 1
        token = f"tok-{self.issued}"
        self.valid = {token}
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        handler.answer(200, json.dumps(answer).encode())

    def give_items(self, handler):
        known = handler.headers.get("Authorization", "").partition(" ")[2] in self.valid
        page = int(self.parameters(handler).get("p", 1))
        records = [{"sku": f"A-{page}"}] if page <= 3 else []
        handler.answer(200 if known else 401, json.dumps(records).encode())

    def grant(self, **kwargs):
        vals = {"token_url": f"{self.tokens.url}/token", "client_id": "buyer:1", **kwargs}
        return ClientCredentials(client_secret=SECRET, **vals)

    def channel(self, grant=None, guard=LOOPBACK, url=None, **kwargs):
        auth = WebAuth("oauth2", grant=grant or self.grant())
        channel = RestChannel(url or f"{self.server.url}/items", guard, auth, **kwargs)
        channel._web._tokens = self.store
        self.addCleanup(channel.close)
        return channel

    def fetch(self, channel):
        return channel.fetch(channel.look()[0], self.target, {})

    def test_a_token_is_asked_for_once_and_kept_until_it_expires(self):
        self.fetch(self.channel(paging=Paging("page", "p")))
        self.fetch(self.channel())
        self.assertEqual(self.issued, 1, "shared by pages and checks")
        method, _path, headers, body = self.tokens.asked[0]
        self.assertEqual(method, "POST")
        self.assertEqual(parse_qs(body.decode()), {"grant_type": ["client_credentials"]})
        pair = base64.b64decode(headers["Authorization"].partition(" ")[2]).decode()
        self.assertEqual(pair, "buyer%3A1:client-s%C3%A9cret%2F42")
        self.now += self.life
        self.fetch(self.channel())
        self.assertEqual(self.issued, 2, "expired")

    def test_id_and_secret_in_the_form_with_a_scope(self):
        self.fetch(self.channel(self.grant(way="body", scope="prices read")))
        _method, _path, headers, body = self.tokens.asked[0]
        self.assertNotIn("Authorization", headers)
        form = {
            "grant_type": ["client_credentials"],
            "scope": ["prices read"],
            "client_id": ["buyer:1"],
            "client_secret": [SECRET],
        }
        self.assertEqual(parse_qs(body.decode()), form)

    def test_a_token_refused_before_its_time_is_renewed_once(self):
        self.fetch(self.channel())
        self.valid = set()
        self.fetch(self.channel())
        self.assertEqual(self.issued, 2)
        self.server.serve("/items", b"", 401)
        self.refused(errors.BadCredentials, "login-refused", self.fetch, self.channel())
        self.assertEqual((self.issued, len(self.server.asked)), (3, 5), "not again and again")

    def test_for_files_as_well(self):
        def route(handler):
            known = handler.headers.get("Authorization") == "Bearer tok-1"
            handler.answer(200 if known else 401, b"a;b\n1;2\n")

        self.server.routes["/tarif.csv"] = route
        auth = WebAuth("oauth2", grant=self.grant())
        channel = HttpChannel(f"{self.server.url}/tarif.csv", LOOPBACK, auth)
        channel._web._tokens = self.store
        self.assertEqual(self.fetch(channel).size, 8)

    def test_refusals_say_what_the_server_says_and_no_secret(self):
        for status, body, words in (
            (401, {"error": "invalid_client", "error_description": SECRET}, "invalid_client"),
            (400, {"error": "invalid_scope"}, "invalid_scope"),
            (403, {}, "HTTP 403"),
        ):  # fmt: skip
            self.tokens.serve("/token", json.dumps(body, ensure_ascii=False).encode(), status)
            error = self.refused(errors.BadCredentials, "token-refused", self.fetch, self.channel())
            self.assertIn(words, str(error))
            self.assertNotIn(SECRET, str(error))
        self.assertFalse(self.server.asked, "the source is not asked without a token")
        self.tokens.serve("/token", b"", 503, Retry_After="30")
        error = self.refused(errors.RetryLater, "server-busy", self.fetch, self.channel())
        self.assertEqual(error.seconds, 30)
        for data in (
            b"<html>",
            b"[]",
            b'{"access_token": 3}',
            b'{"token_type": "mac"}',
            b"x" * 99999,
        ):
            self.tokens.serve("/token", data)
            self.refused(errors.ContractChanged, "token-unreadable", self.fetch, self.channel())

    def test_the_secret_goes_to_its_address_only(self):
        self.tokens.serve("/token", b"", 307, Location=f"{self.server.url}/items")
        self.refused(errors.ContractChanged, "token-redirected", self.fetch, self.channel())
        self.assertFalse(self.server.asked)
        other = HttpServer()
        self.addCleanup(other.close)
        other.serve("/more", b"[]")
        self.tokens.routes["/token"] = self.give_token
        self.server.serve("/items", b"", 302, Location=f"{other.url}/more")
        self.fetch(self.channel())
        self.assertNotIn("tok-", str(other.asked))

    def test_private_addresses_give_no_token(self):
        def resolve(host, port, **_kwargs):
            address = "127.0.0.1" if host == "supplier.example" else "10.1.2.3"
            return [(2, 1, 6, "", (address, port))]

        guard = AddressGuard(["supplier.example"], resolve)
        grant = self.grant(token_url=f"http://intranet.example:{self.tokens.port}/token")
        channel = self.channel(grant, guard, f"http://supplier.example:{self.server.port}/items")
        self.refused(errors.RefusedAddress, "private-address", self.fetch, channel)
        self.assertFalse(self.tokens.asked)

    def test_an_encrypted_source_has_an_encrypted_token(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        secure = HttpServer(certificate)
        self.addCleanup(secure.close)
        secure.routes["/items"] = self.give_items
        secure.routes["/token"] = self.give_token
        with self.assertRaises(errors.BadSettings) as caught:
            self.channel(url=f"{secure.url}/items")
        self.assertEqual(caught.exception.rule, "token-in-clear")
        grant = self.grant(token_url=f"{secure.url}/token")
        channel = self.channel(grant, url=f"{secure.url}/items", certificate=certificate.pem)
        self.assertTrue(self.fetch(channel))

    def test_lives_that_cannot_be(self):
        for life, expected in (
            ("3600", 3600), (-1, 0), (1e300, 86400), ("NaN", 300), (None, 300), ([], 300),
        ):  # fmt: skip
            data = json.dumps({"access_token": "t", "expires_in": life}).encode()
            self.assertEqual(parse_token(data), ("t", expected), life)
