"""Which deals depend on what.

Each function selects (supplier_offer_id, marketplace_id, company_id).
A rule's deals are those priced before: an offer that never was is priced by its import's run. What
moved on an offer, a product or a market concerns that offer on every open marketplace.
"""

from collections.abc import Iterable

from odoo.tools import SQL

from odoo.addons.onep_margin.price_scope import PriceScope


def of_scopes(scopes: Iterable[tuple[PriceScope, list[str]]]) -> SQL:
    """Deals of any of these scopes, each with the category texts that its names may mean."""
    parts = [of_scope(scope, texts) for scope, texts in scopes]
    return SQL(" UNION ").join(parts) if parts else nothing()


def nothing() -> SQL:
    """No deal at all."""
    return SQL("SELECT 0 AS supplier_offer_id, 0 AS marketplace_id, 0 AS company_id WHERE FALSE")


def of_scope(scope: PriceScope, texts: list[str]) -> SQL:
    """Deals of one scope. Leans on the opportunities' indexes of marketplace and fee category."""
    conditions = [SQL("known.active"), SQL("place.active")]
    for name, value in (("platform", scope.platform), ("country_id", scope.country_id)):
        if value is not None:
            conditions.append(SQL("%s = %s", SQL.identifier("place", name), value))
    if scope.company_id is not None:
        conditions.append(SQL("place.company_id = %s", scope.company_id))
    if scope.except_company_ids:
        conditions.append(SQL("place.company_id <> ALL(%s)", list(scope.except_company_ids)))
    if scope.marketplace_ids is not None:
        conditions.append(SQL("known.marketplace_id = ANY(%s)", list(scope.marketplace_ids)))
    if scope.supplier_ids is not None:
        conditions.append(
            SQL(
                """known.partner_id IN (
                    SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))""",
                list(scope.supplier_ids),
            )
        )
    if scope.fulfilment == "marketplace":
        conditions.append(SQL("place.ships_by_marketplace"))
    elif scope.fulfilment == "merchant":
        # ours is compared where it is allowed, and where nothing is
        conditions.append(
            SQL("(place.ships_by_merchant OR place.ships_by_marketplace IS NOT TRUE)")
        )
    if scope.carrier_code is not None:
        conditions.append(
            SQL(
                """NOT EXISTS (
                    SELECT 1 FROM onep_carrier_grid AS bound
                      JOIN onep_carrier_grid AS other
                        ON other.code = bound.code AND other.country_id = place.country_id
                       AND other.active AND other.valid_from <= CURRENT_DATE
                       AND coalesce(other.valid_to, CURRENT_DATE) >= CURRENT_DATE
                     WHERE bound.id = place.carrier_grid_id AND bound.code <> %s)""",
                scope.carrier_code,
            )
        )
    if scope.category_ids is not None:
        conditions.append(SQL("known.fee_category_id = ANY(%s)", list(scope.category_ids)))
    if scope.category_names is not None:
        conditions.append(
            SQL(
                """EXISTS (
                    SELECT 1 FROM onep_supplier_offer AS offer
                      LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
                      LEFT JOIN onep_marketplace_offer AS market
                        ON market.marketplace_id = known.marketplace_id
                       AND market.gtin = offer.gtin
                     WHERE offer.id = known.supplier_offer_id
                       AND (market.category = ANY(%(texts)s)
                            OR coalesce(offer.category, pivot.category) = ANY(%(texts)s)))""",
                texts=texts,
            )
        )
    return SQL(
        """
        SELECT known.supplier_offer_id, known.marketplace_id, known.company_id
          FROM onep_opportunity AS known
          JOIN onep_marketplace AS place ON place.id = known.marketplace_id
         WHERE %s
        """,
        SQL(" AND ").join(conditions),
    )


def category_texts(platform: str | None) -> SQL:
    """Each text by which articles that may be sold on a platform tell their category."""
    return SQL(
        """
        SELECT market.category
          FROM onep_marketplace_offer AS market
          JOIN onep_marketplace AS place ON place.id = market.marketplace_id
         WHERE market.category IS NOT NULL AND place.active
           AND (%(platform)s::text IS NULL OR place.platform = %(platform)s)
        UNION SELECT category FROM onep_supplier_offer WHERE is_present AND category IS NOT NULL
        UNION SELECT category FROM onep_product WHERE category IS NOT NULL
        """,
        platform=platform,
    )


def of_marketplaces(marketplace_ids: list[int]) -> SQL:
    """All that was ever priced on marketplaces. Leans on the opportunities' index of those."""
    return SQL(
        """
        SELECT known.supplier_offer_id, known.marketplace_id, known.company_id
          FROM onep_opportunity AS known WHERE known.marketplace_id = ANY(%s)
        """,
        marketplace_ids,
    )


def of_companies(company_ids: list[int]) -> SQL:
    """All that companies have priced. Leans on the index of active opportunities by company."""
    return SQL(
        """
        SELECT known.supplier_offer_id, known.marketplace_id, known.company_id
          FROM onep_opportunity AS known WHERE known.active AND known.company_id = ANY(%s)
        """,
        company_ids,
    )


def of_currencies(company_id: int, currency_ids: list[int]) -> SQL:
    """Deals that a company buys or sells in these currencies."""
    return SQL(
        """
        SELECT known.supplier_offer_id, known.marketplace_id, known.company_id
          FROM onep_opportunity AS known
          LEFT JOIN onep_marketplace_offer AS market ON market.id = known.market_offer_id
         WHERE known.active AND known.company_id = %(company_id)s
           AND (known.offer_currency_id = ANY(%(currency_ids)s)
                OR market.currency_id = ANY(%(currency_ids)s))
        """,
        company_id=company_id,
        currency_ids=currency_ids,
    )


def of_offers(condition: SQL) -> SQL:
    """Offers that meet a condition over ``offer``, on every open marketplace of their company."""
    return SQL(
        """
        SELECT offer.id AS supplier_offer_id, place.id AS marketplace_id, offer.company_id
          FROM onep_supplier_offer AS offer
          JOIN onep_marketplace AS place ON place.company_id = offer.company_id AND place.active
         WHERE offer.gtin IS NOT NULL AND %s
        """,
        condition,
    )


def of_vendor_prices(pairs: list[tuple[int, int]]) -> SQL:
    """Offers that Odoo's vendor price lists have a price for.

    pairs: (commercial partner id, product.template id)
    """
    partner_ids, template_ids = zip(*pairs, strict=True)
    return of_offers(
        SQL(
            """offer.is_present AND EXISTS (
                SELECT 1
                  FROM onep_product AS pivot
                  JOIN product_product AS variant ON variant.id = pivot.product_id
                  JOIN res_partner AS seller ON seller.id = offer.partner_id
                  JOIN unnest(%s::integer[], %s::integer[]) AS agreed (partner_id, template_id)
                    ON agreed.template_id = variant.product_tmpl_id
                   AND agreed.partner_id = coalesce(seller.commercial_partner_id, seller.id)
                 WHERE pivot.id = offer.product_id)
               AND offer.gtin IN (
                SELECT pivot.gtin
                  FROM onep_product AS pivot
                  JOIN product_product AS variant ON variant.id = pivot.product_id
                 WHERE variant.product_tmpl_id = ANY(%s))""",
            list(partner_ids),
            list(template_ids),
            list(template_ids),
        )
    )


def of_resized(sync_id: int) -> SQL:
    """Deals elsewhere whose parcel may have the size that a market update saw change.

    A marketplace that does not tell the weight takes another's. Leans on the index of market
    offers by the update that changed them, and on supplier offers by GTIN.
    """
    return SQL(
        """
        SELECT offer.id AS supplier_offer_id, place.id AS marketplace_id, offer.company_id
          FROM onep_marketplace_offer AS changed
          JOIN onep_marketplace AS place
            ON place.company_id = changed.company_id AND place.active
           AND place.id <> changed.marketplace_id
          JOIN onep_supplier_offer AS offer
            ON offer.gtin = changed.gtin AND offer.company_id = changed.company_id
           AND offer.is_present
          LEFT JOIN onep_marketplace_offer AS market
            ON market.marketplace_id = place.id AND market.gtin = changed.gtin
         WHERE changed.changed_sync_id = %s AND changed.weight_g > 0 AND market.weight_g IS NULL
        """,
        sync_id,
    )


def of_enriched(feed_id: int, since) -> SQL:
    """Offers of other feeds whose article gained a size or a category from an import.

    New articles are left out: nobody else offers them yet.

    since: when the import began
    """
    return of_offers(
        SQL(
            """offer.is_present AND offer.feed_id <> %s AND EXISTS (
                SELECT 1 FROM onep_product AS pivot
                 WHERE pivot.id = offer.product_id AND pivot.write_date >= %s
                   AND pivot.write_date > pivot.create_date)""",
            feed_id,
            since,
        )
    )
