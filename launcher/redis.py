# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Redis: the one ONEP_REDIS_URL names, else a private server that keeps nothing on disk."""

from __future__ import annotations

import socket
import time

from .console import Console
from .processes import Processes
from .settings import LOOPBACK, Ports, Settings
from .system import find_redis


def connect(settings: Settings, console: Console, processes: Processes, ports: Ports) -> str | None:
    """Return the URL of a Redis that answers, None when there is none to be had."""
    given = settings.environ.get("ONEP_REDIS_URL")
    if given:
        return given
    running = processes.read("redis")
    if running:
        return f"redis://{LOOPBACK}:{running.port}/0"
    program = find_redis()
    if program is None:
        return None
    with console.step("Redis, private server") as step:
        port = ports.get("redis")
        command = [program, "--port", str(port), "--bind", LOOPBACK, "--daemonize", "no"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(settings.run)]
        log = settings.log("redis")
        process = processes.start(
            "redis", command, log, env=settings.child_environ(), cwd=settings.state, port=port
        )
        deadline = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < deadline:
            if answers(port):
                step.note(f"on {LOOPBACK}:{port}")
                return f"redis://{LOOPBACK}:{port}/0"
            time.sleep(0.05)
        processes.stop("redis")
        step.note(f"did not start, going on without it (see {log})")
    return None


def answers(port: int) -> bool:
    """Return whether a Redis answers PING on a loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
