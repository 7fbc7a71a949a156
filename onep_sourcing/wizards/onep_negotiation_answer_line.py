from odoo import fields, models


class OnepNegotiationAnswerLine(models.TransientModel):
    """A row of the sheet sent back."""

    _name = "onep.negotiation.answer.line"
    _description = "Row of an Answer"
    _order = "answer_id, row"

    answer_id = fields.Many2one(
        "onep.negotiation.answer", "Answers", required=True, ondelete="cascade"
    )
    row = fields.Integer(readonly=True)
    line_id = fields.Many2one("onep.negotiation.line", readonly=True, ondelete="cascade")
    name = fields.Char("Article", readonly=True)
    price = fields.Float("Today's price", digits=(16, 6), min_display_digits=2, readonly=True)
    wanted_price = fields.Float(
        "Price asked for", digits=(16, 6), min_display_digits=2, readonly=True
    )
    answer_price = fields.Float("Answer", digits=(16, 6), min_display_digits=2, readonly=True)
    outcome = fields.Selection(
        [
            ("reached", "Price reached"),
            ("counter", "Lower, not enough"),
            ("kept", "No lower"),
            ("blank", "No answer"),
            ("refused", "Refused row"),
        ],
        readonly=True,
    )
    reason = fields.Char("Why", readonly=True)
    is_taken = fields.Boolean("Agree", help="Buy at this price from now on.")
