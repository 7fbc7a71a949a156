"""How stable the market of each article is, kept beside its market offer: read often, moved rarely.

The trends of a market offer take a walk through its history; an evaluation of a million deals only
walks again through those whose market was read since.
"""

from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.sql import market_trend

#: Figures that are kept, in the order of the statement.
FIGURES = (
    "price_volatility_30",
    "price_volatility_90",
    "price_mean_90",
    "price_trend",
    "rank_trend",
    "holder_changes",
    "main_holder_share",
)
#: Days of history below which nothing can be said.
LEAST_DAYS = 3


def select_stale(marketplace_id: int, company_id: int, scope: SQL) -> SQL:
    """Ids of the market offers to walk through again, among those of a scope of deals.

    Those never walked through, that moved since, or were read a day after. Leans on
    onep_marketplace_offer (marketplace_id, gtin).

    scope: condition over ``offer`` and ``market``, as in sql/deal.py
    """
    return SQL(
        """
        SELECT DISTINCT market.id
          FROM onep_supplier_offer AS offer
          JOIN onep_marketplace_offer AS market
            ON market.marketplace_id = %(marketplace_id)s AND market.gtin = offer.gtin
          LEFT JOIN onep_market_stability AS known ON known.offer_id = market.id
         WHERE market.history_id IS NOT NULL
           AND (known.offer_id IS NULL OR known.computed_at < market.changed_at
                OR known.computed_at < market.fetched_at - interval '1 day')
           AND offer.company_id = %(company_id)s AND offer.is_present
           AND offer.gtin IS NOT NULL AND %(scope)s
         ORDER BY market.id
        """,
        marketplace_id=marketplace_id,
        company_id=company_id,
        scope=scope,
    )


def refresh(offer_ids: list[int]) -> SQL:
    """Walk through the history of some market offers and keep what it says.

    Trends are told for a month, over the mean: of the price, and of the rank. Leans on the unique
    index of history lines (offer_id, first_seen_at).
    """
    trends = market_trend.select_trends(SQL("h.offer_id = ANY(%s)", offer_ids), (30, 90))
    return SQL(
        """
        WITH trend AS MATERIALIZED (
            SELECT told.* FROM (%(trends)s) AS told WHERE known_days >= %(least)s)
        INSERT INTO onep_market_stability (offer_id, company_id, computed_at, %(names)s)
        SELECT market.id, market.company_id, now() AT TIME ZONE 'UTC',
               month.price_volatility, quarter.price_volatility, quarter.price_mean,
               30 * quarter.price_slope / nullif(quarter.price_mean, 0),
               30 * quarter.rank_slope / nullif(quarter.rank_mean, 0),
               month.holder_changes, month.main_holder_share
          FROM onep_marketplace_offer AS market
          LEFT JOIN trend AS month ON month.offer_id = market.id AND month.days = 30
          LEFT JOIN trend AS quarter ON quarter.offer_id = market.id AND quarter.days = 90
         WHERE market.id = ANY(%(ids)s)
         ORDER BY market.id
        ON CONFLICT (offer_id) DO UPDATE SET computed_at = excluded.computed_at, %(assigned)s
        """,
        names=SQL(", ").join(map(SQL.identifier, FIGURES)),
        trends=trends,
        least=LEAST_DAYS,
        ids=offer_ids,
        assigned=SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("excluded", name))
            for name in FIGURES
        ),
    )
