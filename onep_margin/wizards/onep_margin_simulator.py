from math import isnan

from odoo import api, fields, models
from odoo.tools import float_round

from ..engine import bounds, explain, margin
from ..engine.batch import CHEAPEST, CONDITIONS, MARKETPLACE, MERCHANT, DealBatch


class OnepMarginSimulator(models.TransientModel):
    """Price one deal by hand, with the engine that prices them all."""

    _name = "onep.margin.simulator"
    _description = "Margin Simulator"
    _inherit = ["onep.margin.mixin"]

    product_id = fields.Many2one("product.product", help="Fills in price, cost and weight.")
    platform = fields.Selection(
        selection=lambda self: self.env["onep.rate.card"]._get_platforms(),
        string="Marketplace",
        default="amazon",
        required=True,
    )
    country_id = fields.Many2one(
        "res.country", required=True, default=lambda self: self._default_country()
    )
    on_date = fields.Date("Sold on", default=fields.Date.context_today, required=True)
    currency_id = fields.Many2one(
        default=lambda self: self.env.company.currency_id, required=True, readonly=True
    )
    fee_category_id = fields.Many2one("onep.fee.category", domain="[('platform', '=', platform)]")
    condition = fields.Selection(
        [("new", "New"), ("refurbished", "Refurbished"), ("used", "Used")],
        default="new",
        required=True,
    )
    fulfilment = fields.Selection(
        [("marketplace", "Shipped by the marketplace"), ("merchant", "Shipped by us")],
        default="marketplace",
        required=True,
    )
    carrier_id = fields.Many2one(
        "onep.carrier.grid",
        domain="[('country_id', '=', country_id)]",
        help="Empty: the cheapest that takes the parcel.",
    )
    sell_price_taxed = fields.Monetary("Selling Price", help="VAT included.")
    shipping_charged_taxed = fields.Monetary(
        "Shipping Charged", help="What the buyer pays for shipping, VAT included."
    )
    buy_price = fields.Monetary("Buying Price", help="Per unit, without VAT.")
    extra_cost = fields.Monetary("Inbound and Handling", help="Per unit, without VAT.")
    eco_tax = fields.Monetary(
        "Eco-Contribution", help="When it comes on top of the buying price. Without VAT."
    )
    vat_rate = fields.Float(
        "VAT",
        digits=(6, 4),
        compute="_compute_vat_rate",
        store=True,
        readonly=False,
        help="The usual VAT of the category in this country, unless you change it.",
    )
    weight_g = fields.Float("Weight (g)", digits=(10, 1), help="Packed parcel.")
    length_mm = fields.Float("Length (mm)", digits=(10, 1))
    width_mm = fields.Float("Width (mm)", digits=(10, 1))
    height_mm = fields.Float("Height (mm)", digits=(10, 1))
    target_roi = fields.Float(
        "Target ROI", digits=(6, 4), default=lambda self: self.env.company.margin_target_roi
    )
    waterfall = fields.Json(compute="_compute_margin")

    # The mixin's figures are worked out at once, never stored.
    revenue_untaxed = fields.Monetary(compute="_compute_margin")
    landed_cost = fields.Monetary(compute="_compute_margin")
    commission = fields.Monetary(compute="_compute_margin")
    fulfilment_fee = fields.Monetary(compute="_compute_margin")
    total_fees = fields.Monetary(compute="_compute_margin")
    net_margin = fields.Monetary(compute="_compute_margin")
    margin_rate = fields.Float(compute="_compute_margin")
    roi = fields.Float(compute="_compute_margin")
    break_even_price_taxed = fields.Monetary(compute="_compute_margin")
    max_buy_price = fields.Monetary(compute="_compute_margin")
    margin_known = fields.Boolean(compute="_compute_margin")
    unknown_reasons = fields.Char(compute="_compute_margin")
    estimated_reasons = fields.Char(compute="_compute_margin")

    @api.model
    def _default_country(self):
        card = self.env["onep.rate.card"].search([], limit=1)
        return self.env.company.country_id or card.country_id

    @api.depends_context("lang")
    def _compute_display_name(self):
        for deal in self:
            deal.display_name = self.env._("Simulator")

    @api.depends("platform", "country_id", "on_date", "fee_category_id")
    @api.depends_context("company")
    def _compute_vat_rate(self):
        for deal in self:
            deal.vat_rate = deal._get_usual_vat_rate() or 0.0

    @api.depends(
        "platform",
        "country_id",
        "on_date",
        "fee_category_id",
        "condition",
        "fulfilment",
        "carrier_id",
        "sell_price_taxed",
        "shipping_charged_taxed",
        "buy_price",
        "extra_cost",
        "eco_tax",
        "vat_rate",
        "weight_g",
        "length_mm",
        "width_mm",
        "height_mm",
        "target_roi",
    )
    @api.depends_context("lang", "company")
    def _compute_margin(self):
        for deal in self:
            card, index = deal._get_card()
            batch = DealBatch(**deal._prepare_deal(card, index))
            result = margin.compute(batch, card)
            deal.update(
                deal._prepare_margin_vals(result, 0, deal.currency_id)
                | deal._prepare_bounds_vals(batch, result, card)
            )
            lines = explain.explain(batch, result, 0, card)
            deal.waterfall = deal._prepare_waterfall(lines, deal.currency_id)

    @api.onchange("platform")
    def _onchange_platform(self):
        """Keep the category when the other marketplace has one of the same name."""
        name = self.fee_category_id.name
        match = self.env["onep.fee.category.map"]._match(self.platform, [name]).get(name)
        self.fee_category_id = match and match.key

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """Take what the product knows: price, cost, weight, category."""
        product = self.product_id
        if not product:
            return
        name = product.categ_id.complete_name
        match = self.env["onep.fee.category.map"]._match(self.platform, [name]).get(name)
        self.sell_price_taxed = product.lst_price
        self.buy_price = product.standard_price
        self.weight_g = product.weight * 1000.0
        self.fee_category_id = match and match.key

    def _get_usual_vat_rate(self):
        """Return the VAT rate of the category in the country; False when it is unknown."""
        card, index = self._get_card()
        rate = float(card.category_vat[index.get(self.fee_category_id.id, -1)])
        return False if isnan(rate) else rate

    def _get_card(self):
        """Return (RateCard, {fee_category_id: index}) of the market on the day."""
        return self.env["onep.rate.card"]._get_engine_card(
            self.platform, self.country_id, self.on_date
        )

    def _prepare_deal(self, card, index):
        """Return the columns of ``DealBatch`` for this deal. Zero is unknown where it must be."""
        self.ensure_one()
        unknown = float("nan")
        is_vat_known = self._get_usual_vat_rate() is not False
        return {
            "buy_price": self.buy_price or unknown,
            "sell_price_taxed": self.sell_price_taxed or unknown,
            "extra_cost": self.extra_cost,
            "eco_tax": self.eco_tax,
            "shipping_charged_taxed": self.shipping_charged_taxed,
            "vat_rate": self.vat_rate if is_vat_known else self.vat_rate or unknown,
            "weight_g": self.weight_g or unknown,
            "length_mm": self.length_mm or unknown,
            "width_mm": self.width_mm or unknown,
            "height_mm": self.height_mm or unknown,
            "category": index.get(self.fee_category_id.id, -1),
            "condition": CONDITIONS.index(self.condition or "new"),
            "fulfilment": MERCHANT if self.fulfilment == "merchant" else MARKETPLACE,
            "carrier": card.carrier_index(self.carrier_id.code) if self.carrier_id else CHEAPEST,
        }

    def _prepare_bounds_vals(self, batch, result, card):
        """Return the break-even price, rounded up, and the highest buying price, down."""
        currency = self.currency_id

        def rounded(amount, method):
            if isnan(amount):
                return False
            return float_round(amount, precision_rounding=currency.rounding, rounding_method=method)

        lowest = bounds.break_even_price(batch, card)[0]
        dearest = bounds.max_buy_price(batch, card, self.target_roi, result)[0]
        return {
            "break_even_price_taxed": rounded(lowest, "UP"),
            "max_buy_price": rounded(dearest, "DOWN"),
        }
