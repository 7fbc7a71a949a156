"""The margin engine on random deals with every cost line on, against one deal at a time.

`./onep bench margin [--deals N]` lands and prices N deals a page at a time, as an evaluation does,
on one core, and a sample of the same deals with the reference of the tests, in plain Python with
floats. Both are counted in seconds of processor, best of several rounds, so that a busy machine
does not change the ratio; seconds on the clock are told beside. The sample must give the same
lines to a cent.

`[--offers N]` offers are then priced on three marketplaces and stored, in the database: see
margin_database.py.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from launcher import pure

from . import margin_database
from .figures import Figure

landed_cost = pure.load("onep_margin.engine.landed")
margin = pure.load("onep_margin.engine.margin")
bounds = pure.load("onep_margin.engine.bounds")
random_deals = pure.load("onep_margin.tests.random_deals")
reference = pure.load("onep_margin.tests.reference")

#: Deals an evaluation reads at a time.
PAGE = 100_000
SAMPLE = 3_000
ROUNDS = 5
CENT = 0.01


def main(argv: list[str]) -> list[Figure]:
    parser = argparse.ArgumentParser(prog="./onep bench margin", description=__doc__)
    parser.add_argument("--deals", type=int, default=1_000_000, help="deals to price; 0: no engine")
    parser.add_argument(
        "--offers", type=int, default=300_000, help="offers to price and store; 0: no database"
    )
    args = parser.parse_args(argv)
    figures = _measure_engine(args.deals) if args.deals else []
    return figures + (margin_database.measure(args.offers) if args.offers else [])


def _measure_engine(count: int) -> list[Figure]:
    """Measure the engine on `count` deals, and the reference on a sample."""
    card, tables = random_deals.card(), random_deals.tables()
    deals = random_deals.RandomDeals(1, count, card, tables)
    pages = [_page(deals, start) for start in range(0, count, PAGE)]
    # An evaluation fills the same columns for each of its pages.
    size = min(PAGE, count)
    out = landed_cost.LandedCost.empty(size), margin.MarginResult.empty(size)
    on_core, on_clock = _best(lambda: [_price(page, card, tables, *out) for page in pages])
    bounds_core, _clock = _best(lambda: [_bounds(page, card, tables) for page in pages])
    sample = random_deals.RandomDeals(2, SAMPLE, card, tables)
    rows = list(sample.rows(float))
    one_by_one = reference.Reference(number=float)
    row_core, _clock = _best(lambda: [_row(one_by_one, *row) for row in rows], rounds=2)
    speed, row_speed = count / on_core, SAMPLE / row_core
    return [
        Figure("margin.deals_per_second", speed, 2_000_000),
        Figure("margin.deals_per_second_clock", count / on_clock),
        Figure("margin.with_bounds_per_second", count / (on_core + bounds_core)),
        Figure("margin.reference_deals_per_second", row_speed),
        Figure("margin.vs_reference", speed / row_speed, 20),
        Figure("margin.known_share", _known_share(pages[0], card, tables)),
        Figure("margin.largest_difference", _difference(sample, rows, one_by_one), CENT, "lower"),
    ]


def _page(deals, start: int):
    """Return (offers, columns of the sale) of one page."""
    part = slice(start, start + PAGE)
    sale = {
        name: column[part] if isinstance(column, np.ndarray) else column
        for name, column in deals.sale().items()
    }
    return deals.purchase().take(part), sale


def _price(page, card, tables, costs=None, results=None):
    """Land and price a page, into columns of its size when they are given."""
    purchase, sale = page
    fits = costs is not None and len(costs) == len(purchase)
    landed = landed_cost.land(purchase, tables, costs if fits else None)
    batch = landed.deals(**sale)
    return batch, margin.compute(batch, card, results if fits else None)


def _bounds(page, card, tables):
    """Return the break-even prices and the highest buying prices of a page, priced before."""
    batch, result = _price(page, card, tables)
    return bounds.break_even_price(batch, card), bounds.max_buy_price(batch, card, 0.3, result)


def _row(one_by_one, offer, deal):
    """Price one deal by the reference; None when it is unknown."""
    try:
        return one_by_one.price(offer, deal)
    except reference.Unknown:
        return None


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the least seconds of processor and on the clock that ``work`` took."""
    on_core, on_clock = [], []
    for _round in range(rounds):
        core, clock = time.process_time(), time.perf_counter()
        work()
        on_core.append(time.process_time() - core)
        on_clock.append(time.perf_counter() - clock)
    return min(on_core), min(on_clock)


def _known_share(page, card, tables) -> float:
    """Return the share of deals whose margin is known: an unknown one is no less work."""
    _batch, result = _price(page, card, tables)
    return float((result.unknown == 0).mean())


def _difference(sample, rows, one_by_one) -> float:
    """Return the largest difference of any line [currency]; infinite when one side is unknown."""
    landed, _batch, result = sample.price()
    worst = 0.0
    for index, row in enumerate(rows):
        lines = _row(one_by_one, *row)
        if (lines is None) != bool(result.unknown[index]):
            return float("inf")
        for name, amount in (lines or {}).items():
            source = result if hasattr(result, name) else landed
            if amount is not None:
                worst = max(worst, abs(float(getattr(source, name)[index]) - amount))
    return worst
