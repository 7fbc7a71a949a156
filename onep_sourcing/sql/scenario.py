"""Priced deals out of the database in columns, and what a scenario makes of them back in."""

from odoo.tools import SQL

from ..planning.scenario import STORED

#: Columns of a trial's outcome, in the order they are copied.
OUTCOME_COLUMNS = (
    "trial_id",
    "opportunity_id",
    "currency_id",
    "verdict",
    "margin_before",
    "margin_after",
    "roi_before",
    "roi_after",
    "create_uid",
    "write_uid",
    "create_date",
    "write_date",
)


def select_stored(chosen: SQL, marketplace_id: int, after_id: int, limit: int) -> SQL:
    """Inputs of the priced deals of one marketplace, a page by id.

    chosen: statement that gives the ids of the opportunities to read
    """
    return SQL(
        """
        SELECT known.id, %(stored)s, known.fee_category_id, known.offer_currency_id,
               offer.condition,
               coalesce(pivot.is_dangerous_goods, FALSE) AS is_dangerous_goods,
               coalesce(pivot.is_own_packaging, FALSE) AS is_own_packaging
          FROM onep_opportunity AS known
          JOIN onep_supplier_offer AS offer ON offer.id = known.supplier_offer_id
          LEFT JOIN onep_product AS pivot ON pivot.id = known.product_id
         WHERE known.marketplace_id = %(marketplace_id)s AND known.id > %(after_id)s
           AND known.id IN (%(chosen)s)
         ORDER BY known.id
         LIMIT %(limit)s
        """,
        stored=SQL(", ").join(
            SQL("%s::float8 AS %s", SQL.identifier("known", name), SQL.identifier(name))
            for name in STORED
        ),
        marketplace_id=marketplace_id,
        after_id=after_id,
        chosen=chosen,
        limit=limit,
    )


def copy_outcomes() -> SQL:
    """COPY of CSV text into the outcomes, an empty cell being NULL."""
    return SQL(
        "COPY onep_scenario_outcome (%s) FROM STDIN WITH (FORMAT csv, NULL '')",
        SQL(", ").join(SQL.identifier(name) for name in OUTCOME_COLUMNS),
    )
