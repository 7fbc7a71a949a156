"""Files from a web address, and the addresses that are refused."""

import gzip
import json
import os
import time
from unittest.mock import patch

from odoo.tests.common import BaseCase

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.base import Limits
from ..channels.http import HttpChannel, is_web_page
from ..channels.rest import Paging, RestChannel, RestRequest
from ..channels.web_auth import WebAuth
from .channel_servers import PRICE_LIST, Certificate, HttpServer
from .web_case import LOOPBACK, WebCase


class TestHttpChannel(WebCase):
    def channel(self, path="/tarif.csv", guard=LOOPBACK, **kwargs):
        channel = HttpChannel(f"{self.server.url}{path}", guard, **kwargs)
        self.addCleanup(channel.close)
        return channel

    def fetch(self, channel, state=None):
        (file,) = channel.look()
        return channel.fetch(file, self.target, state or {})

    def test_a_file_and_its_name(self):
        self.server.serve(
            "/export", Content_Disposition='attachment; filename="../../Tarif été.csv"'
        )
        got = self.fetch(self.channel("/export"))
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)
        self.assertEqual((got.name, got.size), ("Tarif été.csv", len(PRICE_LIST)))

    def test_a_name_that_cannot_be_read(self):
        self.server.serve("/tarif.csv", Content_Disposition="attachment; filename*0*=a%00'b'c")
        self.assertEqual(self.fetch(self.channel()).name, "tarif.csv")

    def test_the_file_of_last_time_is_not_read_again(self):
        """Of a server that does not care what we say we have."""
        self.server.serve("/tarif.csv", ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT")
        got = self.fetch(self.channel())
        self.assertIsNone(self.fetch(self.channel(), got.state))
        self.server.serve("/tarif.csv", ETag='"v2"')
        self.assertTrue(self.fetch(self.channel(), got.state))
        self.server.serve("/tarif.csv", Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT")
        got = self.fetch(self.channel())
        self.assertTrue(self.fetch(self.channel(), got.state), "a date is no proof of sameness")

    def test_unchanged_by_etag_then_by_date(self):
        def route(handler):
            fresh = handler.headers.get("If-None-Match") == '"v1"'
            if not fresh and handler.headers.get("If-Modified-Since"):
                fresh = handler.headers["If-Modified-Since"] == "Mon, 02 Nov 2026 08:00:00 GMT"
            if fresh:
                handler.answer(304)
            else:
                handler.answer(
                    200, PRICE_LIST, ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT"
                )

        self.server.routes["/tarif.csv"] = route
        got = self.fetch(self.channel())
        self.assertIsNone(self.fetch(self.channel(), got.state))
        self.assertIsNone(self.fetch(self.channel(), {**got.state, "etag": None}))
        self.assertTrue(self.fetch(self.channel(), {**got.state, "of": "another address"}))

    def test_credentials_of_every_kind(self):
        self.server.serve("/tarif.csv")
        for auth, name, value in (
            (WebAuth("basic", login="u", secret="pé"), "Authorization", "Basic dTpww6k="),
            (WebAuth("bearer", secret="tok"), "Authorization", "Bearer tok"),
            (WebAuth("header", name="X-Api-Key", secret="abc"), "X-Api-Key", "abc"),
        ):
            self.fetch(self.channel(auth=auth))
            self.assertEqual(self.server.asked[-1][2].get(name), value)
        self.fetch(self.channel(auth=WebAuth("query", name="key", secret="a b&c")))
        self.assertEqual(self.server.asked[-1][1], "/tarif.csv?key=a+b%26c")

    def test_credentials_stay_with_their_host_on_redirect(self):
        other = HttpServer()
        self.addCleanup(other.close)
        other.serve("/file.csv")
        self.server.serve("/tarif.csv", b"", 302, Location="/moved.csv")
        self.server.serve("/moved.csv", b"", 302, Location=f"{other.url}/file.csv")
        for auth in (
            WebAuth("bearer", secret="tok-secret"),
            WebAuth("header", name="X-Key", secret="tok-secret"),
            WebAuth("query", name="key", secret="tok-secret"),
        ):
            self.fetch(self.channel(auth=auth))
            self.assertIn("tok-secret", str(self.server.asked[-1]), "own host: sent again")
            self.assertNotIn("tok-secret", str(other.asked[-1]))

    def test_encryption_is_not_given_up_on_the_way(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        secure = HttpServer(certificate)
        self.addCleanup(secure.close)
        self.server.serve("/plain.csv")
        secure.serve("/tarif.csv", b"", 302, Location=f"{self.server.url}/plain.csv")
        channel = HttpChannel(f"{secure.url}/tarif.csv", LOOPBACK, certificate=certificate.pem)
        error = self.refused(errors.ContractChanged, "downgraded", self.fetch, channel)
        self.assertIn("https", str(error))
        secure.serve(
            "/items", b'[{"a": 1}]', Link=f'<{self.server.url}/plain.csv?page=2>; rel="next"'
        )
        channel = RestChannel(
            f"{secure.url}/items", LOOPBACK, certificate=certificate.pem, paging=Paging("link")
        )
        self.refused(errors.ContractChanged, "downgraded", self.fetch, channel)
        secure.serve("/tarif.csv", b"", 302, Location=f"//127.0.0.1:{secure.port}/there.csv")
        secure.serve("/there.csv")
        channel = HttpChannel(f"{secure.url}/tarif.csv", LOOPBACK, certificate=certificate.pem)
        self.assertTrue(self.fetch(channel), "from https to https")
        self.assertFalse(self.server.asked, "nothing was asked in the clear")

    def test_redirects_end(self):
        self.server.serve("/tarif.csv", b"", 302, Location="/tarif.csv")
        self.refused(errors.ContractChanged, "too-many-redirects", self.fetch, self.channel())
        self.server.serve("/tarif.csv", b"", 302, Location="file:///etc/passwd")
        self.refused(errors.ContractChanged, "bad-target", self.fetch, self.channel())

    def test_redirects_to_nowhere(self):
        for target in ("http://[", "http://h:99999/", "gopher://h/x"):
            self.server.serve("/tarif.csv", b"", 302, Location=target)
            self.refused(errors.ContractChanged, "bad-target", self.fetch, self.channel())
        self.server.serve("/tarif.csv", b"", 302, Location="/Tarif%20de%20novembre.csv?a=é")
        self.server.serve("/Tarif%20de%20novembre.csv")
        self.assertEqual(self.fetch(self.channel()).name, "Tarif de novembre.csv")

    def test_the_body_of_a_redirect_is_not_read(self):
        sent = []

        def route(handler):
            handler.answer(302, b"", Location="/moved.csv", Content_Length=64 << 20)
            handler.close_connection = True
            for _piece in range(64):
                sent.append(handler.wfile.write(b"x" * (1 << 20)))

        self.server.routes["/tarif.csv"] = route
        self.server.serve("/moved.csv")
        self.assertEqual(self.fetch(self.channel()).size, len(PRICE_LIST))
        self.assertLess(len(sent), 32, "megabytes")

    def test_cookies_of_a_redirect_are_kept_by_their_host(self):
        def route(handler):
            known = "ticket=abc" in handler.headers.get("Cookie", "")
            handler.answer(200 if known else 403, PRICE_LIST)

        self.server.serve("/tarif.csv", b"", 302, Location="/moved.csv", Set_Cookie="ticket=abc")
        self.server.routes["/moved.csv"] = route
        self.assertTrue(self.fetch(self.channel()))

    def test_private_addresses_are_refused(self):
        self.server.serve("/tarif.csv")
        error = self.refused(
            errors.RefusedAddress, "private-address", self.fetch, self.channel(guard=AddressGuard())
        )
        self.assertEqual(error.params["address"], "127.0.0.1")
        self.assertFalse(self.server.asked, "not even connected to")

    def test_a_redirect_to_a_private_address_is_refused(self):
        inside = HttpServer()
        self.addCleanup(inside.close)
        inside.serve("/secret")

        def resolve(host, port, **_kwargs):
            address = "127.0.0.1" if host == "supplier.example" else "10.1.2.3"
            return [(2, 1, 6, "", (address, port))]

        guard = AddressGuard(["supplier.example"], resolve)
        self.server.serve(
            "/tarif.csv", b"", 302, Location=f"http://intranet.example:{inside.port}/secret"
        )
        channel = HttpChannel(f"http://supplier.example:{self.server.port}/tarif.csv", guard)
        self.refused(errors.RefusedAddress, "private-address", self.fetch, channel)
        self.assertFalse(inside.asked)

    def test_the_address_that_was_checked_is_the_one_reached(self):
        self.server.serve("/tarif.csv")
        answers = ["127.0.0.1", "10.9.9.9"]
        asked = []

        def resolve(host, port, **_kwargs):
            asked.append(host)
            return [(2, 1, 6, "", (answers.pop(0), port))]

        channel = HttpChannel(
            f"http://supplier.example:{self.server.port}/tarif.csv",
            AddressGuard(["127.0.0.1"], resolve),
        )
        self.assertTrue(self.fetch(channel))
        self.assertEqual(asked, ["supplier.example"], "resolved once for the connection")

    def test_statuses(self):
        for status, kind, rule in (
            (401, errors.BadCredentials, "login-refused"),
            (403, errors.BadCredentials, "access-refused"),
            (404, errors.SourceNotFound, "address-not-found"),
            (410, errors.SourceNotFound, "address-not-found"),
            (400, errors.ContractChanged, "request-refused"),
            (500, errors.RetryLater, "server-down"),
            (503, errors.RetryLater, "server-busy"),
        ):
            self.server.serve("/tarif.csv", b"no", status)
            self.refused(kind, rule, self.fetch, self.channel())
        self.server.serve("/tarif.csv", b"<html><body>No</body></html>", 400)
        error = self.refused(errors.ContractChanged, "request-refused", self.fetch, self.channel())
        self.assertNotIn("<", str(error))
        self.server.serve("/tarif.csv", b"", 429, Retry_After="120")
        error = self.refused(errors.RetryLater, "server-busy", self.fetch, self.channel())
        self.assertEqual(error.seconds, 120)

    def test_a_refusal_never_repeats_the_secret(self):
        self.server.serve("/tarif.csv", b"bad key SESAME-123456 given, token=zzz", 400)
        error = self.refused(
            errors.ContractChanged,
            "request-refused",
            self.fetch,
            self.channel(auth=WebAuth("header", name="X-Key", secret="SESAME-123456")),
        )
        self.assertNotIn("SESAME", str(error))
        self.assertNotIn("zzz", str(error))

    def test_a_refusal_never_repeats_what_was_sent(self):
        """Some servers answer with the whole request: headers, parameters and body."""

        def route(handler):
            words = [handler.path, *map(str, handler.headers.values()), handler.body.decode()]
            handler.answer(400, " ".join(words).encode())

        self.server.routes["/tarif.csv"] = route
        self.server.routes["/echo"] = route
        basic = WebAuth("basic", login="buyer", secret="open-sesame")
        error = self.refused(
            errors.ContractChanged, "request-refused", self.fetch, self.channel(auth=basic)
        )
        self.assertNotIn(basic.headers()["Authorization"].partition(" ")[2], str(error))
        self.refused(
            errors.ContractChanged,
            "request-refused",
            self.fetch,
            self.channel("/tarif.csv?k=key-9"),
        )
        request = RestRequest("POST", {"X-Tenant": "tenant-9"}, {"key": "body-key-9"})
        channel = RestChannel(f"{self.server.url}/echo?sig=sig-9", LOOPBACK, request=request)
        error = self.refused(
            errors.ContractChanged, "request-refused", channel.fetch, channel.look()[0],
            self.target, {},
        )  # fmt: skip
        self.assertNotIn("-9", str(error))

    def test_a_wait_that_is_no_number(self):
        for wait in ("inf", "nan", "-5", "soon", "1e999"):
            self.server.serve("/tarif.csv", b"", 503, Retry_After=wait)
            error = self.refused(errors.RetryLater, "server-busy", self.fetch, self.channel())
            self.assertEqual(error.seconds, 0, wait)

    def test_what_is_not_the_whole_file(self):
        for status, rule in ((206, "connection-cut"), (202, "file-not-ready")):
            self.server.serve("/tarif.csv", PRICE_LIST, status)
            self.refused(errors.RetryLater, rule, self.fetch, self.channel())
        for status in (204, 205):
            self.server.serve("/tarif.csv", b"", status)
            self.refused(errors.RetryLater, "file-not-ready", self.fetch, self.channel())

    def test_a_body_cut_short_is_no_file(self):
        def route(handler):
            handler.answer(200, PRICE_LIST[:50], Content_Length=len(PRICE_LIST))
            handler.close_connection = True

        self.server.routes["/tarif.csv"] = route
        self.refused(errors.RetryLater, "connection-cut", self.fetch, self.channel())

    def test_size_limits(self):
        small = Limits(max_bytes=1000)
        self.server.serve("/tarif.csv", b"x" * 2000)
        self.refused(errors.TooLarge, "file-too-large", self.fetch, self.channel(limits=small))
        bomb = gzip.compress(b"0" * 1_000_000)
        self.server.serve("/tarif.csv", bomb, Content_Encoding="gzip")
        self.assertLess(len(bomb), 2000)
        self.refused(
            errors.TooLarge,
            "file-too-large",
            self.fetch,
            self.channel(limits=Limits(max_bytes=10_000)),
        )
        self.assertLessEqual(self.target.stat().st_size, 10_000)

    def test_nobody_there(self):
        channel = self.channel()
        self.server.close()
        self.refused(errors.RetryLater, "connection-refused", self.fetch, channel)
        self.refused(
            errors.SourceNotFound,
            "host-unknown",
            self.fetch,
            HttpChannel("http://nobody.invalid/x", LOOPBACK),
        )

    def test_a_server_that_drips(self):
        def route(handler):
            handler.answer(200, b"", Content_Length=1000)
            for _byte in range(8):
                time.sleep(0.2)
                handler.wfile.write(b"x" * 10)
                handler.wfile.flush()

        self.server.routes["/tarif.csv"] = route
        channel = self.channel(limits=Limits(total_s=0.5))
        with patch("odoo.addons.onep_sourcing.channels.web.CHUNK_BYTES", 10):
            self.refused(errors.RetryLater, "too-slow", self.fetch, channel)

    def test_a_server_that_drips_small_pieces(self):
        """Each byte comes before the timeout of a read, and what was cut looks complete."""

        def route(handler):
            handler.answer(200, b"", Content_Length=None)
            handler.close_connection = True
            for _byte in range(60):
                time.sleep(0.05)
                handler.wfile.write(b"x")

        self.server.routes["/tarif.csv"] = route
        started = time.monotonic()
        channel = self.channel(limits=Limits(total_s=0.5))
        self.refused(errors.RetryLater, "too-slow", self.fetch, channel)
        self.assertLess(time.monotonic() - started, 2)

    def test_connections_are_let_go(self):
        """Ours are closed with the channel, and those of a talkative server one by one."""

        def route(handler):
            page = int(self.parameters(handler).get("page", 1))
            handler.close_connection = True
            handler.answer(
                200, json.dumps([{"a": page}] if page < 40 else []).encode(), Connection="close"
            )

        self.server.routes["/items"] = route
        before = len(os.listdir("/proc/self/fd"))
        channel = RestChannel(f"{self.server.url}/items", LOOPBACK, paging=Paging("page", "page"))
        channel.fetch(channel.look()[0], self.target, {})
        self.assertEqual(len(self.server.asked), 40)
        self.assertLess(len(os.listdir("/proc/self/fd")), before + 10)
        channel.close()

    def test_a_key_that_cannot_be_a_header(self):
        self.server.serve("/tarif.csv")
        for secret in ("clé–privée", "two\nlines"):
            channel = self.channel(auth=WebAuth("header", name="X-Key", secret=secret))
            self.refused(errors.BadSettings, "bad-headers", self.fetch, channel)

    def test_a_silent_server(self):
        self.server.routes["/tarif.csv"] = lambda handler: time.sleep(1.5)
        channel = self.channel(limits=Limits(read_s=0.5))
        self.refused(errors.RetryLater, "server-silent", self.fetch, channel)

    def test_a_login_page_is_no_price_list(self):
        page = b"<!DOCTYPE html><html><form><input type='password'></form></html>"
        self.server.serve("/tarif.csv", page, Content_Type="text/html")
        self.refused(errors.ContractChanged, "web-page", self.fetch, self.channel())
        self.assertFalse(is_web_page(b"<html><body><table><tr><td>SKU</td></tr></table>"))
        self.assertTrue(is_web_page(b"\n<html><table><input type=password></table>"))

    def test_addresses_that_cannot_be(self):
        for url in (
            "ftp://x/y",
            "http:///x",
            "https://user:pw@host/x",
            "tarif.csv",
            "http://h/a b",
        ):
            with self.assertRaises(errors.BadSettings, msg=url) as caught:
                HttpChannel(url, LOOPBACK)
            self.assertEqual(caught.exception.rule, "bad-address")

    def test_certificates(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        server = HttpServer(certificate)
        self.addCleanup(server.close)
        server.serve("/tarif.csv")
        url = f"{server.url}/tarif.csv"
        error = self.refused(
            errors.UntrustedServer, "certificate-refused", self.fetch, HttpChannel(url, LOOPBACK)
        )
        self.assertIn("self-signed", str(error))
        trusting = HttpChannel(url, LOOPBACK, certificate=certificate.pem)
        self.assertTrue(self.fetch(trusting))
        with self.assertRaises(errors.BadSettings):
            HttpChannel(url, LOOPBACK, certificate="hello")

    def test_peek_stops_early(self):
        self.server.serve(
            "/tarif.csv", b"a;b\n" * 100_000, Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT"
        )
        channel = self.channel()
        (file,) = channel.look()
        peek = channel.peek(file, 1000)
        self.assertEqual((len(peek.data), peek.is_whole, peek.file.size), (1000, False, 400_000))
        self.assertEqual(peek.file.modified_at.isoformat(), "2026-11-02T08:00:00+00:00")

    def test_the_environment_s_proxy_is_not_asked(self):
        self.server.serve("/tarif.csv")
        with patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}):
            self.assertTrue(self.fetch(self.channel()))


class TestAddressGuard(BaseCase):
    def check(self, address, *allowed, host="host.example"):
        family = 10 if ":" in address else 2
        guard = AddressGuard(
            allowed, lambda name, port, **_kw: [(family, 1, 6, "", (address, port))]
        )
        try:
            guard.addresses(host, 443)
        except errors.RefusedAddress:
            return False
        return True

    def test_only_the_open_internet(self):
        for address in (
            "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
            "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
            "::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "64:ff9b:1:a00:1::808:808",
            "::7f00:1", "::a00:1", "fec0::1",
        ):  # fmt: skip
            self.assertFalse(self.check(address), address)
        for address in ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"):
            self.assertTrue(self.check(address), address)

    def test_what_an_administrator_allows(self):
        self.assertTrue(self.check("10.1.2.3", "10.1.0.0/16"))
        self.assertFalse(self.check("10.2.2.3", "10.1.0.0/16"))
        self.assertTrue(self.check("::ffff:10.1.2.3", "10.1.0.0/16"))
        self.assertTrue(self.check("10.1.2.3", " Host.Example "))
        self.assertFalse(self.check("10.1.2.3", "other.example"))

    def test_other_spellings_of_loopback(self):
        for host in ("localhost", "127.1", "0x7f.1", "2130706433", "[::1]"):
            with self.assertRaises((errors.RefusedAddress, errors.SourceNotFound), msg=host):
                AddressGuard().addresses(host, 80)
