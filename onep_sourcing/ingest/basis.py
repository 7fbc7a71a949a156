"""For how many pieces the name of a price column says the price is."""

from __future__ import annotations

import re

from . import arrow, quantities, vocabulary


def in_header(header: str | None) -> str | None:
    """Return `piece`, `pack` or a number of pieces, None when the header leaves it open."""
    if not header:
        return None
    per = quantities.per_in_header(header)
    if per != 1:
        return f"{per:g}"
    terms = vocabulary.codes("price_basis")
    folded = arrow.fold(arrow.text([header]))[0].as_py()
    spaced = f" {re.sub(r'[^a-z0-9]+', ' ', folded).strip()} "
    told = {terms[term] for term in terms if f" {term} " in spaced}
    # `prix unitaire carton`: the piece, or the carton?
    return told.pop() if len(told) == 1 else None
