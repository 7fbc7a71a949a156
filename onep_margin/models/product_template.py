from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def action_simulate_margin(self):
        """Open the simulator on the first variant."""
        self.ensure_one()
        return self.product_variant_id.action_simulate_margin()
