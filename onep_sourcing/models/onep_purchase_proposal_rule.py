import logging
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..sql import purchase_proposal
from .onep_opportunity import GRADES

_logger = logging.getLogger(__name__)


class OnepPurchaseProposalRule(models.Model):
    """What a buyer wants to find proposed every morning; nothing is ordered without a person."""

    _name = "onep.purchase.proposal.rule"
    _description = "Morning proposal"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10, help="The first ones choose first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Buyer",
        required=True,
        check_company=True,
        default=lambda self: self.env.user,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("onep_sourcing.group_sourcing_user").ids)
        ],
        help="Owns the lists and gets a to-do for each.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", help="Empty: every supplier.", check_company=True
    )
    marketplace_id = fields.Many2one(
        "onep.marketplace", help="Empty: every marketplace.", check_company=True
    )
    profile_id = fields.Many2one(
        "onep.score.profile",
        string="Score profile",
        check_company=True,
        help="Only what is sold on the marketplaces that this profile scores. Empty: all.",
    )
    minimum_score = fields.Float(string="Score from", digits=(4, 1), default=70.0)
    minimum_grade = fields.Selection(GRADES, string="Grade from", help="Empty: any.")
    minimum_roi = fields.Float(string="ROI from", digits=(8, 4), default=0.3)
    weekly_budget = fields.Monetary(
        string="Budget per week",
        help="Untaxed, Monday to Sunday; what this rule's lists of the week hold counts, cancelled "
        "ones excepted. 0: no limit.",
    )
    cover_days = fields.Integer(
        string="Days to cover",
        default=lambda self: self.env.company.onep_cover_days,
        help="Days of our own sales that the proposed quantities should last.",
    )
    maximum_lines = fields.Integer(string="Lines at most", default=50, required=True)
    list_ids = fields.One2many("onep.picking.list", "proposal_rule_id", string="Proposed lists")
    list_count = fields.Integer(string="Lists", compute="_compute_taken")
    taken_this_week = fields.Monetary(
        compute="_compute_taken", help="Untaxed amount of this week's lists."
    )
    last_run_on = fields.Date(string="Last run", readonly=True, copy=False)
    last_result = fields.Char(string="Result", readonly=True, copy=False)

    _lines_positive = models.Constraint(
        "CHECK(maximum_lines BETWEEN 1 AND 1000)", "A proposal has between 1 and 1,000 lines."
    )
    _cover_positive = models.Constraint(
        "CHECK(cover_days > 0)", "Say how many days of sales to cover."
    )
    _budget_positive = models.Constraint(
        "CHECK(weekly_budget >= 0)", "A budget cannot be negative; 0 means no limit."
    )

    @api.depends("list_ids.budget", "list_ids.state", "list_ids.proposed_on")
    def _compute_taken(self):
        counts = dict(
            self.env["onep.picking.list"]._read_group(
                [("proposal_rule_id", "in", self.ids)], ["proposal_rule_id"], ["__count"]
            )
        )
        self.env["onep.picking.list"].flush_model()
        for company, rules in self.grouped("company_id").items():
            amounts = {}
            if rules.ids and company:
                monday = self._get_monday(rules[0]._get_today())
                amounts = dict(self.env.execute_query(purchase_proposal.taken(rules.ids, monday)))
            for rule in rules:
                rule.list_count = counts.get(rule._origin, 0)
                rule.taken_this_week = amounts.get(rule._origin.id) or 0.0

    def action_run_now(self):
        """Propose at once, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        picking = self._run()
        params = {
            "type": "success" if picking else "info",
            "title": self.name,
            "message": self.last_result,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        }
        if picking:
            url = f"/odoo/picking-lists/{picking.id}"
            params |= {
                "message": f"{self.last_result} %s",
                "links": [{"label": self.env._("Open"), "url": url}],
            }
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def action_open_lists(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_picking_list_action"
        )
        return action | {"domain": [("proposal_rule_id", "=", self.id)], "context": {}}

    @api.model
    def _cron_propose(self):
        """Run each rule once a day, from its company's hour on."""
        for rule in self.search([]):
            now = rule._get_local_now()
            if now.hour >= rule.company_id.onep_proposal_hour and rule.last_run_on != now.date():
                try:
                    rule._run()
                except UserError as error:
                    # Somebody presses its button: they are told, the other rules go on.
                    _logger.info("Morning proposal %s: %s", rule.id, error)

    def _run(self):
        """Propose what the rule finds, once a day; says what came of it on the rule.

        :return: the day's new list, or none
        """
        self.ensure_one()
        rule = (
            self.sudo()
            .with_company(self.company_id)
            .with_context(lang=self.user_id.lang or self.env.lang)
        )
        if not rule.try_lock_for_update():
            raise UserError(
                self.env._("“%(name)s” is running at this very moment.", name=self.name)
            )
        today = self._get_today()
        Lists = rule.env["onep.picking.list"]
        made = Lists.search(
            [
                ("proposal_rule_id", "=", rule.id),
                ("proposed_on", "=", today),
                ("state", "!=", "cancelled"),
            ],
            limit=1,
        )
        picking, result = Lists, ""
        if made:
            result = rule.env._("%(list)s was proposed today already.", list=made.name)
        else:
            try:
                with rule.env.cr.savepoint():
                    picking, result = rule._propose(today)
            except UserError as error:
                picking, result = Lists, str(error)
        rule.write({"last_run_on": today, "last_result": result})
        return picking

    def _propose(self, today):
        """Make the day's list, proposed and with a to-do for the buyer.

        :return: the list, empty when there is nothing to propose; what came of it, in words
        """
        nothing = self.env["onep.picking.list"]
        left = self._get_budget_left()
        if left is not None and self.currency_id.compare_amounts(left, 0.0) <= 0:
            return nothing, self.env._("The week's budget is used up.")
        candidates = self._find_candidates(today)
        if not candidates:
            return nothing, self._get_why_nothing()
        picking = nothing.create(self._prepare_list_vals(today))
        lines = picking._add_opportunities(candidates)
        kept = self._choose(lines, left)
        (lines - kept).unlink()
        if not kept:
            covered = lines.exists() or candidates
            picking.unlink()
            return nothing, self.env._(
                "Nothing of %(count)s articles: our stock covers them, the supplier is short of "
                "them or they exceed the budget that is left.",
                count=len(covered),
            )
        picking._check_lines()
        picking._set_state("proposed")
        amount = formatLang(self.env, picking.budget, currency_obj=self.currency_id)
        result = self.env._(
            "%(list)s: %(count)s lines for %(amount)s.",
            list=picking.name,
            count=len(kept),
            amount=amount,
        )
        picking.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=today,
            summary=self.env._(
                "Morning proposal: %(count)s lines for %(amount)s", count=len(kept), amount=amount
            ),
            user_id=self.user_id.id,
        )
        picking.message_post(body=self.env._("Proposed by the rule “%(rule)s”.", rule=self.name))
        return picking, result

    def _prepare_list_vals(self, today):
        return {
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "cover_days": self.cover_days,
            "proposal_rule_id": self.id,
            "proposed_on": today,
        }

    def _find_candidates(self, today):
        """The best opportunities of the rule that nobody is buying, more than lines are wanted."""
        self.env.flush_all()
        week_ago = today - timedelta(days=7)
        offers = purchase_proposal.engaged_offers(self.company_id.id, self.id, week_ago)
        products = purchase_proposal.engaged_products(self.company_id.id, self.id, week_ago)
        domain = [
            *self._get_domain(),
            ("supplier_offer_id", "not in", offers),
            "|",
            ("product_id", "=", False),
            ("product_id", "not in", products),
        ]
        return self.env["onep.opportunity"].search(
            domain, order="score DESC NULLS LAST, id", limit=3 * self.maximum_lines
        )

    def _get_domain(self):
        """What the rule asks of an opportunity."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("margin_known", "=", True),
            ("is_suspicious", "=", False),
            ("score", ">=", self.minimum_score),
            ("roi", ">=", self.minimum_roi),
            ("supplier_offer_id.is_present", "=", True),
        ]
        if self.minimum_grade:
            wanted = [grade for grade, _label in GRADES if grade <= self.minimum_grade]
            domain.append(("grade", "in", wanted))
        if self.partner_id:
            domain.append(("partner_id", "=", self.partner_id.id))
        if self.marketplace_id:
            domain.append(("marketplace_id", "=", self.marketplace_id.id))
        if self.profile_id:
            places = self.env["onep.marketplace"].search([("company_id", "=", self.company_id.id)])
            scored = places.filtered(lambda place: place._get_score_profile() == self.profile_id)
            domain.append(("marketplace_id", "in", scored.ids))
        return domain

    def _get_why_nothing(self):
        """Why there is no candidate, in words."""
        known = self.env["onep.opportunity"].search_count(self._get_domain(), limit=10_000)
        if known:
            return self.env._(
                "All %(count)s that meet the rule are in an open list, on order or were refused "
                "this week.",
                count=known,
            )
        if self.minimum_grade or self.minimum_roi:
            return self.env._(
                "Nothing above %(score)g points that meets the rule.", score=self.minimum_score
            )
        return self.env._("Nothing above %(score)g points.", score=self.minimum_score)

    def _choose(self, lines, left):
        """The lines to keep, best first: needed, orderable, within the lines and the budget.

        :param left: amount that may still be spent this week, None without a limit
        """
        kept = lines.browse()
        spent = 0.0
        for line in lines:
            if len(kept) >= self.maximum_lines:
                break
            is_wanted = line.quantity > 0 and line.quantity_reason not in ("covered", "stock_short")
            if not is_wanted or line.amount_company is False:
                continue
            total = spent + line.amount_company
            if left is not None and self.currency_id.compare_amounts(total, left) > 0:
                continue
            kept |= line
            spent = total
        return kept

    def _get_budget_left(self):
        """Amount that the week's lists left, None without a limit."""
        if not self.weekly_budget:
            return None
        self.invalidate_recordset(["taken_this_week"])
        return self.weekly_budget - self.taken_this_week

    def _get_local_now(self):
        """Now, where the company is."""
        zone = self.company_id.partner_id.tz or self.user_id.tz or "UTC"
        return pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(zone))

    def _get_today(self):
        return self._get_local_now().date()

    @api.model
    def _get_monday(self, day):
        return day - timedelta(days=day.weekday())
