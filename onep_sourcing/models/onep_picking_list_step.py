from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class OnepPickingList(models.Model):
    """Who takes a list from step to step: proposed, approved, put aside."""

    _inherit = "onep.picking.list"

    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("budget", "unknown_price_count", "state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for picking in self:
            picking.can_approve = picking._may_approve(self.env.user)

    def _may_approve(self, user):
        """Whether a user's limit allows this list."""
        self.ensure_one()
        return self.env["onep.approval.limit"]._may_approve(
            user, self.company_id, self.budget, not self.unknown_price_count
        )

    def _get_approver_names(self):
        """Who may approve this list, in words."""
        self.ensure_one()
        users = self.env["onep.approval.limit"]._get_approvers(
            self.company_id, self.budget, not self.unknown_price_count
        )
        return ", ".join(users[:5].mapped("name")) or self.env._("nobody yet")

    def action_propose(self):
        """Hand the list to the approver."""
        self._check_step("draft")
        self._check_lines()
        self._read_own_figures()
        self._check_approver()
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
                    "%(name)s (%(amount)s) is above what you may approve: it has to be approved by "
                    "a purchase manager or by whoever has that limit. Propose it to one of them: "
                    "%(users)s.",
                    name=refused[0].name,
                    amount=refused[0].currency_id.format(refused[0].budget),
                    users=refused[0]._get_approver_names(),
                )
            )
        self._read_own_figures()
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

    def _check_approver(self):
        """Refuse to propose a list to somebody whose limit does not allow it."""
        for picking in self.filtered("approver_id"):
            if not picking._may_approve(picking.approver_id):
                raise UserError(
                    self.env._(
                        "%(user)s may not approve %(amount)s. Choose another approver: %(users)s.",
                        user=picking.approver_id.name,
                        amount=picking.currency_id.format(picking.budget),
                        users=picking._get_approver_names(),
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
