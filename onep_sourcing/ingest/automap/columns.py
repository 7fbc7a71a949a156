"""The columns of a file as the mapper sees them: what headers say, what cells look like."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter

import pyarrow as pa

from ..fields import FIELDS
from . import codes, fit, lexicon, linked, pricewords, series, within
from .evidence import Content
from .lexicon import Hit
from .within import NOWHERE, Within

#: Fields of prices, of codes.
PRICES = ("purchase_price", "recommended_retail_price")
CODES = ("supplier_sku", "manufacturer_part_number")
_PRICED = (*PRICES, "tier_price")


@dataclass(frozen=True)
class Column:
    """One column as the mapper sees it.

    header: unique name; words: as in the file, empty when it has none
    hits: field → likeness of the header; leave: the same for headers that are left out
    factors, claims: see `fit`; holds, held: see `codes`; proven: field by `linked`, or None
    side, taxed, packed, pieced, counts: by the words of the header of a price, a quantity: see
        `pricewords`
    rises: see `series.rises`; where: see `within`
    """

    index: int
    header: str
    words: str
    content: Content
    hits: dict[str, Hit]
    leave: Hit | None
    factors: dict[str, float]
    claims: dict[str, tuple[float, str]]
    letters: dict[str, float]
    repeated: bool
    holds: float = 0.0
    held: float = 0.0
    proven: str | None = None
    side: str | None = None
    taxed: bool | None = None
    packed: bool = False
    pieced: bool = False
    counts: bool = False
    rises: bool = False
    where: Within = NOWHERE

    @cached_property
    def nearest(self) -> list[tuple[str, float]]:
        """The two fields the header resembles most."""
        scores = ((name, hit.score) for name, hit in self.hits.items())
        return heapq.nlargest(2, scores, key=itemgetter(1))

    @cached_property
    def likeliest(self) -> list[tuple[str, float]]:
        """The two likeliest fields by the letters of the header."""
        return heapq.nlargest(2, self.letters.items(), key=itemgetter(1))

    def strength(self, field: str) -> float:
        """Return likeness and content together (0-1.3), the likeliest of header and cells."""
        hit = self.hits.get(field)
        said = hit.score * self.factors[field] if hit else 0.0
        return max(said, self.claims.get(field, (0.0, ""))[0])


def look_up(
    headers: Sequence[str],
    words: Sequence[str],
    contents: Sequence[Content],
    book: lexicon.Lexicon,
    texts: Sequence[pa.Array] = (),
) -> list[Column]:
    """Look up each header and judge each content.

    headers: unique names; words: headers as the file has them; texts: cells of the first columns
    """
    # a column without any value repeats nothing
    counts = Counter(
        word
        for word, content in zip(words, contents, strict=True)
        if word and (content.known or not content.rows)
    )
    leads = Counter(lexicon.lead(word) for word in words)
    found = []
    for index, (header, word, content) in enumerate(zip(headers, words, contents, strict=True)):
        is_path = "[]" in word or (leads[lexicon.lead(word)] > 1 and bool(lexicon.lead(word)))
        hits = dict(book.hits(word, is_path=is_path))
        bare = pricewords.without_unit(word)
        if bare != word and bare:
            said = book.hits(bare, is_path=False)
            hits = {name: hit for name, hit in hits.items() if name not in _PRICED}
            hits |= {name: hit for name, hit in said.items() if name in _PRICED}
        leave = hits.pop(lexicon.IGNORE, None)
        factors = {field: fit.factor(field, content) for field in FIELDS}
        claims = fit.claims(content)
        repeated = counts[word] > 1
        found.append(
            Column(
                index,
                header,
                word,
                content,
                hits,
                leave,
                factors,
                claims,
                book.by_letters(word),
                repeated,
                side=pricewords.side(word),
                taxed=pricewords.taxed(word),
                packed=not hits.keys().isdisjoint(PRICES) and pricewords.packed(word),
                pieced=not hits.keys().isdisjoint(PRICES) and pricewords.pieced(word),
                counts=pricewords.counts(word),
            )
        )
    places = within.look(texts, contents)
    found = [replace(item, where=where) for item, where in zip(found, places, strict=True)]
    found = _with_rises(found, texts)
    rated = [item.index for item in found if _may_be_a_discount(item)]
    proven = linked.by_discount(texts, contents, rated)
    found = [
        replace(item, proven=proven[item.index]) if item.index in proven else item for item in found
    ]
    return _with_held(found, texts)


def _may_be_a_discount(column: Column) -> bool:
    hit = column.hits.get("discount_percent")
    percent = "percent" in lexicon.words(column.words)
    return not column.words or percent or (hit is not None and hit.score >= 0.5)


def _with_rises(found: list[Column], texts: Sequence[pa.Array]) -> list[Column]:
    """Return the columns with which of them rise while the article stays the same."""
    known = [column for column in found[: len(texts)] if column.content.rows > 1]
    owner = max(
        known,
        key=lambda column: max(column.strength("supplier_sku"), column.strength("ean")),
        default=None,
    )
    if owner is None or owner.content.distinct >= 1:
        return found
    counts = [item.index for item in known if item.content.numeric == 1 and item is not owner]
    rising = series.rises(texts[owner.index], [texts[index] for index in counts])
    rising = {index for index, does in zip(counts, rising, strict=True) if does}
    return [replace(item, rises=True) if item.index in rising else item for item in found]


def _with_held(found: list[Column], texts: Sequence[pa.Array]) -> list[Column]:
    """Return the columns with what their codes have of each other."""
    places = [
        column.index
        for column in found[: len(texts)]
        if max(column.strength(field) for field in CODES) >= 0.2 and column.content.known
    ]
    if len(places) < 2:
        return found
    holds, held = codes.held_in(texts, places)
    return [
        replace(column, holds=float(holds[column.index]), held=float(held[column.index]))
        if column.index in places
        else column
        for column in found
    ]
