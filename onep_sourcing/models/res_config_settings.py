from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onep_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the amounts"
    )
    onep_target_margin_rate = fields.Float(
        related="company_id.onep_target_margin_rate", readonly=False
    )
    onep_survivor_markup = fields.Float(related="company_id.onep_survivor_markup", readonly=False)
    onep_suspicious_roi = fields.Float(related="company_id.onep_suspicious_roi", readonly=False)
    onep_unstable_volatility = fields.Float(
        related="company_id.onep_unstable_volatility", readonly=False
    )
    onep_unstable_changes = fields.Integer(
        related="company_id.onep_unstable_changes", readonly=False
    )
    onep_hidden_cost_share = fields.Float(
        related="company_id.onep_hidden_cost_share", readonly=False
    )
    onep_extra_cost = fields.Monetary(
        related="company_id.onep_extra_cost", readonly=False, currency_field="onep_currency_id"
    )
    onep_cover_days = fields.Integer(related="company_id.onep_cover_days", readonly=False)
    onep_approval_limit = fields.Monetary(
        related="company_id.onep_approval_limit",
        readonly=False,
        currency_field="onep_currency_id",
    )
    onep_approver_id = fields.Many2one(related="company_id.onep_approver_id", readonly=False)
    onep_gone_limit = fields.Float(related="company_id.onep_gone_limit", readonly=False)
    onep_price_jump_factor = fields.Float(
        related="company_id.onep_price_jump_factor", readonly=False
    )
    onep_price_jump_severity = fields.Selection(
        related="company_id.onep_price_jump_severity", readonly=False
    )
    onep_kept_files = fields.Integer(related="company_id.onep_kept_files", readonly=False)
    onep_waiting_count = fields.Integer(compute="_compute_onep_waiting_count")
    onep_kept_days = fields.Integer(related="company_id.onep_kept_days", readonly=False)

    @api.depends("company_id")
    def _compute_onep_waiting_count(self):
        self.onep_waiting_count = self.env["onep.evaluation.mark"].sudo()._count_waiting()

    def action_reprice_waiting(self):
        """Price what waits now."""
        return self.env["onep.evaluation"].action_reprice_waiting()
