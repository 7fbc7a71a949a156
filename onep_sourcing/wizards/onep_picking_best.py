import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..planning import quantity as planning

#: Opportunities that are looked at, best first; a budget is full long before.
MOST_LOOKED_AT = 2000
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
    opportunity_ids = fields.Many2many("onep.opportunity", string="Taken", compute="_compute_taken")
    taken_count = fields.Integer(string="Articles", compute="_compute_taken")
    spend = fields.Monetary(compute="_compute_taken")
    margin = fields.Monetary(string="Expected margin", compute="_compute_taken")
    note = fields.Text(compute="_compute_taken")

    @api.depends(
        "criterion", "most", "budget", "cover_days", "minimum_score", "partner_ids", "list_id"
    )
    def _compute_taken(self):
        for wizard in self:
            taken, vals, figures, note = wizard._take()
            bought = [(own, row["quantity"]) for own, row in zip(figures, vals, strict=True)]
            wizard.opportunity_ids = taken
            wizard.taken_count = len(taken)
            wizard.spend = sum(own["price_company"] * quantity for own, quantity in bought)
            wizard.margin = sum(own["unit_margin"] * quantity for own, quantity in bought)
            wizard.note = note

    def _get_domain(self):
        domain = Domain(self.domain or []) & Domain("company_id", "=", self.company_id.id)
        domain &= Domain("active", "=", True)
        if self.minimum_score:
            domain &= Domain("score", ">=", self.minimum_score)
        if self.partner_ids:
            domain &= Domain("partner_id", "child_of", self.partner_ids.ids)
        return domain

    def _take(self):
        """Return the opportunities taken, what their lines say of the quantity, their figures,
        and what was passed over in words.
        """
        Opportunity = self.env["onep.opportunity"]
        found = Opportunity.search(
            self._get_domain(), order=ORDERS[self.criterion], limit=MOST_LOOKED_AT
        )
        here = set(self.list_id.line_ids.product_id.ids)
        skipped = dict.fromkeys(("unknown", "here", "loss", "none", "budget"), 0)
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
        candidates = Opportunity.browse(kept)
        demand = candidates._get_demand(self.company_id, max(self.cover_days, 1))
        advice = candidates._advise(demand)
        figures = candidates._prepare_quantity_vals(np.maximum(advice.quantity, 1.0))
        margin = np.array([own["unit_margin"] or 0.0 for own in figures])
        price = np.array([own["price_company"] or np.nan for own in figures])
        amount = price * advice.quantity
        reasons = advice.keys()
        # What we have enough of is not among the best to buy.
        none = (advice.quantity <= 0) | np.isin(advice.reason, [planning.COVERED])
        loss = ~none & ~(margin > 0)
        skipped["none"], skipped["loss"] = int(none.sum()), int(loss.sum())
        amount[none | loss] = np.nan
        budget = self.budget or float("inf")
        rows = np.flatnonzero(planning.within(budget, self.most or None, amount))
        if self.budget:
            is_full = self.most and len(rows) == self.most
            looked_at = amount[: rows[-1] + 1] if is_full else amount
            skipped["budget"] = int((~np.isnan(looked_at)).sum()) - len(rows)
        known = candidates._prepare_demand_vals(demand)
        vals = [
            {
                "quantity": float(advice.quantity[row]),
                "recommended_quantity": float(advice.quantity[row]),
                "quantity_reason": reasons[row],
                **known[row],
            }
            for row in rows.tolist()
        ]
        taken = Opportunity.browse([kept[row] for row in rows.tolist()])
        return taken, vals, [figures[row] for row in rows.tolist()], self._get_note(skipped)

    def _get_note(self, skipped):
        """What was passed over, a sentence each."""
        sentences = {
            "here": self.env._("%(count)s are in the list already."),
            "unknown": self.env._("%(count)s have an unknown margin."),
            "loss": self.env._("%(count)s would earn nothing at the quantity advised."),
            "none": self.env._("%(count)s are covered by our stock, or short at the supplier."),
            "budget": self.env._("%(count)s did not fit the budget."),
        }
        texts = [sentences[key] % {"count": count} for key, count in skipped.items() if count]
        return "\n".join(texts) or False

    def action_add(self):
        """Add what is shown, and go on with the list."""
        self.ensure_one()
        if self.cover_days <= 0 or self.budget < 0 or self.most < 0:
            raise UserError(self.env._("Enter a number of days, and limits that are not negative."))
        taken, vals, _figures, _note = self._take()
        if not taken:
            raise UserError(self.env._("Nothing fits: raise the budget or lower the score."))
        picking = self.list_id or self.env["onep.picking.list"].create(
            {"company_id": self.company_id.id, "cover_days": self.cover_days}
        )
        picking._create_lines(taken, vals)
        return picking._get_records_action()
