"""``python -m tests.simulator --port 8199 [--seed 1] [--quota-scale 200] [--tick-seconds 900]``"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from .simulator import DATA, Simulator


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="tests.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8199)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1, help="of the market")
    parser.add_argument(
        "--quota-scale",
        type=float,
        default=200.0,
        help="multiplies the real quotas, so that a demo does not last hours; 0 lifts them",
    )
    parser.add_argument(
        "--tick-seconds",
        type=float,
        default=0.0,
        help="the market moves every so many seconds; 0 leaves it as it is",
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of suppliers' files")
    parser.add_argument("--verbose", action="store_true", help="print every call")
    options = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.INFO)
    simulator = Simulator(
        options.port,
        seed=options.seed,
        quota_scale=options.quota_scale,
        tick_s=options.tick_seconds,
        data=options.data,
        host=options.host,
    )
    print(f"demo market on {simulator.url}, {len(simulator.market.articles)} articles", flush=True)
    try:
        simulator.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        simulator.close()


if __name__ == "__main__":
    main()
