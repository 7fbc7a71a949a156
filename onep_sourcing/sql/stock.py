"""What is in stock: one statement for any number of products."""

from odoo.tools import SQL

#: States of a transfer that will still move goods.
OPEN_MOVES = ("waiting", "confirmed", "partially_available", "assigned")


def on_hand(company_id: int, product_ids: list[int]) -> SQL:
    """(product.product id, units on hand) in the company's internal locations.

    Products without stock have no row. Leans on stock_quant (product_id).
    """
    return SQL(
        """
        SELECT quant.product_id, sum(quant.quantity)
          FROM stock_quant AS quant
          JOIN stock_location AS location ON location.id = quant.location_id
         WHERE quant.product_id = ANY(%(product_ids)s)
           AND location.usage = 'internal' AND location.company_id = %(company_id)s
         GROUP BY quant.product_id
        """,
        product_ids=product_ids,
        company_id=company_id,
    )


def products_on_hand(company_ids: list[int]) -> SQL:
    """Ids of onep_product whose Odoo product has stock in one of the companies."""
    return SQL(
        """
        SELECT pivot.id
          FROM onep_product AS pivot
          JOIN stock_quant AS quant ON quant.product_id = pivot.product_id
          JOIN stock_location AS location ON location.id = quant.location_id
         WHERE location.usage = 'internal' AND location.company_id = ANY(%s)
         GROUP BY pivot.id
        HAVING sum(quant.quantity) > 0
        """,
        company_ids,
    )


def by_warehouse(company_id: int, product_ids: list[int]) -> SQL:
    """(product.product id, warehouse id, on hand, reserved, incoming, outgoing) in a company.

    Internal locations outside of any warehouse come with a NULL; what moves between two
    warehouses leaves one and comes into the other. Leans on stock_quant and stock_move
    (product_id).
    """
    return SQL(
        """
        WITH place AS MATERIALIZED (
            SELECT id, warehouse_id,
                   usage = 'internal' AND company_id IS NOT DISTINCT FROM %(company_id)s AS is_ours
              FROM stock_location
        )
        SELECT product_id, warehouse_id, sum(on_hand)::float8, sum(reserved)::float8,
               sum(incoming)::float8, sum(outgoing)::float8
          FROM (
              SELECT quant.product_id, place.warehouse_id, quant.quantity AS on_hand,
                     quant.reserved_quantity AS reserved, 0 AS incoming, 0 AS outgoing
                FROM stock_quant AS quant
                JOIN place ON place.id = quant.location_id AND place.is_ours
               WHERE quant.product_id = ANY(%(product_ids)s)
              UNION ALL
              SELECT move.product_id, side.warehouse_id, 0, 0,
                     CASE WHEN side.is_target THEN move.product_qty ELSE 0 END,
                     CASE WHEN side.is_target THEN 0 ELSE move.product_qty END
                FROM stock_move AS move
                JOIN place AS source ON source.id = move.location_id
                JOIN place AS target ON target.id = move.location_dest_id
                JOIN LATERAL (VALUES
                    (source.warehouse_id, source.is_ours, FALSE),
                    (target.warehouse_id, target.is_ours, TRUE)
                ) AS side (warehouse_id, is_ours, is_target) ON side.is_ours
               WHERE move.product_id = ANY(%(product_ids)s) AND move.state IN %(open_moves)s
                 AND (source.is_ours <> target.is_ours
                      OR source.warehouse_id IS DISTINCT FROM target.warehouse_id)
          ) AS known
         GROUP BY product_id, warehouse_id
         ORDER BY product_id, warehouse_id
        """,
        product_ids=product_ids,
        company_id=company_id,
        open_moves=OPEN_MOVES,
    )
