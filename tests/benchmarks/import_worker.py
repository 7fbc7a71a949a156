"""One import in a process of its own: `python -m tests.benchmarks.import_worker RUN_ID`.

Prints one JSON object: state, message, seconds of the job alone, peak_mb of the whole process.
"""

import json
import sys
import time
from pathlib import Path

from .database import environment


def peak_mb() -> float:
    """Most memory this process has held since it began [MB]; a parent's does not count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(run_id: int) -> None:
    with environment() as env:
        run = env["onep.import"].browse(run_id)
        started = time.perf_counter()
        run._job_import()
        env.cr.commit()
        seconds = time.perf_counter() - started
        print(
            json.dumps(
                {
                    "state": run.state,
                    "message": run.error_message or run.hold_message or "",
                    "seconds": seconds,
                    "peak_mb": peak_mb(),
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
