"""Picking list lines and the order lines that cover them: one statement for any number."""

from odoo.tools import SQL


def claim(offer_ids: list[int]) -> SQL:
    """Touch supplier offers before their articles become products and vendor prices of Odoo.

    Two lists of one article are then ordered one after the other: whoever began before the first
    has committed is refused by PostgreSQL and replayed by Odoo, and finds what the first created.
    The touch writes nothing new. In the order of the ids, so that two never wait for each other.
    """
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer SET write_uid = offer.write_uid
          FROM (SELECT id FROM onep_supplier_offer
                 WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) AS asked
         WHERE offer.id = asked.id
        """,
        offer_ids,
    )


def link(line_ids: list[int], purchase_line_ids: list[int], uom_ids: list[int], uid: int) -> SQL:
    """Say which order line covers each line, and the unit that the line's quantity is told in."""
    return SQL(
        """
        UPDATE onep_picking_list_line AS line
           SET purchase_line_id = covered.purchase_line_id, uom_id = covered.uom_id,
               write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
          FROM unnest(%(line_ids)s::integer[], %(purchase_line_ids)s::integer[],
                      %(uom_ids)s::integer[]) AS covered (id, purchase_line_id, uom_id)
         WHERE line.id = covered.id
     RETURNING line.id
        """,
        line_ids=line_ids,
        purchase_line_ids=purchase_line_ids,
        uom_ids=uom_ids,
        uid=uid,
    )
