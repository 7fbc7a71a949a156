from typing import NamedTuple

import numpy as np
import pyarrow as pa

from odoo import fields, models
from odoo.tools import SQL

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
        the quantity on that it was agreed for. Two statements, whatever the number of offers.

        quantities: units, one for each offer
        """
        if not self:
            return []
        self._flush_prices()
        # An offer that is asked for twice, at two quantities, has two places.
        order = np.argsort(self.ids, kind="stable")
        catalogue = self.env.execute_query(price_list.select_catalogue(self.ids))
        known = {row[0]: row for row in catalogue}
        rows = [known[self.ids[place]] for place in order]
        offer_id, price, currency_id, *steps = zip(*rows, strict=True)
        query = negotiated_price.select_lists(
            SQL("offer.id = ANY(%s)", self.ids), fields.Date.context_today(self)
        )
        units = np.asarray(quantities, dtype=np.float64)[order]
        asked = asked_price.settle(
            np.array(offer_id),
            np.array(price, dtype=np.float64),
            np.array(currency_id, dtype=np.float64),
            tuple(pa.array(column, pa.string()) for column in steps),
            asked_price.PriceLists.from_rows(self.env.execute_query(query)),
            units,
        )
        Currency = self.env["res.currency"]
        found = [None] * len(self)
        figures = zip(asked.at(units), asked.currency_id, asked.is_negotiated, strict=True)
        for place, (amount, currency, is_negotiated) in zip(order, figures, strict=True):
            found[place] = AskedPrice(
                False if np.isnan(amount) else float(amount),
                Currency.browse(int(currency)),
                bool(is_negotiated),
            )
        return found

    def _flush_prices(self):
        """Write what the statements of the prices read, and no more: lines of picking lists ask
        while their own figures are computed.
        """
        for name in PRICE_MODELS:
            self.env[name].flush_model()

    def _get_negotiated_quantities(self):
        """Return {offer id: quantities from which another negotiated price holds} as of now."""
        if not self:
            return {}
        self._flush_prices()
        query = negotiated_price.select_lists(
            SQL("offer.id = ANY(%s)", self.ids), fields.Date.context_today(self)
        )
        return {
            row[0]: [float(quantity) for quantity in row[3].split(";")]
            for row in self.env.execute_query(query)
        }

    def action_write_vendor_prices(self):
        """Preview what these accepted offers would write into Odoo's vendor price lists."""
        return self.env["onep.vendor.price.write"]._open(self)
