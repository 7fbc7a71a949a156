import numpy as np

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..models.counted import counted
from ..models.offer_values import format_number
from ..planning import basket as planning
from ..planning.basket_terms import Limits

#: Offers that one basket is chosen from: more take longer than a person waits.
MOST_CANDIDATES = 5000
LONGEST_SECONDS = 20
#: What a basket is chosen within; changing one makes the answer an old one.
INPUTS = (
    "budget",
    "minimum_margin",
    "minimum_roi",
    "storage_m3",
    "cover_days",
    "include_rivals",
    "list_id",
)


class OnepBasketChoice(models.TransientModel):
    """The best basket within what a buyer allows: shown beside today's, then applied."""

    _name = "onep.basket.choice"
    _description = "Optimal Basket"

    list_id = fields.Many2one("onep.picking.list", readonly=True, ondelete="cascade")
    domain = fields.Json(readonly=True, help="Of the opportunities to choose from.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    candidate_count = fields.Integer("Offers to choose from", readonly=True)
    budget = fields.Monetary("Spend at most", help="Goods and carriage; 0: no limit.")
    minimum_margin = fields.Monetary("Earn at least", help="0: as much as possible.")
    minimum_roi = fields.Float("ROI of at least", digits=(6, 4), help="Of the whole basket.")
    storage_m3 = fields.Float("Storage room (m³)", digits=(16, 3), help="0: no limit.")
    cover_days = fields.Integer(
        "Days to cover", required=True, default=lambda self: self.env.company.onep_cover_days
    )
    include_rivals = fields.Boolean(
        "Consider other suppliers",
        default=True,
        help="Of the same articles: the cheapest way to buy them is found.",
    )
    time_limit = fields.Integer(
        "Seconds to search",
        default=10,
        required=True,
        help="At most 20: then the best basket found is shown, and how far it may be from the best "
        "there is.",
    )
    remove_unbought = fields.Boolean(
        "Remove what is not bought",
        default=True,
        help="No: those lines stay, with a quantity of 0 and the reason.",
    )
    # The answer
    chosen_for = fields.Json(readonly=True, help="The inputs that the answer is for.")
    is_current = fields.Boolean(compute="_compute_is_current")
    status = fields.Selection(
        [
            ("optimal", "Proven optimal"),
            ("stopped", "Best found in the time given"),
            ("unreached", "The wanted margin cannot be reached"),
            ("undecided", "The wanted margin was not reached in the time given"),
        ],
        readonly=True,
    )
    spend = fields.Monetary(readonly=True)
    total_margin = fields.Monetary("Net margin", readonly=True)
    roi = OptionalFloat("ROI", digits=(16, 4), readonly=True)
    today_spend = OptionalMonetary("Spend today", readonly=True)
    today_margin = OptionalMonetary("Net margin today", readonly=True)
    answer = fields.Text(readonly=True)
    supplier_summary = fields.Json(readonly=True)
    line_ids = fields.One2many("onep.basket.choice.line", "choice_id", readonly=True)

    @api.depends("chosen_for", *INPUTS)
    def _compute_is_current(self):
        for choice in self:
            chosen_for = choice.chosen_for
            choice.is_current = bool(chosen_for) and chosen_for == choice._get_inputs()

    def _get_inputs(self):
        self.ensure_one()
        return {
            name: self[name].id if name == "list_id" else round(float(self[name]), 6)
            for name in INPUTS
        }

    def _get_dialog(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Optimise"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_choose(self):
        """Choose the basket and show it, without changing anything."""
        self.ensure_one()
        if self.budget < 0 or self.storage_m3 < 0 or self.cover_days <= 0:
            raise UserError(self.env._("Enter a number of days, and limits that are not negative."))
        candidates = self._get_candidates()
        if not candidates:
            raise UserError(
                self.env._("There is nothing to choose from: no opportunity has a known margin.")
            )
        company = self.company_id
        demand = candidates._get_demand(company, self.cover_days)
        offers, suppliers = candidates._get_basket(company, demand, bool(self.storage_m3))
        found = planning.choose(
            offers,
            suppliers,
            self._get_limits(),
            time_limit=float(min(max(self.time_limit, 1), LONGEST_SECONDS)),
        )
        today = planning.at_quantities(offers, suppliers, self._get_today(candidates))
        self._keep(candidates, found, suppliers, demand, today)
        return self._get_dialog()

    def _get_limits(self):
        fixed = sum(self._get_fixed_lines().mapped("amount_company"))
        return Limits(
            budget=max(self.budget - fixed, 0.0) if self.budget else np.inf,
            minimum_margin=self.minimum_margin or -np.inf,
            minimum_roi=self.minimum_roi or -np.inf,
            storage=self.storage_m3 or np.inf,
        )

    def _get_fixed_lines(self):
        """Lines of the list that nothing is known of any more: they stay as they are."""
        return self.list_id.line_ids.filtered(lambda line: not line.opportunity_id)

    def _get_candidates(self):
        """Return the opportunities to choose from, one for each offer, by offer.

        What is in the list stays on its marketplace; of another offer, the best margin speaks.
        """
        Opportunity = self.env["onep.opportunity"]
        own = self.list_id.line_ids.opportunity_id
        found = own
        known = Domain("margin_known", "=", True) & Domain("company_id", "=", self.company_id.id)
        if self.domain is not None and self.domain is not False:
            found |= self._search_most(Domain(self.domain) & known)
        if self.include_rivals:
            products = found.product_id.ids
            found |= self._search_most(Domain("product_id", "in", products) & known)
        if len(found) > 4 * MOST_CANDIDATES:
            self._refuse_too_many()
        best = {}
        for opportunity in found.sorted(
            lambda opp: (opp not in own, -(opp.net_margin or 0.0), opp.id)
        ):
            best.setdefault(opportunity.supplier_offer_id.id, opportunity.id)
        if len(best) > MOST_CANDIDATES:
            self._refuse_too_many()
        return Opportunity.browse([best[offer_id] for offer_id in sorted(best)])

    def _search_most(self, domain):
        return self.env["onep.opportunity"].search(domain, limit=4 * MOST_CANDIDATES + 1)

    def _refuse_too_many(self):
        raise UserError(
            self.env._(
                "More than %(most)s offers: filter the opportunities first, by score or by "
                "margin for instance.",
                most=format_number(self.env, MOST_CANDIDATES),
            )
        )

    def _get_today(self, candidates):
        """Return the quantities (n) of the list as it is."""
        lines = self.list_id.line_ids
        known = {line.supplier_offer_id.id: line.quantity for line in lines}
        return [known.get(opp.supplier_offer_id.id, 0.0) for opp in candidates]

    def _keep(self, candidates, found, suppliers, demand, today):
        """Write what came out.

        :param today: (spend, margin) of the list as it is, by the same account
        """
        lines = {line.supplier_offer_id.id: line for line in self.list_id.line_ids}
        known, reasons = candidates._prepare_demand_vals(demand), found.keys()
        vals = []
        for place, opportunity in enumerate(candidates):
            line = lines.get(opportunity.supplier_offer_id.id)
            quantity = float(found.quantity[place])
            if not quantity and not line:
                continue
            vals.append(
                {
                    "opportunity_id": opportunity.id,
                    "picking_line_id": line.id if line else False,
                    "partner_id": opportunity.partner_id.id,
                    "name": opportunity.name,
                    "today_quantity": line.quantity if line else 0.0,
                    "quantity": quantity,
                    "amount": float(found.amount[place]),
                    "margin": float(found.margin[place]),
                    "reason": reasons[place],
                    "basis": known[place],
                }
            )
        self.write(
            {
                "candidate_count": len(candidates),
                "chosen_for": self._get_inputs(),
                "status": found.status_key,
                "spend": found.spend,
                "total_margin": found.total_margin,
                "roi": found.roi if found.roi == found.roi else False,
                "today_spend": known_amount(today[0]),
                "today_margin": known_amount(today[1]),
                "answer": "\n".join(self._get_answer(candidates, found)),
                "supplier_summary": self._prepare_orders(candidates, found, suppliers),
                "line_ids": [Command.clear(), *map(Command.create, vals)],
            }
        )

    def _get_answer(self, candidates, found):
        """What a buyer should know of the basket, a sentence each."""
        words = dict(self.env["onep.picking.list.line"]._get_reason_words())
        amount = self.currency_id.format
        if found.status in (planning.UNREACHED, planning.UNDECIDED):
            yield self.env._(
                "%(wanted)s is not earned within these limits: this basket comes closest, with "
                "%(margin)s.",
                wanted=amount(self.minimum_margin),
                margin=amount(found.total_margin),
            )
        if found.binding:
            limits = ", ".join(words[key] for key in found.binding).lower()
            if found.status == planning.UNREACHED:
                yield self.env._(
                    "It would be reached without one of these: %(limits)s.", limits=limits
                )
            else:
                yield self.env._("What holds it: %(limits)s.", limits=limits)
        elif found.status == planning.UNREACHED and not found.untried:
            yield self.env._("No single limit is in the way: several are, together.")
        if found.untried:
            yield self.env._(
                "The time did not tell whether it would be reached without: %(limits)s. Give it "
                "more seconds.",
                limits=", ".join(words[key] for key in found.untried).lower(),
            )
        more = found.limit_values.get("budget", 0.0)
        if self.budget and more > 0.005:
            yield self.env._(
                "One more unit of budget (%(unit)s) would bring about %(margin)s of margin.",
                unit=amount(1.0),
                margin=amount(more),
            )
        elif self.budget:
            yield self.env._("More budget would bring nothing.")
        if found.status == planning.STOPPED:
            unproven = max(found.bound - found.total_margin, 0.0)
            yield self.env._(
                "Stopped after %(seconds)s s: a better basket could earn %(more)s more at most.",
                seconds=round(found.seconds),
                more=amount(unproven) if np.isfinite(unproven) else "?",
            )
        if self.storage_m3:
            unsized = candidates.filtered(
                lambda opp: not (opp.length_mm and opp.width_mm and opp.height_mm)
            )
            if unsized:
                yield counted(
                    len(unsized),
                    self.env._("1 offer of unknown size is left out, as the room is limited."),
                    self.env._(
                        "%(count)s offers of unknown size are left out, as the room is limited.",
                        count=len(unsized),
                    ),
                )
        fixed = self._get_fixed_lines()
        if fixed:
            spent = amount(sum(fixed.mapped("amount_company")))
            yield counted(
                len(fixed),
                self.env._(
                    "1 line whose opportunity is gone stays as it is; its %(amount)s is taken from "
                    "the budget.",
                    amount=spent,
                ),
                self.env._(
                    "%(count)s lines whose opportunity is gone stay as they are; their %(amount)s "
                    "is taken from the budget.",
                    count=len(fixed),
                    amount=spent,
                ),
            )

    def _prepare_orders(self, candidates, found, suppliers):
        """What each supplier would get, as the list's cards show it."""
        keys = {}
        for opportunity in candidates:
            currency = opportunity.supplier_offer_id.currency_id
            key = opportunity.partner_id.commercial_partner_id, currency
            keys.setdefault(key, len(keys))
        own = np.array(
            [
                keys[
                    opportunity.partner_id.commercial_partner_id,
                    opportunity.supplier_offer_id.currency_id,
                ]
                for opportunity in candidates
            ]
        )
        margin = np.bincount(own, found.margin, len(keys))
        orders = found.orders
        entries = []
        for (partner, currency), place in keys.items():
            if not orders.line_count[place]:
                continue
            paid = float(orders.missing.to_carriage_paid[place])
            earned = float(margin[place] - orders.extras[place])
            entries.append(
                {
                    "id": f"{partner.id}-{currency.id}",
                    "supplier": partner.display_name,
                    "line_count": int(orders.line_count[place]),
                    "amount": float(orders.goods[place] / suppliers.rate[place]),
                    "currency_id": currency.id,
                    "amount_company": float(orders.goods[place]),
                    "company_currency_id": self.currency_id.id,
                    "margin": earned,
                    "extras": float(orders.extras[place]),
                    "to_minimum": float(orders.missing.to_minimum[place]),
                    "to_carriage_paid": paid if np.isfinite(paid) else None,
                    "has_minimum": bool(suppliers.minimum_goods[place] > 0.0),
                    "has_carriage": bool(0.0 < suppliers.free_goods[place] < np.inf),
                }
            )
        return sorted(entries, key=lambda entry: -entry["amount_company"])

    def action_apply(self):
        """Write the quantities and their reasons; the list says what was left out."""
        self.ensure_one()
        if not self.is_current:
            raise UserError(self.env._("Something was changed: press “Optimise” again first."))
        picking = self.list_id or self.env["onep.picking.list"].create(
            {"company_id": self.company_id.id}
        )
        picking._take_basket(self.line_ids, self.remove_unbought)
        picking.cover_days = self.cover_days
        return picking._get_records_action()


def known_amount(value):
    """Return an amount as a field takes it; False when it is unknown."""
    return float(value) if np.isfinite(value) else False
