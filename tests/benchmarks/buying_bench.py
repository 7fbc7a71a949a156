"""What to buy: the optimal basket, at a buyer's size and against every basket of small cases.

`./onep bench buying [--candidates N] [--suppliers N] [--cases N] [--lines N]` chooses a basket of
2,000 candidates of 8 suppliers, with tiers, minima, packs, minimum orders and carriage, under a
tight, a middling and a wide budget, and tells the widest gap and the longest time of the three, on
the clock. Then each of 200 small random cases is solved and every basket of it is tried in plain
Python: the share of cases whose margin is the same to half a cent.

`[--scores N]` deals are scored by every signal and a few vetoes, as an evaluation does, in seconds
of one processor, best of several rounds; a margin engine's page would be the same deals.

An approved list of 500 lines then becomes RFQs in the database: see orders_database.py.
"""

import argparse
import time

import numpy as np

from launcher import pure

from . import orders_database
from .figures import Figure

scoring = pure.load("onep_margin.engine.score")
basket = pure.load("onep_sourcing.planning.basket")
random_baskets = pure.load("onep_sourcing.tests.random_baskets")

#: Budgets, as shares of all that could be sold.
SHARES = (0.05, 0.3, 0.8)
TIME_LIMIT = 20.0
HALF_A_CENT = 0.005
#: Share of each signal that is unknown, and of deals that a flag marks.
MISSING = 0.2
SCORE_ROUNDS = 5
LOG_SIGNALS = (
    "sales_rank",
    "estimated_sales",
    "own_sales",
    "monthly_margin",
    "supplier_stock",
)


def main(argv: list[str]) -> list[Figure]:
    parser = argparse.ArgumentParser(prog="./onep bench buying", description=__doc__)
    parser.add_argument(
        "--candidates", type=int, default=2_000, help="offers to choose from; 0: none"
    )
    parser.add_argument("--suppliers", type=int, default=8, help="suppliers that offer them")
    parser.add_argument("--cases", type=int, default=200, help="small cases to try out wholly")
    parser.add_argument("--scores", type=int, default=900_000, help="deals to score; 0: none")
    parser.add_argument("--lines", type=int, default=500, help="lines to order; 0: no database")
    args = parser.parse_args(argv)
    figures = []
    if args.scores:
        figures += score_figures(args.scores)
    if args.candidates:
        figures += basket_figures(args.candidates, args.suppliers)
    if args.cases:
        figures += brute_force_figures(args.cases)
    return figures + (orders_database.measure(args.lines) if args.lines else [])


def score_figures(count: int) -> list[Figure]:
    """Score deals with a fifth of each signal missing; the points of one are told apart."""
    rng = np.random.default_rng(7)
    columns = {}
    for name in scoring.SIGNALS:
        columns[name] = rng.lognormal(0.0, 1.0, count)
        columns[name][rng.random(count) < MISSING] = np.nan
    signals = scoring.ScoreSignals(**columns)
    flags = {"is_suspicious": rng.random(count) < MISSING}
    profile = scoring.ScoreProfile.from_rows(
        [
            {"signal": name, "weight": 5, "points": [(0, 0), (1, 0.5), (4, 1)]}
            | {"is_log": name in LOG_SIGNALS, "is_required": name == "roi"}
            for name in scoring.SIGNALS
        ],
        (75, 60, 45, 30),
        [
            scoring.Veto("retailer_present", "ge", 3, "cap", 55),
            scoring.Veto("sell_restriction", "ge", 3, "no_score"),
            scoring.Veto("is_suspicious", "ge", 1, "cap", 50),
        ],
    )
    seconds = []
    for _round in range(SCORE_ROUNDS):
        started = time.process_time()
        found = scoring.score(signals, profile, flags, with_parts=False)
        seconds.append(time.process_time() - started)
    sample = slice(0, min(count, 1_000))
    told = scoring.score(
        scoring.ScoreSignals(**{name: column[sample] for name, column in columns.items()}),
        profile,
        {"is_suspicious": flags["is_suspicious"][sample]},
    )
    known = ~np.isnan(told.score)
    points = (told.contributions.sum(axis=1) + told.veto_points)[known]
    if not np.allclose(points, found.score[sample][known]):
        raise SystemExit("What the signals give does not add up to the scores.")
    return [Figure("buying.scores_per_second", count / min(seconds), 1_000_000)]


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
