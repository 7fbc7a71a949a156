"""What the score said of our products, kept for the day that says whether it was right."""

from odoo.tools import SQL

from ..planning.signals import SOURCES
from . import signal_source


def take(marketplace_id: int, company_id: int, today) -> SQL:
    """Keep the best scored deal of each of our products, when its grade moved or a month went by.

    At most one a day for a product on a marketplace. Leans on the index of onep_product
    (product_id) and on the opportunities' of product_id.
    """
    sources = SQL(", ").join(
        SQL("%s, %s", name, signal_source.expression(name))
        for name in (*SOURCES, *signal_source.FLAGS)
    )
    return SQL(
        """
        INSERT INTO onep_score_snapshot (
            company_id, product_id, marketplace_id, partner_id, taken_on, score, grade, confidence,
            unit_margin, unit_fees, unit_cost, sources)
        SELECT best.*
          FROM (
            SELECT DISTINCT ON (pivot.product_id)
                   known.company_id, pivot.product_id, known.marketplace_id, known.partner_id,
                   %(today)s::date, known.score, known.grade, known.confidence,
                   known.net_margin, known.total_fees, known.landed_cost,
                   jsonb_strip_nulls(jsonb_build_object(%(sources)s))
              FROM onep_product AS pivot
              JOIN onep_opportunity AS known ON known.product_id = pivot.id
             WHERE pivot.product_id IS NOT NULL AND known.marketplace_id = %(marketplace_id)s
               AND known.company_id = %(company_id)s AND known.active
               AND known.score IS NOT NULL
             ORDER BY pivot.product_id, known.score DESC, known.id
          ) AS best
          LEFT JOIN LATERAL (
            SELECT past.grade, past.taken_on FROM onep_score_snapshot AS past
             WHERE past.product_id = best.product_id
               AND past.marketplace_id = best.marketplace_id
             ORDER BY past.taken_on DESC
             LIMIT 1
          ) AS last ON TRUE
         WHERE last.taken_on IS NULL OR last.grade IS DISTINCT FROM best.grade
            OR last.taken_on <= %(today)s::date - interval '1 month'
         ORDER BY best.product_id
        ON CONFLICT (product_id, marketplace_id, taken_on) DO UPDATE SET
               score = excluded.score, grade = excluded.grade, confidence = excluded.confidence,
               unit_margin = excluded.unit_margin, unit_fees = excluded.unit_fees,
               unit_cost = excluded.unit_cost, partner_id = excluded.partner_id,
               sources = excluded.sources
        """,
        today=today,
        sources=sources,
        marketplace_id=marketplace_id,
        company_id=company_id,
    )


#: A credit note below this share of the price ordered gives money back for goods that were kept.
REBATE_BELOW = 0.5


def select_outcomes(company_id: int, since, until, days: int, marketplace_id: int | None) -> SQL:
    """What happened in the days after each snapshot, of products we had or sold.

    Columns: id, product_id, sources, units (sold, net of returns), margin: what customers paid
    without VAT, less what the units cost (standard price) and the fees the deal foresaw; NULL
    where a delivery has no sale line to tell its price. What they paid is told by the posted
    invoices of the sale line less its credit notes, before there is one by the order. Sales are
    those of the marketplace's sales team, of all channels together when it has none. Leans on
    stock_move_line (product_id).

    since, until: days of the snapshots; days: how long each is followed
    """
    return SQL(
        """
        SELECT snap.id, snap.product_id, snap.sources, coalesce(sold.units, 0)::float8 AS units,
               CASE WHEN sold.units IS NULL THEN 0
                    WHEN sold.is_priced THEN sold.revenue - sold.units * (
                        coalesce((variant.standard_price ->> %(company_id)s::text)::float8, 0)
                        + coalesce(snap.unit_fees, 0)) END::float8 AS margin
          FROM onep_score_snapshot AS snap
          JOIN product_product AS variant ON variant.id = snap.product_id
          JOIN onep_marketplace AS place ON place.id = snap.marketplace_id
          LEFT JOIN LATERAL (
            SELECT sum(moved.units) AS units, bool_and(moved.price IS NOT NULL) AS is_priced,
                   sum(moved.units * moved.price) AS revenue
              FROM (
                SELECT CASE WHEN target.usage = 'customer' THEN done.quantity_product_uom
                            ELSE -done.quantity_product_uom END AS units,
                       coalesce(paid.price,
                           line.price_subtotal / nullif(line.product_uom_qty, 0)
                               / nullif(coalesce(sale.currency_rate, 1), 0))
                           * unit.factor / line_unit.factor AS price
                  FROM stock_move_line AS done
                  JOIN stock_location AS source ON source.id = done.location_id
                  JOIN stock_location AS target ON target.id = done.location_dest_id
                  JOIN stock_move AS move ON move.id = done.move_id
                  JOIN product_template AS article ON article.id = variant.product_tmpl_id
                  JOIN uom_uom AS unit ON unit.id = article.uom_id
                  LEFT JOIN sale_order_line AS line ON line.id = move.sale_line_id
                  LEFT JOIN uom_uom AS line_unit ON line_unit.id = line.product_uom_id
                  LEFT JOIN sale_order AS sale ON sale.id = line.order_id
                  LEFT JOIN LATERAL (%(paid)s) AS paid ON TRUE
                 WHERE done.product_id = snap.product_id AND done.company_id = %(company_id)s
                   AND done.state = 'done' AND done.date::date > snap.taken_on
                   AND done.date::date <= snap.taken_on + %(days)s
                   AND (source.usage = 'customer') != (target.usage = 'customer')
                   AND (place.sale_team_id IS NULL OR sale.team_id = place.sale_team_id)
              ) AS moved
          ) AS sold ON TRUE
         WHERE snap.company_id = %(company_id)s
           AND snap.taken_on BETWEEN %(since)s AND %(until)s
           AND (%(marketplace_id)s::integer IS NULL OR snap.marketplace_id = %(marketplace_id)s)
           AND EXISTS (
               SELECT 1 FROM stock_move_line AS had
                 JOIN stock_location AS place ON place.id = had.location_dest_id
                WHERE had.product_id = snap.product_id AND had.company_id = %(company_id)s
                  AND had.state = 'done' AND had.date::date <= snap.taken_on + %(days)s
                  AND place.usage IN ('internal', 'customer'))
         ORDER BY snap.id
        """,
        company_id=company_id,
        since=since,
        until=until,
        days=days,
        marketplace_id=marketplace_id,
        paid=_paid(),
    )


def _paid() -> SQL:
    """Price of a unit of ``line`` by its posted invoices, company currency; NULL without one.

    Invoices less credit notes, over the units that they are for: those invoiced and not credited,
    and no fewer than the customer keeps of those invoiced: what was paid back for goods that stay
    lowers their price. Leans on sale_order_line_invoice_rel (order_line_id).
    """
    return SQL(
        """
        SELECT sum(item.amount) / nullif(greatest(
                   sum(item.counted),
                   least(sum(item.invoiced), line.qty_delivered)), 0) AS price
          FROM (
            SELECT -billed.balance AS amount, taken.quantity * known.is_invoice AS invoiced,
                   taken.quantity * CASE
                       WHEN known.is_invoice = 1 THEN 1
                       WHEN billed.balance * line.product_uom_qty * coalesce(sale.currency_rate, 1)
                            >= line.price_subtotal * taken.quantity * %(rebate_below)s THEN -1
                       ELSE 0 END AS counted
              FROM sale_order_line_invoice_rel AS told
              JOIN account_move_line AS billed ON billed.id = told.invoice_line_id
              JOIN account_move AS bill ON bill.id = billed.move_id
               AND bill.state = 'posted' AND bill.move_type IN ('out_invoice', 'out_refund')
              JOIN uom_uom AS billed_unit ON billed_unit.id = billed.product_uom_id
              JOIN LATERAL (
                  SELECT billed.quantity * billed_unit.factor / line_unit.factor AS quantity
              ) AS taken ON TRUE
              JOIN LATERAL (
                  SELECT (bill.move_type = 'out_invoice')::integer AS is_invoice
              ) AS known ON TRUE
             WHERE told.order_line_id = line.id AND billed.quantity > 0
          ) AS item
        """,
        rebate_below=REBATE_BELOW,
    )
