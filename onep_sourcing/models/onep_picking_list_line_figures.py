import numpy as np

from odoo import api, models
from odoo.tools import float_compare

from ..planning import list_totals
from ..planning import quantity as planning
from ..planning.deals import UNIT_DECIMALS, number
from ..sql import own_demand
from .onep_picking_list import EDITABLE_STATES, FIGURES, OPEN_STATES

_MM3_PER_L = 1e6
_L_PER_M3 = 1e3
_G_PER_KG = 1e3


class OnepPickingListLine(models.Model):
    """What a line costs and earns at its quantity; what is closed keeps its figures."""

    _inherit = "onep.picking.list.line"

    @api.depends("quantity", "opportunity_id")
    def _compute_figures(self):
        """Price every open line at its quantity, in one pass."""
        priced = self.filtered(
            lambda line: line.opportunity_id and line.list_id.state in EDITABLE_STATES
        )
        for line in self - priced:
            for name in FIGURES:
                line[name] = line[name]
        if not priced:
            return
        opportunities = self.env["onep.opportunity"].browse(
            [line.opportunity_id.id for line in priced]
        )
        quantities = [line._get_priced_quantity() for line in priced]
        for line, vals in zip(
            priced, opportunities._prepare_quantity_vals(quantities), strict=True
        ):
            line.update(vals)
        # Asking for prices may flush: amounts that were computed meanwhile are computed again.
        priced.modified(FIGURES)

    @api.depends(
        "supplier_offer_id.price_untaxed",
        "supplier_offer_id.tiers",
        "catalogue_price",
        "quantity",
        "list_state",
    )
    def _compute_is_price_changed(self):
        """Of this quantity: a tier may move while the price of one unit stays.

        A price agreed since, or no longer, is a change; the list's does not matter beside one.
        """
        told = self.filtered(
            lambda line: (
                line.supplier_offer_id
                and line.list_state in OPEN_STATES
                and line.catalogue_price is not False
            )
        )
        (self - told).is_price_changed = False
        priced = told.filtered("opportunity_id")
        opportunities = priced.opportunity_id.browse([line.opportunity_id.id for line in priced])
        quantities = [line._get_priced_quantity() for line in priced]
        agreed = opportunities._get_agreed_prices(quantities).tolist()
        agreed = dict(zip(priced, agreed, strict=True))
        for line in told:
            price = agreed.get(line, np.nan)
            if line.is_price_agreed or price == price:
                now, then = price, line.price_unit if line.is_price_agreed else np.nan
            else:
                now = line.supplier_offer_id._get_price_at(line._get_priced_quantity())
                then = line.catalogue_price
            line.is_price_changed = (
                np.isnan(now) != np.isnan(then)
                or float_compare(now, then, precision_digits=UNIT_DECIMALS) != 0
            )

    @api.depends("quantity", "daily_sales", "available_quantity")
    def _compute_days_of_cover(self):
        days = self._get_totals_lines(np.zeros(len(self), np.int64)).days_of_cover
        for line, value in zip(self, days.tolist(), strict=True):
            line.days_of_cover = value if np.isfinite(value) else False

    def _get_priced_quantity(self):
        """The quantity that the figures hold for: of a line without any, its smallest order."""
        if self.quantity > 0:
            return self.quantity
        return float(planning.to_orderable(1.0, self.minimum_order_quantity, self.pack_size))

    def _get_totals_lines(self, group):
        """Return these lines as ``planning.list_totals`` sums them.

        :param group: what each line counts for (n)
        """
        quantity = self._get_column("quantity")
        amount = self._get_column("amount_company")
        with np.errstate(divide="ignore", invalid="ignore"):
            # Amounts are rounded line by line, as the buyer reads them.
            price = np.where(quantity > 0.0, amount / quantity, self._get_column("price_company"))
        margin = np.where(
            np.array(self.mapped("margin_known"), bool), self._get_column("unit_margin"), np.nan
        )
        return list_totals.Lines(
            group=group,
            quantity=quantity,
            price=price,
            landed_cost=self._get_column("landed_cost"),
            margin=margin,
            weight_g=self._get_column("weight_g"),
            volume_mm3=self._get_column("volume_l") * _MM3_PER_L,
            daily_sales=self._get_column("daily_sales"),
            available=self._get_column("available_quantity"),
        )

    def _sum_up(self, groups):
        """Return totals of groups of these lines, one dict each, unknown figures None.

        :param groups: recordsets of lines
        """
        lines = self.browse().concat(*groups)
        index = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        totals = list_totals.total(lines._get_totals_lines(index), len(groups))
        return [
            {
                "units": float(totals.units[place]),
                "budget": float(totals.budget[place]),
                "margin": finite(totals.margin[place]),
                "roi": finite(totals.roi[place]),
                "weight_kg": finite(totals.weight_g[place] / _G_PER_KG),
                "unknown_weight_count": int(totals.unknown_weight_count[place]),
                "volume_m3": finite(totals.volume_mm3[place] / _MM3_PER_L / _L_PER_M3),
                "unknown_volume_count": int(totals.unknown_volume_count[place]),
                "days_of_cover": finite(totals.days_of_cover[place]),
                "shortest_cover_days": finite(totals.shortest_cover_days[place]),
                "unknown_sales_count": int(totals.unknown_sales_count[place]),
                "assumed_stock_count": int(totals.assumed_stock_count[place]),
            }
            for place in range(len(groups))
        ]

    def _get_column(self, name):
        """Return a number of these lines (n), NaN unknown."""
        return np.array([number(value) for value in self.mapped(name)], np.float64)

    def _write_demand(self, told):
        """Take what is ours of these lines, in one statement; the quantities stay.

        :param told: {field: value} of each; see ``_prepare_demand_vals``
        :return: the lines on which something moved
        """
        names = ["daily_sales", "available_quantity", "sales_source"]
        self.flush_recordset(names)
        columns = [[vals[name] for vals in told] for name in names]
        # False is unknown.
        daily_sales, available = (
            [None if value is False else value for value in column] for column in columns[:2]
        )
        rows = self.env.execute_query(
            own_demand.update(self.ids, daily_sales, available, columns[2], self.env.uid)
        )
        changed = self.browse([line_id for (line_id,) in rows])
        changed.invalidate_recordset([*names, "write_uid", "write_date"])
        changed.modified(names)
        return changed

    def _update_from_opportunity(self):
        """Copy today's price, stock and margin; the quantity stays."""
        lines = self.filtered("opportunity_id")
        lines.check_access("write")
        for line in lines:
            line.sudo().write(line.opportunity_id._prepare_picking_line_vals())
        lines._refigure()

    @api.model
    def _get_reason_words(self):
        """Return [(key, words)] of what bound a quantity, in the reader's language."""
        return self._fields["quantity_reason"]._description_selection(self.env)

    def _refigure(self):
        """Price these lines again at their quantities, as of now."""
        self.modified(["quantity"])
        self._recompute_recordset(FIGURES)


def finite(value):
    """Return a figure for people, None where there is none."""
    return float(value) if np.isfinite(value) else None
