from odoo import fields, models


class OnepPickingList(models.Model):
    """Lists that a morning proposal prepared."""

    _inherit = "onep.picking.list"

    proposal_rule_id = fields.Many2one(
        "onep.purchase.proposal.rule",
        string="Proposed by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    proposed_on = fields.Date(readonly=True, copy=False, help="Day of the proposal.")
