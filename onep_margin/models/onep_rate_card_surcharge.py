from odoo import fields, models


class OnepRateCardSurcharge(models.Model):
    """What comes on top of every fulfilment fee for a while: fuel, peak season."""

    _name = "onep.rate.card.surcharge"
    _description = "Fulfilment Surcharge"
    _price_neutral = frozenset({"name"})
    _price_parent = "card_id"
    _price_fulfilment = "marketplace"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "card_id, valid_from"

    card_id = fields.Many2one("onep.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    name = fields.Char(required=True, translate=True)
    rate = fields.Float(digits=(6, 5), help="Share of the fulfilment fee.")
    amount = fields.Monetary(help="Per unit, without VAT.")
