from odoo import api, models
from odoo.tools import SQL

from ..sql import dependent_deals

#: What a margin or a score takes from the market; the parcel's size serves elsewhere too.
MARKET_FIELDS = {
    "gtin",
    "category",
    "state",
    "currency_id",
    "buy_box_price_taxed",
    "buy_box_shipping_taxed",
    "lowest_price_taxed",
    "offer_count",
    "retailer_present",
    "sales_rank",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
}


class OnepMarketplaceOffer(models.Model):
    """Changes of market offers, by hand or by an update, mark the deals that rest on them."""

    _inherit = "onep.marketplace.offer"

    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        offers._mark_deals()
        return offers

    def write(self, vals):
        result = super().write(vals)
        if MARKET_FIELDS & set(vals):
            self._mark_deals()
        return result

    def _mark_deals(self):
        """Mark the supplier offers of these articles, on every marketplace of the company."""
        if not self:
            return
        pairs = SQL(", ").join(
            SQL("(%s, %s)", offer.company_id.id, offer.gtin) for offer in self.sudo()
        )
        self.env["onep.evaluation.mark"].sudo()._mark(
            dependent_deals.of_offers(
                SQL("(offer.company_id, offer.gtin) IN (%s) AND offer.is_present", pairs)
            ),
            "market",
        )

    def _after_stored(self, marketplace, step, moment):
        """A long update is priced as it goes: its own run only catches what is left."""
        result = super()._after_stored(marketplace, step, moment)
        self.env["onep.evaluation.mark"].sudo()._mark(
            dependent_deals.of_stored(marketplace.id, step, moment), "market"
        )
        return result
