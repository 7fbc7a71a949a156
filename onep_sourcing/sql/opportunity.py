"""Deals out of the database in columns, and opportunities back in, one upsert a chunk.

A deal is a present supplier offer with a GTIN on one marketplace. What describes it (name,
supplier, stock) never leaves PostgreSQL: only what the engine computes on travels.
"""

from odoo.tools import SQL

STAGE = "onep_stage_opportunity"

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
)
DEAL_FLAGS = ("has_stock", "is_size_assumed", "is_lowest_price")
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

#: Figures of an opportunity that the evaluation computes, with their PostgreSQL type.
STAGE_COLUMNS = {
    "supplier_offer_id": "integer",
    "fee_category_id": "integer",
    "fulfilment": "text",
    "price_basis": "text",
    "market_state": "text",
    "order_quantity": "numeric",
    "catalogue_price": "numeric",
    "buy_price": "numeric",
    "supplier_extras": "numeric",
    "inbound_cost": "numeric",
    "customs_duty": "numeric",
    "extra_cost": "numeric",
    "eco_tax": "numeric",
    "sell_price_taxed": "numeric",
    "shipping_charged_taxed": "numeric",
    "vat_rate": "double precision",
    "weight_g": "double precision",
    "length_mm": "double precision",
    "width_mm": "double precision",
    "height_mm": "double precision",
    "revenue_untaxed": "numeric",
    "landed_cost": "numeric",
    "commission": "numeric",
    "fulfilment_fee": "numeric",
    "total_fees": "numeric",
    "net_margin": "numeric",
    "margin_rate": "numeric",
    "roi": "numeric",
    "break_even_price_taxed": "numeric",
    "max_buy_price": "numeric",
    "max_purchase_price": "numeric",
    "units_per_month": "numeric",
    "monthly_margin": "numeric",
    "net_margin_marketplace": "numeric",
    "net_margin_merchant": "numeric",
    "margin_known": "boolean",
    "unknown_reasons": "text",
    "estimated_reasons": "text",
    "score": "numeric",
    "grade": "text",
    "confidence": "numeric",
    "is_immediate": "boolean",
    "is_suspicious": "boolean",
}

#: Copied from the offers when the row is written, by source.
_FROM_OFFER = (
    "company_id",
    "partner_id",
    "product_id",
    "supplier_sku",
    "gtin",
    "brand",
    "category",
    "price_untaxed",
    "minimum_order_quantity",
    "pack_size",
    "lead_time_days",
)
_FROM_MARKET = ("sales_rank", "offer_count", "fetched_at")

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
    """Scope: the GTINs whose figures a market update saw move. Leans on the index of that run."""
    return SQL("market.changed_sync_id = %s", sync_id)


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
    rate; those of the supplier in its own. Prices by quantity are two texts, figures between
    semicolons. The size of the parcel is the marketplace's own, else another marketplace's, else
    the supplier's, else the product's. Leans on onep_marketplace_offer (marketplace_id, gtin) and
    on the primary key of onep_supplier_offer.

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
                    ELSE coalesce(market.buy_box_shipping_taxed, 0)::float8 * sold.rate
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
               CASE offer.availability WHEN 'no' THEN FALSE WHEN 'yes' THEN TRUE
                    ELSE coalesce(offer.stock_quantity, 0) > 0 END AS has_stock,
               market.weight_g IS NULL AS is_size_assumed,
               market.buy_box_price_taxed IS NULL AS is_lowest_price,
               coalesce(market.state, 'unread') AS market_state,
               offer.condition,
               market.category AS market_category,
               coalesce(offer.category, pivot.category) AS supplier_category
          FROM onep_supplier_offer AS offer
          JOIN res_partner AS seller ON seller.id = offer.partner_id
          LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
          LEFT JOIN onep_marketplace_offer AS market
            ON market.marketplace_id = %(marketplace_id)s AND market.gtin = offer.gtin
          LEFT JOIN (VALUES %(rates)s) AS sold (id, rate) ON sold.id = market.currency_id
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
        tier_quantities=_steps("quantity"),
        tier_prices=_steps("price"),
        rates=SQL(", ").join(SQL("(%s, %s::float8)", currency, rate) for currency, rate in rates),
        marketplace_id=marketplace_id,
        company_id=company_id,
        scope=scope,
        after_id=after_id,
        limit=limit,
    )


def _steps(column: str) -> SQL:
    """Figures of an offer's price list by rising quantity, between semicolons; NULL for none."""
    return SQL(
        """CASE WHEN jsonb_typeof(offer.tiers) = 'array' THEN (
            SELECT string_agg(step.%s::text, ';' ORDER BY step.quantity)
              FROM jsonb_to_recordset(offer.tiers) AS step (quantity float8, price float8)
             WHERE step.quantity > 0 AND step.price > 0) END""",
        SQL.identifier(column),
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


def leave_room() -> SQL:
    """Keep a part of each page free: a change that moves no score then touches no index."""
    return SQL("ALTER TABLE onep_opportunity SET (fillfactor = 85)")


def prepare() -> SQL:
    """Settings of the transaction of a page: memory to join and sort it, and no compilation of its
    statements, which takes longer than they do.
    """
    return SQL("SET LOCAL jit = off; SET LOCAL work_mem = '128MB'")


def create_stage(signals) -> SQL:
    """An empty stage in this session; ``signals`` name the two columns of each score part."""
    columns = STAGE_COLUMNS | dict.fromkeys(part_columns(signals), "numeric")
    return SQL(
        "DROP TABLE IF EXISTS %(table)s; CREATE TEMPORARY TABLE %(table)s (%(columns)s)",
        table=SQL.identifier("pg_temp", STAGE),
        columns=SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns.items()
        ),
    )


def copy_stage(names) -> SQL:
    """COPY of CSV text into the stage, an empty unquoted cell being NULL."""
    return SQL(
        "COPY %s (%s) FROM STDIN WITH (FORMAT csv, NULL '')",
        SQL.identifier("pg_temp", STAGE),
        SQL(", ").join(SQL.identifier(name) for name in names),
    )


def analyse_stage() -> SQL:
    """Statistics on the stage's key, so that the upsert joins it the right way round."""
    return SQL("ANALYZE %s (supplier_offer_id)", SQL.identifier("pg_temp", STAGE))


def part_columns(signals) -> list[str]:
    """Names of the stage's columns of score parts: points given and points possible."""
    return [f"{kind}_{signal}" for signal in signals for kind in ("given", "possible")]


def upsert(
    *, marketplace_id: int, rate_card_id: int | None, user_id: int, signals, evaluated_at
) -> SQL:
    """Stage → opportunities of one marketplace; only rows whose figures differ are touched.

    So are rows whose offer was written since, or each import would ask for them again. Rows are
    compared before the upsert, which would lock even the rows it leaves alone, and taken in
    the order of their offer, so that two evaluations never wait for each other in a circle.
    Leans on the unique index (supplier_offer_id, marketplace_id).

    rate_card_id: the card the figures rest on, None when there is none
    """
    staged = tuple(STAGE_COLUMNS)[1:]
    taken = (
        *_FROM_OFFER,
        "offer_currency_id",
        "name",
        "supplier_stock",
        "price_change_rate",
        "market_offer_id",
        *_FROM_MARKET,
        "retailer_present",
        "is_demo",
        "currency_id",
        "score_parts",
        "rate_card_id",
    )
    columns = (*staged, *taken, "active")
    parts = SQL(", ").join(
        SQL(
            "%s, jsonb_build_array(staged.%s, staged.%s)",
            signal,
            *(SQL.identifier(f"{kind}_{signal}") for kind in ("given", "possible")),
        )
        for signal in signals
    )
    return SQL(
        """
        INSERT INTO onep_opportunity (
            supplier_offer_id, marketplace_id, %(columns)s, evaluated_at,
            create_uid, create_date, write_uid, write_date)
        SELECT fresh.supplier_offer_id, fresh.marketplace_id, %(fresh)s, %(evaluated_at)s,
               %(user_id)s, %(evaluated_at)s, %(user_id)s, %(evaluated_at)s
          FROM (
              SELECT staged.supplier_offer_id, place.id AS marketplace_id, %(staged)s,
                     %(offered)s, offer.currency_id AS offer_currency_id,
                     coalesce(offer.name, market.name, offer.supplier_sku) AS name,
                     coalesce(offer.stock_quantity, CASE offer.availability WHEN 'no' THEN 0 END)
                         AS supplier_stock,
                     CASE WHEN offer.previous_price_untaxed > 0
                          THEN round(offer.price_untaxed / offer.previous_price_untaxed - 1, 4)
                      END AS price_change_rate,
                     market.id AS market_offer_id, %(marketed)s,
                     coalesce(market.retailer_present, 'unknown') AS retailer_present,
                     place.is_demo, company.currency_id,
                     CASE WHEN staged.score IS NOT NULL THEN jsonb_build_object(%(parts)s)
                      END AS score_parts,
                     offer.write_date AS moved_at,
                     %(rate_card_id)s::integer AS rate_card_id, TRUE AS active
                FROM %(stage)s AS staged
                JOIN onep_supplier_offer AS offer ON offer.id = staged.supplier_offer_id
                JOIN onep_marketplace AS place ON place.id = %(marketplace_id)s
                JOIN res_company AS company ON company.id = offer.company_id
                LEFT JOIN onep_marketplace_offer AS market
                  ON market.marketplace_id = place.id AND market.gtin = offer.gtin
          ) AS fresh
          LEFT JOIN onep_opportunity AS known
            ON known.supplier_offer_id = fresh.supplier_offer_id
           AND known.marketplace_id = fresh.marketplace_id
           AND known.supplier_offer_id BETWEEN
               (SELECT min(supplier_offer_id) FROM %(stage)s)
               AND (SELECT max(supplier_offer_id) FROM %(stage)s)
         WHERE known.id IS NULL OR known.evaluated_at < fresh.moved_at
            OR (%(before)s) IS DISTINCT FROM (%(fresh)s)
         ORDER BY fresh.supplier_offer_id
        ON CONFLICT (supplier_offer_id, marketplace_id) DO UPDATE SET
               %(assignments)s,
               evaluated_at = excluded.evaluated_at,
               write_uid = excluded.write_uid,
               write_date = excluded.write_date
        """,
        columns=_list(columns),
        fresh=_list(columns, "fresh"),
        before=_list(columns, "known"),
        staged=_list(staged, "staged"),
        offered=_list(_FROM_OFFER, "offer"),
        marketed=_list(_FROM_MARKET, "market"),
        parts=parts,
        rate_card_id=rate_card_id,
        evaluated_at=evaluated_at,
        user_id=user_id,
        stage=SQL.identifier("pg_temp", STAGE),
        marketplace_id=marketplace_id,
        assignments=SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("excluded", name))
            for name in columns
        ),
    )


def deactivate_gone(company_id: int, among: SQL) -> SQL:
    """Archive the opportunities whose offer left the catalogue or whose marketplace is closed.

    Leans on the index of active opportunities by company.

    among: a condition over opportunity ``known``, or ``ALL``
    """
    return SQL(
        """
        UPDATE onep_opportunity AS known
           SET active = FALSE, write_date = now() AT TIME ZONE 'UTC'
          FROM onep_supplier_offer AS offer, onep_marketplace AS place
         WHERE known.company_id = %s AND known.active AND %s
           AND offer.id = known.supplier_offer_id AND place.id = known.marketplace_id
           AND (offer.is_present IS NOT TRUE OR offer.gtin IS NULL OR place.active IS NOT TRUE)
        """,
        company_id,
        among,
    )


def _list(names, alias=None) -> SQL:
    """Comma-separated identifiers, of a table when it is named."""
    if alias is None:
        return SQL(", ").join(SQL.identifier(name) for name in names)
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)
