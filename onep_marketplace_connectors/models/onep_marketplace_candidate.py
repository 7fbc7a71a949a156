from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..optional_fields import OptionalFloat, OptionalInteger


class OnepMarketplaceCandidate(models.Model):
    """One product of a marketplace that carries the EAN of a market offer, best first."""

    _name = "onep.marketplace.candidate"
    _description = "Candidate Product"
    _order = "offer_id, position, id"
    _log_access = False

    offer_id = fields.Many2one(
        "onep.marketplace.offer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    external_id = fields.Char("Marketplace Reference", required=True, readonly=True)
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    score = OptionalFloat(
        "Likeness", readonly=True, aggregator=None, help="To what the supplier says, from 0 to 1."
    )
    kind = fields.Selection(
        [
            ("product", "Product"),
            ("bundle", "Bundle"),
            ("variation_parent", "Group of variants"),
            ("other", "Other"),
        ],
        readonly=True,
    )
    name = fields.Char("Product", readonly=True)
    brand = fields.Char(readonly=True)
    category = fields.Char(readonly=True)
    pack_quantity = OptionalInteger("Pack", readonly=True, aggregator=None)
    sales_rank = OptionalInteger(readonly=True, aggregator=None)
    image_url = fields.Char("Picture", readonly=True)
    url = fields.Char("Page", readonly=True)
    reason = fields.Char("Reason Code", readonly=True)
    seen_at = fields.Datetime("Seen", readonly=True)
    is_chosen = fields.Boolean("Chosen", compute="_compute_is_chosen")

    _offer_product_unique = models.Constraint(
        "UNIQUE(offer_id, external_id)", "A product is a candidate of a market offer once."
    )

    @api.depends("offer_id.external_id", "external_id")
    def _compute_is_chosen(self):
        for candidate in self:
            candidate.is_chosen = candidate.external_id == candidate.offer_id.external_id

    def action_choose(self):
        """This is the product meant: it stays, and its price is read at once."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("onep_marketplace_connectors.group_connector_user"):
            raise AccessError(self.env._("Only users of the marketplaces choose their products."))
        self.offer_id._choose(self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
