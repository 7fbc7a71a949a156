# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Programs a command runs in front and ends with itself: pytest, Odoo's shell, a bench."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .processes import Processes, descendants, send, start_time


class Interrupted(BaseException):
    """The command was told to end (Ctrl-C, ./onep stop, a closed terminal)."""


@contextmanager
def program(
    processes: Processes,
    command: Sequence[str],
    env: dict[str, str],
    cwd: Path,
    output: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program on this terminal, or writing to a file; it ends with the block.

    ./onep stop ends it with its children, by a record that outlives us when we are killed.
    """
    if output is None:
        process = subprocess.Popen(command, env=env, cwd=cwd)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command, env=env, cwd=cwd, stdout=stream, stderr=subprocess.STDOUT
            )
    mine = start_time(process.pid)
    record = f"program-{process.pid}"
    processes.remember(record, process.pid, command=" ".join(command))
    try:
        yield process
    finally:
        if process.poll() is None and mine is not None:
            family = [(process.pid, mine), *descendants(process.pid)]
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
                for pid, started in family:
                    send(pid, started, number)
                try:
                    process.wait(8)
                except subprocess.TimeoutExpired:
                    continue
                break
            for pid, started in family:
                send(pid, started, signal.SIGKILL)
        processes.forget(record)


def wait(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a program; Ctrl-C reaches it by the terminal, and is left to it."""
    while True:
        try:
            return process.wait()
        except Interrupted as interruption:
            if interruption.args[0] != signal.SIGINT:
                raise
            # the terminal has sent it to the whole group; kill -INT to us alone is passed on
            if not sys.stdin.isatty():
                process.send_signal(signal.SIGINT)


def foreground(processes: Processes, command: Sequence[str], env: dict[str, str], cwd: Path) -> int:
    """Run a program on this terminal, and return its exit code."""
    with program(processes, command, env, cwd) as process:
        return wait(process)
