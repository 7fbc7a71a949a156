"""kill -9 of the worker in the middle of an import: queue_job starts it again, no row twice, none
lost.

Two suppliers send the same files. The imports of the first are left alone; for each import of the
second, the process that runs jobs is killed at a random moment and started again. What both left
behind must be the same. $ONEP_KILLS says how often (3), $ONEP_KILL_SEED from which seed:

    ONEP_KILLS=20 ./onep test tests/test_import_kill.py -s
"""

import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from .live_odoo import ROOT, free_port, run_shell, scratch_database, wait_for

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test prepares"
)

ROWS = 40_000
PATIENCE = 120.0
PREPARE = """
for name in ("quiet", "killed"):
    partner = env["res.partner"].create({"name": name})
    env["onep.supplier.feed"].create({"name": name, "partner_id": partner.id})
"""
DROP_FILE = """
from pathlib import Path
feed = env["onep.supplier.feed"].search([("name", "=", {name!r})])
data = Path({path!r}).read_bytes()
upload = env["onep.feed.upload"]._create_from_file("list-{number}.csv", data, feed)
run = upload._create_import()
run.action_import()
print(run.id)
"""
#: What an import leaves behind, without ids and times: of one supplier, in a fixed order.
OUTCOMES = {
    "offers": """
        SELECT offer.supplier_sku, offer.gtin, offer.name, offer.price_untaxed,
               offer.previous_price_untaxed, offer.stock_quantity, offer.is_present,
               offer.change_kind, pivot.gtin, first.file_name, last.file_name
          FROM onep_supplier_offer AS offer
          JOIN onep_supplier_feed AS feed ON feed.id = offer.feed_id
          LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
          LEFT JOIN onep_import AS first ON first.id = offer.first_import_id
          LEFT JOIN onep_import AS last ON last.id = offer.last_import_id
         WHERE feed.name = %s ORDER BY 1""",
    "history": """
        SELECT offer.supplier_sku, run.file_name, past.kind, past.price_before,
               past.price_after, past.stock_before, past.stock_after
          FROM onep_supplier_offer_history AS past
          JOIN onep_supplier_offer AS offer ON offer.id = past.offer_id
          JOIN onep_supplier_feed AS feed ON feed.id = past.feed_id
          JOIN onep_import AS run ON run.id = past.import_id
         WHERE feed.name = %s ORDER BY 1, 2, 3""",
    "issues": """
        SELECT run.file_name, issue.line, issue.rule, issue.state
          FROM onep_import_issue AS issue
          JOIN onep_import AS run ON run.id = issue.import_id
          JOIN onep_supplier_feed AS feed ON feed.id = run.feed_id
         WHERE feed.name = %s ORDER BY 1, 2, 3""",
    "counts": """
        SELECT run.file_name, run.state, run.row_count, run.accepted_count,
               run.quarantined_count, run.new_count, run.changed_count, run.unchanged_count,
               run.gone_count
          FROM onep_import AS run JOIN onep_supplier_feed AS feed ON feed.id = run.feed_id
         WHERE feed.name = %s ORDER BY run.id""",
}


def write_list(path: Path, number: int) -> None:
    """A price list; each number changes, drops, adds and spoils some lines of the one before."""
    rng = random.Random(number)
    lines = ["Référence;Désignation;Prix net HT;Stock\n"]
    for row in range(ROWS):
        draw = rng.random()
        if draw < 0.03:
            continue
        price = "sur devis" if draw > 0.999 else f"{10 + row % 90 + (draw > 0.9) * number},00"
        lines.append(f"K-{row:06d};Article {row};{price};{row % 50}\n")
    path.write_text("".join(lines), encoding="utf-8")


class Installation:
    """A database whose jobs run in a process that can be killed."""

    def __init__(self, database: str, folder: Path) -> None:
        from odoo.sql_db import connection_info_for

        _name, info = connection_info_for(database)
        self.connection = psycopg2.connect(**info)
        self.connection.autocommit = True
        self.database = database
        self.folder = folder

    def query(self, statement: str, *parameters):
        with self.connection.cursor() as cr:
            cr.execute(statement, parameters)
            return cr.fetchall() if cr.description else []

    @contextmanager
    def jobs(self):
        """The process that runs jobs; ended at the latest when the block ends."""
        port = free_port()
        command = [str(Path(sys.executable).with_name("odoo")), "server"]
        command += ["-c", os.environ["ODOO_RC"], "-d", self.database, "--workers=0"]
        command += [f"--db-filter=^{self.database}$", "--http-interface=127.0.0.1"]
        command += [f"--http-port={port}", "--max-cron-threads=0"]
        command += ["--load=base,rpc,web,queue_job"]
        environ = os.environ | {
            "ODOO_QUEUE_JOB_CHANNELS": "root:2",
            "ODOO_QUEUE_JOB_SCHEME": "http",
            "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
            "ODOO_QUEUE_JOB_PORT": str(port),
        }
        with (self.folder / "jobs.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environ)
        try:
            wait_for(f"http://127.0.0.1:{port}/web/health", process)
            yield process
        finally:
            process.kill()
            process.wait()

    def drop(self, name: str, path: Path, number: int) -> int:
        """Queue the import of a file on a feed; returns its id."""
        program = DROP_FILE.format(name=name, path=str(path), number=number)
        return int(run_shell(self.database, program).strip())

    def wait(self, run_id: int, *states: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ((state,),) = self.query("SELECT state FROM onep_import WHERE id = %s", run_id)
            if state in states:
                return state
            time.sleep(0.02)
        jobs = self.query("SELECT state, retry, exc_info FROM queue_job ORDER BY id DESC LIMIT 3")
        raise TimeoutError(f"import {run_id} stays {state}: {jobs}")

    def forget_the_wait(self) -> None:
        """The runner leaves jobs of the last ten seconds alone: make the dead ones older."""
        self.query(
            "UPDATE queue_job SET date_enqueued = date_enqueued - interval '1 minute' "
            "WHERE state IN ('enqueued', 'started')"
        )


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path):
    kills = int(os.environ.get("ONEP_KILLS") or 3)
    rng = random.Random(int(os.environ.get("ONEP_KILL_SEED") or 20261126))
    moments = []
    with scratch_database() as database:
        place = Installation(database, tmp_path)
        run_shell(database, PREPARE)
        for number in range(kills):
            path = tmp_path / f"list-{number}.csv"
            write_list(path, number)
            # queued before the process starts: it is caught at its very beginning
            quiet = place.drop("quiet", path, number)
            with place.jobs():
                place.wait(quiet, "running", "done")
                started = time.monotonic()
                assert place.wait(quiet, "done", "failed", "held") == "done"
                usual = time.monotonic() - started
            killed = place.drop("killed", path, number)
            with place.jobs() as process:
                place.wait(killed, "running", "done")
                time.sleep(rng.uniform(0, 0.7 * usual))
                process.kill()
                process.wait()
            ((state, phase),) = place.query(
                "SELECT state, phase FROM onep_import WHERE id = %s", killed
            )
            moments.append(f"{state} {phase or ''}".strip())
            place.forget_the_wait()
            with place.jobs():
                assert place.wait(killed, "done", "failed", "held") == "done"
            for name, statement in OUTCOMES.items():
                expected, found = (place.query(statement, feed) for feed in ("quiet", "killed"))
                assert expected or not number, f"no {name} to compare"
                assert found == expected, f"{name} differ after kill {number}: {moments[-1]}"
        place.connection.close()
    print(f"\n{kills} kills, found in these states: {moments}")
    assert any(moment.startswith("running") for moment in moments), moments
