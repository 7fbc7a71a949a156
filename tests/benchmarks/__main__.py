"""`python -m tests.benchmarks [NAME] [ARGS]`: run one bench, or all of them."""

import sys

from . import automap_bench, buying_bench, connectors_bench, import_bench, margin_bench
from .figures import print_figures

BENCHES = {
    "automap": automap_bench.main,
    "buying": buying_bench.main,
    "connectors": connectors_bench.main,
    "import": import_bench.main,
    "margin": margin_bench.main,
}


def main(argv: list[str]) -> int:
    names = [argv[0]] if argv else list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"No bench called {unknown[0]}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    for name in names:
        print_figures(BENCHES[name](argv[1:]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
