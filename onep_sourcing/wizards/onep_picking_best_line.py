from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..models.onep_picking_list_line import QUANTITY_REASONS


class OnepPickingBestLine(models.TransientModel):
    """An article that is taken, in what quantity, or that fell outside the budget."""

    _name = "onep.picking.best.line"
    _description = "Article of the Best within a Budget"
    _order = "id"

    wizard_id = fields.Many2one("onep.picking.best", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    opportunity_id = fields.Many2one("onep.opportunity", readonly=True, ondelete="cascade")
    name = fields.Char(related="opportunity_id.name", string="Article")
    ean = fields.Char(related="opportunity_id.ean")
    brand = fields.Char(related="opportunity_id.brand")
    partner_id = fields.Many2one(related="opportunity_id.partner_id", string="Supplier")
    marketplace_id = fields.Many2one(related="opportunity_id.marketplace_id")
    score = OptionalFloat(related="opportunity_id.score")
    outcome = fields.Selection(
        [("taken", "Taken"), ("budget", "Outside the budget")], readonly=True
    )
    quantity = fields.Float(digits=(16, 3), readonly=True)
    quantity_reason = fields.Selection(QUANTITY_REASONS, string="Advised because of", readonly=True)
    amount = fields.Monetary(readonly=True)
    margin = fields.Monetary(string="Expected margin", readonly=True)
    roi = OptionalFloat(string="ROI", digits=(16, 4), readonly=True)
