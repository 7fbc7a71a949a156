"""What a supplier's catalogue asks for an article, by quantity."""

from odoo.tools import SQL


def select_catalogue(offer_ids: list[int]) -> SQL:
    """(offer id, price, currency id, quantities, prices) of offers, by their id."""
    return SQL(
        """
        SELECT offer.id, offer.price_untaxed::float8, offer.currency_id, %s, %s
          FROM onep_supplier_offer AS offer
         WHERE offer.id = ANY(%s)
         ORDER BY offer.id
        """,
        steps("quantity"),
        steps("price"),
        offer_ids,
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
