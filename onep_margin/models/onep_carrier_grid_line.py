from odoo import fields, models


class OnepCarrierGridLine(models.Model):
    """Price of a parcel up to a weight."""

    _name = "onep.carrier.grid.line"
    _description = "Carrier Price"
    _price_parent = "grid_id"
    _inherit = ["onep.fee.row.mixin"]
    _order = "grid_id, weight_max_g"

    grid_id = fields.Many2one("onep.carrier.grid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="grid_id.company_id", store=True)
    currency_id = fields.Many2one(related="grid_id.currency_id")
    weight_max_g = fields.Float(
        "Up To (g)", digits=(10, 1), required=True, help="Billed weight, included."
    )
    amount = fields.Monetary(required=True, help="What we pay per parcel, without VAT.")

    _weight_uniq = models.UniqueIndex(
        "(grid_id, COALESCE(weight_max_g, 0)) WHERE active",
        "Two prices of this carrier end at the same weight.",
    )
