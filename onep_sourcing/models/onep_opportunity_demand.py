import numpy as np

from odoo import models

from ..planning import costs
from ..planning import quantity as planning
from ..planning.deals import number
from ..planning.demand import Demand
from ..planning.signals import expected_units
from ..planning.storage import UNLIMITED, hold
from .onep_evaluation_cost import DAYS_PER_MONTH
from .onep_opportunity_quantity import known

_MM3_PER_M3 = 1e9
_G_PER_KG = 1e3


class OnepOpportunity(models.Model):
    """What sells of the articles of opportunities, and what we have of them."""

    _inherit = "onep.opportunity"

    def _get_demand(self, company, cover_days):
        """Return the ``planning.demand.Demand`` of these articles (n) in a company."""
        own_sales, available = self._get_own_sales(company)
        return Demand.of(cover_days, own_sales, self._get_market_sales(), available)

    def _advise(self, demand, storage=UNLIMITED):
        """Return the ``planning.quantity.QuantityAdvice`` of these for a demand.

        :param storage: ``planning.storage.Storage``, what may be stored of these together
        """
        offers = [opportunity.supplier_offer_id for opportunity in self]
        minimum = np.array([number(offer.minimum_order_quantity) for offer in offers])
        pack = np.array([number(offer.pack_size) for offer in offers])
        stock_quantity = self._get_numbers("supplier_stock")
        advice = planning.recommend(demand.wanted, minimum, pack, stock_quantity)
        most = storage.most(demand.daily_sales, demand.available)
        advice = planning.raise_to_tier(
            advice,
            np.minimum(demand.most, most),
            np.array([offer.price_untaxed for offer in offers], np.float64),
            costs.price_tiers(*self._get_tier_texts(offers)),
            pack,
            stock_quantity,
        )
        return hold(
            advice,
            storage,
            most,
            minimum,
            pack,
            self._get_unit_volumes(),
            self._get_numbers("weight_g") / _G_PER_KG,
            self._get_numbers("net_margin"),
        )

    def _get_unit_volumes(self):
        """Return the volume of a unit of these (n) [m³], NaN unknown."""
        sides = [self._get_numbers(name) for name in ("length_mm", "width_mm", "height_mm")]
        return np.prod(sides, axis=0) / _MM3_PER_M3

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

        What customers ordered is no longer ours. An article that is not in Odoo is unknown.
        """
        variants = self.product_id.product_id
        own = variants._onep_get_own_figures(company)
        daily = dict(zip(variants.ids, own.daily_sales.tolist(), strict=True))
        forecast = dict(zip(variants.ids, own.forecast.tolist(), strict=True))
        keys = [opportunity.product_id.product_id.id for opportunity in self]
        return tuple(
            np.array([figures.get(key, np.nan) for key in keys], np.float64)
            for figures in (daily, forecast)
        )

    def _get_market_sales(self):
        """Return units (n) a day of the market's estimated sales that would be ours, NaN unknown.

        As one more seller beside those who are there, and by the low figure of the estimate: what
        was never sold here is first bought with care.
        """
        columns = {
            "estimated_sales": self._get_numbers("estimated_sales_low"),
            "offer_count": self._get_numbers("offer_count"),
        }
        columns["units_per_month"] = np.full(len(self), np.nan)
        return expected_units(columns) / DAYS_PER_MONTH
