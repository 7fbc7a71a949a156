from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_simulate_margin(self):
        """Open the simulator on this product, filled in by what is known of it."""
        self.ensure_one()
        return self.env["onep.margin.simulator"]._open_for_product(self)
