from odoo import fields, models


class OnepScenarioOutcome(models.TransientModel):
    """A deal that a scenario turns; written by COPY (sql/scenario.py)."""

    _name = "onep.scenario.outcome"
    _description = "Deal That a Scenario Turns"
    _order = "margin_after DESC, id"

    trial_id = fields.Many2one("onep.scenario.trial", required=True, index=True, ondelete="cascade")
    opportunity_id = fields.Many2one("onep.opportunity", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency")
    verdict = fields.Selection(
        [("turns_good", "Turns good"), ("turns_bad", "Turns bad")], required=True
    )
    margin_before = fields.Monetary("Margin Today")
    margin_after = fields.Monetary("Margin Then")
    roi_before = fields.Float("ROI Today", digits=(16, 4), aggregator="avg")
    roi_after = fields.Float("ROI Then", digits=(16, 4), aggregator="avg")
    name = fields.Char(related="opportunity_id.name", string="Article")
    ean = fields.Char(related="opportunity_id.ean")
    brand = fields.Char(related="opportunity_id.brand")
    partner_id = fields.Many2one(related="opportunity_id.partner_id")
    marketplace_id = fields.Many2one(related="opportunity_id.marketplace_id")

    def action_open(self):
        """Open the opportunity."""
        self.ensure_one()
        return self.opportunity_id._get_records_action()

    def action_add_to_picking_list(self):
        """Choose the list for these opportunities."""
        return self.opportunity_id.action_add_to_picking_list()
