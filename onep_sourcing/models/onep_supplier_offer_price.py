from typing import NamedTuple

import numpy as np
import pyarrow as pa

from odoo import fields, models

from ..planning import asked_price
from ..sql import negotiated_price, price_list

#: What the statement of the prices reads.
PRICE_MODELS = (
    "onep.supplier.offer",
    "onep.product",
    "product.product",
    "product.template",
    "product.supplierinfo",
    "product.uom",
    "res.partner",
    "uom.uom",
)


class AskedPrice(NamedTuple):
    """What a supplier asks for one unit at a quantity.

    price: untaxed, in ``currency``, before the discounts of the supplier's terms unless it is
        negotiated; False unknown
    currency: res.currency of the price
    is_negotiated: it comes from Odoo's vendor price list, net of any discount
    """

    price: float | bool
    currency: models.Model
    is_negotiated: bool


class OnepSupplierOffer(models.Model):
    """What an offer costs at a quantity: the one place where this is told."""

    _inherit = "onep.supplier.offer"

    def _get_purchase_prices(self, quantities):
        """Return the ``AskedPrice`` of each of these offers at its quantity, as of now.

        A negotiated price that is valid today beats the catalogue and its prices by quantity, from
        the quantity on that it was agreed for. One statement, whatever the number of offers.

        quantities: units, one for each offer
        """
        if not self:
            return []
        # Not everything: lines of picking lists ask while their own figures are computed.
        for name in PRICE_MODELS:
            self.env[name].flush_model()
        today = fields.Date.context_today(self)
        rows = {
            row[0]: row[1:]
            for row in self.env.execute_query(negotiated_price.select_prices(self.ids, today))
        }
        columns = dict(
            zip(
                price_list.COLUMNS,
                zip(*(rows[offer.id] for offer in self), strict=True),
                strict=True,
            )
        )
        numbers = {name: np.array(columns[name], dtype=np.float64) for name in price_list.NUMBERS}
        lists = {name: pa.array(columns[name], pa.string()) for name in price_list.LISTS}
        units = np.asarray(quantities, dtype=np.float64)
        asked = asked_price.settle(numbers, lists, units)
        Currency = self.env["res.currency"]
        return [
            AskedPrice(
                False if np.isnan(price) else float(price),
                Currency.browse(int(currency_id)),
                bool(is_negotiated),
            )
            for price, currency_id, is_negotiated in zip(
                asked.at(units), asked.currency_id, asked.is_negotiated, strict=True
            )
        ]

    def action_write_vendor_prices(self):
        """Preview what these accepted offers would write into Odoo's vendor price lists."""
        return self.env["onep.vendor.price.write"]._open(self)
