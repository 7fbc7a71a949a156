from datetime import timedelta

import numpy as np

from odoo import fields, models

from ..planning import costs
from ..planning import quantity as planning
from ..planning.deals import number
from ..planning.demand import Demand
from ..planning.quantity import SALES_DAYS
from ..sql import stock
from .onep_opportunity_quantity import known


class OnepOpportunity(models.Model):
    """What sells of the articles of opportunities, and what we have of them."""

    _inherit = "onep.opportunity"

    def _get_demand(self, company, cover_days):
        """Return the ``planning.demand.Demand`` of these articles (n) in a company."""
        own_sales, available = self._get_own_sales(company)
        return Demand.of(cover_days, own_sales, self._get_market_sales(), available)

    def _advise(self, demand):
        """Return the ``planning.quantity.QuantityAdvice`` of these for a demand."""
        offers = [opportunity.supplier_offer_id for opportunity in self]
        minimum = np.array([number(offer.minimum_order_quantity) for offer in offers])
        pack = np.array([number(offer.pack_size) for offer in offers])
        stock_quantity = self._get_numbers("supplier_stock")
        advice = planning.recommend(demand.wanted, minimum, pack, stock_quantity)
        return planning.raise_to_tier(
            advice,
            demand.most,
            np.array([offer.price_untaxed for offer in offers], np.float64),
            costs.price_tiers(*self._get_tier_texts(offers)),
            pack,
            stock_quantity,
        )

    def _prepare_demand_vals(self, demand):
        """What the lines of these keep of a demand."""
        return [
            {
                "daily_sales": known(sales, 4),
                "available_quantity": known(available, 3),
                "sales_source": source,
            }
            for sales, available, source in zip(
                demand.daily_sales.tolist(), demand.available.tolist(), demand.keys(), strict=True
            )
        ]

    def _get_own_sales(self, company):
        """Return units we sell a day, and units we have or that are coming (n each, NaN unknown).

        An article that we do not have in Odoo is unknown; so are the sales of one never sold.
        """
        variants = self.product_id.product_id
        known = {}
        if variants:
            self.env.flush_all()
            since = fields.Datetime.now() - timedelta(days=SALES_DAYS)
            known = {
                variant_id: (
                    float(sold) / SALES_DAYS if sold > 0 else np.nan,
                    float(on_hand) + float(incoming),
                )
                for variant_id, on_hand, incoming, sold in self.env.execute_query(
                    stock.position(company.id, variants.ids, since)
                )
            }
        own = [opportunity.product_id.product_id.id for opportunity in self]
        rows = [known.get(key, (np.nan, 0.0 if key else np.nan)) for key in own]
        return np.array(rows, np.float64).reshape(-1, 2).T

    def _get_market_sales(self):
        """Hook: units (n) of the market's sales a day that would be ours, NaN unknown."""
        return np.full(len(self), np.nan)
