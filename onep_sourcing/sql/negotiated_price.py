"""Prices agreed with suppliers: rows of Odoo's vendor price lists that are in force."""

from odoo.tools import SQL


def select_lists(among: SQL, today) -> SQL:
    """(offer id, currency id, first quantity, quantities, prices) that are negotiated, by offer id.

    A price list is two texts, as ``price_list.steps`` gives it, in units of the offer, discounts
    deducted; first_quantity is the one it begins at. As in Odoo, the cheapest of the rows reached
    counts; rows in the offer's currency go before others, which go by their sequence.

    What nobody negotiated costs nothing: the rows are looked at, then their offers. Leans on
    onep_product (product_id), onep_supplier_offer (gtin) and product_uom (barcode).

    among: condition over ``offer``
    today: day on which the rows are in force
    """
    return SQL(
        """
        SELECT step.offer_id, step.currency_id, min(step.quantity),
               string_agg(step.quantity::text, ';' ORDER BY step.quantity),
               string_agg(step.price::text, ';' ORDER BY step.quantity)
          FROM (
              SELECT listed.offer_id, listed.currency_id, listed.quantity,
                     min(min(listed.price)) OVER (
                         PARTITION BY listed.offer_id ORDER BY listed.quantity) AS price
                FROM (
                    SELECT offer.id AS offer_id, agreed.currency_id,
                           agreed.min_qty::float8 * unit.factor
                               / coalesce(packed.factor, own.factor) AS quantity,
                           agreed.price::float8 * (1 - coalesce(agreed.discount, 0) / 100)
                               * coalesce(packed.factor, own.factor) / unit.factor AS price,
                           first_value(agreed.currency_id) OVER (
                               PARTITION BY offer.id
                               ORDER BY agreed.currency_id <> offer.currency_id,
                                        agreed.sequence, agreed.id) AS chosen_currency_id
                      FROM product_supplierinfo AS agreed
                      JOIN res_partner AS vendor
                        ON vendor.id = agreed.partner_id AND vendor.active
                      JOIN product_product AS variant
                        ON variant.product_tmpl_id = agreed.product_tmpl_id
                       AND (agreed.product_id IS NULL OR agreed.product_id = variant.id)
                      JOIN product_template AS template ON template.id = variant.product_tmpl_id
                      JOIN uom_uom AS unit ON unit.id = agreed.product_uom_id
                      JOIN uom_uom AS own ON own.id = template.uom_id
                      JOIN onep_product AS pivot ON pivot.product_id = variant.id
                      JOIN onep_supplier_offer AS offer
                        ON offer.gtin = pivot.gtin AND offer.product_id = pivot.id
                       AND (agreed.company_id IS NULL OR agreed.company_id = offer.company_id)
                      JOIN res_partner AS seller
                        ON seller.id = offer.partner_id
                       AND coalesce(seller.commercial_partner_id, seller.id)
                           = coalesce(vendor.commercial_partner_id, vendor.id)
                      LEFT JOIN LATERAL (%(packaging)s) AS packed ON TRUE
                     WHERE agreed.onep_price_source = 'negotiated' AND agreed.price > 0
                       AND coalesce(agreed.discount, 0) < 100
                       AND coalesce(agreed.date_start, %(today)s) <= %(today)s
                       AND coalesce(agreed.date_end, %(today)s) >= %(today)s
                       AND %(among)s
                ) AS listed
               WHERE listed.currency_id = listed.chosen_currency_id
               GROUP BY listed.offer_id, listed.currency_id, listed.quantity
          ) AS step
         GROUP BY step.offer_id, step.currency_id
         ORDER BY step.offer_id
        """,
        packaging=packaging(),
        today=today,
        among=among,
    )


def packaging() -> SQL:
    """Unit (uom_id, factor) of the packaging of ``variant`` whose barcode spells an offer's GTIN.

    None where the offer is one unit of the product. Leans on product_uom (barcode).
    """
    return SQL(
        """
        SELECT unit.id AS uom_id, unit.factor
          FROM product_uom AS packaging
          JOIN uom_uom AS unit ON unit.id = packaging.uom_id
         WHERE packaging.barcode = ANY(ARRAY[
                   offer.gtin, substr(offer.gtin, 2), substr(offer.gtin, 3),
                   substr(offer.gtin, 7)]::varchar[])
           AND lpad(packaging.barcode, 14, '0') = offer.gtin
           AND packaging.product_id = variant.id
         LIMIT 1
        """
    )
