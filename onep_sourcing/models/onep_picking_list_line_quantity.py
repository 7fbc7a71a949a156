import numpy as np

from odoo import api, fields, models

from ..planning import quantity as planning
from .offer_values import format_number


class OnepPickingListLine(models.Model):
    """What the supplier and the storage accept of a line's quantity."""

    _inherit = "onep.picking.list.line"

    quantity_warning = fields.Char(compute="_compute_quantity_warning", string="To check")

    @api.depends(
        "quantity", "minimum_order_quantity", "pack_size", "supplier_stock", "quantity_reason"
    )
    @api.depends_context("lang")
    def _compute_quantity_warning(self):
        for line in self:
            line.quantity_warning = line._get_quantity_warning()

    def _get_quantity_warning(self):
        """What is wrong with the quantity, in words; False when nothing is."""
        if self.quantity <= 0:
            if self.quantity_reason == "stock_short":
                return self.env._(
                    "The supplier has %(stock)s, less than its minimum of %(minimum)s.",
                    stock=format_number(self.env, self.supplier_stock or 0.0),
                    minimum=format_number(self.env, self.minimum_order_quantity or 1.0),
                )
            if self.quantity_reason == "storage":
                return self.env._(
                    "The smallest order, %(quantity)s, exceeds the storage: its room, its weight "
                    "or the days an article may lie.",
                    quantity=format_number(self.env, self._get_priced_quantity()),
                )
            return self.env._("No quantity: set one or remove the line.")
        orderable = self._get_orderable_quantity()
        if self.minimum_order_quantity and self.quantity < self.minimum_order_quantity:
            return self.env._(
                "The supplier's minimum is %(minimum)s: order %(orderable)s.",
                minimum=format_number(self.env, self.minimum_order_quantity),
                orderable=format_number(self.env, orderable),
            )
        if orderable != self.quantity:
            return self.env._(
                "Sold by packs of %(pack)s: order %(orderable)s.",
                pack=format_number(self.env, self.pack_size),
                orderable=format_number(self.env, orderable),
            )
        if self.supplier_stock is not False and self.quantity > self.supplier_stock:
            return self.env._(
                "The supplier has only %(stock)s: the rest will wait.",
                stock=format_number(self.env, self.supplier_stock),
            )
        return False

    @api.onchange("quantity")
    def _onchange_quantity(self):
        """Raise a quantity to what the supplier accepts, at once and in sight."""
        if self.quantity > 0:
            self.quantity = self._get_orderable_quantity()

    def _get_orderable_quantity(self):
        """The quantity raised to the minimum order and to whole packs."""
        self.ensure_one()
        return float(
            planning.to_orderable(self.quantity, self.minimum_order_quantity, self.pack_size)
        )

    def _fix_quantities(self):
        """Raise to the minimum and to whole packs; an empty quantity becomes the smallest."""
        if not self:
            return
        fixed = planning.to_orderable(
            np.maximum(np.array(self.mapped("quantity")), 1.0),
            np.array(self.mapped("minimum_order_quantity")),
            np.array(self.mapped("pack_size")),
        )
        for line, quantity in zip(self, fixed.tolist(), strict=True):
            if line.quantity != quantity:
                line.quantity = quantity
