# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The entry script itself: what it needs, what it refuses, what it says."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import socket
import sys

import pytest

from launcher import (
    commands,
)
from launcher.console import StepFailed, run_logged
from launcher.processes import Processes, boot_id

from .entry import ROOT, onep


def load_script():
    loader = importlib.machinery.SourceFileLoader("onep_script", str(ROOT / "onep"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("onep_script", loader))
    loader.exec_module(module)
    return module


def test_script_is_readable_by_old_pythons():
    ast.parse((ROOT / "onep").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_script_supports_three_pythons():
    script = load_script()
    answers = [script.supported((3, minor)) for minor in range(10, 15)]
    assert answers == [False, True, True, True, False]


def test_old_python_is_told_what_to_do(monkeypatch, capsys):
    monkeypatch.setenv("_ONEP_REEXEC", "1")
    assert load_script().run_with_another_python() == 2
    told = capsys.readouterr().err
    assert "needs Python 3.11, 3.12 or 3.13" in told
    assert "ONEP_PYTHON" in told


def test_launcher_needs_only_the_standard_library():
    inside = {"database_tool", "odoo_env", "demo_story", "warm_assets", "translations"}
    for path in (ROOT / "launcher").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = tree.body if path.stem in inside - {"database_tool"} else ast.walk(tree)
        for node in nodes:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                if path.stem == "database_tool" and top == "psycopg2":
                    continue
                assert top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_help_and_unknown_command(tmp_path):
    told = onep("help", ONEP_STATE=str(tmp_path))
    assert told.returncode == 0
    for name in commands.COMMANDS:
        assert f"./onep {name}" in told.stdout
    unknown = onep("rnu", ONEP_STATE=str(tmp_path))
    assert unknown.returncode == 2
    assert "does not know 'rnu'" in unknown.stderr


def test_run_refuses_an_open_demo_with_a_known_password(tmp_path):
    told = onep("run", ONEP_STATE=str(tmp_path / "s"), ONEP_HOST="0.0.0.0")
    assert told.returncode == 1
    assert "ONEP_ADMIN_PASSWORD" in told.stdout


def test_run_refuses_a_port_in_use(tmp_path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        told = onep("run", ONEP_STATE=str(tmp_path / "s"), ONEP_PORT=port)
    assert told.returncode == 1
    assert f"port {port} is used by another program" in told.stdout
    assert "ONEP_PORT=" in told.stdout


def test_run_refuses_a_second_front(tmp_path):
    (tmp_path / "run").mkdir()
    Processes(tmp_path / "run").remember("front-1", os.getpid(), command="run")
    told = onep("run", ONEP_STATE=str(tmp_path))
    assert told.returncode == 1
    assert f"runs already (process {os.getpid()})" in told.stdout


def test_step_says_what_and_how_long(console):
    with console.step("Odoo 19.0") as step:
        step.note("unpacked")
    said = console.stream.getvalue()
    assert said.startswith("  Odoo 19.0 … unpacked (0.")
    assert said.endswith(" s)\n")


def test_failure_says_what_to_do_and_shows_the_log(console, tmp_path):
    log = tmp_path / "logs" / "step.log"
    with pytest.raises(StepFailed) as caught, console.step("Trying"):
        run_logged(
            ["/bin/sh", "-c", "echo the reason; exit 3"], log, failure="it failed", advice="do that"
        )
    console.failure(caught.value)
    said = console.stream.getvalue()
    assert "Trying … failed after" in said
    assert "it failed (exit code 3)" in said
    assert "| the reason" in said
    assert f"Log: {log}" in said
    assert "What to do: do that" in said


def test_missing_program_is_a_failure_too(tmp_path):
    with pytest.raises(StepFailed, match="No such file"):
        run_logged(["/no/such/program"], tmp_path / "log", failure="it failed")


def test_boot_is_known():
    assert boot_id()
