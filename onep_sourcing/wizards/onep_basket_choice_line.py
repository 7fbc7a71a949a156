from odoo import fields, models

from ..models.onep_picking_list_line import QUANTITY_REASONS


class OnepBasketChoiceLine(models.TransientModel):
    """An offer of an optimal basket: its quantity beside today's, and why."""

    _name = "onep.basket.choice.line"
    _description = "Line of an Optimal Basket"
    _order = "partner_id, quantity desc, id"

    choice_id = fields.Many2one("onep.basket.choice", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="choice_id.currency_id")
    opportunity_id = fields.Many2one("onep.opportunity", readonly=True, ondelete="cascade")
    picking_line_id = fields.Many2one("onep.picking.list.line", readonly=True, ondelete="set null")
    partner_id = fields.Many2one("res.partner", "Supplier", readonly=True)
    name = fields.Char("Article", readonly=True)
    today_quantity = fields.Float("Today", digits=(16, 3), readonly=True)
    quantity = fields.Float(digits=(16, 3), readonly=True)
    amount = fields.Monetary(readonly=True)
    margin = fields.Monetary("Net margin", readonly=True)
    reason = fields.Selection(QUANTITY_REASONS, "Because of", readonly=True)
    basis = fields.Json(readonly=True, help="What the demand rests on.")
