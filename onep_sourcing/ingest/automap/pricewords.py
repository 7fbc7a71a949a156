"""Whose price a header speaks of: that of who buys, or of the shelf; with VAT, of a package.

`pricewords.csv` holds the words: field (or `package`: a dozen, a pallet), language, word, since.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from .. import basis, taxes
from . import lexicon

_PACKAGE = "package"
PATH = Path(__file__).with_name("pricewords.csv")


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    with PATH.open(encoding="utf-8", newline="") as handle:
        return {"".join(lexicon.words(row["word"])): row["field"] for row in csv.DictReader(handle)}


@lru_cache(maxsize=20_000)
def side(header: str) -> str | None:
    """Return the price field that the words of a header are of, None when they are of both."""
    known, table = lexicon.words(header), _words()
    joined = {"".join(known[at : at + size]) for size in (2, 3) for at in range(len(known))}
    found = {table[word] for word in {*known, *joined} if word in table} - {_PACKAGE}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=20_000)
def taxed(header: str) -> bool | None:
    """Tell whether a header says that VAT is in, that it is not, or nothing (None)."""
    words = lexicon.words(header)
    if len(words) > 2 and words[-2:][0] in ("s", "c") and words[-1] in ("iva", "imposto", "tva"):
        return words[-2] == "c"  # `Preço s/IVA`, `Precio c/IVA`
    return taxes.in_header(header)


@lru_cache(maxsize=20_000)
def packed(header: str) -> bool:
    """Tell whether a header says that a price is of a package, or for who takes one."""
    table = _words()
    if any(table.get(word) == _PACKAGE for word in lexicon.words(header)):
        return True
    return basis.in_header(header) == "pack"


@lru_cache(maxsize=20_000)
def pieced(header: str) -> bool:
    """Tell whether a header says that a price is of a piece."""
    return basis.in_header(header) == "piece"
