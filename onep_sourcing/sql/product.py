"""Set-based statements on the GTIN pivot."""

from odoo.tools import SQL

from . import staging


def upsert_from_staging(user_id: int) -> SQL:
    """One product per staged GTIN; a known product only gains what it lacked.

    Leans on the unique constraint of onep_product (gtin).
    """
    return SQL(
        """
        INSERT INTO onep_product AS known (
            gtin, name, brand, category, image_url, weight_g, length_mm, width_mm, height_mm,
            create_uid, create_date, write_uid, write_date)
        SELECT DISTINCT ON (gtin) gtin, name, brand, category, image_url, weight_g, length_mm,
               width_mm, height_mm, %(user_id)s, now() at time zone 'UTC', %(user_id)s,
               now() at time zone 'UTC'
          FROM %(offers)s
         WHERE gtin IS NOT NULL
         ORDER BY gtin, line
        ON CONFLICT (gtin) DO UPDATE SET
            name = coalesce(known.name, excluded.name),
            brand = coalesce(known.brand, excluded.brand),
            category = coalesce(known.category, excluded.category),
            image_url = coalesce(known.image_url, excluded.image_url),
            weight_g = coalesce(known.weight_g, excluded.weight_g),
            length_mm = coalesce(known.length_mm, excluded.length_mm),
            width_mm = coalesce(known.width_mm, excluded.width_mm),
            height_mm = coalesce(known.height_mm, excluded.height_mm),
            write_uid = excluded.write_uid,
            write_date = excluded.write_date
        WHERE (known.name IS NULL AND excluded.name IS NOT NULL)
           OR (known.brand IS NULL AND excluded.brand IS NOT NULL)
           OR (known.category IS NULL AND excluded.category IS NOT NULL)
           OR (known.image_url IS NULL AND excluded.image_url IS NOT NULL)
           OR (known.weight_g IS NULL AND excluded.weight_g IS NOT NULL)
           OR (known.length_mm IS NULL AND excluded.length_mm IS NOT NULL)
        """,
        offers=SQL.identifier("pg_temp", staging.OFFER_TABLE),
        user_id=user_id,
    )


def link_variants() -> SQL:
    """Point the staged products that have no product.product yet to the one that carries their
    barcode, in any GTIN spelling.

    Only articles that all companies share: the link is shared too.
    """
    return SQL(
        """
        UPDATE onep_product AS pivot
           SET product_id = variant.id
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
        offers=SQL.identifier("pg_temp", staging.OFFER_TABLE),
    )
