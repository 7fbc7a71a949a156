from math import isnan

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..sql import stock

#: Fields of the mixin by figure of ``planning.own_figures.OwnFigures``.
FIGURES = {
    "own_on_hand_quantity": "on_hand",
    "own_reserved_quantity": "reserved",
    "own_incoming_quantity": "incoming",
    "own_outgoing_quantity": "outgoing",
    "own_forecast_quantity": "forecast",
    "own_sold_30": "sold_30",
    "own_sold_90": "sold_90",
    "own_sold_365": "sold_365",
    "own_days_in_stock_90": "days_in_stock_90",
    "own_daily_sales": "daily_sales",
    "own_return_rate": "return_rate",
    "own_unit_cost": "unit_cost",
    "own_last_purchase_price": "last_purchase_price",
    "own_last_sale_price_untaxed": "last_sale_price_untaxed",
}


class OnepOwnFiguresMixin(models.AbstractModel):
    """What Odoo itself knows of an article, beside what suppliers and markets say.

    Nothing is stored: it is read from Odoo's tables each time it is shown. Unknown stays unknown.
    """

    _name = "onep.own.figures.mixin"
    _description = "Figures of Our Own"

    own_variant_id = fields.Many2one(
        "product.product", string="Product in Odoo", compute="_compute_own_figures"
    )
    own_currency_id = fields.Many2one(
        "res.currency", string="Company currency", compute="_compute_own_figures"
    )
    own_on_hand_quantity = OptionalFloat(
        string="On hand",
        digits="Product Unit",
        compute="_compute_own_figures",
        help="In all internal locations of the company.",
    )
    own_reserved_quantity = OptionalFloat(
        string="Reserved", digits="Product Unit", compute="_compute_own_figures"
    )
    own_incoming_quantity = OptionalFloat(
        string="Incoming", digits="Product Unit", compute="_compute_own_figures"
    )
    own_outgoing_quantity = OptionalFloat(
        string="Outgoing", digits="Product Unit", compute="_compute_own_figures"
    )
    own_forecast_quantity = OptionalFloat(
        string="Forecast",
        digits="Product Unit",
        compute="_compute_own_figures",
        help="On hand, plus incoming, less outgoing.",
    )
    own_sold_30 = OptionalFloat(
        string="Sold in 30 days",
        digits="Product Unit",
        compute="_compute_own_figures",
        help="Delivered to customers or on their confirmed orders, less what they sent back.",
    )
    own_sold_90 = OptionalFloat(
        string="Sold in 90 days", digits="Product Unit", compute="_compute_own_figures"
    )
    own_sold_365 = OptionalFloat(
        string="Sold in a year", digits="Product Unit", compute="_compute_own_figures"
    )
    own_days_in_stock_90 = OptionalFloat(
        string="Days in stock of the last 90", digits=(4, 0), compute="_compute_own_figures"
    )
    own_daily_sales = OptionalFloat(
        string="Sales a day",
        digits=(16, 2),
        compute="_compute_own_figures",
        help="Of the last 90 days, days without stock left out.",
    )
    own_return_rate = OptionalFloat(
        string="Returns",
        digits=(6, 4),
        compute="_compute_own_figures",
        help="Share of the units delivered in a year that customers sent back.",
    )
    own_unit_cost = OptionalMonetary(
        string="Cost", currency_field="own_currency_id", compute="_compute_own_figures"
    )
    own_last_purchase_price = OptionalMonetary(
        string="Last purchase price",
        currency_field="own_currency_id",
        compute="_compute_own_figures",
        help="Of the last confirmed purchase order, discounts deducted.",
    )
    own_last_sale_price_untaxed = OptionalMonetary(
        string="Last selling price",
        currency_field="own_currency_id",
        compute="_compute_own_figures",
        help="Of the last confirmed sales order, untaxed, discounts deducted.",
    )
    own_unknown_text = fields.Text(
        string="Unknown in Odoo", compute="_compute_own_figures", help="What is unknown, and why."
    )
    own_warehouse_table = fields.Html(
        string="By warehouse", compute="_compute_own_warehouse_table", sanitize=False
    )
    own_vendor_row_ids = fields.Many2many(
        "product.supplierinfo", string="Vendors in Odoo", compute="_compute_own_vendor_row_ids"
    )

    def _get_own_company(self):
        """Return the company whose figures are shown."""
        return self.env.company

    def _get_own_variant(self):
        """Hook: return the product.product of this record."""
        return self.env["product.product"]

    def _get_own_variants(self):
        """Return {company: {record: product.product}} of those that are in Odoo."""
        found = {}
        for record in self:
            variant = record._get_own_variant()
            if variant:
                found.setdefault(record._get_own_company(), {})[record] = variant
        return found

    @api.depends_context("company", "lang")
    def _compute_own_figures(self):
        """One statement per company, whatever the number of records."""
        for record in self:
            record.update(dict.fromkeys(FIGURES, False))
            record.own_variant_id = record._get_own_variant()
            record.own_currency_id = record._get_own_company().currency_id
            record.own_unknown_text = False
        for company, variants in self._get_own_variants().items():
            products = self.env["product.product"].union(*variants.values())
            figures = products._onep_get_own_figures(company)
            places = {product: place for place, product in enumerate(products)}
            for record, variant in variants.items():
                for name, figure in FIGURES.items():
                    value = float(getattr(figures, figure)[places[variant]])
                    record[name] = False if isnan(value) else value
                record.own_unknown_text = record._get_own_unknown_text()

    def _get_own_unknown_text(self):
        """Return what Odoo cannot tell of a product that it has, a sentence with all causes."""
        causes = {
            "own_on_hand_quantity": self.env._("stock: Odoo does not track it for this product"),
            "own_daily_sales": self.env._("sales a day: neither in stock nor sold in 90 days"),
            "own_return_rate": self.env._("returns: nothing was delivered in a year"),
            "own_unit_cost": self.env._("cost: none is set on the product"),
            "own_last_purchase_price": self.env._("purchase price: no confirmed order"),
            "own_last_sale_price_untaxed": self.env._("selling price: no confirmed order"),
        }
        unknown = [text for name, text in causes.items() if self[name] is False]
        if not unknown:
            return False
        return self.env._("Unknown: %(causes)s.", causes="; ".join(unknown))

    @api.depends_context("company", "lang")
    def _compute_own_warehouse_table(self):
        self.own_warehouse_table = False
        for company, variants in self._get_own_variants().items():
            self.env.flush_all()
            products = self.env["product.product"].union(*variants.values())
            rows = {}
            for product_id, *row in self.env.execute_query(
                stock.by_warehouse(company.id, products.ids)
            ):
                rows.setdefault(product_id, []).append(row)
            for record, variant in variants.items():
                if variant.id in rows:
                    record.own_warehouse_table = self._render_own_warehouses(
                        variant, rows[variant.id]
                    )

    def _render_own_warehouses(self, variant, rows):
        """Return the table of one product, a line for each warehouse."""
        warehouses = self.env["stock.warehouse"].sudo()
        return self.env["ir.qweb"]._render(
            "onep_sourcing.onep_own_warehouse_table",
            {
                "unit": variant.uom_id.name,
                "rows": [
                    {
                        "name": warehouses.browse(warehouse_id).name
                        or self.env._("Outside of any warehouse"),
                        "figures": [
                            self._format_own_quantity(figure)
                            for figure in (
                                on_hand,
                                reserved,
                                incoming,
                                outgoing,
                                on_hand + incoming - outgoing,
                            )
                        ],
                    }
                    for warehouse_id, on_hand, reserved, incoming, outgoing in rows
                ],
            },
        )

    @api.model
    def _format_own_quantity(self, quantity):
        """Return a quantity as the reader writes it, without trailing zeros."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        rounded = round(quantity, digits)
        decimals = len(f"{rounded:.{digits}f}".partition(".")[2].rstrip("0"))
        return formatLang(self.env, rounded, digits=decimals)

    @api.depends_context("company")
    def _compute_own_vendor_row_ids(self):
        """Rows of the vendor price list for the product, or for all variants of it."""
        self.own_vendor_row_ids = False
        for company, variants in self._get_own_variants().items():
            products = self.env["product.product"].union(*variants.values())
            rows = self.env["product.supplierinfo"].search(
                Domain("product_tmpl_id", "in", products.product_tmpl_id.ids)
                & Domain("product_id", "in", [False, *products.ids])
                & Domain("company_id", "in", [False, company.id])
            )
            by_template = rows.grouped("product_tmpl_id")
            for record, variant in variants.items():
                own = by_template.get(variant.product_tmpl_id, rows.browse())
                record.own_vendor_row_ids = own.filtered(
                    lambda row, variant=variant: not row.product_id or row.product_id == variant
                )
