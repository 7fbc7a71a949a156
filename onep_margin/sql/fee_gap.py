"""Cases that no fee rule answers, found by sets."""

from collections.abc import Sequence

from odoo.tools import SQL


def select_price_holes(card_ids: Sequence[int]) -> SQL:
    """Price ranges of a category without a commission, in these rate cards.

    Rows: card id, category id, condition or NULL, above which price, up to which one (NULL: any).
    Leans on onep_rate_card_line (card_id).
    """
    return SQL(
        """
        WITH band AS (
            SELECT card_id, category_id, condition, coalesce(tier_min, 0) AS lower,
                   nullif(coalesce(tier_max, 0), 0) AS upper,
                   lag(nullif(coalesce(tier_max, 0), 0)) OVER own AS reached,
                   row_number() OVER own AS place,
                   lead(id) OVER own AS following
              FROM onep_rate_card_line
             WHERE active AND card_id = ANY(%s)
            WINDOW own AS (PARTITION BY card_id, category_id, condition ORDER BY tier_min, id)
        )
        SELECT card_id, category_id, condition,
               CASE WHEN place = 1 THEN 0 ELSE reached END, lower
          FROM band
         WHERE (place = 1 AND lower > 0) OR lower > reached
         UNION ALL
        SELECT card_id, category_id, condition, upper, NULL
          FROM band
         WHERE following IS NULL AND upper IS NOT NULL
         ORDER BY 1, 2, 4
        """,
        list(card_ids),
    )


def select_tier_holes(card_ids: Sequence[int]) -> SQL:
    """Size tiers whose weight bands stop before the tier does, in these rate cards.

    Rows: tier id, last weight with a fee (NULL: none at all), weight of the tier (0: no limit).
    Leans on onep_logistics_tier (card_id) and onep_logistics_band (tier_id).
    """
    return SQL(
        """
        SELECT tier.id, max(band.weight_max_g), coalesce(max(tier.max_weight_g), 0)
          FROM onep_logistics_tier AS tier
          LEFT JOIN onep_logistics_band AS band ON band.tier_id = tier.id AND band.active
         WHERE tier.active AND tier.card_id = ANY(%s)
         GROUP BY tier.id
        HAVING count(band.id) = 0
            OR (bool_and(coalesce(band.weight_max_g, 0) > 0)
                AND max(band.weight_max_g) < max(tier.max_weight_g))
         ORDER BY tier.id
        """,
        list(card_ids),
    )


def select_weight_holes(grid_ids: Sequence[int]) -> SQL:
    """Carrier grids whose prices stop before their limit of weight, by zone.

    Rows: grid id, zone or NULL, last weight with a price (NULL: none), limit of the grid.
    Leans on onep_carrier_grid_line (grid_id).
    """
    return SQL(
        """
        SELECT grid.id, line.zone, max(line.weight_max_g), coalesce(max(grid.max_weight_g), 0)
          FROM onep_carrier_grid AS grid
          LEFT JOIN onep_carrier_grid_line AS line ON line.grid_id = grid.id AND line.active
         WHERE grid.id = ANY(%s)
         GROUP BY grid.id, line.zone
        HAVING count(line.id) = 0
            OR (bool_and(coalesce(line.weight_max_g, 0) > 0)
                AND max(line.weight_max_g) < max(grid.max_weight_g))
         ORDER BY grid.id
        """,
        list(grid_ids),
    )


def count_doubtful(
    card_ids: Sequence[int], grid_ids: Sequence[int], statuses: Sequence[str]
) -> SQL:
    """Rows in use that nobody confirmed: model, id of the card or grid, how many.

    Leans on the indexes of the rows by card, tier and grid.
    """
    return SQL(
        """
        SELECT 'onep.rate.card', card_id, count(*)
          FROM (
              SELECT card_id FROM onep_rate_card_line
               WHERE active AND card_id = ANY(%(cards)s) AND status = ANY(%(statuses)s)
               UNION ALL
              SELECT tier.card_id
                FROM onep_logistics_band AS band
                JOIN onep_logistics_tier AS tier ON tier.id = band.tier_id AND tier.active
               WHERE band.active AND tier.card_id = ANY(%(cards)s)
                 AND band.status = ANY(%(statuses)s)
          ) AS doubtful
         GROUP BY card_id
         UNION ALL
        SELECT 'onep.carrier.grid', grid_id, count(*)
          FROM onep_carrier_grid_line
         WHERE active AND grid_id = ANY(%(grids)s) AND status = ANY(%(statuses)s)
         GROUP BY grid_id
         ORDER BY 3 DESC
        """,
        cards=list(card_ids),
        grids=list(grid_ids),
        statuses=list(statuses),
    )
