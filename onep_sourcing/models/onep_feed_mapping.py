from odoo import api, fields, models

from ..ingest.automap import memory
from ..sql.column_memory import Said

# Label of each target field of the ingest package, in the words of a buyer.
TARGET_FIELDS = [
    ("supplier_sku", "Supplier SKU"),
    ("ean", "EAN / GTIN"),
    ("manufacturer_part_number", "Manufacturer part number"),
    ("name", "Name"),
    ("description", "Description"),
    ("brand", "Brand"),
    ("category", "Category"),
    ("purchase_price", "Purchase price"),
    ("recommended_retail_price", "Recommended retail price"),
    ("currency", "Currency"),
    ("discount_percent", "Discount (%)"),
    ("stock_quantity", "Stock quantity"),
    ("availability", "Availability"),
    ("minimum_order_quantity", "Minimum order quantity"),
    ("pack_size", "Pack size"),
    ("lead_time_days", "Lead time (days)"),
    ("weight", "Weight"),
    ("length", "Length"),
    ("width", "Width"),
    ("height", "Height"),
    ("vat_rate", "VAT rate"),
    ("eco_tax", "Eco-contribution"),
    ("image_url", "Picture address"),
    ("tier_qty", "Tier quantity"),
    ("tier_price", "Tier price"),
    ("condition", "Condition"),
    ("country_of_origin", "Country of origin"),
    ("hs_code", "HS code"),
    ("price_per", "Quantity the price is for"),
]

CONFIDENCE_LEVELS = [("sure", "Sure"), ("likely", "Likely"), ("asked", "To be confirmed")]


class OnepFeedMapping(models.Model):
    """One column of a feed and the target field it fills, with where that came from."""

    _name = "onep.feed.mapping"
    _description = "Column mapping of a supplier feed"
    _order = "feed_id, column_index, id"
    _rec_name = "column"

    feed_id = fields.Many2one("onep.supplier.feed", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="feed_id.company_id", store=True)
    column = fields.Char(required=True)
    label = fields.Char(
        string="Column of the file",
        compute="_compute_label",
        help="As it is called on screen, when the file gives it no name.",
    )
    column_index = fields.Integer(
        string="Position", help="Position of the column in the file, from 0."
    )
    field = fields.Selection(
        TARGET_FIELDS, string="Fills", help="Empty: the column is kept as extra information."
    )
    confidence = fields.Float(digits=(3, 2), help="Probability that the column is right, 0 to 1.")
    level = fields.Selection(CONFIDENCE_LEVELS)
    origin = fields.Selection(
        [("proposed", "Proposed"), ("person", "Set by a person"), ("memory", "Earlier files")],
        required=True,
        default="proposed",
    )
    why = fields.Text()
    sample = fields.Char(string="Sample values")

    _feed_column_unique = models.Constraint(
        "UNIQUE(feed_id, column_index)", "A column of a feed is mapped once."
    )

    @api.depends("column", "feed_id.mapping_ids")
    @api.depends_context("lang")
    def _compute_label(self):
        for feed, lines in self.grouped("feed_id").items():
            labels = feed._get_column_labels()
            for line in lines:
                line.label = labels.get(line.column, line.column)

    def write(self, vals):
        """A field set by hand is a correction, and remembered as one."""
        changed = self.browse()
        if "field" in vals:
            changed = self.filtered(lambda line: (line.field or None) != (vals["field"] or None))
        result = super().write(vals)
        for feed, lines in changed.grouped("feed_id").items():
            all_lines = feed.mapping_ids.sorted("column_index")
            words = memory.keys(all_lines.mapped("column"))
            self.env["onep.column.memory"]._remember(
                feed,
                [
                    Said(key, line.column, line.field or None, True)
                    for key, line in zip(words, all_lines, strict=True)
                    if line in lines
                ],
                is_confirmed=True,
                files=0,
            )
        return result
