"""What cells say of each field, learned: traits of a column's content, weighed field by field."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .evidence import Content
from .within import NOWHERE, Within

NAMES = (
    "known",
    "empty",
    "numeric",
    "whole",
    "count",
    "letters",
    "blanks",
    "mixed",
    "even",
    "url",
    "image",
    "gtin",
    "digits",
    "availability",
    "currency",
    "country",
    "date",
    "customs",
    "vat",
    "length",
    "long",
    "size",
    "large",
    "distinct",
    "constant",
    "ordinal",
    "measure",
    "unit",
    "brand",
    "condition",
    "inside",
    "opens",
    "holding",
)


def matrix(contents: Sequence[Content], places: Sequence[Within] | None = None) -> np.ndarray:
    """Return the traits (contents × NAMES), each about -1 to 2, all 0 where nothing is known.

    places: where the texts of each column stand
    """
    places = places or [NOWHERE] * len(contents)
    found = [_of(content, where) for content, where in zip(contents, places, strict=True)]
    return np.array(found).reshape(len(contents), len(NAMES))


def _of(content: Content, where: Within) -> list[float]:
    told = dict.fromkeys(NAMES, 0.0)
    if not content.known:
        told["empty"] = float(content.rows > 0)
        return list(told.values())
    for name in ("numeric", "count", "letters", "blanks", "mixed", "even", "url", "image"):
        told[name] = getattr(content, name)
    for name in ("gtin", "availability", "currency", "country", "date", "customs", "distinct"):
        told[name] = getattr(content, name)
    for name in ("measure", "unit", "brand", "condition"):
        told[name] = getattr(content, name)
    told |= where._asdict()
    told |= {
        "known": 1.0,
        "empty": 1 - content.filled,
        "length": min(2.0, math.log1p(content.length) / 2 - 1),
        "long": float(content.length > 40),
        "constant": float(content.is_constant),
        "ordinal": float(content.ordinal),
    }
    if content.numeric > 0.5:
        middle = 0.0 if math.isnan(content.middle) else content.middle
        told |= {
            "whole": content.whole,
            "vat": content.vat,
            "digits": float(content.long_digits > 0.5),
            "large": float(middle >= 1000),
        }
        if content.gtin < 0.5:
            told["size"] = min(2.0, max(-1.0, math.log10(max(middle, 0.01)) / 2))
    return list(told.values())
