"""What to buy: the optimal basket, at a buyer's size and against every basket of small cases.

`./onep bench buying [--candidates N] [--suppliers N] [--cases N] [--lines N]` chooses a basket of
2,000 candidates of 8 suppliers, with tiers, minima, packs, minimum orders and carriage, under a
tight, a middling and a wide budget, and tells the widest gap and the longest time of the three, on
the clock. Then each of 200 small random cases is solved and every basket of it is tried in plain
Python: the share of cases whose margin is the same to half a cent.

An approved list of 500 lines then becomes RFQs in the database: see orders_database.py.
"""

import argparse
import time

from launcher import pure

from . import orders_database
from .figures import Figure

basket = pure.load("onep_sourcing.planning.basket")
random_baskets = pure.load("onep_sourcing.tests.random_baskets")

#: Budgets, as shares of all that could be sold.
SHARES = (0.05, 0.3, 0.8)
TIME_LIMIT = 20.0
HALF_A_CENT = 0.005


def main(argv: list[str]) -> list[Figure]:
    parser = argparse.ArgumentParser(prog="./onep bench buying", description=__doc__)
    parser.add_argument(
        "--candidates", type=int, default=2_000, help="offers to choose from; 0: none"
    )
    parser.add_argument("--suppliers", type=int, default=8, help="suppliers that offer them")
    parser.add_argument("--cases", type=int, default=200, help="small cases to try out wholly")
    parser.add_argument("--lines", type=int, default=500, help="lines to order; 0: no database")
    args = parser.parse_args(argv)
    figures = []
    if args.candidates:
        figures += basket_figures(args.candidates, args.suppliers)
    if args.cases:
        figures += brute_force_figures(args.cases)
    return figures + (orders_database.measure(args.lines) if args.lines else [])


def basket_figures(candidates: int, suppliers: int) -> list[Figure]:
    """Choose baskets of a buyer's size; the worst of them is told."""
    gaps, seconds = [], []
    for seed, share in enumerate(SHARES, start=1):
        case = random_baskets.large(seed, candidates, suppliers, share)
        started = time.perf_counter()
        found = basket.choose(case.offers, case.suppliers, case.limits, time_limit=TIME_LIMIT)
        seconds.append(time.perf_counter() - started)
        if not random_baskets.figures(case, found.quantity).is_allowed:
            raise SystemExit(f"The basket of seed {seed} breaks a limit.")
        gaps.append(found.gap)
    return [
        Figure("buying.basket_gap", max(gaps), 0.01, "lower"),
        Figure("buying.basket_seconds", max(seconds), TIME_LIMIT, "lower"),
    ]


def brute_force_figures(cases: int) -> list[Figure]:
    """Solve small cases and try every basket of each."""
    equal = 0
    for seed in range(cases):
        case = random_baskets.small(seed)
        found = basket.choose(case.offers, case.suppliers, case.limits, gap=0.0)
        told = random_baskets.figures(case, found.quantity)
        wanted = random_baskets.best(case)
        equal += told.is_allowed and abs(told.margin - wanted.margin) <= HALF_A_CENT
    return [Figure("buying.basket_equal_to_brute_force", equal / max(cases, 1), 1.0)]
