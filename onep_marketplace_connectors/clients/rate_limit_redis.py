"""Buckets and breakers in Redis: one Lua script a call, the server's clock is the only clock.

Everything belongs to an epoch (see :mod:`.rate_limit_shared`). A mark in Redis says since when the
epoch's buckets fill; a Redis that lost its memory has no mark, which tells it from a quiet one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from redis import RedisError, WatchError

from .breaker import Circuit
from .rate_limit import Limit, paced

KEEP_S = 86400

_CLOCK = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local since = redis.call('GET', KEYS[1])
if not since then return {'lost'} end
since = tonumber(since)
local function level(key, rate, burst)
  local kept = redis.call('HMGET', key, 'level', 'at', 'taught')
  local at = tonumber(kept[2])
  if at then
    if at > now then redis.call('HSET', key, 'at', string.format('%.6f', now)) end
    return math.min(burst, tonumber(kept[1]) + math.max(0, now - at) * rate), kept[3]
  end
  return math.min(burst, (now - since) * rate), kept[3]
end
local function keep(key, value, rate, burst)
  redis.call('HSET', key, 'level', string.format('%.9g', value),
             'at', string.format('%.6f', now))
  -- forgotten no sooner than it is full again
  redis.call('EXPIRE', key, math.ceil(math.max(tonumber(ARGV[#ARGV]), (burst - value) / rate)))
end
"""
# KEYS: mark, buckets. ARGV: per bucket rate, burst, count, taught rate as known; seconds to keep.
# Nothing is taken when another worker was taught another rate: the caller computes anew.
_TAKE = (
    _CLOCK
    + """
local levels, answer, wait, is_news = {}, {'0'}, 0, false
for i = 2, #KEYS do
  local a = 4 * (i - 2)
  local rate, burst = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
  local count, known = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local value, taught = level(KEYS[i], rate, burst)
  if taught then
    if tonumber(taught) ~= known then is_news = true end
  elseif known > 0 then
    redis.call('HSET', KEYS[i], 'taught', ARGV[a + 4])
    redis.call('EXPIRE', KEYS[i], ARGV[#ARGV])
  end
  levels[i], answer[i] = value, taught or ARGV[a + 4]
  if value < count then wait = math.max(wait, (count - value) / rate) end
end
if is_news then answer[1] = 'news' return answer end
if wait <= 0 then
  for i = 2, #KEYS do
    local a = 4 * (i - 2)
    keep(KEYS[i], levels[i] - tonumber(ARGV[a + 3]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]))
  end
end
answer[1] = string.format('%.9g', wait)
return answer
"""
)
# ARGV: rate, burst, highest level from now on, seconds to keep
_LOWER = (
    _CLOCK
    + """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
keep(KEYS[2], math.min(level(KEYS[2], rate, burst), tonumber(ARGV[3])), rate, burst)
return {'0'}
"""
)


class LostMemory(Exception):
    """Redis does not know the epoch in force: it was restarted, or emptied."""


#: What says that Redis cannot be asked, or not be trusted.
LOST = (OSError, RedisError, LostMemory)


class RedisStore:
    """Buckets and breakers of one database in Redis; raises what :data:`LOST` names.

    redis: a ``redis.Redis``
    scope: name that tells this database's keys from others'
    """

    def __init__(self, redis, scope: str):
        self._redis = redis
        # braces: one slot of a Redis cluster, as a script may only touch one
        self._prefix = f"onep:{{{scope}}}:"
        self._take = redis.register_script(_TAKE)
        self._lower = redis.register_script(_LOWER)

    def open(self, epoch: int, seconds: float | None) -> None:
        """Begin an epoch.

        seconds: until buckets begin to fill, negative when they did before; None: all full
        """
        now = self.now()
        self._redis.set(self._mark(epoch), 0 if seconds is None else f"{now + seconds:.6f}")

    def now(self) -> float:
        """The server's clock [s]."""
        seconds, micros = self._redis.time()
        return seconds + micros / 1e6

    def take(
        self, epoch: int, wanted: Mapping[str, tuple[Limit, float]], taught: Mapping[str, float]
    ) -> tuple[float | None, dict[str, float]]:
        """Seconds to wait, 0 when taken, None when rates were taught anew; the rates."""
        args: list = []
        for key, (limit, count) in wanted.items():
            known = taught.get(key, 0.0)
            args += [*map(repr, paced(limit.at(known))), count, repr(known)]
        keys = [self._mark(epoch), *(self._bucket(epoch, key) for key in wanted)]
        first, *rates = self._run(self._take, keys, [*args, KEEP_S])
        known = dict(zip(wanted, map(float, rates), strict=True))
        return (None if first == b"news" else float(first)), known

    def lower(self, epoch: int, key: str, limit: Limit, tokens: float) -> None:
        """Leave at most so many tokens in a bucket; `limit`: at the rate in force."""
        keys = [self._mark(epoch), self._bucket(epoch, key)]
        self._run(self._lower, keys, [*map(repr, paced(limit)), repr(tokens), KEEP_S])

    def learn(self, epoch: int, key: str, rate: float) -> None:
        """Keep the rate a server announced."""
        bucket = self._bucket(epoch, key)
        with self._redis.pipeline() as pipe:
            pipe.hset(bucket, "taught", repr(rate))
            pipe.expire(bucket, KEEP_S)
            pipe.execute()

    def peek(self, epoch: int, wanted: Mapping[str, Limit]) -> dict[str, float]:
        """Tokens in buckets; `wanted`: at the rates in force."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.get(self._mark(epoch))
            for key in wanted:
                pipe.hmget(self._bucket(epoch, key), "level", "at")
            (seconds, micros), since, *kept = pipe.execute()
        if since is None:
            raise LostMemory
        now = seconds + micros / 1e6
        levels = {}
        for (key, limit), (level, at) in zip(wanted.items(), kept, strict=True):
            rate, burst = paced(limit)
            levels[key] = min(burst, float(level or 0) + (now - float(at or since)) * rate)
        return levels

    def read(self, epoch: int, keys: Iterable[str]) -> dict[str, tuple[Circuit, float]]:
        """States of breakers, with the present time."""
        keys = list(keys)
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.mget([self._circuit(epoch, key) for key in keys])
            (seconds, micros), kept = pipe.execute()
        now = seconds + micros / 1e6
        return {
            key: (circuit, now)
            for key, text in zip(keys, kept, strict=True)
            if (circuit := Circuit.load(text))
        }

    def update(self, epoch: int, key: str, change):
        """Replace the state of a breaker; see :class:`.breaker.Circuits`."""
        name = self._circuit(epoch, key)
        while True:
            with self._redis.pipeline() as pipe:
                pipe.watch(name)
                kept, result = change(Circuit.load(pipe.get(name)), self.now())
                pipe.multi()
                if kept is None:
                    pipe.delete(name)
                else:
                    pipe.set(name, kept.dump(), ex=KEEP_S)
                try:
                    pipe.execute()
                except WatchError:
                    continue
                return result

    @staticmethod
    def _run(script, keys: Sequence[str], args: Sequence) -> list[bytes]:
        answer = script(keys=keys, args=args)
        if answer[0] == b"lost":
            raise LostMemory
        return answer

    def _mark(self, epoch):
        return f"{self._prefix}epoch:{epoch}"

    def _bucket(self, epoch, key):
        return f"{self._prefix}{epoch}:bucket:{key}"

    def _circuit(self, epoch, key):
        return f"{self._prefix}{epoch}:circuit:{key}"
