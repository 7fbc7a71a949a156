"""What the figures of two prices say: the dearer one is that of the shelf."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import numbers
from ..rules import Reason
from . import pricewords
from .proposal import SURE, ColumnProposal, Level

_DOUBTS = frozenset({"content-against", "header-repeated", "look-alike"})
_BELOW = 0.9  # share of rows from which the price to pay is the lower one
_DEARER = 0.8  # probability from which a price dearer than that to pay is the retail price


def is_retail(proposals: list[ColumnProposal], texts: list) -> list[ColumnProposal]:
    """Settle the one price that is asked about beside a sure purchase price, when it is dearer.

    Not one that its cells deny, or whose name stands twice.
    """
    paid = [
        item
        for item in proposals
        if item.field == "purchase_price" and item.level == "sure" and item.index < len(texts)
    ]
    asked = [
        item
        for item in proposals
        if item.level == "asked"
        and item.alternatives[:1] == ("recommended_retail_price",)
        and item.confidence >= _DEARER
        and item.index < len(texts)
        and not _DOUBTS.intersection(reason.rule for reason in item.why)
    ]
    if len(paid) != 1 or len(asked) != 1:
        return proposals
    purchase, retail = (_numbers(texts[item.index]) for item in (paid[0], asked[0]))
    both = (purchase > 0) & (retail > 0)
    if not both.any() or (retail[both] > purchase[both]).mean() <= 0.9:
        return proposals
    item = asked[0]
    settled = replace(
        item, field=item.alternatives[0], level="likely", alternatives=item.alternatives[1:]
    )
    return [settled if other is item else other for other in proposals]


def relate(proposals: list[ColumnProposal], texts: list) -> list[ColumnProposal]:
    """Doubt a purchase price that is above the retail price; trust one that is below.

    Two prices of no side in their names, each the lower one in some rows, are both asked about.
    """
    order = sorted(range(len(proposals)), key=lambda position: bool(proposals[position].field))
    place = {_thought(proposals[position]): position for position in order}  # mapped ones last
    fields = ("purchase_price", "recommended_retail_price")
    if not set(fields) <= set(place):
        return proposals
    item, shelf = (proposals[place[field]] for field in fields)
    if not item.field or max(item.index, shelf.index) >= len(texts):
        return proposals
    purchase, retail = (_numbers(texts[one.index]) for one in (item, shelf))
    both = (purchase > 0) & (retail > 0)
    if not both.any():
        return proposals
    below = float((purchase[both] <= retail[both]).mean())
    said = any(pricewords.side(one.column) for one in (item, shelf)) or any(
        reason.rule == "header-is" for reason in item.why
    )
    if below < _BELOW and not said:
        return _look_alike(proposals, item, shelf)
    if not shelf.field:
        return proposals
    if below >= 0.5:
        reason = Reason("below-retail", {"share": f"{below * 100:.0f}"})
        confidence = min(0.99, item.confidence * (1.05 if below > 0.9 else 1.0))
        level: Level = "sure" if confidence >= SURE else "likely"
        changed = replace(
            item, confidence=round(confidence, 2), level=level, why=(*item.why, reason)
        )
    else:
        reason = Reason("above-retail", {"share": f"{(1 - below) * 100:.0f}"})
        changed = replace(
            item,
            field=None,
            confidence=round(item.confidence * 0.6, 2),
            level="asked",
            why=(*item.why, reason),
            alternatives=("purchase_price", *item.alternatives)[:3],
        )
    result = list(proposals)
    result[place["purchase_price"]] = changed
    return result


def _thought(item: ColumnProposal) -> str | None:
    """Return the field a column is given, else the one it is asked about."""
    asked = item.alternatives[:1] if item.level == "asked" else ()
    return item.field or next(iter(asked), None)


def _look_alike(
    proposals: list[ColumnProposal], item: ColumnProposal, shelf: ColumnProposal
) -> list[ColumnProposal]:
    """Ask about two prices that neither their names nor their figures tell apart."""
    changed = {
        one.index: replace(
            one,
            field=None,
            confidence=round(min(0.5, one.confidence), 2),
            level="asked",
            why=(*one.why, Reason("look-alike", {"column": other.column})),
            alternatives=tuple(dict.fromkeys((_thought(one), _thought(other), *one.alternatives)))[
                :3
            ],
        )
        for one, other in ((item, shelf), (shelf, item))
    }
    return [changed.get(other.index, other) for other in proposals]


def _numbers(text) -> np.ndarray:
    return numbers.parse(text, numbers.style_of(text)).value
