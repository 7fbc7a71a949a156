# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Small files that an import must refuse or hold."""

from __future__ import annotations

import random
from collections.abc import Iterable

from .vocabulary import COLOURS

HEADER = "Référence;Code EAN;Désignation;Marque;Prix d'achat HT;Stock"
NO_PRICES = ("sur devis", "", "0,00", "n.c.", "-4,20", "", "0")


def make(rng: random.Random) -> dict[str, bytes]:
    """Return the content of the files by name."""
    numbered = list(enumerate(COLOURS))
    return {
        "empty.csv": b"",
        "binary.csv": b"\0" + rng.randbytes(2047),
        "no_header.csv": _text(
            f"{1002300 + n};3760871{n}0000{n};{4 + n},50;{3 * n}" for n in range(1, 9)
        ),
        "header_only.csv": _text([HEADER]),
        "no_ean_no_sku.csv": _text(
            ["Désignation;Marque;Prix d'achat HT;Stock"]
            + [f"Souris sans fil {word};Pixandre;{8 + n},40;{5 * n}" for n, word in numbered]
        ),
        "all_rows_refused.csv": _text(
            [HEADER]
            + [
                f"R-{n:03d};{3760871000000 + n};Souris {n};Pixandre;{price};{n}"
                for n, price in enumerate(NO_PRICES, start=1)
            ]
        ),
        "wrong_encoding_note.csv": _text(
            ["Fichier exporté en UTF-8 (dit l'expéditeur)", HEADER]
            + [
                f"R-{n + 1:03d};;Clé à écrou {word} « série été »;Ohmélia;{4 + n},20;9"
                for n, word in numbered
            ],
            "cp1252",
        ),
    }


def _text(lines: Iterable[str], encoding: str = "utf-8") -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode(encoding)
