from collections import defaultdict

import numpy as np

from odoo import api, fields, models

from ..planning.list_totals import order_gaps


class OnepPickingList(models.Model):
    """What each supplier's order amounts to, and what it still misses."""

    _inherit = "onep.picking.list"

    supplier_summary = fields.Json(compute="_compute_supplier_summary")

    @api.depends(
        "line_ids.amount",
        "line_ids.amount_company",
        "line_ids.margin_total",
        "line_ids.landed_cost",
        "line_ids.quantity",
        "line_ids.weight_g",
        "line_ids.volume_l",
        "line_ids.daily_sales",
        "line_ids.partner_id",
        "line_ids.purchase_line_id",
    )
    def _compute_supplier_summary(self):
        """One entry per supplier and currency, dearest first."""
        for picking in self:
            groups = sorted(
                picking._group_by_supplier(picking.line_ids).items(),
                key=lambda item: -sum(item[1].mapped("amount_company")),
            )
            picking.supplier_summary = picking._prepare_supplier_summary(groups)

    def _group_by_supplier(self, lines):
        """{(supplier, currency): lines}, in the order of the lines."""
        groups = defaultdict(self.env["onep.picking.list.line"].browse)
        for line in lines:
            groups[line.partner_id, line.currency_id] |= line
        return groups

    def _prepare_supplier_summary(self, groups):
        """:param groups: [((supplier, currency), lines)]"""
        self.ensure_one()
        if not groups:
            return []
        summed = self.line_ids.browse()._sum_up([lines for _key, lines in groups])
        suppliers = self.env["onep.supplier.terms"]._get_order_terms(
            self.company_id,
            [
                (partner.commercial_partner_id.id, currency.id)
                for (partner, currency), _lines in groups
            ],
        )
        places = np.arange(len(groups))
        goods = np.array([totals["budget"] for totals in summed])
        gaps = order_gaps(suppliers, places, goods)
        extras = suppliers.extras(places, goods)
        entries = []
        for place, ((partner, currency), lines) in enumerate(groups):
            totals = summed[place]
            known = lines.filtered("margin_known")
            # A total that an unknown price is missing from says nothing of a threshold.
            is_told = all(line.price_company is not False for line in lines)
            entries.append(
                {
                    "id": f"{partner.id or 0}-{currency.id or 0}",
                    "supplier": partner.display_name or "",
                    "line_count": len(lines),
                    "amount": sum(lines.mapped("amount")),
                    "currency_id": currency.id,
                    "amount_company": totals["budget"],
                    "company_currency_id": self.currency_id.id,
                    "margin": totals["margin"],
                    "roi": totals["roi"],
                    "weight_kg": totals["weight_kg"],
                    "unknown_weight_count": totals["unknown_weight_count"],
                    "volume_m3": totals["volume_m3"],
                    "unknown_volume_count": totals["unknown_volume_count"],
                    "days_of_cover": totals["days_of_cover"],
                    "assumed_stock_count": totals["assumed_stock_count"],
                    "unknown_sales_count": totals["unknown_sales_count"],
                    "to_minimum": _gap(gaps.to_minimum[place]) if is_told else None,
                    "to_carriage_paid": _gap(gaps.to_carriage_paid[place]) if is_told else None,
                    "to_unsurcharged": _gap(gaps.to_unsurcharged[place]) if is_told else None,
                    "has_minimum": bool(suppliers.minimum_goods[place] > 0.0),
                    "has_carriage": bool(0.0 < suppliers.free_goods[place] < np.inf),
                    "extras": _gap(extras[place]),
                    "unknown_count": len(lines) - len(known),
                    "ordered_count": len(lines._get_live_purchase_lines()),
                }
            )
        return entries


def _gap(value):
    """Return an amount for people; None when it is unknown or never reached."""
    return round(float(value), 2) if np.isfinite(value) else None
