import gzip
import json
import logging
import socket
import threading
import time
import zlib
from dataclasses import astuple

import httpx

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients import errors
from odoo.addons.onep_marketplace_connectors.clients.breaker import FAILURES_IN_A_ROW
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import (
    Limit,
    MemoryBuckets,
    RateLimiter,
)
from odoo.addons.onep_marketplace_connectors.clients.redaction import redact
from odoo.addons.onep_marketplace_connectors.clients.transport import Transport


class RawServer:
    """Answers connections with whatever bytes a function sends."""

    def __init__(self, test, serve):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/path"
        self.connections = 0
        test.addCleanup(self._socket.close)

        def accept():
            while True:
                try:
                    connection, _address = self._socket.accept()
                except OSError:
                    return
                self.connections += 1
                threading.Thread(
                    target=self._serve, args=(connection, serve, self.connections), daemon=True
                ).start()

        threading.Thread(target=accept, daemon=True).start()

    @staticmethod
    def _serve(connection, serve, number):
        with connection:
            try:
                connection.recv(65536)
                serve(connection, number)
            except OSError:
                pass


def packed(body, encoding):
    """An answer as it comes from the network, still packed."""
    return httpx.Response(
        200, stream=httpx.ByteStream(body), headers={"Content-Encoding": encoding}
    )


def drip(connection, start):
    """A byte now and then, for ever."""
    connection.sendall(start)
    for _byte in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


@tagged("standard", "post_install", "-at_install")
class TestTransport(BaseCase):
    def transport(self, serve, **options):
        return Transport(http=httpx.Client(transport=httpx.MockTransport(serve)), **options)

    def test_body_is_bounded_once_unpacked(self):
        bomb = gzip.compress(b"0" * 5_000_000)
        transport = self.transport(
            lambda request: packed(bomb, "gzip"),
            max_body_bytes=1_000_000,
        )
        with self.assertRaises(errors.ContractChanged):
            transport.request("GET", "http://x/y")

    def test_compressed_answers_are_read(self):
        transport = self.transport(lambda request: packed(gzip.compress(b'{"a": 1}'), "gzip"))
        self.assertEqual(transport.request("GET", "http://x/y").json(), {"a": 1})

    def test_network_errors_carry_no_address_nor_secret(self):
        def serve(request):
            raise httpx.ReadTimeout("https://x/?client_secret=planted")

        with self.assertRaises(errors.ServiceDown) as caught:
            self.transport(serve).request("GET", "http://x/y", operation="op")
        self.assertNotIn("planted", f"{caught.exception} {caught.exception.params}")
        self.assertIsNone(caught.exception.__cause__)

    def test_every_call_is_reported(self):
        calls = []
        transport = self.transport(
            lambda request: httpx.Response(503, content=b"x"), on_call=calls.append
        )
        transport.request("GET", "http://x/y", operation="op")
        self.assertEqual(
            (calls[0].operation, calls[0].status, calls[0].bytes_in, calls[0].error_rule),
            ("op", 503, 1, "service-down"),
        )

    def test_wrong_host_header_of_the_library_is_dropped(self):
        seen = {}

        def serve(request):
            seen.update(request.headers)
            return httpx.Response(200)

        self.transport(serve).request("GET", "http://x/y", headers={"host": "27.0.0.1:1"})
        self.assertEqual(seen["host"], "x")

    def test_redact(self):
        samples = (
            "client_secret=planted&x=1",
            '{"access_token": "planted", "a": 1}',
            "Authorization: Bearer planted",
            "the token Atzr|planted was refused",
            "<key>planted</key>",
            "key='planted'",
            '{"clientSecret":"planted"}',
            r"{\"access_token\": \"planted\"}",
            "x-api-key: planted",
            "mirakl_api_key=planted",
            "apikey%3Dplanted",
            "Authorization: Basic planted",
            "it was bearer planted.token",
            "the token eyJplanted.eyJplanted.x was refused",
        )
        for sample in samples:
            self.assertNotIn("planted", redact(sample), sample)
        self.assertEqual(len(redact("x" * 1000)), 300)
        began = time.process_time()
        redact("api-" * 5000)
        self.assertLess(time.process_time() - began, 0.5, "no text makes it slow")
        innocent = "the keyboard Azerty: 102 keys, 44.90 €"
        self.assertEqual(redact(innocent), innocent)

    def test_a_key_that_the_server_echoes_is_struck_out(self):
        key = 'pl"anted&key'
        echoes = f"{key} " + r"pl\"anted&key " + 'pl"anted&amp;key, short'
        transport = self.transport(lambda request: httpx.Response(400, text=f"bad: {echoes}"))
        transport.hide([key, "short"])
        self.assertEqual(transport.request("GET", "http://x/y").text, "bad: *** *** ***, short")

    def test_a_server_that_drips_for_ever_ends(self):
        for start in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Long: ",
        ):
            server = RawServer(self, lambda connection, number, s=start: drip(connection, s))
            transport = Transport(deadline=0.6)
            began = time.monotonic()
            with self.assertRaises(errors.ServiceDown) as caught:
                transport.request("GET", server.url, operation="op")
            self.assertLess(time.monotonic() - began, 3)
            self.assertEqual(caught.exception.params["cause"], "ReadTimeout")
            self.assertEqual(server.connections, 1, "a timeout is not tried again")
            transport.close()

    def test_a_cut_connection_is_tried_once_more(self):
        def serve(connection, number):
            if number > 1:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        calls, slept = [], []
        server = RawServer(self, serve)
        transport = Transport(on_call=calls.append, sleep=slept.append)
        answer = transport.request("GET", server.url, operation="op")
        self.assertEqual((answer.status_code, answer.text), (200, "{}"))
        self.assertEqual([(call.attempt, call.status) for call in calls], [(1, 0), (2, 200)])
        self.assertEqual(calls[0].error_rule, "service-down")
        self.assertEqual(len(slept), 1)
        self.assertLessEqual(slept[0], 0.3)
        transport.close()

    def test_a_cut_connection_costs_a_token_or_ends(self):
        server = RawServer(self, lambda connection, number: None)
        buckets = MemoryBuckets()
        limiter = RateLimiter(buckets, "a", {"op": Limit(0.01, 1)})
        transport = Transport(watch=limiter)
        limiter.reserve("op")
        with self.assertRaises(errors.ServiceDown):
            transport.request("GET", server.url, operation="op")
        self.assertEqual(server.connections, 1)
        transport.close()

    def test_the_watch_learns_when_a_call_leaves_and_how_it_ends(self):
        told = []

        class Watch:
            def __getattr__(self, name):
                return lambda *args: told.append((name, *args))

        def serve(connection, number):
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

        transport = Transport(watch=Watch())
        transport.request("GET", RawServer(self, serve).url, operation="op")
        transport.close()
        self.assertEqual(
            told,
            [("departing", "op"), ("departed", "op"), ("answered", "op", "HTTP 503"), ("confirm",)],
        )

    def test_what_never_left_is_neither_an_answer_nor_a_failure(self):
        told = []

        class Watch:
            def __getattr__(self, name):
                return lambda *args: told.append(name)

        server = RawServer(self, lambda connection, number: None)
        transport = Transport(http=httpx.Client(trust_env=False), watch=Watch())
        self.addCleanup(transport.close)
        for url, key, error_class in (
            ("ftp://x.fr", "k", errors.WrongAddress),
            (server.url, "clé", errors.BadCredentials),
            (server.url, "a\nb", errors.BadCredentials),
        ):
            with self.assertRaises(error_class):
                transport.request("GET", url, headers={"X-Key": key}, operation="op")
        self.assertEqual(set(told), {"departing"})

    def test_failures_open_the_breaker_and_a_probe_closes_it(self):
        status = [503]
        now = [0.0]
        limiter = RateLimiter(MemoryBuckets(), "a", {})
        limiter._circuits._clock = lambda: now[0]
        transport = self.transport(lambda request: httpx.Response(status[0]), watch=limiter)

        def call():
            limiter.reserve("op")
            transport.request("GET", "http://x/y", operation="op")

        for _call in range(FAILURES_IN_A_ROW):
            call()
        with self.assertRaises(errors.CircuitOpen) as caught:
            call()
        now[0] += caught.exception.seconds
        status[0] = 200
        call()
        with self.assertRaises(errors.CircuitOpen):
            RateLimiter(MemoryBuckets(), "a", {}, limiter._circuits).reserve("op")
        call()
        RateLimiter(MemoryBuckets(), "a", {}, limiter._circuits).reserve("op")

    def test_cut_or_false_compression_is_no_answer(self):
        whole = gzip.compress(b"x" * 10_000)
        for body, encoding in ((whole[:-20], "gzip"), (b"<html>", "gzip")):
            transport = self.transport(lambda request, b=body, e=encoding: packed(b, e))
            with self.assertRaises(errors.ServiceDown):
                transport.request("GET", "http://x/y")

    def test_bare_and_wrapped_deflate(self):
        bare = zlib.compressobj(wbits=-15)
        for body in (bare.compress(b"{}") + bare.flush(), zlib.compress(b"{}")):
            transport = self.transport(lambda request, b=body: packed(b, "deflate"))
            self.assertEqual(transport.request("GET", "http://x/y").text, "{}")

    def test_encodings_that_cannot_be_bounded_are_neither_asked_for_nor_read(self):
        def serve(request):
            self.assertEqual(request.headers["accept-encoding"], "gzip, deflate")
            return packed(b"x", "br")

        with self.assertRaises(errors.ContractChanged):
            self.transport(serve).request("GET", "http://x/y")

    def test_what_a_record_says(self):
        seen = []

        def serve(request):
            seen.append(request.headers["x-correlation-id"])
            return httpx.Response(200, content=b"{}", headers={"x-amzn-RequestId": "a-1"})

        calls = []
        transport = self.transport(serve, account="db:7", on_call=calls.append, now=lambda: 123.0)
        transport.about(["03700000000001", "03700000000002"])
        transport.request("POST", "http://x/y", content=b"12345", operation="op")
        (call,) = calls
        self.assertEqual(
            (call.account, call.operation, call.status, call.bytes_in, call.bytes_out),
            ("db:7", "op", 200, 2, 5),
        )
        self.assertEqual(
            (call.batch_size, call.attempt, call.first_gtin, call.error_rule, call.at),
            (2, 1, "03700000000001", "", 123.0),
        )
        self.assertEqual((call.correlation_id, call.request_id), (seen[0], "a-1"))

    def test_no_secret_and_no_query_in_records_or_logs(self):
        def serve(request):
            if request.url.path.endswith("cut"):
                raise httpx.ReadError("https://x/?client_secret=planted-in-error")
            return httpx.Response(
                403, text="Atza|planted-in-body", headers={"x-request-id": "r", "x": "planted-h"}
            )

        calls = []
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger().debug("at least one line")
            transport = self.transport(serve, on_call=calls.append, sleep=lambda seconds: None)
            for path in ("y", "cut"):
                try:
                    transport.request(
                        "POST",
                        f"http://x/{path}?client_secret=planted-in-url",
                        params={"token": "planted-in-query"},
                        data={"refresh_token": "planted-in-form"},
                        headers={"x-amz-access-token": "planted-in-header"},
                    )
                except errors.ServiceDown as error:
                    logging.getLogger().debug("%s %s", error, error.params)
        self.assertEqual(len(calls), 3)
        everything = json.dumps([astuple(call) for call in calls]) + "\n".join(logs.output)
        self.assertNotIn("planted", everything)
        self.assertNotIn("?", everything.replace("\n", ""))
