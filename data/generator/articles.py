# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Articles invented from the vocabulary."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .vocabulary import COLOURS, LANGUAGES, Brand, Family, Language, Vocabulary

#: How a language counts the articles of a theme.
ISSUE = {"fr": "n° {}", "en": "No. {}", "es": "n.º {}", "de": "Nr. {}"}
#: Share of the articles that are not made in the country of their brand.
MADE_IN_CHINA = 0.45


@dataclass(frozen=True, slots=True)
class Wording:
    """An article in one language: "Souris sans fil", "Prisme 820", "1600 dpi, noir"."""

    kind: str
    series: str
    detail: str

    @property
    def name(self) -> str:
        """Name without the brand."""
        return f"{self.kind} {self.series}, {self.detail}"


@dataclass(frozen=True)
class Article:
    """Something a brand makes.

    number: its number among the brand's articles, part of the EAN
    rrp: recommended price [cents EUR, VAT of 20 % included]
    cost: share of the untaxed recommended price that a reseller pays, before who sells it
    weight: [g]; size: length, width, height, packed [mm]
    """

    number: int
    ean: str
    brand: Brand
    family: Family
    words: dict[Language, Wording]
    container: str
    origin: str
    rrp: int
    cost: float
    weight: int
    size: tuple[int, int, int]

    @property
    def reference(self) -> str:
        """The maker's own reference, in the style of the brand."""
        brand, family = self.brand, self.family
        match brand.index % 3:
            case 0:
                return f"{brand.code}{self.number:05d}.{family.number % 7}"
            case 1:
                return f"{self.number:06d}"
            case _:
                return f"{brand.code[:2]}-{family.number:02d}{self.number:05d}"

    @property
    def order(self) -> tuple[int, str, int]:
        """Where the article stands in a price list."""
        return self.family.number, self.brand.name, self.number


class Inventor:
    """Invents articles; no two have the same EAN or the same name under one brand."""

    def __init__(self, vocabulary: Vocabulary, rng: random.Random):
        self.vocabulary = vocabulary
        self.rng = rng
        self.numbers = {brand.code: rng.randint(1_000, 60_000) for brand in vocabulary.brands}
        self.known: set[tuple[str, str]] = set()

    def invent(self, category: str) -> Article:
        """Return a new article of a category."""
        rng = self.rng
        families = [item for item in self.vocabulary.families if item.category == category]
        brands = [item for item in self.vocabulary.brands if category in item.categories]
        while True:
            family, brand = rng.choice(families), rng.choice(brands)
            attribute = rng.choice(family.attributes)
            words = self._words(family, attribute)
            if (key := (brand.code, words["fr"].name)) not in self.known:
                self.known.add(key)
                return self._article(family, brand, attribute, words)

    def _words(self, family: Family, attribute: str) -> dict[Language, Wording]:
        series = self.rng.choice(self.vocabulary.series[_series_kind(family)])
        place = self.rng.randint(1, 39)
        model = f"{series} {self.rng.randint(10, 99) * 10}"
        colour = self.rng.choice(COLOURS)
        words: dict[Language, Wording] = {}
        for language in LANGUAGES:
            title, detail = model, self.vocabulary.translate(attribute, language)
            if family.style == "theme":
                theme = self.vocabulary.translate(series, language)
                title = f"{theme} {ISSUE[language].format(place)}"
            elif family.style == "range":
                title = series
            elif family.style == "colour":
                detail += ", " + self.vocabulary.translate(colour, language)
            words[language] = Wording(family.kinds[language], title, detail)
        return words

    def _article(
        self, family: Family, brand: Brand, attribute: str, words: dict[Language, Wording]
    ) -> Article:
        rng = self.rng
        self.numbers[brand.code] += rng.randint(1, 30)
        number = self.numbers[brand.code]
        last = max(1, len(family.attributes) - 1)
        rank = family.attributes.index(attribute) / last
        price = _between(family.rrp, 0.4 * rank + 0.6 * rng.triangular(0, 1, 0.25))
        bulk = 0.5 * rank + 0.5 * rng.random()
        length, width, height = (max(5, round(side * (0.86 + 0.28 * bulk))) for side in family.size)
        return Article(
            number=number,
            ean=ean13(f"{brand.prefix}{number:05d}"),
            brand=brand,
            family=family,
            words=words,
            container=rng.choice(family.containers) if family.containers else "",
            origin="CN" if rng.random() < MADE_IN_CHINA else brand.country,
            rrp=retail_price(price * brand.level, rng),
            cost=rng.triangular(0.50, 0.70, 0.60),
            weight=round(_between(family.weight, bulk)),
            size=(length, width, height),
        )


def ean13(body: str) -> str:
    """Return 12 digits with their check digit behind."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def retail_price(value: float, rng: random.Random) -> int:
    """Return a price near a value as a shop would write it [EUR → cents]."""
    endings = (90, 90, 95, 95, 99, 99, 99, *((50, 50) if value < 20 else ()))
    return 100 * max(1, int(value - 0.4)) + rng.choice(endings)


def _series_kind(family: Family) -> str:
    return family.style if family.style in ("theme", "range") else "model"


def _between(limits: tuple[float, float], share: float) -> float:
    low, high = limits
    return low + (high - low) * share
