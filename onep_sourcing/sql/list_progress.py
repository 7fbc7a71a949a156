"""How far the lines of picking lists have come: asked, ordered, received, cancelled."""

from odoo.tools import SQL


def by_list(list_ids: list[int]) -> SQL:
    """Progress of each list that has lines to buy.

    Rows: list, lines to buy, on an RFQ, ordered, received in full, closed by the supplier short
    of what was ordered, cancelled, late, and the share of the ordered amount that is here.
    An order whose quantity was set to 0 counts as cancelled. Leans on the index of lines by list.
    """
    return SQL(
        """
        WITH line AS (
            SELECT line.list_id, line.purchase_line_id IS NOT NULL AS is_asked, line.is_closed,
                   purchase.state, bought.product_qty, bought.date_planned,
                   line.amount_company, bought.qty_received,
                   purchase.state = 'purchase' AND bought.product_qty > 0 AS is_ordered,
                   purchase.state = 'cancel' OR bought.product_qty = 0 AS is_cancelled,
                   bought.qty_received >= bought.product_qty AS is_received,
                   purchase.receipt_status = 'full'
                   AND bought.qty_received < bought.product_qty AS is_short
              FROM onep_picking_list_line AS line
              LEFT JOIN purchase_order_line AS bought ON bought.id = line.purchase_line_id
              LEFT JOIN purchase_order AS purchase ON purchase.id = bought.order_id
             WHERE line.list_id = ANY(%(list_ids)s) AND line.quantity > 0
        )
        SELECT list_id, count(*) FILTER (WHERE NOT coalesce(is_closed, FALSE)),
               count(*) FILTER (WHERE state IN ('draft', 'sent', 'to approve')),
               count(*) FILTER (WHERE is_ordered),
               count(*) FILTER (WHERE is_ordered AND is_received),
               count(*) FILTER (WHERE is_ordered AND is_short),
               count(*) FILTER (WHERE is_cancelled),
               count(*) FILTER (WHERE is_ordered AND NOT is_received AND NOT is_short
                                AND date_planned < now() AT TIME ZONE 'UTC'),
               sum(amount_company * least(qty_received / nullif(product_qty, 0), 1))
                   FILTER (WHERE is_ordered)
               / nullif(sum(amount_company) FILTER (WHERE is_ordered), 0)
          FROM line
         GROUP BY list_id
        """,
        list_ids=list_ids,
    )
