# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The commands of ./onep, each a function of the session and its arguments."""

from __future__ import annotations

import ast
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import environment, market, odoo_server, odoo_source, postgres, redis, system, testing
from .console import Console, StepFailed
from .databases import Databases
from .odoo_source import Source
from .processes import FRONT_PREFIX, Processes
from .program import Interrupted, foreground
from .settings import Ports, Settings, is_free
from .stamps import read_json, write_json

RESTARTS = 3
RESTART_WINDOW = 300.0


@dataclass
class Session:
    """One ./onep command: its settings, what it says and what it starts."""

    settings: Settings
    console: Console
    processes: Processes = field(init=False)
    ports: Ports = field(init=False)

    def __post_init__(self) -> None:
        self.processes = Processes(self.settings.run)
        self.ports = Ports(self.settings.stamps / "ports.json", self.settings.port)


@dataclass
class Backend:
    """What a command that needs Odoo works with. env: variables for what it starts."""

    source: Source
    server: postgres.Server
    market_url: str | None
    env: dict[str, str]
    databases: Databases


@contextmanager
def front(session: Session, name: str) -> Iterator[None]:
    """Register the command while it runs; at its end the last one stops all services."""

    def interrupt(number: int, _frame: object) -> None:
        raise Interrupted(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    record = f"{FRONT_PREFIX}{os.getpid()}"
    session.processes.remember(record, os.getpid(), command=name)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        session.processes.forget(record)
        if not session.processes.fronts():
            session.processes.stop_services()


def prepare_python(session: Session, *needs: str) -> None:
    """Install what is missing of the needs, and bring the environment to its pins."""
    system.install(session.settings, session.console, ("venv", *needs))
    environment.prepare(session.settings, session.console)


def prepare_backend(session: Session, *, durable: bool, browser: bool = False) -> Backend:
    """Set up everything below Odoo and start its services; the caller holds the lock."""
    settings, console = session.settings, session.console
    needs = ["redis"] if not settings.environ.get("ONEP_REDIS_URL") else []
    needs += [] if settings.external_postgres else ["postgres"]
    needs += ["browser"] if browser else []
    system.install(settings, console, ("venv", *(need for need in needs if need != "browser")))
    source = odoo_source.obtain(settings, console)
    environment.prepare(settings, console)
    environment.link(settings, source)
    if browser:
        system.install(settings, console, ("browser",))
    server = postgres.connect(settings, console, session.processes, session.ports, durable=durable)
    redis_url = redis.connect(settings, console, session.processes, session.ports)
    market_url = market.connect(settings, console, session.processes, session.ports)
    extra = dict(server.env)
    if redis_url:
        extra["ONEP_REDIS_URL"] = redis_url
    if market_url:
        extra["ONEP_MARKET_URL"] = market_url
    env = settings.child_environ(extra)
    conf = odoo_server.tool_conf(settings, source, server)
    databases = Databases(settings, console, source, server, conf, env)
    return Backend(source, server, market_url, env, databases)


# -- run --------------------------------------------------------------------------------


def run(session: Session, arguments: Sequence[str]) -> int:
    """./onep run [--reset]: set up, start everything, stay in front until told to end."""
    unknown = [word for word in arguments if word != "--reset"]
    if unknown:
        raise StepFailed(f"./onep run does not know {' '.join(unknown)}", "see ./onep help")
    settings, console = session.settings, session.console
    other = next((one for one in session.processes.fronts() if one.command == "run"), None)
    if other:
        raise StepFailed(
            f"this copy runs already (process {other.pid})",
            "use it, or end it by ./onep stop; a second copy needs ONEP_STATE and ONEP_PORT",
        )
    if settings.is_public and not settings.environ.get("ONEP_ADMIN_PASSWORD"):
        raise StepFailed(
            f"ONEP_HOST={settings.host} opens the demo, whose password is known, to the network",
            "set ONEP_ADMIN_PASSWORD too, or leave ONEP_HOST unset (this machine only)",
        )
    with front(session, "run"):
        with settings.lock(console):
            for name in ("web", "jobs"):  # of a front process that was killed
                session.processes.stop(name)
            if not is_free(settings.port, settings.host):
                raise StepFailed(
                    f"port {settings.port} is used by another program",
                    f"choose another: ONEP_PORT={settings.port + 100} ./onep run",
                )
            started = time.monotonic()
            backend = prepare_backend(session, durable=True)
            if backend.databases.demo(backend.market_url, reset="--reset" in arguments):
                (settings.stamps / "admin.json").unlink(missing_ok=True)
            set_password(session, backend)
            starters = start_odoo(session, backend)
        greet(session, backend, time.monotonic() - started)
        try:
            return watch(session, starters)
        except Interrupted:
            console.say()
            console.say("Stopping …")
            if session.processes.fronts():
                for name in ("jobs", "web"):
                    session.processes.stop(name)
                console.say("  another ./onep of this copy still uses the database server")
            else:
                session.processes.stop_services(console.say)
            return 0


Starter = Callable[[], subprocess.Popen[bytes]]


def start_odoo(session: Session, backend: Backend) -> dict[str, Starter]:
    """Start the web and the jobs process; returns how to start each service again."""
    settings, console, processes = session.settings, session.console, session.processes

    def web() -> subprocess.Popen[bytes]:
        return odoo_server.start_web(
            settings, backend.source, backend.server, processes, session.ports, backend.env
        )

    def jobs() -> subprocess.Popen[bytes]:
        return odoo_server.start_jobs(
            settings, backend.source, backend.server, processes, session.ports, backend.env
        )

    with console.step("Odoo: screens, and jobs in a process of their own") as step:
        web_process, jobs_process = web(), jobs()
        odoo_server.await_ready(
            settings, console, "web", web_process, settings.host, settings.port, "/web/login"
        )
        record = processes.read("jobs")
        port = record.port if record else 0
        odoo_server.await_ready(
            settings, console, "jobs", jobs_process, "127.0.0.1", port, odoo_server.HEALTH
        )
        step.note(f"answer on {settings.port} and {port}")
    return {"web": web, "jobs": jobs}


def set_password(session: Session, backend: Backend) -> None:
    """Give the demo's administrator the password of ONEP_ADMIN_PASSWORD, when it is set."""
    settings = session.settings
    password = settings.environ.get("ONEP_ADMIN_PASSWORD")
    stamp = settings.stamps / "admin.json"
    if not password:
        return
    digest = hmac.new(
        settings.secret_key().encode(), f"{settings.database}:{password}".encode(), hashlib.sha256
    ).hexdigest()
    made = read_json(stamp)
    if made.get("digest") == digest and made.get("made") == settings.database:
        return
    with session.console.step("Administrator's password") as step:
        code = (
            "import os\nuser = env.ref('base.user_admin')\n"
            "user.password = os.environ['ONEP_ADMIN_PASSWORD']\nenv.cr.commit()\n"
        )
        command = [settings.python, settings.odoo, "shell", "-c", backend.databases.conf]
        command += ["-d", settings.database, "--no-http"]
        result = subprocess.run(
            command, input=code, text=True, capture_output=True, check=False, env=backend.env
        )
        if result.returncode:
            log = settings.log("password")
            log.write_text(result.stderr, encoding="utf-8")
            raise StepFailed("the administrator's password could not be set", "read the log", log)
        write_json(stamp, {"digest": digest, "made": settings.database}, 0o600)
        step.note("set from ONEP_ADMIN_PASSWORD")


def greet(session: Session, backend: Backend, seconds: float) -> None:
    """Print the address, the login, and that this is a demo."""
    settings, say = session.settings, session.console.say
    host = os.uname().nodename if settings.host in ("0.0.0.0", "::") else settings.host
    given = bool(settings.environ.get("ONEP_ADMIN_PASSWORD"))
    password = "(the one of ONEP_ADMIN_PASSWORD)" if given else "admin"
    say()
    say(session.console.paint(f"  Ready in {seconds:.0f} s: http://{host}:{settings.port}", "1"))
    say(f"  Login admin, password {password}")
    say("  This is a demo: its marketplaces are simulated on this machine, no figure is real.")
    if not backend.market_url:
        say("  The demo market is not running: tests/simulator is missing from this clone.")
    say(f"  Logs: {settings.logs}    Stop: Ctrl-C here, or ./onep stop")
    say()


def watch(session: Session, starters: dict[str, Starter]) -> int:
    """Stay in front: print errors as they are logged, start again what ends by itself.

    Returns 1 when a service ends more than RESTARTS times within RESTART_WINDOW seconds.
    """
    settings, console, processes = session.settings, session.console, session.processes
    logs = {name: odoo_server.LogWatch(settings.log(name)) for name in starters}
    watched = [name for name in processes.living() if not name.startswith(FRONT_PREFIX)]
    ends: dict[str, list[float]] = {name: [] for name in watched}
    shown: dict[str, float] = {}
    while True:
        time.sleep(1.0)
        now = time.monotonic()
        for name, log in logs.items():
            for line in log.errors():
                if now - shown.get(line, -60.0) >= 60.0:
                    shown[line] = now
                    console.event(f"{name}: {line}  (see {settings.log(name)})")
        for name in watched:
            if processes.read(name) is not None:
                continue
            ends[name] = [moment for moment in ends[name] if now - moment < RESTART_WINDOW]
            ends[name].append(now)
            if len(ends[name]) > RESTARTS:
                raise StepFailed(f"{name} keeps ending", "read its log", settings.log(name))
            console.event(f"{name} ended by itself; starting it again")
            restart(session, name, starters)


def restart(session: Session, name: str, starters: dict[str, Starter]) -> None:
    """Start a service again that has ended."""
    settings, processes, ports = session.settings, session.processes, session.ports
    quiet = Console(open(os.devnull, "w"))  # noqa: SIM115 - lives as long as the process
    if name in starters:
        starters[name]()
    elif name == "postgres":
        postgres.connect(settings, quiet, processes, ports, durable=True)
    elif name == "redis":
        redis.connect(settings, quiet, processes, ports)
    elif name == "market":
        market.connect(settings, quiet, processes, ports)


# -- test, bench, shell -------------------------------------------------------------------


def test(session: Session, arguments: Sequence[str]) -> int:
    """./onep test [pytest args]: every test, or those named; returns pytest's exit code."""
    settings, console = session.settings, session.console
    browser = not settings.environ.get("ONEP_NO_BROWSER")
    with front(session, "test"):
        with settings.lock(console):
            backend = prepare_backend(session, durable=False, browser=browser)
        env = dict(backend.env, ODOO_RC=str(backend.databases.conf))
        return testing.run(settings, console, session.processes, backend.databases, env, arguments)


def bench(session: Session, arguments: Sequence[str]) -> int:
    """./onep bench [name] [args]: measure; a bench gets a scratch database in ONEP_BENCH_DB."""
    settings = session.settings
    names = [word for word in arguments if not word.startswith("-")][:1]
    command = [str(settings.python), "-m", "tests.benchmarks", *arguments]
    with front(session, "bench"):
        if names and not needs_database(settings.root, names[0]):
            with settings.lock(session.console):
                prepare_python(session)
            return foreground(session.processes, command, settings.child_environ(), settings.root)
        with settings.lock(session.console):
            backend = prepare_backend(session, durable=False)
        with backend.databases.scratch("bench") as name:
            env = dict(backend.env, ODOO_RC=str(backend.databases.conf), ONEP_BENCH_DB=name)
            session.console.say()
            return foreground(session.processes, command, env, settings.root)


def needs_database(root: Path, name: str) -> bool:
    """Return whether a bench needs a database: unless it says ``NEEDS_DATABASE = False``."""
    for path in (
        root / "tests" / "benchmarks" / f"{name}.py",
        root / "tests" / "benchmarks" / f"{name}_bench.py",
    ):
        if not path.exists():
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "NEEDS_DATABASE"
                for target in node.targets
            ):
                return bool(ast.literal_eval(node.value))
    return True


def shell(session: Session, arguments: Sequence[str]) -> int:
    """./onep shell [odoo shell args]: Odoo's shell on the demo database, made when missing."""
    settings = session.settings
    with front(session, "shell"):
        with settings.lock(session.console):
            backend = prepare_backend(session, durable=True)
            if not backend.databases.read(settings.database)[0]:
                backend.databases.demo(backend.market_url)
        command = [str(settings.python), str(settings.odoo), "shell"]
        command += ["-c", str(backend.databases.conf), "-d", settings.database, "--no-http"]
        return foreground(session.processes, [*command, *arguments], backend.env, Path.cwd())


def i18n(session: Session, arguments: Sequence[str]) -> int:
    """./onep i18n: bring the translation files to the addons' present terms; 1 while some lack."""
    settings = session.settings
    if arguments:
        raise StepFailed("./onep i18n takes no arguments", "see ./onep help")
    with front(session, "i18n"):
        with settings.lock(session.console):
            backend = prepare_backend(session, durable=False)
        with backend.databases.scratch("i18n") as name:
            command = [str(settings.python), "-m", "launcher.translations"]
            command += ["-c", str(backend.databases.conf), "-d", name]
            command += ["--root", str(settings.root), *settings.addons]
            return foreground(session.processes, command, backend.env, settings.root)


# -- without a database -------------------------------------------------------------------


def preview(session: Session, arguments: Sequence[str]) -> int:
    """./onep preview FILE [--json …]: what the hub would make of a file; nothing is saved."""
    settings = session.settings
    if not environment.is_ready(settings):
        with settings.lock(session.console):
            prepare_python(session)
    command = [str(settings.python), "-m", "launcher.pure", "onep_sourcing.ingest.preview"]
    sys.stdout.flush()
    os.execve(command[0], [*command, *arguments], settings.child_environ())
    return 0


def lint(session: Session, arguments: Sequence[str]) -> int:
    """./onep lint [args]: style, addon, data file and licence checks."""
    settings = session.settings
    if not environment.is_ready(settings):
        with settings.lock(session.console):
            prepare_python(session)
    try:
        from . import lint as checks
    except ImportError as error:
        raise StepFailed(f"launcher/lint cannot be used: {error}", "git status") from error
    os.environ.update(settings.child_environ())
    return checks.main(settings.root, str(settings.python), list(arguments))


def stop(session: Session, arguments: Sequence[str]) -> int:
    """./onep stop: end everything this copy has started, from any terminal."""
    if arguments:
        raise StepFailed("./onep stop takes no arguments", "see ./onep help")
    processes, say = session.processes, session.console.say
    fronts = processes.fronts()
    for record in fronts:
        say(f"  ending ./onep {record.command} (process {record.pid})")
        processes.stop(record.name, patience=40.0)
    stopped = processes.stop_services(say)
    if not fronts and not stopped:
        say("  nothing of this copy is running")
    return 0


COMMANDS: dict[str, Callable[[Session, Sequence[str]], int]] = {
    "run": run,
    "test": test,
    "bench": bench,
    "preview": preview,
    "shell": shell,
    "lint": lint,
    "i18n": i18n,
    "stop": stop,
}
