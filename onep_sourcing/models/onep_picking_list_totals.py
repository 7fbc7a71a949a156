from odoo import api, fields, models

from .counted import counted
from .offer_values import format_number


class OnepPickingList(models.Model):
    """What a list amounts to, in words: an unknown is told, never shown as a zero."""

    _inherit = "onep.picking.list"

    totals_text = fields.Char(
        compute="_compute_totals_text", help="What the totals are, leave out or assume."
    )

    @api.depends(
        "line_count",
        "weight_kg",
        "volume_m3",
        "unknown_weight_count",
        "unknown_volume_count",
        "unknown_sales_count",
        "assumed_stock_count",
    )
    @api.depends_context("lang")
    def _compute_totals_text(self):
        for picking in self:
            picking.totals_text = " · ".join(picking._get_totals_texts()) or False

    def _get_totals_texts(self):
        env = self.env
        if not self.line_count:
            return []
        return list(
            filter(
                None,
                [
                    counted(
                        self.line_count,
                        env._("1 line"),
                        env._("%(count)s lines", count=self.line_count),
                    ),
                    self._get_weight_text(),
                    self._get_volume_text(),
                    self._get_cover_text(),
                    self._get_stock_text(),
                ],
            )
        )

    def _get_weight_text(self):
        env, lacking = self.env, self.unknown_weight_count
        if self.weight_kg is False:
            return env._("weight unknown: no line has one")
        weight = format_number(env, self.weight_kg, most=1 if self.weight_kg >= 1.0 else 3)
        if not lacking:
            return env._("%(weight)s kg", weight=weight)
        return counted(
            lacking,
            env._("≥ %(weight)s kg, without 1 line of unknown weight", weight=weight),
            env._(
                "≥ %(weight)s kg, without %(count)s lines of unknown weight",
                weight=weight,
                count=lacking,
            ),
        )

    def _get_volume_text(self):
        env, lacking = self.env, self.unknown_volume_count
        if self.volume_m3 is False:
            return env._("volume unknown: no line has its sizes")
        volume = format_number(env, self.volume_m3, most=3 if self.volume_m3 >= 0.1 else 6)
        if not lacking:
            return env._("%(volume)s m³", volume=volume)
        return counted(
            lacking,
            env._("≥ %(volume)s m³, without 1 line of unknown size", volume=volume),
            env._(
                "≥ %(volume)s m³, without %(count)s lines of unknown size",
                volume=volume,
                count=lacking,
            ),
        )

    def _get_cover_text(self):
        env, lacking = self.env, self.unknown_sales_count
        if not lacking:
            return False
        if lacking >= self.line_count:
            return env._("cover unknown: no line has known sales")
        return counted(
            lacking,
            env._("cover without 1 line of unknown sales"),
            env._("cover without %(count)s lines of unknown sales", count=lacking),
        )

    def _get_stock_text(self):
        count = self.assumed_stock_count
        if not count:
            return False
        return counted(
            count,
            self.env._("no stock of ours assumed for 1 line"),
            self.env._("no stock of ours assumed for %(count)s lines", count=count),
        )
