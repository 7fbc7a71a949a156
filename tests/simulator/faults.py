"""Faults on demand: what real services do on bad days.

Asked for by a test (``simulator.faults.add``), by ``POST /_faults`` or for one call by the header
``X-Onep-Fault``.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

KINDS = (
    "rate-limit",  # 429 although the quota is not spent
    "html-503",  # a proxy's page
    "html-502",
    "json-502",  # JSON without the service's error shape
    "cut",  # half a body, then the connection ends
    "slow",  # answers after two seconds
    "expired-token",  # the presented token is refused and forgotten
    "empty",  # 200 with nothing in it
    "garbage",  # 200 that is neither JSON nor XML
    "bad-item",  # one item of the batch is refused, the others are fine
    "new-fields",  # fields nobody has seen yet
    "stranger",  # the answer holds an item nobody asked for
)


@dataclass
class Fault:
    """One fault.

    count: how many calls it spoils, None for all
    platform, operation: which calls, empty for any
    """

    kind: str
    platform: str = ""
    operation: str = ""
    count: int | None = 1
    skip: int = 0

    def concerns(self, platform: str, operation: str) -> bool:
        """Whether a call is spoiled."""
        return self.platform in ("", platform) and self.operation in ("", operation)


class Faults:
    """Faults waiting for their call."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, kind: str, **options) -> None:
        """Plan a fault; see :class:`Fault` for the options."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}, one of {', '.join(KINDS)}")
        with self._lock:
            self._waiting.append(Fault(kind, **options))

    def clear(self) -> None:
        """Forget all planned faults."""
        with self._lock:
            self._waiting.clear()

    def take(self, platform: str, operation: str) -> str:
        """Kind of fault for this call, empty when there is none."""
        with self._lock:
            for fault in self._waiting:
                if not fault.concerns(platform, operation):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.count is not None:
                    fault.count -= 1
                    if not fault.count:
                        self._waiting.remove(fault)
                return fault.kind
        return ""
