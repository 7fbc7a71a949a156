"""Circuit breakers: an operation of an account that keeps failing is left alone for a while.

::

    closed ──n failures in a row──► open ──its time is over──► half-open: one probe
       ▲                             ▲                             │
       └────────── it works ─────────┼───────── it works ──────────┤
                                     └── it fails: a longer rest ──┘

Only failures that may pass by themselves count (5xx, cut or silent connections, nonsense for an
answer). The state of an operation that works is nothing at all: it is removed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Protocol, TypeVar

FAILURES_IN_A_ROW = 5
REST_S = 30.0
REST_CAP_S = 900.0
#: A probe that has not come back by then is taken for lost, with its worker [s].
PROBE_S = 120.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Circuit:
    """State of an operation that has failed and not worked since.

    failures: in a row; rests: how often it was opened since it last worked
    until: when the rest is over, 0 while closed; probe_until: until when a probe is awaited
    cause: the last failure, e.g. ``HTTP 503``
    Times are seconds of the store's clock.
    """

    failures: int = 0
    rests: int = 0
    until: float = 0.0
    probe_until: float = 0.0
    cause: str = ""

    @property
    def is_open(self) -> bool:
        """Whether calls are held back (a probe excepted)."""
        return self.until > 0

    def wait(self, now: float) -> float:
        """Seconds until a call may be tried, 0 when one may now."""
        return max(self.until - now, self.probe_until - now, 0.0) if self.is_open else 0.0

    def dump(self) -> str:
        """The state as text, for a store."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str | bytes | None) -> Circuit | None:
        """The state from :meth:`dump`, None when there is none."""
        return cls(**json.loads(text)) if text else None


def admit(circuit: Circuit | None, now: float):
    """Let one probe through an open circuit; result: None, or (seconds to wait, circuit)."""
    if circuit is None or not circuit.is_open:
        return circuit, None
    wait = circuit.wait(now)
    if wait > 0:
        return circuit, (wait, circuit)
    return replace(circuit, probe_until=now + PROBE_S), None


def after_failure(circuit: Circuit | None, now: float, cause: str):
    """The state after a failure.

    Calls under way when the circuit opened change nothing of its rest; a failed probe prolongs it.
    """
    known = circuit or Circuit()
    known = replace(known, failures=known.failures + 1, cause=cause[:80])
    is_due = known.failures >= FAILURES_IN_A_ROW and not known.is_open
    if is_due or known.probe_until:
        rest = min(REST_CAP_S, REST_S * 2.0**known.rests)
        known = replace(known, rests=known.rests + 1, until=now + rest, probe_until=0.0)
    return known, None


def after_success(_circuit: Circuit | None, _now: float):
    """The state after a call that worked: none."""
    return None, None


class Circuits(Protocol):
    """Where the states are kept."""

    def read(self, keys: Iterable[str]) -> Mapping[str, tuple[Circuit, float]]:
        """State and present time by key, of those that have a state."""

    def update(
        self, key: str, change: Callable[[Circuit | None, float], tuple[Circuit | None, T]]
    ) -> T:
        """Replace a state by ``change(state, now)[0]``, None removes it; return the other part.

        Atomic; `change` may be called again when somebody else came first.
        """


class MemoryCircuits:
    """States of one process.

    clock: seconds
    """

    def __init__(self, clock: Callable[[], float] = time.time):
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, Circuit] = {}

    def read(self, keys: Iterable[str]) -> Mapping[str, tuple[Circuit, float]]:
        """State and present time by key, of those that have a state."""
        with self._lock:
            now = self._clock()
            return {key: (self._kept[key], now) for key in keys if key in self._kept}

    def update(self, key: str, change):
        """Replace a state by ``change(state, now)[0]``, None removes it; return the other part."""
        with self._lock:
            kept, result = change(self._kept.get(key), self._clock())
            if kept is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = kept
            return result
