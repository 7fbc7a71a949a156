# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""./onep test: what pytest runs, in how many processes at once."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from .console import Console
from .databases import Databases
from .processes import Processes
from .program import program, wait
from .settings import Settings

#: pytest options whose value is the next word, which is no path then (without their dashes).
OPTIONS_WITH_VALUE = frozenset(
    (*"kmpcnoWr", "rootdir", "maxfail", "tb", "durations", "deselect", "ignore", "junitxml")
    + ("odoo-log-level", "hypothesis-seed", "hypothesis-profile")
)
#: The folders of one process each when nothing is named: halves of about the same length.
LANES = (
    ("onep_marketplace_connectors", "onep_sourcing"),
    ("onep_margin", "tests"),
)
NO_TESTS = 5  # pytest's exit code when nothing was selected


@dataclass(frozen=True, slots=True)
class Lane:
    """One pytest process: its folders, its database, its variables."""

    targets: tuple[str, ...]
    database: str
    env: dict[str, str]


def run(
    settings: Settings,
    console: Console,
    processes: Processes,
    databases: Databases,
    env: dict[str, str],
    arguments: Sequence[str],
) -> int:
    """Run the tests named, or all of them in two processes; returns pytest's exit code."""
    browser = not settings.environ.get("ONEP_NO_BROWSER")
    base = [str(settings.python), "-m", "pytest", *(["--odoo-http"] if browser else [])]
    with ExitStack() as stack:
        lanes = [
            Lane(
                targets,
                name := stack.enter_context(databases.scratch("test", str(number or ""))),
                {**environment_of(env, number), "ONEP_TEST_DB": name},
            )
            for number, targets in enumerate(split(settings, arguments))
        ]
        console.say()
        others: list[tuple[Lane, Path, Popen[bytes]]] = []
        for number, lane in enumerate(lanes[1:], start=2):
            log = settings.log(f"test-{number}")
            command = [*base, f"--odoo-database={lane.database}", *lane.targets, *arguments]
            process = stack.enter_context(program(processes, command, lane.env, settings.root, log))
            others.append((lane, log, process))
            console.say(f"  {' '.join(lane.targets)}: at the same time, shown at the end ({log})")
        first = lanes[0]
        command = [*base, f"--odoo-database={first.database}", *first.targets, *arguments]
        process = stack.enter_context(program(processes, command, first.env, settings.root))
        codes = [wait(process)]
        for lane, log, process in others:
            console.say(f"\n  {' '.join(lane.targets)}")
            codes.append(show(log, process))
        return outcome(codes)


def environment_of(env: dict[str, str], number: int) -> dict[str, str]:
    """Return the variables of a lane: each has a Redis database of its own."""
    own = dict(env)
    own.pop("ONEP_SECRET_KEY", None)  # tests of the key say themselves where it is
    url = own.get("ONEP_REDIS_URL", "")
    if number and url.endswith("/0"):
        own["ONEP_REDIS_URL"] = f"{url[:-1]}{number}"
    return own


def split(settings: Settings, arguments: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the folders of each lane; none to add when the arguments name what to run."""
    if has_target(settings.root, arguments):
        return [()]
    known = [name for name in (*settings.addons, "tests") if (settings.root / name).is_dir()]
    if (os.cpu_count() or 1) < 2 or settings.environ.get("ONEP_TEST_LANES") == "1":
        return [tuple(known)]
    lanes = [tuple(name for name in lane if name in known) for lane in LANES]
    lanes[0] += tuple(name for name in known if not any(name in lane for lane in LANES))
    return [lane for lane in lanes if lane]


def has_target(root: Path, arguments: Sequence[str]) -> bool:
    """Return whether pytest arguments name a file or folder (of the root or of here)."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("-") and word.lstrip("-") in OPTIONS_WITH_VALUE:
            skip = True
        elif not word.startswith("-") and (root / word.split("::")[0]).exists():
            return True
    return False


def show(log: Path, process: Popen[bytes]) -> int:
    """Print what a program has written and goes on writing; returns its exit code."""
    with log.open(encoding="utf-8", errors="replace") as stream:
        while True:
            ended = process.poll() is not None
            while text := stream.read(65536):
                print(text, end="", flush=True)
            if ended:
                return wait(process)
            time.sleep(0.5)


def outcome(codes: Sequence[int]) -> int:
    """Return one exit code for several: a failure before a success, "no tests" only of all."""
    told = [code for code in codes if code != NO_TESTS]
    return next((code for code in told if code), 0) if told else NO_TESTS
