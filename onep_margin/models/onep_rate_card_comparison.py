import numpy as np

from odoo import models

from ..engine.commission import CommissionTable

_SETTINGS = (
    "digital_services_rate",
    "refund_admin_rate",
    "subscription",
    "volumetric_divisor",
    "low_price_ceiling_taxed",
    "low_price_restricted_ceiling_taxed",
    "storage_rate",
    "storage_peak_rate",
    "storage_clothing_rate",
    "storage_clothing_peak_rate",
)


class OnepRateCard(models.Model):
    """A rate card as rows that another one can be compared with."""

    _inherit = "onep.rate.card"

    def _get_comparable(self):
        """Return {section: {row in words: figure}}; the same words are the same row."""
        self.ensure_one()
        lines = self.line_ids.filtered("active")
        bands = self.tier_ids.filtered("active").band_ids.filtered("active")
        labels = self.fields_get(_SETTINGS, ["string"])
        return {
            "setting": {labels[name]["string"]: self[name] for name in _SETTINGS},
            "commission": {line._get_case(): round(line.rate * 100.0, 3) for line in lines},
            "minimum": {line._get_case(): line.minimum for line in lines if line.minimum},
            "fixed": {line._get_case(): line.fixed_amount for line in lines if line.fixed_amount},
            "fulfilment": {band._get_case(): band.amount for band in bands},
            "surcharge": {
                row.name: row.rate or row.amount for row in self.surcharge_ids.filtered("active")
            },
        }

    def _price_sample(self, price_taxed):
        """Return {category: commission, closing fee included, of a new article at a price}."""
        self.ensure_one()
        rows = self._prepare_engine_commissions()
        categories = self.env["onep.fee.category"].browse({row["category"] for row in rows})
        categories = categories.sorted("name")
        table = CommissionTable.from_rows(rows, categories.ids)
        count = len(categories)
        base = np.full(count, float(price_taxed))
        row = table.find(np.arange(count), np.zeros(count, dtype=np.intp), base)
        total = table.commission(row, base) + table.closing_fee(row)
        return {
            self.env._("Commission, %(category)s", category=category.name): round(float(amount), 4)
            for category, amount in zip(categories, total, strict=True)
            if not np.isnan(amount)
        }
