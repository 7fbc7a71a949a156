"""Buckets and breakers that all workers of all machines share: in Redis, else in PostgreSQL.

Two places that grant calls at the same time would grant twice the quota. So one row of the
database says which place is in force, and every process reads it anew every few seconds. A worker
that finds Redis gone (or come back) changes that row and begins an epoch, whose buckets are empty
until every process has noticed: whatever the old place granted meanwhile is covered by that pause.

A quota of some calls a day would then stay empty for hours. Those are counted in PostgreSQL alone,
which forgets nothing and is asked for them seldom enough.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from .breaker import Circuit
from .rate_limit import Level, Limit, paced
from .rate_limit_postgres import Place, PostgresStore
from .rate_limit_redis import LOST, LostMemory, RedisStore

_logger = logging.getLogger(__name__)

REDIS, POSTGRES = "redis", "postgres"
#: How long a process trusts what it read of the place in force [s].
TRUST_S = 5.0
#: How often a process notes that it makes calls [s].
SEEN_S = 15.0
#: How long Redis is left alone after it was lost [s].
ASK_AGAIN_S = 30.0
#: Quotas below are counted by PostgreSQL, whatever the place in force [calls/s].
SLOW_RATE = 1 / 600
#: Where those are: since ever.
_FOR_EVER = Place(POSTGRES, 0, 0.0, 0.0)


class SharedStore:
    """Buckets and Circuits of one database, safe between threads.

    redis: None when the server has none
    clock: monotonic seconds; the others: see the constants
    """

    def __init__(
        self,
        postgres: PostgresStore,
        redis: RedisStore | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        trust: float = TRUST_S,
        ask_again: float = ASK_AGAIN_S,
    ):
        self._postgres = postgres
        self._redis = redis
        self._clock = clock
        self._trust = trust
        # until everybody has read that the place is another [s]
        self._pause = trust * 1.1
        self._ask_again = ask_again
        self._lock = threading.RLock()
        self._place: Place | None = None
        self._read_at = 0.0
        self._seen_at: float | None = None
        self._taught: dict[str, float] = {}

    @property
    def place(self) -> str:
        """Where buckets are kept at the moment: ``redis`` or ``postgres``."""
        return self._where().name

    def take(self, wanted: Mapping[str, tuple[Limit, float]]) -> float:
        """Take tokens from all buckets, or none; return 0, or the seconds until it may pass.

        Where a slow quota is spent, tokens of others are lost: those come back soon.
        """
        slow = {key: pair for key, pair in wanted.items() if _is_slow(pair[0])}
        usual = {key: pair for key, pair in wanted.items() if key not in slow}
        wait = self._take(usual) if usual else 0.0
        if slow and not wait:
            wait = self._take(slow, _FOR_EVER)
        if not wait:
            self._note_seen()
        return wait

    def _take(self, wanted, place: Place | None = None) -> float:
        wait = None
        while wait is None:
            wait, known = self._ask(
                lambda redis, epoch: redis.take(epoch, wanted, self._taught),
                lambda place: self._postgres.take(place, wanted, self._taught),
                place,
            )
            self._taught.update(known)
        return wait

    def empty(self, key: str, limit: Limit, seconds: float) -> None:
        """Empty a bucket and keep it empty for some seconds."""
        known = limit.at(self.taught(key))
        self._lower(key, limit, known, -paced(known)[0] * seconds)

    def depart(self, key: str, limit: Limit) -> None:
        """A call leaves only now: what the bucket saved up since its token was taken is lost."""
        known = limit.at(self.taught(key))
        self._lower(key, limit, known, paced(known)[1] - 1)

    def learn(self, key: str, rate: float) -> None:
        """Adopt the rate that the server announces [1/s], for all who share the bucket."""
        self._where()
        if self._taught.get(key) == rate:
            return
        self._postgres.learn(key, rate)
        self._ask(lambda redis, epoch: redis.learn(epoch, key, rate), lambda place: None)
        self._taught[key] = rate

    def taught(self, key: str) -> float:
        """The rate that the server announced [1/s], 0 when it never did."""
        self._where()
        return self._taught.get(key, 0.0)

    def peek(self, wanted: Mapping[str, Limit]) -> dict[str, Level]:
        """What buckets hold, by key, without taking anything."""
        known = {key: limit.at(self.taught(key)) for key, limit in wanted.items()}
        levels: dict[str, float] = {}
        for place in (None, _FOR_EVER):
            part = {k: known[k] for k in known if _is_slow(wanted[k]) == (place is _FOR_EVER)}
            if part:
                levels |= self._ask(
                    lambda redis, epoch, part=part: redis.peek(epoch, part),
                    lambda place, part=part: self._postgres.peek(place, part),
                    place,
                )
        return {key: Level(levels[key], self.taught(key)) for key in known}

    def read(self, keys: Iterable[str]) -> Mapping[str, tuple[Circuit, float]]:
        """State and present time of breakers by key, of those that have a state."""
        keys = list(keys)
        if not keys:
            return {}
        return self._ask(
            lambda redis, epoch: redis.read(epoch, keys),
            lambda place: self._postgres.read(place, keys),
        )

    def update(self, key: str, change):
        """Replace a breaker's state; see :class:`.breaker.Circuits`."""
        return self._ask(
            lambda redis, epoch: redis.update(epoch, key, change),
            lambda place: self._postgres.update(place, key, change),
        )

    def _lower(self, key, limit, known, tokens):
        self._ask(
            lambda redis, epoch: redis.lower(epoch, key, known, tokens),
            lambda place: self._postgres.lower(place, key, known, tokens),
            _FOR_EVER if _is_slow(limit) else None,
        )

    def _ask(self, in_redis, in_postgres, place=None):
        """Do something where it counts, by default in the place in force; leave a lost Redis."""
        if place is not None:
            return in_postgres(place)
        while (place := self._where()).name == REDIS:
            try:
                if self._redis is None:
                    raise LostMemory
                return in_redis(self._redis, place.epoch)
            except LOST as error:
                self._leave_redis(place, error)
        return in_postgres(place)

    def _where(self) -> Place:
        """The place in force, read again when it may have changed."""
        with self._lock:
            now = self._clock()
            if self._place is not None and now - self._read_at < self._trust:
                return self._place
            self._adopt()
            if self._place.name == POSTGRES and self._redis is not None:
                self._try_redis()
            return self._place

    def _adopt(self):
        known = self._place
        self._read_at = self._clock()
        self._place = self._postgres.place() or self._begin()
        if known is None or known.epoch != self._place.epoch:
            self._taught = self._postgres.taught()

    def _begin(self) -> Place:
        """The first place ever: nobody has made a call, so all buckets are full."""
        is_open = self._redis is not None and self._open(1, None)
        self._postgres.begin(REDIS if is_open else POSTGRES)
        return self._postgres.place()

    def _leave_redis(self, place: Place, error: Exception) -> None:
        with self._lock:
            _logger.warning(
                "Redis is lost (%s): quotas are counted by PostgreSQL from now on",
                type(error).__name__,
            )
            self._postgres.move(place, POSTGRES, self._pause, SEEN_S)
            self._adopt()

    def _try_redis(self):
        """Go back to Redis when it answers; one worker looks, once in a while."""
        if not self._postgres.may_try(self._ask_again):
            return
        place = self._place
        if self._open(place.epoch + 1, self._pause - max(0.0, place.quiet - SEEN_S)):
            _logger.info("Redis is back: quotas are counted there")
            self._postgres.move(place, REDIS, self._pause, SEEN_S)
            self._adopt()

    def _open(self, epoch, seconds):
        try:
            self._redis.open(epoch, seconds)
        except LOST:
            return False
        return True

    def _note_seen(self):
        with self._lock:
            if self._seen_at is None or self._clock() - self._seen_at >= SEEN_S:
                self._postgres.seen()
                self._seen_at = self._clock()


def _is_slow(limit: Limit) -> bool:
    return limit.rate < SLOW_RATE
