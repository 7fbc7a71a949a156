"""An account's own offers and stock: page into a stage, one upsert by marketplace and SKU."""

from __future__ import annotations

from odoo.tools import SQL

from .listing_stage import identifiers

STAGE = "onep_marketplace_listing_stage"
COLUMNS = {
    "sku": "text",
    "gtin": "text",
    "external_id": "text",
    "name": "text",
    "state": "text",
    "price_taxed": "numeric",
    "quantity": "integer",
    "fulfilment": "text",
    "quantity_inbound": "integer",
    "quantity_reserved": "integer",
    "quantity_unsellable": "integer",
    "fee_untaxed": "numeric",
    "fee_taxed": "numeric",
    "currency": "text",
    "category": "text",
}
#: What the thing is: an answer without it keeps what was known.
IDENTITY = ("gtin", "external_id", "name", "category", "fulfilment")
#: What each kind of reading speaks of: an answer without it makes it unknown.
FIGURES = {
    "offers": ("state", "price_taxed", "fee_untaxed", "fee_taxed"),
    "stock": ("quantity", "quantity_inbound", "quantity_reserved", "quantity_unsellable"),
}
#: When each kind of reading last saw the row.
SEEN = {"offers": "offered_at", "stock": "stocked_at"}


def upsert(kind: str, marketplace_id: int, user_id: int, now) -> SQL:
    """Stage → listings; returns whether each row is new.

    kind: ``offers`` or ``stock``
    A row that both readings know keeps of each what it speaks of; the stock in the marketplace's
    warehouse is the word of the stock reading. Leans on the unique index of (marketplace_id, sku).
    """
    figures = FIGURES[kind]
    kept = SQL(", ").join(
        SQL("%(c)s = COALESCE(EXCLUDED.%(c)s, l.%(c)s)", c=SQL.identifier(name))
        for name in IDENTITY
    )
    replaced = SQL(", ").join(
        SQL("%(c)s = EXCLUDED.%(c)s", c=SQL.identifier(name)) for name in figures
    )
    if kind == "offers":
        replaced = SQL(
            "%s, quantity = CASE WHEN l.stocked_at IS NULL THEN EXCLUDED.quantity"
            " ELSE l.quantity END",
            replaced,
        )
    else:
        # goods without an offer of their own: the offers reading knows better, when there is one
        replaced = SQL(
            "%s, state = CASE WHEN l.offered_at IS NULL OR l.state = 'gone' THEN EXCLUDED.state"
            " ELSE l.state END",
            replaced,
        )
    values = [name for name in COLUMNS if name not in ("state", "currency")]
    return SQL(
        """
        INSERT INTO onep_marketplace_listing AS l (
            marketplace_id, company_id, is_demo, currency_id, state, %(columns)s, %(seen)s,
            first_seen_at, create_uid, create_date, write_uid, write_date
        )
        SELECT m.id, m.company_id, m.is_demo, COALESCE(c.id, m.currency_id), s.state, %(values)s,
               %(now)s, %(now)s, %(user_id)s, %(now)s, %(user_id)s, %(now)s
          FROM (SELECT DISTINCT ON (sku) * FROM %(stage)s WHERE sku IS NOT NULL) s
          JOIN onep_marketplace m ON m.id = %(marketplace_id)s
          LEFT JOIN res_currency c ON c.name = s.currency
            ON CONFLICT (marketplace_id, sku) DO UPDATE SET
               %(kept)s, %(replaced)s,
               company_id = EXCLUDED.company_id, is_demo = EXCLUDED.is_demo,
               currency_id = EXCLUDED.currency_id, %(seen)s = EXCLUDED.%(seen)s,
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        RETURNING (xmax = 0)
        """,
        columns=identifiers(values),
        values=identifiers(values, "s"),
        seen=SQL.identifier(SEEN[kind]),
        stage=SQL.identifier(STAGE),
        marketplace_id=marketplace_id,
        user_id=user_id,
        now=now,
        kept=kept,
        replaced=replaced,
    )


def mark_gone(kind: str, marketplace_id: int, started_at, user_id: int, now) -> SQL:
    """After a whole reading: what it did not meet is gone; returns the ids.

    Leans on the unique index of (marketplace_id, sku).
    """
    seen = SQL.identifier("l", SEEN[kind])
    other = SQL.identifier("l", SEEN["stock" if kind == "offers" else "offers"])
    figures = SQL(", ").join(
        SQL("%s = NULL", SQL.identifier(name)) for name in FIGURES[kind] if name != "state"
    )
    if kind == "offers":
        state = SQL("'gone'")
        figures = SQL("%s, quantity = CASE WHEN %s IS NOT NULL THEN l.quantity END", figures, other)
    else:
        state = SQL("CASE WHEN %s IS NULL THEN 'gone' ELSE l.state END", other)
    return SQL(
        """
        UPDATE onep_marketplace_listing l
           SET %(figures)s, state = %(state)s, %(column)s = NULL, write_uid = %(user_id)s,
               write_date = %(now)s
         WHERE l.marketplace_id = %(marketplace_id)s AND %(seen)s < %(started_at)s
        RETURNING l.id
        """,
        figures=figures,
        state=state,
        column=SQL.identifier(SEEN[kind]),
        seen=seen,
        marketplace_id=marketplace_id,
        started_at=started_at,
        user_id=user_id,
        now=now,
    )


def complete_gtins(marketplace_id: int) -> SQL:
    """GTIN of listings that have only the marketplace's reference, from its market offers.

    A reference that stands for several GTINs tells none. Leans on the index of external_id.
    """
    return SQL(
        """
        UPDATE onep_marketplace_listing l
           SET gtin = o.gtin
          FROM (SELECT external_id, min(gtin) AS gtin
                  FROM onep_marketplace_offer
                 WHERE marketplace_id = %(marketplace_id)s AND external_id IS NOT NULL
                 GROUP BY external_id
                HAVING count(*) = 1) o
         WHERE l.marketplace_id = %(marketplace_id)s AND l.gtin IS NULL
           AND l.external_id = o.external_id
        """,
        marketplace_id=marketplace_id,
    )
