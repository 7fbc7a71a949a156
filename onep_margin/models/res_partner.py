from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    onep_terms_ids = fields.One2many(
        "onep.supplier.terms",
        "partner_id",
        "Purchase Terms",
        groups="onep_margin.group_margin_user",
    )
    onep_terms_count = fields.Integer(
        "Terms",
        compute="_compute_onep_terms_count",
        groups="onep_margin.group_margin_user",
        help="Discounts, carriage, transport and contributions that its prices do not tell.",
    )

    def _compute_onep_terms_count(self):
        counts = dict(
            self.env["onep.supplier.terms"]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.onep_terms_count = counts.get(partner.commercial_partner_id, 0)

    def write(self, vals):
        moves = "country_id" in vals and self.sudo().ref_company_ids
        if not moves and {"parent_id", "is_company"} & vals.keys():
            moves = self.sudo().commercial_partner_id.onep_terms_ids
        if moves:
            # Cost sheets know suppliers by their company, and ours by its country.
            self.env.registry.clear_cache()
        return super().write(vals)

    def action_open_onep_terms(self):
        """The terms of this supplier, or a form to enter them."""
        supplier = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_margin.onep_supplier_terms_action"
        )
        return action | {
            "domain": [("partner_id", "=", supplier.id)],
            "context": {"default_partner_id": supplier.id},
        }
