from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

STATES = [
    ("draft", "Draft"),
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("ordered", "Ordered"),
    ("cancelled", "Cancelled"),
]
#: States in which lines may still change, and in which a list counts as open.
EDITABLE_STATES = ("draft", "proposed")
OPEN_STATES = ("draft", "proposed", "approved")
#: What follows the quantity of a line, by the margin engine; see onep_picking_list_line_figures.
FIGURES = (
    "catalogue_price",
    "price_unit",
    "is_price_agreed",
    "price_company",
    "landed_cost",
    "unit_margin",
    "margin_known",
    "roi",
)
#: What the buttons write, and what they decide on.
STEP_FIELDS = {"state", "approved_by_id", "approved_at", "budget", "unknown_price_count"}


class OnepPickingList(models.Model):
    """What a buyer decided to buy, at what quantity and why; approved, then ordered."""

    _name = "onep.picking.list"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Picking list"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, copy=False, tracking=True, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Buyer",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
    )
    approver_id = fields.Many2one(
        "res.users",
        tracking=True,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("onep_sourcing.group_sourcing_user").ids)
        ],
        default=lambda self: self.env.company.onep_approver_id,
        help="Gets a to-do when the list is proposed. Their limit has to allow its amount.",
    )
    deadline = fields.Date(tracking=True, help="Day by which the orders should be sent.")
    note = fields.Html(string="Notes")
    color = fields.Integer()
    state = fields.Selection(
        STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many("onep.picking.list.line", "list_id", string="Lines")
    line_count = fields.Integer(
        string="Lines count", compute="_compute_totals", store=True, readonly=True
    )
    supplier_count = fields.Integer(string="Suppliers", compute="_compute_totals", store=True)
    budget = fields.Monetary(
        compute="_compute_totals",
        store=True,
        help="Untaxed purchase amount of the lines, in the company's currency.",
    )
    expected_margin = OptionalMonetary(
        compute="_compute_totals",
        store=True,
        help="Net margin of the lines whose margin is known, once all is sold. Empty: none is.",
    )
    roi = OptionalFloat(
        string="ROI",
        digits=(16, 4),
        compute="_compute_totals",
        store=True,
        aggregator="avg",
        help="Expected margin over the landed cost of the lines whose margin is known.",
    )
    cover_days = fields.Integer(
        string="Days to cover",
        required=True,
        default=lambda self: self.env.company.onep_cover_days,
        help="Days of sales that the advised quantities last.",
    )
    weight_kg = OptionalFloat(
        string="Weight (kg)",
        digits=(16, 3),
        min_display_digits=1,
        compute="_compute_totals",
        store=True,
        help="Of the lines whose weight is known. Empty: none is.",
    )
    volume_m3 = OptionalFloat(
        string="Volume (m³)",
        digits=(16, 6),
        min_display_digits=3,
        compute="_compute_totals",
        store=True,
        help="Of the lines whose volume is known. Empty: none is.",
    )
    days_of_cover = OptionalFloat(
        digits=(16, 0),
        compute="_compute_totals",
        store=True,
        aggregator="avg",
        help="Mean over the lines whose sales are known, by the money that lies for them.",
    )
    shortest_cover_days = OptionalFloat(
        string="Runs out first (days)",
        digits=(16, 0),
        compute="_compute_totals",
        store=True,
        aggregator="min",
    )
    unknown_weight_count = fields.Integer(
        string="Lines without a weight", compute="_compute_totals", store=True
    )
    unknown_volume_count = fields.Integer(
        string="Lines without a volume", compute="_compute_totals", store=True
    )
    unknown_sales_count = fields.Integer(
        string="Lines without known sales", compute="_compute_totals", store=True
    )
    assumed_stock_count = fields.Integer(
        string="Lines whose own stock is assumed to be none",
        compute="_compute_totals",
        store=True,
        help="The article is not in Odoo: its days of cover count this order alone.",
    )
    unknown_margin_count = fields.Integer(
        string="Lines with an unknown margin", compute="_compute_totals", store=True
    )
    unknown_price_count = fields.Integer(
        string="Lines without an exchange rate", compute="_compute_totals", store=True
    )
    has_demo_lines = fields.Boolean(compute="_compute_has_demo_lines")

    @api.depends(
        "line_ids.amount_company",
        "line_ids.margin_total",
        "line_ids.quantity",
        "line_ids.landed_cost",
        "line_ids.price_company",
        "line_ids.partner_id",
        "line_ids.weight_g",
        "line_ids.volume_l",
        "line_ids.daily_sales",
        "line_ids.available_quantity",
    )
    def _compute_totals(self):
        summed = self.line_ids.browse()._sum_up([picking.line_ids for picking in self])
        for picking, totals in zip(self, summed, strict=True):
            lines = picking.line_ids
            picking.line_count = len(lines)
            picking.supplier_count = len(lines.partner_id)
            picking.budget = totals["budget"]
            picking.expected_margin = totals["margin"]
            picking.roi = totals["roi"]
            picking.weight_kg = totals["weight_kg"]
            picking.volume_m3 = totals["volume_m3"]
            picking.days_of_cover = totals["days_of_cover"]
            picking.shortest_cover_days = totals["shortest_cover_days"]
            for name in (
                "unknown_weight_count",
                "unknown_volume_count",
                "unknown_sales_count",
                "assumed_stock_count",
            ):
                picking[name] = totals[name]
            picking.unknown_margin_count = len(lines) - len(lines.filtered("margin_known"))
            picking.unknown_price_count = len(
                lines.filtered(lambda line: line.price_company is False)
            )

    @api.depends("line_ids.is_demo")
    def _compute_has_demo_lines(self):
        for picking in self:
            picking.has_demo_lines = any(picking.line_ids.mapped("is_demo"))

    @api.model_create_multi
    def create(self, vals_list):
        """Number the lists that were not named; only the buttons change the state."""
        for vals in vals_list:
            self._check_direct_state(vals)
            if not self.env.su:
                # Said here, so that no default of the context says otherwise.
                vals |= {"state": "draft", "approved_by_id": False, "approved_at": False}
            if vals.get("name", "/") in (False, "", "/"):
                company = vals.get("company_id") or self.env.company.id
                sequence = self.env["ir.sequence"].with_company(company)
                vals["name"] = sequence.next_by_code("onep.picking.list") or "/"
        return super().create(vals_list)

    def write(self, vals):
        self._check_direct_state(vals)
        if "company_id" in vals and self.filtered(
            lambda picking: picking.line_ids and picking.company_id.id != vals["company_id"]
        ):
            raise UserError(
                self.env._("A list that has lines stays in its company: create another one.")
            )
        return super().write(vals)

    def _check_direct_state(self, vals):
        """Steps are taken by the buttons, which check who may take them."""
        steps = STEP_FIELDS & set(vals)
        is_new_draft = not self and vals.get("state", "draft") == "draft"
        if steps and not is_new_draft and not self.env.su:
            raise AccessError(
                self.env._("Use the buttons of the list to propose, approve or cancel it.")
            )

    def action_open_lines(self):
        """The lines, grouped by supplier."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_picking_list_line_action"
            ),
            "domain": [("list_id", "=", self.id)],
            "context": {"search_default_group_partner": 1, "default_list_id": self.id},
        }

    def _creation_message(self):
        return self.env._("Picking list created")

    @api.model
    def _get_open_domain(self):
        """Lists to which something may be added, of the current company."""
        return Domain("state", "in", EDITABLE_STATES) & Domain(
            "company_id", "=", self.env.company.id
        )
