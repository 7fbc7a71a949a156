import logging
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module

from ..sql import purchase_proposal
from .onep_opportunity import GRADES

_logger = logging.getLogger(__name__)


class OnepPurchaseProposalRule(models.Model):
    """What a buyer wants to find proposed every morning; nothing is ordered without a person."""

    _name = "onep.purchase.proposal.rule"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
        string="Scored by",
        check_company=True,
        help="Every deal is scored by it, whatever profile its marketplace uses. Empty: the score "
        "of the opportunities list.",
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
    is_failing = fields.Boolean(
        string="Failed", readonly=True, copy=False, help="The last run met an error."
    )

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
        """Run each rule once a day, from its company's hour on.

        A rule that fails is told to its buyer; the others go on.
        """
        for rule in self.search([]).filtered(lambda rule: rule._is_due()):
            try:
                with self.env.cr.savepoint():
                    rule._run()
            except UserError as error:
                # Somebody presses its button: they are told.
                _logger.info("Morning proposal %s: %s", rule.id, error)
            except Exception as error:  # whatever a rule meets stays its own
                _logger.exception("Morning proposal %s failed", rule.id)
                self.env.invalidate_all()
                rule._keep_failure(error)
            if not module.current_test:
                self.env["ir.cron"]._commit_progress(1)

    def _creation_message(self):
        return self.env._("Morning proposal created")

    def _is_due(self):
        """Whether the rule is still to run today."""
        now = self._get_local_now()
        return now.hour >= self.company_id.onep_proposal_hour and self.last_run_on != now.date()

    def _keep_failure(self, error):
        """Say on the rule, and to its buyer, that it failed and what to do."""
        self.ensure_one()
        rule = self.sudo().with_context(lang=self.user_id.lang or self.env.lang)
        said = str(error).strip().splitlines() or [type(error).__name__]
        result = rule.env._(
            "It failed and proposed nothing: %(error)s. Press “Run now”; if it fails again, give "
            "this message to your administrator.",
            error=said[0],
        )
        rule.write({"last_run_on": self._get_today(), "last_result": result, "is_failing": True})
        rule.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=self._get_today(),
            summary=rule.env._("Morning proposal “%(name)s” failed", name=rule.name),
            note=result,
            user_id=self.user_id.id,
        )

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
        rule.write({"last_run_on": today, "last_result": result, "is_failing": False})
        rule.activity_unlink(["mail.mail_activity_data_warning"])
        return picking

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
