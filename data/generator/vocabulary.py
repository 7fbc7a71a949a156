# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The words the articles are made of, read from the CSV files of ``vocabulary/``."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Language = Literal["fr", "en", "es", "de"]
LANGUAGES: tuple[Language, ...] = ("fr", "en", "es", "de")
COLOURS = ("noir", "blanc", "gris", "bleu", "rouge", "vert", "rose", "jaune")


@dataclass(frozen=True, slots=True)
class Brand:
    """A maker.

    index: place in the file; decides the style of its references
    prefix: GS1 company prefix its EANs open with
    level: its prices against the market's
    """

    index: int
    name: str
    code: str
    country: str
    prefix: str
    level: float
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of article.

    number: place in the file, from 1
    kinds, sections: its own name and its section in a price list, by language
    rrp, weight: lowest and highest [EUR, VAT included; g]; size: typical [mm]
    attributes: variants in French, the dearer and heavier ones last
    style: what a name goes on with: "colour" or "" (a model), "theme", "range"
    containers: packagings, empty when they are not told
    per_hundred: priced per 100 pieces by electrical wholesalers
    eco_tax, levy: [EUR], in French and in Spanish lists
    """

    number: int
    category: str
    kinds: dict[Language, str]
    sections: dict[Language, str]
    rrp: tuple[float, float]
    weight: tuple[int, int]
    size: tuple[int, int, int]
    attributes: tuple[str, ...]
    style: str
    containers: tuple[str, ...]
    per_hundred: bool
    eco_tax: str
    levy: str


@dataclass(frozen=True)
class Vocabulary:
    """All words.

    series: names of series by kind ("model", "range", "theme")
    words: translations of French words, longest first
    """

    brands: tuple[Brand, ...]
    families: tuple[Family, ...]
    series: dict[str, tuple[str, ...]]
    words: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, folder: Path) -> Vocabulary:
        """Read the four files of a folder."""
        series: dict[str, tuple[str, ...]] = {}
        for row in _rows(folder / "series.csv"):
            series[row["kind"]] = (*series.get(row["kind"], ()), row["name"])
        words = sorted(_rows(folder / "words.csv"), key=lambda row: (-len(row["fr"]), row["fr"]))
        return cls(
            brands=tuple(
                _brand(index, row) for index, row in enumerate(_rows(folder / "brands.csv"))
            ),
            families=tuple(
                _family(number, row)
                for number, row in enumerate(_rows(folder / "families.csv"), start=1)
            ),
            series=series,
            words=tuple(words),
        )

    def translate(self, text: str, language: Language) -> str:
        """Translate a French variant word by word, and its numbers into English style."""
        if language == "fr":
            return text
        table = {row["fr"]: row[language] for row in self.words}
        pattern = "|".join(re.escape(word) for word in table)
        text = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda found: table[found[0]], text)
        if language == "en":
            text = re.sub(r"(?<=\d) (?=\d{3}\b)", ",", re.sub(r"(?<=\d),(?=\d)", ".", text))
        return text


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _brand(index: int, row: dict[str, str]) -> Brand:
    return Brand(
        index=index,
        name=row["name"],
        code=row["code"],
        country=row["country"],
        prefix=row["prefix"],
        level=float(row["level"]),
        categories=tuple(row["categories"].split("|")),
    )


def _family(number: int, row: dict[str, str]) -> Family:
    return Family(
        number=number,
        category=row["category"],
        kinds={language: row[language] for language in LANGUAGES},
        sections={language: row[f"section_{language}"] for language in LANGUAGES},
        rrp=(float(row["rrp_min"]), float(row["rrp_max"])),
        weight=(int(row["weight_min_g"]), int(row["weight_max_g"])),
        size=(int(row["length_mm"]), int(row["width_mm"]), int(row["height_mm"])),
        attributes=tuple(row["attributes"].split("|")),
        style=row["style"],
        containers=tuple(filter(None, row["container"].split("|"))),
        per_hundred=bool(row["per_hundred"]),
        eco_tax=row["eco_tax"],
        levy=row["levy"],
    )
