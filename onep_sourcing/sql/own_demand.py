"""What is ours of picking list lines, our stock and sales: written at once."""

from odoo.tools import SQL


def update(line_ids: list[int], daily_sales, available, sources: list[str], uid: int) -> SQL:
    """Write sales a day, stock and where the sales are from; None is unknown.

    Only lines on which one of them moved are touched. Leans on the primary key.

    daily_sales, available: numbers or None, one per line
    """
    return SQL(
        """
        UPDATE onep_picking_list_line AS line
           SET daily_sales = told.daily_sales, available_quantity = told.available,
               sales_source = told.source,
               write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
          FROM unnest(%(line_ids)s::integer[], %(daily_sales)s::numeric[],
                      %(available)s::numeric[], %(sources)s::varchar[])
            AS told (id, daily_sales, available, source)
         WHERE line.id = told.id
           AND (line.daily_sales, line.available_quantity, line.sales_source)
               IS DISTINCT FROM (told.daily_sales, told.available, told.source)
     RETURNING line.id
        """,
        line_ids=line_ids,
        daily_sales=daily_sales,
        available=available,
        sources=sources,
        uid=uid,
    )
