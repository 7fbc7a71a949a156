from odoo import api, fields, models


class OnepApprovalLimit(models.Model):
    """Up to what amount a person approves picking lists; set by administrators."""

    _name = "onep.approval.limit"
    _inherit = ["mail.thread"]
    _description = "Approval Limit"
    _order = "company_id, amount desc, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", string="Person", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Approves up to", tracking=True, help="Untaxed amount of a list; 0: none."
    )

    _user_company_unique = models.Constraint(
        "UNIQUE(user_id, company_id)", "This person has a limit in this company already."
    )
    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "An approval limit cannot be negative."
    )

    @api.model
    def _get_limit(self, user, company):
        """Return up to what a user approves lists of a company; None for no limit.

        Without a limit of their own, a manager has none, a buyer has the company's.
        """
        own = self.sudo().search([("user_id", "=", user.id), ("company_id", "=", company.id)])
        if own:
            return own.amount
        if user.has_group("onep_sourcing.group_sourcing_manager"):
            return None
        return company.sudo().onep_approval_limit

    @api.model
    def _may_approve(self, user, company, amount, is_amount_known=True):
        """Whether a user approves a list of an amount; one that nobody knows needs no limit."""
        limit = self._get_limit(user, company)
        if limit is None:
            return True
        return (
            bool(limit)
            and is_amount_known
            and company.currency_id.compare_amounts(amount, limit) <= 0
        )

    @api.model
    def _get_approvers(self, company, amount, is_amount_known=True):
        """Return the users who may approve a list of an amount, by name."""
        buyers = self.env.ref("onep_sourcing.group_sourcing_user").sudo().all_user_ids
        return buyers.filtered(
            lambda user: (
                user.active
                and not user.share
                and company in user.company_ids
                and self._may_approve(user, company, amount, is_amount_known)
            )
        ).sorted("name")
