from odoo import api, fields, models


class OnepRateCard(models.Model):
    """What storage by the marketplace costs: by season, and less for clothing."""

    _inherit = "onep.rate.card"

    storage_rate = fields.Monetary(
        "Storage per m³ and Month", tracking=True, help="Storage by the marketplace."
    )
    storage_peak_rate = fields.Monetary("Storage in Peak Months", tracking=True)
    storage_clothing_rate = fields.Monetary(
        "Storage of Clothing",
        tracking=True,
        help="Per m³ and month, for the fee categories that are stored as clothing. Empty: as all "
        "others.",
    )
    storage_clothing_peak_rate = fields.Monetary(
        "Storage of Clothing in Peak Months", tracking=True
    )
    storage_peak_from_month = fields.Integer("Peak from Month")
    storage_peak_to_month = fields.Integer("Peak to Month")

    _check_months = models.Constraint(
        "CHECK(COALESCE(storage_peak_from_month, 0) BETWEEN 0 AND 12"
        " AND COALESCE(storage_peak_to_month, 0) BETWEEN 0 AND 12)",
        "A month is a number from 1 to 12.",
    )

    @api.model
    def _find_begun_or_ended(self, since, until):
        """Storage has a price of its own in the peak months."""
        peaks = self.search([]).filtered(
            lambda card: card._is_storage_peak(since) != card._is_storage_peak(until)
        )
        return super()._find_begun_or_ended(since, until) | peaks

    def _get_storage_rate(self, on_date):
        """Return the marketplace's storage price on a day, per m³ and month."""
        is_peak = self.storage_peak_rate and self._is_storage_peak(on_date)
        return self.storage_peak_rate if is_peak else self.storage_rate

    def _get_clothing_storage_rate(self, on_date):
        """Return the storage price of clothing on a day; None when it is that of all."""
        if not self.storage_clothing_rate:
            return None
        is_peak = self.storage_clothing_peak_rate and self._is_storage_peak(on_date)
        return self.storage_clothing_peak_rate if is_peak else self.storage_clothing_rate

    def _is_storage_peak(self, on_date):
        """Return whether a day is in the peak months, which may go over the turn of the year."""
        first, last, month = (
            self.storage_peak_from_month,
            self.storage_peak_to_month,
            on_date.month,
        )
        return first <= month <= last if first <= last else month >= first or month <= last
