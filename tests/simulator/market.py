"""One invented market: what any EAN sells for on each marketplace, from a seed.

Same seed, same EAN, same tick: same answer, in any process. A tick is a step of time: some prices,
holders and ranks move, nothing else.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache

from .catalogue import Article, is_gtin, plain
from .families import BRANDS, DEFAULT, FAMILIES, Family

AMAZON, FNAC, CDISCOUNT = "amazon", "fnac", "cdiscount"
PRESENCE = {AMAZON: 0.88, FNAC: 0.86, CDISCOUNT: 0.85}
LEVEL = {AMAZON: 0.86, FNAC: 0.90, CDISCOUNT: 0.85}
RETAILER = {AMAZON: 0.25, FNAC: 0.30, CDISCOUNT: 0.22}
#: share of the Cdiscount catalogue that the demo seller sells itself
OWN_SHARE = 0.18

_ASIN_SPACE = 36**8
_ASIN_FACTOR = 1_000_000_007 * 5  # odd and not a multiple of 3: invertible
_ASIN_SHIFT = 271_828_182_845
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IN_STORE = ("02", "04", "2")


@dataclass(frozen=True, slots=True)
class Offer:
    """One seller's new offer [EUR, VAT included]."""

    seller_id: str
    seller: str
    price: float
    shipping: float
    fulfilled: bool
    retailer: bool
    winner: bool = False

    @property
    def landed(self) -> float:
        """Price with shipping."""
        return round(self.price + self.shipping, 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """One product on one marketplace; offers come cheapest first.

    size_mm: length, width, height of the parcel; rank None when the marketplace lost it
    """

    gtin: str
    name: str
    brand: str
    family: Family
    list_price: float
    weight_g: float
    size_mm: tuple[float, float, float]
    rank: int | None
    offers: tuple[Offer, ...]
    candidates: int
    own: bool

    @property
    def winner(self) -> Offer | None:
        """Who holds the buy box."""
        return next((offer for offer in self.offers if offer.winner), None)


class Market:
    """The market of a seed.

    articles: what suppliers say of some EANs; the others are invented from the EAN alone
    """

    def __init__(self, seed: int = 1, articles: dict[str, Article] | None = None):
        self.seed = seed
        self.articles = articles or {}
        self.tick = 0
        self._listing = lru_cache(maxsize=50_000)(self._make)

    def listing(self, platform: str, gtin: str) -> Listing | None:
        """What a marketplace has under an EAN (14 digits), None when it does not know it."""
        return self._listing(platform, gtin, self.tick)

    def _draw(self, gtin: str, *salts) -> float:
        """A number in [0, 1) that depends on nothing else."""
        text = "|".join(map(str, (self.seed, gtin, *salts))).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) / 2**64

    def _normal(self, gtin: str, *salts) -> float:
        radius = math.sqrt(-2 * math.log(1 - self._draw(gtin, *salts, "radius")))
        return radius * math.cos(2 * math.pi * self._draw(gtin, *salts, "angle"))

    def _make(self, platform: str, gtin: str, tick: int) -> Listing | None:
        if not is_gtin(gtin) or gtin[0] != "0" or gtin[1:].startswith(_IN_STORE):
            return None
        if self._draw(gtin, platform, "present") >= PRESENCE[platform]:
            return None
        article = self.articles.get(gtin)
        family = self._family(gtin, article)
        reference = self._reference_price(gtin, family, article)
        weight = family.weight_g * math.exp(0.6 * self._normal(gtin, "weight"))
        weight *= min(max((reference / family.price) ** 0.4, 0.3), 3.0)
        size = self._size(gtin, weight)
        if article:  # as measured by the marketplace: a little off the supplier's figures
            weight = article.weight_g * (1 + 0.04 * self._draw(gtin, "scale"))
            size = tuple(round(side) for side in article.size_mm)
        several = self._draw(gtin, "candidates")
        return Listing(
            gtin=gtin,
            name=article.name if article else self._invent_name(gtin, family),
            brand=(article.brand if article else "") or self._pick(gtin, "brand", BRANDS),
            family=family,
            list_price=round(reference, 2),
            weight_g=round(weight, 0),
            size_mm=size,
            rank=self._rank(gtin, platform, family, tick),
            offers=self._offers(gtin, platform, reference, tick),
            candidates=3 if several < 0.01 else 2 if several < 0.05 else 1,
            own=self._draw(gtin, platform, "own") < OWN_SHARE,
        )

    def _family(self, gtin: str, article: Article | None) -> Family:
        if article is None:
            return self._pick(gtin, "family", FAMILIES)
        for text in (article.category, article.name):
            words = set(plain(text).replace("/", " ").replace("-", " ").split())
            words |= {word.rstrip("sx") for word in words}
            scores = [(len(words & set(family.words)), family) for family in FAMILIES]
            score, family = max(scores, key=lambda pair: pair[0])
            if score:
                return family
        return DEFAULT

    def _reference_price(self, gtin: str, family: Family, article: Article | None) -> float:
        """Price a shop would put on it, VAT included."""
        if article:
            return article.retail_taxed
        return family.price * math.exp(0.7 * self._normal(gtin, "price"))

    def _offers(self, gtin: str, platform: str, reference: float, tick: int) -> tuple[Offer, ...]:
        crowd = self._draw(gtin, platform, "crowd")
        count = 0 if crowd < 0.04 else 1 + int(13 * ((crowd - 0.04) / 0.96) ** 2.2)
        level = LEVEL[platform] * math.exp(0.08 * self._normal(gtin, "market"))
        level *= math.exp(0.07 * self._normal(gtin, platform, "level")) * self._drift(
            gtin, platform, tick
        )
        offers = []
        for index in range(count):
            retailer = index == 0 and self._draw(gtin, platform, "retailer") < RETAILER[platform]
            fulfilled = retailer or self._draw(gtin, platform, index, "fulfilled") < 0.45
            spread = 1 + 0.22 * self._draw(gtin, platform, index, "spread")
            price = max(_charm(reference * level * spread, self._draw(gtin, platform, index)), 0.99)
            shipping = 0.0
            if not fulfilled and self._draw(gtin, platform, index, "free") > 0.4:
                shipping = (2.99, 3.99, 4.99, 6.9)[int(4 * self._draw(gtin, index, "shipping"))]
            seller = int(900 * self._draw(gtin, platform, index, "seller"))
            offers.append(
                Offer(
                    seller_id=f"A{seller:03d}SIMSELLER{seller % 10}",
                    seller=f"Boutique {seller}",
                    price=price,
                    shipping=shipping,
                    fulfilled=fulfilled,
                    retailer=retailer,
                )
            )
        offers.sort(key=lambda offer: (offer.landed, offer.seller_id))
        if not offers or self._draw(gtin, platform, "buy box") < 0.06:
            return tuple(offers)
        # shipped by the marketplace wins up to 4 % dearer
        best = min(
            range(count), key=lambda i: offers[i].landed * (0.96 if offers[i].fulfilled else 1)
        )
        winner = offers[best]
        offers[best] = Offer(
            winner.seller_id,
            winner.seller,
            winner.price,
            winner.shipping,
            winner.fulfilled,
            winner.retailer,
            winner=True,
        )
        return tuple(offers)

    def _drift(self, gtin: str, platform: str, tick: int) -> float:
        """How far prices have moved since tick 0: three in ten move at each tick."""
        moved = sum(
            self._normal(gtin, platform, "drift", step)
            for step in range(1, tick + 1)
            if self._draw(gtin, platform, "moves", step) < 0.3
        )
        return math.exp(min(max(0.03 * moved, -0.3), 0.3))

    def _rank(self, gtin: str, platform: str, family: Family, tick: int) -> int | None:
        if self._draw(gtin, "rank lost") < 0.04:
            return None
        place = self._draw(gtin, "rank") + 0.01 * self._normal(gtin, "rank", tick)
        return max(1, int(math.exp(min(max(place, 0), 1) * math.log(family.shelf_size))))

    def _size(self, gtin: str, weight_g: float) -> tuple[float, float, float]:
        volume = weight_g * (2.0 + 4.0 * self._draw(gtin, "bulk")) * 1000  # mm3
        edge = volume ** (1 / 3)
        stretch = 1 + self._draw(gtin, "stretch")
        sides = sorted((edge * stretch, edge, edge / stretch), reverse=True)
        return tuple(round(max(side, 8), 0) for side in sides)

    def _invent_name(self, gtin: str, family: Family) -> str:
        noun = self._pick(gtin, "noun", family.nouns)
        letter = self._pick(gtin, "letter", "ABDEKMRSTX")
        model = f"{letter}{int(900 * self._draw(gtin, 'model')) + 100}"
        return f"{self._pick(gtin, 'brand', BRANDS)} {noun} {model}"

    def _pick(self, gtin: str, salt: str, choices):
        return choices[int(len(choices) * self._draw(gtin, salt))]


def asin(gtin: str, candidate: int = 0) -> str:
    """Amazon's number of a GTIN's n-th product; :func:`gtin_of` undoes it."""
    number = (int(gtin[:13]) * _ASIN_FACTOR + _ASIN_SHIFT) % _ASIN_SPACE
    text = ""
    for _digit in range(8):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return f"B{candidate}{text}"


def gtin_of(code: str) -> tuple[str, int] | None:
    """GTIN and candidate number of an ASIN, None when it is none of ours."""
    if len(code) != 10 or code[0] != "B" or not code[1].isdigit() or not set(code) <= set(_DIGITS):
        return None
    number = (int(code[2:], 36) - _ASIN_SHIFT) * pow(_ASIN_FACTOR, -1, _ASIN_SPACE) % _ASIN_SPACE
    body = f"{number:013d}"
    total = sum(int(d) * w for d, w in zip(body, (3, 1) * 7, strict=False))
    gtin = f"{body}{(10 - total % 10) % 10}"
    return (gtin, int(code[1])) if len(gtin) == 14 else None


def _charm(price: float, draw: float) -> float:
    """A price as shops write it."""
    ending = (0.99, 0.90, 0.95, 0.49)[int(4 * draw)]
    return round(math.floor(price) + ending, 2) if price > 3 else round(price, 2)
