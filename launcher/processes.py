# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What this copy started: recorded by process id and start time, ended by them only.

A process id alone may have been given to another program since; together with the start
time that the kernel keeps and the boot it belongs to, it names one process for good.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .console import group_of
from .stamps import read_json, write_json

SERVICE_ORDER = ("jobs", "web", "market", "redis", "postgres")
"""The order in which services are stopped: who uses before who is used."""
FRONT_PREFIX = "front-"


@dataclass(frozen=True)
class Record:
    """One process started by this copy.

    started: the kernel's start time of the process [clock ticks since boot]
    boot: the kernel's id of the boot; port: its TCP port, 0 for none
    """

    name: str
    pid: int
    started: int
    boot: str
    port: int
    command: str
    log: str


def boot_id() -> str:
    """Return the id of this boot of the machine, empty where the kernel has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the name: state first, then the parent."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def start_time(pid: int) -> int | None:
    """Return when a living process was started [clock ticks since boot], else None."""
    fields = _stat(pid)
    if not fields or fields[0] in "ZX":
        return None
    return int(fields[19])


def is_alive(record: Record) -> bool:
    """Return whether the very process of a record still runs."""
    return record.boot == boot_id() and start_time(record.pid) == record.started


def descendants(pid: int) -> list[tuple[int, int]]:
    """Return (pid, start time) of all living children, grandchildren … of a process."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            parents.setdefault(int(fields[1]), []).append(int(entry))
    found, queue = [], [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            started = start_time(child)
            if started is not None:
                found.append((child, started))
            queue.append(child)
    return found


def send(pid: int, started: int, number: int) -> bool:
    """Send a signal to a process if it still is the one started then; tell whether it was."""
    if start_time(pid) != started:
        return False
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def reap(pid: int) -> None:
    """Collect the exit of a child of ours, if it is one and has ended."""
    with suppress(OSError):
        os.waitpid(pid, os.WNOHANG)


class Processes:
    """The records of one copy, one JSON file a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def read(self, name: str) -> Record | None:
        """Return the living process of a name; a record of a dead one is removed."""
        data = read_json(self._path(name))
        try:
            record = Record(**data)
        except TypeError:
            return None
        if is_alive(record):
            return record
        reap(record.pid)
        self._path(name).unlink(missing_ok=True)
        return None

    def living(self) -> dict[str, Record]:
        """Return all living processes of this copy by name."""
        names = [path.stem for path in self.folder.glob("*.json")]
        return {name: record for name in names if (record := self.read(name))}

    def remember(self, name: str, pid: int, *, port: int = 0, command: str = "", log: str = ""):
        """Record a process that runs now; returns its Record, or None when it has ended."""
        started = start_time(pid)
        if started is None:
            return None
        record = Record(name, pid, started, boot_id(), port, command, log)
        write_json(self._path(name), asdict(record))
        return record

    def forget(self, name: str) -> None:
        """Remove a record."""
        self._path(name).unlink(missing_ok=True)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        env: Mapping[str, str],
        cwd: Path,
        port: int = 0,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a server in a session of its own and record it; its output goes to the log."""
        words = [str(word) for word in command]
        extra = {"user": user, "group": group_of(user), "extra_groups": []} if user else {}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
                **extra,
            )
        self.remember(name, process.pid, port=port, command=" ".join(words), log=str(log))
        return process

    def stop(self, name: str, *, patience: float = 15.0) -> bool:
        """End a recorded process and its descendants; returns whether it was running.

        PostgreSQL gets its "fast" signal, others TERM; what is left after ``patience``
        seconds is killed. Only processes whose start time is the recorded one are touched.
        """
        record = self.read(name)
        if record is None:
            return False
        family = [(record.pid, record.started), *descendants(record.pid)]
        number = signal.SIGINT if name == "postgres" else signal.SIGTERM
        send(record.pid, record.started, number)
        if not self._gone([family[0]], patience):
            number = signal.SIGQUIT if name == "postgres" else signal.SIGKILL
            send(record.pid, record.started, number)
            self._gone([family[0]], 5)
        for number, wait in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
            left = [member for member in family if start_time(member[0]) == member[1]]
            for pid, started in left:
                send(pid, started, number)
            if self._gone(left, wait):
                break
        self.forget(name)
        return True

    @staticmethod
    def _gone(members: list[tuple[int, int]], patience: float) -> bool:
        deadline = time.monotonic() + patience
        while True:
            for pid, _started in members:
                reap(pid)
            if all(start_time(pid) != started for pid, started in members):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def stop_services(self, say: Callable[[str], None] | None = None) -> list[str]:
        """Stop every service, users first; returns their names."""
        running = [name for name in self.living() if not name.startswith(FRONT_PREFIX)]
        rank = {name: index for index, name in enumerate(SERVICE_ORDER)}
        stopped = []
        for name in sorted(running, key=lambda name: rank.get(name, -1)):
            started = time.monotonic()
            if self.stop(name, patience=30.0 if name == "postgres" else 15.0):
                stopped.append(name)
                if say:
                    say(f"  {name} stopped ({time.monotonic() - started:.1f} s)")
        return stopped

    def fronts(self) -> list[Record]:
        """Return the living ./onep commands of this copy but the caller itself."""
        return [
            record
            for name, record in self.living().items()
            if name.startswith(FRONT_PREFIX) and record.pid != os.getpid()
        ]
