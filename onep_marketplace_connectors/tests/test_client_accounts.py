"""Keys and addresses: none is given away, and a wrong one is told as that."""

import logging
from html import unescape
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

import httpx

from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.clients.errors import MarketplaceError
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport

from .market_case import account
from .test_client_recorded import CLIENTS, GTIN, RecordedCase


def in_html(echo):
    return {"text": f"<html><p>{echo}</p></html>"}


def in_json(echo):
    return {"json": {"title": echo, "errors": [{"code": "InvalidInput", "message": echo}]}}


def in_xml(echo):
    return {
        "text": f'<x_response status="ERROR"><error code="E">{escape(echo)}</error></x_response>'
    }


@tagged("standard", "post_install", "-at_install")
class TestEchoes(RecordedCase):
    """A service that writes what it was sent into its answers gives no secret away through us."""

    SECRETS = {
        "amazon": {
            "amazon_client_secret": "amzn-plantedA&1",
            "amazon_refresh_token": "Atzr|plantedB",
        },
        "fnac": {"fnac_key": "9a9a9a9a-planted<C>"},
        "cdiscount": {"cdiscount_client_secret": 'planted"D-0c4f'},
        "mirakl": {"mirakl_api_key": "plantedE-31f0-4d55"},
    }
    TOKEN = "plantedF-access-token"

    def echo(self, platform, request):
        """The secrets in a request, bare and then with the names that they were sent under."""
        sent = f"{dict(request.headers)} {request.content.decode()}"
        plain = unescape(unquote_plus(sent)) + sent
        bare = [one for one in (*self.SECRETS[platform].values(), self.TOKEN) if one in plain]
        return f"{' '.join(bare)} are no good: {sent}"

    def ask(self, platform, status, shape):
        """Ask WIDE of a service that echoes in this shape; without a status, where it logs in."""
        told, refuses = [], status is None

        def serve(request):
            path, sent = request.url.path, self.echo(platform, request)
            if path.endswith("/token"):
                if refuses:
                    return httpx.Response(400, json={"error": "x", "error_description": sent})
                return httpx.Response(200, json={"access_token": self.TOKEN, "expires_in": 3600})
            if path.endswith("/auth"):
                body = f'<auth_response status="OK"><token>{self.TOKEN}</token></auth_response>'
                return httpx.Response(200, **(in_xml(sent) if refuses else {"text": body}))
            told.append(sent)
            return httpx.Response(status, **shape(sent))

        calls = []
        transport = Transport(
            http=httpx.Client(transport=httpx.MockTransport(serve)), on_call=calls.append
        )
        changes = {"secrets": self.SECRETS[platform]}
        if platform == "mirakl":
            changes["settings"] = {"new_state": "11"}
        with CLIENTS[platform](account(platform, None, **changes), transport=transport) as client:
            answer = client.ask(Step.WIDE, Subjects([GTIN], ["B0EXAMPLE1"]))
        error = answer.error
        said = [repr(answer.table), repr(error), str(error), str(getattr(error, "params", ""))]
        return told, "\n".join([*said, *map(repr, calls)])

    def test_none_reaches_an_error_a_row_a_record_or_a_log(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger().debug("at least one line")
            for platform in CLIENTS:
                # a bare key is never exchanged for a token
                for status in (200, 400, 401, 403, 404, 500, None)[: 7 - (platform == "mirakl")]:
                    for shape in (in_html, in_json, in_xml):
                        about = {"platform": platform, "status": status, "shape": shape.__name__}
                        with self.subTest(**about):
                            told, said = self.ask(platform, status, shape)
                            # it did see something to give away
                            self.assertEqual("planted" in "".join(told), status is not None)
                            self.assertNotIn("planted", said)
        self.assertNotIn("planted", "\n".join(logs.output))


@tagged("standard", "post_install", "-at_install")
class TestWrongAccounts(RecordedCase):
    """What a manager typed wrong is told as that, never as a traceback nor as an outage."""

    def error(self, make):
        """What a client says that `make` returns, or why there is none."""
        try:
            with make() as client:
                return client.ask(Step.WIDE, Subjects([GTIN], ["B0EXAMPLE1"])).error
        except MarketplaceError as error:
            return error

    def test_addresses_that_are_none(self):
        for platform, client_class in CLIENTS.items():
            for address in ("ftp://x.fr", "http://x:port", f"http://{'a' * 70}.fr"):
                wrong = account(platform, None, endpoint_url=address, token_url=address)
                plain = httpx.Client(trust_env=False)
                with self.subTest(platform=platform, address=address):
                    error = self.error(
                        lambda c=client_class, w=wrong, p=plain: c(w, transport=Transport(http=p))
                    )
                    self.assertIn(error.rule, ("wrong-address", "instance-missing"))

    def test_an_address_that_leads_elsewhere(self):
        moved = httpx.Response(302, headers={"Location": "https://login.example/?key=x"})
        for platform in CLIENTS:
            error = self.error(lambda p=platform: self.client(p, lambda _request: moved))
            self.assertEqual(error.rule, "wrong-address", platform)
            self.assertIn("302", str(error))

    def test_keys_with_characters_that_no_key_has(self):
        for platform, changes in (
            ("mirakl", {"secrets": {"mirakl_api_key": "clé-d’accès"}}),
            ("cdiscount", {"settings": {"seller_id": "12345\u200b"}}),
            ("fnac", {"secrets": {"fnac_key": "33333333-3333"}}),
        ):
            error = self.error(
                lambda p=platform, c=changes: self.client(p, lambda _r: httpx.Response(500), **c)
            )
            self.assertEqual(error.rule, "keys-unreadable", platform)
            self.assertNotIn("clé", f"{error} {error.params}")
