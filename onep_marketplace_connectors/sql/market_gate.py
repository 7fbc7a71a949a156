"""What runs came to: lines of counts by step, added up, and what still waits beside them."""

from __future__ import annotations

from odoo.tools import SQL


def insert_gates(rows: list[tuple]) -> SQL:
    """Add lines of counts: (sync_id, step, asked, found, not found, no price, refused, passed,
    ended)."""
    return SQL(
        """
        INSERT INTO onep_market_gate (sync_id, step, asked_count, found_count, not_found_count,
            no_price_count, refused_count, passed_count, ended_count)
        VALUES %s
        """,
        SQL(", ").join(SQL("%s", row) for row in rows),
    )


def fold_gates(sync_id: int) -> SQL:
    """One line of counts for each step of a run that ended. Leans on the index of gate lines by
    run."""
    counts = (
        "asked_count",
        "found_count",
        "not_found_count",
        "no_price_count",
        "refused_count",
        "passed_count",
        "ended_count",
    )
    return SQL(
        """
        WITH folded AS (DELETE FROM onep_market_gate WHERE sync_id = %s RETURNING *)
        INSERT INTO onep_market_gate (sync_id, step, %s)
        SELECT sync_id, step, %s FROM folded GROUP BY sync_id, step
        """,
        sync_id,
        SQL(", ").join(SQL.identifier(name) for name in counts),
        SQL(", ").join(SQL("sum(%s)", SQL.identifier(name)) for name in counts),
    )


def sum_gates(sync_ids: list[int]) -> SQL:
    """What runs have come to: (sync_id, ended, found, not found, refused).

    Found is the wide call's; leans on the index of gate lines by run.
    """
    return SQL(
        """
        SELECT sync_id, sum(ended_count),
               sum(found_count + no_price_count) FILTER (WHERE step = 'wide'),
               sum(not_found_count),
               sum(refused_count) FILTER (WHERE step IN ('identity', 'wide'))
          FROM onep_market_gate WHERE sync_id = ANY(%s) GROUP BY sync_id
        """,
        sync_ids,
    )


def count_moves(sync_id: int) -> SQL:
    """What a run read: (offers new to us, others that changed, offers with a price).

    A price is that of the buy box, else the lowest one: some marketplaces tell no buy box.

    Leans on the indexes of offers by the run that changed them and by the run that read them.
    """
    return SQL(
        """
        SELECT (SELECT count(*) FROM onep_marketplace_offer AS o
                 WHERE o.changed_sync_id = r.id AND o.first_seen_at >= r.seeded_at),
               (SELECT count(*) FROM onep_marketplace_offer AS o
                 WHERE o.changed_sync_id = r.id AND o.first_seen_at < r.seeded_at),
               (SELECT count(coalesce(o.buy_box_price_taxed, o.lowest_price_taxed))
                  FROM onep_marketplace_offer AS o WHERE o.sync_id = r.id)
          FROM onep_market_sync AS r WHERE r.id = %s
        """,
        sync_id,
    )


def funnel() -> SQL:
    """Counts of each run by step, with what waits: the table behind onep.market.funnel.

    A condition on the run reaches the indexes of gate lines and tasks by run.
    """
    return SQL(
        """
        SELECT sync_id * 8 + CASE step WHEN 'identity' THEN 0 WHEN 'wide' THEN 1
                   WHEN 'detail' THEN 2 WHEN 'rights' THEN 3 ELSE 4 END AS id,
               sync_id, step, sum(waiting)::integer AS waiting_count,
               sum(asked_count)::integer AS asked_count, sum(found_count)::integer AS found_count,
               sum(not_found_count)::integer AS not_found_count,
               sum(no_price_count)::integer AS no_price_count,
               sum(refused_count)::integer AS refused_count,
               sum(passed_count)::integer AS passed_count,
               sum(ended_count)::integer AS ended_count
          FROM (SELECT sync_id, step, 0 AS waiting, asked_count, found_count, not_found_count,
                       no_price_count, refused_count, passed_count, ended_count
                  FROM onep_market_gate
                 UNION ALL
                SELECT sync_id, step, 1, 0, 0, 0, 0, 0, 0, 0 FROM onep_market_task) AS counted
         GROUP BY sync_id, step
        """
    )
