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
    is_stored_as_clothing = fields.Boolean(
        "Stored as Clothing",
        help="The marketplace stores this category at its rate for clothing, where it has one.",
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

    def write(self, vals):
        before = {category: category._get_spellings() for category in self if "name" in vals}
        result = super().write(vals)
        for category, spellings in before.items():
            category._keep_spellings(spellings)
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """The translation dialog goes past ``write``: what it renames is renamed all the same."""
        before, scopes = self._get_spellings(), self._get_price_scopes()
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        if field_name == "name":
            self.env.registry.clear_cache()
            self._keep_spellings(before)
            if self._keeps_margins() and self._get_spellings() != before:
                self._margins_outdated(scopes | self._get_price_scopes())
        return result

    def _get_spellings(self):
        """Return {normalised name: name} of this category, in every language."""
        self.ensure_one()
        names = (self.with_context(lang=lang).name or "" for lang in self._get_languages())
        return {categories.normalise(name): name for name in names}

    def _keep_spellings(self, before):
        """Go on matching by the names that a category had: articles may still be told by them.

        A name that is mapped already, or that another category has now, stays with that.

        before: what ``_get_spellings`` gave
        """
        self.ensure_one()
        gone = set(before) - set(self._get_spellings()) - {""}
        if not gone or self.env.context.get("onep_fee_data_load"):
            return
        names = self.env["onep.fee.category.map"].sudo()
        taken = names._get_known(self.platform)
        names.create(
            [
                {
                    "fee_category_id": self.id,
                    "platform": self.platform,
                    "source_name": before[name],
                    "source": self.env._("Former name of the category"),
                }
                for name in sorted(gone - set(taken))
            ]
        )

    @api.model
    def _get_languages(self):
        """Return the codes of the languages that categories have names in."""
        return sorted({"en_US", *dict(self.env["res.lang"].get_installed())})

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
        for platform, fees in self._filter_in_force(on_date).grouped("platform").items():
            names = set().union(*(fee._get_spellings() for fee in fees))
            scopes.add(PriceScope(platform=platform, category_ids=tuple(sorted(fees.ids))))
            scopes.add(PriceScope(platform=platform, category_names=tuple(sorted(names - {""}))))
        return scopes
