"""Which fulfilment adjustments of a rate card a deal takes: its marketplace's and its article's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine.rate_card import RateCard

#: Codes of the adjustments that an article asks for, by the column that says so.
OF_ARTICLE = {
    "is_dangerous_goods": "dangerous_goods",
    "is_own_packaging": "own_packaging",
}
#: What an article in its own packaging does not pay: the marketplace packs nothing.
PACKAGING = "oversize_packaging"


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Bits of ``DealBatch.adjustments`` on one card.

    place: taken by every deal of the marketplace
    articles: (column, bit) of what an article takes beside
    packaging: of what an article in its own packaging is spared
    """

    place: int = 0
    articles: tuple[tuple[str, int], ...] = ()
    packaging: int = 0

    @classmethod
    def of_card(cls, card: RateCard, codes: Iterable[str]) -> Adjustments:
        """Return those of a card; a code that it has no fee for costs nothing.

        codes: what the marketplace's deals take
        """
        known = set(card.fulfilment.adjustment_codes)
        return cls(
            place=card.adjustment_bits(*(known & set(codes))),
            articles=tuple(
                (column, card.adjustment_bits(code))
                for column, code in OF_ARTICLE.items()
                if code in known
            ),
            packaging=card.adjustment_bits(PACKAGING) if PACKAGING in known else 0,
        )

    def bits(self, articles) -> np.ndarray:
        """Return the bits (uint32, n) of deals.

        articles: boolean columns (n) of :data:`OF_ARTICLE`
        """
        own = np.asarray(articles["is_own_packaging"], dtype=bool)
        bits = np.where(own, self.place & ~self.packaging, self.place).astype(np.uint32)
        for column, bit in self.articles:
            bits |= np.asarray(articles[column], dtype=bool) * np.uint32(bit)
        return bits


#: No deal takes any.
NO_ADJUSTMENTS = Adjustments()
