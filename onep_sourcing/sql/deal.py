"""Deals out of the database in columns, a page at a time.

A deal is a present supplier offer with a GTIN on one marketplace. What describes it (name,
supplier, stock) never leaves PostgreSQL: only what the engine computes on travels.
"""

from odoo.tools import SQL

from . import price_list

#: Columns of select_deals by kind, for whoever decodes its CSV.
DEAL_NUMBERS = (
    "price",
    "eco_amount",
    "partner_id",
    "supplier_country_id",
    "currency_id",
    "variant_id",
    "minimum_order_quantity",
    "pack_size",
    "vat_rate",
    "sell_price_taxed",
    "shipping_charged_taxed",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "sales_rank",
    "offer_count",
    "supplier_stock",
    "retailer_present",
    "freshness_days",
    "lead_time_days",
    "candidate_count",
    "sell_restriction",
    "pack_mismatch",
    "price_level",
    "rival_ratio",
    "price_volatility_30",
    "price_volatility_90",
    "price_trend",
    "rank_trend",
    "holder_changes",
    "main_holder_share",
)
DEAL_FLAGS = (
    "has_stock",
    "is_size_assumed",
    "is_lowest_price",
    "is_dangerous_goods",
    "is_own_packaging",
)
DEAL_WORDS = (
    "tier_quantities",
    "tier_prices",
    "hs_code",
    "country_of_origin",
    "market_state",
    "condition",
    "market_category",
    "supplier_category",
)

ALL = SQL("TRUE")


def of_offers(offer_ids: list[int]) -> SQL:
    """Scope: these supplier offers."""
    return SQL("offer.id = ANY(%s)", offer_ids)


def of_import(import_id: int, marketplace_id: int) -> SQL:
    """Scope: what an import changed, and what its feed has that was not priced since it moved.

    An earlier import whose evaluation did not run, or an edit by hand, is caught up so; new
    offers were never priced. Leans on the history's block ranges by import and on
    onep_supplier_offer (feed_id, is_present).
    """
    return SQL(
        """offer.id IN (
            SELECT past.offer_id FROM onep_supplier_offer_history AS past
             WHERE past.import_id = %(import_id)s
            UNION ALL
            SELECT own.id FROM onep_supplier_offer AS own
             WHERE own.feed_id = (SELECT feed_id FROM onep_import WHERE id = %(import_id)s)
               AND own.is_present
               AND NOT EXISTS (
                   SELECT 1 FROM onep_opportunity AS known
                    WHERE known.supplier_offer_id = own.id
                      AND known.marketplace_id = %(marketplace_id)s AND known.active
                      AND known.evaluated_at >= own.write_date))""",
        import_id=import_id,
        marketplace_id=marketplace_id,
    )


def of_sync(sync_id: int) -> SQL:
    """Scope: the GTINs whose figures a market update saw move and that were not priced since.

    Most were priced while it ran. Leans on the index of that run and on the opportunities' unique
    index of (supplier_offer_id, marketplace_id).
    """
    return SQL(
        """market.changed_sync_id = %s AND NOT EXISTS (
            SELECT 1 FROM onep_opportunity AS priced
             WHERE priced.supplier_offer_id = offer.id
               AND priced.marketplace_id = market.marketplace_id AND priced.active
               AND priced.evaluated_at >= market.changed_at)""",
        sync_id,
    )


def select_deals(
    *,
    marketplace_id: int,
    company_id: int,
    rates: list[tuple[int, float | None]],
    country_id: int | None,
    scope: SQL,
    after_id: int,
    limit: int,
) -> SQL:
    """Deals of one marketplace, by supplier offer id: a page of at most ``limit`` rows.

    Amounts of the market are in the company's currency at the given rates, NULL where there is no
    rate; those of the supplier in its own. The shipping charged is NULL
    where the marketplace does not tell it; the lowest price has its own inside, and a holder that
    it ships for charges none. Prices by quantity are two texts, figures between semicolons. The
    size of the parcel is the marketplace's own, else another marketplace's, else the supplier's,
    else the product's. What other suppliers ask is only looked for where a price is less than half
    the market's: elsewhere it would not astonish. Leans on onep_marketplace_offer (marketplace_id,
    gtin), on the primary key of onep_supplier_offer and on its index of gtin.

    rates: (currency id, company currency units for one unit, None when unknown)
    country_id: of the marketplace, whose VAT is due; the rate in a supplier's list is taken only
        from a supplier of that country, NULL leaves the usual rate of the fee category
    """
    return SQL(
        """
        SELECT offer.id AS supplier_offer_id,
               offer.gtin,
               offer.price_untaxed::float8 AS price, offer.eco_tax::float8 AS eco_amount,
               coalesce(seller.commercial_partner_id, seller.id) AS partner_id,
               seller.country_id AS supplier_country_id,
               offer.currency_id, pivot.product_id AS variant_id,
               offer.minimum_order_quantity::float8 AS minimum_order_quantity,
               offer.pack_size::float8 AS pack_size,
               %(tier_quantities)s AS tier_quantities, %(tier_prices)s AS tier_prices,
               offer.hs_code, offer.country_of_origin,
               CASE WHEN seller.country_id = %(country_id)s THEN offer.vat_rate END AS vat_rate,
               coalesce(market.buy_box_price_taxed, market.lowest_price_taxed)::float8
                   * sold.rate AS sell_price_taxed,
               CASE WHEN market.buy_box_price_taxed IS NULL THEN 0
                    WHEN market.buy_box_shipping_taxed IS NOT NULL
                    THEN market.buy_box_shipping_taxed::float8 * sold.rate
                    WHEN market.buy_box_fulfilment = 'marketplace' THEN 0
                END AS shipping_charged_taxed,
               coalesce(market.weight_g, elsewhere.weight_g, nullif(offer.weight_g, 0)::float8,
                        nullif(pivot.weight_g, 0)::float8) AS weight_g,
               size.length_mm, size.width_mm, size.height_mm,
               market.sales_rank, market.offer_count,
               coalesce(offer.stock_quantity, CASE offer.availability WHEN 'no' THEN 0 END)
                   AS supplier_stock,
               CASE market.retailer_present WHEN 'yes' THEN 1 WHEN 'no' THEN 0
                END AS retailer_present,
               extract(epoch FROM (now() AT TIME ZONE 'UTC') - market.fetched_at) / 86400
                   AS freshness_days,
               offer.lead_time_days::float8 AS lead_time_days,
               market.candidate_count,
               CASE market.may_sell WHEN 'yes' THEN 0 WHEN 'approval' THEN 0.5 WHEN 'no' THEN 1
                END AS sell_restriction,
               %(pack_mismatch)s AS pack_mismatch,
               market.buy_box_price_taxed::float8 / nullif(stable.price_mean_90, 0) AS price_level,
               rival.price / nullif(offer.price_untaxed::float8, 0) AS rival_ratio,
               stable.price_volatility_30, stable.price_volatility_90,
               stable.price_trend, stable.rank_trend,
               stable.holder_changes, stable.main_holder_share,
               CASE offer.availability WHEN 'no' THEN FALSE WHEN 'yes' THEN TRUE
                    ELSE coalesce(offer.stock_quantity, 0) > 0 END AS has_stock,
               market.weight_g IS NULL AS is_size_assumed,
               market.buy_box_price_taxed IS NULL AS is_lowest_price,
               coalesce(pivot.is_dangerous_goods, FALSE) AS is_dangerous_goods,
               coalesce(pivot.is_own_packaging, FALSE) AS is_own_packaging,
               coalesce(market.state, 'unread') AS market_state,
               offer.condition,
               market.category AS market_category,
               coalesce(offer.category, pivot.category) AS supplier_category
          FROM onep_supplier_offer AS offer
          JOIN res_partner AS seller ON seller.id = offer.partner_id
          LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
          LEFT JOIN onep_marketplace_offer AS market
            ON market.marketplace_id = %(marketplace_id)s AND market.gtin = offer.gtin
          LEFT JOIN onep_market_stability AS stable ON stable.offer_id = market.id
          LEFT JOIN (VALUES %(rates)s) AS sold (id, rate) ON sold.id = market.currency_id
          LEFT JOIN LATERAL (
              SELECT min(other.price_untaxed)::float8 AS price
                FROM onep_supplier_offer AS other
               WHERE offer.price_untaxed < 0.5 * market.buy_box_price_taxed
                 AND other.gtin = offer.gtin AND other.company_id = offer.company_id
                 AND other.is_present AND other.id <> offer.id AND other.price_untaxed > 0
                 AND other.currency_id = offer.currency_id
          ) AS rival ON TRUE
          LEFT JOIN LATERAL (
              SELECT other.weight_g, other.length_mm, other.width_mm, other.height_mm
                FROM onep_marketplace_offer AS other
               WHERE market.weight_g IS NULL AND other.gtin = offer.gtin
                 AND other.company_id = offer.company_id AND other.weight_g > 0
               ORDER BY other.length_mm IS NULL, other.id
               LIMIT 1
          ) AS elsewhere ON TRUE
          LEFT JOIN LATERAL (
              SELECT source.length_mm, source.width_mm, source.height_mm
                FROM (VALUES
                    (1, market.length_mm, market.width_mm, market.height_mm),
                    (2, elsewhere.length_mm, elsewhere.width_mm, elsewhere.height_mm),
                    (3, offer.length_mm::float8, offer.width_mm::float8, offer.height_mm::float8),
                    (4, pivot.length_mm::float8, pivot.width_mm::float8, pivot.height_mm::float8)
                ) AS source (rank, length_mm, width_mm, height_mm)
               WHERE source.length_mm > 0 AND source.width_mm > 0 AND source.height_mm > 0
               ORDER BY source.rank
               LIMIT 1
          ) AS size ON TRUE
         WHERE offer.company_id = %(company_id)s AND offer.is_present
           AND offer.gtin IS NOT NULL AND offer.id > %(after_id)s AND %(scope)s
         ORDER BY offer.id
         LIMIT %(limit)s
        """,
        country_id=country_id,
        pack_mismatch=_pack_mismatch(),
        tier_quantities=price_list.steps("quantity"),
        tier_prices=price_list.steps("price"),
        rates=SQL(", ").join(SQL("(%s, %s::float8)", currency, rate) for currency, rate in rates),
        marketplace_id=marketplace_id,
        company_id=company_id,
        scope=scope,
        after_id=after_id,
        limit=limit,
    )


def _pack_mismatch() -> SQL:
    """1 where the listing is a pack whose number the supplier's words do not tell, 0 where they do
    or the listing is a single; NULL where the marketplace says nothing.
    """
    return SQL(
        """CASE WHEN market.pack_quantity <= 1 THEN 0
                WHEN offer.name ~ ('(^|[^0-9])' || market.pack_quantity || '([^0-9]|$)') THEN 0
                WHEN market.pack_quantity > 1 THEN 1 END"""
    )


def count_deals(marketplace_id: int, company_id: int, scope: SQL) -> SQL:
    """Number of deals that :func:`select_deals` would page through."""
    return SQL(
        """
        SELECT count(*)
          FROM onep_supplier_offer AS offer
          LEFT JOIN onep_marketplace_offer AS market
            ON market.marketplace_id = %(marketplace_id)s AND market.gtin = offer.gtin
         WHERE offer.company_id = %(company_id)s AND offer.is_present
           AND offer.gtin IS NOT NULL AND %(scope)s
        """,
        marketplace_id=marketplace_id,
        company_id=company_id,
        scope=scope,
    )


def prepare() -> SQL:
    """Settings of the transaction of a page: memory to join and sort it, and no compilation of its
    statements, which takes longer than they do. Its joins are planned together: a few offers here
    and there are then picked first, and not all of them joined to be dropped at the end.
    """
    return SQL(
        """
        SET LOCAL jit = off; SET LOCAL work_mem = '128MB';
        SET LOCAL join_collapse_limit = 16; SET LOCAL from_collapse_limit = 16
        """
    )
