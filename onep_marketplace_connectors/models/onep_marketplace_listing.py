from odoo import api, fields, models

from ..optional_fields import OptionalInteger, OptionalMonetary


class OnepMarketplaceListing(models.Model):
    """One of the account's own offers on a marketplace, and its stock in that warehouse.

    Written by set-based SQL (sql/marketplace_listing.py). Unknown figures are NULL.
    """

    _name = "onep.marketplace.listing"
    _description = "Own Offer"
    _order = "marketplace_id, sku"
    _rec_names_search = ["name", "sku", "gtin", "external_id"]

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="marketplace_id.company_id", store=True, index=True)
    is_demo = fields.Boolean("Demo Market", related="marketplace_id.is_demo", store=True)
    platform = fields.Selection(related="marketplace_id.platform")
    sku = fields.Char("Our SKU", required=True, readonly=True)
    gtin = fields.Char("GTIN", size=14, index="btree_not_null", readonly=True)
    ean = fields.Char("EAN", compute="_compute_ean", search="_search_ean")
    external_id = fields.Char("Marketplace Reference", index="btree_not_null", readonly=True)
    name = fields.Char("Product", index="trigram", readonly=True)
    category = fields.Char(readonly=True, help="The marketplace's own category.")
    state = fields.Selection(
        [("active", "On sale"), ("inactive", "Not on sale"), ("gone", "Gone")],
        readonly=True,
        help="Gone: the marketplace did not list it any more when it was last asked. Empty: it does"
        " not say, as Amazon of goods in its warehouse.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    price_taxed = OptionalMonetary("Price", readonly=True, aggregator="avg")
    quantity = OptionalInteger("To Sell", readonly=True, help="What can be sold now.")
    fulfilment = fields.Selection(
        [("marketplace", "Marketplace"), ("merchant", "Merchant")], "Shipped by", readonly=True
    )
    quantity_inbound = OptionalInteger(
        "On Its Way", readonly=True, help="On its way to the marketplace's warehouse."
    )
    quantity_reserved = OptionalInteger(
        "Reserved", readonly=True, help="In the marketplace's warehouse, promised already."
    )
    quantity_unsellable = OptionalInteger(
        "Unsellable", readonly=True, help="In the marketplace's warehouse, damaged or expired."
    )
    fee_untaxed = OptionalMonetary(
        "Fee (untaxed)", readonly=True, aggregator=None, help="The marketplace's, at this price."
    )
    fee_taxed = OptionalMonetary(
        "Fee (taxed)", readonly=True, aggregator=None, help="The marketplace's, at this price."
    )
    first_seen_at = fields.Datetime("First Seen", readonly=True)
    offered_at = fields.Datetime("Offer Seen", readonly=True)
    stocked_at = fields.Datetime("Stock Seen", readonly=True)

    _marketplace_sku_unique = models.Constraint(
        "UNIQUE(marketplace_id, sku)", "A marketplace has each SKU of an account once."
    )

    @api.depends("gtin")
    def _compute_ean(self):
        for listing in self:
            gtin = listing.gtin or ""
            listing.ean = gtin[1:] if gtin.startswith("0") else gtin

    @api.model
    def _search_ean(self, operator, value):
        return self.env["onep.marketplace.offer"]._search_ean(operator, value)

    @api.depends("name", "sku")
    def _compute_display_name(self):
        for listing in self:
            listing.display_name = listing.name or listing.sku
