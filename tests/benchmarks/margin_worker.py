"""One pricing in a process of its own: `python -m tests.benchmarks.margin_worker full|waiting`.

`full` queues and runs the pricing of everything in the main company, `waiting` that of what a
change marked. Prints one JSON object: state, message, deals, written, seconds of the job alone,
peak_mb of the whole process.
"""

import json
import sys
import time

from .database import environment
from .import_worker import peak_mb


def main(scope: str) -> None:
    """Price and tell."""
    with environment() as env:
        runs = env["onep.evaluation"]
        # What Odoo works out once in a worker's life, at its first record, is left out of both.
        run = runs._enqueue_all(env.company).sudo()
        if scope == "full":
            env.cr.commit()
            started = time.perf_counter()
            run._job_evaluate()
        else:
            env.cr.rollback()
            started = time.perf_counter()
            env.company._job_price_waiting()
            run = runs.search([("scope", "=", "waiting")], limit=1)
        env.cr.commit()
        seconds = time.perf_counter() - started
        print(
            json.dumps(
                {
                    "state": run.state,
                    "message": run.error_message or "",
                    "deals": run.done_count,
                    "written": run.opportunity_count,
                    "seconds": seconds,
                    "peak_mb": peak_mb(),
                }
            )
        )


if __name__ == "__main__":
    main(sys.argv[1])
