# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What lies behind the lists: the catalogue, and what an import of each must find."""

from __future__ import annotations

import json
from collections import Counter

from .articles import Article
from .layouts import decimal
from .lists import PriceList, counts, delimited, eans

COLUMNS = (
    "ean", "name", "brand", "category", "rrp_taxed", "weight_g", "length_mm", "width_mm",
    "height_mm",
)  # fmt: skip


def catalogue(price_lists: list[PriceList]) -> bytes:
    """Return a row for every EAN that is right in at least one list."""
    articles: dict[str, Article] = {}
    for price_list in price_lists:
        articles |= {offer.ean: offer.article for offer in price_list.offers if offer.has_right_ean}
    rows = [
        [
            ean, article.words["fr"].name, article.brand.name, article.family.category,
            decimal(article.rrp, "."), article.weight, *article.size,
        ]
        for ean, article in sorted(articles.items())
    ]  # fmt: skip
    return delimited([COLUMNS, *rows], ",", "\n").encode()


def expected(seed: int, price_lists: list[PriceList]) -> bytes:
    """Return what an import of each list must find, counted from the lines written."""
    offered = Counter(ean for price_list in price_lists for ean in eans(price_list))
    suppliers = Counter(offered.values())
    found = {
        "seed": seed,
        "files": {item.supplier.file: _expected(item) for item in price_lists},
        "catalogue": {
            "eans": len(offered),
            "offered_by": {str(number): suppliers[number] for number in sorted(suppliers)},
        },
    }
    return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()


def _expected(price_list: PriceList) -> dict[str, object]:
    supplier, kinds = price_list.supplier, counts(price_list)
    refused = {kind: kinds[kind] for kind in supplier.refused}
    assert refused == supplier.refused, f"{supplier.file}: {refused}"
    return {
        "feed": supplier.feed,
        "currency": supplier.currency,
        "lines": len(price_list.lines),
        "accepted": len(price_list.lines) - sum(refused.values()),
        "refused": refused,
        "bad_check_digit": kinds.get("bad_check_digit", 0),
        "without_ean": kinds.get("without_ean", 0),
        "eans": len(eans(price_list)),
    }
