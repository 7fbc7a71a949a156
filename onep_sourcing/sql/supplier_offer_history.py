"""What imports changed: old and new values, set by set.

A pair of columns (before, after) is filled when that value moved; both stay NULL otherwise.
Written before the offers change, while their old values are still there.
"""

from odoo.tools import SQL

from . import staging
from .staged_offer import COMPARED, Carried, Currencies

#: Offer column → pair of history columns.
PAIRS = {
    "price_untaxed": "price",
    "stock_quantity": "stock",
    "minimum_order_quantity": "moq",
}
_OTHERS = tuple(name for name in COMPARED if name not in PAIRS)


def record_moved(
    *, import_id: int, company_id: int, feed_id: int, currency: Currencies, carried: Carried
) -> SQL:
    """One row for each known offer that the staged file changes or brings back."""
    pairs = [name for name in PAIRS if name == "price_untaxed" or name in carried.names]
    others = [name for name in _OTHERS if name in carried.names]
    columns, values = [], []
    for name in pairs:
        moved = carried.is_moved(name, currency)
        if name == "price_untaxed":
            moved = SQL("(%s OR offer.currency_id <> %s)", moved, currency.id)
        for side, value in (
            ("before", SQL.identifier("offer", name)),
            ("after", carried.value(name, currency)),
        ):
            columns.append(SQL.identifier(f"{PAIRS[name]}_{side}"))
            values.append(SQL("CASE WHEN %s THEN %s END", moved, value))
    other = SQL("NULL")
    if others:
        other = SQL(
            # text of what moved alone: an object of all columns took five times as long
            "CASE WHEN %s THEN ('{' || concat_ws(',', %s) || '}')::jsonb END",
            SQL(" OR ").join(carried.is_moved(name, currency) for name in others),
            SQL(", ").join(
                SQL(
                    "CASE WHEN %s THEN %s || jsonb_build_array(offer.%s, %s)::text END",
                    carried.is_moved(name, currency),
                    f'"{name}":',
                    SQL.identifier(name),
                    carried.value(name, currency),
                )
                for name in others
            ),
        )
    return SQL(
        """
        INSERT INTO onep_supplier_offer_history (
            offer_id, import_id, feed_id, company_id, changed_at, kind, currency_before_id,
            currency_id, %(columns)s, others)
        SELECT offer.id, %(import_id)s, %(feed_id)s, %(company_id)s, now() at time zone 'UTC',
               CASE WHEN staged.was_present THEN 'changed' ELSE 'returned' END,
               offer.currency_id, %(currency_id)s, %(values)s, %(other)s
          FROM %(moved)s AS staged
          JOIN onep_supplier_offer AS offer ON offer.id = staged.offer_id
        """,
        columns=SQL(", ").join(columns),
        values=SQL(", ").join(values),
        other=other,
        currency_id=currency.id,
        moved=SQL.identifier("pg_temp", staging.MOVED_TABLE),
        import_id=import_id,
        company_id=company_id,
        feed_id=feed_id,
    )


def record_gone(*, import_id: int, company_id: int, feed_id: int, condition: SQL) -> SQL:
    """One row for each offer that goes; condition: of onep_supplier_offer AS offer."""
    return SQL(
        """
        INSERT INTO onep_supplier_offer_history (
            offer_id, import_id, feed_id, company_id, changed_at, kind, currency_before_id,
            currency_id)
        SELECT offer.id, %(import_id)s, %(feed_id)s, %(company_id)s, now() at time zone 'UTC',
               'gone', offer.currency_id, offer.currency_id
          FROM onep_supplier_offer AS offer
         WHERE %(condition)s
        """,
        condition=condition,
        import_id=import_id,
        company_id=company_id,
        feed_id=feed_id,
    )


def delete_of_offers(scope: SQL) -> SQL:
    """Delete the history of offers about to be deleted; leans on its index by offer."""
    return SQL(
        """
        DELETE FROM onep_supplier_offer_history
         WHERE offer_id IN (SELECT id FROM onep_supplier_offer WHERE %s)
        """,
        scope,
    )


def forget_imports(import_ids: list[int]) -> SQL:
    """Keep the history of imports that are deleted, without naming them."""
    return SQL(
        "UPDATE onep_supplier_offer_history SET import_id = NULL WHERE import_id = ANY(%s)",
        import_ids,
    )


def forget_feeds(feed_ids: list[int]) -> SQL:
    """Keep the history of offers that another feed took over, without naming a deleted feed."""
    return SQL(
        "UPDATE onep_supplier_offer_history SET feed_id = NULL WHERE feed_id = ANY(%s)", feed_ids
    )
