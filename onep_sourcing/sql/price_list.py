"""What a supplier asks for an article: its catalogue, and what was negotiated."""

from odoo.tools import SQL

#: Columns of :func:`columns` by kind; see ``planning.asked_price``.
NUMBERS = ("price", "currency_id", "negotiated_from", "negotiated_currency_id")
LISTS = ("tier_quantities", "tier_prices", "negotiated_quantities", "negotiated_prices")
COLUMNS = (*NUMBERS, *LISTS)


def columns() -> SQL:
    """Columns of an ``offer`` and of what is ``negotiated`` for it, in the order of COLUMNS."""
    return SQL(
        """offer.price_untaxed::float8 AS price, offer.currency_id,
           negotiated.first_quantity AS negotiated_from,
           negotiated.currency_id AS negotiated_currency_id,
           %s AS tier_quantities, %s AS tier_prices,
           negotiated.quantities AS negotiated_quantities, negotiated.prices AS negotiated_prices
        """,
        steps("quantity"),
        steps("price"),
    )


def steps(column: str) -> SQL:
    """Figures of an offer's price list by rising quantity, between semicolons; NULL for none."""
    return SQL(
        """CASE WHEN jsonb_typeof(offer.tiers) = 'array' THEN (
            SELECT string_agg(step.%s::text, ';' ORDER BY step.quantity)
              FROM jsonb_to_recordset(offer.tiers) AS step (quantity float8, price float8)
             WHERE step.quantity > 0 AND step.price > 0) END""",
        SQL.identifier(column),
    )
