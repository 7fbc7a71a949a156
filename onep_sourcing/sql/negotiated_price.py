"""Prices agreed with suppliers: rows of Odoo's vendor price lists that are in force."""

from odoo.tools import SQL

from . import price_list


def join(today) -> SQL:
    """Join of what is negotiated for supplier ``offer`` of ``seller`` on article ``pivot``.

    Gives ``negotiated`` (currency_id, first_quantity, quantities, prices): a price list as
    :func:`price_list.steps` tells one, in units of the offer, discounts deducted; first_quantity
    is the one it begins at. NULL where nothing is negotiated. As in Odoo, the cheapest of the rows
    reached counts; rows in the offer's currency go before others, which go by their sequence.

    Articles that Odoo does not know cost nothing here. Leans on product_supplierinfo
    (product_tmpl_id) and product_uom (barcode).

    today: day on which the rows are in force
    """
    return SQL(
        """
        LEFT JOIN LATERAL (
            SELECT step.currency_id, min(step.quantity) AS first_quantity,
                   string_agg(step.quantity::text, ';' ORDER BY step.quantity) AS quantities,
                   string_agg(step.price::text, ';' ORDER BY step.quantity) AS prices
              FROM (
                  SELECT listed.currency_id, listed.quantity,
                         min(min(listed.price)) OVER (ORDER BY listed.quantity) AS price
                    FROM (
                        SELECT agreed.currency_id,
                               agreed.min_qty::float8 * unit.factor
                                   / coalesce(packed.factor, own.factor) AS quantity,
                               agreed.price::float8 * (1 - coalesce(agreed.discount, 0) / 100)
                                   * coalesce(packed.factor, own.factor) / unit.factor AS price,
                               first_value(agreed.currency_id) OVER (
                                   ORDER BY agreed.currency_id <> offer.currency_id,
                                            agreed.sequence, agreed.id) AS chosen_currency_id
                          FROM product_product AS variant
                          JOIN product_template AS template
                            ON template.id = variant.product_tmpl_id
                          JOIN product_supplierinfo AS agreed
                            ON agreed.product_tmpl_id = variant.product_tmpl_id
                          JOIN res_partner AS vendor
                            ON vendor.id = agreed.partner_id AND vendor.active
                          JOIN uom_uom AS unit ON unit.id = agreed.product_uom_id
                          JOIN uom_uom AS own ON own.id = template.uom_id
                          LEFT JOIN LATERAL (%(packaging)s) AS packed ON TRUE
                         WHERE pivot.product_id IS NOT NULL AND variant.id = pivot.product_id
                           AND coalesce(vendor.commercial_partner_id, vendor.id)
                               = coalesce(seller.commercial_partner_id, seller.id)
                           AND (agreed.product_id IS NULL OR agreed.product_id = variant.id)
                           AND (agreed.company_id IS NULL OR agreed.company_id = offer.company_id)
                           AND coalesce(agreed.date_start, %(today)s) <= %(today)s
                           AND coalesce(agreed.date_end, %(today)s) >= %(today)s
                           AND agreed.onep_price_source = 'negotiated' AND agreed.price > 0
                           AND coalesce(agreed.discount, 0) < 100
                    ) AS listed
                   WHERE listed.currency_id = listed.chosen_currency_id
                   GROUP BY listed.currency_id, listed.quantity
              ) AS step
             GROUP BY step.currency_id
        ) AS negotiated ON TRUE
        """,
        packaging=packaging(),
        today=today,
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


def select_prices(offer_ids: list[int], today) -> SQL:
    """What suppliers ask now: id of each offer and the columns of ``price_list.COLUMNS``.

    today: day on which negotiated prices are in force
    """
    return SQL(
        """
        SELECT offer.id, %s
          FROM onep_supplier_offer AS offer
          JOIN res_partner AS seller ON seller.id = offer.partner_id
          LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
          %s
         WHERE offer.id = ANY(%s)
        """,
        price_list.columns(),
        join(today),
        offer_ids,
    )
