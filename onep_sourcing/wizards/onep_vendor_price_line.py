from datetime import timedelta

from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalInteger,
    OptionalMonetary,
)

from ..unchecked_many2one import UncheckedMany2one

ACTIONS = [
    ("create", "Create"),
    ("change", "Change"),
    ("close", "End"),
    ("keep", "Leave alone"),
]
REASONS = [
    ("new", "Not in the price list yet"),
    ("moved", "The supplier's price or lead time moved"),
    ("step", "The supplier no longer has this price by quantity"),
    ("gone", "No longer offered"),
    ("same", "Already so"),
    ("negotiated", "A negotiated price is valid"),
    ("no_product", "Not in Odoo yet: created when first ordered"),
    ("other_company", "The product belongs to another company"),
    ("no_price", "The supplier tells no price"),
]


class OnepVendorPriceLine(models.TransientModel):
    """What would become of one row of a vendor price list. Written by SQL (sql/vendor_price.py)."""

    _name = "onep.vendor.price.line"
    _description = "Row of a vendor price list to write"
    _order = "id"

    wizard_id = fields.Many2one(
        "onep.vendor.price.write", required=True, ondelete="cascade", index=True
    )
    action = fields.Selection(ACTIONS, readonly=True)
    reason = fields.Selection(REASONS, string="Why", readonly=True)
    offer_id = UncheckedMany2one("onep.supplier.offer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True)
    product_id = fields.Many2one("product.product", string="Product in Odoo", readonly=True)
    row_id = fields.Many2one("product.supplierinfo", readonly=True, ondelete="cascade")
    product_code = fields.Char(string="Supplier SKU", readonly=True)
    product_name = fields.Char(string="Article", readonly=True)
    min_qty = fields.Float(string="From quantity", digits="Product Unit", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    currency_before_id = fields.Many2one("res.currency", readonly=True)
    price_before = OptionalMonetary(
        string="Price now", currency_field="currency_before_id", readonly=True
    )
    price_after = OptionalMonetary(string="Price to be", readonly=True)
    delay = OptionalInteger(string="Lead time (days)", readonly=True)

    def _was_in_force(self, yesterday):
        """Whether the row had begun by a day."""
        self.ensure_one()
        start = self.row_id.date_start or self.row_id.create_date.date()
        return start <= yesterday

    def _prepare_row_vals(self):
        """Values that a row takes from the offer: a copy of its catalogue, not a negotiation."""
        self.ensure_one()
        vals = {
            "price": self.price_after,
            "currency_id": self.currency_id.id,
            "discount": 0.0,
            "product_code": self.product_code,
            "product_name": self.product_name,
            "onep_price_source": "catalogue",
        }
        if self.delay is not False:
            vals["delay"] = self.delay
        return vals

    def _prepare_new_row_vals(self, yesterday):
        """Values of a row that begins: today when it follows another one."""
        return {
            **self._prepare_row_vals(),
            "delay": self.delay or 0,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "product_tmpl_id": self.product_id.product_tmpl_id.id,
            "product_id": self.product_id.id,
            "product_uom_id": self.uom_id.id,
            "min_qty": self.min_qty,
            "date_start": self.row_id and yesterday + timedelta(days=1),
        }
