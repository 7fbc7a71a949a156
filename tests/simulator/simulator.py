"""The simulated marketplaces behind one address: routing, quotas, faults."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

from . import catalogue
from .amazon import Amazon
from .control import Control
from .exchange import Call, Reply, as_json
from .faults import Fault, Faults
from .fnac import Fnac
from .market import AMAZON, Market
from .mirakl import Mirakl
from .octopia import Octopia
from .quota import Quotas
from .server import make_server

_logger = logging.getLogger(__name__)

DATA = Path(__file__).resolve().parents[2] / "data"
_PAGE = b"<html><head><title>Service Unavailable</title></head><body>Sorry.</body></html>"
_KEPT_CALLS = 200_000
#: statuses that announce the granted rate
_ANNOUNCING = (200, 400, 404)


class Simulator:
    """The simulated marketplaces in a thread.

    port: 0 takes a free one; seed: of the market; quota_scale: see :class:`.quota.Quotas`
    tick_s: the market follows the clock, one tick every so many seconds; 0 for a market that
    stands still
    data: folder of suppliers' files whose articles the market knows
    calls: platform, operation and status of every call since the last reset
    """

    def __init__(
        self,
        port: int = 0,
        *,
        seed: int = 1,
        quota_scale: float = 0.0,
        tick_s: float = 0.0,
        data: Path | None = None,
        host: str = "127.0.0.1",
    ):
        folder = DATA if data is None else data
        self.market = Market(seed, catalogue.read(folder) if folder.is_dir() else {})
        self.market.follow_clock(tick_s)
        self.faults = Faults()
        self.quotas = Quotas(quota_scale)
        self.amazon, self.fnac, self.octopia, self.mirakl = (
            service(self.market) for service in (Amazon, Fnac, Octopia, Mirakl)
        )
        self.calls: list[tuple[str, str, int]] = []
        self._numbers = itertools.count(1)
        self._control = Control(self)
        self._services = {
            "amazon": self.amazon,
            "fnac": self.fnac,
            "octopia": self.octopia,
            "mirakl": self.mirakl,
        }
        self._server = make_server(host, port, self.answer)
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

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
        self.close()

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()

    def serve_forever(self) -> None:
        """Answer calls in this thread until interrupted."""
        self._server.serve_forever(poll_interval=0.05)

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_exception) -> None:
        self.stop()

    def reset(self) -> None:
        """As new: no fault, no call noted, full quotas, first tick."""
        self.faults.clear()
        self.calls.clear()
        self.quotas.reset()
        self.market.tick = 0
        self.fnac.reset()
        self.mirakl.reset()

    def answer(self, call: Call) -> tuple[Reply, Fault | None]:
        """Answer to a call, and the fault that the connection itself has to show."""
        name, _slash, rest = call.path.lstrip("/").partition("/")
        service = self._services.get(name)
        if service is None:
            return self._control.answer(call, name, rest), None
        call = replace(call, path=f"/{rest}")
        operation = service.operation(call)
        asked = call.headers.get("x-onep-fault")
        try:
            fault = Fault.read(asked) if asked else self.faults.take(service.platform, operation)
        except ValueError as error:
            return as_json({"error": str(error)}, 400), None
        reply = self._spoiled(service, call, operation, fault.kind if fault else "")
        if reply is None:
            reply = self._answer(service, call, operation, fault)
        self._note(service.platform, operation, reply.status)
        return reply, fault

    def _note(self, platform: str, operation: str, status: int) -> None:
        if len(self.calls) > _KEPT_CALLS:
            del self.calls[: _KEPT_CALLS // 2]
        self.calls.append((platform, operation, status))

    @staticmethod
    def _spoiled(service, call: Call, operation: str, kind: str) -> Reply | None:
        """An answer that is nothing but a fault, None when the service has to answer."""
        if kind in ("html-503", "html-502"):
            return Reply(int(kind[-3:]), _PAGE, "text/html")
        if kind == "json-502":
            return as_json({"message": "Bad gateway"}, 502)
        if kind == "no-body":
            return Reply(200, b"")
        if kind == "garbage":
            return Reply(200, b"\x00\x01 not what you expect {<", "application/octet-stream")
        if kind == "rate-limit":
            return service.throttle(call)
        if kind == "error-500":
            return service.broken()
        if kind == "expired-token" and operation not in ("token", "auth"):
            return service.expire(call)
        return service.empty() if kind == "empty" else None

    def _answer(self, service, call: Call, operation: str, fault: Fault | None) -> Reply:
        account = service.account(call)
        wait = self.quotas.take(service.platform, operation, account) if account else 0.0
        if wait:
            return self._sign(service, service.throttle(call, wait))
        now = time.time() + (fault.seconds if fault and fault.kind == "clock-skew" else 0.0)
        call = replace(call, fault=fault.kind if fault else "", now=now)
        try:
            reply = service.answer(call, operation)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            _logger.info("bad request to %s: %r", operation, error)
            reply = as_json({"errors": [{"code": "InvalidInput", "message": str(error)}]}, 400)
        rate = self.quotas.rate(service.platform, operation)
        # nobody else announces it
        announces = service.platform == AMAZON and reply.status in _ANNOUNCING
        if announces and account and rate is not None:
            reply.headers["x-amzn-RateLimit-Limit"] = str(float(rate))
        return self._sign(service, reply)

    def _sign(self, service, reply: Reply) -> Reply:
        if service.platform == AMAZON:
            reply.headers["x-amzn-RequestId"] = f"sim-{next(self._numbers):08d}"
        return reply
