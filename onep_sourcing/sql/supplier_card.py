"""How suppliers kept their word: one statement for any number of them."""

from odoo.tools import SQL

#: A credit note below this share of the price ordered gives money back, not goods.
REBATE_BELOW = 0.5


def by_supplier(partner_ids: list[int], company_id: int, since, today) -> SQL:
    """What each supplier's orders confirmed since a moment tell; suppliers without one have no row.

    Rows: partner; orders; their untaxed value, company currency; days promised and days taken from
    confirmation to receipt, medians over lines; lines due, received in full or late now, and the
    share of them that came on the day planned or before; lines awaited, and late now; lines that
    nothing more is awaited of, and the share of their ordered value that came; lines with a posted
    bill, and what their bills ask for above the orders, as a share. Credit notes count: one at
    the price ordered takes its goods off the bills, one far below is a rebate on their price. A
    line whose bills were all taken back says nothing.
    A figure without a case is NULL. Days count for lines received in full; a day is UTC's.

    partner_ids: commercial entities; the orders of their contacts are theirs
    since: UTC datetime
    today: UTC date; what was planned before it and is not here is late

    Leans on purchase_order (partner_id), and on the purchase line of moves and of bill lines.
    """
    return SQL(
        """
        WITH bought AS (
            SELECT line.id, line.product_qty, line.price_subtotal, line.date_planned,
                   greatest(line.qty_received, 0) AS received, line.product_uom_id,
                   purchase.id AS order_id, purchase.currency_id, purchase.currency_rate,
                   coalesce(purchase.date_approve, purchase.date_order) AS ordered_at,
                   partner.commercial_partner_id AS partner_id, moves.last_done,
                   moves.open_count > 0 AND line.qty_received < line.product_qty AS is_awaited,
                   line.qty_received >= line.product_qty
                   OR (moves.count > 0 AND moves.open_count = 0) AS is_closed
              FROM purchase_order AS purchase
              JOIN res_partner AS partner ON partner.id = purchase.partner_id
              JOIN purchase_order_line AS line ON line.order_id = purchase.id
              LEFT JOIN LATERAL (
                   SELECT max(move.date) FILTER (WHERE move.state = 'done') AS last_done,
                          count(*) FILTER (WHERE move.state NOT IN ('done', 'cancel'))
                              AS open_count,
                          count(*) AS count
                     FROM stock_move AS move
                    WHERE move.purchase_line_id = line.id
                   ) AS moves ON TRUE
             WHERE partner.commercial_partner_id = ANY(%(partner_ids)s)
               AND purchase.company_id = %(company_id)s AND purchase.state = 'purchase'
               AND coalesce(purchase.date_approve, purchase.date_order) >= %(since)s
               AND line.display_type IS NULL AND line.product_qty > 0
        ), kept AS (
            SELECT partner_id, count(DISTINCT order_id) AS order_count,
                   sum(price_subtotal / nullif(currency_rate, 0)) AS amount,
                   percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY extract(epoch FROM date_planned - ordered_at) / 86400.0
                   ) FILTER (WHERE received >= product_qty AND last_done IS NOT NULL) AS promised,
                   percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY extract(epoch FROM last_done - ordered_at) / 86400.0
                   ) FILTER (WHERE received >= product_qty AND last_done IS NOT NULL) AS taken,
                   avg(CASE WHEN received >= product_qty AND last_done IS NOT NULL
                            THEN (last_done::date <= date_planned::date)::integer
                            WHEN is_awaited AND date_planned::date < %(today)s THEN 0 END)
                       AS on_time,
                   count(*) FILTER (WHERE received >= product_qty AND last_done IS NOT NULL
                       OR is_awaited AND date_planned::date < %(today)s) AS due,
                   count(*) FILTER (WHERE is_closed) AS closed,
                   count(*) FILTER (WHERE is_awaited) AS awaited,
                   count(*) FILTER (WHERE is_awaited AND date_planned::date < %(today)s) AS late,
                   sum(price_subtotal / nullif(currency_rate, 0)
                       * least(received / product_qty, 1))
                       FILTER (WHERE is_closed)
                   / nullif(sum(price_subtotal / nullif(currency_rate, 0))
                       FILTER (WHERE is_closed), 0) AS filled
              FROM bought
             GROUP BY partner_id
        ), asked AS (
            SELECT bought.id, bought.partner_id,
                   bill.price_subtotal / nullif(bought.currency_rate, 0) AS amount,
                   bought.price_subtotal / bought.product_qty
                       * bill.quantity * bill_unit.factor / unit.factor
                       / nullif(bought.currency_rate, 0) AS worth,
                   move.move_type = 'in_refund' AS is_refund
              FROM bought
              JOIN account_move_line AS bill ON bill.purchase_line_id = bought.id
              JOIN account_move AS move ON move.id = bill.move_id
               AND move.move_type IN ('in_invoice', 'in_refund') AND move.state = 'posted'
              JOIN uom_uom AS unit ON unit.id = bought.product_uom_id
              JOIN uom_uom AS bill_unit ON bill_unit.id = bill.product_uom_id
             WHERE bill.currency_id = bought.currency_id AND bill.quantity > 0
        ), netted AS (
            SELECT id, partner_id,
                   sum(CASE WHEN is_refund THEN -amount ELSE amount END) AS amount,
                   sum(CASE WHEN NOT is_refund THEN worth
                            WHEN amount >= worth * %(rebate_below)s THEN -worth
                            ELSE 0 END) AS worth
              FROM asked
             GROUP BY id, partner_id
        ), billed AS (
            SELECT partner_id, count(*) AS line_count,
                   sum(amount) / nullif(sum(worth), 0) - 1 AS drift
              FROM netted
             WHERE worth > 0.00001 AND amount > 0
             GROUP BY partner_id
        )
        SELECT kept.partner_id, order_count, amount, promised, taken, due, on_time, awaited, late,
               closed, filled, coalesce(billed.line_count, 0), billed.drift
          FROM kept
          LEFT JOIN billed ON billed.partner_id = kept.partner_id
        """,
        partner_ids=partner_ids,
        company_id=company_id,
        since=since,
        today=today,
        rebate_below=REBATE_BELOW,
    )
