from odoo import fields, models


class OnepFeeComparisonLine(models.TransientModel):
    """One row of two grids, side by side."""

    _name = "onep.fee.comparison.line"
    _description = "Compared Row"
    _order = "comparison_id, sequence, id"

    comparison_id = fields.Many2one(
        "onep.fee.comparison", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    section = fields.Selection(
        [
            ("setting", "Settings"),
            ("commission", "Commissions (%)"),
            ("minimum", "Minimum commissions"),
            ("fixed", "Closing fees"),
            ("fulfilment", "Fulfilment"),
            ("surcharge", "Surcharges"),
            ("price", "Prices by weight"),
            ("supplement", "Supplements"),
            ("supplement_share", "Supplements (% of the price by weight)"),
            ("sample", "Worked out on the sample"),
        ]
    )
    name = fields.Char("Row")
    before = fields.Float("First Grid", digits=(16, 5), aggregator=None)
    after = fields.Float("Second Grid", digits=(16, 5), aggregator=None)
    has_before = fields.Boolean()
    has_after = fields.Boolean()
    difference = fields.Float(digits=(16, 5), aggregator=None)
    difference_rate = fields.Float("Difference %", digits=(16, 4), aggregator=None)
    change = fields.Selection(
        [("new", "Added"), ("gone", "Gone"), ("changed", "Modified"), ("same", "Same")]
    )
