from math import isnan

import numpy as np

from odoo import api, fields, models

from odoo.addons.onep_margin.engine import bounds, causes, margin
from odoo.addons.onep_margin.engine.batch import MARKETPLACE, MERCHANT
from odoo.addons.onep_margin.engine.price_points import PricePoints

from ..planning import deals, scenario
from ..planning.adjustments import OF_ARTICLE

#: Rows of the channels side by side.
ROWS = (
    "sell_price_taxed",
    "landed_cost",
    "commission",
    "fulfilment_fee",
    "other_fees",
    "net_margin",
    "margin_rate",
    "roi",
    "break_even_price_taxed",
    "suggested_price_taxed",
    "offer_count_text",
    "unknown_text",
)
_WAYS = (("marketplace", MARKETPLACE), ("merchant", MERCHANT))


class OnepOpportunity(models.Model):
    """One offer on every channel side by side: marketplace × who ships."""

    _name = "onep.opportunity"
    _inherit = ["onep.opportunity", "onep.margin.comparison.mixin"]

    channel_table = fields.Json(compute="_compute_channel_table")

    @api.depends("net_margin", "evaluated_at", "channel_ids")
    @api.depends_context("lang")
    def _compute_channel_table(self):
        for opportunity in self:
            columns = []
            there = opportunity | opportunity.channel_ids
            for other in there.sorted(lambda other: (other.marketplace_id.sequence, other.id)):
                columns += other._get_channels()
            opportunity.channel_table = opportunity._prepare_comparison(
                self._mark_best(columns), ROWS
            )

    @api.model
    def _get_figure_rows(self):
        rows = super()._get_figure_rows()
        return (*rows[:-1], ("offer_count_text", "text", None), rows[-1])

    @api.model
    def _get_figure_labels(self):
        return super()._get_figure_labels() | {"offer_count_text": self.env._("Offers there")}

    def _get_offer_count_text(self):
        """Return how many offers there are here, as far as the marketplace tells."""
        if self.offer_count is False:
            return self.env._("unknown")
        return f"{self.offer_count_sign or ''} {self.offer_count}".strip()

    def _get_channels(self):
        """Return a column of the table for each way of shipping that is allowed here."""
        place = self.marketplace_id
        allowed = {
            "marketplace": place.ships_by_marketplace,
            "merchant": place.ships_by_merchant or not place.ships_by_marketplace,
        }
        return [
            {
                "key": f"{place.id}-{name}",
                "label": place._get_way_name(name),
                "sublabel": name == self.fulfilment and self._get_freshness_note(),
                "figures": self._get_figures_by(way),
                "record": f"{self._name},{self.id}",
            }
            for name, way in _WAYS
            if allowed[name]
        ]

    def _get_freshness_note(self):
        """Return how old the marketplace's figures are when they are not fresh; False."""
        if self.freshness == "fresh":
            return False
        return dict(self._fields["freshness"]._description_selection(self.env))[self.freshness]

    def _restore(self):
        """Return (RateCard, DealBatch) of this deal by today's rules, from its stored inputs."""
        self.ensure_one()
        place = self.marketplace_id
        card, index = place.with_company(self.company_id)._get_engine_card()
        columns = {
            name: np.array([np.nan if self[name] is False else self[name]], dtype=np.float64)
            for name in scenario.STORED
        }
        batch = scenario.stored_batch(
            columns,
            np.array([index.get(self.fee_category_id.id, -1)]),
            deals.condition_codes([self.supplier_offer_id.condition]),
            self._get_adjustment_bits(card),
        )
        return card, batch.replace(
            unknown=self._get_goods_causes(), **place._get_shipping_choice(card)
        )

    def _get_adjustment_bits(self, card):
        """Return the fulfilment adjustments (1) of this deal, as ``DealBatch`` has them."""
        product = self.product_id
        return self.marketplace_id._get_adjustments(card).bits(
            {name: [product[name]] for name in OF_ARTICLE}
        )

    def _get_goods_causes(self):
        """Return the bits of what leaves the cost unknown, as it was priced."""
        return causes.bits(self.unknown_reasons) & int(causes.GOODS)

    def _get_goods_estimates(self):
        """Return the bits of what its cost assumes, as it was priced."""
        return causes.bits(self.estimated_reasons, causes.ESTIMATES) & int(causes.GOODS_ESTIMATES)

    def _get_figures_by(self, way):
        """Return {row: figure} of this deal at one way of shipping, None unknown."""
        card, batch = self._restore()
        batch = deals.at_way(batch, way)
        result = margin.compute(batch, card)
        currency = self.company_id.currency_id
        shipping = result.fulfilment_fee + result.carrier_cost
        points = self.marketplace_id._get_price_points(currency)
        coins = PricePoints(currency.rounding, decimals=currency.decimal_places)
        money = {
            "sell_price_taxed": batch.sell_price_taxed + batch.shipping_charged_taxed,
            "landed_cost": result.landed_cost,
            "commission": result.commission,
            "fulfilment_fee": shipping,
            "other_fees": result.total_fees - result.commission - shipping,
            "net_margin": result.net_margin,
            "break_even_price_taxed": bounds.target_price(batch, card, points=coins),
            "suggested_price_taxed": bounds.target_price(
                batch, card, self.company_id.margin_target_roi, points=points
            ),
        }
        figures = {name: float(amount[0]) for name, amount in money.items()}
        return {
            **{
                name: None if isnan(amount) else currency.round(amount)
                for name, amount in figures.items()
            },
            **{
                name: self._as_json(float(getattr(result, name)[0]))
                for name in ("margin_rate", "roi")
            },
            "offer_count_text": self._get_offer_count_text(),
            "unknown_text": self._get_channel_cause(result),
        }

    def _get_channel_cause(self, result):
        """Return in words why a channel's margin is unknown; None when it is known."""
        keys = causes.keys(result.unknown[0])
        market = [key for key in (self.unknown_reasons or "").split(",") if "market_" in key]
        if market and "sell_price_missing" in keys:
            keys = market
        if "rate_card_missing" in keys:
            # All the others follow from it.
            keys = ["rate_card_missing"]
        return self._join_labels(",".join(keys), self._get_cause_labels()) or None
