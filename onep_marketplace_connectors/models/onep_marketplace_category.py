from odoo import api, fields, models


class OnepMarketplaceCategory(models.Model):
    """One category of a marketplace's own tree, as last read.

    Written by set-based SQL (sql/marketplace_category.py).
    """

    _name = "onep.marketplace.category"
    _description = "Marketplace Category"
    _order = "marketplace_id, complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="marketplace_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    complete_name = fields.Char("Category", index="trigram", readonly=True)
    parent_id = fields.Many2one(
        "onep.marketplace.category", "Part of", index=True, ondelete="set null", readonly=True
    )
    parent_code = fields.Char(readonly=True)
    level = fields.Integer(readonly=True, aggregator=None, help="1 at the top of the tree.")
    takes_products = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        required=True,
        default="unknown",
        readonly=True,
        help="Whether the marketplace puts products there.",
    )
    seen_at = fields.Datetime("Seen", readonly=True)

    _marketplace_code_unique = models.Constraint(
        "UNIQUE(marketplace_id, code)", "A marketplace has each category once."
    )

    @api.depends("complete_name", "name")
    def _compute_display_name(self):
        for category in self:
            category.display_name = category.complete_name or category.name
