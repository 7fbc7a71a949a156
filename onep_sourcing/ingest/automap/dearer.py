"""What the figures of two prices say: the dearer one is that of the shelf."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import numbers
from ..rules import Reason
from .proposal import SURE, ColumnProposal, Level

_DOUBTS = frozenset({"content-against", "header-repeated", "look-alike"})
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
    """Doubt a purchase price that is above the retail price; trust one that is below."""
    place = {item.field: position for position, item in enumerate(proposals) if item.field}
    fields = ("purchase_price", "recommended_retail_price")
    if not set(fields) <= set(place):
        return proposals
    if any(proposals[place[field]].index >= len(texts) for field in fields):
        return proposals
    purchase, retail = (_numbers(texts[proposals[place[field]].index]) for field in fields)
    both = (purchase > 0) & (retail > 0)
    if not both.any():
        return proposals
    below = float((purchase[both] <= retail[both]).mean())
    item = proposals[place["purchase_price"]]
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


def _numbers(text) -> np.ndarray:
    return numbers.parse(text, numbers.style_of(text)).value
