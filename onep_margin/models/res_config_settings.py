from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    margin_currency_id = fields.Many2one(related="company_id.currency_id", string="Margin Currency")
    margin_target_roi = fields.Float(related="company_id.margin_target_roi", readonly=False)
    margin_storage_days = fields.Float(related="company_id.margin_storage_days", readonly=False)
    margin_own_storage_rate = fields.Monetary(
        related="company_id.margin_own_storage_rate",
        readonly=False,
        currency_field="margin_currency_id",
    )
    margin_return_rate = fields.Float(related="company_id.margin_return_rate", readonly=False)
    margin_return_cost = fields.Monetary(
        related="company_id.margin_return_cost",
        readonly=False,
        currency_field="margin_currency_id",
    )
    margin_return_loss_rate = fields.Float(
        related="company_id.margin_return_loss_rate", readonly=False
    )
    margin_receiving_cost = fields.Monetary(
        related="company_id.margin_receiving_cost",
        readonly=False,
        currency_field="margin_currency_id",
    )
    margin_preparation_cost = fields.Monetary(
        related="company_id.margin_preparation_cost",
        readonly=False,
        currency_field="margin_currency_id",
    )
    margin_advertising_rate = fields.Float(
        related="company_id.margin_advertising_rate", readonly=False
    )
    margin_monthly_units = fields.Float(related="company_id.margin_monthly_units", readonly=False)
