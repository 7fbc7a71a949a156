"""Supplier offers beside Odoo's vendor price lists: what would be written, and why."""

from odoo.tools import SQL

from .negotiated_price import packaging

_TIERS = SQL(
    """jsonb_to_recordset(CASE WHEN jsonb_typeof(chosen.tiers) = 'array' THEN chosen.tiers END)
       AS step (quantity float8, price float8)"""
)


def insert_lines(wizard_id: int, offer_ids: list[int], company_ids: list[int], today, uid) -> SQL:
    """Fill the preview of a wizard: a line for each row of a price list, or for each offer that
    changes none.

    An offer is a row from its minimum on, and one from each further quantity of its price list on,
    in the unit that its GTIN is sold by. Rows of the same supplier, product, company and code that
    end before today, and negotiated ones, are left alone. Leans on product_supplierinfo
    (product_tmpl_id).

    company_ids: offers of others are passed over
    """
    return SQL(
        """
        INSERT INTO onep_vendor_price_line (
            wizard_id, action, reason, offer_id, partner_id, company_id, product_id, row_id,
            product_code, product_name, min_qty, uom_id, currency_id, price_after,
            currency_before_id, price_before, delay, create_uid, create_date, write_uid, write_date)
        WITH chosen AS MATERIALIZED (%(chosen)s
        ), asked AS (
            SELECT chosen.offer_id, chosen.uom_id, list.quantity, list.price,
                   round(greatest(list.quantity, 1)::numeric, 3) AS step
              FROM chosen
              JOIN LATERAL (
                  SELECT chosen.minimum AS quantity, coalesce((
                      SELECT step.price FROM %(tiers)s
                       WHERE step.quantity > 0 AND step.price > 0
                         AND step.quantity <= greatest(chosen.minimum, 1)
                       ORDER BY step.quantity DESC LIMIT 1), chosen.price) AS price
                  UNION ALL
                  SELECT step.quantity, step.price FROM %(tiers)s
                   WHERE step.quantity > greatest(chosen.minimum, 1) AND step.price > 0
              ) AS list ON TRUE
             WHERE chosen.state = 'offered'
        ), owned AS (
            SELECT DISTINCT ON (copied.id)
                   copied.id, chosen.offer_id, copied.product_uom_id AS uom_id,
                   copied.min_qty::float8 AS quantity, copied.price::float8 AS price,
                   copied.currency_id, copied.discount, copied.delay,
                   round(greatest(copied.min_qty, 1)::numeric, 3) AS step
              FROM chosen
              JOIN product_supplierinfo AS copied
                ON copied.product_tmpl_id = chosen.template_id
               AND copied.company_id = chosen.company_id
               AND (copied.product_id IS NULL OR copied.product_id = chosen.variant_id)
               AND coalesce(copied.product_code, '') IN ('', chosen.supplier_sku)
               AND copied.onep_price_source <> 'negotiated'
               AND coalesce(copied.date_end, %(today)s) >= %(today)s
              JOIN res_partner AS vendor
                ON vendor.id = copied.partner_id AND vendor.commercial_partner_id = chosen.vendor_id
             WHERE chosen.state IN ('offered', 'gone')
             ORDER BY copied.id, (copied.product_code = chosen.supplier_sku) DESC NULLS LAST,
                      chosen.offer_id
        ), known AS (
            SELECT owned.*, row_number() OVER (
                       PARTITION BY offer_id, uom_id, step ORDER BY id) AS copy
              FROM owned
        ), compared AS (
            SELECT coalesce(asked.offer_id, known.offer_id) AS offer_id, known.id AS row_id,
                   coalesce(known.quantity, asked.quantity) AS quantity,
                   coalesce(asked.uom_id, known.uom_id) AS uom_id,
                   asked.price AS price_after, known.price AS price_before,
                   known.currency_id AS currency_before_id, known.discount, known.delay
              FROM asked
              FULL JOIN known
                ON known.offer_id = asked.offer_id AND known.uom_id = asked.uom_id
               AND known.step = asked.step AND known.copy = 1
             UNION ALL
            SELECT chosen.offer_id, NULL, chosen.minimum, chosen.uom_id,
                   NULL, NULL, NULL, NULL, NULL
              FROM chosen
             WHERE chosen.state <> 'offered'
               AND NOT EXISTS (SELECT 1 FROM owned WHERE owned.offer_id = chosen.offer_id)
        )
        SELECT %(wizard_id)s, verdict.action,
               CASE verdict.action
                    WHEN 'create' THEN 'new'
                    WHEN 'change' THEN 'moved'
                    WHEN 'close' THEN CASE chosen.state WHEN 'gone' THEN 'gone' ELSE 'step' END
                    ELSE CASE chosen.state WHEN 'offered' THEN 'same' ELSE chosen.state END END,
               chosen.offer_id, chosen.partner_id, chosen.company_id, chosen.variant_id,
               compared.row_id, chosen.supplier_sku, chosen.name, compared.quantity,
               compared.uom_id, chosen.currency_id, compared.price_after,
               compared.currency_before_id, compared.price_before, chosen.delay,
               %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
          FROM compared
          JOIN chosen ON chosen.offer_id = compared.offer_id
          JOIN LATERAL (
              SELECT CASE
                  WHEN compared.row_id IS NULL AND compared.price_after IS NULL THEN 'keep'
                  WHEN compared.row_id IS NULL THEN 'create'
                  WHEN compared.price_after IS NULL THEN 'close'
                  WHEN abs(compared.price_after - compared.price_before) > 0.0000005
                       OR compared.currency_before_id <> chosen.currency_id
                       OR coalesce(compared.discount, 0) <> 0
                       OR compared.delay <> chosen.delay THEN 'change'
                  ELSE 'keep' END AS action
          ) AS verdict ON TRUE
         ORDER BY array_position(ARRAY['create', 'change', 'close', 'keep'], verdict.action),
                  chosen.partner_id, chosen.name, chosen.offer_id, compared.quantity
        """,
        wizard_id=wizard_id,
        chosen=_chosen(offer_ids, company_ids, today),
        tiers=_TIERS,
        today=today,
        uid=uid,
    )


def _chosen(offer_ids: list[int], company_ids: list[int], today) -> SQL:
    """The offers, the product and the unit that each is in Odoo, and what may be done of it."""
    return SQL(
        """
            SELECT offer.id AS offer_id, offer.company_id, offer.partner_id, offer.supplier_sku,
                   coalesce(offer.name, offer.supplier_sku) AS name, offer.currency_id,
                   offer.price_untaxed::float8 AS price, offer.tiers,
                   coalesce(offer.minimum_order_quantity, 0)::float8 AS minimum,
                   floor(offer.lead_time_days)::integer AS delay,
                   coalesce(seller.commercial_partner_id, seller.id) AS vendor_id,
                   variant.id AS variant_id, template.id AS template_id,
                   coalesce(packed.uom_id, template.uom_id) AS uom_id,
                   CASE
                       WHEN variant.id IS NULL THEN 'no_product'
                       WHEN template.company_id <> offer.company_id THEN 'other_company'
                       WHEN EXISTS (
                           SELECT 1
                             FROM product_supplierinfo AS agreed
                             JOIN res_partner AS vendor ON vendor.id = agreed.partner_id
                            WHERE agreed.product_tmpl_id = template.id
                              AND (agreed.product_id IS NULL OR agreed.product_id = variant.id)
                              AND (agreed.company_id IS NULL
                                   OR agreed.company_id = offer.company_id)
                              AND vendor.commercial_partner_id
                                  = coalesce(seller.commercial_partner_id, seller.id)
                              AND agreed.onep_price_source = 'negotiated' AND agreed.price > 0
                              AND coalesce(agreed.date_end, %(today)s) >= %(today)s)
                       THEN 'negotiated'
                       WHEN offer.is_present IS NOT TRUE THEN 'gone'
                       WHEN offer.price_untaxed > 0 THEN 'offered'
                       ELSE 'no_price' END AS state
              FROM onep_supplier_offer AS offer
              JOIN res_partner AS seller ON seller.id = offer.partner_id
              LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
              LEFT JOIN product_product AS variant ON variant.id = pivot.product_id
              LEFT JOIN product_template AS template ON template.id = variant.product_tmpl_id
              LEFT JOIN LATERAL (%(packaging)s) AS packed ON TRUE
             WHERE offer.id = ANY(%(offer_ids)s) AND offer.company_id = ANY(%(company_ids)s)
        """,
        offer_ids=offer_ids,
        company_ids=company_ids,
        packaging=packaging(),
        today=today,
    )


def fingerprint(wizard_id: int) -> SQL:
    """One text that tells whether two previews are the same."""
    return SQL(
        """
        SELECT md5(string_agg(concat_ws('|', action, offer_id, row_id, min_qty, uom_id, price_after,
                                        currency_id, delay), ';'
                              ORDER BY offer_id, row_id, min_qty, uom_id))
          FROM onep_vendor_price_line WHERE wizard_id = %s
        """,
        wizard_id,
    )
