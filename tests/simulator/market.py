"""One invented market: what any EAN sells for on each marketplace, from a seed.

Same seed, same EAN, same tick: same answer, in any process. A tick is a step of time: some prices,
offers, holders and ranks move, nothing else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from .catalogue import Article
from .goods import BUNDLE, PACK, PARENT, PRODUCT, Goods, describe
from .motion import Draws, drift, has_joined, is_present, shuffled
from .numbers import gtin_of, gtins, is_gtin

AMAZON, FNAC, DARTY, CDISCOUNT, MIRAKL = "amazon", "fnac", "darty", "cdiscount", "mirakl"


@dataclass(frozen=True, slots=True)
class Place:
    """One marketplace.

    presence: share of the goods it knows; level: its prices against the recommended ones
    retailer: share of the goods its owner sells itself
    """

    presence: float
    level: float
    retailer: float


PLACES = {
    AMAZON: Place(0.88, 0.86, 0.25),
    "amazon-de": Place(0.84, 0.84, 0.28),
    "amazon-es": Place(0.78, 0.88, 0.22),
    "amazon-it": Place(0.79, 0.87, 0.22),
    FNAC: Place(0.86, 0.90, 0.30),
    DARTY: Place(0.64, 0.92, 0.34),
    CDISCOUNT: Place(0.85, 0.85, 0.22),
    MIRAKL: Place(0.72, 0.93, 0.0),
}
#: share of a catalogue that a demo seller sells itself, and of which goods it may be
OWN_SHARE = 0.18
OWN_AMONG = 2_000

_IN_STORE = ("02", "04", "2")
#: how many listings are kept in memory, and how many pieces of answers each service keeps
_KEPT_LISTINGS = 60_000
KEPT = 25_000


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

    rank: None when the marketplace lost it; used: offers of used ones
    kind, pieces: see :class:`.goods.Goods`
    """

    goods: Goods
    rank: int | None
    offers: tuple[Offer, ...]
    used: tuple[Offer, ...]
    own: bool
    kind: str = PRODUCT
    pieces: int = 1

    @property
    def gtin(self) -> str:
        """GTIN-14 of the article."""
        return self.goods.gtin

    @property
    def winner(self) -> Offer | None:
        """Who holds the buy box."""
        return next((offer for offer in self.offers if offer.winner), None)


class Market:
    """The market of a seed.

    articles: what suppliers say of some EANs; the others are invented from the EAN alone
    clock: seconds, for a market that follows the time
    """

    def __init__(
        self,
        seed: int = 1,
        articles: dict[str, Article] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.seed = seed
        self.articles = articles or {}
        self._clock = clock
        self._tick, self._tick_s, self._since = 0, 0.0, 0.0
        self._listing = lru_cache(maxsize=_KEPT_LISTINGS)(self._make)
        self._goods = lru_cache(maxsize=_KEPT_LISTINGS)(self._describe)

    @property
    def tick(self) -> int:
        """Which step of time it is."""
        if not self._tick_s:
            return self._tick
        return self._tick + int((self._clock() - self._since) / self._tick_s)

    @tick.setter
    def tick(self, value: int) -> None:
        self._tick, self._tick_s = int(value), 0.0

    def follow_clock(self, tick_s: float) -> None:
        """Let time pass by itself from the present tick on.

        tick_s: length of a tick [s], 0 stops the time
        """
        self._tick, self._since, self._tick_s = self.tick, self._clock(), tick_s

    @cached_property
    def gtins(self) -> tuple[str, ...]:
        """The suppliers' GTINs, then the market's own 50,000."""
        return tuple(dict.fromkeys([*self.articles, *gtins(seed=self.seed)]))

    @cached_property
    def _sellable(self) -> tuple[str, ...]:
        """The first of them, among which demo sellers choose."""
        return tuple(dict.fromkeys([*self.articles, *gtins(OWN_AMONG, self.seed)]))[:OWN_AMONG]

    def listing(self, place: str, gtin: str) -> Listing | None:
        """What a marketplace has under an EAN (14 digits), None when it does not know it."""
        return self._listing(place, gtin, self.tick)

    def prepare(self, count: int, places: Iterable[str]) -> None:
        """Make listings before they are asked for, so that a bench measures something else.

        count: how many of the market's own GTINs
        """
        for gtin in gtins(count, self.seed):
            for place in places:
                self.listing(place, gtin)

    def product(self, place: str, asin: str) -> Listing | None:
        """What Amazon has under an ASIN, None when it does not know it."""
        known = gtin_of(asin)
        listing = self.listing(place, known[0]) if known else None
        if listing is None or known[1] >= len(listing.goods.candidates):
            return None
        return candidate(listing, known[1])

    def own_listings(self, place: str, account: str = "") -> Iterator[Listing]:
        """What a demo account sells itself, always in the same order.

        account: empty for the first demo account
        """
        for gtin in self._sellable:
            if not self.is_own(place, gtin, account):
                continue
            listing = self.listing(place, gtin)
            if listing:
                yield listing

    def is_own(self, place: str, gtin: str, account: str = "") -> bool:
        """Whether a demo account sells an EAN itself."""
        name = f"{place}|own|{account}" if account else f"{place}|own"
        return Draws(self.seed, gtin)(name) < OWN_SHARE

    def _describe(self, gtin: str) -> Goods:
        return describe(Draws(self.seed, gtin), self.seed, gtin, self.articles.get(gtin))

    def _make(self, name: str, gtin: str, tick: int) -> Listing | None:
        if not is_gtin(gtin) or gtin[0] != "0" or gtin[1:].startswith(_IN_STORE):
            return None
        draws, place = Draws(self.seed, gtin), PLACES[name]
        if draws(f"{name}|present") >= place.presence:
            return None
        goods = self._goods(gtin)
        return Listing(
            goods=goods,
            rank=_rank(draws, goods, tick),
            offers=_offers(draws, name, place, goods.reference, tick),
            used=_used(draws, name, goods.reference),
            own=draws(f"{name}|own") < OWN_SHARE,
        )


def candidate(listing: Listing, number: int) -> Listing:
    """The n-th product that Amazon has under the same GTIN."""
    if not number:
        return listing
    kind, pieces = listing.goods.candidates[number]
    factor = {PACK: 0.94 * pieces, BUNDLE: 1.35}.get(kind, 1.03)
    offers = () if kind == PARENT else listing.offers[: max(1, len(listing.offers) // 3)]
    offers = [
        replace(offer, price=round(offer.price * factor, 2), winner=False) for offer in offers
    ]
    if offers:
        offers[0] = replace(offers[0], winner=True)
    rank = None if kind == PARENT or not listing.rank else listing.rank + 5000 * number
    return replace(
        listing, rank=rank, offers=tuple(offers), used=(), own=False, kind=kind, pieces=pieces
    )


def _offers(draws: Draws, name: str, place: Place, reference: float, tick: int):
    crowd = draws(f"{name}|crowd")
    count = 0 if crowd < 0.04 else 1 + int(13 * ((crowd - 0.04) / 0.96) ** 2.2)
    level = place.level * math.exp(0.08 * draws.normal("market"))
    level *= math.exp(0.07 * draws.normal(f"{name}|level")) * drift(draws, name, tick)
    offers = []
    for index in range(count + 1):
        seat = f"{name}|{index}"
        if index == count and not (count and has_joined(draws, seat, tick, 0.3)):
            continue
        if index < count and not is_present(draws, seat, tick, 0.88):
            continue
        offers.append(_offer(draws, name, place, index, reference * level))
    offers.sort(key=lambda offer: (offer.landed, offer.seller_id))
    if offers and draws(f"{name}|buy box") >= 0.06:
        # shipped by the marketplace wins up to 4 % dearer
        best = min(
            range(len(offers)),
            key=lambda i: offers[i].landed * (0.96 if offers[i].fulfilled else 1),
        )
        offers[best] = replace(offers[best], winner=True)
    return tuple(offers)


def _offer(draws: Draws, name: str, place: Place, index: int, price: float) -> Offer:
    seat = f"{name}|{index}"
    retailer = index == 0 and draws(f"{name}|retailer") < place.retailer
    fulfilled = retailer or draws(f"{seat}|fulfilled") < 0.45
    spread = 1 + 0.22 * draws(f"{seat}|spread")
    shipping = 0.0
    if not fulfilled and draws(f"{seat}|free") > 0.4:
        shipping = (2.99, 3.99, 4.99, 6.9)[int(4 * draws(f"{index}|shipping"))]
    seller = int(900 * draws(f"{seat}|seller"))
    return Offer(
        seller_id=f"A{seller:03d}SIMSELLER{seller % 10}",
        seller=f"Boutique {seller}",
        price=max(_charm(price * spread, draws(seat)), 0.99),
        shipping=shipping,
        fulfilled=fulfilled,
        retailer=retailer,
    )


def _used(draws: Draws, name: str, reference: float) -> tuple[Offer, ...]:
    crowd = draws(f"{name}|used")
    offers = []
    for index in range(int(8 * (crowd - 0.65)) + 1 if crowd > 0.65 else 0):
        price = reference * (0.45 + 0.3 * draws(f"{name}|used|{index}"))
        seller = int(900 * draws(f"{name}|used|{index}|seller"))
        offers.append(
            Offer(
                seller_id=f"A{seller:03d}SIMSELLER{seller % 10}",
                seller=f"Boutique {seller}",
                price=max(round(price, 2), 0.99),
                shipping=3.99,
                fulfilled=False,
                retailer=False,
            )
        )
    return tuple(sorted(offers, key=lambda offer: (offer.landed, offer.seller_id)))


def _rank(draws: Draws, goods: Goods, tick: int) -> int | None:
    if draws("rank lost") < 0.04:
        return None
    place = draws("rank") + 0.01 * shuffled(draws, "rank", tick)
    return max(1, int(math.exp(min(max(place, 0), 1) * math.log(goods.family.shelf_size))))


def _charm(price: float, draw: float) -> float:
    """A price as shops write it."""
    ending = (0.99, 0.90, 0.95, 0.49)[int(4 * draw)]
    return round(math.floor(price) + ending, 2) if price > 3 else round(price, 2)
