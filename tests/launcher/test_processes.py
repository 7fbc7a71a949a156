# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Servers that are started and ended, and their children."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from launcher.processes import Processes, start_time

from .entry import onep


def start_family(processes, tmp_path, name="web"):
    """Start a server that has a child; returns the child's process id."""
    told = tmp_path / f"{name}.child"
    code = f"sleep 300 & echo $! > {told}; wait"
    env = {"PATH": os.environ["PATH"]}
    log = tmp_path / "log"
    processes.start(name, ["/bin/sh", "-c", code], log, env=env, cwd=tmp_path, port=7)
    for _attempt in range(100):
        if told.exists() and told.read_text().strip():
            return int(told.read_text())
        time.sleep(0.02)
    raise AssertionError("the child did not start")


def test_stop_ends_a_server_and_its_children(processes, tmp_path):
    child = start_family(processes, tmp_path)
    record = processes.read("web")
    assert record.port == 7
    assert processes.stop("web") is True
    assert start_time(record.pid) is None
    assert start_time(child) is None
    assert processes.stop("web") is False


def test_stop_kills_what_does_not_listen(processes, tmp_path):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    command = [sys.executable, "-c", code]
    process = processes.start("web", command, tmp_path / "log", env={}, cwd=tmp_path)
    time.sleep(0.4)
    assert processes.stop("web", patience=0.3) is True
    assert start_time(process.pid) is None


def test_a_process_id_given_to_another_program_is_left_alone(processes):
    stranger = subprocess.Popen(["sleep", "300"])
    try:
        record = processes.remember("web", stranger.pid)
        path = processes.folder / "web.json"
        for change in ({"started": record.started - 1}, {"boot": "another boot"}):
            path.write_text(json.dumps({**record.__dict__, **change}))
            assert processes.stop("web") is False
            assert stranger.poll() is None
            assert not path.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_dead_process_is_forgotten(processes):
    process = subprocess.Popen(["true"])
    time.sleep(0.2)
    assert processes.remember("redis", process.pid) is None  # a zombie is no server
    process.wait()
    assert processes.living() == {}


def test_services_end_in_the_order_of_their_use(processes, tmp_path):
    for name in ("postgres", "web", "market", "jobs", "redis"):
        env = {"PATH": os.environ["PATH"]}
        processes.start(name, ["sleep", "300"], tmp_path / "log", env=env, cwd=tmp_path)
    assert processes.stop_services() == ["jobs", "web", "market", "redis", "postgres"]


def test_stop_after_the_front_process_was_killed(tmp_path):
    """What ./onep run has started ends by ./onep stop even when run itself is gone."""
    state = tmp_path / "state"
    (state / "run").mkdir(parents=True)
    processes = Processes(state / "run")
    child = start_family(processes, tmp_path)
    front = subprocess.Popen(["sleep", "300"])
    processes.remember(f"front-{front.pid}", front.pid, command="run")
    front.send_signal(signal.SIGKILL)
    front.wait()
    told = onep("stop", ONEP_STATE=str(state))
    assert told.returncode == 0, told.stderr
    assert "web stopped" in told.stdout
    assert "ending ./onep run" not in told.stdout
    assert start_time(child) is None
    assert "nothing of this copy is running" in onep("stop", ONEP_STATE=str(state)).stdout
