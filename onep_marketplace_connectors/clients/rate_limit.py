"""Token buckets: how many calls of an operation an account may make now.

A bucket refills at `rate` per second up to `burst`. Several buckets are taken together or not
at all. Nothing waits here: the answer is how long the caller should stay away.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .errors import RateLimited

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """Quota of one operation.

    rate: calls per second that come back [1/s]
    burst: most calls that can be saved up
    """

    rate: float
    burst: float


class Buckets(Protocol):
    """Where buckets are kept."""

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass."""

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""


class MemoryBuckets:
    """Buckets of one process.

    clock: monotonic seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass."""
        with self._lock:
            now = self._clock()
            levels = {key: self._level(key, limit, now) for key, (limit, _n) in wanted.items()}
            wait = max(
                (
                    (count - levels[key]) / limit.rate
                    for key, (limit, count) in wanted.items()
                    if levels[key] < count
                ),
                default=0.0,
            )
            if wait <= 0:
                for key, (_limit, count) in wanted.items():
                    self._levels[key] = (levels[key] - count, now)
            return max(wait, 0.0)

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""
        with self._lock:
            self._levels[key] = (-limit.rate * seconds, self._clock())

    def _level(self, key, limit, now):
        level, at = self._levels.get(key, (limit.burst, now))
        return min(limit.burst, level + (now - at) * limit.rate)


class RedisBuckets:
    """Buckets shared by all workers and machines, in Redis; falls back to the process's own.

    redis: a ``redis.Redis``
    """

    # KEYS: buckets. ARGV: per bucket rate, burst, count. The server's clock is the only clock.
    _TAKE = """
    local t = redis.call('TIME')
    local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
    local levels, wait = {}, 0
    for i, key in ipairs(KEYS) do
      local rate = tonumber(ARGV[3 * i - 2])
      local burst = tonumber(ARGV[3 * i - 1])
      local count = tonumber(ARGV[3 * i])
      local kept = redis.call('HMGET', key, 'level', 'at')
      local level = tonumber(kept[1]) or burst
      level = math.min(burst, level + (now - (tonumber(kept[2]) or now)) * rate)
      levels[i] = level
      if level < count then wait = math.max(wait, (count - level) / rate) end
    end
    if wait <= 0 then
      for i, key in ipairs(KEYS) do
        redis.call('HSET', key, 'level', tostring(levels[i] - tonumber(ARGV[3 * i])),
                   'at', string.format('%.6f', now))
        redis.call('EXPIRE', key, 86400)
      end
    end
    return tostring(wait)
    """
    _EMPTY = """
    local t = redis.call('TIME')
    local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
    redis.call('HSET', KEYS[1], 'level', ARGV[1], 'at', string.format('%.6f', now))
    redis.call('EXPIRE', KEYS[1], 86400)
    """

    _ASK_AGAIN_S = 30.0

    def __init__(
        self,
        redis,
        prefix: str = "onep:bucket:",
        fallback: Buckets | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._clock = clock
        self._down_until = 0.0
        self._take = redis.register_script(self._TAKE)
        self._empty = redis.register_script(self._EMPTY)
        self._prefix = prefix
        self._fallback = fallback or MemoryBuckets()

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass."""
        args = [x for limit, count in wanted.values() for x in (limit.rate, limit.burst, count)]
        wait = self._run(self._take, [self._prefix + key for key in wanted], args)
        return self._fallback.take(wanted) if wait is None else float(wait)

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""
        self._run(self._empty, [self._prefix + key], [-limit.rate * seconds])
        self._fallback.empty(key, limit, seconds)

    def _run(self, script, keys, args):
        """Result of a script, None without Redis; a lost Redis is left alone for a while."""
        from redis import RedisError

        if self._clock() < self._down_until:
            return None
        try:
            return script(keys=keys, args=args) or b"0"
        except (OSError, RedisError) as error:
            self._down_until = self._clock() + self._ASK_AGAIN_S
            _logger.warning("Redis unreachable (%s), quotas are counted by this process", error)
            return None


class RateLimiter:
    """The quotas of one account.

    limits: quota by operation; an operation without one is free
    factors: what the server's own headers taught, by operation; shared between runs by the caller
    """

    def __init__(
        self,
        buckets: Buckets,
        account: str,
        limits: Mapping[str, Limit],
        factors: dict[str, float] | None = None,
    ):
        self._buckets = buckets
        self._account = account
        self._limits = dict(limits)
        self._factors = factors if factors is not None else {}

    def limit(self, operation: str) -> Limit | None:
        """Quota of an operation as known now."""
        limit = self._limits.get(operation)
        factor = self._factors.get(operation, 1.0)
        if limit is None or factor == 1.0:
            return limit
        return Limit(limit.rate * factor, max(1.0, limit.burst * factor))

    def reserve(self, *operations: str) -> None:
        """Take one call of each operation, all or none; RateLimited says how long to wait."""
        wanted = {
            self._key(operation): (limit, float(operations.count(operation)))
            for operation in dict.fromkeys(operations)
            if (limit := self.limit(operation))
        }
        wait = self._buckets.take(wanted) if wanted else 0.0
        if wait > 0:
            raise RateLimited(wait, operation=", ".join(dict.fromkeys(operations)))

    def throttled(self, operation: str, seconds: float | None = None) -> RateLimited:
        """The server said 429: empty the bucket; return the error to raise.

        seconds: the server's own wait; else the time of one call, at least 2 s
        """
        limit = self.limit(operation) or Limit(1.0, 1.0)
        wait = seconds if seconds is not None else max(1.0 / limit.rate, 2.0)
        self._buckets.empty(self._key(operation), limit, wait)
        return RateLimited(wait, operation=operation)

    def learn(self, operation: str, rate_header: str | None) -> None:
        """Adopt the rate a server announces [calls/s]; unreadable values are ignored."""
        limit = self._limits.get(operation)
        try:
            rate = float(rate_header or "")
        except ValueError:
            return
        if limit and rate > 0:
            self._factors[operation] = rate / limit.rate

    def _key(self, operation):
        return f"{self._account}:{operation}"
