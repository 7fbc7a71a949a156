from dataclasses import dataclass

import numpy as np

from odoo import models

from ..planning import quantity as planning
from ..planning.storage import UNLIMITED


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Opportunities to buy, in their order.

    taken: recordset
    quantity_vals: what the line of each says of its quantity
    figures: what each costs and earns at it; see ``_prepare_quantity_vals``
    skipped: {"loss", "none", "storage", "budget"} of those passed over, by why
    outside: recordset of those that did not fit the budget, best first
    outside_quantities: units advised of each of them
    outside_figures: what each would cost and earn
    """

    taken: models.Model
    quantity_vals: list
    figures: list
    skipped: dict
    outside: models.Model
    outside_quantities: list
    outside_figures: list

    @property
    def spend(self):
        """What they cost together [company's currency]."""
        return sum(
            own["price_company"] * row["quantity"]
            for own, row in zip(self.figures, self.quantity_vals, strict=True)
        )

    @property
    def margin(self):
        """What they earn together [company's currency]."""
        return sum(
            own["unit_margin"] * row["quantity"]
            for own, row in zip(self.figures, self.quantity_vals, strict=True)
        )


class OnepOpportunity(models.Model):
    """As many of these as a budget allows, best first, in the quantities advised."""

    _inherit = "onep.opportunity"

    def _choose_within(self, company, cover_days, budget=np.inf, most=None, storage=UNLIMITED):
        """Return the ``Choice`` of these that a budget allows, taken in their order.

        The first one that does not fit is bought in as many units as still do; what earns
        nothing, is covered by our stock or cannot be had is passed over.

        :param most: opportunities at most, None for all
        :param storage: ``planning.storage.Storage``
        """
        demand = self._get_demand(company, cover_days)
        advice = self._advise(demand, storage)
        quantity, reason = advice.quantity.copy(), advice.reason.copy()
        figures = self._prepare_quantity_vals(np.maximum(quantity, 1.0))
        stored = (quantity <= 0) & (reason == planning.STORAGE)
        none = ((quantity <= 0) & ~stored) | (reason == planning.COVERED)
        loss = ~none & ~stored & ~(_column(figures, "unit_margin") > 0)
        amount = _column(figures, "price_company") * quantity
        amount[none | loss | stored] = np.nan
        taken = planning.within(budget, most, amount)
        row = self._fill_budget(budget, most, amount, taken, quantity, figures)
        if row is not None:
            reason[row] = planning.BUDGET
            taken = planning.within(budget, most, amount)
        rows = np.flatnonzero(taken)
        is_full = most and len(rows) == most
        looked_at = amount[: rows[-1] + 1] if is_full else amount
        outside = np.flatnonzero(~np.isnan(looked_at) & ~taken[: len(looked_at)])
        known = self._prepare_demand_vals(demand)
        return Choice(
            taken=self.browse([self._ids[row] for row in rows.tolist()]),
            quantity_vals=[
                {
                    "quantity": float(quantity[row]),
                    "recommended_quantity": float(quantity[row]),
                    "quantity_reason": planning.REASONS[reason[row]],
                    **known[row],
                }
                for row in rows.tolist()
            ],
            figures=[figures[row] for row in rows.tolist()],
            skipped={
                "loss": int(loss.sum()),
                "none": int(none.sum()),
                "storage": int(stored.sum()),
                "budget": len(outside),
            },
            outside=self.browse([self._ids[row] for row in outside.tolist()]),
            outside_quantities=quantity[outside].tolist(),
            outside_figures=[figures[row] for row in outside.tolist()],
        )

    def _fill_budget(self, budget, most, amount, taken, quantity, figures):
        """Buy what is left of the budget of the best one that does not fit.

        ``amount``, ``quantity`` and ``figures`` are changed at its place.

        :return: its place, None when nothing is to be filled
        """
        out = np.flatnonzero(~taken & ~np.isnan(amount))
        if not len(out) or np.isinf(budget) or (most and taken[: out[0]].sum() >= most):
            return None
        row = int(out[0])
        left = budget - np.nansum(amount[:row][taken[:row]])
        one = self[row]
        offer = one.supplier_offer_id
        smaller = planning.affordable(
            left,
            figures[row]["price_company"],
            offer.minimum_order_quantity or 0.0,
            offer.pack_size or 0.0,
        )
        if not smaller:
            return None
        # Of fewer units the price may be another one.
        own = one._prepare_quantity_vals([smaller])[0]
        if own["price_company"] is False or own["price_company"] * smaller > left + 1e-6:
            return None
        if not (own["unit_margin"] or 0.0) > 0:
            return None
        quantity[row], amount[row], figures[row] = smaller, own["price_company"] * smaller, own
        return row


def _column(figures, name):
    """Return a figure (n), NaN unknown."""
    values = [own[name] for own in figures]
    return np.array([np.nan if value is False else value for value in values], np.float64)
