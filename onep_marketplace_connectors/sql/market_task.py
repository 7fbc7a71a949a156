"""What waits to be asked: seeded by one statement, claimed by locks that a killed worker drops.

A task is one GTIN of one marketplace at one step of the funnel. Whoever works on it holds its
row lock; storing the answer, moving the task on and counting it happen in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

from .marketplace_offer import selling_price

#: Runs whose tasks are worked on.
LIVE_STATES = ("queued", "running")
URGENT, SWEEP = 2, 1


@dataclass(frozen=True, slots=True)
class Ages:
    """What is still good: answers read at or after these times [UTC].

    price_hours: the age allowed to a price, for the value of refreshing it
    """

    identity_since: datetime
    price_since: datetime
    volatile_since: datetime
    price_hours: float


def gtins(values: list[str]) -> SQL:
    """These GTINs, as :func:`select_due` wants them."""
    return SQL("SELECT unnest(%s) AS gtin, 0.0 AS bonus", list(values))


def select_due(
    marketplace_id: int, wanted: SQL, ages: Ages, *, has_identity: bool, everything: bool
) -> SQL:
    """GTINs to ask, with their first step and the value of asking: (gtin, step, value, offer_id).

    Never read comes before a decision near its threshold, before what moves often, before what
    is old. Leans on the unique index of offers (marketplace_id, gtin) and on the history's block
    ranges by time.

    wanted: a SELECT of (gtin, bonus 0-100: how near its threshold a decision is)
    everything: also what was read lately
    """
    is_due = SQL(
        """(o.fetched_at IS NULL OR o.fetched_at < %(price)s OR o.state = 'error')
            AND (o.state IS DISTINCT FROM 'not_found'
                 OR coalesce(o.identified_at, o.fetched_at) < %(identity)s)""",
        price=ages.price_since,
        identity=ages.identity_since,
    )
    return SQL(
        """
        SELECT w.gtin,
               CASE WHEN %(has_identity)s
                     AND (o.external_id IS NULL
                          OR (o.chosen_by_id IS NULL
                              AND (o.identified_at IS NULL OR o.identified_at < %(identity)s)))
                    THEN 'identity' ELSE 'wide' END AS step,
               CASE WHEN o.fetched_at IS NULL THEN 1000 ELSE 0 END
               + 3 * least(greatest(w.bonus, 0), 100)
               + 3 * least(coalesce(h.moves, 0), 30)
               + least(coalesce(extract(epoch FROM (now() AT TIME ZONE 'UTC') - o.fetched_at)
                                / (3600.0 * %(hours)s), 0), 10) AS value,
               o.id AS offer_id
          FROM (SELECT gtin, max(bonus) AS bonus FROM (%(wanted)s) AS asked
                 WHERE gtin IS NOT NULL GROUP BY gtin) AS w
          LEFT JOIN onep_marketplace_offer AS o
            ON o.marketplace_id = %(marketplace_id)s AND o.gtin = w.gtin
          LEFT JOIN (SELECT offer_id, count(*) - 1 AS moves
                       FROM onep_marketplace_offer_history
                      WHERE first_seen_at >= %(volatile)s GROUP BY offer_id) AS h
            ON h.offer_id = o.id
         WHERE %(is_due)s
        """,
        has_identity=has_identity,
        identity=ages.identity_since,
        hours=max(ages.price_hours, 1.0),
        wanted=wanted,
        marketplace_id=marketplace_id,
        volatile=ages.volatile_since,
        is_due=SQL("TRUE") if everything else is_due,
    )


def seed(
    marketplace_id: int, company_id: int, sync_id: int, due: SQL, urgency: int, limit: int | None
) -> SQL:
    """Put what is due in the queue, most valuable first; what waits already stays where it is.

    Leans on the unique index of tasks (marketplace_id, gtin).
    """
    return SQL(
        """
        INSERT INTO onep_market_task (
            marketplace_id, company_id, sync_id, gtin, step, urgency, value, attempts)
        SELECT %(marketplace_id)s, %(company_id)s, %(sync_id)s, due.gtin, due.step, %(urgency)s,
               due.value, 0
          FROM (%(due)s) AS due
         WHERE NOT EXISTS (SELECT 1 FROM onep_market_task AS t
                            WHERE t.marketplace_id = %(marketplace_id)s AND t.gtin = due.gtin)
         ORDER BY due.value DESC, due.gtin
         LIMIT %(limit)s
            ON CONFLICT (marketplace_id, gtin) DO NOTHING
        """,
        marketplace_id=marketplace_id,
        company_id=company_id,
        sync_id=sync_id,
        urgency=urgency,
        due=due,
        limit=limit,
    )


def overtake(marketplace_id: int, sync_id: int, asked: list[str]) -> SQL:
    """Hand waiting tasks to a run that cannot wait; returns (former run, count).

    A task in a worker's hands is waited for, as long as the session's lock_timeout: left alone, it
    could end with the answer of the step it is at, and the question would vanish. One whose price
    was read for a sweep is asked from the price on.
    """
    return SQL(
        """
        WITH waiting AS (
            SELECT id, sync_id FROM onep_market_task
             WHERE marketplace_id = %(marketplace_id)s AND gtin = ANY(%(asked)s)
             ORDER BY id FOR UPDATE
        ), raised AS (
            UPDATE onep_market_task AS t
               SET urgency = %(urgency)s, not_before = NULL, attempts = 0, part_size = NULL,
                   sync_id = %(sync_id)s,
                   step = CASE t.step WHEN 'identity' THEN 'identity' ELSE 'wide' END
              FROM waiting WHERE t.id = waiting.id
            RETURNING waiting.sync_id AS former
        )
        SELECT former, count(*) FROM raised GROUP BY former
        """,
        marketplace_id=marketplace_id,
        asked=asked,
        urgency=URGENT,
        sync_id=sync_id,
    )


def stamp(sync_id: int) -> SQL:
    """Note when a run was asked, to the microsecond: what it finds new is told by that."""
    return SQL(
        "UPDATE onep_market_sync SET seeded_at = clock_timestamp() AT TIME ZONE 'UTC'"
        " WHERE id = %s",
        sync_id,
    )


def drop_left_over(marketplace_id: int) -> SQL:
    """Forget what runs that ended left waiting: a new sweep asks what is due anyway."""
    return SQL(
        """
        DELETE FROM onep_market_task AS t USING onep_market_sync AS r
         WHERE t.marketplace_id = %s AND r.id = t.sync_id AND r.state <> ALL(%s)
        """,
        marketplace_id,
        list(LIVE_STATES),
    )


def select_waiting(marketplace_id: int, steps, now, *, urgent_only: bool) -> SQL:
    """Steps with a task that may be asked now, most pressing first, deepest first.

    Leans on the index of tasks by marketplace, step, urgency and value.
    """
    return SQL(
        """
        SELECT s.step
          FROM unnest(%(steps)s) WITH ORDINALITY AS s (step, depth)
          JOIN LATERAL (
              SELECT t.urgency FROM onep_market_task AS t
                JOIN onep_market_sync AS r ON r.id = t.sync_id AND r.state = ANY(%(live)s)
               WHERE t.marketplace_id = %(marketplace_id)s AND t.step = s.step AND %(ready)s
               ORDER BY t.urgency DESC, t.value DESC LIMIT 1
          ) AS first ON TRUE
         ORDER BY first.urgency DESC, s.depth DESC
        """,
        steps=list(steps),
        live=list(LIVE_STATES),
        marketplace_id=marketplace_id,
        ready=_ready(now, urgent_only),
    )


def claim(marketplace_id: int, step: str, now, limit: int, *, urgent_only: bool) -> SQL:
    """Take tasks of a step, best first.

    (id, gtin, external_id, name, brand, price, attempts, part size)

    All have the part size of the best one, and are no more than that when it is set: they are one
    call. Leans on the index of tasks by marketplace, step, urgency and value.
    """
    return SQL(
        """
        WITH best AS (
            SELECT t.part_size
              FROM onep_market_task AS t
              JOIN onep_market_sync AS r ON r.id = t.sync_id AND r.state = ANY(%(live)s)
             WHERE t.marketplace_id = %(marketplace_id)s AND t.step = %(step)s AND %(ready)s
             ORDER BY t.urgency DESC, t.value DESC, t.id
             LIMIT 1 FOR UPDATE OF t SKIP LOCKED
        )
        SELECT t.id, t.gtin, o.external_id, o.name, o.brand,
               %(price)s::float8,
               t.attempts, t.part_size
          FROM onep_market_task AS t
          JOIN onep_market_sync AS r ON r.id = t.sync_id AND r.state = ANY(%(live)s)
          LEFT JOIN onep_marketplace_offer AS o
            ON o.marketplace_id = t.marketplace_id AND o.gtin = t.gtin
         WHERE t.marketplace_id = %(marketplace_id)s AND t.step = %(step)s AND %(ready)s
           AND t.part_size IS NOT DISTINCT FROM (SELECT part_size FROM best)
         ORDER BY t.urgency DESC, t.value DESC, t.id
         LIMIT coalesce((SELECT CASE WHEN part_size IS NULL THEN %(limit)s
                                     ELSE least(%(limit)s, greatest(part_size, 1)) END
                           FROM best), 0)
           FOR UPDATE OF t SKIP LOCKED
        """,
        price=selling_price(),
        live=list(LIVE_STATES),
        marketplace_id=marketplace_id,
        step=step,
        ready=_ready(now, urgent_only),
        limit=limit,
    )


def select_strays(marketplace_id: int, steps: list[str], limit: int) -> SQL:
    """Take tasks at steps that the account has not, put off or not: (id, step).

    Leans on the index of tasks by marketplace, step, urgency and value.
    """
    return SQL(
        """
        SELECT t.id, t.step
          FROM onep_market_task AS t
          JOIN onep_market_sync AS r ON r.id = t.sync_id AND r.state = ANY(%s)
         WHERE t.marketplace_id = %s AND t.step = ANY(%s)
         ORDER BY t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED
        """,
        list(LIVE_STATES),
        marketplace_id,
        steps,
        limit,
    )


def _ready(now, urgent_only) -> SQL:
    return SQL(
        "(t.not_before IS NULL OR t.not_before <= %s)%s",
        now,
        SQL(" AND t.urgency = %s", URGENT) if urgent_only else SQL(""),
    )


def walk(task_ids: list[int], gates: list[tuple[str, SQL]]) -> SQL:
    """Move answered tasks to the first step whose gate lets them in, end the others.

    Returns (sync_id, next step or NULL, count).

    gates: (step, condition over task t and offer o), in the order of the funnel
    """
    following = SQL("NULL::text")
    if gates:
        following = SQL(
            "CASE %s END",
            SQL(" ").join(SQL("WHEN %s THEN %s", gate, step) for step, gate in gates),
        )
    return SQL(
        """
        WITH walked AS (
            SELECT t.id, t.sync_id, %(following)s AS next
              FROM onep_market_task AS t
              LEFT JOIN onep_marketplace_offer AS o
                ON o.marketplace_id = t.marketplace_id AND o.gtin = t.gtin
             WHERE t.id = ANY(%(ids)s)
        ), moved AS (
            UPDATE onep_market_task AS t
               SET step = walked.next, attempts = 0, not_before = NULL, rule = NULL,
                   part_size = NULL
              FROM walked WHERE t.id = walked.id AND walked.next IS NOT NULL
        ), ended AS (
            DELETE FROM onep_market_task AS t USING walked
             WHERE t.id = walked.id AND walked.next IS NULL
        )
        SELECT sync_id, next, count(*) FROM walked GROUP BY sync_id, next
        """,
        following=following,
        ids=task_ids,
    )


def postpone(task_ids: list[int], rule: str, not_before) -> SQL:
    """Note a failed try; the task comes back at its time."""
    return SQL(
        """
        UPDATE onep_market_task SET attempts = attempts + 1, rule = %s, not_before = %s
         WHERE id = ANY(%s)
        """,
        rule,
        not_before,
        task_ids,
    )


def narrow(task_ids: list[int], rule: str, part_size: int, not_before) -> SQL:
    """Note a senseless answer; the tasks are asked again by so many at a time, 0 for the last
    time."""
    return SQL(
        """
        UPDATE onep_market_task SET part_size = %s, rule = %s, not_before = %s WHERE id = ANY(%s)
        """,
        part_size,
        rule,
        not_before,
        task_ids,
    )


def select_next_time(marketplace_id: int, *, urgent_only: bool) -> SQL:
    """How many live tasks there are, and when the first that was put off is due: (exists, at)."""
    return SQL(
        """
        SELECT count(*) > 0, min(not_before) FROM (
            SELECT t.not_before FROM onep_market_task AS t
              JOIN onep_market_sync AS r ON r.id = t.sync_id AND r.state = ANY(%s)
             WHERE t.marketplace_id = %s%s
             ORDER BY t.not_before NULLS FIRST LIMIT 1) AS first
        """,
        list(LIVE_STATES),
        marketplace_id,
        SQL(" AND t.urgency = %s", URGENT) if urgent_only else SQL(""),
    )


def is_left(sync_id: int) -> SQL:
    """Whether a run has tasks left. Leans on the index of tasks by run."""
    return SQL("SELECT EXISTS (SELECT 1 FROM onep_market_task WHERE sync_id = %s)", sync_id)


def count_due(marketplace_id: int, due: SQL, gates: list[tuple[str, SQL]]) -> SQL:
    """What a sweep would ask: by first step, and how many known offers pass each gate.

    Returns one row: (identity, all, read before, then one count per gate).
    """
    passes = SQL("").join(
        SQL(", count(*) FILTER (WHERE o.fetched_at IS NOT NULL AND %s)", gate)
        for _step, gate in gates
    )
    return SQL(
        """
        SELECT count(*) FILTER (WHERE due.step = 'identity'), count(*),
               count(o.fetched_at)%(passes)s
          FROM (%(due)s) AS due
          LEFT JOIN onep_marketplace_offer AS o ON o.id = due.offer_id
         CROSS JOIN (SELECT %(urgency)s AS urgency) AS t
         WHERE NOT EXISTS (SELECT 1 FROM onep_market_task AS waiting
                            WHERE waiting.marketplace_id = %(marketplace_id)s
                              AND waiting.gtin = due.gtin)
        """,
        passes=passes,
        due=due,
        urgency=SWEEP,
        marketplace_id=marketplace_id,
    )
