import numpy as np

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.counted import counted
from ..models.offer_values import format_number

#: Opportunities that are looked at, best first; a budget is full long before.
MOST_LOOKED_AT = 2000
#: Articles that fell outside the budget and are shown, best first; all are counted.
MOST_OUTSIDE = 40
ORDERS = {
    "score": "score desc nulls last, id",
    "net_margin": "net_margin desc nulls last, id",
    "roi": "roi desc nulls last, id",
}


class OnepPickingBest(models.TransientModel):
    """The best opportunities of a list, as many as a budget allows."""

    _name = "onep.picking.best"
    _description = "Best Opportunities within a Budget"

    domain = fields.Json(readonly=True, help="Of the opportunities on screen.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    criterion = fields.Selection(
        [
            ("score", "Score"),
            ("net_margin", "Net margin per unit"),
            ("roi", "ROI"),
        ],
        string="Best by",
        default="score",
        required=True,
    )
    most = fields.Integer(string="At most", default=50, help="Articles; 0: no limit.")
    budget = fields.Monetary(help="Untaxed; 0: no limit.")
    cover_days = fields.Integer(
        string="Days to cover", required=True, default=lambda self: self.env.company.onep_cover_days
    )
    minimum_score = fields.Float(string="Score of at least", digits=(4, 1))
    partner_ids = fields.Many2many(
        "res.partner",
        string="Suppliers",
        domain="[('supplier_rank', '>=', 0), ('parent_id', '=', False)]",
        help="Empty: all.",
    )
    list_id = fields.Many2one(
        "onep.picking.list",
        string="Picking list",
        domain="[('state', 'in', ('draft', 'proposed')), ('company_id', '=', company_id)]",
        help="Empty: a new list.",
    )
    line_ids = fields.One2many(
        "onep.picking.best.line", "wizard_id", compute="_compute_taken", store=True, readonly=False
    )
    taken_count = fields.Integer(string="Articles", compute="_compute_taken", store=True)
    spend = fields.Monetary(compute="_compute_taken", store=True)
    margin = fields.Monetary(string="Expected margin", compute="_compute_taken", store=True)
    note = fields.Text(compute="_compute_taken", store=True)

    @api.depends(
        "criterion", "most", "budget", "cover_days", "minimum_score", "partner_ids", "list_id"
    )
    def _compute_taken(self):
        for wizard in self:
            choice, note = wizard._take()
            wizard.line_ids = [
                Command.clear(),
                *map(Command.create, wizard._prepare_line_vals(choice)),
            ]
            wizard.taken_count = len(choice.taken)
            wizard.spend = choice.spend
            wizard.margin = choice.margin
            wizard.note = note

    def _prepare_line_vals(self, choice):
        """What is shown of each article that is taken, then of those outside the budget."""
        taken = [
            self._prepare_article_vals(opportunity, row["quantity"], figures)
            | {"outcome": "taken", "quantity_reason": row["quantity_reason"]}
            for opportunity, row, figures in zip(
                choice.taken, choice.quantity_vals, choice.figures, strict=True
            )
        ]
        outside = zip(
            choice.outside[:MOST_OUTSIDE],
            choice.outside_quantities[:MOST_OUTSIDE],
            choice.outside_figures[:MOST_OUTSIDE],
            strict=True,
        )
        return taken + [
            self._prepare_article_vals(*row) | {"outcome": "budget", "quantity_reason": "budget"}
            for row in outside
        ]

    def _prepare_article_vals(self, opportunity, quantity, figures):
        return {
            "opportunity_id": opportunity.id,
            "quantity": quantity,
            "amount": figures["price_company"] * quantity,
            "margin": figures["unit_margin"] * quantity,
            "roi": figures["roi"],
        }

    def _get_domain(self):
        domain = Domain(self.domain or []) & Domain("company_id", "=", self.company_id.id)
        domain &= Domain("active", "=", True)
        if self.minimum_score:
            domain &= Domain("score", ">=", self.minimum_score)
        if self.partner_ids:
            domain &= Domain("partner_id", "child_of", self.partner_ids.ids)
        return domain

    def _take(self):
        """Return the ``Choice`` of what is taken, and what was passed over in words."""
        Opportunity = self.env["onep.opportunity"]
        domain = self._get_domain()
        found = Opportunity.search(domain, order=ORDERS[self.criterion], limit=MOST_LOOKED_AT)
        here = set(self.list_id.line_ids.product_id.ids)
        skipped = dict.fromkeys(("unknown", "here"), 0)
        seen, kept = set(), []
        for opportunity in found:
            product = opportunity.product_id.id or -opportunity.supplier_offer_id.id
            if product in seen:
                continue
            seen.add(product)
            if product in here:
                skipped["here"] += 1
            elif not opportunity.margin_known:
                skipped["unknown"] += 1
            else:
                kept.append(opportunity.id)
        choice = Opportunity.browse(kept)._choose_within(
            self.company_id,
            max(self.cover_days, 1),
            self.budget or np.inf,
            self.most or None,
            self._get_storage(),
        )
        more = 0
        if len(found) == MOST_LOOKED_AT and not (self.most and len(choice.taken) == self.most):
            more = Opportunity.search_count(domain) - MOST_LOOKED_AT
        return choice, self._get_note(skipped | choice.skipped, more)

    def _get_storage(self):
        """What may be stored of what is added."""
        picking = self.list_id or self.env["onep.picking.list"].new(
            {"company_id": self.company_id.id}
        )
        return picking._get_storage(self.list_id.line_ids)

    def _get_note(self, skipped, more):
        """What was passed over, a sentence each.

        :param more: opportunities that were not looked at
        """
        sentences = {
            "here": (
                self.env._("1 is in the list already."),
                self.env._("%(count)s are in the list already."),
            ),
            "unknown": (
                self.env._("1 has an unknown margin."),
                self.env._("%(count)s have an unknown margin."),
            ),
            "loss": (
                self.env._("1 would earn nothing at the quantity advised."),
                self.env._("%(count)s would earn nothing at the quantity advised."),
            ),
            "none": (
                self.env._("1 is covered by our stock, or short at the supplier."),
                self.env._("%(count)s are covered by our stock, or short at the supplier."),
            ),
            "storage": (
                self.env._("1 does not fit the storage."),
                self.env._("%(count)s do not fit the storage."),
            ),
            "budget": (
                self.env._("1 did not fit the budget."),
                self.env._("%(count)s did not fit the budget."),
            ),
        }
        texts = [
            counted(count, *sentences[key]) % {"count": count}
            for key, count in skipped.items()
            if count
        ]
        if more > 0:
            texts.append(
                self.env._(
                    "The %(most)s best were looked at, %(more)s more were not: filter the "
                    "opportunities to reach them.",
                    most=format_number(self.env, MOST_LOOKED_AT),
                    more=format_number(self.env, more),
                )
            )
        return "\n".join(texts) or False

    def action_add(self):
        """Add what is shown, and go on with the list."""
        self.ensure_one()
        if self.cover_days <= 0 or self.budget < 0 or self.most < 0:
            raise UserError(self.env._("Enter a number of days, and limits that are not negative."))
        choice, _note = self._take()
        if not choice.taken:
            raise UserError(self.env._("Nothing fits: raise the budget or lower the score."))
        picking = self.list_id or self.env["onep.picking.list"].create(
            {"company_id": self.company_id.id, "cover_days": self.cover_days}
        )
        picking._create_lines(choice.taken, choice.quantity_vals)
        return picking._get_records_action()
