from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from .onep_picking_list import EDITABLE_STATES
from .onep_picking_list_line import UNIT_DIGITS

#: What people write; the rest comes from the opportunity, and from the supplier's answer.
FREE_FIELDS = {"negotiation_id", "quantity", "wanted_price"}


class OnepNegotiationLine(models.Model):
    """One offer: its price today, the price asked for, the answer."""

    _name = "onep.negotiation.line"
    _description = "Line of a Negotiation"
    _order = "negotiation_id, id"
    _check_company_auto = True

    negotiation_id = fields.Many2one(
        "onep.negotiation", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="negotiation_id.partner_id", store=True)
    state = fields.Selection(related="negotiation_id.state")
    currency_id = fields.Many2one(related="negotiation_id.currency_id")
    opportunity_id = fields.Many2one(
        "onep.opportunity", ondelete="set null", index="btree_not_null", readonly=True
    )
    supplier_offer_id = fields.Many2one(
        "onep.supplier.offer", ondelete="set null", index="btree_not_null", readonly=True
    )
    product_id = fields.Many2one(
        "onep.product", ondelete="set null", index="btree_not_null", readonly=True
    )
    marketplace_id = fields.Many2one("onep.marketplace", ondelete="set null", readonly=True)
    supplier_sku = fields.Char(string="Supplier SKU", readonly=True)
    gtin = fields.Char(string="GTIN-14", readonly=True)
    ean = fields.Char(string="EAN", related="product_id.ean")
    brand = fields.Char(related="product_id.brand")
    name = fields.Char(required=True, readonly=True)
    quantity = fields.Float(
        digits=(16, 3),
        required=True,
        help="That the price is asked for; an agreed price holds from it on.",
    )
    price = fields.Float(
        string="Today's price",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        readonly=True,
        aggregator=None,
        help="Net unit price of the supplier at this quantity.",
    )
    wanted_price = fields.Float(
        string="Price asked for",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        aggregator=None,
        help="The highest at which the article becomes a buy.",
    )
    cut = fields.Float(digits=(6, 4), compute="_compute_cut", store=True, aggregator="avg")
    saving = fields.Monetary(compute="_compute_cut", store=True)
    answer_price = OptionalFloat(
        string="Answer",
        digits=UNIT_DIGITS,
        min_display_digits=2,
        readonly=True,
        copy=False,
        aggregator=None,
    )
    is_agreed = fields.Boolean(
        string="Agreed", readonly=True, copy=False, help="The answer is the price we buy at."
    )
    agreed_on = fields.Date(readonly=True, copy=False)
    is_vendor_price = fields.Boolean(
        string="In Odoo's vendor prices",
        readonly=True,
        copy=False,
        help="The agreed price is a row of the product's vendor price list, and lives there.",
    )
    vendor_row_id = fields.Many2one(
        "product.supplierinfo",
        string="Vendor price",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    _wanted_price_positive = models.Constraint(
        "CHECK(wanted_price > 0)", "Ask for a price above zero."
    )

    @api.depends("price", "wanted_price", "quantity")
    def _compute_cut(self):
        for line in self:
            line.cut = 1.0 - line.wanted_price / line.price if line.price else 0.0
            line.saving = (line.price - line.wanted_price) * line.quantity

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_direct_figures(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_direct_figures(vals)
        return super().write(vals)

    def _check_direct_figures(self, names):
        """Prices are the engine's and the supplier's, never said by a client."""
        if set(names) - FREE_FIELDS and not self.env.su:
            raise AccessError(
                self.env._("The figures of a line come from its opportunity and from the answer.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        if self.filtered("is_agreed"):
            raise UserError(self.env._("An agreed price is not deleted: cancel its negotiation."))

    def _get_ref(self):
        """What the supplier's sheet calls this line."""
        self.ensure_one()
        return f"{self.negotiation_id.name}-{self.id}"

    @api.model
    def _get_agreed(self, offers, on_date):
        """Return the agreed lines in force of supplier offers, the latest first.

        Those whose price went to Odoo's vendor price lists hold there.
        """
        if not offers:
            return self.browse()
        return self.sudo().search(
            [
                ("supplier_offer_id", "in", offers.ids),
                ("is_agreed", "=", True),
                ("is_vendor_price", "=", False),
                ("agreed_on", "<=", on_date),
                ("negotiation_id.state", "=", "answered"),
                "|",
                ("negotiation_id.valid_to", "=", False),
                ("negotiation_id.valid_to", ">=", on_date),
            ],
            order="agreed_on desc, id desc",
        )

    def _agree(self):
        """Make the answers the prices we buy at: vendor prices in Odoo, figures of open lists."""
        today = fields.Date.context_today(self)
        self.sudo().write({"is_agreed": True, "agreed_on": today})
        self._write_vendor_prices()
        self._refigure_picking_lines()

    def _write_vendor_prices(self):
        """Put the agreed prices of articles that are in Odoo in their vendor price lists."""
        for line in self.sudo().filtered("product_id.product_id"):
            vals = line._prepare_vendor_vals(line.agreed_on)
            if line.vendor_row_id:
                line.vendor_row_id.write(vals)
            else:
                line.vendor_row_id = self.env["product.supplierinfo"].sudo().create(vals)
                line.is_vendor_price = True

    def _prepare_vendor_vals(self, today):
        """Values of the vendor price list row of an agreed price."""
        variant = self.product_id.product_id
        days = self.supplier_offer_id.lead_time_days
        # One that nobody told is Odoo's usual one, not none.
        known = {} if days is False else {"delay": int(days)}
        return known | {
            "product_tmpl_id": variant.product_tmpl_id.id,
            "product_id": variant.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "product_code": self.supplier_sku,
            "product_name": self.name,
            "currency_id": self.currency_id.id,
            "min_qty": self.quantity,
            "price": self.answer_price,
            "discount": 0.0,
            "date_start": today,
            "date_end": self.negotiation_id.valid_to,
            "onep_price_source": "negotiated",
        }

    def _disagree(self):
        """These prices no longer hold, in Odoo's vendor price lists neither."""
        self.sudo().vendor_row_id.unlink()
        self.sudo().write({"is_agreed": False, "is_vendor_price": False})
        self._refigure_picking_lines()

    def _refigure_picking_lines(self):
        """Price the lines of open lists that buy these offers again."""
        lines = self.env["onep.picking.list.line"].search(
            [
                ("supplier_offer_id", "in", self.supplier_offer_id.ids),
                ("list_id.state", "in", EDITABLE_STATES),
            ]
        )
        lines._refigure()
