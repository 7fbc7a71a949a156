"""Staged rows → supplier offers, in a handful of set-based statements."""

from odoo.tools import SQL

from . import staging

# Columns copied as they are from the staging table, in the offer's own names.
_COPIED = (
    "gtin",
    "manufacturer_part_number",
    "name",
    "description",
    "brand",
    "category",
    "recommended_retail_price",
    "recommended_retail_price_taxed",
    "stock_quantity",
    "minimum_order_quantity",
    "pack_size",
    "lead_time_days",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "vat_rate",
    "eco_tax",
    "image_url",
    "condition",
    "country_of_origin",
    "hs_code",
    "tiers",
    "extra",
)


def _columns(names) -> SQL:
    return SQL(", ").join(SQL.identifier(name) for name in names)


def _currency_rows(currencies) -> SQL:
    return SQL(", ").join(
        SQL("(%s, %s::integer, %s::numeric)", code, currency_id, rate)
        for code, currency_id, rate in currencies
    )


def upsert(
    *,
    import_id: int,
    feed_id: int,
    partner_id: int,
    company_id: int,
    user_id: int,
    default_currency: str,
    currencies: list[tuple[str, int, float | None]],
    carried: frozenset[str] | None = None,
) -> SQL:
    """Staged offers → onep_supplier_offer.

    Writes only rows that are new or changed, or that were gone: an unchanged offer costs one
    light update of last_seen_at by :func:`touch_unchanged`. Leans on the unique constraint
    (partner_id, supplier_sku, company_id).

    :param default_currency: ISO code for rows that name none
    :param currencies: (ISO code, currency id, company currency units for one unit, or None
        when no rate is known: the company price is then unknown)
    :param carried: columns that a delta fills: what it does not carry stays as it was known, and
        the offer stays with the feed that lists it; None for a full catalogue, whose silence
        counts
    """
    is_delta = carried is not None
    carried = frozenset((*_COPIED, "availability")) if carried is None else carried
    moved = ("price_untaxed", "currency_id", *sorted(carried & {*_COPIED, "availability"}))
    changed = SQL(" OR ").join(
        SQL(
            "%s IS DISTINCT FROM %s",
            SQL.identifier("known", name),
            SQL.identifier("excluded", name),
        )
        for name in moved
    )
    assigned = [name for name in (*_COPIED, "availability") if name in moved]
    if "gtin" in carried:
        assigned.append("product_id")
    return SQL(
        """
        INSERT INTO onep_supplier_offer AS known (
            feed_id, partner_id, company_id, last_import_id, supplier_sku, product_id,
            %(copied)s, currency_id, price_untaxed, price_company, availability,
            is_present, change_kind, first_seen_at, last_seen_at,
            create_uid, create_date, write_uid, write_date)
        SELECT %(feed_id)s, %(partner_id)s, %(company_id)s, %(import_id)s, staged.supplier_sku,
               pivot.id, %(staged)s, currency.id, staged.purchase_price,
               staged.purchase_price * currency.rate,
               CASE WHEN staged.availability THEN 'yes' WHEN NOT staged.availability THEN 'no' END,
               TRUE, 'new',
               now() at time zone 'UTC', now() at time zone 'UTC',
               %(user_id)s, now() at time zone 'UTC', %(user_id)s, now() at time zone 'UTC'
          FROM %(offers)s AS staged
          JOIN (VALUES %(currencies)s) AS currency (code, id, rate)
            ON currency.code = coalesce(staged.currency, %(default_currency)s)
          LEFT JOIN onep_product AS pivot ON pivot.gtin = staged.gtin
        ON CONFLICT (partner_id, supplier_sku, company_id) DO UPDATE SET
            feed_id = %(owner)s,
            last_import_id = excluded.last_import_id,
            %(assignments)s
            previous_price_untaxed = CASE
                WHEN known.currency_id <> excluded.currency_id THEN NULL
                WHEN known.price_untaxed IS DISTINCT FROM excluded.price_untaxed
                THEN known.price_untaxed ELSE known.previous_price_untaxed END,
            currency_id = excluded.currency_id,
            price_untaxed = excluded.price_untaxed,
            price_company = excluded.price_company,
            is_present = TRUE,
            change_kind = CASE WHEN known.is_present THEN 'changed' ELSE 'new' END,
            last_seen_at = excluded.last_seen_at,
            write_uid = excluded.write_uid,
            write_date = excluded.write_date
        WHERE known.is_present IS NOT TRUE OR %(changed)s
        """,
        copied=_columns(_COPIED),
        staged=SQL(", ").join(SQL.identifier("staged", name) for name in _COPIED),
        assignments=SQL("").join(
            SQL("%s = %s, ", SQL.identifier(name), SQL.identifier("excluded", name))
            for name in assigned
        ),
        owner=SQL("known.feed_id") if is_delta else SQL("excluded.feed_id"),
        changed=changed,
        currencies=_currency_rows(currencies),
        default_currency=default_currency,
        offers=SQL.identifier("pg_temp", staging.OFFER_TABLE),
        import_id=import_id,
        feed_id=feed_id,
        partner_id=partner_id,
        company_id=company_id,
        user_id=user_id,
    )


def touch_unchanged(
    *,
    import_id: int,
    feed_id: int | None,
    partner_id: int,
    company_id: int,
    default_currency: str,
    currencies: list[tuple[str, int, float | None]],
) -> SQL:
    """Mark the staged offers that :func:`upsert` left alone as seen by this import.

    :param feed_id: the full catalogue that lists them now, None for a delta
    """
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer
           SET last_import_id = %(import_id)s, feed_id = coalesce(%(feed_id)s, offer.feed_id),
               change_kind = 'unchanged', price_company = offer.price_untaxed * currency.rate,
               last_seen_at = now() at time zone 'UTC'
          FROM %(offers)s AS staged
          JOIN (VALUES %(currencies)s) AS currency (code, id, rate)
            ON currency.code = coalesce(staged.currency, %(default_currency)s)
         WHERE offer.partner_id = %(partner_id)s AND offer.company_id = %(company_id)s
           AND offer.supplier_sku = staged.supplier_sku
           AND offer.last_import_id IS DISTINCT FROM %(import_id)s
        """,
        offers=SQL.identifier("pg_temp", staging.OFFER_TABLE),
        currencies=_currency_rows(currencies),
        default_currency=default_currency,
        import_id=import_id,
        feed_id=feed_id,
        partner_id=partner_id,
        company_id=company_id,
    )


def mark_gone(import_id: int, feed_id: int) -> SQL:
    """Mark the feed's offers that a full catalogue no longer lists; never delete them.

    A row that is in quarantine is still in the file: its article is not gone. Leans on
    onep_supplier_offer (feed_id, is_present).
    """
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer
           SET is_present = FALSE, change_kind = 'gone', last_import_id = %(import_id)s,
               write_date = now() at time zone 'UTC'
         WHERE offer.feed_id = %(feed_id)s AND offer.is_present
           AND offer.last_import_id IS DISTINCT FROM %(import_id)s
           AND NOT EXISTS (
               SELECT 1 FROM %(issues)s AS refused
                WHERE refused.severity = 'refuse'
                  AND refused.supplier_sku = offer.supplier_sku)
        """,
        issues=SQL.identifier("pg_temp", staging.ISSUE_TABLE),
        import_id=import_id,
        feed_id=feed_id,
    )


def count_by_change(import_id: int) -> SQL:
    """(change kind, rows) of the offers this import touched."""
    return SQL(
        """
        SELECT change_kind, count(*) FROM onep_supplier_offer
         WHERE last_import_id = %s GROUP BY change_kind
        """,
        import_id,
    )
