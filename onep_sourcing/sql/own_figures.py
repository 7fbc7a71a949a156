"""What Odoo's own tables tell of products: stock, movements, sales, cost, last prices."""

from odoo.tools import SQL

from ..planning.quantity import SALES_DAYS
from .stock import OPEN_MOVES

#: How far back sales are read.
YEAR_DAYS = 365


def select(company_id: int, product_ids: list[int], now) -> SQL:
    """One row for each id asked for, in the order asked, all in the product's own unit:
    the columns of ``planning.own_figures.COLUMNS``.

    A day is 24 hours back from ``now``. It had stock when some was there between two movements,
    or when goods came or went: on hand now, less what moved since, tells what there was.
    What customers ordered and wait for is sold on the day of the order.
    Leans on the indexes of product_id of stock_quant, stock_move, stock_move_line,
    purchase_order_line and sale_order_line, and on sale_line_id of stock_move.

    now: UTC datetime
    """
    return SQL(
        """
        WITH place AS MATERIALIZED (
            SELECT id, usage = 'customer' AS is_customer,
                   usage = 'internal' AND company_id IS NOT DISTINCT FROM %(company_id)s AS is_ours
              FROM stock_location
        ), held AS (
            SELECT quant.product_id, sum(quant.quantity) AS on_hand,
                   sum(quant.reserved_quantity) AS reserved
              FROM stock_quant AS quant
              JOIN place ON place.id = quant.location_id AND place.is_ours
             WHERE quant.product_id = ANY(%(product_ids)s)
             GROUP BY quant.product_id
        ), planned AS (
            SELECT move.product_id,
                   sum(move.product_qty) FILTER (WHERE target.is_ours) AS incoming,
                   sum(move.product_qty) FILTER (WHERE source.is_ours) AS outgoing
              FROM stock_move AS move
              JOIN place AS source ON source.id = move.location_id
              JOIN place AS target ON target.id = move.location_dest_id
             WHERE move.product_id = ANY(%(product_ids)s) AND move.state IN %(open_moves)s
               AND source.is_ours <> target.is_ours
             GROUP BY move.product_id
        ), moved AS MATERIALIZED (
            SELECT line.product_id, line.quantity_product_uom AS quantity,
                   floor(extract(epoch FROM %(now)s::timestamp - line.date) / 86400) AS day,
                   source.is_ours AS leaves, target.is_ours AS enters,
                   line.company_id = %(company_id)s AND target.is_customer
                       AND NOT source.is_customer AS is_sale,
                   line.company_id = %(company_id)s AND source.is_customer
                       AND NOT target.is_customer AS is_return
              FROM stock_move_line AS line
              JOIN place AS source ON source.id = line.location_id
              JOIN place AS target ON target.id = line.location_dest_id
             WHERE line.product_id = ANY(%(product_ids)s) AND line.state = 'done'
               AND line.date > %(now)s::timestamp - make_interval(days => %(year_days)s)
        ), awaited AS (
            SELECT line.product_id,
                   least(greatest(line.product_uom_qty - line.qty_delivered, 0)
                         * unit.factor / own.factor, waiting.quantity) AS quantity,
                   floor(extract(epoch FROM %(now)s::timestamp - sale.date_order) / 86400) AS day
              FROM sale_order_line AS line
              JOIN sale_order AS sale ON sale.id = line.order_id
              JOIN product_product AS product ON product.id = line.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
              JOIN uom_uom AS unit ON unit.id = line.product_uom_id
              JOIN uom_uom AS own ON own.id = template.uom_id
              JOIN LATERAL (
                   SELECT sum(move.product_qty) AS quantity FROM stock_move AS move
                    WHERE move.sale_line_id = line.id AND move.state IN %(open_moves)s
                   ) AS waiting ON waiting.quantity > 0
             WHERE line.product_id = ANY(%(product_ids)s) AND sale.state = 'sale'
               AND sale.company_id = %(company_id)s
               AND sale.date_order > %(now)s::timestamp - make_interval(days => %(year_days)s)
        ), traded AS (
            SELECT product_id,
                   sum(signed) FILTER (WHERE day < 30) AS sold_30,
                   sum(signed) FILTER (WHERE day < %(sales_days)s) AS sold_90,
                   sum(signed) AS sold_365,
                   sum(signed) FILTER (WHERE is_sale) AS delivered_365,
                   -sum(signed) FILTER (WHERE is_return) AS returned_365,
                   bool_or(is_sale AND NOT leaves AND day < %(sales_days)s) AS is_direct
              FROM (SELECT product_id, day, is_sale, is_return, leaves,
                           CASE WHEN is_sale THEN quantity ELSE -quantity END AS signed
                      FROM moved WHERE is_sale OR is_return
                     UNION ALL
                    SELECT product_id, day, FALSE, FALSE, FALSE, quantity FROM awaited) AS trade
             GROUP BY product_id
        ), touched AS (
            SELECT product_id, greatest(day, 0) AS day,
                   sum(quantity * (enters::integer - leaves::integer)) AS net
              FROM moved
             WHERE (enters OR leaves) AND day < %(sales_days)s
             GROUP BY product_id, greatest(day, 0)
        ), quiet AS (
            SELECT touched.product_id, touched.day,
                   row_number() OVER past = 1 AS is_last,
                   lead(touched.day, 1, %(sales_days)s) OVER past - touched.day - 1 AS gap,
                   coalesce(held.on_hand, 0) - sum(touched.net) OVER past AS before,
                   coalesce(held.on_hand, 0) AS on_hand
              FROM touched LEFT JOIN held USING (product_id)
            WINDOW past AS (PARTITION BY touched.product_id ORDER BY touched.day)
        ), stocked AS (
            SELECT product_id,
                   count(*) + coalesce(sum(gap) FILTER (WHERE before > 0.00001), 0)
                       + coalesce(sum(day) FILTER (WHERE is_last AND on_hand > 0.00001), 0) AS days
              FROM quiet
             GROUP BY product_id
        ), bought AS (
            SELECT DISTINCT ON (line.product_id) line.product_id,
                   line.price_subtotal / line.product_uom_qty
                       / coalesce(nullif(purchase.currency_rate, 0), 1) AS price
              FROM purchase_order_line AS line
              JOIN purchase_order AS purchase ON purchase.id = line.order_id
             WHERE line.product_id = ANY(%(product_ids)s) AND purchase.state = 'purchase'
               AND purchase.company_id = %(company_id)s AND line.product_uom_qty > 0
             ORDER BY line.product_id, purchase.date_approve DESC NULLS LAST, line.id DESC
        ), billed AS (
            SELECT DISTINCT ON (line.product_id) line.product_id,
                   line.price_subtotal / (line.product_uom_qty * unit.factor / own.factor)
                       / coalesce(nullif(sale.currency_rate, 0), 1) AS price
              FROM sale_order_line AS line
              JOIN sale_order AS sale ON sale.id = line.order_id
              JOIN product_product AS product ON product.id = line.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
              JOIN uom_uom AS unit ON unit.id = line.product_uom_id
              JOIN uom_uom AS own ON own.id = template.uom_id
             WHERE line.product_id = ANY(%(product_ids)s) AND sale.state = 'sale'
               AND sale.company_id = %(company_id)s AND line.product_uom_qty > 0
             ORDER BY line.product_id, sale.date_order DESC, line.id DESC
        )
        SELECT CASE WHEN template.is_storable THEN coalesce(held.on_hand, 0)::float8 END,
               CASE WHEN template.is_storable THEN coalesce(held.reserved, 0)::float8 END,
               coalesce(planned.incoming, 0)::float8, coalesce(planned.outgoing, 0)::float8,
               coalesce(traded.sold_30, 0)::float8, coalesce(traded.sold_90, 0)::float8,
               coalesce(traded.sold_365, 0)::float8, coalesce(traded.delivered_365, 0)::float8,
               coalesce(traded.returned_365, 0)::float8,
               CASE WHEN template.is_storable THEN coalesce(stocked.days,
                   CASE WHEN held.on_hand > 0.00001 THEN %(sales_days)s ELSE 0 END)::float8 END,
               coalesce(traded.is_direct, FALSE)::integer::float8,
               nullif((product.standard_price ->> %(company_key)s)::float8, 0),
               bought.price::float8, billed.price::float8
          FROM unnest(%(product_ids)s) WITH ORDINALITY AS asked (id, place)
          LEFT JOIN product_product AS product ON product.id = asked.id
          LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
          LEFT JOIN held ON held.product_id = asked.id
          LEFT JOIN planned ON planned.product_id = asked.id
          LEFT JOIN traded ON traded.product_id = asked.id
          LEFT JOIN stocked ON stocked.product_id = asked.id
          LEFT JOIN bought ON bought.product_id = asked.id
          LEFT JOIN billed ON billed.product_id = asked.id
         ORDER BY asked.place
        """,
        company_id=company_id,
        company_key=str(company_id),
        product_ids=product_ids,
        now=now,
        open_moves=OPEN_MOVES,
        sales_days=SALES_DAYS,
        year_days=YEAR_DAYS,
    )


def sold_products(company_id: int, since) -> SQL:
    """Ids of the products that customers took, or ordered and wait for, since a moment; ascending.

    since: UTC datetime
    """
    return SQL(
        """
        SELECT line.product_id
          FROM stock_move_line AS line
          JOIN stock_location AS source ON source.id = line.location_id
          JOIN stock_location AS target ON target.id = line.location_dest_id
         WHERE line.company_id = %(company_id)s AND line.state = 'done' AND line.date >= %(since)s
           AND target.usage = 'customer' AND source.usage <> 'customer'
        UNION
        SELECT line.product_id
          FROM stock_move AS move
          JOIN sale_order_line AS line ON line.id = move.sale_line_id
          JOIN sale_order AS sale ON sale.id = line.order_id
         WHERE move.company_id = %(company_id)s AND move.state IN %(open_moves)s
           AND sale.state = 'sale' AND sale.date_order >= %(since)s
         ORDER BY product_id
        """,
        company_id=company_id,
        since=since,
        open_moves=OPEN_MOVES,
    )
