import itertools

import numpy as np
import pyarrow as pa

from odoo import models


class OnepEvaluation(models.Model):
    """The fee category of each deal, by the marketplace's words or the supplier's."""

    _inherit = "onep.evaluation"

    def _match_categories(self, marketplace, columns, category_index, matches):
        """Fee category of each deal: the marketplace's own words, else the supplier's.

        Each distinct text is matched once a run; ``matches`` keeps them from page to page.

        :return: columns category (index of the card, -1 unmapped), fee_category_id (NaN
            unmapped) and is_category_guessed
        """
        names, codes = {}, {}
        for source in ("market_category", "supplier_category"):
            array = pa.array(columns[source], pa.string()).dictionary_encode()
            names[source] = array.dictionary.to_pylist()
            codes[source] = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        asked = [
            name
            for name in dict.fromkeys(itertools.chain.from_iterable(names.values()))
            if name not in matches
        ]
        if asked:
            found = self.env["onep.fee.category.map"]._match(marketplace.platform, asked)
            matches |= {name: found.get(name) for name in asked}
        index, guessed, own = {}, {}, {}
        for source, texts in names.items():
            known = [matches.get(name) for name in texts]
            # The last element answers for "no category given".
            index[source] = np.array(
                [category_index.get(match.key, -1) if match else -1 for match in known] + [-1]
            )[codes[source]]
            guessed[source] = np.array(
                [bool(match and match.is_estimated) for match in known] + [False]
            )[codes[source]]
            own[source] = np.array(
                [float(match.key) if match else np.nan for match in known] + [np.nan]
            )[codes[source]]
        by_market = index["market_category"] >= 0
        return {
            "category": np.where(by_market, index["market_category"], index["supplier_category"]),
            "fee_category_id": np.where(
                by_market, own["market_category"], own["supplier_category"]
            ),
            "is_category_guessed": np.where(
                by_market, guessed["market_category"], index["supplier_category"] >= 0
            ),
        }
