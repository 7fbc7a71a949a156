from odoo import api, fields, models, tools

from ..engine import categories


class OnepContributionCategory(models.Model):
    """Which contribution the articles of a supplier's category bear."""

    _name = "onep.contribution.category"
    _description = "Category with a Contribution"
    _inherit = ["onep.fee.row.mixin"]
    _order = "source_name, is_levy"
    _rec_name = "source_name"
    _conflict_fields = ("normalised_name", "is_levy")

    source_name = fields.Char(
        "Category",
        required=True,
        help="As the supplier's file writes it. Case, accents, plurals and small words do not "
        "matter.",
    )
    normalised_name = fields.Char(
        compute="_compute_normalised_name", store=True, precompute=True, index=True
    )
    contribution_id = fields.Many2one(
        "onep.contribution",
        "Kind of Article",
        required=True,
        index=True,
        ondelete="cascade",
        help="Any row of the schedule: those of the same scheme and kind follow by date, "
        "condition and measure.",
    )
    is_levy = fields.Boolean(
        "Private-Copy Levy", compute="_compute_is_levy", store=True, precompute=True
    )

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(hashtext(coalesce(normalised_name, '')),
                      hashtext(coalesce(normalised_name, '')), '[]') WITH &&,
            int8range(coalesce(is_levy, FALSE)::integer, coalesce(is_levy, FALSE)::integer, '[]')
                WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just said what this category bears. Reload the page.",
    )

    @api.constrains("source_name", "normalised_name", "is_levy", "contribution_id", "active")
    def _check_overlap(self):
        self._check_conflicts()

    def _get_conflict_message(self, other):
        return self.env._(
            "%(name)s has such a contribution already, as %(other)s → %(kind)s. Change that row, "
            "or archive it.",
            name=self.source_name,
            other=other.source_name,
            kind=other.contribution_id.display_name,
        )

    @api.depends("source_name")
    def _compute_normalised_name(self):
        for row in self:
            row.normalised_name = categories.normalise(row.source_name)

    @api.depends("contribution_id.scheme")
    def _compute_is_levy(self):
        for row in self:
            row.is_levy = row.contribution_id.scheme == "private_copy"

    @api.model
    def _match(self, names, is_levy):
        """Return {name: engine.categories.Match} for the categories that bear a contribution.

        ``Match.key`` is (scheme, kind of article): with a condition, it is a key of the engine's
        contributions.
        """
        return categories.match([name for name in names if name], self._get_known(is_levy))

    @api.model
    @tools.ormcache("is_levy")
    def _get_known(self, is_levy):
        """Return {normalised name: ((scheme, kind), confidence)}."""
        rows = self.sudo().with_context(lang="en_US").search([("is_levy", "=", is_levy)])
        return {
            row.normalised_name: ((row.contribution_id.scheme, row.contribution_id.name), 1.0)
            for row in rows
            if row.normalised_name
        }
