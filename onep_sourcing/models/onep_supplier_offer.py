from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..sql import dependent_deals
from ..sql import supplier_offer as offer_sql
from ..unchecked_many2one import UncheckedMany2one

CHANGE_KINDS = [
    ("new", "New article"),
    ("changed", "Changed article"),
    ("unchanged", "Unchanged article"),
    ("gone", "Gone article"),
]
#: What an opportunity takes nothing from.
UNPRICED_FIELDS = {
    "change_kind",
    "constant_feeds",
    "description",
    "extra",
    "first_import_id",
    "first_seen_at",
    "gone_at",
    "image_url",
    "last_import_id",
    "manufacturer_part_number",
    "price_company",
    "recommended_retail_price",
    "recommended_retail_price_taxed",
}


class OnepSupplierOffer(models.Model):
    """What one supplier asks for one article now. Written by set-based SQL (sql/)."""

    _name = "onep.supplier.offer"
    _description = "Supplier offer"
    _order = "partner_id, supplier_sku, id"
    _rec_name = "name"
    _rec_names_search = ["name", "supplier_sku", "gtin", "manufacturer_part_number"]

    # Links without foreign keys, as imports write a million offers. The feed, its supplier and its
    # company are those of the feed (_check_feed), whose own links are checked by PostgreSQL; it
    # takes its offers along when deleted. Imports, products and currencies care for their offers
    # when they are deleted, the merge of partners when they are merged. Users are archived, not
    # deleted. Feed and supplier lead the indexes below.
    feed_id = UncheckedMany2one("onep.supplier.feed", required=True, ondelete="cascade")
    partner_id = UncheckedMany2one("res.partner", string="Supplier", required=True)
    company_id = UncheckedMany2one("res.company", required=True)
    first_import_id = UncheckedMany2one(
        "onep.import", string="First import", ondelete="set null", readonly=True
    )
    last_import_id = UncheckedMany2one(
        "onep.import", string="Last changed by", ondelete="set null", readonly=True
    )
    product_id = UncheckedMany2one("onep.product", ondelete="set null")
    create_uid = UncheckedMany2one("res.users", string="Created by", readonly=True)
    write_uid = UncheckedMany2one("res.users", string="Last Updated by", readonly=True)
    supplier_sku = fields.Char(string="Supplier SKU", required=True)
    gtin = fields.Char(string="GTIN-14", size=14, index="btree_not_null")
    manufacturer_part_number = fields.Char()
    name = fields.Char()
    description = fields.Text()
    brand = fields.Char()
    category = fields.Char()
    currency_id = UncheckedMany2one("res.currency", required=True)
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
    constant_feeds = fields.Json(
        string="Values of a feed",
        prefetch=False,
        copy=False,
        help="Columns whose value is one for all rows of a feed: {column: feed}. That feed may "
        "change it; what a column of a file said wins.",
    )
    is_present = fields.Boolean(
        string="In the catalogue", default=True, help="No: gone from the supplier's last list."
    )
    change_kind = fields.Selection(
        CHANGE_KINDS, string="Last change", help="What the last import that changed it did."
    )
    is_moved = fields.Boolean(
        string="Moved at the last import",
        compute="_compute_is_moved",
        search="_search_is_moved",
        help="The last import of the feed made it new, changed it or found it gone.",
    )
    previous_price_untaxed = OptionalMonetary(
        string="Price before", help="Price before its last change."
    )
    first_seen_at = fields.Datetime()
    last_seen_at = fields.Datetime(
        compute="_compute_last_seen_at",
        help="Last import of the feed that listed it; of a feed that sends only what changed, the "
        "last one that changed it.",
    )
    gone_at = fields.Datetime(string="Gone since", readonly=True)
    history_ids = fields.One2many("onep.supplier.offer.history", "offer_id", string="Changes")
    unchanged_in_import_id = UncheckedMany2one(
        "onep.import",
        string="Unchanged at",
        store=False,
        search="_search_unchanged_in_import_id",
        help="For searches: the import that listed it as it was.",
    )

    _partner_sku_unique = models.Constraint(
        "UNIQUE(partner_id, supplier_sku, company_id)",
        "A supplier has one offer for one SKU.",
    )
    _feed_present_idx = models.Index("(feed_id, is_present)")
    # offers of one import lie together: the smallest index finds them, and costs an import nothing
    _first_import_idx = models.Index("USING brin (first_import_id) WITH (autosummarize = on)")

    def init(self):
        """Leave room on each page: most changes then touch no index (heap-only updates)."""
        self.env.cr.execute(offer_sql.leave_room())

    @api.depends("feed_id.published_import_id", "last_import_id")
    def _compute_is_moved(self):
        for offer in self:
            published = offer.feed_id.published_import_id
            offer.is_moved = bool(published) and offer.last_import_id == published

    @api.model
    def _search_is_moved(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        imports = self.env["onep.supplier.feed"].search([]).published_import_id
        wanted = (True in value) == (operator == "in")
        return [("last_import_id", "in" if wanted else "not in", imports.ids)]

    @api.depends("is_present", "gone_at", "feed_id.published_import_id", "write_date")
    def _compute_last_seen_at(self):
        for offer in self:
            published = offer.feed_id.published_import_id
            if not offer.is_present:
                offer.last_seen_at = offer.gone_at
            elif offer.feed_id.kind == "full" and published:
                offer.last_seen_at = published.finished_at
            else:
                offer.last_seen_at = offer.write_date

    @api.model
    def _search_unchanged_in_import_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", offer_sql.unchanged_in(list(value)))]

    @api.constrains("feed_id", "partner_id", "company_id")
    def _check_feed(self):
        for offer in self:
            feed = offer.feed_id
            if (feed.partner_id, feed.company_id) != (offer.partner_id, offer.company_id):
                raise ValidationError(
                    self.env._(
                        "%(offer)s: an offer has the supplier and the company of its feed.",
                        offer=offer.supplier_sku,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        offers._mark_deals()
        return offers

    def write(self, vals):
        """An offer changed by hand is priced again; imports are followed by a run of their own."""
        result = super().write(vals)
        if set(vals) - UNPRICED_FIELDS:
            self._mark_deals()
        return result

    def _mark_deals(self):
        """Mark these offers on every marketplace; those that are gone leave the opportunities."""
        if self:
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_offers(SQL("offer.id = ANY(%s)", self.ids)), "offer"
            )

    def _get_tier_rows(self):
        """Return [(quantity, price)] of the price list by quantity, rising, without nonsense."""
        self.ensure_one()
        rows = self.tiers if isinstance(self.tiers, list) else []
        found = {
            float(row["quantity"]): float(row["price"])
            for row in rows
            if (row.get("quantity") or 0) > 0 and (row.get("price") or 0) > 0
        }
        return sorted(found.items())

    def _get_price_at(self, quantity):
        """Return the list's unit price at a quantity, before discounts [the offer's currency]."""
        price = self.price_untaxed
        for start, tier_price in self._get_tier_rows():
            if quantity >= start:
                price = tier_price
        return price

    def unlink(self):
        """Take the history along."""
        self.history_ids.unlink()
        return super().unlink()
