from datetime import timedelta

import numpy as np
import pyarrow as pa

from odoo import api, fields, models

from odoo.addons.onep_margin.engine import customs
from odoo.addons.onep_margin.engine.batch import CONDITIONS, NEW

from ..ingest import countries
from ..planning import costs, deals
from ..planning.quantity import SALES_DAYS
from ..sql import own_figures

DAYS_PER_MONTH = 365.0 / 12.0


class OnepEvaluation(models.Model):
    """What the cost stations want of each offer, from the words of its supplier."""

    _inherit = "onep.evaluation"

    @api.model
    def _get_cost_columns(self, columns, sheet, matches):
        """Return the columns of ``planning.costs.land`` that a page of deals does not have.

        :param matches: {category: kinds of contribution} kept from page to page
        """
        quantity = columns.get("order_quantity")
        if quantity is None:
            quantity = costs.order_quantities(
                columns["minimum_order_quantity"], columns["pack_size"]
            )
        return {
            "order_quantity": quantity,
            "commodity_code": self._read_words(columns["hs_code"], customs.codes, -1),
            "origin": self._read_words(
                columns["country_of_origin"],
                lambda texts: [
                    sheet.tables.duties.origin_index(code)
                    for code in countries.country_codes(texts)
                ],
                -1,
            ),
            **self._match_contributions(columns, sheet, matches),
        }

    @api.model
    def _read_words(self, words, read, unknown):
        """Return a number (int64, n) for each text, read once for each distinct one."""
        encoded = pa.array(words, pa.string(), from_pandas=True).dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        known = read(encoded.dictionary.to_pylist()) if len(encoded.dictionary) else []
        # The last element answers for no text.
        return np.array([*known, unknown], dtype=np.int64)[codes]

    @api.model
    def _match_contributions(self, columns, sheet, matches):
        """Return the kinds of contribution (n) by the supplier's category and condition.

        :return: columns eco_kind, levy_kind (indices of the sheet's contributions, -1 none) and
            is_contribution_guessed
        """
        encoded = pa.array(
            columns["supplier_category"], pa.string(), from_pandas=True
        ).dictionary_encode()
        names = encoded.dictionary.to_pylist()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        asked = [name for name in names if name not in matches]
        if asked:
            category = self.env["onep.contribution.category"]
            found = [category._match(asked, is_levy) for is_levy in (False, True)]
            matches |= {name: [own.get(name) for own in found] for name in asked}
        conditions = np.maximum(deals.condition_codes(columns["condition"]), NEW)
        table = sheet.tables.contributions
        result = {}
        guessed = np.zeros(len(codes), dtype=bool)
        for place, column in enumerate(("eco_kind", "levy_kind")):
            known = [matches[name][place] for name in names]
            kinds = [
                [table.index((*match.key, condition)) if match else -1 for condition in CONDITIONS]
                for match in known
            ]
            kinds = np.array([*kinds, [-1] * len(CONDITIONS)], dtype=np.int64)
            result[column] = kinds[codes, conditions]
            alike = np.array([bool(match and match.is_estimated) for match in known] + [False])
            guessed |= alike[codes] & (result[column] >= 0)
        return result | {"is_contribution_guessed": guessed}

    def _get_rotation(self):
        """Return (ids of our products, units of each sold in a month), ascending.

        Days without stock are left out. A product that never sold is absent: its rotation is
        unknown.
        """
        for name in ("stock.move.line", "stock.move", "stock.location", "sale.order.line"):
            self.env[name].flush_model()
        since = fields.Datetime.now() - timedelta(days=SALES_DAYS)
        query = own_figures.sold_products(self.company_id.id, since)
        products = self.env["product.product"].browse(
            product_id for (product_id,) in self.env.execute_query(query)
        )
        figures = products._onep_get_own_figures(self.company_id)
        return np.array(products.ids, np.float64), figures.daily_sales * DAYS_PER_MONTH

    @api.model
    def _get_units_per_month(self, variant_ids, rotation):
        """Return our own sales (n) of products in a month, NaN unknown."""
        known, units = rotation
        if not len(known):
            return np.full(len(variant_ids), np.nan)
        place = np.minimum(np.searchsorted(known, variant_ids), len(known) - 1)
        return np.where(known[place] == variant_ids, units[place], np.nan)
