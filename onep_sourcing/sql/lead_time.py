"""How long suppliers took to deliver."""

from odoo.tools import SQL


def kept(company_id: int, partner_ids: list[int], since) -> SQL:
    """(commercial partner id, median days from confirmation to first receipt, orders received).

    Suppliers of which nothing was received have no row. Leans on purchase_order (partner_id).

    since: UTC datetime from which orders were confirmed
    """
    return SQL(
        """
        SELECT vendor.commercial_partner_id,
               percentile_cont(0.5) WITHIN GROUP (
                   ORDER BY extract(epoch FROM bought.effective_date - bought.date_approve) / 86400
               )::float8,
               count(*)
          FROM res_partner AS vendor
          JOIN purchase_order AS bought ON bought.partner_id = vendor.id
         WHERE vendor.commercial_partner_id = ANY(%(partner_ids)s)
           AND bought.company_id = %(company_id)s AND bought.state = 'purchase'
           AND bought.date_approve >= %(since)s AND bought.effective_date >= bought.date_approve
         GROUP BY vendor.commercial_partner_id
        """,
        partner_ids=partner_ids,
        company_id=company_id,
        since=since,
    )
