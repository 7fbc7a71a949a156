"""Set-based statements on the GTIN pivot."""

from odoo.tools import SQL

from . import staging

_OFFERS = SQL.identifier("pg_temp", staging.OFFER_TABLE)

_DETAILS = (
    "name",
    "brand",
    "category",
    "image_url",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
)


def insert_from_staging(user_id: int) -> SQL:
    """One product for each staged GTIN that has none; the first row that has it describes it.

    Leans on the unique constraint of onep_product (gtin), which also finds a GTIN twice in a
    file: sorting the file for that took longer.
    """
    return SQL(
        """
        INSERT INTO onep_product (
            gtin, %(details)s, create_uid, create_date, write_uid, write_date)
        SELECT gtin, %(details)s, %(user_id)s, now() at time zone 'UTC',
               %(user_id)s, now() at time zone 'UTC'
          FROM %(offers)s AS staged
         WHERE gtin IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM onep_product AS pivot WHERE pivot.gtin = staged.gtin)
        ON CONFLICT (gtin) DO NOTHING
        """,
        details=SQL(", ").join(SQL.identifier(name) for name in _DETAILS),
        offers=_OFFERS,
        user_id=user_id,
    )


def enrich_from_staging(user_id: int, source: str) -> SQL:
    """Known products gain what they lacked, from the staged rows of a table.

    Rows that did not move gave what they have when they last did: only the moved ones are worth
    a look, unless some are new.
    """
    lacking = SQL(" OR ").join(
        SQL("(known.%(name)s IS NULL AND staged.%(name)s IS NOT NULL)", name=SQL.identifier(name))
        for name in _DETAILS
    )
    return SQL(
        """
        UPDATE onep_product AS pivot
           SET %(assigned)s, write_uid = %(user_id)s, write_date = now() at time zone 'UTC'
          FROM (
              SELECT DISTINCT ON (known.id) known.id, %(details)s
                FROM %(source)s AS staged
                JOIN onep_product AS known ON known.gtin = staged.gtin AND (%(lacking)s)
               ORDER BY known.id, staged.line
          ) AS source
         WHERE pivot.id = source.id
        """,
        assigned=SQL(", ").join(
            SQL("%(name)s = coalesce(pivot.%(name)s, source.%(name)s)", name=SQL.identifier(name))
            for name in _DETAILS
        ),
        details=SQL(", ").join(SQL.identifier("staged", name) for name in _DETAILS),
        lacking=lacking,
        source=SQL.identifier("pg_temp", source),
        user_id=user_id,
    )


def release_offers(product_ids: list[int]) -> SQL:
    """Clear the link of offers to products that are deleted; leans on the offers' GTINs."""
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer SET product_id = NULL
          FROM onep_product AS pivot
         WHERE pivot.id = ANY(%s) AND offer.gtin = pivot.gtin AND offer.product_id = pivot.id
        """,
        product_ids,
    )


def link_variants() -> SQL:
    """Point the staged products that have no product.product yet to the one that carries their
    barcode, in any GTIN spelling.

    Only articles that all companies share: the link is shared too.
    """
    return SQL(
        """
        UPDATE onep_product AS pivot
           SET product_id = variant.id, write_date = now() at time zone 'UTC'
          FROM (
              SELECT DISTINCT ON (lpad(trim(barcode), 14, '0'))
                     lpad(trim(barcode), 14, '0') AS gtin, product_product.id
                FROM product_product
                JOIN product_template AS template ON template.id = product_tmpl_id
               WHERE barcode ~ '^\\s*[0-9]{8,14}\\s*$' AND product_product.active
                 AND template.company_id IS NULL
               ORDER BY lpad(trim(barcode), 14, '0'), product_product.id
          ) AS variant
         WHERE variant.gtin = pivot.gtin AND pivot.product_id IS NULL
           AND EXISTS (SELECT 1 FROM %(offers)s AS staged WHERE staged.gtin = pivot.gtin)
        """,
        offers=_OFFERS,
    )
