"""A real installation for a test: a database of its own, a web process and a job runner.

Nothing is shared with the test's transaction: what the browser does, the queue runs in another
process, on another connection, as it is in use.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0


def free_port() -> int:
    """A TCP port of the loopback interface nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Return when the address answers; raise when the process ends or time is up."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the process for {url} ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def _connect():
    from odoo.sql_db import connection_info_for

    _name, info = connection_info_for("postgres")
    connection = psycopg2.connect(**info)
    connection.autocommit = True
    return connection


@contextmanager
def scratch_database():
    """A copy of the tests' template with its filestore, dropped at the end."""
    from odoo.tools import config

    template = re.sub(r"_test_\d+(_\d+)?$", "_test_tpl", os.environ["ONEP_TEST_DB"])
    name = f"{os.environ['ONEP_TEST_DB']}_live"
    files = Path(config.filestore(template)), Path(config.filestore(name))
    connection = _connect()
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with connection.cursor() as cr:
        cr.execute(drop)
        cr.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    shutil.rmtree(files[1], ignore_errors=True)
    if files[0].exists():
        shutil.copytree(*files)
    try:
        yield name
    finally:
        with connection.cursor() as cr:
            cr.execute(drop)
        connection.close()
        shutil.rmtree(files[1], ignore_errors=True)


def run_shell(database: str, program: str) -> str:
    """Run Python with `env` in an Odoo of its own on the database, and return what it prints."""
    code = f"""
import sys
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config
config.parse_config(["-c", {os.environ["ODOO_RC"]!r}, "-d", {database!r}, "--log-level=error"])
with Registry({database!r}).cursor() as cr:
    env = api.Environment(cr, SUPERUSER_ID, {{}})
{"".join(f"    {line}" + chr(10) for line in program.strip().splitlines())}
    cr.commit()
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr[-3000:])
    return answer.stdout


@contextmanager
def live_odoo(database: str, log_folder: Path):
    """Start the web process and the jobs process; gives the address of the first."""
    executable = Path(sys.executable).with_name("odoo")
    web_port, jobs_port = free_port(), free_port()
    common = [
        str(executable),
        "server",
        "-c",
        os.environ["ODOO_RC"],
        "-d",
        database,
        f"--db-filter=^{database}$",
        "--workers=0",
        "--http-interface=127.0.0.1",
    ]
    commands = {
        "web": [*common, f"--http-port={web_port}", "--max-cron-threads=0", "--load=base,rpc,web"],
        "jobs": [
            *common,
            f"--http-port={jobs_port}",
            "--max-cron-threads=0",
            "--load=base,rpc,web,queue_job",
        ],
    }
    environment = {
        "web": {},
        "jobs": {
            "ODOO_QUEUE_JOB_CHANNELS": "root:2",
            "ODOO_QUEUE_JOB_SCHEME": "http",
            "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
            "ODOO_QUEUE_JOB_PORT": str(jobs_port),
        },
    }
    processes = {}
    try:
        for name, command in commands.items():
            log = (log_folder / f"{name}.log").open("wb")
            processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=ROOT, env=os.environ | environment[name]
            )
        wait_for(f"http://127.0.0.1:{web_port}/web/login", processes["web"])
        wait_for(f"http://127.0.0.1:{jobs_port}/web/health", processes["jobs"])
        yield f"http://127.0.0.1:{web_port}"
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
