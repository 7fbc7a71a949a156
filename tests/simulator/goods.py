"""What a GTIN is: the same thing on every marketplace and at any time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .catalogue import Article, plain
from .families import BRANDS, DEFAULT, FAMILIES, Family
from .motion import Draws

#: share of the brands that Amazon lets nobody sell without approval, and those it closes
_GATED, _CLOSED = 0.12, 0.16
_HAZARDOUS = 0.04

PRODUCT, PACK, BUNDLE, DUPLICATE, PARENT = "product", "pack", "bundle", "duplicate", "parent"


@dataclass(frozen=True, slots=True)
class Goods:
    """One article.

    list_price: recommended, VAT included [EUR]; size_mm: length, width, height of the parcel
    candidates: kind and pieces of each product Amazon has under its GTIN, the article first
    access: "yes", "approval" or "no": may anybody sell the brand
    hazardous: Amazon's warehouses refuse it
    """

    gtin: str
    name: str
    brand: str
    family: Family
    list_price: float
    reference: float
    weight_g: float
    size_mm: tuple[float, float, float]
    candidates: tuple[tuple[str, int], ...]
    access: str
    hazardous: bool

    @property
    def title(self) -> str:
        """Name with its brand, as shops write it."""
        if self.name.lower().startswith(self.brand.lower()):
            return self.name
        return f"{self.brand} {self.name}"


def describe(draws: Draws, seed: int, gtin: str, article: Article | None) -> Goods:
    """The article of a GTIN: of the suppliers' catalogue, else invented."""
    family = _family(draws, article)
    reference = (
        article.retail_taxed if article else family.price * math.exp(0.7 * draws.normal("price"))
    )
    if article:  # as measured by the marketplace: a little off the supplier's figures
        weight = article.weight_g * (1 + 0.04 * draws("scale"))
        size = tuple(round(side) for side in article.size_mm)
    else:
        weight = family.weight_g * math.exp(0.6 * draws.normal("weight"))
        weight *= min(max((reference / family.price) ** 0.4, 0.3), 3.0)
        size = _size(draws, weight)
    brand = (article.brand if article else "") or draws.pick("brand", BRANDS)
    access = Draws(seed, plain(brand))("access")
    return Goods(
        gtin=gtin,
        name=article.name if article else _invent_name(draws, family),
        brand=brand,
        family=family,
        list_price=round(reference, 2),
        reference=reference,
        weight_g=round(weight, 0),
        size_mm=size,
        candidates=_candidates(draws),
        access="approval" if access < _GATED else "no" if access < _CLOSED else "yes",
        hazardous=draws("hazardous") < _HAZARDOUS,
    )


def _candidates(draws: Draws) -> tuple[tuple[str, int], ...]:
    several = draws("candidates")
    kinds = [(PRODUCT, 1)]
    if several < 0.08:
        kind = draws("candidate kind")
        if kind < 0.5:
            kinds.append((PACK, draws.pick("pieces", (2, 3, 4, 6))))
        else:
            kinds.append((BUNDLE if kind < 0.75 else DUPLICATE, 1))
    if several < 0.02:
        kinds.append((PARENT, 1))
    return tuple(kinds)


def _family(draws: Draws, article: Article | None) -> Family:
    if article is None:
        return draws.pick("family", FAMILIES)
    for text in (article.category, article.name):
        words = set(plain(text).replace("/", " ").replace("-", " ").split())
        words |= {word.rstrip("sx") for word in words}
        scores = [(len(words & set(family.words)), family) for family in FAMILIES]
        score, family = max(scores, key=lambda pair: pair[0])
        if score:
            return family
    return DEFAULT


def _size(draws: Draws, weight_g: float) -> tuple[float, float, float]:
    volume = weight_g * (2.0 + 4.0 * draws("bulk")) * 1000  # mm3
    edge = volume ** (1 / 3)
    stretch = 1 + draws("stretch")
    sides = sorted((edge * stretch, edge, edge / stretch), reverse=True)
    return tuple(round(max(side, 8), 0) for side in sides)


def _invent_name(draws: Draws, family: Family) -> str:
    noun = draws.pick("noun", family.nouns)
    letter = draws.pick("letter", "ABDEKMRSTX")
    model = f"{letter}{int(900 * draws('model')) + 100}"
    return f"{draws.pick('brand', BRANDS)} {noun} {model}"
