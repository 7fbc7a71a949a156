"""Faults on demand: what real services do on bad days.

Asked for by a test (``simulator.faults.add``), by ``POST /_faults`` or for one call by the header
``X-Onep-Fault``; or a share of all answers, by :meth:`Faults.storm`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .motion import Draws

KINDS = (
    "rate-limit",  # 429 although the quota is not spent
    "html-503",  # a proxy's page
    "html-502",
    "json-502",  # JSON without the service's error shape
    "error-500",  # the service's own error
    "cut",  # half a body, then the connection ends
    "reset",  # the connection ends without an answer
    "slow",  # answers late
    "slow-body",  # half a body, the rest late
    "expired-token",  # the presented token is refused and forgotten
    "empty",  # 200 with nothing in it
    "no-body",  # 200 without a body
    "garbage",  # 200 that is neither JSON nor XML
    "bad-item",  # one item of the batch is refused, the others are fine
    "throttled-item",  # one item of an offers batch answers 429 inside a 200
    "new-fields",  # fields nobody has seen yet
    "stranger",  # the answer holds an item nobody asked for
    "clock-skew",  # their clock is wrong: Date header and validity of tokens
)
#: what a storm is made of: all that is over at once
STORM = tuple(kind for kind in KINDS if kind not in ("slow", "slow-body", "stranger", "clock-skew"))
_SECONDS = {"slow": 2.0, "slow-body": 2.0, "clock-skew": 3600.0}


@dataclass
class Fault:
    """One fault.

    count: how many calls it spoils, None for all; skip: how many it lets pass before
    platform, operation: which calls, empty for any
    seconds: how late, or how far their clock is ahead; negative when it is behind
    """

    kind: str
    platform: str = ""
    operation: str = ""
    count: int | None = 1
    skip: int = 0
    seconds: float | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}, one of {', '.join(KINDS)}")
        if self.seconds is None:
            self.seconds = _SECONDS.get(self.kind, 0.0)

    def concerns(self, platform: str, operation: str) -> bool:
        """Whether a call is spoiled."""
        return self.platform in ("", platform) and self.operation in ("", operation)

    @classmethod
    def read(cls, header: str) -> Fault:
        """A fault from a header: its kind, or ``kind:seconds``."""
        kind, _colon, seconds = header.partition(":")
        return cls(kind, seconds=float(seconds) if seconds else None)


@dataclass
class _Storm:
    """A share of all answers is faulty, which ones follows from the seed and the call's number."""

    share: float
    seed: int
    kinds: Sequence[str]
    platform: str
    operation: str
    calls: int = 0

    def take(self, platform: str, operation: str) -> Fault | None:
        if self.platform not in ("", platform) or self.operation not in ("", operation):
            return None
        draws = Draws(self.seed, f"storm|{self.calls}")
        self.calls += 1
        return Fault(draws.pick("kind", self.kinds)) if draws("faulty") < self.share else None


class Faults:
    """Faults waiting for their call.

    taken: how often each kind spoiled a call
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._storms: list[_Storm] = []
        self.taken: Counter[str] = Counter()

    def add(self, kind: str, **options) -> None:
        """Plan a fault; see :class:`Fault` for the options."""
        fault = Fault(kind, **options)
        with self._lock:
            self._waiting.append(fault)

    def storm(
        self,
        share: float,
        *,
        seed: int = 1,
        kinds: Sequence[str] = STORM,
        platform: str = "",
        operation: str = "",
    ) -> None:
        """Spoil a share of the answers until :meth:`clear`."""
        for kind in kinds:
            Fault(kind)
        with self._lock:
            self._storms.append(_Storm(share, seed, tuple(kinds), platform, operation))

    def clear(self) -> None:
        """Forget all planned faults and storms."""
        with self._lock:
            self._waiting.clear()
            self._storms.clear()
            self.taken.clear()

    def take(self, platform: str, operation: str) -> Fault | None:
        """The fault of this call, None when there is none."""
        with self._lock:
            fault = self._next(platform, operation)
            if fault:
                self.taken[fault.kind] += 1
            return fault

    def _next(self, platform: str, operation: str) -> Fault | None:
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
            return fault
        spoiled = (storm.take(platform, operation) for storm in self._storms)
        return next(filter(None, spoiled), None)
