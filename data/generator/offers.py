# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What each supplier asks for which article, with the faults real lists have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .articles import Article, Inventor
from .draws import stream
from .suppliers import RATES, SUPPLIERS, Supplier
from .vocabulary import Vocabulary

VAT = 1.2
#: Faults that stand on an article's own line.
ARTICLE_FAULTS = ("on_request", "missing_price", "zero_price", "bad_check_digit", "without_ean")
#: Share of the offers without stock, and with more than a thousand pieces.
SOLD_OUT, PLENTY = 0.11, 0.015


@dataclass(frozen=True)
class Offer:
    """An article in a supplier's list.

    position: 1-based place among the list's articles, from which its SKU comes
    ean: as the list has it: right, wrong or empty
    price, retail: untaxed for one piece, recommended with VAT [cents of the list's currency]
    fault: one of ARTICLE_FAULTS, or empty; no_price: words in place of the price
    whim: a number in [0, 1) for a layout that writes some lines in another way
    """

    position: int
    article: Article
    ean: str
    price: int
    retail: int
    stock: int
    minimum: int
    pack: int
    whim: float
    fault: str = ""
    no_price: str = ""

    @property
    def has_right_ean(self) -> bool:
        """Whether the line has the article's EAN."""
        return self.ean == self.article.ean


def make_offers(vocabulary: Vocabulary, seed: int) -> Iterator[tuple[Supplier, list[Offer]]]:
    """Yield the offers of each supplier, in the order of its list."""
    inventor = Inventor(vocabulary, stream(seed, "articles"))
    sold: dict[str, list[Article]] = {}
    asked: dict[str, set[int]] = {}
    for supplier in SUPPLIERS:
        rng = stream(seed, "offers", supplier.file)
        articles = sorted(_choose(supplier, inventor, sold, rng), key=lambda item: item.order)
        offers = [
            _offer(position, article, supplier, asked.setdefault(article.ean, set()), rng)
            for position, article in enumerate(articles, start=1)
        ]
        yield supplier, _spoil(offers, supplier, rng)


def _choose(
    supplier: Supplier, inventor: Inventor, sold: dict[str, list[Article]], rng: random.Random
) -> list[Article]:
    """Return the supplier's articles: some that others sell already, the rest new."""
    chosen: list[Article] = []
    for part in supplier.ranges:
        known = sold.setdefault(part.category, [])
        shared = rng.sample(known, part.shared)
        new = [inventor.invent(part.category) for _ in range(part.articles - part.shared)]
        known += new
        chosen += shared + new
    return chosen


def _offer(
    position: int, article: Article, supplier: Supplier, asked: set[int], rng: random.Random
) -> Offer:
    share = article.cost + rng.uniform(-0.035, 0.035)
    price = round(article.rrp / VAT * share)
    while price in asked:  # no two suppliers ask the same
        price += 1
    asked.add(price)
    retail = article.rrp
    if supplier.currency != "EUR":
        price = round(price * RATES[supplier.currency])
        retail = round(retail * RATES[supplier.currency] / 10) * 10 - 1
    pack = rng.choice(_packs(article))
    return Offer(
        position=position,
        article=article,
        ean=article.ean,
        price=price,
        retail=retail,
        stock=_stock(rng),
        minimum=rng.choice((1, pack)),
        pack=pack,
        whim=rng.random(),
    )


def _packs(article: Article) -> tuple[int, ...]:
    """Return how many pieces a carton may hold."""
    if article.family.per_hundred:
        return 10, 25, 50
    if article.rrp < 1000:
        return 4, 6, 10, 12, 24
    if article.rrp < 3000:
        return 2, 3, 4, 6, 12
    return (1, 1, 2, 4) if article.rrp < 8000 else (1,)


def _stock(rng: random.Random) -> int:
    """Return pieces in stock: often few, seldom many."""
    chance, share, few = rng.random(), rng.random(), rng.randint(1, 15)
    if chance < SOLD_OUT:
        return 0
    if chance > 1 - PLENTY:
        return rng.randint(1000, 2400)
    return few + int(300 * share * share * share)


def _spoil(offers: list[Offer], supplier: Supplier, rng: random.Random) -> list[Offer]:
    """Return the offers with the supplier's number of faults, each on a line of its own."""
    counts = supplier.refused | {
        "bad_check_digit": supplier.bad_check_digit,
        "without_ean": supplier.without_ean,
    }
    faults = [fault for fault in ARTICLE_FAULTS for _ in range(counts.get(fault, 0))]
    offers = list(offers)
    for place, fault in zip(rng.sample(range(len(offers)), len(faults)), faults, strict=True):
        offer = replace(offers[place], fault=fault)
        if fault == "on_request":
            offer = replace(offer, no_price=rng.choice(supplier.no_price))
        elif fault == "bad_check_digit":
            offer = replace(offer, ean=_misread(offer.ean, rng))
        elif fault == "without_ean":
            offer = replace(offer, ean="")
        offers[place] = offer
    return offers


def _misread(ean: str, rng: random.Random) -> str:
    """Return an EAN with one digit of the article's number wrong, so that the check fails."""
    place = rng.randint(7, 11)
    digit = (int(ean[place]) + rng.randint(1, 9)) % 10
    return f"{ean[:place]}{digit}{ean[place + 1 :]}"
