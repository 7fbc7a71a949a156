"""Whose price a header speaks of: that of who buys, or of the shelf; with VAT, of a package.

`pricewords.csv` holds the words: field, language, word, since. Beside the fields: `package` (a
dozen, a pallet), `price` (anybody's), `quantity` (`EK Menge` is no price), `sales_unit` (`prix à
l'unité de vente` says nothing of who sells).
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from .. import basis, taxes
from . import lexicon

_PACKAGE, _PRICE, _QUANTITY, _SALES_UNIT = "package", "price", "quantity", "sales_unit"
#: Languages whose compounds name the thing last (`EK Menge`); in the others it comes first.
_NAMED_LAST = frozenset({"de", "en", "nl"})
PATH = Path(__file__).with_name("pricewords.csv")


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    return {word: field for field, _language, word in _rows()}


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    return {word: language for _field, language, word in _rows()}


def _rows() -> list[tuple[str, str, str]]:
    with PATH.open(encoding="utf-8", newline="") as handle:
        return [
            (row["field"], row["language"], "".join(lexicon.words(row["word"])))
            for row in csv.DictReader(handle)
        ]


@lru_cache(maxsize=20_000)
def side(header: str) -> str | None:
    """Return the price field that the words of a header are of, None when they are of both."""
    known, table = lexicon.words(without_unit(header)), _words()
    joined = {"".join(known[at : at + size]) for size in (2, 3) for at in range(len(known))}
    found = {table[word] for word in {*known, *joined} if word in table}
    found -= {_PACKAGE, _PRICE, _QUANTITY, _SALES_UNIT}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=20_000)
def without_unit(header: str) -> str:
    """Return a header without the words for the unit that is sold, itself when it has none."""
    known, table = lexicon.words(header), _words()
    for size in (3, 2, 1):
        for at in range(len(known) - size + 1):
            if table.get("".join(known[at : at + size])) == _SALES_UNIT:
                return " ".join((*known[:at], *known[at + size :]))
    return header


@lru_cache(maxsize=20_000)
def counts(header: str) -> bool:
    """Tell whether a header is of a quantity, if it has a price's words too: `EK Menge`."""
    known, table = lexicon.words(header), _words()
    quantities = [place for place, word in enumerate(known) if table.get(word) == _QUANTITY]
    if not quantities:
        return False
    prices = [
        place
        for place, word in enumerate(known)
        if table.get(word, _PACKAGE) not in (_PACKAGE, _QUANTITY, _SALES_UNIT)
    ]
    if not prices:
        return True
    if _languages()[known[quantities[0]]] in _NAMED_LAST:
        return quantities[-1] > prices[-1]
    return quantities[0] < prices[0]


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
