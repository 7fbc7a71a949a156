"""What Odoo itself knows of a product: one statement for any number of products."""

from odoo.tools import SQL


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


def position(company_id: int, product_ids: list[int], sold_since) -> SQL:
    """(product.product id, on hand, incoming, sold since a moment), all in the product's unit.

    sold_since: UTC datetime; what customers sent back is deducted

    Leans on stock_quant, stock_move and stock_move_line (product_id).
    """
    return SQL(
        """
        SELECT product_id, sum(on_hand), sum(incoming), sum(sold)
          FROM (
              SELECT quant.product_id, quant.quantity AS on_hand, 0 AS incoming, 0 AS sold
                FROM stock_quant AS quant
                JOIN stock_location AS location ON location.id = quant.location_id
               WHERE quant.product_id = ANY(%(product_ids)s)
                 AND location.usage = 'internal' AND location.company_id = %(company_id)s
              UNION ALL
              SELECT move.product_id, 0, move.product_qty, 0
                FROM stock_move AS move
                JOIN stock_location AS source ON source.id = move.location_id
                JOIN stock_location AS target ON target.id = move.location_dest_id
               WHERE move.product_id = ANY(%(product_ids)s) AND move.company_id = %(company_id)s
                 AND move.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
                 AND source.usage != 'internal' AND target.usage = 'internal'
              UNION ALL
              SELECT line.product_id, 0, 0,
                     CASE WHEN target.usage = 'customer' THEN line.quantity_product_uom
                          ELSE -line.quantity_product_uom END
                FROM stock_move_line AS line
                JOIN stock_location AS source ON source.id = line.location_id
                JOIN stock_location AS target ON target.id = line.location_dest_id
               WHERE line.product_id = ANY(%(product_ids)s) AND line.company_id = %(company_id)s
                 AND line.state = 'done' AND line.date >= %(sold_since)s
                 AND (source.usage = 'customer') != (target.usage = 'customer')
          ) AS known
         GROUP BY product_id
        """,
        product_ids=product_ids,
        company_id=company_id,
        sold_since=sold_since,
    )


def sold(company_id: int, since) -> SQL:
    """(product.product id, units) that customers kept since a moment, in the product's unit.

    Products without a sale have no row.

    since: UTC datetime
    """
    return SQL(
        """
        SELECT line.product_id,
               sum(CASE WHEN target.usage = 'customer' THEN line.quantity_product_uom
                        ELSE -line.quantity_product_uom END)
          FROM stock_move_line AS line
          JOIN stock_location AS source ON source.id = line.location_id
          JOIN stock_location AS target ON target.id = line.location_dest_id
         WHERE line.company_id = %s AND line.state = 'done' AND line.date >= %s
           AND (source.usage = 'customer') != (target.usage = 'customer')
         GROUP BY line.product_id
        HAVING bool_or(target.usage = 'customer')
         ORDER BY line.product_id
        """,
        company_id,
        since,
    )
