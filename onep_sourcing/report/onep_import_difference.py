from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..models.offer_values import format_value
from ..sql import import_difference
from ..unchecked_many2one import UncheckedMany2one


class OnepImportDifference(models.Model):
    """What an import changed against the one before: article, field, before, after.

    A view on the history of the offers, and on the offers the import brought for the first time.
    """

    _name = "onep.import.difference"
    _description = "Difference between two imports"
    _auto = False
    _order = "id desc"

    import_id = UncheckedMany2one("onep.import", readonly=True)
    offer_id = UncheckedMany2one("onep.supplier.offer", string="Supplier offer", readonly=True)
    company_id = UncheckedMany2one("res.company", string="Company", readonly=True)
    supplier_sku = fields.Char(string="Supplier SKU", readonly=True)
    name = fields.Char(string="Article", readonly=True)
    gtin = fields.Char(string="GTIN-14", readonly=True)
    field = fields.Selection("_get_field_selection", readonly=True)
    value_before = fields.Char(readonly=True)
    value_after = fields.Char(readonly=True)
    currency_before_id = UncheckedMany2one("res.currency", readonly=True)
    currency_id = UncheckedMany2one("res.currency", readonly=True)
    before = fields.Char(compute="_compute_texts")
    after = fields.Char(compute="_compute_texts")
    change_rate = OptionalFloat(
        string="Change",
        readonly=True,
        aggregator=None,
        help="Share, of numbers in the same currency: 0.1 for 10 % more.",
    )

    @property
    def _table_query(self):
        return import_difference.select()

    @api.model
    def _get_field_selection(self):
        """The offer's own names, and what happens to a whole offer."""
        offer = self.env["onep.supplier.offer"]._fields
        whole = [
            ("new", self.env._("New article")),
            ("gone", self.env._("Gone article")),
            ("returned", self.env._("Article back in the catalogue")),
        ]
        return whole + [
            (name, offer[name]._description_string(self.env)) for name in import_difference.FIELDS
        ]

    @api.depends("field", "value_before", "value_after", "currency_before_id", "currency_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        """Both values as a buyer reads them; a new article shows its price."""
        for row in self:
            name = "price_untaxed" if row.field == "new" else row.field
            row.before, row.after = (
                format_value(self.env, name, value, currency) if value else False
                for value, currency in (
                    (row.value_before, row.currency_before_id),
                    (row.value_after, row.currency_id),
                )
            )

    def action_open_offer(self):
        self.ensure_one()
        return self.offer_id._get_records_action()
