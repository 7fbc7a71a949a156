"""Category names that deals bear, with how many articles wait for each."""

from odoo.tools import SQL


def count_names(company_id: int, platform: str) -> SQL:
    """Names of the deals of a platform whose fee category is unknown, or was guessed.

    Rows: name, marketplace or supplier, number of supplier offers. An offer counts for the
    name of the marketplace and for the supplier's: either one settles it. Leans on the index
    of active opportunities by company.
    """
    return SQL(
        """
        WITH waiting AS (
            SELECT known.supplier_offer_id, market.category AS market_category,
                   known.category AS supplier_category
              FROM onep_opportunity AS known
              JOIN onep_marketplace AS place
                ON place.id = known.marketplace_id AND place.active
               AND place.platform = %(platform)s
              LEFT JOIN onep_marketplace_offer AS market ON market.id = known.market_offer_id
             WHERE known.company_id = %(company_id)s AND known.active
               AND (known.fee_category_id IS NULL
                    OR known.estimated_reasons LIKE '%%category_guessed%%')
        )
        SELECT market_category, 'marketplace', count(DISTINCT supplier_offer_id)
          FROM waiting WHERE market_category <> '' GROUP BY 1
         UNION ALL
        SELECT supplier_category, 'supplier', count(DISTINCT supplier_offer_id)
          FROM waiting WHERE supplier_category <> '' GROUP BY 1
         ORDER BY 3 DESC
        """,
        platform=platform,
        company_id=company_id,
    )
