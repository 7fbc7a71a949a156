"""Trends and curves over the history of market offers, computed by PostgreSQL.

A state holds from when it was first seen to when the next one was, the newest one to when it was
last seen: what was not looked at is not made up. Means are weighted by that time; slopes are
those of the straight line nearest to the steps, over their whole length.
"""

from __future__ import annotations

from odoo.tools import SQL

from . import market_history

WINDOWS = (7, 30, 90)
CURVE_DAYS = 90
#: Series that a trend describes: name → figure of the history.
SERIES = {
    "price": "buy_box_price_taxed",
    "lowest": "lowest_price_taxed",
    "rank": "sales_rank",
    "offers": "offer_count",
}


def select_trends(scope: SQL | None = None, days=WINDOWS) -> SQL:
    """One row per offer and window: what its figures did in the last `days` days.

    Columns: id, offer_id, days, known_days, holder_changes, main_holder, main_holder_share, and
    for each of :data:`SERIES` _mean, _min, _max, _volatility (standard deviation ÷ mean) and
    _slope (per day). Leans on the unique index of history lines (offer_id, first_seen_at); a
    condition on offer_id around it reaches that index too.

    scope: condition over history line h, such as ``h.offer_id = ANY(…)``
    """
    return SQL(
        """
        SELECT offer_id::bigint * 128 + days AS id, offer_id, days, known_days,
               holder_changes::integer, main_holder,
               main_holder_days / nullif(held_days, 0) AS main_holder_share, %(figures)s
          FROM (
            SELECT offer_id, days, sum(s) AS known_days, sum(holder_changes) AS holder_changes,
                   (array_agg(holder ORDER BY s DESC) FILTER (WHERE holder IS NOT NULL))[1]
                       AS main_holder,
                   max(s) FILTER (WHERE holder IS NOT NULL) AS main_holder_days,
                   sum(s) FILTER (WHERE holder IS NOT NULL) AS held_days, %(totals)s
              FROM (
                SELECT offer_id, days, holder, sum(s) AS s,
                       count(*) FILTER (WHERE holder <> holder_before AND is_inside)
                           AS holder_changes, %(sums)s
                  FROM (
                    SELECT offer_id, days, holder, holder_before, is_inside,
                           extract(epoch FROM until - since)::float8 / 86400 AS s,
                           extract(epoch FROM since + (until - since) / 2 - clock)::float8 / 86400
                               AS x, %(names)s
                      FROM (
                        SELECT line.*, days, clock,
                               first_seen_at >= clock - days * one_day AS is_inside,
                               greatest(first_seen_at, clock - days * one_day) AS since
                          FROM (%(lines)s) AS line
                         CROSS JOIN unnest(%(days)s) AS days
                         CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS clock,
                                            interval '1 day' AS one_day) AS today
                         WHERE line.until >= clock - days * one_day
                      ) AS cut
                  ) AS step
                 GROUP BY offer_id, days, holder
              ) AS held
             GROUP BY offer_id, days
          ) AS total
        """,
        figures=_each(_figures),
        totals=_each(_totals),
        sums=_each(_sums),
        names=SQL(", ").join(SQL.identifier(name) for name in SERIES),
        lines=_lines(scope),
        days=list(days),
    )


def select_curve(scope: SQL | None = None, days: int = CURVE_DAYS) -> SQL:
    """One row per offer and day of the last `days` days: the last state known of that day.

    Columns: id, offer_id, day, holder and :data:`SERIES`. Leans on what :func:`select_trends`
    does.
    """
    return SQL(
        """
        SELECT DISTINCT ON (offer_id, day)
               offer_id::bigint * 100000 + (day - date '2000-01-01') AS id, offer_id, day, holder,
               %(names)s
          FROM (SELECT line.*, moment::date AS day
                  FROM (%(lines)s) AS line
                 CROSS JOIN LATERAL generate_series(
                     greatest(date_trunc('day', first_seen_at),
                              date_trunc('day', now() AT TIME ZONE 'UTC')
                              - %(days)s * interval '1 day'),
                     date_trunc('day', until), interval '1 day') AS moment
               ) AS daily
         ORDER BY offer_id, day, first_seen_at DESC
        """,
        names=SQL(", ").join(SQL.identifier(name) for name in SERIES),
        lines=_lines(scope),
        days=days,
    )


def _lines(scope) -> SQL:
    """History lines with their end and the holder before."""
    columns = SQL(
        """h.offer_id, h.first_seen_at,
        coalesce(lead(h.first_seen_at) OVER past, h.last_seen_at) AS until, %s""",
        SQL(", ").join(
            SQL("%s::float8 AS %s", SQL.identifier("h", column), SQL.identifier(name))
            for name, column in SERIES.items()
        ),
    )
    return market_history.with_holder_before(columns, scope or SQL("TRUE"))


def _each(part) -> SQL:
    return SQL(", ").join(part(name) for name in SERIES)


def _names(name) -> dict[str, SQL]:
    parts = ("s", "y", "yy", "x", "xx", "xy", "n", "plain", "min", "max")
    return {part: SQL.identifier(f"{name}_{part}") for part in parts} | {
        "v": SQL.identifier(name),
        "mean": SQL.identifier(f"{name}_mean"),
        "volatility": SQL.identifier(f"{name}_volatility"),
        "slope": SQL.identifier(f"{name}_slope"),
    }


def _sums(name) -> SQL:
    """Integrals over the steps: s days at value v, around the middle x."""
    return SQL(
        """sum(s) FILTER (WHERE %(v)s IS NOT NULL) AS %(s)s, sum(s * %(v)s) AS %(y)s,
        sum(s * %(v)s * %(v)s) AS %(yy)s, sum(s * x) FILTER (WHERE %(v)s IS NOT NULL) AS %(x)s,
        sum(s * (x * x + s * s / 12)) FILTER (WHERE %(v)s IS NOT NULL) AS %(xx)s,
        sum(s * x * %(v)s) AS %(xy)s, count(%(v)s) AS %(n)s, sum(%(v)s) AS %(plain)s,
        min(%(v)s) AS %(min)s, max(%(v)s) AS %(max)s""",
        **_names(name),
    )


def _totals(name) -> SQL:
    """The integrals of all holders together."""
    names = _names(name)
    return SQL(", ").join(
        SQL(
            "%s(%s) AS %s", SQL(part if part in ("min", "max") else "sum"), names[part], names[part]
        )
        for part in ("s", "y", "yy", "x", "xx", "xy", "n", "plain", "min", "max")
    )


def _figures(name) -> SQL:
    """What the integrals say; a state seen for a moment only has no duration, and a mean."""
    return SQL(
        """coalesce(%(y)s / nullif(%(s)s, 0), %(plain)s / nullif(%(n)s, 0)) AS %(mean)s,
        %(min)s, %(max)s,
        sqrt(greatest(%(yy)s / nullif(%(s)s, 0) - (%(y)s / nullif(%(s)s, 0)) ^ 2, 0))
            / nullif(%(y)s / nullif(%(s)s, 0), 0) AS %(volatility)s,
        (%(s)s * %(xy)s - %(x)s * %(y)s) / nullif(%(s)s * %(xx)s - %(x)s * %(x)s, 0)
            AS %(slope)s""",
        **_names(name),
    )
