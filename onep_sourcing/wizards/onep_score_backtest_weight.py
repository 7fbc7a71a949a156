from odoo import fields, models


class OnepScoreBacktestWeight(models.TransientModel):
    """The weight of a signal, and the one that would have told better."""

    _name = "onep.score.backtest.weight"
    _description = "Proposed Weight"
    _order = "id"

    backtest_id = fields.Many2one("onep.score.backtest", required=True, ondelete="cascade")
    signal = fields.Selection(
        selection=lambda self: self.env["onep.score.profile.line"]._selection_signal(),
        readonly=True,
    )
    present = fields.Float(digits=(6, 1), readonly=True)
    proposed = fields.Float(digits=(6, 1), readonly=True, help="As now without a proposal.")
