"""The HTTP side: connections that stay open, and those that break."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .exchange import Call, Reply
from .faults import Fault

_logger = logging.getLogger(__name__)

Answer = Callable[[Call], tuple[Reply, Fault | None]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def make_server(host: str, port: int, answer: Answer) -> ThreadingHTTPServer:
    """A server that gives every call to `answer`.

    port: 0 takes a free one
    """
    return _Server((host, port), _handler(answer))


def _handler(answer: Answer):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1
        skew = 0.0

        def _serve(self):
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            reply, fault = answer(
                Call(
                    self.command,
                    url.path,
                    parse_qs(url.query, keep_blank_values=True),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length) if length else b"",
                )
            )
            kind = fault.kind if fault else ""
            self.skew = fault.seconds if kind == "clock-skew" else 0.0
            if kind == "slow":
                time.sleep(fault.seconds)
            if kind == "reset":
                self.close_connection = True
                return
            self._send(reply, fault, kind)

        def _send(self, reply: Reply, fault: Fault | None, kind: str):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            half = len(reply.body) // 2 if kind in ("cut", "slow-body") else len(reply.body)
            self.wfile.write(reply.body[:half])
            self.wfile.flush()
            if kind == "cut":
                self.close_connection = True
            if kind == "slow-body":
                time.sleep(fault.seconds)
                self.wfile.write(reply.body[half:])
                self.wfile.flush()

        do_GET = do_POST = do_DELETE = _serve

        def date_time_string(self, timestamp=None):
            return super().date_time_string((timestamp or time.time()) + self.skew)

        def handle(self):
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                _logger.debug("the caller went away")

        def log_message(self, *args):
            _logger.debug(*args)

    return Handler
