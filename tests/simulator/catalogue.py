"""Articles of the demo suppliers' files, so that the market speaks of the same goods."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

FILE = "demo_catalogue.csv"


@dataclass(frozen=True, slots=True)
class Article:
    """What the demo's catalogue says of an EAN.

    retail_taxed: recommended price, VAT included [EUR]
    weight_g, size_mm: packed [g, mm: length, width, height]
    """

    name: str
    brand: str
    category: str
    retail_taxed: float
    weight_g: float
    size_mm: tuple[float, float, float]


def plain(text: str) -> str:
    """Lower case without accents."""
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def read(folder: Path) -> dict[str, Article]:
    """Articles by GTIN-14 of the folder's demo catalogue, none when it has none."""
    path = folder / FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["ean"].zfill(14): Article(
                name=row["name"],
                brand=row["brand"],
                category=row["category"],
                retail_taxed=float(row["rrp_taxed"]),
                weight_g=float(row["weight_g"]),
                size_mm=(
                    float(row["length_mm"]),
                    float(row["width_mm"]),
                    float(row["height_mm"]),
                ),
            )
            for row in csv.DictReader(stream)
        }
