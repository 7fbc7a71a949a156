# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""./onep lint: style, addon, data file, translation and licence checks.

    ./onep lint                  every check
    ./onep lint xml po           some of them
    ./onep lint --list           what there is
    ./onep lint --fix            let ruff mend what it can first

Runs in the project's virtual environment (``main`` starts itself again there when called from
another Python), asks no network and changes nothing without ``--fix``. A check is a generator
function of the project that yields problems, or raises ``LeftOut`` when this machine lacks what
it needs. An addon that is not there yet is passed over.
"""

from __future__ import annotations

import ast
import configparser
import csv
import fnmatch
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from .python_code import check_ruff, check_format, check_pylint
from .manifests import check_manifests
from .requirements import check_requirements, check_licences
from .xml_files import check_xml
from .csv_files import check_csv, check_access
from .translations import check_po
from .traces import check_traces
from .shell_docker import check_shell, check_docker
from .project import LeftOut, Problem, Project

Check = Callable[[Project], Iterator[Problem]]
CHECKS: dict[str, Check] = {
    "ruff": check_ruff,
    "format": check_format,
    "pylint": check_pylint,
    "manifests": check_manifests,
    "requirements": check_requirements,
    "licences": check_licences,
    "xml": check_xml,
    "csv": check_csv,
    "access": check_access,
    "po": check_po,
    "traces": check_traces,
    "shell": check_shell,
    "docker": check_docker,
}


def fix(project: Project) -> None:
    """Let ruff mend what it can."""
    for arguments in (("check", "--fix", "--quiet", "."), ("format", "--quiet", ".")):
        project.module("ruff", *arguments)


def run_checks(project: Project, names: Sequence[str]) -> int:
    """Run the checks, report each, and return how many found a problem."""
    failed, left_out = [], []
    for name in names:
        check, start = CHECKS[name], time.monotonic()
        try:
            problems = list(check(project))
        except LeftOut as reason:
            print(f"  -     {name}: left out, {reason}", flush=True)
            left_out.append(name)
            continue
        took = f"{time.monotonic() - start:.1f} s"
        if not problems:
            print(f"  ok    {name}: {check.__doc__} ({took})", flush=True)
            continue
        failed.append(name)
        print(f"  FAIL  {name}: {check.__doc__} ({took})")
        for problem in sorted(problems, key=lambda found: (found.path, found.line)):
            print(f"          {problem}", flush=True)
    said = [f"{len(names) - len(failed) - len(left_out)} checks passed"]
    said += [f"{len(failed)} failed: {', '.join(failed)}"] if failed else []
    said += [f"{len(left_out)} left out: {', '.join(left_out)}"] if left_out else []
    print("; ".join(said))
    return len(failed)


def main(root: Path, python: str, args: Sequence[str] = ()) -> int:
    """Check the project; 0 when all is well, 1 on problems, 2 on a wrong argument.

    root: the project's folder; python: interpreter of its virtual environment
    args: names of checks, --list, --fix; none is all checks
    """
    root = Path(root).resolve()
    if os.path.abspath(sys.executable) != os.path.abspath(python):
        command = [python, "-m", "launcher.lint", *args]
        return subprocess.run(command, cwd=root, check=False).returncode
    options = {arg for arg in args if arg.startswith("-")}
    names = [arg for arg in args if not arg.startswith("-")]
    unknown = [*(options - {"--list", "--fix"}), *(name for name in names if name not in CHECKS)]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are --list, --fix and {', '.join(CHECKS)}.")
        return 2
    if "--list" in options:
        for name, check in CHECKS.items():
            print(f"{name:13}{check.__doc__}")
        return 0
    # The stub of "odoo" and the addons' own folders must not shadow what the tools import.
    os.environ.pop("PYTHONPATH", None)
    project = Project(root, python)
    if "--fix" in options:
        fix(project)
    return 1 if run_checks(project, names or list(CHECKS)) else 0
