"""The log of calls: COPY in, summed up by the hour, removed by age."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from odoo.tools import SQL

from ..clients.errors import RateLimited
from ..clients.transport import CallRecord

COLUMNS = (
    "marketplace_id",
    "company_id",
    "operation",
    "status",
    "duration_ms",
    "bytes_in",
    "bytes_out",
    "batch_size",
    "attempt",
    "correlation_id",
    "request_id",
    "first_gtin",
    "error_rule",
    "at",
)


def copy_statement() -> str:
    """COPY of the log, for ``cursor.copy_expert`` with :func:`as_csv`."""
    return f"COPY onep_marketplace_call ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv)"


def as_csv(records: Iterable[CallRecord], companies: Mapping[int, int]) -> io.StringIO:
    """Records as CSV.

    companies: company by account; records of other accounts are left out
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for record in records:
        marketplace_id = account_id(record.account)
        if marketplace_id not in companies:
            continue
        at = datetime.fromtimestamp(record.at, UTC).replace(tzinfo=None)
        writer.writerow(
            (
                marketplace_id,
                companies[marketplace_id],
                record.operation[:80],
                record.status,
                record.ms,
                record.bytes_in,
                record.bytes_out,
                record.batch_size,
                record.attempt,
                record.correlation_id,
                record.request_id or None,
                record.first_gtin or None,
                record.error_rule or None,
                at.isoformat(),
            )
        )
    stream.seek(0)
    return stream


def account_id(key: str) -> int:
    """The account's id in the key its client bears, 0 when there is none."""
    tail = key.rpartition(":")[2]
    return int(tail) if tail.isdecimal() else 0


def select_last_hour(marketplace_ids: Iterable[int]) -> SQL:
    """Calls of the last hour as (marketplace, operation, count).

    Leans on the index of (marketplace_id, at).
    """
    return SQL(
        """
        SELECT marketplace_id, operation, count(*)
          FROM onep_marketplace_call
         WHERE marketplace_id = ANY(%s) AND at > (now() AT TIME ZONE 'UTC') - interval '1 hour'
         GROUP BY marketplace_id, operation
        """,
        list(marketplace_ids),
    )


def select_recent_operations(marketplace_ids: Iterable[int]) -> SQL:
    """Operations called in the last hour. Leans on the index of (marketplace_id, at)."""
    return SQL(
        """
        SELECT DISTINCT operation
          FROM onep_marketplace_call
         WHERE marketplace_id = ANY(%s) AND at > (now() AT TIME ZONE 'UTC') - interval '1 hour'
        """,
        list(marketplace_ids),
    )


def summarise(allowed: Iterable[tuple[int, str, float]]) -> SQL:
    """Log → summary by hour, from the hours summed up last on, which may have been unfinished.

    A success is an answer of use: one of status 200 may say nothing, and bears its error's rule.

    allowed: (marketplace, operation, calls per second allowed); an hour's use is judged by it
    Leans on the BRIN index of `at` and the unique index of (marketplace_id, operation, hour).
    """
    marketplace_ids, operations, rates = [], [], []
    for marketplace_id, operation, rate in allowed:
        marketplace_ids.append(marketplace_id)
        operations.append(operation)
        rates.append(rate)
    return SQL(
        """
        WITH quota AS (
            SELECT *
              FROM unnest(%(marketplace_ids)s::int[], %(operations)s::text[], %(rates)s::float8[])
                AS q(marketplace_id, operation, rate)
        ), hours AS (
            SELECT marketplace_id, company_id, operation, date_trunc('hour', at) AS hour,
                   count(*) AS call_count,
                   count(*) FILTER (WHERE status BETWEEN 200 AND 399 AND error_rule IS NULL
                                       OR status = 404) AS success_count,
                   count(*) FILTER (WHERE error_rule = %(throttled)s) AS throttle_count,
                   count(*) FILTER (WHERE attempt > 1) AS repeat_count,
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms)
                       FILTER (WHERE status > 0) AS p50_ms,
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms)
                       FILTER (WHERE status > 0) AS p95_ms,
                   sum(bytes_in) AS bytes_in,
                   sum(bytes_out) AS bytes_out,
                   sum(batch_size) AS item_count
              FROM onep_marketplace_call
             WHERE at >= COALESCE(
                       (SELECT max(hour) - interval '1 hour' FROM onep_marketplace_call_hour),
                       '-infinity'::timestamp)
             GROUP BY marketplace_id, company_id, operation, date_trunc('hour', at)
        )
        INSERT INTO onep_marketplace_call_hour AS known (
            marketplace_id, company_id, operation, hour, call_count, success_count, success_rate,
            throttle_count, repeat_count, p50_ms, p95_ms, bytes_in, bytes_out, item_count, quota_use
        )
        SELECT h.marketplace_id, h.company_id, h.operation, h.hour, h.call_count, h.success_count,
               h.success_count::float8 / h.call_count, h.throttle_count, h.repeat_count, h.p50_ms,
               h.p95_ms, h.bytes_in, h.bytes_out, h.item_count,
               h.call_count / NULLIF(q.rate * LEAST(3600, GREATEST(60, extract(
                   epoch FROM (now() AT TIME ZONE 'UTC') - h.hour))), 0)
          FROM hours h
          LEFT JOIN quota q USING (marketplace_id, operation)
            ON CONFLICT (marketplace_id, operation, hour) DO UPDATE SET
               company_id = EXCLUDED.company_id,
               call_count = EXCLUDED.call_count,
               success_count = EXCLUDED.success_count,
               success_rate = EXCLUDED.success_rate,
               throttle_count = EXCLUDED.throttle_count,
               repeat_count = EXCLUDED.repeat_count,
               p50_ms = EXCLUDED.p50_ms,
               p95_ms = EXCLUDED.p95_ms,
               bytes_in = EXCLUDED.bytes_in,
               bytes_out = EXCLUDED.bytes_out,
               item_count = EXCLUDED.item_count,
               quota_use = EXCLUDED.quota_use
        """,
        marketplace_ids=marketplace_ids,
        operations=operations,
        rates=rates,
        throttled=RateLimited.rule,
    )


def delete_calls(days: int, limit: int) -> SQL:
    """Drop calls older than some days that were summed up, some at a time.

    Leans on the BRIN index of `at`.
    """
    return SQL(
        """
        DELETE FROM onep_marketplace_call
         WHERE id IN (
               SELECT id FROM onep_marketplace_call
                WHERE at < LEAST(
                          (now() AT TIME ZONE 'UTC') - make_interval(days => %s),
                          (SELECT max(hour) - interval '1 hour'
                             FROM onep_marketplace_call_hour))
                LIMIT %s)
        """,
        days,
        limit,
    )


def delete_hours(days: int) -> SQL:
    """Drop summaries older than some days. Leans on the index of `hour`."""
    return SQL(
        "DELETE FROM onep_marketplace_call_hour"
        " WHERE hour < (now() AT TIME ZONE 'UTC') - make_interval(days => %s)",
        days,
    )
