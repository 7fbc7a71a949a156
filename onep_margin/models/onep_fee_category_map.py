from odoo import api, fields, models, tools

from ..engine import categories
from ..price_scope import PriceScope


class OnepFeeCategoryMap(models.Model):
    """How a supplier or a marketplace catalogue names a fee category."""

    _name = "onep.fee.category.map"
    _description = "Fee Category Name"
    _inherit = ["onep.fee.row.mixin"]
    _order = "platform, source_name"
    _rec_name = "source_name"

    fee_category_id = fields.Many2one(
        "onep.fee.category",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('platform', '=', platform)]",
    )
    platform = fields.Selection(
        selection=lambda self: self.env["onep.rate.card"]._get_platforms(),
        string="Marketplace",
        compute="_compute_platform",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
    )
    source_name = fields.Char(
        "Category",
        required=True,
        help="As the supplier's file or the marketplace's catalogue writes it. Case, accents, "
        "plurals and small words do not matter.",
    )
    normalised_name = fields.Char(
        compute="_compute_normalised_name", store=True, precompute=True, index=True
    )
    confidence = fields.Float(default=1.0, help="1: sure.")

    _name_uniq = models.UniqueIndex(
        "(platform, normalised_name) WHERE active",
        "This category is already mapped on this marketplace.",
    )

    @api.depends("fee_category_id")
    def _compute_platform(self):
        for name in self:
            if name.fee_category_id:
                name.platform = name.fee_category_id.platform

    @api.depends("source_name")
    def _compute_normalised_name(self):
        for name in self:
            name.normalised_name = categories.normalise(name.source_name)

    def _get_price_scopes(self, on_date=None):
        """Articles whose own category may be told by these names."""
        return {
            PriceScope(
                platform=platform,
                category_names=tuple(sorted(set(rows.mapped("normalised_name")) - {"", False})),
            )
            for platform, rows in self._filter_in_force(on_date).grouped("platform").items()
        }

    @api.model
    def _match(self, platform, names):
        """Return {name: engine.categories.Match} for the names that can be told.

        platform: a code of ``onep.rate.card._get_platforms``
        names: category texts, as written; paths are read from their last level up

        ``Match.key`` is a fee category id; ``Match.is_estimated`` asks for
        ``Estimate.CATEGORY_GUESSED`` on the deals. A name that is absent is unmapped: its
        deals take category -1, and their margin is unknown.
        """
        return categories.match([name for name in names if name], self._get_known(platform))

    @api.model
    def _find_texts(self, texts, names):
        """Return those of the category texts that one of these normalised names may tell."""
        return list(categories.match(texts, dict.fromkeys(names, (True, 1.0))))

    @api.model
    @tools.ormcache("platform")
    def _get_known(self, platform):
        """Return {normalised name: (fee category id, confidence)}.

        Mapped names, and the names of the fee categories themselves in every language.
        """
        own = self.env["onep.fee.category"].sudo().search([("platform", "=", platform)])
        mapped = self.sudo().search(
            [("platform", "=", platform), ("fee_category_id.active", "=", True)]
        )
        known = {}
        for lang in {"en_US", *dict(self.env["res.lang"].get_installed())}:
            for category in own.with_context(lang=lang):
                known[categories.normalise(category.name)] = (category.id, 1.0)
        known |= {
            name.normalised_name: (name.fee_category_id.id, name.confidence) for name in mapped
        }
        known.pop("", None)
        return known
