"""What marketplaces answer: COPY into a stage, then one upsert by marketplace and GTIN.

Every step of the funnel is stored by the same statement. A column that a step does not speak of
stays as it was; one that it should have told and did not becomes unknown, its last known value
kept beside it with its own date. The same statement keeps the history (sql/market_history.py).
"""

from __future__ import annotations

from odoo.tools import SQL

from ..clients.steps import Step
from . import market_history
from .market_stage import names, stage

#: What a thing is does not expire: an answer without it keeps what was known.
IDENTITY = (
    "candidate_count",
    "name",
    "brand",
    "category",
    "category_code",
    "image_url",
    "url",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "pack_quantity",
)
#: What the market says: an answer without it makes it unknown.
FIGURES = market_history.MARKET
#: Figures whose last known value is kept: column → where, and its date.
LAST_KNOWN = {
    "buy_box_price_taxed": ("last_price_taxed", "last_price_at"),
    "sales_rank": ("last_rank", "last_rank_at"),
}
RIGHTS = ("may_sell", "approval_url", "sell_reason", "may_be_stored", "stored_reason")
#: Column of a fee quote → column of the offer.
FEES = {
    "price_taxed": "fee_price_taxed",
    "total_fee": "fee_total",
    "commission": "fee_commission",
    "fulfilment_fee": "fee_fulfilment",
}
CANDIDATE = (
    "external_id",
    "position",
    "score",
    "kind",
    "name",
    "brand",
    "category",
    "pack_quantity",
    "sales_rank",
    "image_url",
    "url",
    "reason",
)
#: When a step was last answered for an offer.
ANSWERED_AT = {
    Step.IDENTITY: "identified_at",
    Step.DETAIL: "detailed_at",
    Step.RIGHTS: "rights_at",
    Step.FEES: "fees_at",
}
#: Where a step's reasons go; the wide call's are the offer's own.
REASONS = {
    Step.IDENTITY: "identity_reason_codes",
    Step.WIDE: "reason_codes",
    Step.DETAIL: "detail_reason_codes",
    Step.RIGHTS: "rights_reason_codes",
    Step.FEES: "fees_reason_codes",
}
#: Steps whose state is the offer's.
SPEAKING = (Step.IDENTITY, Step.WIDE, Step.DETAIL)

_NOT_NULL = {"retailer_present": SQL("'unknown'")}


def selling_price() -> SQL:
    """What one buyer pays for market offer o, delivery included where it is told; else the lowest
    price. In the marketplace's currency, NULL when unknown."""
    return SQL(
        "coalesce(o.buy_box_price_taxed + coalesce(o.buy_box_shipping_taxed, 0),"
        " o.lowest_price_taxed)"
    )


def upsert(
    step: Step, columns, *, marketplace_id: int, user_id: int, now, silent=frozenset()
) -> SQL:
    """Stage → market offers with their history, answered rows.

    Returns (sync_id, state, count). The run of each row is its task's. A
    product that a person chose stays. Leans on the unique indexes of (marketplace_id, gtin) of
    offers and tasks, and on the primary key of the history.

    columns: of the stage
    silent: columns of the stage that this step does not speak of
    """
    told = [name for name in columns if name not in silent]
    at = SQL("%s::timestamp", now)
    values = {
        "state": SQL("s.state") if step in SPEAKING else SQL("'found'"),
        "currency_id": SQL("m.currency_id"),
        **_NOT_NULL,
        REASONS[step]: SQL("s.reason_codes"),
    }
    assigned = {REASONS[step]: SQL("EXCLUDED.%s", SQL.identifier(REASONS[step]))}
    for name in (*IDENTITY, *FIGURES):
        if name in told:
            own = SQL.identifier("s", name)
            values[name] = (
                SQL("COALESCE(%s, %s)", own, _NOT_NULL[name]) if name in _NOT_NULL else own
            )
    if "external_id" in told:
        values["external_id"] = SQL("s.external_id")
        assigned["external_id"] = SQL(
            "CASE WHEN o.chosen_by_id IS NULL THEN COALESCE(EXCLUDED.external_id, o.external_id)"
            " ELSE o.external_id END"
        )
    if step in SPEAKING:
        values["reason_detail"] = SQL("s.reason_detail")
        assigned["reason_detail"] = SQL("EXCLUDED.reason_detail")
        assigned |= {
            name: SQL("COALESCE(EXCLUDED.%(c)s, o.%(c)s)", c=SQL.identifier(name))
            for name in IDENTITY
            if name in told
        }
    if step is Step.IDENTITY:
        assigned |= _identify(told)
        values["is_doubtful"] = SQL("COALESCE(s.is_doubtful, FALSE)")
    elif step in SPEAKING:
        figures = ("state", *(name for name in FIGURES if name in told))
        fresh = SQL("TRUE")
        if step is Step.WIDE:
            # the dear call counts in its own way: what it said stays while the cheap one repeats
            # itself, or each sweep would see two changes where nothing moved
            values["wide_digest"] = SQL(
                "md5(row(%s)::text)", names([name for name in figures if name in told], "s")
            )
            assigned["wide_digest"] = SQL("EXCLUDED.wide_digest")
            fresh = SQL(
                "(o.detailed_at IS NULL OR o.wide_digest IS DISTINCT FROM EXCLUDED.wide_digest)"
            )
        for name in figures:
            column = SQL.identifier(name)
            assigned[name] = SQL(
                "CASE WHEN %(fresh)s THEN EXCLUDED.%(c)s ELSE o.%(c)s END", fresh=fresh, c=column
            )
        # refused last time: this answer is the word on it, whatever its figures
        assigned["state"] = SQL(
            "CASE WHEN %s OR o.state = 'error' THEN EXCLUDED.state ELSE o.state END", fresh
        )
        values["currency_id"] = SQL("COALESCE(c.id, m.currency_id)")
        assigned["currency_id"] = SQL("EXCLUDED.currency_id")
        values["fetched_at"] = at
        assigned["fetched_at"] = at
        for name, (kept, kept_at) in LAST_KNOWN.items():
            if name in told:
                known = SQL("%s IS NOT NULL", SQL.identifier("s", name))
                values[kept] = SQL.identifier("s", name)
                values[kept_at] = SQL("CASE WHEN %s THEN %s END", known, at)
                assigned[kept] = SQL("COALESCE(%s, %s)", assigned[name], SQL.identifier("o", kept))
                assigned[kept_at] = SQL(
                    "CASE WHEN %s IS NOT NULL THEN %s ELSE %s END",
                    assigned[name],
                    at,
                    SQL.identifier("o", kept_at),
                )
    else:
        renamed = FEES if step is Step.FEES else dict.fromkeys(RIGHTS)
        for name, kept in renamed.items():
            values[kept or name] = SQL.identifier("s", name)
            assigned[kept or name] = SQL("EXCLUDED.%s", SQL.identifier(kept or name))
    if step in ANSWERED_AT:
        values[ANSWERED_AT[step]] = at
        assigned[ANSWERED_AT[step]] = at
    condition = SQL("s.state NOT IN ('error', 'not_found')")
    if step is not Step.IDENTITY:
        condition = SQL("s.state != 'error'")
    return _statement(
        step,
        values,
        assigned,
        condition=condition,
        currency=SQL("s.currency") if "currency" in told else SQL("NULL"),
        is_tracked=step in (Step.WIDE, Step.DETAIL),
        marketplace_id=marketplace_id,
        user_id=user_id,
        at=at,
    )


def _identify(told) -> dict[str, SQL]:
    """What an identity answer changes of a known offer, a person's choice apart."""
    another = SQL(
        "o.chosen_by_id IS NOT NULL AND EXCLUDED.external_id IS DISTINCT FROM o.external_id"
    )
    kept = {
        name: SQL(
            "CASE WHEN %(another)s THEN o.%(c)s ELSE COALESCE(EXCLUDED.%(c)s, o.%(c)s) END",
            another=another,
            c=SQL.identifier(name),
        )
        for name in (*IDENTITY, *FIGURES)
        if name in told
    }
    return kept | {
        "candidate_count": SQL("EXCLUDED.candidate_count"),
        "is_doubtful": SQL("o.chosen_by_id IS NULL AND EXCLUDED.is_doubtful"),
        "state": SQL(
            "CASE WHEN o.state IN ('not_found', 'error') THEN EXCLUDED.state ELSE o.state END"
        ),
    }


def upsert_not_found(*, marketplace_id: int, user_id: int, now) -> SQL:
    """Identity stage → market offers, what the marketplace does not know: no figure is left.

    Returns and leans on what :func:`upsert` does.
    """
    at = SQL("%s::timestamp", now)
    reasons = REASONS[Step.IDENTITY]
    values = {
        "state": SQL("s.state"),
        "currency_id": SQL("m.currency_id"),
        reasons: SQL("s.reason_codes"),
        "reason_detail": SQL("s.reason_detail"),
        "candidate_count": SQL("s.candidate_count"),
        "fetched_at": at,
        "identified_at": at,
        **dict.fromkeys(FIGURES, SQL("NULL")),
        **_NOT_NULL,
    }
    assigned = {
        name: SQL("EXCLUDED.%s", SQL.identifier(name)) for name in values if name != "currency_id"
    }
    assigned |= {
        "external_id": SQL("CASE WHEN o.chosen_by_id IS NOT NULL THEN o.external_id END"),
        "is_doubtful": SQL("FALSE"),
        "reason_codes": SQL("NULL"),
        "detail_reason_codes": SQL("NULL"),
        # what the wide call says next is news, even when it says what it said before
        "wide_digest": SQL("NULL"),
        "detailed_at": SQL("NULL"),
    }
    return _statement(
        Step.IDENTITY,
        values,
        assigned,
        condition=SQL("s.state = 'not_found'"),
        currency=SQL("NULL"),
        is_tracked=True,
        marketplace_id=marketplace_id,
        user_id=user_id,
        at=at,
    )


def upsert_refused(step: Step, *, marketplace_id: int, user_id: int, now) -> SQL:
    """Stage → market offers, refused rows: figures known before stay, with their date.

    Returns and leans on what :func:`upsert` does.
    """
    values = {
        "state": SQL("'error'") if step in (Step.IDENTITY, Step.WIDE) else SQL("'found'"),
        "currency_id": SQL("m.currency_id"),
        REASONS[step]: SQL("s.reason_codes"),
        "reason_detail": SQL("s.reason_detail"),
        **_NOT_NULL,
    }
    assigned = {
        name: SQL("EXCLUDED.%s", SQL.identifier(name)) for name in (REASONS[step], "reason_detail")
    }
    if step in (Step.IDENTITY, Step.WIDE):
        assigned["state"] = SQL("EXCLUDED.state")
    return _statement(
        step,
        values,
        assigned,
        condition=SQL("s.state = 'error'"),
        currency=SQL("NULL"),
        is_tracked=False,
        marketplace_id=marketplace_id,
        user_id=user_id,
        at=SQL("%s::timestamp", now),
    )


def _statement(
    step, values, assigned, *, condition, currency, is_tracked, marketplace_id, user_id, at
) -> SQL:
    """Insert or assign, by marketplace and GTIN; figures that moved begin a line of history.

    values: column → value of a new offer, of stage s, marketplace m and currency c
    assigned: column → value for a known offer o
    is_tracked: whether figures may have moved
    """
    history = SQL("")
    if is_tracked:
        tracked = [name for name in market_history.FIGURES if name in assigned]
        moved = SQL(
            "(%s) IS DISTINCT FROM (%s)",
            SQL(", ").join(assigned[name] for name in tracked),
            SQL(", ").join(_last_seen(name) for name in tracked),
        )
        begins = moved
        if step is Step.DETAIL:
            # the same run's wide call began a state a moment ago: this one completes it
            begins = SQL("%s AND o.changed_sync_id IS DISTINCT FROM EXCLUDED.sync_id", moved)
        values["history_id"] = market_history.next_id()
        assigned |= {
            "changed_at": SQL("CASE WHEN %s THEN %s ELSE o.changed_at END", moved, at),
            "changed_sync_id": SQL(
                "CASE WHEN %s THEN EXCLUDED.sync_id ELSE o.changed_sync_id END", moved
            ),
            "history_id": SQL(
                "CASE WHEN o.history_id IS NULL OR %s THEN EXCLUDED.history_id"
                " ELSE o.history_id END",
                begins,
            ),
        }
        history = market_history.keep(at)
    assigned |= {
        name: SQL("EXCLUDED.%s", SQL.identifier(name))
        for name in ("company_id", "is_demo", "sync_id", "write_uid", "write_date")
    }
    return SQL(
        """
        WITH stored AS (
            INSERT INTO onep_marketplace_offer AS o (
                marketplace_id, company_id, is_demo, sync_id, changed_sync_id, gtin,
                first_seen_at, changed_at, create_uid, create_date, write_uid, write_date,
                %(columns)s
            )
            SELECT m.id, m.company_id, m.is_demo, t.sync_id, t.sync_id, s.gtin, %(at)s, %(at)s,
                   %(user_id)s, %(at)s, %(user_id)s, %(at)s, %(values)s
              FROM %(stage)s s
              JOIN onep_marketplace m ON m.id = %(marketplace_id)s
              LEFT JOIN onep_market_task t ON t.marketplace_id = m.id AND t.gtin = s.gtin
              LEFT JOIN res_currency c ON c.name = %(currency)s
             WHERE %(condition)s
             ORDER BY s.gtin
                ON CONFLICT (marketplace_id, gtin) DO UPDATE SET %(assigned)s
            RETURNING o.id, o.gtin, o.company_id, o.sync_id, o.history_id, %(figures)s
        )%(history)s
        SELECT stored.sync_id, s.state, count(*)
          FROM stored JOIN %(stage)s s ON s.gtin = stored.gtin
         GROUP BY stored.sync_id, s.state
        """,
        columns=names(values),
        values=SQL(", ").join(values.values()),
        at=at,
        user_id=user_id,
        stage=stage(step.value),
        marketplace_id=marketplace_id,
        currency=currency,
        condition=condition,
        assigned=SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in assigned.items()
        ),
        figures=names(market_history.FIGURES, "o"),
        history=history,
    )


def _last_seen(name) -> SQL:
    """A figure before this answer: being refused in between is no state of the market."""
    if name != "state":
        return SQL.identifier("o", name)
    return SQL(
        """CASE WHEN o.state = 'error' THEN
            (SELECT line.state FROM onep_marketplace_offer_history AS line
              WHERE line.id = o.history_id) ELSE o.state END"""
    )


def upsert_candidates(marketplace_id: int, now) -> SQL:
    """Candidate stage → the products that carry each GTIN, ranked.

    Those that an answer no longer lists go, unless a person chose them. Leans on the unique
    indexes of offers (marketplace_id, gtin) and candidates (offer_id, external_id).
    """
    own = [name for name in CANDIDATE if name != "external_id"]
    return SQL(
        """
        WITH staged AS (
            SELECT DISTINCT ON (o.id, s.external_id) o.id AS offer_id, o.company_id, %(staged)s
              FROM %(stage)s s
              JOIN onep_marketplace_offer o
                ON o.marketplace_id = %(marketplace_id)s AND o.gtin = s.gtin
             ORDER BY o.id, s.external_id, s.position
        ), gone AS (
            DELETE FROM onep_marketplace_candidate c
             USING onep_marketplace_offer o
             WHERE o.id = c.offer_id AND o.id IN (SELECT offer_id FROM staged)
               AND NOT EXISTS (SELECT 1 FROM staged
                                WHERE staged.offer_id = c.offer_id
                                  AND staged.external_id = c.external_id)
               AND NOT (o.chosen_by_id IS NOT NULL AND o.external_id = c.external_id)
        )
        INSERT INTO onep_marketplace_candidate AS c (offer_id, company_id, seen_at, %(columns)s)
        SELECT offer_id, company_id, %(now)s::timestamp, %(columns)s FROM staged
            ON CONFLICT (offer_id, external_id) DO UPDATE SET
               seen_at = EXCLUDED.seen_at, %(assigned)s
        """,
        staged=names(CANDIDATE, "s"),
        stage=stage("candidate"),
        marketplace_id=marketplace_id,
        now=now,
        columns=names(CANDIDATE),
        assigned=SQL(", ").join(
            SQL("%(c)s = EXCLUDED.%(c)s", c=SQL.identifier(name)) for name in own
        ),
    )
