from datetime import timedelta

from odoo import api, fields, models

from ..messages import reason_message
from ..optional_fields import OptionalFloat, OptionalInteger, OptionalMonetary


class OnepMarketplaceOffer(models.Model):
    """What one GTIN sells for on one marketplace, as last seen. Unknown figures are NULL."""

    _name = "onep.marketplace.offer"
    _description = "Market Offer"
    _order = "fetched_at desc, id desc"
    _rec_name = "name"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="marketplace_id.company_id", store=True)
    is_demo = fields.Boolean("Demo Market", related="marketplace_id.is_demo", store=True)
    platform = fields.Selection(related="marketplace_id.platform")
    gtin = fields.Char("GTIN", required=True, index=True, size=14, readonly=True)
    ean = fields.Char("EAN", compute="_compute_ean", search="_search_ean")
    external_id = fields.Char("Marketplace Reference", index="btree_not_null", readonly=True)
    candidate_count = OptionalInteger("Candidates", readonly=True, aggregator=None)
    name = fields.Char("Product", index="trigram", readonly=True)
    brand = fields.Char(readonly=True)
    category = fields.Char(readonly=True, help="The marketplace's own category.")
    image_url = fields.Char("Picture", readonly=True)
    url = fields.Char("Page", readonly=True)
    state = fields.Selection(
        [
            ("found", "Found"),
            ("not_found", "Not found"),
            ("no_price", "No price"),
            ("error", "Refused"),
        ],
        required=True,
        default="not_found",
        readonly=True,
    )
    reason_codes = fields.Char(readonly=True)
    reason_detail = fields.Char(readonly=True)
    reason = fields.Char(
        "Why Unknown", compute="_compute_reason", help="Why a figure is unknown, in words."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    buy_box_price_taxed = OptionalMonetary("Buy Box", readonly=True, aggregator="avg")
    buy_box_shipping_taxed = OptionalMonetary("Shipping", readonly=True, aggregator="avg")
    buy_box_seller = fields.Char("Buy Box Holder", readonly=True)
    buy_box_fulfilment = fields.Selection(
        [("marketplace", "Marketplace"), ("merchant", "Merchant")], "Shipped by", readonly=True
    )
    lowest_price_taxed = OptionalMonetary(
        "Lowest Price", readonly=True, aggregator="avg", help="New, shipping included."
    )
    offer_count = OptionalInteger("Offers", readonly=True, aggregator="avg")
    marketplace_fulfilled_count = OptionalInteger(
        "Shipped by Marketplace", readonly=True, aggregator="avg"
    )
    retailer_present = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        "Sold by the Marketplace",
        required=True,
        default="unknown",
        readonly=True,
    )
    sales_rank = OptionalInteger(readonly=True, aggregator="min")
    sales_rank_category = fields.Char("Rank Within", readonly=True)
    weight_g = OptionalFloat("Weight (g)", readonly=True, aggregator=None)
    length_mm = OptionalFloat("Length (mm)", readonly=True, aggregator=None)
    width_mm = OptionalFloat("Width (mm)", readonly=True, aggregator=None)
    height_mm = OptionalFloat("Height (mm)", readonly=True, aggregator=None)
    first_seen_at = fields.Datetime("First Seen", readonly=True)
    fetched_at = fields.Datetime("Seen", index=True, readonly=True)
    changed_at = fields.Datetime(
        "Last Change", readonly=True, help="When a market figure was last seen to differ."
    )
    freshness = fields.Selection(
        [("fresh", "Fresh"), ("ageing", "Ageing"), ("old", "Old"), ("never", "Never read")],
        compute="_compute_freshness",
        help="Old: beyond the age that the marketplace's settings allow.",
    )
    sync_id = fields.Many2one(
        "onep.market.sync", "Update", index="btree_not_null", ondelete="set null", readonly=True
    )

    _marketplace_gtin_unique = models.Constraint(
        "UNIQUE(marketplace_id, gtin)", "A marketplace has one market offer per EAN."
    )

    @api.depends("gtin")
    def _compute_ean(self):
        for offer in self:
            gtin = offer.gtin or ""
            offer.ean = gtin[1:] if gtin.startswith("0") else gtin

    def _search_ean(self, operator, value):
        if operator in ("in", "not in"):
            return [("gtin", operator, [str(v).strip().zfill(14) for v in value if v])]
        if operator in ("ilike", "like", "=ilike", "=like"):
            return [("gtin", operator, value)]
        return NotImplemented

    @api.depends("name", "ean")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = offer.name or offer.ean

    @api.depends_context("lang")
    @api.depends("reason_codes", "reason_detail")
    def _compute_reason(self):
        for offer in self:
            offer.reason = reason_message(self.env, offer.reason_codes, offer.reason_detail)

    @api.depends("fetched_at", "marketplace_id.price_max_age_hours")
    def _compute_freshness(self):
        now = fields.Datetime.now()
        for offer in self:
            allowed = timedelta(hours=offer.marketplace_id.price_max_age_hours or 24)
            if not offer.fetched_at:
                offer.freshness = "never"
            elif now - offer.fetched_at <= allowed:
                offer.freshness = "fresh"
            elif now - offer.fetched_at <= 3 * allowed:
                offer.freshness = "ageing"
            else:
                offer.freshness = "old"

    def action_refresh(self):
        """Ask the marketplaces again for these offers, in the background."""
        for marketplace, offers in self.grouped("marketplace_id").items():
            marketplace._sync(offers.mapped("gtin"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%(count)s market offers are being read again.", count=len(self)
                ),
            },
        }

    def action_open_page(self):
        """Open the product's page on the marketplace."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}
