from odoo import api, fields, models

from ..engine import categories
from ..price_scope import PriceScope
from .onep_vat_rate import VAT_KINDS


class OnepFeeCategory(models.Model):
    """A category as a marketplace's fee grid names it, not as its catalogue does."""

    _name = "onep.fee.category"
    _description = "Fee Category"
    _inherit = ["onep.fee.row.mixin"]
    _order = "platform, name"

    platform = fields.Selection(
        selection="_selection_platform", string="Marketplace", required=True, index=True
    )
    name = fields.Char(required=True, translate=True)
    vat_kind = fields.Selection(
        VAT_KINDS,
        string="VAT",
        default="standard",
        required=True,
        help="Usual VAT of these goods, for offers that do not say theirs.",
    )
    is_selected_parcel = fields.Boolean(
        string="Selected Parcels",
        help="Parcels of this category are billed by the marketplace's selected-parcel tiers.",
    )
    low_price_class = fields.Selection(
        [("standard", "Standard ceiling"), ("restricted", "Restricted ceiling"), ("none", "None")],
        string="Low-Price Rate",
        default="none",
        required=True,
        help="Up to which price cheap articles are fulfilled at the low-price rate.",
    )
    map_ids = fields.One2many("onep.fee.category.map", "fee_category_id", "Names")
    line_ids = fields.One2many("onep.rate.card.line", "category_id", "Commissions")

    @api.model
    def _selection_platform(self):
        return self.env["onep.rate.card"]._get_platforms()

    @api.depends("name", "platform")
    @api.depends_context("onep_show_platform")
    def _compute_display_name(self):
        platforms = dict(self._selection_platform())
        show = self.env.context.get("onep_show_platform")
        for category in self:
            name = category.name or ""
            if show:
                name = f"{platforms.get(category.platform, '')} · {name}"
            category.display_name = name

    def _get_price_scopes(self, on_date=None):
        """Articles that are in the category, and those whose own category has its name."""
        scopes = set()
        languages = {"en_US", *dict(self.env["res.lang"].get_installed())}
        for platform, fees in self._filter_in_force(on_date).grouped("platform").items():
            names = {
                categories.normalise(fee.name)
                for lang in languages
                for fee in fees.with_context(lang=lang)
            }
            scopes.add(PriceScope(platform=platform, category_ids=tuple(sorted(fees.ids))))
            scopes.add(PriceScope(platform=platform, category_names=tuple(sorted(names - {""}))))
        return scopes
