# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""PostgreSQL: the one the usual PG variables point to, else a private cluster."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import Console, StepFailed, run_logged, tail
from .processes import Processes, start_time
from .settings import LOOPBACK, Ports, Settings
from .stamps import read_json, write_json, write_text
from .system import postgres_bin

ROLE = "onep"
SHARED_STATE = Path("/var/lib")
"""Where a cluster goes when its account cannot reach the state folder."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL to use. env: the PG variables that lead to it; private: it is ours."""

    env: dict[str, str]
    private: bool
    words: str


def connect(
    settings: Settings, console: Console, processes: Processes, ports: Ports, *, durable: bool
) -> Server:
    """Return a PostgreSQL that answers, starting the private cluster when none is given.

    durable: whether commits of a private cluster survive a power cut (not needed by tests)
    """
    if settings.external_postgres:
        with console.step("PostgreSQL of the PG variables") as step:
            server = external(settings)
            step.note(server.words)
        return server
    running = processes.read("postgres")
    cluster = Cluster(settings)
    if running:
        return cluster.server(running.port)
    with console.step("PostgreSQL, private cluster") as step:
        note = cluster.create()
        server = cluster.start(processes, ports, durable=durable)
        step.note(server.words + note)
    return server


def external(settings: Settings) -> Server:
    """Check the PostgreSQL that the environment names, and return it."""
    if settings.environ.get("PGUSER") == "postgres":
        raise StepFailed(
            "PGUSER is postgres, a role that Odoo refuses to work with",
            "create a role of its own (createuser --createdb odoo) and set PGUSER to it",
        )
    env = {
        name: value
        for name, value in settings.environ.items()
        if name.startswith("PG") and name != "PGDATABASE"
    }
    facts = call(settings, Server(env, False, ""), "ping")
    if not facts.get("createdb"):
        raise StepFailed(
            f"the PostgreSQL role {facts.get('role')} may not create databases",
            f"as an administrator: ALTER ROLE {facts.get('role')} CREATEDB;",
        )
    if int(facts["version"]) < 130000:
        raise StepFailed(
            f"PostgreSQL {facts['version'] // 10000} is too old for Odoo 19",
            "point the PG variables to PostgreSQL 13 or newer, or unset them",
        )
    where = settings.environ.get("PGHOST") or "the local socket"
    return Server(env, False, f"{where}, version {facts['version'] // 10000}")


def call(settings: Settings, server: Server, *words: str) -> dict[str, Any]:
    """Run a command of database_tool on a server; returns its answer.

    Raises StepFailed with PostgreSQL's own words.
    """
    result = subprocess.run(
        [settings.python, "-m", "launcher.database_tool", *words],
        capture_output=True,
        text=True,
        check=False,
        env=settings.child_environ(server.env),
        cwd=settings.root,
    )
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no answer"]
        advice = (
            f"look at {settings.log('postgres')}"
            if server.private
            else "check PGHOST, PGPORT, PGUSER and PGPASSWORD; unset them all to have a "
            "private cluster made"
        )
        raise StepFailed(f"PostgreSQL: {lines[-1]}", advice)
    return json.loads(result.stdout or "{}")


class Cluster:
    """The private cluster: loopback only, one role with a password, no socket file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.account = self._account()
        self._stamp = settings.stamps / "postgres.json"
        known = read_json(self._stamp).get("folder")
        self.folder = Path(known) if known else settings.state / "postgres"
        self.log = settings.log("postgres")

    @staticmethod
    def _account() -> str | None:
        """Return the account to run as: PostgreSQL refuses root; None means the caller's own."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                pwd.getpwnam(name)
            except KeyError:
                continue
            return name
        raise StepFailed(
            "PostgreSQL refuses to run as root and there is no account to run it as",
            "create one: useradd --system postgres",
        )

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.folder / "data"

    @property
    def version(self) -> str | None:
        """Major version that made the data folder, None when there is none yet."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except OSError:
            return None

    def _bin(self) -> Path:
        found = postgres_bin(self.version)
        if found:
            return found
        if self.version:
            raise StepFailed(
                f"the cluster was made by PostgreSQL {self.version}, which is gone",
                f"install postgresql-{self.version}, or remove {self.folder} to start afresh "
                "(its databases are lost)",
            )
        raise StepFailed("PostgreSQL's server programs are missing", "apt-get install postgresql")

    def _reachable(self, folder: Path) -> bool:
        """Return whether the cluster's account can enter a folder."""
        if self.account is None:
            return True
        from .console import group_of

        result = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            user=self.account,
            group=group_of(self.account),
            extra_groups=[],
            capture_output=True,
            cwd="/",
            check=False,
        )
        return result.returncode == 0

    def create(self) -> str:
        """Make the cluster when there is none; returns words on where it is, if elsewhere."""
        elsewhere = ""
        if self.version and (self._stamp.exists()):
            return elsewhere
        if not self._reachable(self.settings.state):
            mark = hashlib.sha256(str(self.settings.state).encode()).hexdigest()[:10]
            self.folder = SHARED_STATE / f"onep-{mark}"
            elsewhere = (
                f"; in {self.folder}, as the account {self.account} cannot enter "
                f"{self.settings.state}"
            )
        program = self._bin() / "initdb"
        if self.data.exists():
            shutil.rmtree(self.data)  # an initdb that was interrupted: no stamp yet
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        self.data.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        secret = self.settings.state / "postgres.password"
        write_text(secret, password + "\n", 0o600)
        handed = self.folder / ".password"
        write_text(handed, password + "\n", 0o600)
        if self.account:
            shutil.chown(self.data, self.account)
            shutil.chown(handed, self.account)
        command: list[str | Path] = [
            program,
            f"--pgdata={self.data}",
            f"--username={ROLE}",
            "--auth=scram-sha-256",
            f"--pwfile={handed}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        try:
            run_logged(
                command,
                self.log,
                failure="the database cluster could not be made",
                env=self._environ(),
                cwd=self.folder,
                user=self.account,
            )
        finally:
            handed.unlink(missing_ok=True)
        write_json(self._stamp, {"folder": str(self.folder)})
        return elsewhere

    def _environ(self) -> dict[str, str]:
        env = self.settings.child_environ()
        for name in ("ONEP_SECRET_KEY", "PYTHONPATH"):
            env.pop(name, None)
        return dict(env, LC_ALL="C.UTF-8", HOME=str(self.folder))

    def server(self, port: int) -> Server:
        """Return how to reach the cluster on a port."""
        password = (self.settings.state / "postgres.password").read_text(encoding="utf-8")
        env = {
            "PGHOST": LOOPBACK,
            "PGPORT": str(port),
            "PGUSER": ROLE,
            "PGPASSWORD": password.strip(),
            "PGSSLMODE": "disable",
        }
        words = f"version {self.version} on {LOOPBACK}:{port}"
        return Server(env, True, words)

    def options(self, port: int, *, durable: bool) -> Sequence[str]:
        """Return the server's settings, sized for the machine."""
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)
        settings = {
            "port": port,
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": 150,
            "shared_buffers": f"{max(128, min(1024, memory_mb // 8))}MB",
            "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
            "maintenance_work_mem": "128MB",
            "work_mem": "16MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "jit": "off",
            "synchronous_commit": "off",
            "fsync": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            "log_checkpoints": "off",
            "logging_collector": "off",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def start(self, processes: Processes, ports: Ports, *, durable: bool) -> Server:
        """Start the cluster and wait until it answers; tries another port if one is taken."""
        self._adopt(processes)
        running = processes.read("postgres")
        if running:
            return self.server(running.port)
        folder = self._bin()
        for _attempt in range(3):
            port = ports.get("postgres")
            process = processes.start(
                "postgres",
                [folder / "postgres", "-D", self.data, *self.options(port, durable=durable)],
                self.log,
                env=self._environ(),
                cwd=self.data if self.account is None else Path("/"),
                port=port,
                user=self.account,
            )
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if self._answers(folder, port):
                    return self.server(port)
                time.sleep(0.05)
            code = process.poll()
            processes.stop("postgres")
            if code is None or not any("in use" in line for line in tail(self.log, 12)):
                break
        raise StepFailed(
            "PostgreSQL did not start",
            f"read the log; if it speaks of a damaged cluster, remove {self.folder} "
            "(its databases are lost) and run this again",
            self.log,
        )

    def _adopt(self, processes: Processes) -> None:
        """Record a server of this cluster that runs without a record (its file was lost)."""
        if processes.read("postgres"):
            return
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, port = int(lines[0]), int(lines[3])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except (OSError, ValueError, IndexError):
            return
        if str(self.data) in words and start_time(pid) is not None:
            processes.remember(
                "postgres", pid, port=port, command=" ".join(words), log=str(self.log)
            )

    @staticmethod
    def _answers(folder: Path, port: int) -> bool:
        ready = folder / "pg_isready"
        program = str(ready) if ready.exists() else shutil.which("pg_isready") or str(ready)
        try:
            result = subprocess.run(
                [program, "-q", "-h", LOOPBACK, "-p", str(port), "-t", "2"],
                check=False,
                capture_output=True,
            )
        except OSError:
            return True
        return result.returncode == 0
