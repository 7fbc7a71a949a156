from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..unchecked_many2one import UncheckedMany2one
from .offer_values import format_value


class OnepSupplierOfferHistory(models.Model):
    """A change of one supplier offer: what it was, what it became, which import said so.

    Only changes are written, by set-based SQL. A pair of values is filled when that value moved.
    """

    _name = "onep.supplier.offer.history"
    _description = "Change of a supplier offer"
    _order = "id desc"
    _log_access = False
    _rec_name = "changed_at"

    # no foreign keys: offers and feeds take their history along, imports let it go on without them
    offer_id = UncheckedMany2one(
        "onep.supplier.offer", string="Supplier offer", required=True, ondelete="cascade"
    )
    import_id = UncheckedMany2one("onep.import", string="Import", ondelete="set null")
    feed_id = UncheckedMany2one("onep.supplier.feed", string="Feed", ondelete="cascade")
    company_id = UncheckedMany2one("res.company", string="Company")
    changed_at = fields.Datetime(string="Changed on", required=True)
    kind = fields.Selection(
        [
            ("changed", "Changed article"),
            ("gone", "Gone article"),
            ("returned", "Back in the catalogue"),
        ],
        string="Change",
        required=True,
    )
    currency_before_id = UncheckedMany2one("res.currency", string="Currency before")
    currency_id = UncheckedMany2one("res.currency", string="Currency")
    price_before = OptionalMonetary(string="Price before", currency_field="currency_before_id")
    price_after = OptionalMonetary(string="Price after")
    price_change_rate = OptionalFloat(
        string="Price change",
        compute="_compute_price_change_rate",
        help="Share, 0.1 for 10 % dearer; unknown when the currency changed too.",
    )
    stock_before = OptionalFloat(string="Stock before", digits=(16, 3))
    stock_after = OptionalFloat(string="Stock after", digits=(16, 3))
    moq_before = OptionalFloat(string="MOQ before", digits=(16, 3))
    moq_after = OptionalFloat(string="MOQ after", digits=(16, 3))
    others = fields.Json(
        string="Other columns", help="Other columns that changed: {column: [before, after]}."
    )
    summary = fields.Text(string="What changed", compute="_compute_summary")

    _offer_idx = models.Index("(offer_id)")
    # rows are only added, in the order of time and of imports: block ranges find them
    _time_idx = models.Index("USING brin (changed_at, import_id) WITH (autosummarize = on)")

    @api.depends("price_before", "price_after", "currency_id", "currency_before_id")
    def _compute_price_change_rate(self):
        for change in self:
            before, after = change.price_before, change.price_after
            alike = change.currency_id == change.currency_before_id
            is_known = alike and before and after is not False
            change.price_change_rate = after / before - 1 if is_known else False

    @api.depends("others", "kind", "currency_before_id", "currency_id")
    @api.depends_context("lang")
    def _compute_summary(self):
        """Names of the changed columns beside price, stock and MOQ, with their values."""
        offer_fields = self.env["onep.supplier.offer"]._fields
        for change in self:
            lines = []
            for name, (before, after) in (change.others or {}).items():
                label = offer_fields[name]._description_string(self.env)
                texts = (
                    format_value(self.env, name, value, currency) or "–"
                    for value, currency in (
                        (before, change.currency_before_id),
                        (after, change.currency_id),
                    )
                )
                lines.append(f"{label}: {' → '.join(texts)}")
            change.summary = "\n".join(lines)
