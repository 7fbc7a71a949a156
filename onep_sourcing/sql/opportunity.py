"""Opportunities into the database: priced columns by COPY, then one upsert a page."""

from odoo.tools import SQL

STAGE = "onep_stage_opportunity"

#: Figures of an opportunity that the evaluation computes, with their PostgreSQL type.
STAGE_COLUMNS = {
    "supplier_offer_id": "integer",
    "fee_category_id": "integer",
    "offer_currency_id": "integer",
    "is_negotiated": "boolean",
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
    "estimated_sales": "numeric",
    "estimated_sales_low": "numeric",
    "estimated_sales_high": "numeric",
    "pack_mismatch": "smallint",
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
    "suspicious_reasons": "text",
    "is_unstable": "boolean",
    "has_hidden_cost": "boolean",
    "is_vetoed": "boolean",
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
_FROM_MARKET = ("sales_rank", "offer_count", "fetched_at", "candidate_count", "may_sell")
_FROM_STABILITY = (
    "price_volatility_30",
    "price_volatility_90",
    "price_trend",
    "rank_trend",
    "holder_changes",
    "main_holder_share",
)


def leave_room() -> SQL:
    """Keep a part of each page free: a change that moves no score then touches no index."""
    return SQL("ALTER TABLE onep_opportunity SET (fillfactor = 85)")


def create_stage() -> SQL:
    """An empty stage in this session."""
    return SQL(
        "DROP TABLE IF EXISTS %(table)s; CREATE TEMPORARY TABLE %(table)s (%(columns)s)",
        table=SQL.identifier("pg_temp", STAGE),
        columns=SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in STAGE_COLUMNS.items()
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


def upsert(
    *,
    marketplace_id: int,
    rate_card_id: int | None,
    user_id: int,
    evaluated_at,
    offers: tuple[int, int],
) -> SQL:
    """Stage → opportunities of one marketplace; only rows whose figures differ are touched.

    So are rows whose offer was written since, or each import would ask for them again. Rows are
    compared before the upsert, which would lock even the rows it leaves alone, and taken in
    the order of their offer, so that two evaluations never wait for each other in a circle.
    Leans on the unique index (supplier_offer_id, marketplace_id).

    rate_card_id: the card the figures rest on, None when there is none
    offers: the lowest and the highest supplier offer of the stage. As figures in the statement they
        tell the planner whether the stage is a whole stretch of the table, read as one, or a few
        rows here and there, each looked up.
    """
    staged = tuple(STAGE_COLUMNS)[1:]
    taken = (
        *_FROM_OFFER,
        "catalogue_currency_id",
        "name",
        "supplier_stock",
        "price_change_rate",
        "market_offer_id",
        *_FROM_MARKET,
        "retailer_present",
        "is_demo",
        "currency_id",
        *_FROM_STABILITY,
        "rate_card_id",
    )
    columns = (*staged, *taken, "active")
    return SQL(
        """
        INSERT INTO onep_opportunity (
            supplier_offer_id, marketplace_id, %(columns)s, evaluated_at,
            create_uid, create_date, write_uid, write_date)
        SELECT fresh.supplier_offer_id, fresh.marketplace_id, %(fresh)s, %(evaluated_at)s,
               %(user_id)s, %(evaluated_at)s, %(user_id)s, %(evaluated_at)s
          FROM (
              SELECT staged.supplier_offer_id, place.id AS marketplace_id, %(staged)s,
                     %(offered)s, offer.currency_id AS catalogue_currency_id,
                     coalesce(offer.name, market.name, offer.supplier_sku) AS name,
                     coalesce(offer.stock_quantity, CASE offer.availability WHEN 'no' THEN 0 END)
                         AS supplier_stock,
                     CASE WHEN offer.previous_price_untaxed > 0
                          THEN round(offer.price_untaxed / offer.previous_price_untaxed - 1, 4)
                      END AS price_change_rate,
                     market.id AS market_offer_id, %(marketed)s,
                     coalesce(market.retailer_present, 'unknown') AS retailer_present,
                     place.is_demo, company.currency_id,
                     %(steady)s,
                     offer.write_date AS moved_at,
                     %(rate_card_id)s::integer AS rate_card_id, TRUE AS active
                FROM %(stage)s AS staged
                JOIN onep_supplier_offer AS offer ON offer.id = staged.supplier_offer_id
                JOIN onep_marketplace AS place ON place.id = %(marketplace_id)s
                JOIN res_company AS company ON company.id = offer.company_id
                LEFT JOIN onep_marketplace_offer AS market
                  ON market.marketplace_id = place.id AND market.gtin = offer.gtin
                LEFT JOIN onep_market_stability AS stable ON stable.offer_id = market.id
          ) AS fresh
          LEFT JOIN onep_opportunity AS known
            ON known.supplier_offer_id = fresh.supplier_offer_id
           AND known.marketplace_id = fresh.marketplace_id
           AND known.supplier_offer_id BETWEEN %(first_offer_id)s AND %(last_offer_id)s
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
        steady=_list(_FROM_STABILITY, "stable"),
        rate_card_id=rate_card_id,
        evaluated_at=evaluated_at,
        user_id=user_id,
        first_offer_id=offers[0],
        last_offer_id=offers[1],
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

    among: a condition over opportunity ``known``, or ``deal.ALL``
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
