from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

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
    before = fields.Char(readonly=True)
    after = fields.Char(readonly=True)
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

    def action_open_offer(self):
        self.ensure_one()
        return self.offer_id._get_records_action()
