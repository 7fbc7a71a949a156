import numpy as np

from odoo import models

from ..engine.carrier import CarrierGrid
from ..engine.logistics import Parcels
from ..figure_words import figure_words

_SETTINGS = (
    "volumetric_divisor",
    "weight_step_g",
    "side_step_mm",
    "max_weight_g",
    "max_longest_mm",
    "max_sum_mm",
    "max_girth_mm",
    "fuel_rate",
    "fixed_amount",
)


class OnepCarrierGrid(models.Model):
    """A carrier's grid as rows that another one can be compared with."""

    _inherit = "onep.carrier.grid"

    def _get_comparable(self):
        """Return {section: {row in words: figure}}; the same words are the same row."""
        self.ensure_one()
        supplements = self.supplement_ids.filtered("active")
        labels = self.fields_get(_SETTINGS, ["string"])
        return {
            "setting": {labels[name]["string"]: self[name] for name in _SETTINGS},
            "price": {line._get_case(): line.amount for line in self.line_ids.filtered("active")},
            "supplement": {row._get_case(): row.amount for row in supplements if row.amount},
            "supplement_share": {
                row._get_case(): round(row.rate * 100.0, 3) for row in supplements if row.rate
            },
        }

    def _price_sample(self, weight_g):
        """Return {words: what a parcel of a weight costs, fuel and fixed amounts included}.

        The parcel is small enough for its volume not to count; in the grid's own currency.
        """
        self.ensure_one()
        row = self._prepare_engine_row(self.valid_from, self.env.company)
        if not row:
            return {}
        grid = CarrierGrid.from_row(row)
        side, weight = np.full(1, 10.0), np.full(1, float(weight_g))
        parcels = Parcels.sort(side, side, side, weight)
        samples = {}
        for group, zone in enumerate(("", *grid.zones)):
            cost, _row = grid.price(parcels, np.full(1, group, dtype=np.int64))
            if not np.isnan(cost[0]):
                words = self.env._(
                    "Parcel of %(weight)s g", weight=figure_words(self.env, weight_g)
                )
                samples[" · ".join(filter(None, (words, zone)))] = round(float(cost[0]), 4)
        return samples
