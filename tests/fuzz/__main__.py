"""``python -m tests.fuzz [--minutes 5] [--keep FOLDER]``."""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import sys
import time
import traceback
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from launcher import pure  # noqa: E402

from . import files  # noqa: E402

preview = pure.load("onep_sourcing.ingest.preview")
errors = pure.load("onep_sourcing.ingest.errors")
rules = pure.load("onep_sourcing.ingest.rules")
MEMORY = 6 * 1024**3
SLOW = 5.0  # seconds a small file may take


class Campaign:
    """What was read and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outcomes: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()

    def read(self, data: bytes) -> None:
        """Read one file; keep it when it breaks something."""
        started = time.perf_counter()
        # What takes all memory leaves no trace but this.
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "last").write_bytes(data)
        try:
            self._judge(data)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._keep(data, f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}")
        if time.perf_counter() - started > SLOW:
            self._keep(data, "slow")

    def _judge(self, data: bytes) -> None:
        try:
            found = preview.preview(data)
        except errors.UnreadableFile as error:
            assert error.rule in rules.FILE_RULES and error.message
            self.outcomes[error.rule] += 1
            return
        counts = found["counts"]
        assert counts["rows"] == counts["accepted"] + counts["quarantined"], counts
        assert all(float(offer["purchase_price"]) > 0 for offer in found["offers"])
        assert all(offer["supplier_sku"] for offer in found["offers"])
        json.dumps(found).encode()
        self.outcomes[f"read as {found['format']}"] += 1

    def _keep(self, data: bytes, what: str) -> None:
        self.findings[what] += 1
        if self.findings[what] == 1:
            path = self.folder / hashlib.sha256(data).hexdigest()[:16]
            path.write_bytes(data)
            print(f"{what}: {path}", flush=True)


def main() -> int:
    """Read files until the time is up; return 1 when something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--keep", type=Path, default=ROOT / ".hypothesis" / "fuzz")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    campaign = Campaign(options.keep)
    end = time.monotonic() + options.minutes * 60
    turn = time.time_ns()
    while time.monotonic() < end:
        turn += 1

        @seed(turn)
        @settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(files.any_file)
        def read(data: bytes) -> None:
            if time.monotonic() < end:
                campaign.read(data)

        with suppress(Flaky):  # workbooks and archives bear the time they were made
            read()
    for outcome, count in campaign.outcomes.most_common():
        print(f"{count:8}  {outcome}")
    print(f"{sum(campaign.outcomes.values()):8}  files, {sum(campaign.findings.values())} findings")
    return bool(campaign.findings)


if __name__ == "__main__":
    sys.exit(main())
