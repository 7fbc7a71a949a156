# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The virtual environment: pinned packages, and Odoo's source made importable in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .console import Console, StepFailed, run_logged
from .odoo_source import SCRIPT, SERIES, Source
from .settings import Settings
from .stamps import hash_files, read_json, short, write_json, write_text

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


def key(settings: Settings) -> str:
    """Return what the environment depends on: the pins and this Python."""
    pins = hash_files(settings.root, [settings.root / "requirements.txt"])
    return short(pins, MINOR, str(settings.venv))


def is_ready(settings: Settings) -> bool:
    """Return whether the environment of the current pins is there."""
    stamp = read_json(settings.stamps / "venv.json")
    return stamp.get("key") == key(settings) and settings.python.exists()


def prepare(settings: Settings, console: Console) -> None:
    """Create the environment or bring it to the pins; does nothing when it is ready."""
    if not (settings.root / "requirements.txt").exists():
        raise StepFailed("requirements.txt is missing", "restore it: git checkout requirements.txt")
    if is_ready(settings):
        return
    log = settings.log("environment")
    if _python_of(settings) != MINOR:
        with console.step(f"Virtual environment for Python {MINOR}") as step:
            if settings.venv.exists():
                shutil.rmtree(settings.venv)
            run_logged(
                [sys.executable, "-m", "venv", settings.venv],
                log,
                failure="the virtual environment could not be made",
                advice="install this Python's venv module (on Debian: python3-venv)",
                env=_pip_environ(settings),
            )
            step.note("created")
    with console.step("Python packages of requirements.txt") as step:
        write_stub(site_folder(settings))
        pip = [settings.python, "-m", "pip", "--disable-pip-version-check"]
        run_logged(
            [*pip, "install", "--prefer-binary", "-r", settings.root / "requirements.txt"],
            log,
            failure="pip could not install the pinned packages",
            advice="check that the package index is reachable (pip config list), then run "
            "this again: what is installed already is kept",
            env=_pip_environ(settings),
        )
        run_logged(
            [*pip, "check"],
            log,
            failure="the pinned packages contradict each other",
            advice=f"mend requirements.txt, or remove {settings.venv} and run this again",
            env=_pip_environ(settings),
        )
        write_json(settings.stamps / "venv.json", {"key": key(settings)})
        count = len(list(site_folder(settings).glob("*.dist-info")))
        step.note(f"{count} packages")


def _pip_environ(settings: Settings) -> dict[str, str]:
    env = settings.child_environ()
    env.pop("PYTHONPATH", None)
    env["PIP_NO_INPUT"] = "1"
    env["PIP_REQUIRE_VIRTUALENV"] = "0"
    return env


def _python_of(settings: Settings) -> str | None:
    """Return the version ("3.11") of the environment's Python, None when it does not run."""
    if not settings.python.exists() or not (settings.venv / "bin" / "pip").exists():
        return None
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run(
            [settings.python, "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def site_folder(settings: Settings) -> Path:
    """Return the environment's site-packages."""
    return settings.venv / "lib" / f"python{MINOR}" / "site-packages"


def write_stub(site: Path) -> None:
    """Tell pip that Odoo is installed: OCA's packages require it and no index offers it."""
    folder = site / f"odoo-{SERIES}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: odoo\nVersion: {SERIES}\n"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    (folder / "INSTALLER").write_text("onep\n", encoding="utf-8")
    names = ("METADATA", "INSTALLER", "RECORD")
    record = "".join(f"odoo-{SERIES}.dist-info/{name},,\n" for name in names)
    (folder / "RECORD").write_text(record, encoding="utf-8")


def link(settings: Settings, source: Source) -> None:
    """Make Odoo's source importable, and its command ``bin/odoo``, in the environment.

    A path file, not a symbolic link: Odoo compares real paths. A script of its own, since
    ``python -m odoo`` cannot start Odoo's helper processes.
    """
    path_file = site_folder(settings) / "odoo-src.pth"
    line = f"{source.path}\n"
    if not path_file.exists() or path_file.read_text(encoding="utf-8") != line:
        write_text(path_file, line)
    script = f"#!{settings.python}\n{SCRIPT}"
    if len(f"#!{settings.python}") > 120:  # the kernel cuts long first lines
        script = f"#!/bin/sh\n'''exec' '{settings.python}' \"$0\" \"$@\"\n' '''\n{SCRIPT}"
    if not settings.odoo.exists() or settings.odoo.read_text(encoding="utf-8") != script:
        write_text(settings.odoo, script, 0o755)
        os.chmod(settings.odoo, 0o755)
