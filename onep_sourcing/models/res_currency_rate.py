from odoo import api, models


class ResCurrencyRate(models.Model):
    _inherit = "res.currency.rate"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["res.currency"]._marks_moved_rates():
            return super().create(vals_list)

    def write(self, vals):
        with self.env["res.currency"]._marks_moved_rates():
            return super().write(vals)

    def unlink(self):
        with self.env["res.currency"]._marks_moved_rates():
            return super().unlink()
