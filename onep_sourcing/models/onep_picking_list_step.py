from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class OnepPickingList(models.Model):
    """Who takes a list from step to step: proposed, approved, put aside."""

    _inherit = "onep.picking.list"

    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("budget", "unknown_price_count", "state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_manager = self.env.user.has_group("onep_sourcing.group_sourcing_manager")
        for picking in self:
            limit = picking.company_id.onep_approval_limit
            is_small = limit and picking.budget <= limit and not picking.unknown_price_count
            picking.can_approve = is_manager or bool(is_small)

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
