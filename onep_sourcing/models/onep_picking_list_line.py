from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from .onep_picking_list import EDITABLE_STATES, OPEN_STATES

#: What the RFQ side writes on a line of a list that is closed to changes.
ORDER_FIELDS = {"purchase_line_id", "uom_id", "is_closed"}
#: What people write; the rest is copied from the opportunity by the buttons.
FREE_FIELDS = {"list_id", "quantity"}
#: Prices per unit: an article may cost less than a cent.
UNIT_DIGITS = (16, 6)

# Words for the codes of planning.quantity and planning.basket_reasons.
QUANTITY_REASONS = [
    ("demand", "Sales over the cover period"),
    ("covered", "Our stock covers the sales: smallest order"),
    ("minimum", "Supplier's minimum"),
    ("pack", "Whole packs"),
    ("tier", "Better price from this quantity on"),
    ("stock", "Supplier's stock"),
    ("stock_short", "Supplier's stock is below its minimum"),
    ("single", "No minimum: one unit"),
    ("budget", "Budget"),
    ("storage", "Storage: room, weight or time"),
    ("minimum_order", "Supplier's minimum order"),
    ("carriage", "Carriage of the order"),
    ("surcharge", "Spares the small-order surcharge"),
    ("minimum_roi", "Wanted ROI"),
    ("minimum_margin_rate", "Wanted margin rate"),
    ("best", "Best use of the budget"),
    ("served", "Another offer serves the article"),
    ("loss", "Earns nothing at any quantity"),
    ("unknown", "Price or margin unknown"),
]


class OnepPickingListLine(models.Model):
    """One supplier offer to buy: the figures it was chosen on, the quantity and its reason.

    The figures are a copy: what was approved does not move when the market does.
    """

    _name = "onep.picking.list.line"
    _description = "Line of a picking list"
    _order = "list_id, partner_id, id"
    _check_company_auto = True

    list_id = fields.Many2one(
        "onep.picking.list",
        string="Picking list",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="list_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    list_state = fields.Selection(related="list_id.state", string="State of the list")
    user_id = fields.Many2one(related="list_id.user_id", string="Buyer")
    opportunity_id = fields.Many2one(
        "onep.opportunity",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        check_company=True,
    )
    supplier_offer_id = fields.Many2one(
        "onep.supplier.offer", ondelete="set null", index="btree_not_null", readonly=True
    )
    product_id = fields.Many2one(
        "onep.product",
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
    )
    marketplace_id = fields.Many2one("onep.marketplace", ondelete="set null", readonly=True)
    fulfilment = fields.Selection(
        [("marketplace", "Marketplace"), ("merchant", "Own carrier")], readonly=True
    )
    is_demo = fields.Boolean("Demo market", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, readonly=True
    )
    supplier_sku = fields.Char(string="Supplier SKU", readonly=True)
    gtin = fields.Char(string="GTIN-14", readonly=True)
    ean = fields.Char(string="EAN", related="product_id.ean")
    brand = fields.Char(related="product_id.brand")
    name = fields.Char(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    # Figures of a unit at the quantity; see onep_picking_list_line_figures.
    catalogue_price = OptionalFloat(
        string="List price",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        compute="_compute_figures",
        store=True,
        aggregator=None,
        help="Of the supplier's list at this quantity, before discounts.",
    )
    price_unit = fields.Float(
        string="Unit price",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        compute="_compute_figures",
        store=True,
        aggregator=None,
        help="Untaxed, in the supplier's currency: the tier of this quantity less discounts, or "
        "the price agreed with the supplier.",
    )
    is_price_agreed = fields.Boolean(
        string="Agreed price",
        compute="_compute_figures",
        store=True,
        help="Agreed with the supplier, whatever its list says.",
    )
    price_company = OptionalFloat(
        string="Unit price (company currency)",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        compute="_compute_figures",
        store=True,
        aggregator=None,
    )
    landed_cost = OptionalFloat(
        digits=UNIT_DIGITS,
        min_display_digits=2,
        compute="_compute_figures",
        store=True,
        aggregator=None,
        help="Per unit, at this quantity.",
    )
    unit_margin = OptionalFloat(
        string="Net margin per unit",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        compute="_compute_figures",
        store=True,
        aggregator=None,
    )
    margin_known = fields.Boolean(compute="_compute_figures", store=True)
    roi = OptionalFloat(
        string="ROI", digits=(16, 4), compute="_compute_figures", store=True, aggregator="avg"
    )
    minimum_order_quantity = OptionalFloat(string="MOQ", digits=(16, 3), readonly=True)
    pack_size = OptionalFloat(digits=(16, 3), readonly=True)
    supplier_stock = OptionalFloat(
        string="Supplier stock", digits=(16, 3), readonly=True, aggregator=None
    )
    lead_time_days = OptionalFloat(
        string="Lead time (days)", digits=(8, 1), readonly=True, aggregator=None
    )
    weight_g = OptionalFloat(
        string="Weight (g)", digits=(16, 1), readonly=True, aggregator=None, help="Per unit."
    )
    volume_l = OptionalFloat(
        string="Volume (l)", digits=(16, 6), readonly=True, aggregator=None, help="Per unit."
    )
    daily_sales = OptionalFloat(
        string="Sales a day", digits=(16, 4), readonly=True, aggregator=None
    )
    sales_source = fields.Selection(
        [
            ("unknown", "Unknown"),
            ("own", "Our own sales"),
            ("market", "Estimate from the market"),
        ],
        string="Sales taken from",
        readonly=True,
    )
    available_quantity = OptionalFloat(
        string="Our stock and incoming",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="Empty: the article is not in Odoo yet.",
    )
    days_of_cover = OptionalFloat(
        string="Days of cover",
        digits=(16, 0),
        compute="_compute_days_of_cover",
        aggregator=None,
        help="Days that our stock, what is coming and this quantity last at these sales.",
    )
    recommended_quantity = fields.Float(
        string="Advised", digits=(16, 3), readonly=True, aggregator=None
    )
    quantity_reason = fields.Selection(QUANTITY_REASONS, string="Advised because of", readonly=True)
    quantity = fields.Float(digits=(16, 3), required=True, default=1.0)
    amount = fields.Monetary(compute="_compute_amounts", store=True)
    amount_company = OptionalMonetary(
        string="Amount (company currency)",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        store=True,
    )
    margin_total = OptionalMonetary(
        string="Expected margin",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        store=True,
    )
    is_price_changed = fields.Boolean(
        compute="_compute_is_price_changed",
        string="Price changed",
        help="The supplier's present price is not the one of this line.",
    )
    is_offer_gone = fields.Boolean(
        compute="_compute_is_offer_gone",
        string="No longer offered",
    )
    duplicate_text = fields.Char(
        compute="_compute_duplicate_text", string="Also in", help="Other open lists with it."
    )
    purchase_line_id = fields.Many2one(
        "purchase.order.line",
        string="RFQ line",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    purchase_order_id = fields.Many2one(related="purchase_line_id.order_id", string="RFQ")
    purchase_state = fields.Selection(related="purchase_line_id.order_id.state", string="Order")

    _list_offer_unique = models.Constraint(
        "UNIQUE(list_id, supplier_offer_id)", "This offer is already in the list."
    )
    _quantity_positive = models.Constraint(
        "CHECK(quantity >= 0)", "A quantity to buy cannot be negative."
    )

    @api.depends("quantity", "price_unit", "price_company", "unit_margin", "margin_known")
    def _compute_amounts(self):
        for line in self:
            line.amount = line.quantity * line.price_unit
            is_priced = line.price_company is not False
            line.amount_company = line.quantity * line.price_company if is_priced else False
            line.margin_total = line.quantity * line.unit_margin if line.margin_known else False

    @api.depends("supplier_offer_id.is_present", "list_state")
    def _compute_is_offer_gone(self):
        for line in self:
            line.is_offer_gone = (
                line.list_state in OPEN_STATES and not line.supplier_offer_id.is_present
            )

    @api.depends("product_id", "supplier_offer_id", "list_id.state")
    def _compute_duplicate_text(self):
        others = self._find_other_lists()
        for line in self:
            line.duplicate_text = ", ".join(others[line].mapped("name")) or False

    def _find_other_lists(self):
        """{line: the other open lists of the company that hold the same product}."""
        nothing = self.env["onep.picking.list"]
        groups = self._read_group(
            [
                ("product_id", "in", self.product_id.ids),
                ("list_id.state", "in", OPEN_STATES),
                ("company_id", "in", self.company_id.ids),
            ],
            ["product_id", "company_id"],
            ["list_id:recordset"],
        )
        lists = {(product, company): found for product, company, found in groups}
        return {
            line: lists.get((line.product_id, line.company_id), nothing) - line.list_id._origin
            if line.list_state in OPEN_STATES
            else nothing
            for line in self
        }

    @api.model_create_multi
    def create(self, vals_list):
        self._check_direct_figures({"opportunity_id"})
        lines = super().create(vals_list)
        lines._check_list_is_editable()
        return lines

    def write(self, vals):
        self._check_direct_figures(vals)
        if set(vals) - ORDER_FIELDS:
            self._check_list_is_editable()
        result = super().write(vals)
        if "list_id" in vals:
            self._check_list_is_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_list_is_editable()

    def _check_direct_figures(self, names):
        """Figures are copied by the buttons from the opportunity, never said by a client."""
        if set(names) - FREE_FIELDS and not self.env.su:
            raise AccessError(
                self.env._("The figures of a line come from its opportunity, by the buttons.")
            )

    def _check_list_is_editable(self):
        """What was approved is not changed behind the approver's back."""
        closed = self.list_id.filtered(lambda picking: picking.state not in EDITABLE_STATES)
        if closed:
            raise UserError(
                self.env._(
                    "%(name)s is closed to changes. Reset it to draft first.", name=closed[0].name
                )
            )

    def _check_still_offered(self):
        """Refuse to go on with articles that left their supplier's list."""
        gone = self.filtered("is_offer_gone")
        if gone:
            raise UserError(
                self.env._(
                    "The supplier no longer offers these articles. Remove them from the list, "
                    "reset to draft first if it is approved:\n%(lines)s",
                    lines="\n".join(gone[:10].mapped("display_name")),
                )
            )

    def action_open_opportunity(self):
        """The figures as they are today."""
        self.ensure_one()
        if not self.opportunity_id:
            raise UserError(self.env._("The opportunity of this line no longer exists."))
        return self.opportunity_id._get_records_action()

    def _get_live_purchase_lines(self):
        """RFQ and order lines that cover these lines; cancelled and emptied ones cover nothing."""
        return self.purchase_line_id.filtered(
            lambda line: line.state != "cancel" and line.product_qty
        )
