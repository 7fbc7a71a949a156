"""What a morning proposal leaves alone: what is being bought already, what was just refused."""

from odoo.tools import SQL

#: Lines of a company that stand in the way of another purchase.
_ENGAGED = """
    SELECT line.{column}
      FROM onep_picking_list_line AS line
      JOIN onep_picking_list AS list ON list.id = line.list_id
      LEFT JOIN purchase_order_line AS bought ON bought.id = line.purchase_line_id
      LEFT JOIN purchase_order AS purchase ON purchase.id = bought.order_id
     WHERE list.company_id = %(company_id)s AND line.{column} IS NOT NULL
       AND (
           list.state IN ('draft', 'proposed')
           OR (list.state = 'approved' AND line.purchase_line_id IS NULL
               AND line.is_closed IS NOT TRUE)
           OR purchase.state IN ('draft', 'sent', 'to approve')
           OR (purchase.state = 'purchase' AND bought.qty_received < bought.product_qty
               AND purchase.receipt_status IS DISTINCT FROM 'full')
           OR (list.state = 'cancelled' AND list.proposal_rule_id = %(rule_id)s
               AND list.proposed_on > %(refused_since)s)
       )
"""


def engaged_offers(company_id: int, rule_id: int, refused_since) -> SQL:
    """Ids of supplier offers in open lists, on RFQs or awaited, or refused since a day.

    refused_since: day after which a cancelled list of the rule still counts

    Leans on the company index of picking list lines.
    """
    return SQL(
        _ENGAGED.format(column="supplier_offer_id"),
        company_id=company_id,
        rule_id=rule_id,
        refused_since=refused_since,
    )


def engaged_products(company_id: int, rule_id: int, refused_since) -> SQL:
    """Ids of onep_product that such lines buy, whoever their supplier is."""
    return SQL(
        _ENGAGED.format(column="product_id"),
        company_id=company_id,
        rule_id=rule_id,
        refused_since=refused_since,
    )


def taken(rule_ids: list[int], since) -> SQL:
    """(rule, amount in the company's currency) of the lists proposed from a day on.

    Cancelled lists take nothing. Leans on the index of lists by rule.
    """
    return SQL(
        """
        SELECT proposal_rule_id, sum(budget)
          FROM onep_picking_list
         WHERE proposal_rule_id = ANY(%s) AND proposed_on >= %s AND state <> 'cancelled'
         GROUP BY proposal_rule_id
        """,
        rule_ids,
        since,
    )
