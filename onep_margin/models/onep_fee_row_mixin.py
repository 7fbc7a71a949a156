from odoo import api, fields, models
from odoo.exceptions import UserError


class OnepFeeRowMixin(models.AbstractModel):
    """A figure with a source: shipped with the addon, or an administrator's own.

    A shipped row that a person changes becomes theirs, and updates of the shipped data leave
    it alone. Any change drops the engine cards that were built from it.
    """

    _name = "onep.fee.row.mixin"
    _description = "Fee Data Row"
    _inherit = ["onep.conflict.mixin", "onep.price.basis.mixin", "onep.engine.cache.mixin"]

    active = fields.Boolean(default=True)
    origin = fields.Selection(
        [("shipped", "Shipped"), ("administrator", "Administrator")],
        default="administrator",
        required=True,
        readonly=True,
        copy=False,
        help="Shipped rows follow the updates of the addon. A row becomes the administrator's "
        "as soon as it is changed here, and then keeps its value.",
    )
    data_version = fields.Char(readonly=True, copy=False)
    source = fields.Char(help="Where the figure was read.")
    source_date = fields.Char(help="When the source was written, as it says.")
    status = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("inferred", "Inferred"),
            ("unconfirmed", "Unconfirmed"),
            ("estimate", "Estimate"),
        ],
        default="confirmed",
        required=True,
        help="Confirmed: read in a source. Inferred: deduced from another country or date. "
        "Unconfirmed: one weak source, or sources that disagree. Estimate: not a tariff.",
    )
    note = fields.Text()

    def write(self, vals):
        if not self.env.context.get("onep_fee_data_load"):
            vals = {"origin": "administrator"} | vals
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        """Refuse to delete shipped rows: the next update would bring them back."""
        if self.env.context.get("onep_fee_data_load"):
            return
        known = (
            self.env["ir.model.data"]
            .sudo()
            .search_count(
                [
                    ("module", "=", "onep_margin"),
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                ],
                limit=1,
            )
        )
        if known:
            raise UserError(
                self.env._(
                    "Rows shipped with the addon cannot be deleted, the next update would bring "
                    "them back. Archive them instead."
                )
            )

    @api.model
    def _get_doubtful_statuses(self):
        """Return the statuses that make a margin an estimate."""
        return ("unconfirmed", "estimate")

    def _is_doubtful(self):
        """Return whether a margin that rests on this row is only an estimate."""
        return self.status in self._get_doubtful_statuses()

    @api.model
    def _get_price_fields(self):
        """Where a figure comes from moves no margin."""
        provenance = {"origin", "data_version", "source", "source_date", "note"}
        return [name for name in super()._get_price_fields() if name not in provenance]

    def _get_price_values(self):
        """A status counts as far as it makes a margin an estimate."""
        return super()._get_price_values() | {"status": self._is_doubtful()}
