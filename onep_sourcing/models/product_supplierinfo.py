from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..sql import dependent_deals

#: What moves the price that a row of a vendor price list tells.
PRICE_FIELDS = {
    "company_id",
    "currency_id",
    "date_end",
    "date_start",
    "discount",
    "min_qty",
    "onep_price_source",
    "partner_id",
    "price",
    "product_id",
    "product_tmpl_id",
    "product_uom_id",
    "sequence",
}


class ProductSupplierinfo(models.Model):
    """A negotiated price beats the catalogue's while it is valid: its deals follow it.

    Prices that were only copied from a catalogue or an order do not: they would freeze
    yesterday's.
    """

    _inherit = "product.supplierinfo"

    onep_price_source = fields.Selection(
        [
            ("negotiated", "Negotiated"),
            ("catalogue", "Copied from the supplier's catalogue"),
            ("order", "Copied from an order"),
        ],
        string="Price from",
        required=True,
        default="negotiated",
        help="A negotiated price beats the supplier's catalogue while it is valid. A copied one "
        "does not: the catalogue may have changed since.",
    )

    onep_kept_lead_time_days = OptionalFloat(
        string="First receipt after (days)",
        digits=(8, 1),
        compute="_compute_onep_kept_lead_time",
        help="Median of the orders received in a year, from their confirmation to their first "
        "receipt. Empty: none was received.",
    )
    onep_received_order_count = fields.Integer(
        string="Orders received", compute="_compute_onep_kept_lead_time"
    )

    @api.depends("partner_id")
    @api.depends_context("company")
    def _compute_onep_kept_lead_time(self):
        kept = self.partner_id._onep_get_lead_times(self.env.company)
        for row in self:
            days, count = kept.get(row.partner_id.commercial_partner_id, (False, 0))
            row.onep_kept_lead_time_days = days
            row.onep_received_order_count = count

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._onep_mark_deals()
        return rows

    def write(self, vals):
        """A price that somebody changes is negotiated, unless it says otherwise."""
        if {"price", "discount"} & set(vals) and "onep_price_source" not in vals:
            vals = vals | {"onep_price_source": "negotiated"}
        if not PRICE_FIELDS & set(vals):
            return super().write(vals)
        self._onep_mark_deals()
        result = super().write(vals)
        self._onep_mark_deals()
        return result

    def unlink(self):
        self._onep_mark_deals()
        return super().unlink()

    def _onep_mark_deals(self):
        """Mark the deals whose price these rows negotiate, to be priced again."""
        rows = self.sudo().filtered(lambda row: row.onep_price_source == "negotiated")
        pairs = {(row.partner_id.commercial_partner_id.id, row.product_tmpl_id.id) for row in rows}
        if pairs:
            self.env["onep.evaluation.mark"].sudo()._mark(
                dependent_deals.of_vendor_prices(sorted(pairs)), "negotiated"
            )

    @api.model
    def _onep_mark_begun_or_ended(self, since, until):
        """Mark the deals of prices that hold on one of two days and not on the other."""
        begun = Domain("date_start", ">", since) & Domain("date_start", "<=", until)
        ended = Domain("date_end", ">=", since) & Domain("date_end", "<", until)
        self.sudo().search(begun | ended)._onep_mark_deals()
