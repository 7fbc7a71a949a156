"""A storm over one marketplace with real worker processes, two of them killed.

The bench measures the same on a larger market: ./onep bench connectors
"""

import os

import pytest

from .live_odoo import scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test prepares"
)

GTINS = 400
SHARE = 0.3


def test_a_storm_and_killed_workers_lose_and_double_nothing(monkeypatch):
    from .benchmarks import connectors_bench
    from .benchmarks.database import environment

    with scratch_database() as database:
        monkeypatch.setenv("ONEP_BENCH_DB", database)
        with environment() as env:
            told = connectors_bench.measure_storm(env, GTINS, 50.0, SHARE, 3)
    figures = {figure.figure.removeprefix("connectors.storm."): figure.value for figure in told}
    assert figures["lost_gtins"] == 0, "every EAN is answered, or listed with its reason"
    assert figures["double_history_lines"] == 0
    assert figures["workers_killed"] >= 1, "at least one worker was killed at work"
    assert figures["answered"] > 0.9
