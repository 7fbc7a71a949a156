from odoo import api, fields, models


class OnepMarketplaceListing(models.Model):
    """Own offers, with the article behind them: one GTIN, in any spelling of its barcode."""

    _inherit = "onep.marketplace.listing"

    product_id = fields.Many2one(
        "onep.product",
        string="Article",
        compute="_compute_product_id",
        groups="onep_sourcing.group_sourcing_user",
    )
    odoo_product_id = fields.Many2one(
        "product.product",
        string="Odoo product",
        compute="_compute_odoo_product_id",
        groups="onep_sourcing.group_sourcing_user",
        help="The one whose barcode, or that of one of its packagings, is this EAN.",
    )

    @api.depends("gtin")
    def _compute_product_id(self):
        products = self.env["onep.product"].search(
            [("gtin", "in", [gtin for gtin in self.mapped("gtin") if gtin])]
        )
        by_gtin = {product.gtin: product for product in products}
        for listing in self:
            listing.product_id = by_gtin.get(listing.gtin)

    @api.depends("gtin", "company_id")
    def _compute_odoo_product_id(self):
        Product = self.env["product.product"]
        for company, listings in self.grouped("company_id").items():
            canonical = [gtin for gtin in listings.mapped("gtin") if gtin]
            found = Product._onep_match_barcodes(company, canonical)
            for listing in listings:
                product, _unit = found.get(listing.gtin, (Product, None))
                listing.odoo_product_id = product
