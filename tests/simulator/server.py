"""The HTTP side: routing, quotas, faults, and a thread to run it in."""

from __future__ import annotations

import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from . import catalogue
from .amazon import Amazon
from .exchange import Call, Reply, as_json
from .faults import KINDS, Faults
from .fnac import Fnac
from .market import AMAZON, Market
from .octopia import Octopia
from .quota import Quotas

_logger = logging.getLogger(__name__)

DATA = Path(__file__).resolve().parents[2] / "data"
_PAGE = b"<html><head><title>Service Unavailable</title></head><body>Sorry.</body></html>"
_SLOW_S = 2.0
_COLOURS = ("#714B67", "#017E84", "#B5651D", "#3B6EA5", "#7A8B3B", "#A23E48")


class Simulator:
    """The simulated marketplaces in a thread.

    port: 0 takes a free one; seed: of the market; quota_scale: see :class:`.quota.Quotas`
    data: folder of suppliers' files whose articles the market knows
    """

    def __init__(
        self,
        port: int = 0,
        *,
        seed: int = 1,
        quota_scale: float = 0.0,
        data: Path | None = None,
        host: str = "127.0.0.1",
    ):
        folder = DATA if data is None else data
        self.market = Market(seed, catalogue.read(folder) if folder.is_dir() else {})
        self.faults = Faults()
        self.quotas = Quotas(quota_scale)
        self.amazon, self.fnac, self.octopia = (
            service(self.market) for service in (Amazon, Fnac, Octopia)
        )
        self.calls: list[tuple[str, str, int]] = []
        self._services = {"amazon": self.amazon, "fnac": self.fnac, "octopia": self.octopia}
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Address of the simulator."""
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}"

    def start(self) -> Simulator:
        """Answer calls from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Answer calls in this thread until interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_exception) -> None:
        self.stop()

    def reset(self) -> None:
        """As new: no fault, no call noted, first tick."""
        self.faults.clear()
        self.calls.clear()
        self.market.tick = 0
        self.fnac.has_v3 = True
        self.fnac.most.update(prices_query=200, pricing_query=10)

    def answer(self, call: Call) -> tuple[Reply, str]:
        """Answer to a call, and the fault the connection itself has to show."""
        name, _slash, rest = call.path.lstrip("/").partition("/")
        if name in ("_health", "_faults", "_market"):
            return self._control(call, name), ""
        if name == "images":
            return self._image(rest), ""
        service = self._services.get(name)
        if service is None:
            return as_json({"error": "not found"}, 404), ""
        call = Call(call.method, f"/{rest}", call.query, call.headers, call.body)
        operation = service.operation(call)
        fault = call.headers.get("x-onep-fault") or self.faults.take(service.platform, operation)
        reply = self._spoil(service, call, operation, fault)
        self.calls.append((service.platform, operation, reply.status))
        return reply, fault

    def _spoil(self, service, call: Call, operation: str, fault: str) -> Reply:
        if fault in ("html-503", "html-502"):
            return Reply(int(fault[-3:]), _PAGE, "text/html")
        if fault == "json-502":
            return as_json({"message": "Bad gateway"}, 502)
        if fault == "garbage":
            return Reply(200, b"\x00\x01 not what you expect {<", "application/octet-stream")
        if fault == "rate-limit":
            return service.throttle(call)
        if fault == "expired-token" and operation not in ("token", "auth"):
            return service.expire(call)
        if fault == "empty":
            return service.empty()
        if not self.quotas.take(service.platform, operation, service.account(call)):
            return service.throttle(call)
        call = Call(call.method, call.path, call.query, call.headers, call.body, fault)
        try:
            reply = service.answer(call, operation)
        except (ValueError, KeyError, TypeError) as error:
            _logger.info("bad request to %s: %r", operation, error)
            return as_json({"errors": [{"code": "InvalidInput", "message": str(error)}]}, 400)
        rate = self.quotas.rate(service.platform, operation)
        if rate is not None and reply.status in (200, 400, 404):
            header = "x-amzn-RateLimit-Limit" if service.platform == AMAZON else "X-RateLimit-Limit"
            reply.headers[header] = str(float(rate))
        if service.platform == AMAZON:
            reply.headers["x-amzn-RequestId"] = f"sim-{len(self.calls):08d}"
        return reply

    def _control(self, call: Call, name: str) -> Reply:
        if name == "_health":
            return as_json(
                {
                    "status": "ok",
                    "seed": self.market.seed,
                    "tick": self.market.tick,
                    "articles": len(self.market.articles),
                    "calls": len(self.calls),
                    "throttled": self.quotas.refused,
                }
            )
        if name == "_market" and call.method == "POST":
            self.market.tick = int(json.loads(call.body or b"{}").get("tick", 0))
            return as_json({"tick": self.market.tick})
        if name == "_faults" and call.method == "DELETE":
            self.faults.clear()
        elif name == "_faults" and call.method == "POST":
            options = json.loads(call.body)
            try:
                self.faults.add(options.pop("kind"), **options)
            except (KeyError, TypeError, ValueError) as error:
                return as_json({"error": str(error)}, 400)
        return as_json({"kinds": KINDS})

    def _image(self, path: str) -> Reply:
        """A picture drawn from the EAN."""
        gtin = path.partition(".")[0]
        if not gtin.isdigit():
            return as_json({"error": "not found"}, 404)
        listing = self.market.listing(AMAZON, gtin.zfill(14))
        letters = (listing.brand if listing else gtin[-2:])[:2].upper()
        colour = _COLOURS[int(gtin[-3:]) % len(_COLOURS)]
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
            f'<rect width="100" height="100" rx="12" fill="{colour}"/>'
            '<text x="50" y="62" font-family="sans-serif" font-size="34" fill="#fff"'
            f' text-anchor="middle">{letters}</text></svg>'
        )
        return Reply(200, picture.encode(), "image/svg+xml", {"Cache-Control": "max-age=86400"})


def _handler(simulator: Simulator):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _serve(self):
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            call = Call(
                self.command,
                url.path,
                parse_qs(url.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length) if length else b"",
            )
            reply, fault = simulator.answer(call)
            if fault == "slow":
                time.sleep(_SLOW_S)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if fault == "cut" else reply.body)
            self.wfile.flush()
            if fault == "cut":
                self.close_connection = True

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, *args):
            _logger.debug(*args)

    return Handler
