from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)


class OnepSupplierOffer(models.Model):
    """What one supplier asks for one article now. Written by set-based SQL (sql/)."""

    _name = "onep.supplier.offer"
    _description = "Supplier offer"
    _order = "partner_id, supplier_sku, id"
    _rec_name = "name"
    _rec_names_search = ["name", "supplier_sku", "gtin", "manufacturer_part_number"]

    # feed and supplier lead the indexes below; an index of their own would only slow imports
    feed_id = fields.Many2one("onep.supplier.feed", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True)
    company_id = fields.Many2one("res.company", required=True)
    last_import_id = fields.Many2one("onep.import", ondelete="set null", index="btree_not_null")
    product_id = fields.Many2one("onep.product", ondelete="set null", index="btree_not_null")
    supplier_sku = fields.Char(string="Supplier SKU", required=True)
    gtin = fields.Char(string="GTIN-14", size=14, index="btree_not_null")
    manufacturer_part_number = fields.Char()
    name = fields.Char(index="trigram")
    description = fields.Text()
    brand = fields.Char()
    category = fields.Char()
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    price_untaxed = fields.Monetary(string="Price", help="Unit price, untaxed.")
    price_company = OptionalMonetary(
        string="Price (company currency)",
        currency_field="company_currency_id",
        help="Price converted at the rate of the import's day.",
    )
    recommended_retail_price = OptionalMonetary(string="Retail price (untaxed)")
    recommended_retail_price_taxed = OptionalMonetary(string="Retail price (taxed)")
    stock_quantity = OptionalFloat(string="Stock", digits=(16, 3))
    availability = fields.Selection(
        [("yes", "Available"), ("no", "Out of stock")], help="Empty: the file does not say."
    )
    minimum_order_quantity = OptionalFloat(string="MOQ", digits=(16, 3))
    pack_size = OptionalFloat(digits=(16, 3))
    lead_time_days = OptionalFloat(string="Lead time (days)", digits=(8, 1))
    weight_g = OptionalFloat(string="Weight (g)", digits=(16, 1))
    length_mm = OptionalFloat(string="Length (mm)", digits=(16, 1))
    width_mm = OptionalFloat(string="Width (mm)", digits=(16, 1))
    height_mm = OptionalFloat(string="Height (mm)", digits=(16, 1))
    vat_rate = OptionalFloat(string="VAT rate", digits=(6, 4), help="Share, 0.2 for 20 %.")
    eco_tax = OptionalMonetary(string="Eco-contribution")
    image_url = fields.Char(string="Picture")
    condition = fields.Char()
    country_of_origin = fields.Char()
    hs_code = fields.Char(string="HS code")
    tiers = fields.Json(help="Price by quantity: [{quantity, price}, …], by rising quantity.")
    extra = fields.Json(help="The supplier's own extra columns.")
    is_present = fields.Boolean(
        string="In the catalogue", default=True, help="No: gone from the supplier's last list."
    )
    change_kind = fields.Selection(
        [
            ("new", "New"),
            ("changed", "Changed"),
            ("unchanged", "Unchanged"),
            ("gone", "Gone"),
        ],
        string="At last import",
    )
    previous_price_untaxed = OptionalMonetary(
        string="Price before", help="Price before its last change."
    )
    first_seen_at = fields.Datetime()
    last_seen_at = fields.Datetime()

    _partner_sku_unique = models.Constraint(
        "UNIQUE(partner_id, supplier_sku, company_id)",
        "A supplier has one offer for one SKU.",
    )
    _feed_present_idx = models.Index("(feed_id, is_present)")
