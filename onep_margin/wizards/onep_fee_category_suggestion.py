from rapidfuzz import fuzz, process

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import categories

#: Alike enough (0-100) to propose an Odoo category too.
_SAME_NAME = 90


class OnepFeeCategorySuggestion(models.TransientModel):
    """A category name in use that leads to no fee category, or only by guess, and a proposal."""

    _name = "onep.fee.category.suggestion"
    _description = "Category to Map"
    _order = "state desc, offer_count desc, platform, source_name, id"

    state = fields.Selection(
        [("guessed", "Guessed"), ("unmapped", "Not mapped")],
        required=True,
        readonly=True,
        help="Not mapped: its articles have no margin. Guessed: recognised by a parent or by its "
        "spelling; margins are marked as estimated until you accept.",
    )
    platform = fields.Selection(
        selection=lambda self: self.env["onep.rate.card"]._get_platforms(),
        string="Marketplace",
        required=True,
        readonly=True,
    )
    source_name = fields.Char("Category", required=True, readonly=True)
    source = fields.Selection(
        [
            ("marketplace", "Marketplace"),
            ("supplier", "Supplier"),
            ("product", "Odoo"),
        ],
        "Named By",
        readonly=True,
    )
    offer_count = fields.Integer("Articles", readonly=True, aggregator=None)
    fee_category_id = fields.Many2one(
        "onep.fee.category", domain="[('platform', '=', platform)]", help="Proposed by its name."
    )
    confidence = fields.Float(readonly=True, help="How alike the names are. 100 %: the same words.")
    product_category_id = fields.Many2one("product.category", "Odoo Category")

    @api.model
    def action_open(self):
        """List what is to be mapped now, most articles first."""
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        values = []
        for platform, _label in self.env["onep.rate.card"]._get_platforms():
            values += self._prepare_suggestions(platform)
        self.create(values)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "onep_margin.onep_fee_category_suggestion_action"
        )

    @api.model
    def _prepare_suggestions(self, platform):
        """Return the values of the names in use on a platform that nobody has mapped."""
        Map = self.env["onep.fee.category.map"]
        used = {}
        for name, source, count in Map._get_names_in_use(platform):
            key = (name, source)
            used[key] = used.get(key, 0) + count
        names = [name for name, _source in used]
        matched = Map._match(platform, names)
        open_names = [name for name in names if name not in matched or matched[name].is_estimated]
        proposals = categories.suggest(
            [name for name in open_names if name not in matched], Map._get_known(platform)
        )
        odoo = self._propose_product_categories(open_names)
        values = []
        for (name, source), count in used.items():
            match = matched.get(name)
            if match and not match.is_estimated:
                continue
            proposal = match or proposals.get(name)
            values.append(
                {
                    "state": "guessed" if match else "unmapped",
                    "platform": platform,
                    "source_name": name,
                    "source": source,
                    "offer_count": count,
                    "fee_category_id": proposal.key if proposal else False,
                    "confidence": proposal.confidence if proposal else 0.0,
                    "product_category_id": odoo.get(name, False),
                }
            )
        return values

    @api.model
    def _propose_product_categories(self, names):
        """Return {name: product.category id} for names that an Odoo category bears."""
        own = {}
        for category in self.env["product.category"].search([]):
            own.setdefault(categories.normalise(category.name), category.id)
        found = {}
        for name in dict.fromkeys(names):
            level = (categories.levels(name) or [""])[0]
            best = level and process.extractOne(
                level, list(own), scorer=fuzz.ratio, score_cutoff=_SAME_NAME
            )
            if best:
                found[name] = own[best[0]]
        return found

    def action_accept(self):
        """Map these names as proposed; one without a proposal is asked for."""
        lacking = self.filtered(lambda row: not row.fee_category_id)
        if lacking:
            raise UserError(
                self.env._(
                    "Choose a fee category for %(names)s first.",
                    names=", ".join(lacking[:5].mapped("source_name")),
                )
            )
        Map = self.env["onep.fee.category.map"]
        for row in self:
            vals = {
                "fee_category_id": row.fee_category_id.id,
                "confidence": 1.0,
                "status": "confirmed",
                "product_category_id": row.product_category_id.id,
            }
            known = Map.search(
                [
                    ("platform", "=", row.platform),
                    ("normalised_name", "=", categories.normalise(row.source_name)),
                ],
                limit=1,
            )
            if known:
                known.write(vals)
            else:
                Map.create(vals | {"platform": row.platform, "source_name": row.source_name})
        # Two spellings of one name are settled together.
        settled = self | self.search(
            [
                ("create_uid", "=", self.env.uid),
                ("source_name", "in", self.mapped("source_name")),
                ("platform", "in", self.mapped("platform")),
                ("id", "not in", self.ids),
            ]
        ).filtered(lambda row: Map._match(row.platform, [row.source_name]))
        settled.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
