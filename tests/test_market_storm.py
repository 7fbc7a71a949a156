"""A storm over one marketplace with real worker processes, two of them killed.

The bench measures the same on a larger market: ./onep bench connectors
"""

import json
import os
import subprocess
import sys

import pytest

from .live_odoo import ROOT, scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test prepares"
)

GTINS = 400
OPTIONS = (
    "--gtins=0",
    "--speed-gtins=0",
    f"--storm-gtins={GTINS}",
    "--storm-share=0.3",
    "--calm-seconds=3",
)


def test_a_storm_and_killed_workers_lose_and_double_nothing():
    with scratch_database() as database:
        # a process of its own: an Odoo serves one database at a time
        answer = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks", "connectors", *OPTIONS],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"ONEP_BENCH_DB": database},
            check=False,
        )
    assert answer.returncode == 0, answer.stderr[-3000:]
    told = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
    figures = {one["figure"].removeprefix("connectors.storm."): one["value"] for one in told}
    assert figures["lost_gtins"] == 0, "every EAN is answered, or listed with its reason"
    assert figures["double_history_lines"] == 0
    assert figures["workers_killed"] >= 1, "at least one worker was killed at work"
    assert figures["answered"] > 0.9
