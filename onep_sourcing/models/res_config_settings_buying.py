from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onep_warehouse_id = fields.Many2one(
        related="company_id.onep_warehouse_id",
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    onep_create_products = fields.Boolean(related="company_id.onep_create_products", readonly=False)
    onep_complete_products = fields.Boolean(
        related="company_id.onep_complete_products", readonly=False
    )
    onep_fill_brand = fields.Boolean(related="company_id.onep_fill_brand", readonly=False)
    onep_fill_weight = fields.Boolean(related="company_id.onep_fill_weight", readonly=False)
    onep_fill_dimensions = fields.Boolean(related="company_id.onep_fill_dimensions", readonly=False)
    onep_fill_category = fields.Boolean(related="company_id.onep_fill_category", readonly=False)
    onep_fill_hs_code = fields.Boolean(related="company_id.onep_fill_hs_code", readonly=False)
    onep_fill_origin = fields.Boolean(related="company_id.onep_fill_origin", readonly=False)
    onep_storage_days = fields.Integer(related="company_id.onep_storage_days", readonly=False)
    onep_storage_m3 = fields.Float(related="company_id.onep_storage_m3", readonly=False)
    onep_storage_kg = fields.Float(related="company_id.onep_storage_kg", readonly=False)
    onep_proposal_hour = fields.Integer(related="company_id.onep_proposal_hour", readonly=False)
    onep_has_hs_code = fields.Boolean(
        "Products have an HS code", compute="_compute_onep_product_fields"
    )
    onep_has_origin = fields.Boolean(
        "Products have a country of origin", compute="_compute_onep_product_fields"
    )

    @api.depends("company_id")
    def _compute_onep_product_fields(self):
        """Fields that another addon adds to products; without it there is nothing to choose."""
        Product = self.env["product.product"]
        self.onep_has_hs_code = Product._onep_get_hs_code_field() is not None
        self.onep_has_origin = Product._onep_get_origin_field() is not None
