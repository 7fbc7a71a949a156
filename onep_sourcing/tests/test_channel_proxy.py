"""The way out through a proxy: a real one on loopback, which opens tunnels."""

import base64
import contextlib
import socket
import threading
from unittest.mock import patch

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.http import HttpChannel
from ..channels.proxy import Proxy
from .channel_servers import PRICE_LIST, Certificate, HttpServer
from .web_case import WebCase

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1::1"


class ProxyServer:
    """Opens tunnels, all of them to one port of loopback; `asked` keeps the requests."""

    def __init__(self, port, answer=b"HTTP/1.1 200 Connection established\r\nX-A: b\r\n\r\n"):
        self.asked = []
        self.answer = answer
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                link = self._socket.accept()[0]
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link):
        with contextlib.suppress(OSError), link:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += link.recv(1)
            self.asked.append(request.decode())
            link.sendall(self.answer)
            if b" 200 " not in self.answer:
                return
            with socket.create_connection(("127.0.0.1", self._target)) as other:
                back = threading.Thread(target=self._pump, args=(other, link), daemon=True)
                back.start()
                self._pump(link, other)
                back.join()

    @staticmethod
    def _pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self):
        self._socket.close()


class TestProxy(WebCase):
    def setUp(self):
        super().setUp()
        self.server.serve("/tarif.csv")
        self.answers = {"supplier.example": PUBLIC}

    def resolve(self, host, port, **_kwargs):
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(2, 1, 6, "", (self.answers[host], port))]

    def start(self, port=None, **kwargs):
        proxy = ProxyServer(port or self.server.port, **kwargs)
        self.addCleanup(proxy.close)
        return proxy

    def fetch(self, proxy, url="http://supplier.example/tarif.csv", allowed=(), **kwargs):
        certificate = kwargs.pop("certificate", "")
        way = Proxy("127.0.0.1", proxy.port, **kwargs)
        guard = AddressGuard(allowed, self.resolve, way)
        channel = HttpChannel(url, guard, certificate=certificate)
        self.addCleanup(channel.close)
        return channel.fetch(channel.look()[0], self.target, {})

    def test_a_file_by_the_proxy_at_the_address_that_was_checked(self):
        proxy = self.start()
        self.assertTrue(self.fetch(proxy, login="us", password="pw"))
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)
        self.assertTrue(proxy.asked[0].startswith(f"CONNECT {PUBLIC}:80 HTTP/1.1\r\n"))
        pair = base64.b64encode(b"us:pw").decode()
        self.assertIn(f"Proxy-Authorization: Basic {pair}\r\n", proxy.asked[0])
        headers = self.server.asked[0][2]
        self.assertEqual(headers["Host"], "supplier.example")
        self.assertNotIn("Proxy-Authorization", headers, "the source is told nothing of it")

    def test_encrypted_from_us_to_the_source(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        secure = HttpServer(certificate)
        self.addCleanup(secure.close)
        secure.serve("/tarif.csv")
        self.answers["127.0.0.1"] = PUBLIC  # the name that the certificate bears
        proxy = self.start(secure.port)
        self.assertTrue(
            self.fetch(proxy, "https://127.0.0.1/tarif.csv", certificate=certificate.pem)
        )
        self.assertTrue(proxy.asked[0].startswith(f"CONNECT {PUBLIC}:443 "))
        error = self.refused(
            errors.UntrustedServer, "certificate-refused", self.fetch, proxy,
            "https://127.0.0.1/tarif.csv",
        )  # fmt: skip
        self.assertIn("self-signed", str(error))

    def test_the_guard_is_not_gone_round(self):
        proxy = self.start()
        self.answers["intranet.example"] = "10.1.2.3"
        self.answers["169.254.169.254"] = "169.254.169.254"
        for kwargs in ({}, {"resolves": True}):
            for host in ("intranet.example", "169.254.169.254"):
                self.refused(
                    errors.RefusedAddress, "private-address", self.fetch, proxy,
                    f"http://{host}/secret", **kwargs,
                )  # fmt: skip
        self.server.serve("/tarif.csv", b"", 302, Location="http://intranet.example/secret")
        self.refused(errors.RefusedAddress, "private-address", self.fetch, proxy)
        self.assertEqual(len(proxy.asked), 1, "the proxy was asked for the first address only")

    def test_private_addresses_that_are_allowed_are_reached_directly(self):
        proxy = self.start()
        self.answers["lan.example"] = "127.0.0.1"
        url = f"http://lan.example:{self.server.port}/tarif.csv"
        self.assertTrue(self.fetch(proxy, url, allowed=["127.0.0.0/8"]))
        self.assertFalse(proxy.asked)

    def test_names_that_only_the_proxy_knows(self):
        proxy = self.start()
        url = "http://elsewhere.example/tarif.csv"
        self.refused(errors.SourceNotFound, "host-unknown", self.fetch, proxy, url)
        self.assertFalse(proxy.asked, "a name that cannot be checked is not given away")
        self.assertTrue(self.fetch(proxy, url, resolves=True))
        self.assertTrue(proxy.asked[0].startswith("CONNECT elsewhere.example:80 "))

    def test_a_name_that_can_be_none_is_given_to_no_proxy(self):
        proxy = self.start()
        guard = AddressGuard((), self.resolve, Proxy("127.0.0.1", proxy.port, resolves=True))
        for host in (
            "a.example:80 HTTP/1.1\r\nX-Header: b\r\n\r\n", "two words.example", "tab\t.example",
            "line\n.example", "null\x00.example", " a.example", "a.example ", "a.example/b", "",
            "nbsp\u00a0.example", "bell\x07.example", "ü\r\nX: b",
        ):  # fmt: skip
            with self.subTest(host):
                self.refused(errors.BadSettings, "bad-address", guard.connect, host, 443, 1)
        self.assertFalse(proxy.asked)
        guard.connect("bücher.example", 443, 1).close()
        self.assertIn("CONNECT xn--bcher-kva.example:443 HTTP/1.1\r\n", proxy.asked[0])

    def test_what_a_proxy_may_answer(self):
        for status, kind, rule in (
            (b"407 Authentication required", errors.BadSettings, "proxy-login"),
            (b"403 Forbidden", errors.RefusedAddress, "proxy-refused"),
            (b"502 Bad gateway", errors.RetryLater, "proxy-failed"),
        ):
            proxy = self.start(answer=b"HTTP/1.1 " + status + b"\r\n\r\n")
            error = self.refused(kind, rule, self.fetch, proxy, login="us", password="pw-of-us")
            self.assertNotIn("pw-of-us", str(error))
        proxy = self.start(answer=b"X" * 20_000)
        self.refused(errors.RetryLater, "proxy-silent", self.fetch, proxy)
        proxy.close()
        closed = socket.create_server(("127.0.0.1", 0))
        proxy.port = closed.getsockname()[1]
        closed.close()
        self.refused(errors.RetryLater, "proxy-silent", self.fetch, proxy)

    def connect_by_proxy(self, **failures):
        """Where a guard ends up that the proxy fails at these families, and what it asked for."""
        addresses = {"v6": (10, PUBLIC_V6), "v4": (2, PUBLIC)}
        asked = []

        def open_(_proxy, target, _port, _timeout):
            asked.append(target)
            failure = failures.get("v6" if ":" in target else "v4")
            if failure:
                raise failure
            return target

        guard = AddressGuard(
            (),
            lambda _host, port, **_kw: [
                (family, 1, 6, "", (address, port)) for family, address in addresses.values()
            ],
            Proxy("proxy.lan", 3128),
        )
        with patch.object(Proxy, "open", open_):
            return guard.connect("supplier.example", 443, 1), asked

    def test_an_address_that_is_refused_leaves_the_next_one(self):
        refusal = errors.RefusedAddress("proxy-refused", host="proxy.lan", target="x", status=403)
        silence = errors.RetryLater("proxy-silent", host="proxy.lan", port=3128)
        self.assertEqual(self.connect_by_proxy(v6=refusal), (PUBLIC, [PUBLIC_V6, PUBLIC]))
        with self.assertRaises(errors.RefusedAddress):
            self.connect_by_proxy(v6=refusal, v4=refusal)
        for failures in ({"v6": refusal, "v4": silence}, {"v6": silence, "v4": refusal}):
            with self.assertRaises(errors.RetryLater, msg="it may pass"):
                self.connect_by_proxy(**failures)

    def test_settings(self):
        proxy = Proxy.parse("http://us:p%40ss@proxy.lan:8080/")
        self.assertEqual(
            (proxy.host, proxy.port, proxy.login, proxy.password),
            ("proxy.lan", 8080, "us", "p@ss"),
        )
        self.assertNotIn("p@ss", repr(proxy))
        for text in ("proxy.lan:8080", "socks5://proxy.lan", "https://proxy.lan", "http://h:99999"):
            with self.assertRaises(errors.BadSettings, msg=text) as caught:
                Proxy.parse(text)
            self.assertNotIn("%(", str(caught.exception))
