"""One worker of a marketplace in a process of its own, as a job runner would run it.

`python -m tests.benchmarks.connectors_worker MARKETPLACE_ID NUMBER [--wide-only]` asks until
nothing waits. Waits are those the job asks for. Prints one JSON object: cpu_seconds of the work,
seconds by the clock, pauses.
"""

import json
import sys
import time

from .database import environment

CONCURRENCY = ("40001", "40P01", "55P03")
#: Longest a batch waits for a fault to pass [s]: scaled as the quotas are, or a batch that is
#: unlucky six times is all that a storm measures.
LONGEST_BACKOFF = 20.0


def main(marketplace_id: int, number: int, *, wide_only: bool) -> None:
    """Ask until nothing waits."""
    with environment() as env:
        import psycopg2

        from odoo.tools import SQL

        from odoo.addons.onep_marketplace_connectors.clients import retry
        from odoo.addons.queue_job.exception import RetryableJobError

        retry.BACKOFF_CAP_S = LONGEST_BACKOFF

        if wide_only:
            env.registry["onep.marketplace"]._get_survivors = lambda place, step: SQL("FALSE")
        place = env["onep.marketplace"].browse(marketplace_id)
        started, cpu, pauses = time.perf_counter(), time.process_time(), 0
        while True:
            try:
                place._job_ask(number)
                env.cr.commit()
                break
            except RetryableJobError as pause:
                wait = pause.seconds
            except psycopg2.OperationalError as error:
                if error.pgcode not in CONCURRENCY:
                    raise
                wait = 0.2
            env.cr.rollback()
            env.invalidate_all()
            pauses += 1
            time.sleep(wait)
        told = {
            "cpu_seconds": time.process_time() - cpu,
            "seconds": time.perf_counter() - started,
            "pauses": pauses,
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), wide_only="--wide-only" in sys.argv)
