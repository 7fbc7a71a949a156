# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's two processes: one answers screens, one runs jobs and scheduled actions."""

from __future__ import annotations

import re
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .console import Console, StepFailed
from .odoo_source import Source, addons_path
from .postgres import Server
from .processes import Processes
from .settings import LOOPBACK, Ports, Settings
from .stamps import write_text

NO_RUNNER = "root:0"
"""queue_job channels of a process that must not run jobs."""
CHANNELS = "root:4"
"""queue_job channels of the jobs process: four jobs at a time, ONEP_CHANNELS changes it."""
HEALTH = "/web/health"
DAY = 86400


def write_conf(
    settings: Settings,
    source: Source,
    server: Server,
    name: str,
    options: Mapping[str, object],
    channels: str = NO_RUNNER,
    queue_port: int = 0,
) -> Path:
    """Write an Odoo configuration file, readable by its owner only, and return its path."""
    master = settings.state / "master.password"
    if not master.exists():
        write_text(master, secrets.token_urlsafe(24) + "\n", 0o600)
    values: dict[str, object] = {
        "admin_passwd": master.read_text(encoding="utf-8").strip(),
        "addons_path": addons_path(source, [settings.root]),
        "data_dir": settings.data,
        "list_db": False,
        "workers": 0,
        "max_cron_threads": 0,
        "limit_time_real": DAY,
        "limit_time_real_cron": DAY,
        # a hard limit is one of address space, which Chromium and a large frame exceed
        "limit_memory_hard": 0,
        "limit_memory_soft": 0,
        "server_wide_modules": "base,rpc,web",
        "http_interface": LOOPBACK,
        "screenshots": settings.state / "screenshots",
        "db_maxconn": 40,
    }
    # what the PG variables give is in the environment too; in the file, for use by hand
    for option, variable in (
        ("db_host", "PGHOST"),
        ("db_port", "PGPORT"),
        ("db_user", "PGUSER"),
        ("db_password", "PGPASSWORD"),
        ("db_sslmode", "PGSSLMODE"),
    ):
        if server.env.get(variable):
            values[option] = server.env[variable]
    values.update(options)
    lines = ["; written by ./onep at each start", "[options]"]
    lines += [f"{key} = {value}" for key, value in values.items()]
    lines += ["", "[queue_job]", f"channels = {channels}"]
    if queue_port:
        lines += ["scheme = http", f"host = {LOOPBACK}", f"port = {queue_port}"]
    path = settings.conf / f"{name}.conf"
    write_text(path, "\n".join(lines) + "\n", 0o600)
    return path


def tool_conf(settings: Settings, source: Source, server: Server) -> Path:
    """Write and return the configuration for installs, tests, benches and the shell."""
    return write_conf(settings, source, server, "tool", {"http_port": settings.port})


def start_web(
    settings: Settings,
    source: Source,
    server: Server,
    processes: Processes,
    ports: Ports,
    env: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start the process that answers screens: threaded, so that live progress needs no proxy."""
    options = {
        "http_interface": settings.host,
        "http_port": settings.port,
        "gevent_port": ports.get("gevent"),
        "db_name": settings.database,
        "dbfilter": f"^{settings.database}$",
    }
    conf = write_conf(settings, source, server, "web", options)
    return _start("web", settings, processes, conf, settings.port, env)


def start_jobs(
    settings: Settings,
    source: Source,
    server: Server,
    processes: Processes,
    ports: Ports,
    env: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start the process that runs jobs and scheduled actions, on a loopback port of its own."""
    port = ports.get("jobs")
    options = {
        "http_port": port,
        "gevent_port": ports.get("gevent"),
        "db_name": settings.database,
        "dbfilter": f"^{settings.database}$",
        "server_wide_modules": "base,rpc,web,queue_job",
        "max_cron_threads": 1,
    }
    channels = settings.environ.get("ONEP_CHANNELS") or CHANNELS
    conf = write_conf(settings, source, server, "jobs", options, channels, port)
    return _start("jobs", settings, processes, conf, port, env)


def _start(
    name: str,
    settings: Settings,
    processes: Processes,
    conf: Path,
    port: int,
    env: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    log = settings.log(name)
    rotate(log)
    command = [settings.python, settings.odoo, "server", "-c", conf]
    return processes.start(name, command, log, env=env, cwd=settings.root, port=port)


def rotate(log: Path, limit: int = 20 << 20) -> None:
    """Put a log that has grown past a limit [bytes] aside, keeping one former file."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))


def wait_for_http(url: str, process: subprocess.Popen[bytes] | None, patience: float) -> bool:
    """Wait until a URL answers below 500; False when time is up or the process has ended."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            return False
        try:
            with opener.open(url, timeout=10) as answer:
                if answer.status < 500:
                    return True
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def await_ready(
    settings: Settings,
    console: Console,
    name: str,
    process: subprocess.Popen[bytes],
    host: str,
    port: int,
    path: str,
) -> None:
    """Wait for an Odoo process to answer; raises StepFailed with its log."""
    host = LOOPBACK if host in ("0.0.0.0", "", "::") else host
    if not wait_for_http(f"http://{host}:{port}{path}", process, 120):
        raise StepFailed(
            f"Odoo ({name}) did not start",
            "read the log; ./onep run --reset makes the demo database anew if it is damaged",
            settings.log(name),
        )


LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (ERROR|CRITICAL) (\S+) ([\w.]+): (.*)")


class LogWatch:
    """Finds new errors in a growing Odoo log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def errors(self) -> list[str]:
        """Return the first lines of the errors logged since the last call."""
        try:
            size = self.path.stat().st_size
            if size < self._offset:
                self._offset = 0
            with self.path.open("rb") as stream:
                stream.seek(self._offset)
                text = stream.read(1 << 20)
        except OSError:
            return []
        end = text.rfind(b"\n") + 1
        self._offset += end
        found = []
        for line in text[:end].decode("utf-8", "replace").splitlines():
            if match := LOG_LINE.match(line):
                found.append(f"{match[1].lower()} in {match[3]}: {match[4][:200]}")
        return found
