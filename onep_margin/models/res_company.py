from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    margin_target_roi = fields.Float(
        "Target ROI",
        digits=(6, 4),
        default=0.3,
        help="Net margin wanted over landed cost; sets the highest buying price.",
    )
    margin_storage_days = fields.Float(
        "Storage Days", help="Days that goods are expected to wait for their buyer."
    )
    margin_own_storage_rate = fields.Monetary(
        "Own Storage per m³ and Month", help="For goods that we ship ourselves."
    )
    margin_return_rate = fields.Float(
        "Return Rate", digits=(6, 4), help="Share of sales that come back."
    )
    margin_return_cost = fields.Monetary("Cost of a Return", help="Handling of one returned unit.")
    margin_return_loss_rate = fields.Float(
        "Value Lost on a Return",
        digits=(6, 4),
        help="Share of the landed cost that a returned unit loses.",
    )

    margin_receiving_cost = fields.Monetary(
        "Receiving", help="Unloading, checking and putting away one unit."
    )
    margin_preparation_cost = fields.Monetary(
        "Preparation", help="Labelling and packing one unit before it is sold or sent to FBA."
    )
    margin_advertising_rate = fields.Float(
        "Advertising Share", digits=(6, 4), help="Share of the revenue spent on advertising."
    )
    margin_monthly_units = fields.Float(
        "Sales per Month",
        help="Sales of a month over which a marketplace's subscription is spread. Empty: it is "
        "not counted.",
    )

    def write(self, vals):
        if any(self._is_margin_setting(name) for name in vals):
            # Engine cards and cost sheets carry these settings.
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    def _is_margin_setting(self, name):
        """Hook: whether engine cards or cost sheets carry a field."""
        return name.startswith("margin_") or name in ("currency_id", "country_id")

    def _prepare_margin_usual_terms(self):
        """Hook: return ``CostSheet.from_rows(usual=…)``, for suppliers without terms."""
        return {}

    def _prepare_margin_assumptions(self):
        """Return the arguments of ``engine.rate_card.Assumptions``."""
        self.ensure_one()
        return {
            "storage_days": self.margin_storage_days,
            "own_storage_rate": self.margin_own_storage_rate,
            "return_rate": self.margin_return_rate,
            "return_cost": self.margin_return_cost,
            "return_loss_rate": self.margin_return_loss_rate,
            "advertising_rate": self.margin_advertising_rate,
            "monthly_units": self.margin_monthly_units,
        }
