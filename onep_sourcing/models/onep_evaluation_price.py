import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ..planning import asked_price, costs
from ..sql import negotiated_price


class OnepEvaluation(models.Model):
    """What suppliers are paid: their catalogue, or what was negotiated."""

    _inherit = "onep.evaluation"

    def _get_negotiated(self):
        """Return the negotiated ``planning.asked_price.PriceLists`` of the offers to price."""
        among = SQL("offer.is_present AND offer.company_id = %s", self.company_id.id)
        if self.scope == "offers":
            among = SQL("%s AND offer.id = ANY(%s)", among, self.offer_ids or [])
        query = negotiated_price.select_lists(among, fields.Date.context_today(self))
        return asked_price.PriceLists.from_rows(self.env.execute_query(query))

    @api.model
    def _get_price_columns(self, columns, steps, negotiated, rates, quantity=None):
        """Return what the supplier is paid for the quantity that would be ordered: columns price,
        currency_id, eco_amount, tiers and is_negotiated.

        steps, negotiated: as ``planning.asked_price.settle`` has them
        rates: {currency id: company currency units for one unit, None when unknown}
        quantity: of each, the supplier's smallest order when it is None
        """
        if quantity is None:
            quantity = costs.order_quantities(
                columns["minimum_order_quantity"], columns["pack_size"]
            )
        catalogue = (columns[name] for name in ("supplier_offer_id", "price", "currency_id"))
        asked = asked_price.settle(*catalogue, steps, negotiated, quantity)
        amounts = columns["eco_amount"]
        elsewhere = np.flatnonzero(
            (asked.currency_id != columns["currency_id"]) & ~np.isnan(amounts)
        )
        if len(elsewhere):
            # The catalogue tells the contribution in its own currency.
            amounts = amounts.copy()
            rate = {float(key): rate or np.nan for key, rate in rates.items()}
            for column, power in ((columns["currency_id"], 1), (asked.currency_id, -1)):
                known = [rate.get(key, np.nan) for key in column[elsewhere]]
                amounts[elsewhere] *= np.power(known, power)
        return {
            "price": asked.price,
            "currency_id": asked.currency_id,
            "eco_amount": amounts,
            "tiers": asked.tiers,
            "is_negotiated": asked.is_negotiated,
        }
