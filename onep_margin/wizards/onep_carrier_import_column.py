from odoo import fields, models


class OnepCarrierImportColumn(models.TransientModel):
    """What one column of a carrier's file holds."""

    _name = "onep.carrier.import.column"
    _description = "Column of a Carrier Grid"
    _order = "sequence, id"

    import_id = fields.Many2one("onep.carrier.import", required=True, ondelete="cascade")
    sequence = fields.Integer()
    header = fields.Char("Column")
    samples = fields.Char("First Cells")
    # The roles of engine.carrier_file.
    role = fields.Selection(
        [
            ("ignore", "Nothing we need"),
            ("weight_from", "Weight from"),
            ("weight_to", "Weight up to"),
            ("zone", "Zone"),
            ("price", "Price"),
            ("zone_price", "Prices of this zone"),
            ("currency", "Currency"),
            ("divisor", "Volumetric divisor"),
            ("fuel", "Fuel surcharge"),
            ("fixed", "Amount per parcel"),
        ],
        "What It Holds",
        default="ignore",
        required=True,
    )
