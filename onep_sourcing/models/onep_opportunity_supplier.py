from odoo import fields, models


class OnepOpportunity(models.Model):
    """How the supplier of an opportunity kept its word."""

    _inherit = "onep.opportunity"

    supplier_card_text = fields.Char(related="partner_id.onep_card_text", related_sudo=False)
