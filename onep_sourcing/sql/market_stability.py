"""How stable the market of each article is, kept beside its market offer: read often, moved rarely.

The trends of a market offer take a walk through its history; an evaluation of a million deals only
walks again through those whose market was read since.
"""

from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.sql import market_history

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
    """Walk once through the last 90 days of some market offers and keep what they say.

    A state weighs the days it was seen, as in ``market_trend``; trends are those of the nearest
    straight line, told for a month over the mean. Leans on the unique index of history lines
    (offer_id, first_seen_at).
    """
    return SQL(
        """
        WITH line AS (%(lines)s),
        -- Each line's days are told once: the sums below use them many times over.
        step AS MATERIALIZED (
            SELECT offer_id, holder, price, rank,
                   CASE WHEN holder <> holder_before AND first_seen_at >= clock - month THEN 1
                    END AS change,
                   greatest(date_part(
                       'epoch', until - greatest(first_seen_at, clock - month)), 0) / 86400 AS d,
                   date_part('epoch', until - since) / 86400 AS s,
                   date_part('epoch', since + (until - since) / 2 - clock) / 86400 AS x
              FROM (SELECT line.*, clock, interval '30 days' AS month,
                           greatest(first_seen_at, clock - interval '90 days') AS since
                      FROM line CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS clock) AS today
                   ) AS cut
             WHERE until >= since
        ),
        held AS (
            SELECT offer_id, holder, count(change) AS changes, sum(d) AS d, sum(s) AS s,
                   sum(d) FILTER (WHERE price IS NOT NULL) AS pd, sum(d * price) AS pdy,
                   sum(d * price * price) AS pdyy,
                   sum(s) FILTER (WHERE price IS NOT NULL) AS ps, sum(s * price) AS py,
                   sum(s * price * price) AS pyy, sum(s * x * price) AS pxy,
                   sum(s * x) FILTER (WHERE price IS NOT NULL) AS px,
                   sum(s * (x * x + s * s / 12)) FILTER (WHERE price IS NOT NULL) AS pxx,
                   sum(s) FILTER (WHERE rank IS NOT NULL) AS rs, sum(s * rank) AS ry,
                   sum(s * x * rank) AS rxy,
                   sum(s * x) FILTER (WHERE rank IS NOT NULL) AS rx,
                   sum(s * (x * x + s * s / 12)) FILTER (WHERE rank IS NOT NULL) AS rxx
              FROM step
             GROUP BY offer_id, holder
        ),
        total AS (
            SELECT offer_id, sum(changes) AS changes, sum(d) AS d, sum(s) AS s,
                   max(d) FILTER (WHERE holder IS NOT NULL) AS main_d,
                   sum(d) FILTER (WHERE holder IS NOT NULL) AS held_d,
                   sum(pd) AS pd, sum(pdy) AS pdy, sum(pdyy) AS pdyy,
                   sum(ps) AS ps, sum(py) AS py, sum(pyy) AS pyy, sum(pxy) AS pxy, sum(px) AS px,
                   sum(pxx) AS pxx, sum(rs) AS rs, sum(ry) AS ry, sum(rxy) AS rxy, sum(rx) AS rx,
                   sum(rxx) AS rxx
              FROM held
             GROUP BY offer_id
        )
        INSERT INTO onep_market_stability (offer_id, company_id, computed_at, %(names)s)
        SELECT market.id, market.company_id, now() AT TIME ZONE 'UTC',
               CASE WHEN d >= %(least)s THEN
                   sqrt(greatest(pdyy / nullif(pd, 0) - (pdy / nullif(pd, 0)) ^ 2, 0))
                   / nullif(pdy / nullif(pd, 0), 0) END,
               CASE WHEN s >= %(least)s THEN
                   sqrt(greatest(pyy / nullif(ps, 0) - (py / nullif(ps, 0)) ^ 2, 0))
                   / nullif(py / nullif(ps, 0), 0) END,
               CASE WHEN s >= %(least)s THEN py / nullif(ps, 0) END,
               CASE WHEN s >= %(least)s THEN
                   30 * (ps * pxy - px * py) / nullif(ps * pxx - px * px, 0)
                   / nullif(py / nullif(ps, 0), 0) END,
               CASE WHEN s >= %(least)s THEN
                   30 * (rs * rxy - rx * ry) / nullif(rs * rxx - rx * rx, 0)
                   / nullif(ry / nullif(rs, 0), 0) END,
               CASE WHEN d >= %(least)s THEN changes END,
               CASE WHEN d >= %(least)s THEN main_d / nullif(held_d, 0) END
          FROM onep_marketplace_offer AS market
          LEFT JOIN total ON total.offer_id = market.id
         WHERE market.id = ANY(%(ids)s)
         ORDER BY market.id
        ON CONFLICT (offer_id) DO UPDATE SET computed_at = excluded.computed_at, %(assigned)s
        """,
        lines=market_history.with_holder_before(
            SQL(
                """h.offer_id, h.first_seen_at,
                coalesce(lead(h.first_seen_at) OVER past, h.last_seen_at) AS until,
                h.buy_box_price_taxed::float8 AS price, h.sales_rank::float8 AS rank"""
            ),
            SQL(
                "h.offer_id = ANY(%s) AND "
                "h.last_seen_at >= (now() AT TIME ZONE 'UTC') - interval '90 days'",
                offer_ids,
            ),
        ),
        names=SQL(", ").join(map(SQL.identifier, FIGURES)),
        least=LEAST_DAYS,
        ids=offer_ids,
        assigned=SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("excluded", name))
            for name in FIGURES
        ),
    )
