"""The history of market offers: one line is one state of the figures, seen from when to when.

An offer names its open line (`history_id`); the statement that stores an answer moves that
line's end, or begins another when a figure differs. Both happen under the offer's row lock and
in the transaction that ends its task: a killed worker leaves nothing half done.
"""

from __future__ import annotations

from odoo.tools import SQL

#: What the market says, in the offer's own names.
MARKET = (
    "buy_box_price_taxed",
    "buy_box_shipping_taxed",
    "buy_box_seller",
    "buy_box_fulfilment",
    "lowest_price_taxed",
    "offer_count",
    "marketplace_fulfilled_count",
    "merchant_fulfilled_count",
    "used_offer_count",
    "retailer_present",
    "sales_rank",
    "sales_rank_category",
    "ranks",
    "list_price_taxed",
)
#: What a line keeps.
FIGURES = ("state", "currency_id", *MARKET)


def next_id() -> SQL:
    """The id of a line that may be begun."""
    return SQL("nextval('onep_marketplace_offer_history_id_seq')")


def keep(at: SQL) -> SQL:
    """More parts of a WITH clause, after ``stored``: the offers just written, with their figures.

    Leans on the primary key of the history.
    """
    columns = SQL(", ").join(SQL.identifier(name) for name in FIGURES)
    return SQL(
        """, seen AS (
            UPDATE onep_marketplace_offer_history AS line
               SET last_seen_at = %(at)s, %(assigned)s
              FROM stored
             WHERE line.id = stored.history_id
        ), begun AS (
            INSERT INTO onep_marketplace_offer_history (
                id, offer_id, company_id, sync_id, first_seen_at, last_seen_at, %(columns)s)
            SELECT stored.history_id, stored.id, stored.company_id, stored.sync_id, %(at)s, %(at)s,
                   %(columns)s
              FROM stored
             WHERE NOT EXISTS (SELECT 1 FROM onep_marketplace_offer_history AS line
                                WHERE line.id = stored.history_id)
        )""",
        at=at,
        assigned=SQL(", ").join(
            SQL("%(c)s = stored.%(c)s", c=SQL.identifier(name)) for name in FIGURES
        ),
        columns=columns,
    )


def with_holder_before(columns: SQL, scope: SQL) -> SQL:
    """History lines with their holder and the last one known before: columns, holder,
    holder_before.

    A line whose holder is unknown is no change of hands, nor does it hide one. Leans on the
    unique index of (offer_id, first_seen_at); a condition on offer_id around it reaches that
    index too.

    columns: of history line h, with offer_id and first_seen_at; a window `past` is at hand
    scope: condition over history line h
    """
    return SQL(
        """
        SELECT known.*, lag(known.last_holder) OVER (
                   PARTITION BY known.offer_id ORDER BY known.first_seen_at) AS holder_before
          FROM (SELECT counted.*, first_value(counted.holder) OVER (
                           PARTITION BY counted.offer_id, counted.holder_number
                           ORDER BY counted.first_seen_at) AS last_holder
                  FROM (SELECT %(columns)s, h.buy_box_seller AS holder,
                               count(h.buy_box_seller) OVER past AS holder_number
                          FROM onep_marketplace_offer_history AS h
                         WHERE %(scope)s
                        WINDOW past AS (PARTITION BY h.offer_id ORDER BY h.first_seen_at)
                       ) AS counted
               ) AS known
        """,
        columns=columns,
        scope=scope,
    )


def select_holder_changes(scope: SQL) -> SQL:
    """Lines with which the buy box went from one known seller to another: (id, the one before).

    scope: condition over history line h
    """
    return SQL(
        "SELECT id, holder_before FROM (%s) AS line WHERE holder <> holder_before",
        with_holder_before(SQL("h.id, h.offer_id, h.first_seen_at"), scope),
    )


def delete_old(days: int, limit: int) -> SQL:
    """Drop lines that ended longer ago than some days, some at a time; an offer's present state
    stays however old it is.

    Leans on the BRIN index of `first_seen_at`: a line that ended before a day began before it.
    """
    return SQL(
        """
        DELETE FROM onep_marketplace_offer_history
         WHERE id IN (
               SELECT line.id
                 FROM onep_marketplace_offer_history AS line
                 JOIN onep_marketplace_offer AS o ON o.id = line.offer_id
                WHERE line.first_seen_at < %(until)s AND line.last_seen_at < %(until)s
                  AND line.id IS DISTINCT FROM o.history_id
                LIMIT %(limit)s)
        """,
        until=SQL("(now() AT TIME ZONE 'UTC') - make_interval(days => %s)", days),
        limit=limit,
    )
