import numpy as np

from odoo import api, models

from odoo.addons.onep_margin.engine import effect

from ..planning import deals
from ..sql import fee_effect


class OnepEvaluation(models.Model):
    """The same deals under two sets of fees, in memory: nothing is written."""

    _inherit = "onep.evaluation"

    @api.model
    def _compare_cards(self, marketplace, present, changed, category_index, category_ids=None):
        """Return the ``engine.effect.Effect`` of replacing an engine card by another.

        present, changed: ``engine.rate_card.RateCard`` in the company's currency
        category_index: {fee_category_id: index}, the same in both
        category_ids: fee categories the change is about; None for all

        The first page of deals is priced (``BATCH_DEALS``); ``Effect.total`` says how many
        there are. The keys of ``Effect.top`` are (supplier offer id, marketplace id).
        """
        run = self.with_company(marketplace.company_id).with_context(
            onep_effect_categories=None if category_ids is None else sorted(category_ids)
        )
        run = run.new({"company_id": marketplace.company_id.id, "scope": "marketplace"})
        run._flush_sources()
        columns = run._fetch_deals(marketplace, 0)
        total = run._count(marketplace)
        columns |= run._match_categories(marketplace, columns, category_index, {})
        sheet = run.env["onep.cost.sheet"]._get_engine_sheet()
        columns["units_per_month"] = np.full(len(columns["supplier_offer_id"]), np.nan)
        columns |= run._get_cost_columns(columns, sheet, {})
        curves = marketplace._get_rank_curves(category_index)
        columns |= run._get_demand_columns(columns, columns["category"], curves)
        before, after = (
            run._get_outcome(marketplace, columns, sheet, card) for card in (present, changed)
        )
        keys = [(int(offer), marketplace.id) for offer in columns["supplier_offer_id"]]
        return effect.measure(before, after, keys, total)

    def _get_outcome(self, marketplace, columns, sheet, card):
        """Return the ``engine.effect.Outcome`` of deals under a card."""
        profile = marketplace._get_score_profile()._get_engine_profile()
        terms = self._get_terms(marketplace, card)
        if card.is_missing:
            columns = columns | {"category": np.full(len(columns["category"]), -1)}
        priced = deals.evaluate(columns, sheet, card, profile, terms)
        with np.errstate(invalid="ignore"):
            is_good = (priced["roi"] >= terms.target_roi) & (
                priced["margin_rate"] >= terms.target_margin_rate
            )
        return effect.Outcome(priced["net_margin"], is_good)

    def _get_scope(self, marketplace):
        category_ids = self.env.context.get("onep_effect_categories")
        if category_ids is not None:
            return fee_effect.of_fee_categories(marketplace.id, category_ids)
        return super()._get_scope(marketplace)
