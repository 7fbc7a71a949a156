"""Marketplaces: at the pace they allow, as fast as one core of Python can go, and in a storm.

Everything goes over real HTTP to a simulator in a process of its own; workers are processes too.
"""

import argparse
import time

from tests.simulator import gtins
from tests.simulator.numbers import asin

from . import connectors_market as market
from .database import environment
from .figures import Figure

#: Platforms whose wide call is measured alone.
WIDE_PLATFORMS = ("fnac", "amazon")


def main(argv: list[str]) -> list[Figure]:
    """Measure the three."""
    parser = argparse.ArgumentParser(prog="onep bench connectors")
    parser.add_argument("--gtins", type=int, default=20_000, help="against quotas; 0: not")
    parser.add_argument("--scale", type=float, default=50.0, help="of the real quotas")
    parser.add_argument("--workers", type=int, default=3, help="processes of an account")
    parser.add_argument("--speed-gtins", type=int, default=20_000, help="without quotas; 0: not")
    parser.add_argument("--storm-gtins", type=int, default=3_000, help="0: no storm")
    parser.add_argument("--storm-share", type=float, default=0.3, help="of faulty answers")
    parser.add_argument(
        "--calm-seconds", type=float, default=40.0, help="the other marketplaces are asked for"
    )
    options = parser.parse_args(argv)
    figures = []
    with environment() as env:
        env.user.tz = "UTC"
        if options.speed_gtins:
            for platform in WIDE_PLATFORMS:
                figures += measure_speed(env, platform, options.speed_gtins)
        if options.gtins:
            figures += measure_quota(env, options.gtins, options.scale, options.workers)
        if options.storm_gtins:
            figures += measure_storm(env, options)
    return figures


def measure_quota(env, count: int, scale: float, workers: int) -> list[Figure]:
    """A first sweep of Amazon, identity to detail, by several workers against its quotas."""
    with market.simulator(env, scale) as url:
        account = market.make_account(env, "amazon", scale)
        numbers = gtins(count)
        market.call(url, "/_market", {"prepare": count})
        market.make_known(env, account, numbers)
        run = account._sync()
        env.cr.commit()
        market.Workers(account, workers).wait()
        refused = market.call(url, "/_quotas")["refused"]
        check_done(env, run, count)
        pace = get_pace(env, account, run)
        print(f"{count:,} EANs at {scale:g} × the quotas, {workers} workers: {pace.words()}")
    return [
        Figure("connectors.quota.used", pace.used, 0.95),
        Figure("connectors.quota.throttled_calls", refused, 0, "lower"),
        Figure("connectors.quota.time_vs_limit", pace.time_ratio, 1.1, "lower"),
    ]


def measure_speed(env, platform: str, count: int) -> list[Figure]:
    """The wide call alone, one worker, no quota: GTINs a second of the worker's processor time.

    That is Python's work only: what PostgreSQL and the simulator do on other cores is not in it,
    the figure by the clock has both.
    """
    with market.simulator(env, 0) as url:
        account = market.make_account(env, platform, 0)
        numbers = gtins(count)
        market.call(url, "/_market", {"prepare": count, "places": [platform]})
        known = [asin(number) for number in numbers] if platform == "amazon" else None
        market.make_known(env, account, numbers, known)
        run = account._sync()
        env.cr.commit()
        (told,) = market.Workers(account, 1, "--wide-only").wait()
        check_done(env, run, count)
    speed = count / told["cpu_seconds"]
    print(
        f"{platform}, wide call without quota: {speed:,.0f} GTINs/s of one core (the worker's"
        f" Python alone), {count / told['seconds']:,.0f}/s by the clock"
    )
    return [Figure(f"connectors.speed.{platform}_gtins_per_cpu_second", speed, 2000)]


def measure_storm(env, options) -> list[Figure]:
    """Amazon in a storm with two workers killed, while two other marketplaces keep their pace.

    Their pace is the time of the same work by the same real quotas, first with nothing beside
    them, then beside the storm.
    """
    count = options.storm_gtins
    with market.simulator(env, options.scale) as url:
        undisturbed = Calm(env, url, options, seller=0)
        undisturbed.start()
        undisturbed.wait()
        numbers = gtins(count)
        account = market.make_account(env, "amazon", options.scale)
        market.make_known(env, account, numbers)
        market.call(url, "/_market", {"prepare": count})
        others = Calm(env, url, options, seller=1)
        run = account._sync()
        env.cr.commit()
        market.call(url, "/_faults", {"share": options.storm_share, "platform": "amazon"})
        storm = market.Workers(account, options.workers)
        others.start()
        killed = kill_at_work(env, account, storm, 2)
        others.wait()
        storm.wait()
        faulty = sum(market.call(url, "/_faults")["taken"].values())
        check_done(env, run, count)
        stormy = get_pace(env, account, run)
    answered, listed, lost = count_outcomes(env, account, numbers)
    doubles = count_double_lines(env, account)
    before, beside = undisturbed.paces(), others.paces()
    print(
        f"storm of {stormy.seconds:.0f} s: {faulty:,} faulty answers, {killed} workers killed at"
        f" work, {answered:,} answered, {listed:,} listed with their reason"
    )
    for name in before:
        print(f"{name} alone: {before[name].words()}; beside the storm: {beside[name].words()}")
    return [
        Figure("connectors.storm.lost_gtins", lost, 0, "lower"),
        Figure("connectors.storm.answered", answered / count),
        Figure("connectors.storm.double_history_lines", doubles, 0, "lower"),
        Figure("connectors.storm.workers_killed", killed, 2),
        Figure(
            "connectors.storm.others_time_vs_undisturbed",
            max(beside[name].seconds / before[name].seconds for name in before),
            1.1,
            "lower",
        ),
        Figure(
            "connectors.storm.others_time_vs_limit",
            max(pace.time_ratio for pace in beside.values()),
            better="lower",
        ),
    ]


class Calm:
    """Marketplaces beside the storm: accounts of one seller, by their real quotas.

    seller: which of the simulator's, 0 or 1; each has quotas of its own
    """

    def __init__(self, env, url: str, options, seller: int):
        self._env = env
        self._runs, self._sizes, self._workers = {}, {}, []
        self._places = {
            platform: market.make_account(env, platform, 1.0, **keys[seller])
            for platform, keys in market.CALM_KEYS.items()
        }
        for platform, place in self._places.items():
            market.slow_down(url, platform, 1 / options.scale)
            limits = {quota.operation: quota for quota in place.quota_ids}
            operation, per_call = market.CALM_WORK[platform]
            limit = limits[operation]
            calls = limit.burst + limit.rate * options.calm_seconds
            size = self._sizes[platform] = int(calls) * per_call
            market.make_known(env, place, gtins(size))
            market.call(url, "/_market", {"prepare": size, "places": [platform]})

    def start(self) -> None:
        """Begin a sweep of each, with as many workers as an account has."""
        for platform, place in self._places.items():
            self._runs[platform] = place._sync()
            self._env.cr.commit()
            self._workers.append(market.Workers(place, place.worker_count))

    def wait(self) -> None:
        """Until all have ended."""
        for workers in self._workers:
            workers.wait()
        for platform, run in self._runs.items():
            check_done(self._env, run, self._sizes[platform])

    def paces(self) -> dict:
        """How each used its quota."""
        return {
            name: get_pace(self._env, place, self._runs[name])
            for name, place in self._places.items()
        }


def kill_at_work(env, account, workers, times: int) -> int:
    """Kill workers one after the other while they hold questions; how many were at work."""
    killed = 0
    for number in range(1, times + 1):
        before = count_calls(env, account)
        deadline = time.monotonic() + 60
        while count_calls(env, account) < before + 5 and time.monotonic() < deadline:
            time.sleep(0.1)
        killed += workers.kill(number)
    return killed


def count_calls(env, account) -> int:
    env.cr.rollback()
    env.cr.execute(
        "SELECT count(*) FROM onep_marketplace_call WHERE marketplace_id = %s", [account.id]
    )
    return env.cr.fetchone()[0]


def check_done(env, run, count: int) -> None:
    """A bench of half a sweep would measure nothing."""
    env.cr.rollback()
    env.invalidate_all()
    if run.state != "done" or run.asked_count != count:
        raise SystemExit(
            f"{run.name} is {run.state}, {run.asked_count} of {count} asked: {run.error_message}"
        )


class Pace:
    """How a run used the quota that limits it.

    operation: the one that takes longest at its quota; calls: made of it
    used: calls ÷ what its quota grants in the time they took
    time_ratio: time of the whole run ÷ the least that quota allows
    """

    def __init__(self, operation, calls, used, time_ratio, seconds):
        self.operation, self.calls, self.used = operation, calls, used
        self.time_ratio, self.seconds = time_ratio, seconds

    def words(self) -> str:
        return (
            f"{self.seconds:.1f} s, {self.calls:,} × {self.operation},"
            f" {self.used:.1%} of its quota, {self.time_ratio:.3f} × its least time"
        )


def get_pace(env, account, run) -> Pace:
    """Read it from the log of calls."""
    env.cr.rollback()
    limits = {quota.operation: (quota.rate, quota.burst) for quota in account.quota_ids}
    env.cr.execute(
        """
        SELECT operation, count(*), extract(epoch FROM max(at) - min(at))
          FROM onep_marketplace_call WHERE marketplace_id = %s AND status != 429
         GROUP BY operation
        """,
        [account.id],
    )
    rows = [row for row in env.cr.fetchall() if row[0] in limits]

    def least(row):
        rate, burst = limits[row[0]]
        return max(row[1] - burst, 0) / rate

    operation, calls, span = max(rows, key=least)
    rate, burst = limits[operation]
    env.cr.execute(
        """
        SELECT extract(epoch FROM max(at + duration_ms * interval '1 millisecond') - min(at))
          FROM onep_marketplace_call WHERE marketplace_id = %s
        """,
        [account.id],
    )
    seconds = float(env.cr.fetchone()[0])
    shortest = least((operation, calls, span))
    return Pace(
        operation,
        calls,
        calls / (burst + rate * float(span)),
        seconds / shortest if shortest else 0.0,
        seconds,
    )


def count_outcomes(env, account, numbers: list[str]) -> tuple[int, int, int]:
    """GTINs answered, listed with a reason, and neither."""
    env.cr.execute(
        """
        SELECT count(*) FILTER (WHERE o.state != 'error' AND o.fetched_at IS NOT NULL),
               count(*) FILTER (WHERE o.state = 'error' AND concat(o.reason_codes,
                                o.identity_reason_codes, o.detail_reason_codes) != ''),
               count(*)
          FROM unnest(%s) AS g (gtin)
          LEFT JOIN onep_marketplace_offer o ON o.gtin = g.gtin AND o.marketplace_id = %s
        """,
        (numbers, account.id),
    )
    answered, listed, every = env.cr.fetchone()
    return answered, listed, every - answered - listed


def count_double_lines(env, account) -> int:
    """Lines of history that repeat the one before them."""
    from odoo.addons.onep_marketplace_connectors.sql.market_history import FIGURES

    figures = ", ".join(f"h.{name}" for name in FIGURES)
    env.cr.execute(
        f"""
        SELECT count(*) FROM (
            SELECT row({figures}) AS now, lag(row({figures})) OVER past AS before,
                   lag(h.id) OVER past AS former
              FROM onep_marketplace_offer_history h
              JOIN onep_marketplace_offer o ON o.id = h.offer_id
             WHERE o.marketplace_id = %s
            WINDOW past AS (PARTITION BY h.offer_id ORDER BY h.first_seen_at, h.id)
        ) AS lines WHERE former IS NOT NULL AND now IS NOT DISTINCT FROM before
        """,
        [account.id],
    )
    return env.cr.fetchone()[0]
