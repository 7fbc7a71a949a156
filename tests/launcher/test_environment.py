# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The machine, the virtual environment, PostgreSQL and Odoo as they are set up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import (
    environment,
    odoo_server,
    odoo_source,
    postgres,
    system,
)
from launcher.console import StepFailed
from launcher.settings import Settings

from .entry import ROOT


def need(name, required, present=False):
    return system.Need(name, ("pkg",), lambda: present, required=required, without="less")


def test_missing_programs_without_root_are_named(settings, console, monkeypatch):
    monkeypatch.setattr(system, "sudo_prefix", lambda: None)
    monkeypatch.setattr(system.shutil, "which", lambda name, **options: f"/usr/bin/{name}")
    monkeypatch.setattr(system, "needs", lambda *args: [need("PostgreSQL", True)])
    with pytest.raises(StepFailed, match="PostgreSQL is missing") as caught:
        system.install(settings, console, ("postgres",))
    assert caught.value.advice == "as root: apt-get install pkg"


def test_what_is_there_is_not_installed(settings, console, monkeypatch):
    monkeypatch.setattr(system, "needs", lambda *args: [need("PostgreSQL", True, present=True)])
    system.install(settings, console, ("postgres",))
    assert console.stream.getvalue() == ""


def test_snap_pointer_is_no_browser(settings, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    pointer = folder / "chromium-browser"
    pointer.write_text("#!/bin/sh\nexec /snap/bin/chromium\n")
    pointer.chmod(0o755)
    monkeypatch.setattr(system, "_path", lambda: str(folder))
    assert system.find_browser(settings) is None
    real = folder / "chromium"
    real.write_bytes(b"\x7fELF")
    real.chmod(0o755)
    assert system.find_browser(settings) == str(real)


def test_stub_satisfies_pip(tmp_path):
    environment.write_stub(tmp_path)
    code = "import importlib.metadata as m; print(m.version('odoo'))"
    env = {"PYTHONPATH": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "19.0"


def test_odoo_command_in_a_very_long_path(settings, monkeypatch):
    source = odoo_source.Source(Path("/somewhere"), "test")
    environment.site_folder(settings).mkdir(parents=True)
    settings.python.parent.mkdir(parents=True)
    environment.link(settings, source)
    first = settings.odoo.read_text()
    assert first.startswith((f"#!{settings.python}\n", "#!/bin/sh\n"))
    deep = Settings.from_environ(ROOT, {"ONEP_STATE": str(settings.state / ("d" * 100))})
    environment.site_folder(deep).mkdir(parents=True)
    deep.python.parent.mkdir(parents=True)
    environment.link(deep, source)
    script = deep.odoo.read_text()
    assert script.startswith("#!/bin/sh\n")
    compile(script, "odoo", "exec")
    deep.python.symlink_to("/bin/echo")
    told = subprocess.run([deep.odoo, "ran"], capture_output=True, text=True, check=True)
    assert told.stdout == f"{deep.odoo} ran\n"


def test_environment_follows_the_pins(settings, monkeypatch, tmp_path):
    first = environment.key(settings)
    (tmp_path / "requirements.txt").write_text("numpy==0\n")
    other = Settings.from_environ(tmp_path, dict(settings.environ))
    assert environment.key(other) != first
    assert not environment.is_ready(other)


@pytest.mark.parametrize("name", ["PGHOST", "PGPORT", "PGUSER", "PGSERVICE"])
def test_pg_variables_mean_no_private_cluster(name):
    assert Settings.from_environ(ROOT, {name: "x"}).external_postgres
    assert not Settings.from_environ(ROOT, {"PGDATABASE": "x", name: ""}).external_postgres


def test_role_postgres_is_refused():
    with pytest.raises(StepFailed, match="Odoo refuses") as caught:
        postgres.external(Settings.from_environ(ROOT, {"PGUSER": "postgres"}))
    assert "createuser" in caught.value.advice


def test_unreachable_server_is_told_in_its_own_words():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "launcher.database_tool", "ping"]
    told = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 1
    assert "refused" in told.stderr
    assert "Traceback" not in told.stderr


def test_cluster_speaks_on_loopback_only(settings):
    words = postgres.Cluster(settings).options(9004, durable=True)
    assert "listen_addresses=127.0.0.1" in words
    assert "unix_socket_directories=" in words
    assert "fsync=on" in words
    assert "fsync=off" in postgres.Cluster(settings).options(9004, durable=False)


def database_tool(*words):
    command = [sys.executable, "-m", "launcher.database_tool", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not os.environ.get("ONEP_TEST_DB"), reason="needs ./onep test's PostgreSQL")
def test_databases_of_others_are_never_dropped():
    import psycopg2

    name = f"{os.environ['ONEP_TEST_DB']}_foreign"
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            for words in (("drop", name), ("rename", name, f"{name}_2")):
                told = database_tool(*words)
                assert told.returncode == 1
                assert "left alone" in told.stderr
            assert json.loads(database_tool("info", name).stdout) == {"exists": True, "mark": None}
            mark = json.dumps({"owner": "me", "kind": "scratch"})
            assert database_tool("mark", name, mark).returncode == 0
            assert database_tool("drop", name).returncode == 0
            assert json.loads(database_tool("info", name).stdout)["exists"] is False
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    connection.close()


def test_configuration_is_private_and_keeps_jobs_apart(settings):
    source = odoo_source.Source(Path("/src"), "test")
    server = postgres.Server({"PGHOST": "127.0.0.1", "PGPASSWORD": "secret"}, True, "")
    path = odoo_server.tool_conf(settings, source, server)
    text = path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert f"addons_path = /src/odoo/addons,{ROOT}\n" in text
    assert "list_db = False" in text
    assert "channels = root:0" in text
    assert "server_wide_modules = base,rpc,web\n" in text
    assert "max_cron_threads = 0" in text
    assert "limit_memory_hard = 0" in text
    assert "db_password = secret" in text


def test_log_watch_tells_each_error_once(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("2026-01-01 00:00:00,000 1 ERROR onep odoo.http: before\n")
    watch = odoo_server.LogWatch(log)
    with log.open("a") as stream:
        stream.write("2026-01-01 00:00:01,000 1 INFO onep odoo.http: fine\n")
        stream.write("2026-01-01 00:00:01,000 1 ERROR onep odoo.sql_db: bad query\nTraceback\n")
        stream.write("2026-01-01 00:00:02,000 1 ERROR onep odoo.http: half a li")
    assert watch.errors() == ["error in odoo.sql_db: bad query"]
    with log.open("a") as stream:
        stream.write("ne\n")
    assert watch.errors() == ["error in odoo.http: half a line"]
    assert watch.errors() == []
