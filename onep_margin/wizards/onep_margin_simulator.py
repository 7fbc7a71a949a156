from math import isnan

from odoo import api, fields, models
from odoo.tools import float_round

from ..engine import bounds, causes, explain, margin
from ..engine.batch import CHEAPEST, CONDITIONS, MARKETPLACE, MERCHANT, DealBatch
from ..engine.causes import Cause, Estimate
from ..engine.price_points import PricePoints
from ..optional_fields import OptionalMonetary

#: What a person can move; a scenario keeps them, and opens again with them.
INPUTS = (
    "ean",
    "product_id",
    "subject",
    "platform",
    "country_id",
    "on_date",
    "fee_category_id",
    "condition",
    "fulfilment",
    "carrier_id",
    "sell_price_taxed",
    "shipping_charged_taxed",
    "vat_country_id",
    "vat_rate",
    "is_commission_forced",
    "commission_rate",
    "purchase_currency_id",
    "purchase_price",
    "currency_rate",
    "buy_price",
    "extra_cost",
    "eco_tax",
    "cost_unknown",
    "cost_estimated",
    "quantity",
    "units_per_month",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "target_roi",
)
#: Costs as the engine knows them: below a cent until a person types another one.
_EXACT = (16, 6)
#: Causes that a buying price answers, and a contribution.
_OF_PRICE = Cause.BUY_PRICE_MISSING | Cause.CURRENCY_RATE_MISSING
_OF_CONTRIBUTIONS = Cause.ECO_TAX_MISSING | Cause.PRIVATE_COPY_LEVY_MISSING


class OnepMarginSimulator(models.TransientModel):
    """Price one deal by hand, with the engine that prices them all."""

    _name = "onep.margin.simulator"
    _description = "Margin Simulator"
    _inherit = ["onep.margin.mixin"]

    ean = fields.Char("EAN", help="Of the article, in any spelling.")
    product_id = fields.Many2one("product.product", help="Fills in price, cost and weight.")
    subject = fields.Char("Article", help="What is simulated, as scenarios name it.")
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
    shipping_charged_taxed = OptionalMonetary(
        "Shipping Charged",
        help="What the buyer pays for shipping, VAT included. Empty: nobody tells it; nothing is "
        "counted, and the result is an estimate.",
    )
    vat_country_id = fields.Many2one(
        "res.country",
        "VAT of",
        help="The country the parcel goes to. Empty: the marketplace's own.",
    )
    vat_rate = fields.Float(
        "VAT",
        digits=(6, 4),
        compute="_compute_vat_rate",
        store=True,
        readonly=False,
        help="The usual VAT of the category in this country, unless you change it.",
    )
    is_commission_forced = fields.Boolean(
        "Other Commission", help="Try a commission instead of the rate card's."
    )
    commission_rate = fields.Float("Commission Tried", digits=(6, 5))
    purchase_currency_id = fields.Many2one(
        "res.currency",
        "Supplier's Currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    purchase_price = fields.Float(
        "Supplier's Price",
        digits=_EXACT,
        help="Per unit, discounts taken off, without VAT, in the supplier's currency.",
    )
    currency_rate = fields.Float(
        "Rate",
        digits=(16, 6),
        compute="_compute_currency_rate",
        store=True,
        readonly=False,
        help="What one unit of the supplier's currency costs in ours, safety margin included.",
    )
    is_foreign = fields.Boolean(compute="_compute_is_foreign")
    buy_price = fields.Float(
        "Buying Price",
        digits=_EXACT,
        compute="_compute_buy_price",
        store=True,
        readonly=False,
        help="Per unit, without VAT.",
    )
    extra_cost = fields.Float("Inbound and Handling", digits=_EXACT, help="Per unit, without VAT.")
    cost_unknown = fields.Char(help="Why a cost of the article is unknown: keys, comma-separated.")
    cost_estimated = fields.Char(help="What a cost of the article assumes: keys, comma-separated.")
    eco_tax = fields.Float(
        "Eco-Contribution",
        digits=_EXACT,
        help="When it comes on top of the buying price. Without VAT.",
    )
    quantity = fields.Float(
        default=1.0,
        digits=(12, 2),
        help="Units bought at once: the supplier's price follows where it depends on it.",
    )
    units_per_month = fields.Float(
        "Sold per Month", digits=(12, 2), help="Units you expect to sell in a month. 0: unknown."
    )
    weight_g = fields.Float("Weight (g)", digits=(10, 1), help="Packed parcel.")
    length_mm = fields.Float("Length (mm)", digits=(10, 1))
    width_mm = fields.Float("Width (mm)", digits=(10, 1))
    height_mm = fields.Float("Height (mm)", digits=(10, 1))
    target_roi = fields.Float(
        "Target ROI", digits=(6, 4), default=lambda self: self.env.company.margin_target_roi
    )
    waterfall = fields.Json(compute="_compute_margin")
    unknown_figures = fields.Json(
        compute="_compute_margin", help="Names of the figures that read 0 and are not known."
    )

    # The mixin's figures are worked out at once, never stored.
    revenue_untaxed = fields.Monetary(compute="_compute_margin")
    landed_cost = fields.Monetary(compute="_compute_margin")
    commission = fields.Monetary(compute="_compute_margin")
    fulfilment_fee = fields.Monetary(compute="_compute_margin")
    other_fees = fields.Monetary(compute="_compute_margin")
    total_fees = fields.Monetary(compute="_compute_margin")
    net_margin = fields.Monetary(compute="_compute_margin")
    total_margin = fields.Monetary("Margin of the Quantity", compute="_compute_margin")
    margin_rate = fields.Float(compute="_compute_margin")
    margin_on_price_rate = fields.Float("Margin on Price", compute="_compute_margin")
    roi = fields.Float(compute="_compute_margin")
    monthly_margin = fields.Monetary("Margin per Month", compute="_compute_margin")
    break_even_price_taxed = fields.Monetary(compute="_compute_margin")
    suggested_price_taxed = fields.Monetary(
        "Price for the Target",
        compute="_compute_margin",
        help="Lowest price that earns the target ROI, as prices end on this marketplace.",
    )
    max_buy_price = fields.Monetary(compute="_compute_margin")
    margin_known = fields.Boolean(compute="_compute_margin")
    unknown_reasons = fields.Char(compute="_compute_margin")
    estimated_reasons = fields.Char(compute="_compute_margin")

    @api.model
    def _default_country(self):
        card = self.env["onep.rate.card"].search([], limit=1)
        return self.env.company.country_id or card.country_id

    @api.depends("subject")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for deal in self:
            deal.display_name = deal.subject or self.env._("Simulator")

    @api.depends("platform", "country_id", "on_date", "fee_category_id", "vat_country_id")
    @api.depends_context("company")
    def _compute_vat_rate(self):
        for deal in self:
            deal.vat_rate = deal._get_usual_vat_rate() or 0.0

    @api.depends("purchase_currency_id", "on_date")
    @api.depends_context("company")
    def _compute_currency_rate(self):
        for deal in self:
            deal.currency_rate = deal._get_usual_currency_rate()

    @api.depends("purchase_currency_id")
    @api.depends_context("company")
    def _compute_is_foreign(self):
        for deal in self:
            deal.is_foreign = deal.purchase_currency_id != deal.currency_id

    @api.depends("purchase_price", "currency_rate", "purchase_currency_id")
    def _compute_buy_price(self):
        for deal in self:
            if deal.purchase_currency_id != deal.currency_id:
                deal.buy_price = deal.purchase_price * deal.currency_rate
            else:
                # What was typed stays: nothing is converted.
                deal.buy_price = deal.buy_price

    @api.depends(
        lambda self: [
            name for name in self._get_input_names() if name not in ("ean", "product_id", "subject")
        ]
    )
    @api.depends_context("lang", "company")
    def _compute_margin(self):
        for deal in self:
            card, index = deal._get_card()
            batch = DealBatch(**deal._prepare_deal(card, index))
            result = margin.compute(batch, card)
            vals = (
                deal._prepare_margin_vals(result, 0, deal.currency_id)
                | deal._prepare_result_vals(result)
                | deal._prepare_bounds_vals(batch, result, card)
            )
            deal.update(vals)
            deal.unknown_figures = [name for name, value in vals.items() if value is False]
            lines = deal._prepare_waterfall(
                explain.explain(batch, result, 0, card), deal.currency_id
            )
            deal.waterfall = deal._add_rule_dates(
                deal._add_line_causes(lines, deal.unknown_reasons)
            )

    @api.model
    def _get_input_names(self):
        """Hook: names of the fields that a person moves."""
        return INPUTS

    @api.onchange("platform")
    def _onchange_platform(self):
        """Keep the category when the other marketplace has one of the same name."""
        name = self.fee_category_id.name
        match = self.env["onep.fee.category.map"]._match(self.platform, [name]).get(name)
        self.fee_category_id = match and match.key

    def _get_usual_vat_rate(self):
        """Return the VAT rate of the category in the country; False when it is unknown."""
        abroad = self.vat_country_id
        if abroad and abroad != self.country_id:
            rates = self.env["onep.vat.rate"].sudo()._get_rates(abroad, self.on_date)
            return rates.get(self.fee_category_id.vat_kind or "standard", False)
        card, index = self._get_market_card()
        rate = float(card.category_vat[index.get(self.fee_category_id.id, -1)])
        return False if isnan(rate) else rate

    def _get_usual_currency_rate(self):
        """Return what one unit of the supplier's currency costs; 0 when no rate is known."""
        if self.purchase_currency_id == self.currency_id:
            return 1.0
        sheet = self.env["onep.cost.sheet"]._get_engine_sheet(self.on_date)
        index = sheet.currency_index([self.purchase_currency_id.id])
        return self._known(sheet.tables.currencies.paid_rate(index)) or 0.0

    def _get_market_card(self):
        """Return (RateCard, {fee_category_id: index}) of the market on the day."""
        return self.env["onep.rate.card"]._get_engine_card(
            self.platform, self.country_id, self.on_date, self._get_operator()
        )

    def _get_operator(self):
        """Hook: whose rate card prices it, on a platform that several operators run."""
        return None

    def _get_card(self):
        """Return the market's card with what is tried instead of its rules."""
        card, index = self._get_market_card()
        if self.is_commission_forced and not card.is_missing:
            card = card.with_commission(self.commission_rate)
        return card, index

    def _prepare_deal(self, card, index):
        """Return the columns of ``DealBatch`` for this deal. Zero is unknown where it must be."""
        self.ensure_one()
        unknown = float("nan")
        lacks_vat = not self.vat_rate and self._get_usual_vat_rate() is False
        return {
            "buy_price": self.buy_price or unknown,
            "sell_price_taxed": self.sell_price_taxed or unknown,
            "extra_cost": self.extra_cost,
            "eco_tax": self.eco_tax,
            "shipping_charged_taxed": self.shipping_charged_taxed or 0.0,
            "vat_rate": unknown if lacks_vat else self.vat_rate,
            "weight_g": self.weight_g or unknown,
            "length_mm": self.length_mm or unknown,
            "width_mm": self.width_mm or unknown,
            "height_mm": self.height_mm or unknown,
            "category": index.get(self.fee_category_id.id, -1),
            "condition": CONDITIONS.index(self.condition or "new"),
            "fulfilment": MERCHANT if self.fulfilment == "merchant" else MARKETPLACE,
            "carrier": card.carrier_index(self.carrier_id.code) if self.carrier_id else CHEAPEST,
            "units_per_month": self.units_per_month or unknown,
            # The engine would take the marketplace's own for the country that has none.
            "unknown": self._get_cost_causes() | (Cause.VAT_RATE_MISSING if lacks_vat else 0),
            "estimated": self._get_estimates(),
        }

    def _get_estimates(self):
        """Return the bits of what is assumed before the engine looks at the deal."""
        assumed = causes.bits(self.cost_estimated, causes.ESTIMATES)
        return assumed | (Estimate.SHIPPING_CHARGED_UNKNOWN if self._is_shipping_untold() else 0)

    def _is_shipping_untold(self):
        """Hook: nobody says what the buyer pays for shipping. A marketplace ships for nothing."""
        return self.shipping_charged_taxed is False and self.fulfilment == "merchant"

    def _get_cost_causes(self):
        """Return the bits of what leaves the cost unknown; an amount that was typed answers it."""
        unknown = causes.bits(self.cost_unknown)
        if self.buy_price:
            unknown &= ~_OF_PRICE
        elif self.purchase_currency_id != self.currency_id and not self.currency_rate:
            unknown |= Cause.CURRENCY_RATE_MISSING
        if self.extra_cost:
            unknown &= _OF_PRICE | _OF_CONTRIBUTIONS
        if self.eco_tax:
            unknown &= ~_OF_CONTRIBUTIONS
        return unknown

    def _prepare_result_vals(self, result):
        """Return what the mixin has no column for: other fees, shares, totals."""
        currency = self.currency_id

        def rounded(amount):
            return False if isnan(amount) else currency.round(float(amount))

        shipping = result.fulfilment_fee[0] + result.carrier_cost[0]
        return {
            "other_fees": rounded(result.total_fees[0] - result.commission[0] - shipping),
            "margin_on_price_rate": self._known(result.margin_on_price_rate),
            "total_margin": rounded(result.net_margin[0] * (self.quantity or 1.0)),
            "monthly_margin": rounded(result.monthly_margin[0]),
        }

    def _get_max_buy_price(self, batch, result, card):
        """Hook: how dear the article may be and still earn the target; NaN when unknown.

        Here: with all that comes on top of its price as it is.
        """
        return float(bounds.max_buy_price(batch, card, self.target_roi, result)[0])

    def _prepare_bounds_vals(self, batch, result, card):
        """Return the prices that bound the deal: selling ones as prices end here, buying down."""
        currency = self.currency_id
        points = self._get_price_points()
        coins = PricePoints(currency.rounding, decimals=currency.decimal_places)
        # Up never misses the target; the other directions say what they come to in the figures.
        wanted = bounds.target_price(
            batch, card, self.target_roi, points=points if points.direction == "up" else None
        )
        dearest = self._get_max_buy_price(batch, result, card)
        return {
            "break_even_price_taxed": self._known(bounds.target_price(batch, card, points=coins)),
            "suggested_price_taxed": self._known(points.rounded(wanted)),
            "max_buy_price": not isnan(dearest)
            and float_round(dearest, precision_rounding=currency.rounding, rounding_method="DOWN"),
        }

    def _get_price_points(self):
        """Return how suggested prices end on this marketplace, for the engine."""
        return self.env["onep.price.rounding"]._find_points(self.currency_id, self.platform)

    def _get_channel_name(self):
        """Return where it is sold and who ships, in words."""
        places = dict(self._fields["platform"]._description_selection(self.env))
        ways = dict(self._fields["fulfilment"]._description_selection(self.env))
        place = f"{places.get(self.platform, '')} {self.country_id.code or ''}".strip()
        return f"{place}, {ways.get(self.fulfilment, '').lower()}"

    @api.model
    def _known(self, figures):
        """Return the only figure of a column, False when it is unknown."""
        return False if isnan(figures[0]) else float(figures[0])
