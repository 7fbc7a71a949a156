from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    onep_target_margin_rate = fields.Float(
        string="Target net margin",
        digits=(6, 4),
        default=0.15,
        help="Share of the revenue from which an opportunity is worth buying at once.",
    )
    onep_suspicious_roi = fields.Float(
        string="Too good to be true from an ROI of",
        digits=(8, 4),
        default=2.0,
        help="Beyond it, a wrong pack size or price is more likely than a bargain.",
    )
    onep_extra_cost = fields.Monetary(
        string="Inbound and handling per unit",
        help="Untaxed; added to the buying price of every article.",
    )
    onep_cover_days = fields.Integer(
        string="Days to cover",
        default=30,
        help="Days of our own sales that an order should last.",
    )
    onep_approval_limit = fields.Monetary(
        string="Approval limit",
        help="A buyer approves picking lists up to this amount; 0: a manager approves them all.",
    )
    onep_approver_id = fields.Many2one(
        "res.users", string="Usual approver", help="Gets a to-do when a list is proposed."
    )
