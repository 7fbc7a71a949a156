# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The machine: which programs are missing and how they get installed (Debian, Ubuntu)."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .console import Console, StepFailed, run_logged
from .settings import Settings

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
"""Browsers that Odoo's tours can drive, the names Odoo itself looks for."""
PLAYWRIGHT = "1.65.2"
REDIS_SERVERS = ("redis-server", "valkey-server")


@dataclass(frozen=True)
class Need:
    """A program or library the project uses.

    packages: what brings it on Debian and Ubuntu; present: tells whether it is there
    required: whether the command cannot go on without it; without: what is lost then
    """

    name: str
    packages: tuple[str, ...]
    present: Callable[[], bool]
    required: bool = True
    without: str = ""


def os_release() -> dict[str, str]:
    """Return /etc/os-release as a dict, empty where there is none."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name: value.strip().strip('"') for name, value in pairs}


def has_venv() -> bool:
    """Return whether this Python can make virtual environments with pip in them."""
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def venv_package() -> str:
    """Return the Debian package that lets this Python make virtual environments."""
    default = shutil.which("python3", path="/usr/bin")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if default and os.path.realpath(default) == os.path.realpath(sys.executable):
        return "python3-venv"
    return f"{version}-venv"


def postgres_bin(version: str | None = None) -> Path | None:
    """Return the folder of PostgreSQL's server programs: that version's, else the newest."""
    found = []
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            found.append((folder.parent.name, folder))
    if not found:
        on_path = shutil.which("initdb")
        if on_path:
            real = Path(os.path.realpath(on_path)).parent
            found.append((version or "0", real))
    if version:
        found = [item for item in found if item[0] == version]
    found.sort(key=lambda item: [int(part) for part in item[0].split(".") if part.isdigit()])
    return found[-1][1] if found else None


def find_redis() -> str | None:
    """Return the path of a Redis server program."""
    paths = filter(None, (shutil.which(name, path=_path()) for name in REDIS_SERVERS))
    return next(paths, None)


def find_browser(settings: Settings) -> str | None:
    """Return the path of a Chromium or Chrome that starts.

    Ubuntu's chromium package only points to a snap, which containers cannot run: such a
    script is not taken for a browser unless the snap is there.
    """
    path = os.pathsep.join([str(settings.state / "bin"), _path()])
    for name in BROWSERS:
        found = shutil.which(name, path=path)
        if found and not _is_missing_snap(Path(found)):
            return found
    return None


def _is_missing_snap(path: Path) -> bool:
    try:
        head = path.read_bytes()[:4096]
    except OSError:
        return True
    return head.startswith(b"#!") and b"snap" in head and not Path("/snap/bin/chromium").exists()


def _path() -> str:
    return os.pathsep.join(
        [os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin", "/usr/local/bin", "/snap/bin"]
    )


def needs(settings: Settings, wanted: Iterable[str]) -> list[Need]:
    """Return the needs of these names: venv, postgres, redis, browser."""
    known = {
        "venv": [
            Need("Python's venv", (venv_package(),), has_venv),
            Need(
                "libmagic",
                ("libmagic1",),
                lambda: (
                    ctypes.util.find_library("magic") is not None
                    or bool(list(Path("/usr/lib").glob("*/libmagic.so.1")))
                ),
                required=False,
                without="file types are guessed from names",
            ),
        ],
        "postgres": [
            Need("PostgreSQL", ("postgresql",), lambda: postgres_bin() is not None),
        ],
        "redis": [
            Need(
                "Redis",
                ("redis-server",),
                lambda: find_redis() is not None,
                required=False,
                without="quotas are shared through PostgreSQL, slower",
            )
        ],
        "browser": [
            Need(
                "fonts",
                ("fonts-liberation",),
                lambda: any(Path("/usr/share/fonts").glob("**/*.[ot]tf")),
                required=False,
                without="pages of the tests show boxes for letters",
            ),
            Need("Chromium", ("chromium",), lambda: find_browser(settings) is not None),
        ],
    }
    return [need for name in wanted for need in known[name]]


def install(settings: Settings, console: Console, wanted: Iterable[str]) -> None:
    """Install what is missing of these needs; does nothing when all is there.

    Raises StepFailed when a required program is missing and cannot be installed.
    """
    missing = [need for need in needs(settings, wanted) if not need.present()]
    if not missing:
        return
    names = ", ".join(need.name for need in missing)
    with console.step(f"Installing {names}") as step:
        apt_install(settings, console, missing)
        left = [need for need in missing if not need.present()]
        done = [package for need in missing if need not in left for package in need.packages]
        step.note(" ".join(done) or "not possible here, going on")
    for need in left:
        console.say(f"    Without {need.name}: {need.without}.")


def apt_install(settings: Settings, console: Console, missing: list[Need]) -> None:
    """Install Debian packages for missing needs, as root or by sudo."""
    log = settings.log("apt")
    packages = [package for need in missing for package in need.packages]
    by_hand = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        _require(
            missing,
            "there is no apt-get on this machine",
            f"install the equivalent of: {' '.join(packages)}; then run this again",
        )
        return
    sudo = sudo_prefix()
    if sudo is None:
        _require(missing, "installing packages needs root or sudo", f"as root: {by_hand}")
        return
    env = dict(settings.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    get = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get"]
    get += ["-q", "-y", "-o", "DPkg::Lock::Timeout=600"]

    if not all(has_candidate(package) for package in packages):
        # lists never fetched; one source of several may be down without harm
        _try([*get, "update"], log, env)
    snap = is_snap_only()
    wanted = [
        package
        for need in missing
        for package in need.packages
        if has_candidate(package) and not (snap and package == "chromium")
    ]
    command = [*get, "install", "--no-install-recommends", *wanted]
    if wanted and not _try(command, log, env):
        # the lists may be older than the mirror: fetch them and try once more
        _try([*get, "update"], log, env)
        run_logged(
            command,
            log,
            failure="apt-get install failed",
            advice=f"try it by hand: {by_hand}",
            env=env,
            finish=True,
        )
    importlib.invalidate_caches()
    if snap and any(need.name == "Chromium" and not need.present() for need in missing):
        _install_browser_elsewhere(settings, console)
    left = [need for need in missing if not need.present()]
    if left:
        _require(left, "could not be installed", f"try by hand: {by_hand}", log)


def _try(command: list[str], log: Path, env: dict[str, str]) -> bool:
    try:
        run_logged(command, log, failure="-", env=env, finish=True)
    except StepFailed:
        return False
    return True


def _require(missing: list[Need], why: str, advice: str, log: Path | None = None) -> None:
    required = [need.name for need in missing if need.required]
    if required:
        verb = "are" if len(required) > 1 else "is"
        raise StepFailed(f"{', '.join(required)} {verb} missing: {why}", advice, log)


def sudo_prefix() -> list[str] | None:
    """Return what to put before a command to run it as root; None when nobody may."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if sys.stdin.isatty():
        return ["sudo"]
    quiet = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if quiet.returncode == 0 else None


def has_candidate(package: str) -> bool:
    """Return whether apt knows a version of a package (its lists may be empty)."""
    result = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", package],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ, LC_ALL="C.UTF-8"),
    )
    if result.returncode == 0 and result.stdout.strip():
        return True
    provided = subprocess.run(
        ["apt-cache", "showpkg", package], capture_output=True, text=True, check=False
    )
    return bool(provided.stdout.partition("Reverse Provides:")[2].strip())


def is_snap_only() -> bool:
    """Return whether this system's chromium package is only a pointer to a snap."""
    release = os_release()
    return release.get("ID") == "ubuntu" or "ubuntu" in release.get("ID_LIKE", "").split()


def _install_browser_elsewhere(settings: Settings, console: Console) -> None:
    """Fetch a Chromium by playwright where apt has only a snap; it is linked into the state.

    A snap's Chromium has a /tmp of its own, so Odoo's tours cannot talk to it.
    """
    advice = (
        "install google-chrome-stable from its vendor's package and run this again; or set "
        "ONEP_NO_BROWSER=1 to run the tests without those that need a browser"
    )
    log, folder = settings.log("browser"), settings.state / "browsers"
    python = folder / "venv" / "bin" / "python"
    env = settings.child_environ({"PLAYWRIGHT_BROWSERS_PATH": str(folder)})
    env.pop("PYTHONPATH")
    failure = "no Chromium that Odoo's tours can drive could be fetched"
    for command in (
        [sys.executable, "-m", "venv", folder / "venv"],
        [python, "-m", "pip", "install", "-q", f"playwright=={PLAYWRIGHT}"],
        [python, "-m", "playwright", "install", "--with-deps", "chromium"],
    ):
        run_logged(command, log, failure=failure, advice=advice, env=env, finish=True)
    found = sorted(folder.glob("chromium-*/chrome-linux*/chrome"))
    if not found:
        raise StepFailed(failure, advice, log)
    link = settings.state / "bin" / "chromium"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(found[-1])
