from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.clients.gtin import is_restricted
from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..sql import dependent_deals
from ..sql import product as product_sql
from ..unchecked_many2one import UncheckedMany2one
from .counted import counted

#: What an opportunity takes from its article; the Odoo product brings its negotiated prices.
PRICED_FIELDS = {
    "category",
    "product_id",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "is_dangerous_goods",
    "is_own_packaging",
}


class OnepProduct(models.Model):
    """The article behind one GTIN: the pivot between suppliers and marketplaces."""

    _name = "onep.product"
    _inherit = ["onep.own.figures.mixin"]
    _description = "Product (GTIN)"
    _order = "name, id"
    _rec_names_search = ["name", "gtin", "brand"]

    gtin = fields.Char(string="GTIN-14", required=True, size=14)
    ean = fields.Char(string="EAN", compute="_compute_ean", search="_search_ean")
    name = fields.Char()
    brand = fields.Char()
    category = fields.Char()
    image_url = fields.Char(string="Picture")
    weight_g = OptionalFloat(string="Weight (g)", digits=(16, 1))
    length_mm = OptionalFloat(string="Length (mm)", digits=(16, 1))
    width_mm = OptionalFloat(string="Width (mm)", digits=(16, 1))
    height_mm = OptionalFloat(string="Height (mm)", digits=(16, 1))
    is_dangerous_goods = fields.Boolean(
        string="Dangerous goods or lithium",
        help="A marketplace that ships it charges for it, where its rate card says so.",
    )
    is_own_packaging = fields.Boolean(
        string="Ships in its own packaging",
        help="Enrolled in the marketplace's programme (SIPP): its fulfilment fee is lower, where "
        "the rate card says so.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Odoo product",
        ondelete="set null",
        index="btree_not_null",
        help="Matched by barcode, in any spelling of the GTIN. Created only when first ordered.",
    )
    # no foreign keys, as imports write a million products; users are archived, not deleted
    create_uid = UncheckedMany2one("res.users", string="Created by", readonly=True)
    write_uid = UncheckedMany2one("res.users", string="Last Updated by", readonly=True)
    supplier_offer_ids = fields.Many2many(
        "onep.supplier.offer", compute="_compute_supplier_offers", string="Offers"
    )
    supplier_offer_count = fields.Integer(
        compute="_compute_supplier_offer_count", string="Supplier offers"
    )
    market_offer_ids = fields.Many2many(
        "onep.marketplace.offer", compute="_compute_market_offers", string="Market offers"
    )
    market_offer_count = fields.Integer(compute="_compute_market_offers")

    _gtin_unique = models.Constraint("UNIQUE(gtin)", "A GTIN is one product.")

    @api.depends("gtin")
    def _compute_ean(self):
        for product in self:
            gtin = product.gtin or ""
            product.ean = gtin[1:] if gtin.startswith("0") else gtin

    @api.model
    def _search_ean(self, operator, value):
        if operator in ("in", "not in"):
            return [("gtin", operator, [v and v.strip().zfill(14) for v in value])]
        if operator in ("ilike", "like", "=ilike", "=like"):
            return [("gtin", operator, value and value.strip().lstrip("0"))]
        return NotImplemented

    @api.depends("gtin")
    def _compute_supplier_offers(self):
        offers = self.env["onep.supplier.offer"].search(
            [("gtin", "in", [gtin for gtin in self.mapped("gtin") if gtin])]
        )
        by_gtin = offers.grouped("gtin")
        for product in self:
            product.supplier_offer_ids = by_gtin.get(product.gtin, offers.browse())

    @api.depends("gtin")
    def _compute_supplier_offer_count(self):
        counts = dict(
            self.env["onep.supplier.offer"]._read_group(
                [("gtin", "in", [gtin for gtin in self.mapped("gtin") if gtin])],
                ["gtin"],
                ["__count"],
            )
        )
        for product in self:
            product.supplier_offer_count = counts.get(product.gtin, 0)

    @api.depends("gtin")
    def _compute_market_offers(self):
        offers = self.env["onep.marketplace.offer"].search(
            [("gtin", "in", [gtin for gtin in self.mapped("gtin") if gtin])]
        )
        by_gtin = offers.grouped("gtin")
        empty = offers.browse()
        for product in self:
            product.market_offer_ids = by_gtin.get(product.gtin, empty)
            product.market_offer_count = len(product.market_offer_ids)

    def write(self, vals):
        """A size, a category or a vendor price list serves every offer of the article."""
        result = super().write(vals)
        if PRICED_FIELDS & set(vals):
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_offers(
                    SQL(
                        "offer.gtin = ANY(%s) AND offer.product_id = ANY(%s) AND offer.is_present",
                        self.mapped("gtin"),
                        self.ids,
                    )
                ),
                "product",
            )
        return result

    def unlink(self):
        """Free the offers of the deleted products: their link has no foreign key."""
        self.env.flush_all()
        self.env.cr.execute(product_sql.release_offers(self.ids))
        self.env["onep.supplier.offer"].invalidate_model(["product_id"])
        return super().unlink()

    def _get_own_variant(self):
        return self.product_id

    def action_refresh_market(self):
        """Read these articles on every marketplace of the company now."""
        gtins = [gtin for gtin in self.mapped("gtin") if gtin and not is_restricted(gtin)]
        marketplaces = self.env["onep.marketplace"]._get_priced(self.env.company)
        if gtins:
            for marketplace in marketplaces:
                marketplace._sync(gtins)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._get_reading_text(len(gtins), marketplaces),
            },
        }

    @api.model
    def _get_reading_text(self, count, marketplaces):
        """Say that so many articles are being read."""
        names = ", ".join(marketplaces.mapped("name")) or self.env._("no marketplace")
        return counted(
            count,
            self.env._(
                "1 article is being read on %(marketplaces)s. Figures follow by themselves.",
                marketplaces=names,
            ),
            self.env._(
                "%(count)s articles are being read on %(marketplaces)s. Figures follow by "
                "themselves.",
                count=count,
                marketplaces=names,
            ),
        )

    def action_simulate(self):
        """Simulate the best opportunity of one product; try a scenario on those of several."""
        if len(self) == 1:
            Simulator = self.env["onep.margin.simulator"]
            return Simulator._open_for_pivot(self) or Simulator._open(
                {
                    "ean": self.ean,
                    "subject": self.name,
                    **{
                        name: self[name] or 0.0
                        for name in ("weight_g", "length_mm", "width_mm", "height_mm")
                    },
                },
                self.display_name,
            )
        return self.env["onep.scenario.trial"]._open(
            [("product_id", "in", self.ids)], self.env.company
        )

    def action_write_vendor_prices(self):
        """Preview what the offers of these articles would write into vendor price lists."""
        return self.supplier_offer_ids.action_write_vendor_prices()

    def action_open_supplier_offers(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_supplier_offer_action"
            ),
            "domain": [("gtin", "=", self.gtin)],
            "context": {},
        }
