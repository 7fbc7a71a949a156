from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    onep_feed_ids = fields.One2many("onep.supplier.feed", "partner_id", string="Price list feeds")
    onep_feed_count = fields.Integer(compute="_compute_onep_feed_count", string="Feeds")

    def _compute_onep_feed_count(self):
        counts = dict(
            self.env["onep.supplier.feed"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.onep_feed_count = counts.get(partner._origin, 0)
