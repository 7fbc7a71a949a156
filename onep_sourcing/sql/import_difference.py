"""History of the offers, one row for each field of each change."""

from odoo.tools import SQL

from .staged_offer import COMPARED
from .supplier_offer_history import PAIRS

#: Fields a difference can be about.
FIELDS = (*PAIRS, *(name for name in COMPARED if name not in PAIRS))

# Ids stay apart: a change has at most this many fields.
_STRIDE = 64


def select() -> SQL:
    """Rows of onep.import.difference.

    Leans on the block ranges of import_id in onep_supplier_offer_history and of first_import_id
    in onep_supplier_offer.
    """
    pairs = SQL(", ").join(
        SQL(
            "(%s, %s, past.%s::text, past.%s::text, %s)",
            place,
            name,
            SQL.identifier(f"{pair}_before"),
            SQL.identifier(f"{pair}_after"),
            SQL(
                "CASE WHEN past.currency_id = past.currency_before_id "
                "THEN past.%(after)s / nullif(past.%(before)s, 0) - 1 END"
                if pair == "price"
                else "past.%(after)s / nullif(past.%(before)s, 0) - 1",
                before=SQL.identifier(f"{pair}_before"),
                after=SQL.identifier(f"{pair}_after"),
            ),
        )
        for place, (name, pair) in enumerate(PAIRS.items(), 1)
    )
    return SQL(
        """
        SELECT past.id::bigint * %(stride)s + fact.place AS id, past.import_id, past.offer_id,
               past.company_id, offer.supplier_sku, offer.name, offer.gtin, fact.field,
               fact.before AS value_before, fact.after AS value_after, past.currency_before_id,
               past.currency_id, fact.change_rate::float8 AS change_rate
          FROM onep_supplier_offer_history AS past
          JOIN onep_supplier_offer AS offer ON offer.id = past.offer_id
          CROSS JOIN LATERAL (
              SELECT place, field, trim_scale(before::numeric)::text AS before,
                     trim_scale(after::numeric)::text AS after, change_rate
                FROM (VALUES %(pairs)s) AS pair (place, field, before, after, change_rate)
               WHERE before IS DISTINCT FROM after
              UNION ALL
              SELECT 0, past.kind, NULL, NULL, NULL WHERE past.kind != 'changed'
              UNION ALL
              SELECT 8 + row_number() OVER (ORDER BY key), key, value ->> 0, value ->> 1, NULL
                FROM jsonb_each(past.others)
               WHERE jsonb_typeof(past.others) = 'object'
          ) AS fact (place, field, before, after, change_rate)
        UNION ALL
        SELECT -offer.id::bigint, offer.first_import_id, offer.id, offer.company_id,
               offer.supplier_sku, offer.name, offer.gtin, 'new', NULL, offer.price_untaxed::text,
               NULL, offer.currency_id, NULL
          FROM onep_supplier_offer AS offer
         WHERE offer.first_import_id IS NOT NULL
        """,
        stride=_STRIDE,
        pairs=pairs,
    )
