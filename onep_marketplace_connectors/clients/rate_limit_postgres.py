"""Buckets and breakers in PostgreSQL, and the row that says where they are in force.

On connections of its own that commit by themselves: what was taken is taken, whatever becomes of
the caller's transaction. The database's clock is the only clock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .breaker import Circuit
from .rate_limit import Limit, paced

#: Created when the addon is installed; `at`, `since`, … are seconds since the epoch.
TABLES = """
CREATE TABLE IF NOT EXISTS onep_marketplace_bucket (
    key text PRIMARY KEY,
    level double precision NOT NULL DEFAULT 0,
    at double precision,
    taught double precision NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT -1
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS onep_marketplace_circuit (
    key text PRIMARY KEY,
    state text,
    epoch bigint NOT NULL DEFAULT -1
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS onep_marketplace_limits_place (
    id integer PRIMARY KEY CHECK (id = 1),
    place text NOT NULL,
    epoch bigint NOT NULL,
    since double precision NOT NULL,
    seen_at double precision NOT NULL,
    tried_at double precision NOT NULL
);
"""
DROP_TABLES = (
    "DROP TABLE IF EXISTS onep_marketplace_bucket, onep_marketplace_circuit,"
    " onep_marketplace_limits_place"
)

_NOW = "extract(epoch FROM clock_timestamp())::float8"

# Rows are locked in the order of their keys, then the clock is read, then all or none is taken.
_TAKE = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(keys)s::text[], %(rates)s::float8[], %(bursts)s::float8[],
                         %(counts)s::float8[], %(taught)s::float8[])
               AS w(key, rate, burst, count, known)
), kept AS MATERIALIZED (
    SELECT key, level, at, taught, epoch
      FROM onep_marketplace_bucket
     WHERE key = ANY(%(keys)s)
     ORDER BY key
       FOR UPDATE
), moment AS MATERIALIZED (
    SELECT count(*) AS known, {_NOW} AS now FROM kept
), filled AS MATERIALIZED (
    SELECT w.*, k.taught, m.now, k.at > m.now AS is_ahead,
           CASE WHEN k.epoch >= %(epoch)s AND k.at IS NOT NULL
                THEN least(w.burst, k.level + greatest(m.now - k.at, 0) * w.rate)
                ELSE least(w.burst, (m.now - %(since)s) * w.rate) END AS level
      FROM moment m, wanted w JOIN kept k USING (key)
), verdict AS MATERIALIZED (
    SELECT count(*) = %(number)s AND NOT bool_or(taught <> known) AS is_valid,
           max(greatest(count - level, 0) / rate) AS wait
      FROM filled
), taken AS (
    UPDATE onep_marketplace_bucket b
       SET level = f.level - CASE WHEN v.wait <= 0 THEN f.count ELSE 0 END,
           at = f.now, epoch = %(epoch)s
      FROM filled f, verdict v
     WHERE b.key = f.key AND v.is_valid AND (v.wait <= 0 OR f.is_ahead)
)
SELECT f.key, f.taught, v.is_valid, v.wait FROM filled f, verdict v
"""  # noqa: S608 - the only part put in is a constant of this file
_LOWER = f"""
UPDATE onep_marketplace_bucket b
   SET level = least(%(tokens)s, %(burst)s,
                     CASE WHEN epoch >= %(epoch)s AND at IS NOT NULL
                          THEN level + greatest(m.now - at, 0) * %(rate)s
                          ELSE (m.now - %(since)s) * %(rate)s END),
       at = m.now, epoch = %(epoch)s
  FROM (SELECT {_NOW} AS now) m
 WHERE key = %(key)s
"""  # noqa: S608 - the only part put in is a constant of this file


@dataclass(frozen=True, slots=True)
class Place:
    """Where buckets and breakers are in force.

    name: ``redis`` or ``postgres``; epoch: grows with each change
    since: when the epoch's buckets begin to fill [s]; quiet: since the last known call [s]
    """

    name: str
    epoch: int
    since: float
    quiet: float


class PostgresStore:
    """Buckets, breakers and the place in force, in one PostgreSQL database.

    connect: opens a psycopg2 connection; called once a process and after a cut
    """

    def __init__(self, connect: Callable[[], object]):
        self._connect = connect
        self._connection = None
        self._pid = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def place(self) -> Place | None:
        """The place in force, None before the first one."""
        with self._cursor() as cr:
            cr.execute(
                f"SELECT place, epoch, since, {_NOW} - seen_at"  # noqa: S608
                " FROM onep_marketplace_limits_place"
            )
            row = cr.fetchone()
            return Place(*row) if row else None

    def begin(self, name: str) -> None:
        """Put the first place in force, unless somebody did already."""
        with self._cursor() as cr:
            cr.execute(
                "INSERT INTO onep_marketplace_limits_place"  # noqa: S608
                f" VALUES (1, %s, 1, 0, 0, {_NOW}) ON CONFLICT DO NOTHING",
                (name,),
            )

    def move(self, place: Place, name: str, pause: float, unseen: float) -> None:
        """Put another place in force, unless somebody did already.

        pause: until its buckets begin to fill [s]; less when no call was made lately
        unseen: how long calls may have gone on since they were last noted [s]
        """
        with self._cursor() as cr:
            cr.execute(
                f"UPDATE onep_marketplace_limits_place"  # noqa: S608
                f" SET place = %s, epoch = epoch + 1, tried_at = {_NOW},"
                f" since = least({_NOW}, seen_at + %s) + %s"
                " WHERE epoch = %s",
                (name, unseen, pause, place.epoch),
            )

    def seen(self) -> None:
        """Note that calls are being made."""
        with self._cursor() as cr:
            cr.execute(f"UPDATE onep_marketplace_limits_place SET seen_at = {_NOW}")  # noqa: S608

    def may_try(self, seconds: float) -> bool:
        """Whether it is this worker's turn to look for the other place, once in some seconds."""
        with self._cursor() as cr:
            cr.execute(
                f"UPDATE onep_marketplace_limits_place SET tried_at = {_NOW}"  # noqa: S608
                f" WHERE tried_at < {_NOW} - %s",
                (seconds,),
            )
            return cr.rowcount == 1

    def take(
        self, place: Place, wanted: Mapping[str, tuple[Limit, float]], taught: Mapping[str, float]
    ) -> tuple[float | None, dict[str, float]]:
        """Seconds to wait, 0 when taken, None when to be asked again; the rates taught."""
        paces = {key: paced(limit.at(taught.get(key, 0.0))) for key, (limit, _n) in wanted.items()}
        with self._cursor() as cr:
            cr.execute(
                _TAKE,
                {
                    "keys": list(wanted),
                    "rates": [rate for rate, _burst in paces.values()],
                    "bursts": [burst for _rate, burst in paces.values()],
                    "counts": [count for _limit, count in wanted.values()],
                    "taught": [taught.get(key, 0.0) for key in wanted],
                    "epoch": place.epoch,
                    "since": place.since,
                    "number": len(wanted),
                },
            )
            rows = cr.fetchall()
            known = {key: rate for key, rate, _valid, _wait in rows}
            if len(rows) < len(wanted):
                self._add(cr, [key for key in wanted if key not in known])
                return None, dict(taught)
            _key, _rate, is_valid, wait = rows[0]
            return (wait if is_valid else None), known

    def lower(self, place: Place, key: str, limit: Limit, tokens: float) -> None:
        """Leave at most so many tokens in a bucket; `limit`: at the rate in force."""
        rate, burst = paced(limit)
        with self._cursor() as cr:
            self._add(cr, [key])
            cr.execute(
                _LOWER,
                {"key": key, "rate": rate, "burst": burst, "tokens": tokens}
                | {"epoch": place.epoch, "since": place.since},
            )

    def learn(self, key: str, rate: float) -> None:
        """Keep the rate a server announced, whatever the place in force."""
        with self._cursor() as cr:
            cr.execute(
                "INSERT INTO onep_marketplace_bucket (key, taught) VALUES (%s, %s)"
                " ON CONFLICT (key) DO UPDATE SET taught = EXCLUDED.taught",
                (key, rate),
            )

    def taught(self) -> dict[str, float]:
        """Rates that servers announced, by key."""
        with self._cursor() as cr:
            cr.execute("SELECT key, taught FROM onep_marketplace_bucket WHERE taught > 0")
            return dict(cr.fetchall())

    def peek(self, place: Place, wanted: Mapping[str, Limit]) -> dict[str, float]:
        """Tokens in buckets; `wanted`: at the rates in force."""
        with self._cursor() as cr:
            cr.execute(
                f"SELECT k.key, m.now - %s, b.level, m.now - b.at"  # noqa: S608
                f" FROM (SELECT {_NOW} AS now) m CROSS JOIN unnest(%s) k(key)"
                " LEFT JOIN onep_marketplace_bucket b ON b.key = k.key AND b.epoch >= %s",
                (place.since, list(wanted), place.epoch),
            )
            rows = cr.fetchall()
        levels = {}
        for key, filling, level, elapsed in rows:
            rate, burst = paced(wanted[key])
            gained = (filling if elapsed is None else max(elapsed, 0.0)) * rate
            levels[key] = min(burst, gained + (level if elapsed is not None else 0.0))
        return levels

    def read(self, place: Place, keys: Iterable[str]) -> dict[str, tuple[Circuit, float]]:
        """States of breakers, with the present time."""
        with self._cursor() as cr:
            cr.execute(
                f"SELECT key, state, {_NOW} FROM onep_marketplace_circuit"  # noqa: S608
                " WHERE key = ANY(%s) AND epoch >= %s AND state IS NOT NULL",
                (list(keys), place.epoch),
            )
            return {key: (Circuit.load(state), now) for key, state, now in cr.fetchall()}

    def update(self, place: Place, key: str, change):
        """Replace the state of a breaker; see :class:`.breaker.Circuits`."""
        with self._cursor() as cr:
            cr.execute(
                "INSERT INTO onep_marketplace_circuit (key) VALUES (%s) ON CONFLICT DO NOTHING",
                (key,),
            )
            cr.execute("BEGIN")
            try:
                cr.execute(
                    f"SELECT state, epoch, {_NOW} FROM onep_marketplace_circuit"  # noqa: S608
                    " WHERE key = %s FOR UPDATE",
                    (key,),
                )
                state, epoch, now = cr.fetchone()
                known = Circuit.load(state if epoch >= place.epoch else None)
                kept, result = change(known, now)
                cr.execute(
                    "UPDATE onep_marketplace_circuit SET state = %s, epoch = %s WHERE key = %s",
                    (kept and kept.dump(), place.epoch, key),
                )
            except BaseException:
                cr.execute("ROLLBACK")
                raise
            cr.execute("COMMIT")
            return result

    @staticmethod
    def _add(cr, keys):
        cr.execute(
            "INSERT INTO onep_marketplace_bucket (key) SELECT unnest(%s) ON CONFLICT DO NOTHING",
            (keys,),
        )

    @contextmanager
    def _cursor(self):
        """A cursor of this process's connection, opened anew after a fork or a cut."""
        import psycopg2

        with self._lock:
            if self._connection is None or self._pid != os.getpid() or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
                self._pid = os.getpid()
                with self._connection.cursor() as cr:
                    # a count that is lost with the server's last second is no harm
                    cr.execute("SET synchronous_commit = off; SET jit = off")
            try:
                with self._connection.cursor() as cr:
                    yield cr
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._connection = None
                raise
