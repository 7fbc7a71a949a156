"""The market: the same for a seed, believable, and moving."""

import subprocess
import sys
from pathlib import Path

import pytest

from .market import AMAZON, CDISCOUNT, DARTY, FNAC, MIRAKL, PLACES, Market
from .numbers import asin, gtin_of, gtins, is_gtin
from .wire import GTINS

ROOT = Path(__file__).resolve().parents[2]
MAIN = (AMAZON, FNAC, DARTY, CDISCOUNT, MIRAKL)


@pytest.fixture(scope="module")
def market():
    return Market(1)


def test_same_seed_same_market():
    first, second, other = Market(1), Market(1), Market(2)
    for place in PLACES:
        seen = [first.listing(place, g) for g in GTINS[:200]]
        assert seen == [second.listing(place, g) for g in GTINS[:200]]
        assert seen != [other.listing(place, g) for g in GTINS[:200]]


def test_same_answers_in_another_process():
    code = (
        "from tests.simulator.market import Market, AMAZON, MIRAKL\n"
        "market = Market(7); market.tick = 123\n"
        "print([market.listing(p, g) for p in (AMAZON, MIRAKL) for g in market.gtins[:40]])"
    )
    market = Market(7)
    market.tick = 123
    here = [market.listing(p, g) for p in (AMAZON, MIRAKL) for g in market.gtins[:40]]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(here)


def test_fifty_thousand_gtins():
    numbers = gtins()
    assert len(set(numbers)) == len(numbers) == 50_000
    assert all(map(is_gtin, numbers))
    assert numbers[:20] == gtins(20)
    assert numbers != gtins(seed=2)
    assert any(number.startswith("00") for number in numbers), "some are printed as UPC"


@pytest.mark.parametrize("place", MAIN)
def test_market_is_believable(market, place):
    listings = [listing for g in GTINS if (listing := market.listing(place, g))]
    presence = PLACES[place].presence
    assert presence - 0.05 < len(listings) / len(GTINS) < presence + 0.05
    sold = [listing for listing in listings if listing.offers]
    assert 0.9 < len(sold) / len(listings) < 0.99
    assert 0.85 < sum(bool(listing.winner) for listing in sold) / len(sold) < 0.97
    for listing in sold:
        landed = [offer.landed for offer in listing.offers]
        assert landed == sorted(landed)
        assert sum(offer.winner for offer in listing.offers) <= 1
        assert all(0 < offer.price < 20_000 for offer in listing.offers)
    retailer = sum(any(o.retailer for o in one.offers) for one in sold) / len(sold)
    assert abs(retailer - PLACES[place].retailer) < 0.06
    fulfilled = [offer.fulfilled for listing in sold for offer in listing.offers]
    assert 0.35 < sum(fulfilled) / len(fulfilled) < 0.65


def test_one_ean_costs_something_else_elsewhere(market):
    everywhere = [
        [market.listing(place, g) for place in (AMAZON, FNAC, CDISCOUNT, MIRAKL)] for g in GTINS
    ]
    sold = [row for row in everywhere if all(one and one.offers for one in row)]
    assert len(sold) > 500
    different = [len({one.offers[0].price for one in row}) > 1 for row in sold]
    assert sum(different) / len(different) > 0.95
    near = [row[0].offers[0].price / row[1].offers[0].price for row in sold]
    assert all(0.4 < ratio < 2.5 for ratio in near)


def test_an_ean_may_be_several_products(market):
    listings = [listing for g in GTINS if (listing := market.listing(AMAZON, g))]
    counts = [len(listing.goods.candidates) for listing in listings]
    assert 0.04 < sum(count > 1 for count in counts) / len(counts) < 0.12
    kinds = {kind for listing in listings for kind, _pieces in listing.goods.candidates}
    assert kinds == {"product", "pack", "bundle", "duplicate", "parent"}
    for listing in listings:
        for number, (kind, pieces) in enumerate(listing.goods.candidates):
            product = market.product(AMAZON, asin(listing.gtin, number))
            assert (product.kind, product.pieces) == (kind, pieces)
            if kind == "parent":
                assert not product.offers
            if kind == "pack" and listing.offers and product.offers:
                assert product.offers[0].price > 1.5 * listing.offers[0].price
        assert market.product(AMAZON, asin(listing.gtin, 9)) is None


def test_some_brands_are_closed(market):
    listings = [one for g in market.gtins[:3000] if (one := market.listing(AMAZON, g))]
    by_brand = {}
    for listing in listings:
        by_brand.setdefault(listing.goods.brand, set()).add(listing.goods.access)
    assert all(len(found) == 1 for found in by_brand.values()), "a brand is closed as a whole"
    assert 0.01 < sum(one.goods.hazardous for one in listings) / len(listings) < 0.08


def test_a_tick_moves_some_prices_only():
    market = Market(1)
    before = [market.listing(AMAZON, g) for g in GTINS[:500]]
    market.tick = 1
    after = [market.listing(AMAZON, g) for g in GTINS[:500]]
    moved = [a.offers != b.offers for a, b in zip(before, after, strict=True) if a]
    assert 0.05 < sum(moved) / len(moved) < 0.5
    assert [a and a.goods for a in before] == [b and b.goods for b in after]
    market.tick = 0
    assert [market.listing(AMAZON, g) for g in GTINS[:500]] == before


def test_holders_offers_and_ranks_change_in_time():
    market = Market(1)
    seen = []
    for tick in (0, 30, 60, 5_000):
        market.tick = tick
        seen.append([market.listing(AMAZON, g) for g in GTINS[:400]])
    first, *later = seen
    for listings in later:
        pairs = [(a, b) for a, b in zip(first, listings, strict=True) if a and a.winner]
        holders = [b.winner and b.winner.seller_id for _a, b in pairs]
        changed = [a.winner.seller_id != h for (a, _b), h in zip(pairs, holders, strict=True)]
        assert 0.05 < sum(changed) / len(changed) < 0.8
        counts = [len(a.offers) != len(b.offers) for a, b in pairs]
        assert 0.05 < sum(counts) / len(counts) < 0.9
        assert sum(a.rank != b.rank for a, b in pairs) / len(pairs) > 0.5
        prices = [b.offers[0].price / a.offers[0].price for a, b in pairs if b.offers]
        assert 0.9 < sum(prices) / len(prices) < 1.1, "prices come back"


def test_the_market_may_follow_the_clock():
    now = [100.0]
    market = Market(1, clock=lambda: now[0])
    market.tick = 4
    market.follow_clock(10)
    assert market.tick == 4
    now[0] += 25
    assert market.tick == 6
    market.follow_clock(0)
    now[0] += 1000
    assert market.tick == 6


def test_in_store_and_wrong_numbers_are_nowhere(market):
    for number in ("02100000000005", "00400000000004", GTINS[0][:13] + "x", "1" + GTINS[0][1:]):
        assert market.listing(AMAZON, number) is None


def test_asin_leads_back_to_its_ean():
    for g in GTINS[:300]:
        assert gtin_of(asin(g)) == (g, 0)
        assert gtin_of(asin(g, 2)) == (g, 2)
    assert len({asin(g) for g in GTINS}) == len(GTINS)
    assert gtin_of("B0lower123") is None
