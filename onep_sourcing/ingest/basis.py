"""For how many pieces the name of a price column says the price is."""

from __future__ import annotations

import re

from . import arrow, vocabulary

#: `Prix / 100`, `per 1000`, `je 100 Stück`; `Prix 100` alone is the price from 100 pieces on.
_COUNT = re.compile(r"(?:/|\b(?:per|par|pour|pro|je|por|les|voor|za)\s+)\s*(10|100|1 ?000)\b")


def in_header(header: str | None) -> str | None:
    """Return `piece`, `pack` or a number of pieces, None when the header leaves it open."""
    if not header:
        return None
    folded = arrow.fold(arrow.text([header]))[0].as_py()
    counted = _COUNT.search(folded)
    if counted:
        return counted.group(1).replace(" ", "")
    terms = vocabulary.codes("price_basis")
    spaced = f" {re.sub(r'[^a-z0-9]+', ' ', folded).strip()} "
    found = [term for term in terms if f" {term} " in spaced]
    if not found:
        return None
    told = {terms[term] for term in found}
    if {"piece", "pack"} <= told:
        return None  # `prix unitaire carton`: the piece, or the carton?
    # a number of pieces says most: `le cent` beside `pièce`
    return max(told, key=lambda value: (value.isdigit(), value))
