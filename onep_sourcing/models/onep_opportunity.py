import math
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalInteger,
    OptionalMonetary,
)

from ..sql import opportunity as opportunity_sql
from ..sql import stock
from .onep_picking_list import OPEN_STATES

#: Opportunities that become lines at once: a list of more is no buyer's workspace.
MOST_ADDED = 5_000
GRADES = [(grade, grade) for grade in "ABCDE"]
FULFILMENTS = [("marketplace", "Marketplace"), ("merchant", "Own carrier")]
MARKET_STATES = [
    ("unread", "Not read yet"),
    ("found", "Found"),
    ("not_found", "Not found"),
    ("no_price", "No price"),
    ("error", "Refused"),
]


class OnepOpportunity(models.Model):
    """A supplier offer on a marketplace, at its best allowed fulfilment: what it would earn.

    Written by the evaluation, by set-based SQL (sql/opportunity.py). Amounts are per unit, in
    the company's currency; unknown figures are NULL and name their causes.
    """

    _name = "onep.opportunity"
    _inherit = ["onep.margin.mixin"]
    _description = "Opportunity"
    _order = "score DESC NULLS LAST, id"
    _rec_names_search = ["name", "gtin", "supplier_sku"]
    _check_company_auto = True

    active = fields.Boolean(default=True, help="No: the offer left the catalogue.")
    company_id = fields.Many2one("res.company", required=True)
    supplier_offer_id = fields.Many2one(
        "onep.supplier.offer", required=True, ondelete="cascade", check_company=True
    )
    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", index=True, check_company=True
    )
    platform = fields.Selection(related="marketplace_id.platform")
    market_offer_id = fields.Many2one(
        "onep.marketplace.offer", ondelete="set null", index="btree_not_null"
    )
    product_id = fields.Many2one("onep.product", ondelete="set null", index="btree_not_null")
    variant_id = fields.Many2one(related="product_id.product_id", string="Odoo product")
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True, index=True)
    fee_category_id = fields.Many2one(
        "onep.fee.category",
        string="Fee category",
        ondelete="set null",
        index="btree_not_null",
        help="The marketplace's fee category that the article falls in.",
    )
    rate_card_id = fields.Many2one("onep.rate.card", ondelete="set null")
    is_demo = fields.Boolean(
        string="Demo market", help="The market's figures are invented by the demo market."
    )
    # What the supplier says
    supplier_sku = fields.Char(string="Supplier SKU")
    gtin = fields.Char(string="GTIN-14", size=14, index=True)
    ean = fields.Char(string="EAN", compute="_compute_ean", search="_search_ean")
    name = fields.Char(index="trigram")
    brand = fields.Char()
    category = fields.Char(help="The supplier's own category.")
    offer_currency_id = fields.Many2one(
        "res.currency", string="Supplier's currency", help="In which it would be paid."
    )
    catalogue_currency_id = fields.Many2one("res.currency", string="Catalogue's currency")
    price_untaxed = fields.Monetary(
        string="Supplier price",
        currency_field="catalogue_currency_id",
        aggregator="avg",
        help="Of the supplier's catalogue, for a single unit.",
    )
    price_change_rate = OptionalFloat(
        string="Price change",
        digits=(16, 4),
        aggregator="avg",
        help="Supplier's price against the one before its last change.",
    )
    buy_price = OptionalMonetary(
        string="Buying price",
        help="What the supplier is paid: its price for the quantity less discounts, at the day's "
        "exchange rate with its safety margin.",
        aggregator="avg",
    )
    supplier_stock = OptionalFloat(string="Supplier stock", digits=(16, 3), aggregator=None)
    minimum_order_quantity = OptionalFloat(string="MOQ", digits=(16, 3), aggregator=None)
    pack_size = OptionalFloat(digits=(16, 3), aggregator=None)
    lead_time_days = OptionalFloat(string="Lead time (days)", digits=(8, 1), aggregator=None)
    # What the market says
    market_state = fields.Selection(MARKET_STATES, string="On the marketplace")
    sell_price_taxed = OptionalMonetary(
        string="Market price", help="Price the margin rests on, VAT included.", aggregator="avg"
    )
    shipping_charged_taxed = OptionalMonetary(string="Shipping charged", aggregator=None)
    price_basis = fields.Selection(
        [("buy_box", "Buy box"), ("lowest", "Lowest offer")], string="Price taken from"
    )
    sales_rank = OptionalInteger(aggregator="min")
    offer_count = OptionalInteger(string="Offers", aggregator="avg")
    offer_count_sign = fields.Char(related="market_offer_id.offer_count_sign")
    retailer_present = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        string="Sold by the marketplace",
    )
    fetched_at = fields.Datetime(string="Market seen")
    freshness = fields.Selection(
        [("fresh", "Fresh"), ("ageing", "Ageing"), ("old", "Old"), ("never", "Never read")],
        compute="_compute_freshness",
    )
    market_external_id = fields.Char(related="market_offer_id.external_id")
    market_url = fields.Char(related="market_offer_id.url")
    market_category = fields.Char(
        related="market_offer_id.category", string="Marketplace's category"
    )
    image_url = fields.Char(compute="_compute_image_url", string="Picture")
    # What the engine says; unknown is NULL
    revenue_untaxed = OptionalMonetary(aggregator="avg")
    landed_cost = OptionalMonetary(aggregator="avg")
    commission = OptionalMonetary(aggregator="avg")
    fulfilment_fee = OptionalMonetary(aggregator="avg")
    total_fees = OptionalMonetary(aggregator="avg")
    net_margin = OptionalMonetary(aggregator="avg")
    margin_rate = OptionalFloat(aggregator="avg")
    roi = OptionalFloat(aggregator="avg")
    break_even_price_taxed = OptionalMonetary(aggregator="avg")
    max_buy_price = OptionalMonetary(aggregator="avg")
    net_margin_marketplace = OptionalMonetary(
        string="Net margin, shipped by the marketplace", aggregator="avg"
    )
    net_margin_merchant = OptionalMonetary(string="Net margin, shipped by us", aggregator="avg")
    fulfilment = fields.Selection(FULFILMENTS, help="The allowed way that leaves most.")
    vat_rate = OptionalFloat(string="VAT rate", digits=(6, 4), aggregator=None)
    weight_g = OptionalFloat(string="Weight (g)", aggregator=None)
    length_mm = OptionalFloat(string="Length (mm)", aggregator=None)
    width_mm = OptionalFloat(string="Width (mm)", aggregator=None)
    height_mm = OptionalFloat(string="Height (mm)", aggregator=None)
    score = OptionalFloat(digits=(4, 1), aggregator="avg", help="0 to 100.")
    grade = fields.Selection(GRADES, index="btree_not_null")
    confidence = OptionalFloat(
        digits=(4, 3), aggregator="avg", help="Share of the score's signals that are known."
    )
    is_immediate = fields.Boolean(
        string="Immediate",
        help="Target ROI and margin reached at the buy box's price, supplier has stock, the "
        "marketplace does not sell it itself.",
    )
    is_suspicious = fields.Boolean(
        string="Too good to be true", help="Check the pack size and the price first."
    )
    evaluated_at = fields.Datetime(string="Priced")
    # What Odoo says
    on_hand_quantity = fields.Float(
        string="Our stock",
        digits="Product Unit",
        compute="_compute_on_hand_quantity",
        search="_search_on_hand_quantity",
        help="On hand in the company's internal locations, for the product with this EAN.",
    )
    open_list_text = fields.Char(
        string="In lists", compute="_compute_open_list_text", help="Open lists that hold it."
    )
    # What else the form shows
    channel_ids = fields.Many2many(
        "onep.opportunity", compute="_compute_others", string="Other marketplaces"
    )
    rival_ids = fields.Many2many(
        "onep.opportunity", compute="_compute_others", string="Other suppliers"
    )

    _offer_marketplace_unique = models.Constraint(
        "UNIQUE(supplier_offer_id, marketplace_id)",
        "A supplier offer is one opportunity on a marketplace.",
    )
    _company_score_idx = models.Index("(company_id, score DESC NULLS LAST, id) WHERE active")

    def init(self):
        """Leave room on each page: a change that moves no score then touches no index."""
        self.env.cr.execute(opportunity_sql.leave_room())

    @api.depends("gtin")
    def _compute_ean(self):
        for opportunity in self:
            gtin = opportunity.gtin or ""
            opportunity.ean = gtin[1:] if gtin.startswith("0") else gtin

    @api.model
    def _search_ean(self, operator, value):
        return self.env["onep.product"]._search_ean(operator, value)

    @api.depends("name", "marketplace_id.name")
    def _compute_display_name(self):
        for opportunity in self:
            opportunity.display_name = f"{opportunity.name} · {opportunity.marketplace_id.name}"

    @api.depends("market_offer_id.image_url", "product_id.image_url")
    def _compute_image_url(self):
        for opportunity in self:
            opportunity.image_url = (
                opportunity.product_id.image_url or opportunity.market_offer_id.image_url
            )

    @api.depends("fetched_at", "marketplace_id.price_max_age_hours")
    def _compute_freshness(self):
        now = fields.Datetime.now()
        for opportunity in self:
            allowed = timedelta(hours=opportunity.marketplace_id.price_max_age_hours or 24)
            if not opportunity.fetched_at:
                opportunity.freshness = "never"
            elif now - opportunity.fetched_at <= allowed:
                opportunity.freshness = "fresh"
            elif now - opportunity.fetched_at <= 3 * allowed:
                opportunity.freshness = "ageing"
            else:
                opportunity.freshness = "old"

    @api.depends("product_id.product_id", "company_id")
    def _compute_on_hand_quantity(self):
        """One statement per company, whatever the number of opportunities."""
        self.env["stock.quant"].flush_model(["quantity", "location_id", "product_id"])
        for company, opportunities in self.grouped("company_id").items():
            variants = opportunities.product_id.product_id
            quantities = {}
            if company and variants:
                quantities = dict(self.env.execute_query(stock.on_hand(company.id, variants.ids)))
            for opportunity in opportunities:
                variant = opportunity.product_id.product_id
                opportunity.on_hand_quantity = float(quantities.get(variant.id, 0.0))

    @api.model
    def _search_on_hand_quantity(self, operator, value):
        """In our stock or not: only comparisons with 0 mean something to a buyer."""
        if operator not in (">", "<=", "in", "not in"):
            return NotImplemented
        if operator in ("in", "not in"):
            if {bool(item) for item in value} != {False}:
                return NotImplemented
        elif value:
            return NotImplemented
        self.env["stock.quant"].flush_model(["quantity", "location_id", "product_id"])
        self.env["onep.product"].flush_model(["product_id"])
        in_stock = Domain("product_id", "in", stock.products_on_hand(self.env.companies.ids))
        return in_stock if operator in (">", "not in") else ~in_stock

    def _compute_open_list_text(self):
        groups = self.env["onep.picking.list.line"]._read_group(
            [
                ("supplier_offer_id", "in", self.supplier_offer_id.ids),
                ("list_id.state", "in", OPEN_STATES),
            ],
            ["supplier_offer_id"],
            ["list_id:recordset"],
        )
        lists = dict(groups)
        for opportunity in self:
            found = lists.get(opportunity.supplier_offer_id)
            opportunity.open_list_text = ", ".join(found.mapped("name")) if found else False

    @api.depends("supplier_offer_id", "marketplace_id", "product_id")
    def _compute_others(self):
        """Same offer elsewhere, same product here from others; best first."""
        others = self.search(
            Domain("product_id", "in", self.product_id.ids)
            | Domain("supplier_offer_id", "in", self.supplier_offer_id.ids)
        )
        by_offer = others.grouped("supplier_offer_id")
        by_place = others.grouped(lambda other: (other.product_id, other.marketplace_id))
        empty = self.browse()
        for opportunity in self:
            here = opportunity._origin
            opportunity.channel_ids = by_offer.get(opportunity.supplier_offer_id, empty) - here
            place = (opportunity.product_id, opportunity.marketplace_id)
            opportunity.rival_ids = (
                by_place.get(place, empty) - here if opportunity.product_id else empty
            )

    def action_add_to_picking_list(self):
        """Choose the list for these opportunities."""
        if not self:
            raise UserError(self.env._("Select the opportunities to add first."))
        self._check_selection(MOST_ADDED)
        wizard = self.env["onep.picking.add"].create({"opportunity_ids": [(6, 0, self.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add to picking list"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_refresh_market(self):
        """Read these articles on their marketplaces again, in the background."""
        self._check_selection()
        gtins = defaultdict(list)
        for opportunity in self:
            if "gtin_restricted" not in (opportunity.unknown_reasons or ""):
                gtins[opportunity.marketplace_id].append(opportunity.gtin)
        for marketplace, values in gtins.items():
            marketplace._sync(list(dict.fromkeys(values)))
        count = sum(len(set(values)) for values in gtins.values())
        return self._notify(
            self.env["onep.product"]._get_reading_text(
                count, self.env["onep.marketplace"].union(*gtins)
            )
        )

    def action_evaluate(self):
        """Price these offers again, in the background."""
        self._check_selection()
        self.env["onep.evaluation"]._enqueue_for_offers(self.supplier_offer_id)
        return self._notify(self.env._("These offers are being priced again."))

    def action_map_category(self):
        """Say which fee category this article falls in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Map a category"),
            "res_model": "onep.fee.category.map",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_platform": self.platform,
                "default_source_name": self.market_category or self.category,
            },
        }

    def action_open_product(self):
        """The GTIN's own record, where a weight or a size can be filled in."""
        self.ensure_one()
        return self.product_id._get_records_action()

    def action_open_page(self):
        """The product's page on the marketplace."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.market_url, "target": "new"}

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Unknown figures come last, whichever way a buyer sorts."""
        if not nulls.code and getattr(self._fields.get(field_name), "falsy_value", 0) is None:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def get_empty_list_help(self, help_message):
        """Where a new user lands: the next step of the road."""
        return self.env["onep.onboarding"]._get_help()

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message},
        }

    def _prepare_picking_line_vals(self):
        """What a picking list line copies, but the figures of its quantity; see
        ``_prepare_quantity_vals``.
        """
        self.ensure_one()
        offer = self.supplier_offer_id
        sides = (self.length_mm, self.width_mm, self.height_mm)
        return {
            "supplier_offer_id": offer.id,
            "product_id": self.product_id.id,
            "marketplace_id": self.marketplace_id.id,
            "fulfilment": self.fulfilment,
            "is_demo": self.is_demo,
            "partner_id": self.partner_id.id,
            "supplier_sku": self.supplier_sku,
            "gtin": self.gtin,
            "name": self.name,
            "currency_id": offer.currency_id.id,
            "minimum_order_quantity": offer.minimum_order_quantity,
            "pack_size": offer.pack_size,
            "supplier_stock": self.supplier_stock,
            "lead_time_days": offer.lead_time_days,
            "weight_g": self.weight_g,
            "volume_l": math.prod(sides) / 1e6 if all(sides) else False,
        }
