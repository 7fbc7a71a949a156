from odoo import api, fields, models


class OnepCarrierImportColumn(models.TransientModel):
    """What one column of a carrier's file holds."""

    _name = "onep.carrier.import.column"
    _description = "Column of a Carrier Grid"
    _order = "sequence, id"

    import_id = fields.Many2one("onep.carrier.import", required=True, ondelete="cascade")
    sequence = fields.Integer()
    header = fields.Char("Column")
    samples = fields.Char("First Cells")
    role = fields.Selection("_selection_role", "Holds", default="ignore", required=True)

    @api.model
    def _selection_role(self):
        """Return the roles of ``engine.carrier_file`` in words."""
        return [
            ("ignore", self.env._("Nothing we need")),
            ("weight_from", self.env._("Weight from")),
            ("weight_to", self.env._("Weight up to")),
            ("zone", self.env._("Zone")),
            ("price", self.env._("Price")),
            ("zone_price", self.env._("Prices of this zone")),
            ("currency", self.env._("Currency")),
            ("divisor", self.env._("Volumetric divisor")),
            ("fuel", self.env._("Fuel surcharge")),
            ("fixed", self.env._("Amount per parcel")),
        ]
