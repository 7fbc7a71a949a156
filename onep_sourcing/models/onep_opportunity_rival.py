from odoo import api, fields, models

#: Rows of the suppliers side by side.
ROWS = (
    "landed_cost",
    "net_margin",
    "margin_rate",
    "roi",
    "max_buy_price",
    "supplier_stock",
    "minimum_order_quantity",
    "lead_time_days",
    "unknown_text",
)
#: Suppliers that fit side by side: this one, and the best others.
MOST = 6


class OnepOpportunity(models.Model):
    """One product on one marketplace, from each of its suppliers side by side."""

    _inherit = "onep.opportunity"

    rival_table = fields.Json(compute="_compute_rival_table")

    @api.depends("net_margin", "evaluated_at", "rival_ids")
    @api.depends_context("lang")
    def _compute_rival_table(self):
        for opportunity in self:
            rivals = opportunity.rival_ids.sorted(
                lambda rival: (not rival.margin_known, -(rival.net_margin or 0.0), rival.id)
            )
            columns = [
                {
                    "key": f"offer-{offer.supplier_offer_id.id}",
                    "label": offer.partner_id.display_name,
                    "sublabel": offer.supplier_sku,
                    "is_reference": offer == opportunity._origin,
                    "figures": {name: offer[name] for name in ROWS},
                    "record": offer != opportunity._origin and f"{self._name},{offer.id}",
                }
                for offer in opportunity._origin | rivals[: MOST - 1]
            ]
            opportunity.rival_table = self._prepare_comparison(self._mark_best(columns), ROWS)

    @api.model
    def _get_figure_rows(self):
        """Add what tells suppliers apart."""
        *figures, words = super()._get_figure_rows()
        return (
            *figures,
            ("supplier_stock", "number", "up"),
            ("minimum_order_quantity", "number", None),
            ("lead_time_days", "number", "down"),
            words,
        )

    @api.model
    def _get_figure_labels(self):
        return super()._get_figure_labels() | {
            "supplier_stock": self.env._("Supplier's stock"),
            "minimum_order_quantity": self.env._("Minimum order"),
            "lead_time_days": self.env._("Lead time (days)"),
        }
