from odoo import api, fields, models

from ..figure_words import figure_words
from ..price_scope import PriceScope

#: Kinds of goods, from the highest rate to the lowest.
VAT_KINDS = [
    ("standard", "Standard"),
    ("intermediate", "Intermediate"),
    ("reduced", "Reduced"),
    ("super_reduced", "Super-reduced"),
]


class OnepVatRate(models.Model):
    """VAT of a country, by kind of goods."""

    _name = "onep.vat.rate"
    _description = "VAT Rate"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "country_id, rate desc, valid_from desc"
    _dated_by = ("country_id", "kind")

    country_id = fields.Many2one("res.country", required=True, index=True)
    kind = fields.Selection(
        VAT_KINDS,
        default="standard",
        required=True,
        help="Fee categories say which kind they are.",
    )
    rate = fields.Float(digits=(6, 5), required=True, help="Share of the untaxed price [0-1].")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(country_id, country_id, '[]') WITH &&,
            int8range(hashtext(kind), hashtext(kind), '[]') WITH &&,
            (CASE WHEN valid_to < valid_from THEN 'empty'
                ELSE daterange(valid_from, valid_to, '[]') END) WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another VAT rate for the same case. Reload the page.",
    )

    @api.depends("country_id", "kind", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for vat in self:
            vat.display_name = self.env._(
                "VAT %(country)s, %(kind)s: %(rate)s %%",
                country=vat.country_id.name,
                kind=kinds.get(vat.kind),
                rate=figure_words(self.env, vat.rate * 100),
            )

    @api.constrains("country_id", "kind", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    def _get_price_scopes(self, on_date=None):
        """Goods of their kind that are sold in their country."""
        return {
            PriceScope(
                country_id=country.id,
                category_ids=tuple(
                    self.env["onep.fee.category"]
                    .sudo()
                    .search([("vat_kind", "in", rates.mapped("kind"))], order="id")
                    .ids
                ),
            )
            for country, rates in self._filter_in_force(on_date).grouped("country_id").items()
        }

    @api.model
    def _get_rates(self, country, on_date):
        """Return {kind: rate} of a country on a day; a kind without a rule is absent."""
        rates = self.search(
            self._get_valid_domain(on_date) & fields.Domain("country_id", "=", country.id)
        )
        return {vat.kind: vat.rate for vat in rates}
