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
    _conflict_fields = ("platform", "normalised_name")
    _price_neutral = frozenset({"product_category_id"})

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
    product_category_id = fields.Many2one(
        "product.category",
        "Odoo Category",
        index="btree_not_null",
        ondelete="set null",
        help="The products of this category, and of those below it, fall in the same fee category.",
    )

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(hashtext(platform), hashtext(platform), '[]') WITH &&,
            int8range(hashtext(normalised_name), hashtext(normalised_name), '[]') WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just mapped this category. Reload the page.",
    )

    @api.constrains("platform", "source_name", "fee_category_id", "normalised_name", "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "%(name)s is mapped already, as %(other)s → %(category)s. Change that row, or archive "
            "it.",
            name=self.source_name,
            other=other.source_name,
            category=other.fee_category_id.name,
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
    def _match_product_categories(self, platform, product_categories):
        """Return {product.category: engine.categories.Match} for those that can be told.

        The category's own row first, then its nearest parent's, then its name.
        """
        rows = self.sudo().search(
            [
                ("platform", "=", platform),
                ("product_category_id", "parent_of", product_categories.ids),
                ("fee_category_id.active", "=", True),
            ],
            order="confidence desc, id",
        )
        by_category = rows.grouped("product_category_id")
        found, named = {}, {}
        for category in product_categories:
            parents = [int(key) for key in category.parent_path.split("/") if key]
            for height, parent in enumerate(reversed(parents)):
                own = by_category.get(category.browse(parent))
                if own:
                    confidence = own[0].confidence * (categories.INHERITED if height else 1.0)
                    doubtful = bool(height) or len(own.fee_category_id) > 1
                    found[category] = categories.Match(
                        own[0].fee_category_id.id, confidence, doubtful
                    )
                    break
            else:
                named[category.complete_name] = category
        for name, match in self._match(platform, list(named)).items():
            found[named[name]] = match
        return found

    @api.model
    def _get_product_category(self, platform, names):
        """Return the product.category that one of these names stands for; empty when none does.

        names: category texts, the first that leads somewhere decides; paths from their last
            level up
        """
        for name in filter(None, names):
            spelt = [categories.normalise(name), *categories.levels(name)]
            rows = self.sudo().search(
                [
                    ("platform", "=", platform),
                    ("normalised_name", "in", spelt),
                    ("product_category_id", "!=", False),
                ]
            )
            if rows:
                nearest = rows.sorted(lambda row, spelt=spelt: spelt.index(row.normalised_name))
                return nearest[0].product_category_id
        return self.env["product.category"]

    @api.model
    def _get_names_in_use(self, platform):
        """Hook: [(name, where it comes from, number of articles)] of the categories in use.

        Here: Odoo's own categories, with their products.
        """
        counts = self.env["product.template"]._read_group(
            [("categ_id", "!=", False)], ["categ_id"], ["__count"]
        )
        return [(category.complete_name, "product", count) for category, count in counts]

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
        for lang in self.env["onep.fee.category"]._get_languages():
            for category in own.with_context(lang=lang):
                known[categories.normalise(category.name)] = (category.id, 1.0)
        known |= {
            name.normalised_name: (name.fee_category_id.id, name.confidence) for name in mapped
        }
        known.pop("", None)
        return known
