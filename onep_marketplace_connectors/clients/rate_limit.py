"""Quotas of an account: how many calls of an operation may be made now.

A bucket refills at `rate` per second up to `burst`; several are taken together or not at all.
Nothing waits here: the answer is how long the caller should stay away. Buckets live where all
workers see them (:mod:`.rate_limit_shared`); :class:`MemoryBuckets` is for one process.

The server keeps a bucket of its own, filled by calls as they arrive, and calls arrive later than
their token was taken, by a delay that varies. To stay within the server's count whatever the order,
ours is a little smaller, see :func:`paced`, and a call that leaves late says so when it leaves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from .breaker import Circuits, MemoryCircuits, admit, after_failure, after_success
from .errors import CircuitOpen, MarketplaceError, RateLimited, RetryLater, ServiceDown

#: How much the way of a call to the server may vary, once it has left [s].
JITTER_S = 0.25
#: Least part of the rate that is kept back, against clocks that run apart.
SPARE_RATE = 0.01
#: Most part of the rate that is kept back where the burst is too small to absorb the jitter.
SPARE_RATE_MOST = 0.045
#: A call that leaves this much after its token was taken tells the bucket [s].
LATE_S = 0.005


@dataclass(frozen=True, slots=True)
class Limit:
    """Quota of one operation.

    rate: calls per second that come back [1/s]
    burst: most calls that can be saved up
    share: part of it that is ours, when something else uses the same account [0-1]
    """

    rate: float
    burst: float
    share: float = 1.0

    def at(self, rate: float) -> Limit:
        """The same quota at another rate: no more is announced than that.

        Whether the burst grew with it is not known; with a lower rate it is taken to be smaller.
        """
        if not rate or rate == self.rate:
            return self
        burst = min(self.burst, max(1.0, self.burst * rate / self.rate))
        return Limit(rate, burst, self.share)


def paced(limit: Limit) -> tuple[float, float]:
    """Rate and burst of our bucket, which the server's own never refuses.

    In a window of T seconds the server sees at most ``burst + rate · (T + jitter)`` of our calls
    and grants ``B + R · T``: the jitter is taken off the burst. A burst of one cannot get smaller,
    so there the calls are spaced a little more.
    """
    rate, burst = limit.rate * limit.share, max(1.0, limit.burst * limit.share)
    jitter = rate * JITTER_S
    lacking = max(0.0, jitter + 1.0 - burst)
    spare = min(max(lacking, SPARE_RATE), SPARE_RATE_MOST)
    return rate / (1 + spare), max(1.0, burst - jitter)


@dataclass(frozen=True, slots=True)
class Level:
    """What a bucket holds.

    tokens: calls that could be made now; negative after the server said stop
    taught: rate the server announced [1/s], 0 when it never did
    """

    tokens: float
    taught: float = 0.0


class Buckets(Protocol):
    """Where buckets are kept."""

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass."""

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""

    def depart(self, key: str, limit: Limit) -> None:
        """A call leaves only now: what the bucket saved up since its token was taken is lost."""

    def learn(self, key: str, rate: float) -> None:
        """Adopt the rate that the server announces [1/s], for all who share the bucket."""

    def taught(self, key: str) -> float:
        """The rate that the server announced [1/s], 0 when it never did."""

    def peek(self, wanted: Mapping[str, Limit]) -> dict[str, Level]:
        """What buckets hold, by key, without taking anything."""


class MemoryBuckets:
    """Buckets of one process.

    clock: monotonic seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}
        self._taught: dict[str, float] = {}

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass."""
        with self._lock:
            now = self._clock()
            levels, wait = {}, 0.0
            for key, (limit, count) in wanted.items():
                levels[key], rate = self._level(key, limit, now)
                if levels[key] < count:
                    wait = max(wait, (count - levels[key]) / rate)
            if wait <= 0:
                for key, (_limit, count) in wanted.items():
                    self._levels[key] = (levels[key] - count, now)
            return wait

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""
        with self._lock:
            now = self._clock()
            level, rate = self._level(key, limit, now)
            self._levels[key] = (min(level, -rate * seconds), now)

    def depart(self, key: str, limit: Limit) -> None:
        """A call leaves only now: what the bucket saved up since its token was taken is lost."""
        with self._lock:
            now = self._clock()
            level, _rate = self._level(key, limit, now)
            _rate, burst = paced(limit.at(self._taught.get(key, 0.0)))
            self._levels[key] = (min(level, burst - 1), now)

    def learn(self, key: str, rate: float) -> None:
        """Adopt the rate that the server announces [1/s], for all who share the bucket."""
        with self._lock:
            self._taught[key] = rate

    def taught(self, key: str) -> float:
        """The rate that the server announced [1/s], 0 when it never did."""
        return self._taught.get(key, 0.0)

    def peek(self, wanted: Mapping[str, Limit]) -> dict[str, Level]:
        """What buckets hold, by key, without taking anything."""
        with self._lock:
            now = self._clock()
            return {
                key: Level(self._level(key, limit, now)[0], self.taught(key))
                for key, limit in wanted.items()
            }

    def _level(self, key, limit, now):
        rate, burst = paced(limit.at(self._taught.get(key, 0.0)))
        level, at = self._levels.get(key, (burst, now))
        return min(burst, level + (now - at) * rate), rate


class RateLimiter:
    """Quotas and circuit breakers of one account; one per client, not shared between threads.

    limits: quota by operation; an operation without one is free
    circuits: where breakers are kept; by default nobody else's
    seller: whose buckets are used, where several accounts share them; breakers are the account's
    clock: monotonic seconds
    """

    def __init__(
        self,
        buckets: Buckets,
        account: str,
        limits: Mapping[str, Limit],
        circuits: Circuits | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        seller: str = "",
    ):
        self._buckets = buckets
        self._account = account
        self._seller = seller or account
        self._limits = dict(limits)
        self._circuits = circuits or MemoryCircuits()
        self._clock = clock
        self._taken_at: dict[str, float] = {}
        #: operations whose last answer came and was not complained of yet
        self._unconfirmed: set[str] = set()
        #: operations with failures on record, as far as this client knows
        self._failing: set[str] = set()
        #: told of an operation whose answer was of no use, and of the error's rule
        self.complain: Callable[[str, str], None] = lambda _operation, _rule: None

    def limit(self, operation: str) -> Limit | None:
        """Quota of an operation as known now."""
        limit = self._limits.get(operation)
        return limit and limit.at(self._buckets.taught(self._bucket(operation)))

    def reserve(self, *operations: str) -> None:
        """Take one call of each operation, all or none, right before it is made.

        Raises RateLimited or CircuitOpen, which say how long to stay away.
        """
        names = list(dict.fromkeys(operations))
        self.confirm(names)
        resting = self._ask_circuits(names)
        wanted = {
            self._bucket(operation): (limit, float(operations.count(operation)))
            for operation in names
            if (limit := self._limits.get(operation))
        }
        wait = self._buckets.take(wanted) if wanted else 0.0
        if wait > 0:
            raise RateLimited(wait, operation=", ".join(names))
        for operation in resting:
            refused = self._circuits.update(self._breaker(operation), admit)
            if refused:
                raise _circuit_open(operation, *refused)
        now = self._clock()
        self._taken_at.update(dict.fromkeys(names, now))

    def throttled(self, operation: str, seconds: float | None = None) -> RateLimited:
        """The server said 429: empty the bucket; return the error to raise.

        seconds: the server's own wait; else the time of one call, at least 2 s
        """
        limit = self._limits.get(operation) or Limit(1.0, 1.0)
        known = self.limit(operation) or limit
        wait = seconds if seconds is not None else max(1.0 / known.rate, 2.0)
        self._buckets.empty(self._bucket(operation), limit, wait)
        return RateLimited(wait, operation=operation)

    def learn(self, operation: str, rate_header: str | None) -> None:
        """Adopt the rate a server announces [calls/s]; unreadable values are ignored."""
        try:
            rate = float(rate_header or "")
        except ValueError:
            return
        if operation in self._limits and 0 < rate < 1e6:
            self._buckets.learn(self._bucket(operation), rate)

    def departing(self, operation: str) -> None:
        """A call is about to be handed to the network.

        A call that nobody reserved is reserved now; a token kept for too long is taken anew.
        """
        taken_at = self._taken_at.get(operation, float("-inf"))
        limit = self._limits.get(operation)
        valid = max(JITTER_S, 0.5 / paced(limit)[0]) if limit else 1e9
        if self._clock() - taken_at > valid:
            self.reserve(operation)

    def departed(self, operation: str) -> None:
        """A call's first byte leaves now."""
        taken_at = self._taken_at.pop(operation, None)
        limit = self._limits.get(operation)
        if taken_at is not None and limit and self._clock() - taken_at > LATE_S:
            self._buckets.depart(self._bucket(operation), limit)

    def answered(self, operation: str, failure: str = "") -> None:
        """A call ended.

        failure: what came instead of an answer, such as ``HTTP 503``; empty when one came
        """
        self._taken_at.pop(operation, None)
        if failure:
            self._unconfirmed.discard(operation)
            self._note_failure(operation, failure)
        else:
            self._unconfirmed.add(operation)

    def failed(self, operation: str, cause: str) -> None:
        """The answer that just came is useless (an HTML page, an empty success)."""
        self.complain(operation, ServiceDown.rule)
        if operation in self._unconfirmed:
            self._unconfirmed.discard(operation)
            self._note_failure(operation, cause)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Within it an error that is raised says that the answer that came is of no use.

        A wait is no verdict on an answer; a ServiceDown counts against the operation too.
        """
        try:
            yield
        except ServiceDown as error:
            self.failed(error.params.get("operation", ""), error.params.get("cause", ""))
            raise
        except RetryLater:
            raise
        except MarketplaceError as error:
            self.complain(error.params.get("operation", ""), error.rule)
            raise

    def confirm(self, operations: Iterable[str] | None = None) -> None:
        """Nobody complained of the answers that came: their operations work.

        operations: which; all by default
        """
        judged = self._unconfirmed.intersection(
            self._unconfirmed if operations is None else operations
        )
        for operation in judged & self._failing:
            self._circuits.update(self._breaker(operation), after_success)
            self._failing.discard(operation)
        self._unconfirmed -= judged

    def _ask_circuits(self, operations):
        """Operations that rest and may be probed; raises CircuitOpen while one may not."""
        kept = self._circuits.read([self._breaker(operation) for operation in operations])
        resting = []
        for operation in operations:
            circuit, now = kept.get(self._breaker(operation), (None, 0.0))
            if circuit is None:
                self._failing.discard(operation)
                continue
            self._failing.add(operation)
            if circuit.is_open:
                wait = circuit.wait(now)
                if wait > 0:
                    raise _circuit_open(operation, wait, circuit)
                resting.append(operation)
        return resting

    def _note_failure(self, operation, cause):
        self._failing.add(operation)
        self._circuits.update(
            self._breaker(operation), lambda circuit, now: after_failure(circuit, now, cause)
        )

    def _bucket(self, operation):
        return f"{self._seller}:{operation}"

    def _breaker(self, operation):
        return f"{self._account}:{operation}"


def _circuit_open(operation, wait, circuit):
    return CircuitOpen(wait, operation=operation, cause=circuit.cause, count=circuit.failures)
