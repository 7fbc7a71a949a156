from collections import defaultdict

import numpy as np
from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..planning import quantity as planning
from ..sql import stock

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
#: What the buttons write, and what they decide on.
STEP_FIELDS = {"state", "approved_by_id", "approved_at", "budget", "unknown_price_count"}
#: Days of sales that the demand of a product is read from.
SALES_DAYS = 90


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
            ("all_group_ids", "in", self.env.ref("onep_sourcing.group_sourcing_manager").ids)
        ],
        default=lambda self: self.env.company.onep_approver_id,
        help="Gets a to-do when the list is proposed.",
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
    expected_margin = fields.Monetary(
        compute="_compute_totals",
        store=True,
        help="Net margin of the lines whose margin is known, once all is sold.",
    )
    roi = OptionalFloat(
        string="ROI",
        digits=(16, 4),
        compute="_compute_totals",
        store=True,
        aggregator="avg",
        help="Expected margin over the landed cost of the lines whose margin is known.",
    )
    unknown_margin_count = fields.Integer(
        string="Lines with an unknown margin", compute="_compute_totals", store=True
    )
    unknown_price_count = fields.Integer(
        string="Lines without an exchange rate", compute="_compute_totals", store=True
    )
    has_demo_lines = fields.Boolean(compute="_compute_has_demo_lines")
    supplier_summary = fields.Json(compute="_compute_supplier_summary")
    warning = fields.Text(compute="_compute_warning", help="What to look at before ordering.")
    has_quantity_warning = fields.Boolean(compute="_compute_warning")
    can_approve = fields.Boolean(compute="_compute_can_approve")
    purchase_order_ids = fields.Many2many(
        "purchase.order", string="RFQs", compute="_compute_purchase_orders"
    )
    purchase_order_count = fields.Integer(compute="_compute_purchase_orders", string="RFQs count")
    to_order_count = fields.Integer(
        compute="_compute_purchase_orders", string="Lines without an RFQ"
    )

    @api.depends(
        "line_ids.amount_company",
        "line_ids.margin_total",
        "line_ids.quantity",
        "line_ids.landed_cost",
        "line_ids.price_company",
        "line_ids.partner_id",
    )
    def _compute_totals(self):
        for picking in self:
            lines = picking.line_ids
            known = lines.filtered("margin_known")
            landed = sum(line.landed_cost * line.quantity for line in known)
            picking.line_count = len(lines)
            picking.supplier_count = len(lines.partner_id)
            picking.budget = sum(lines.mapped("amount_company"))
            picking.expected_margin = sum(line.margin_total for line in known)
            picking.roi = picking.expected_margin / landed if landed else False
            picking.unknown_margin_count = len(lines) - len(known)
            picking.unknown_price_count = len(
                lines.filtered(lambda line: line.price_company is False)
            )

    @api.depends("line_ids.is_demo")
    def _compute_has_demo_lines(self):
        for picking in self:
            picking.has_demo_lines = any(picking.line_ids.mapped("is_demo"))

    @api.depends(
        "line_ids.amount",
        "line_ids.amount_company",
        "line_ids.margin_total",
        "line_ids.partner_id",
        "line_ids.purchase_line_id",
    )
    def _compute_supplier_summary(self):
        """One entry per supplier and currency, dearest first."""
        for picking in self:
            picking.supplier_summary = [
                picking._prepare_supplier_summary(partner, currency, lines)
                for (partner, currency), lines in sorted(
                    picking._group_by_supplier(picking.line_ids).items(),
                    key=lambda item: -sum(item[1].mapped("amount_company")),
                )
            ]

    @api.depends(
        "line_ids.quantity_warning",
        "line_ids.duplicate_text",
        "line_ids.margin_known",
        "line_ids.price_company",
        "line_ids.is_offer_gone",
        "line_ids.is_price_changed",
    )
    def _compute_warning(self):
        for picking in self:
            lines = picking.line_ids
            wrong = lines.filtered("quantity_warning")
            doubled = lines.filtered("duplicate_text")
            changed = lines.filtered("is_price_changed")
            picking.has_quantity_warning = bool(wrong)
            gone = lines.filtered("is_offer_gone")
            texts = []
            if gone:
                texts.append(
                    self.env._(
                        "%(count)s lines are no longer offered by their supplier: remove them.",
                        count=len(gone),
                    )
                )
            if picking.unknown_price_count:
                texts.append(
                    self.env._(
                        "%(count)s lines have no exchange rate: they are missing from the budget, "
                        "and a purchase manager has to approve the list.",
                        count=picking.unknown_price_count,
                    )
                )
            if wrong:
                texts.append(
                    self.env._(
                        "%(count)s lines do not fit the supplier's minimum, packs or stock.",
                        count=len(wrong),
                    )
                )
            if doubled:
                texts.append(
                    self.env._(
                        "%(count)s lines are also in another open list: %(lists)s.",
                        count=len(doubled),
                        lists=", ".join(sorted(set(doubled.mapped("duplicate_text")))),
                    )
                )
            if changed:
                texts.append(
                    self.env._(
                        "The supplier changed the price of %(count)s lines since they were added.",
                        count=len(changed),
                    )
                )
            if picking.unknown_margin_count:
                texts.append(
                    self.env._(
                        "%(count)s lines have an unknown margin: they count in the budget, not in "
                        "the margin.",
                        count=picking.unknown_margin_count,
                    )
                )
            picking.warning = "\n".join(texts)

    @api.depends("budget", "unknown_price_count", "state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_manager = self.env.user.has_group("onep_sourcing.group_sourcing_manager")
        for picking in self:
            limit = picking.company_id.onep_approval_limit
            is_small = limit and picking.budget <= limit and not picking.unknown_price_count
            picking.can_approve = is_manager or bool(is_small)

    @api.depends("line_ids.purchase_line_id.order_id.state", "line_ids.quantity")
    def _compute_purchase_orders(self):
        for picking in self:
            orders = picking.line_ids.purchase_line_id.order_id
            picking.purchase_order_ids = orders
            picking.purchase_order_count = len(orders)
            picking.to_order_count = len(picking._get_lines_to_order())

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ordered(self):
        if self.purchase_order_ids:
            raise UserError(
                self.env._("A list that has RFQs cannot be deleted. Cancel it to put it aside.")
            )

    def _check_direct_state(self, vals):
        """Steps are taken by the buttons, which check who may take them."""
        steps = STEP_FIELDS & set(vals)
        is_new_draft = not self and vals.get("state", "draft") == "draft"
        if steps and not is_new_draft and not self.env.su:
            raise AccessError(
                self.env._("Use the buttons of the list to propose, approve or cancel it.")
            )

    def action_propose(self):
        """Hand the list to the approver."""
        self._check_step("draft")
        self._check_lines()
        self._set_state("proposed")
        for picking in self.filtered("approver_id"):
            picking.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=picking.deadline or fields.Date.context_today(picking),
                summary=self.env._("Approve picking list %(name)s", name=picking.name),
                user_id=picking.approver_id.id,
            )

    def action_approve(self):
        """Allow the orders; reserved to purchase managers above the company's limit."""
        self._check_step("draft", "proposed")
        self._check_lines()
        refused = self.filtered(lambda picking: not picking.can_approve)
        if refused:
            raise AccessError(
                self.env._(
                    "%(name)s has to be approved by a purchase manager. Propose it first.",
                    name=refused[0].name,
                )
            )
        self._set_state("approved", approved_by_id=self.env.uid, approved_at=fields.Datetime.now())
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def action_reset(self):
        """Back to the drawing board; not once something is ordered."""
        self._check_step("proposed", "approved", "cancelled")
        for picking in self:
            if picking.state == "approved" and not picking.can_approve:
                raise AccessError(
                    self.env._("Only a purchase manager can reopen an approved list.")
                )
            if picking.line_ids._get_live_purchase_lines():
                raise UserError(
                    self.env._(
                        "%(name)s has RFQs. Cancel them before changing the list.",
                        name=picking.name,
                    )
                )
        self._set_state("draft", approved_by_id=False, approved_at=False)

    def action_cancel(self):
        """Put the list aside. Its RFQs, if any, are cancelled on their own."""
        self._check_step("draft", "proposed", "approved")
        for picking in self:
            if picking.state == "approved" and not picking.can_approve:
                raise AccessError(
                    self.env._("Only a purchase manager can cancel an approved list.")
                )
            live = picking.line_ids._get_live_purchase_lines().order_id
            if live:
                raise UserError(
                    self.env._(
                        "Cancel these RFQs first: %(orders)s.",
                        orders=", ".join(live.mapped("name")),
                    )
                )
        self._set_state("cancelled")
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def action_fix_quantities(self):
        """Raise quantities to the supplier's minimum and to whole packs.

        A line that cannot be ordered at all leaves the list; the chatter keeps its reason.
        """
        self._check_step(*EDITABLE_STATES)
        for picking in self:
            impossible = picking.line_ids.filtered(
                lambda line: line.quantity <= 0 and line.quantity_reason == "stock_short"
            )
            if impossible:
                picking.message_post(
                    body=Markup("<p>%s</p><ul>%s</ul>")
                    % (
                        self.env._("Removed, as they cannot be ordered:"),
                        Markup("").join(
                            Markup("<li>%s: %s</li>") % (line.display_name, line.quantity_warning)
                            for line in impossible
                        ),
                    )
                )
                impossible.unlink()
            picking.line_ids._fix_quantities()

    def action_update_prices(self):
        """Take the supplier's present price and the present margin on every line."""
        self._check_step(*EDITABLE_STATES)
        self.line_ids._update_from_opportunity()

    def action_create_rfqs(self):
        """Show what would be ordered, before ordering."""
        self.ensure_one()
        self._check_step("approved")
        if not self.to_order_count:
            raise UserError(self.env._("Every line of this list already has an RFQ."))
        wizard = self.env["onep.rfq.create"].create({"list_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Create RFQs"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

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

    def action_open_orders(self):
        """The RFQs and orders made from this list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_purchase_rfq_action"
        )
        action |= {"domain": [("id", "in", self.purchase_order_ids.ids)], "context": {}}
        if len(self.purchase_order_ids) == 1:
            action |= {
                "res_id": self.purchase_order_ids.id,
                "views": [(False, "form")],
                "view_mode": "form",
            }
        return action

    def _check_step(self, *states):
        """Refuse a button pressed in another state than these."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for picking in self:
            if picking.state not in states:
                raise UserError(
                    self.env._(
                        "%(name)s is %(state)s: this cannot be done now.",
                        name=picking.name,
                        state=labels[picking.state].lower(),
                    )
                )

    def _check_lines(self):
        """Refuse an empty list and quantities that the supplier would refuse."""
        for picking in self:
            if not picking.line_ids:
                raise UserError(
                    self.env._("Add opportunities to %(name)s first.", name=picking.name)
                )
            picking.line_ids._check_still_offered()
            wrong = picking.line_ids.filtered(
                lambda line: line.quantity <= 0 or line.quantity != line._get_orderable_quantity()
            )
            if wrong:
                raise UserError(
                    self.env._(
                        "These quantities are not orderable; press “Fix quantities” or change "
                        "them:\n%(lines)s",
                        lines="\n".join(
                            f"{line.display_name}: {line.quantity_warning}" for line in wrong[:10]
                        ),
                    )
                )

    def _set_state(self, state, **vals):
        """The one way a state changes: the checks were made by the caller."""
        self.check_access("write")
        self.sudo().write({"state": state, **vals})

    def _update_order_state(self):
        """Follow the purchase orders: ordered once every line is confirmed, else approved."""
        for picking in self.sudo():
            if picking.state not in ("approved", "ordered"):
                continue
            lines = picking.line_ids.filtered("quantity")
            is_ordered = bool(lines) and all(line.purchase_state == "purchase" for line in lines)
            state = "ordered" if is_ordered else "approved"
            if picking.state != state:
                picking.state = state

    def _get_lines_to_order(self):
        """Lines that no live RFQ covers."""
        return self.line_ids.filtered(
            lambda line: line.quantity > 0 and not line._get_live_purchase_lines()
        )

    def _group_by_supplier(self, lines):
        """{(supplier, currency): lines}, in the order of the lines."""
        groups = defaultdict(self.env["onep.picking.list.line"].browse)
        for line in lines:
            groups[line.partner_id, line.currency_id] |= line
        return groups

    def _prepare_supplier_summary(self, partner, currency, lines):
        known = lines.filtered("margin_known")
        margin = sum(line.margin_total for line in known)
        landed = sum(line.landed_cost * line.quantity for line in known)
        return {
            "id": f"{partner.id or 0}-{currency.id or 0}",
            "supplier": partner.display_name or "",
            "line_count": len(lines),
            "amount": sum(lines.mapped("amount")),
            "currency_id": currency.id,
            "amount_company": sum(lines.mapped("amount_company")),
            "company_currency_id": self.currency_id.id,
            "margin": margin if known else None,
            "roi": margin / landed if landed else None,
            "unknown_count": len(lines) - len(known),
            "ordered_count": len(lines._get_live_purchase_lines()),
        }

    def _add_opportunities(self, opportunities):
        """Add opportunities with an advised quantity; an offer already here is not doubled.

        One supplier offer is bought once: of its opportunities, the best net margin speaks.

        :return: the new lines
        """
        self.ensure_one()
        self._check_step(*EDITABLE_STATES)
        here = set(self.line_ids.supplier_offer_id.ids)
        chosen = {}
        for opportunity in opportunities.sorted(
            lambda opp: (not opp.margin_known, -(opp.net_margin or 0.0), opp.id)
        ):
            offer_id = opportunity.supplier_offer_id.id
            if offer_id not in here:
                chosen.setdefault(offer_id, opportunity.id)
        # In the order of the screen, so that the list reads as it was picked.
        kept = set(chosen.values())
        picked = opportunities.filtered(lambda opportunity: opportunity.id in kept)
        advice = self._advise(picked)
        Line = self.env["onep.picking.list.line"]
        Line.check_access("create")
        self.check_access("write")
        lines = Line.sudo().create(
            [
                {
                    "list_id": self.id,
                    "opportunity_id": opportunity.id,
                    # Said here, so that no default of the context says otherwise.
                    "purchase_line_id": False,
                    **opportunity._prepare_picking_line_vals(),
                    "quantity": float(quantity),
                    "recommended_quantity": float(quantity),
                    "quantity_reason": reason,
                }
                for opportunity, quantity, reason in zip(
                    picked, advice.quantity, advice.keys(), strict=True
                )
            ]
        )
        return lines.with_env(self.env)

    def _advise(self, opportunities):
        """Quantity for each opportunity: our sales over the cover period, less what we have."""
        company = self.company_id
        cover_days = company.onep_cover_days
        variants = opportunities.product_id.product_id
        since = fields.Datetime.now() - relativedelta(days=SALES_DAYS)
        wanted_by_variant = {}
        if variants:
            self.env.flush_all()
            for variant_id, on_hand, incoming, sold in self.env.execute_query(
                stock.position(company.id, variants.ids, since)
            ):
                if sold > 0:
                    need = float(sold) / SALES_DAYS * cover_days
                    wanted_by_variant[variant_id] = need - float(on_hand) - float(incoming)
        nan = float("nan")
        return planning.recommend(
            wanted=np.array(
                [
                    wanted_by_variant.get(opportunity.product_id.product_id.id, nan)
                    for opportunity in opportunities
                ]
            ),
            minimum=np.array(opportunities.mapped("minimum_order_quantity") or [], np.float64),
            pack=np.array(opportunities.mapped("pack_size") or [], np.float64),
            stock=np.array(
                [
                    nan if opportunity.supplier_stock is False else opportunity.supplier_stock
                    for opportunity in opportunities
                ],
                np.float64,
            ),
        )

    @api.model
    def _get_open_domain(self):
        """Lists to which something may be added, of the current company."""
        return Domain("state", "in", EDITABLE_STATES) & Domain(
            "company_id", "=", self.env.company.id
        )
