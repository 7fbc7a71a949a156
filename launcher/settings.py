# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Folders, ports and names of one copy of the project, from its environment variables."""

from __future__ import annotations

import base64
import fcntl
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .console import Console, StepFailed
from .stamps import read_json, write_json, write_text

ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")
DEFAULT_PORT = 8069
OFFSETS = {"gevent": 1, "jobs": 2, "market": 3, "postgres": 4, "redis": 5}
"""Where each secondary port is looked for first, counted from the web port."""
PORT_STRIDE = 10
LOOPBACK = "127.0.0.1"
PG_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGSERVICE")
"""Any of these set means: use that PostgreSQL, start none."""


@dataclass(frozen=True)
class Settings:
    """One copy of the project on this machine.

    root: the clone; state: everything made at run time
    host, port: where Odoo's web server listens; database: the demo database's name
    odoo_home: an existing Odoo source tree, when given; addons: addons to install
    environ: the variables this command was started with
    """

    root: Path
    state: Path
    host: str
    port: int
    database: str
    odoo_home: Path | None
    addons: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environ(cls, root: Path, environ: Mapping[str, str]) -> Settings:
        """Read ONEP_STATE, ONEP_PORT, ONEP_HOST, ONEP_DB, ONEP_ADDONS, ODOO_HOME.

        Raises StepFailed on a value that cannot be used.
        """
        state = Path(environ.get("ONEP_STATE") or ".onep").expanduser()
        port_text = environ.get("ONEP_PORT") or str(DEFAULT_PORT)
        if not port_text.isdigit() or not 1024 <= int(port_text) <= 65000:
            raise StepFailed(
                f"ONEP_PORT is {port_text!r}, which is no port",
                "give a number from 1024 to 65000, for example ONEP_PORT=8169",
            )
        database = environ.get("ONEP_DB") or "onep"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", database):
            raise StepFailed(
                f"ONEP_DB is {database!r}, which cannot name the database",
                "use 1 to 40 lower case letters, digits and underscores, a letter first",
            )
        home = environ.get("ODOO_HOME")
        addons = tuple(filter(None, (environ.get("ONEP_ADDONS") or "").split(",")))
        return cls(
            root=root,
            state=(root / state).resolve(),
            host=environ.get("ONEP_HOST") or LOOPBACK,
            port=int(port_text),
            database=database,
            odoo_home=Path(home).expanduser().resolve() if home else None,
            addons=addons or ADDONS,
            environ=environ,
        )

    @property
    def venv(self) -> Path:
        """Folder of the virtual environment."""
        return self.state / "venv"

    @property
    def python(self) -> Path:
        """Python of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def odoo(self) -> Path:
        """Odoo's command in the virtual environment."""
        return self.venv / "bin" / "odoo"

    @property
    def data(self) -> Path:
        """Odoo's data folder (filestores, sessions)."""
        return self.state / "data"

    @property
    def logs(self) -> Path:
        """Folder of all logs."""
        return self.state / "logs"

    @property
    def stamps(self) -> Path:
        """Folder of what was done, so that it is not done again."""
        return self.state / "stamps"

    @property
    def run(self) -> Path:
        """Folder of the records of started processes."""
        return self.state / "run"

    @property
    def conf(self) -> Path:
        """Folder of generated configuration files."""
        return self.state / "conf"

    @property
    def external_postgres(self) -> bool:
        """Whether the usual PG variables point to a PostgreSQL."""
        return any(self.environ.get(name) for name in PG_VARIABLES)

    @property
    def is_public(self) -> bool:
        """Whether the web server is reachable from other machines."""
        return self.host not in ("localhost", "::1") and not self.host.startswith("127.")

    def log(self, name: str) -> Path:
        """Return the path of a log."""
        return self.logs / f"{name}.log"

    def prepare_state(self) -> None:
        """Create the state folder, which other accounts may pass but not list."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            if self.state.stat().st_uid == os.geteuid():
                self.state.chmod(self.state.stat().st_mode | 0o711)
            for folder in (self.logs, self.stamps, self.run, self.conf, self.data):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StepFailed(
                f"the state folder {self.state} cannot be written: {error.strerror}",
                "name another by ONEP_STATE=/some/folder, or give this one back to your user",
            ) from error
        if self.root != self.state.parent and not (self.state / ".gitignore").exists():
            write_text(self.state / ".gitignore", "*\n")

    @contextmanager
    def lock(self, console: Console, name: str = "setup") -> Iterator[None]:
        """Hold the copy's lock, so that two commands never set up the same thing at once."""
        with (self.state / f"{name}.lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                console.say("  Another ./onep is setting up this copy; waiting for it …")
                fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def secret_key(self) -> str:
        """Return this copy's key for the connectors' secrets, made on first use."""
        path = self.state / "secret.key"
        if not path.exists():
            write_text(path, base64.urlsafe_b64encode(os.urandom(32)).decode() + "\n", 0o600)
        return path.read_text(encoding="utf-8").strip()

    def child_environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the variables for what this copy starts.

        Loopback is never sent through a proxy, variables that change the meaning of the
        marketplace library or of Odoo's configuration are taken out.
        """
        env = {name: value for name, value in self.environ.items() if name not in DROPPED}
        for name in ("NO_PROXY", "no_proxy"):
            hosts = [host for host in env.get(name, "").split(",") if host]
            hosts += [host for host in (LOOPBACK, "localhost", "::1") if host not in hosts]
            env[name] = ",".join(hosts)
        path = [str(self.venv / "bin"), str(self.state / "bin"), env.get("PATH", os.defpath)]
        env["PATH"] = os.pathsep.join(path)
        env["PYTHONPATH"] = str(self.root)
        env["ONEP_SECRET_KEY"] = env.get("ONEP_SECRET_KEY") or self.secret_key()
        env.setdefault("LANG", "C.UTF-8")
        for name, value in MALLOC.items():
            env.setdefault(name, value)
        env.update(extra or {})
        return env


#: What glibc keeps of freed memory. Columns of a page of deals are freed and taken again and again:
#: given back to the system each time they cost 6,000 page faults per million deals, and a fifth
#: of the engine's time.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "268435456"}

DROPPED = frozenset(
    {
        "SP_API_DEFAULT_MARKETPLACE",
        "AWS_ENV",
        "ODOO_RC",
        "OPENERP_SERVER",
        "PGDATABASE",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "VIRTUAL_ENV",
    }
)
"""Variables of the caller that what we start must not see."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a TCP port can be bound now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Ports:
    """The secondary ports of a copy: derived from its web port, free, and remembered.

    A remembered port is used again while it is free, so that addresses stay the same from
    one start to the next; another program's port is never taken.
    """

    def __init__(self, path: Path, base: int, free: Callable[[int], bool] = is_free) -> None:
        self._path = path
        self._base = base
        self._free = free
        saved = read_json(path)
        self._known: dict[str, int] = saved.get("ports", {}) if saved.get("base") == base else {}

    def get(self, name: str) -> int:
        """Return the port of a service of OFFSETS; raises StepFailed when none is free."""
        others = {port for other, port in self._known.items() if other != name} | {self._base}
        first = self._base + OFFSETS[name]
        candidates = [self._known.get(name, first), *range(first, first + 500, PORT_STRIDE)]
        for port in candidates:
            if port not in others and port <= 65535 and self._free(port):
                if self._known.get(name) != port:
                    self._known[name] = port
                    write_json(self._path, {"base": self._base, "ports": self._known})
                return port
        raise StepFailed(
            f"no free port for {name} near {first}",
            "choose another part of the range by ONEP_PORT, for example ONEP_PORT=18069",
        )
