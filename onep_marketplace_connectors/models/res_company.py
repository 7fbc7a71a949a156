from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    onep_identity_max_age_days = fields.Integer(
        "Identity valid for (days)",
        default=30,
        help="What new marketplace accounts start with: days before asking again what an EAN is.",
    )
    onep_price_max_age_hours = fields.Integer(
        "Prices valid for (hours)",
        default=24,
        help="What new marketplace accounts start with: hours after which a market price is old.",
    )
