# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The tree under check, what is found wrong with it, and what a tool said of it."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")


class LeftOut(Exception):
    """This machine cannot run the check; the message says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    path: file, relative to the project; line: 1-based, 0 for the file as a whole
    what: the finding; advice: what to do about it, when the finding does not say it
    """

    path: str
    line: int
    what: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}" + (f". {self.advice}" if self.advice else "")


@dataclass
class Addon:
    """One addon's folder and manifest (empty when it cannot be read)."""

    name: str
    folder: Path
    manifest: dict = field(default_factory=dict)
    error: tuple[int, str] | None = None

    @classmethod
    def read(cls, folder: Path) -> Addon:
        """Read the manifest without running it."""
        addon = cls(folder.name, folder)
        try:
            addon.manifest = ast.literal_eval((folder / "__manifest__.py").read_text("utf-8"))
        except (SyntaxError, ValueError) as error:
            addon.error = (getattr(error, "lineno", 0) or 0, str(error))
        return addon

    def line_of(self, text: str) -> int:
        """Line of the manifest that holds a text, 0 when none does."""
        lines = (self.folder / "__manifest__.py").read_text("utf-8").splitlines()
        return next((number for number, line in enumerate(lines, 1) if text in line), 0)

    @property
    def loaded(self) -> list[str]:
        """Files the manifest loads, in order, demo last."""
        return [*self.manifest.get("data", []), *self.manifest.get("demo", [])]


@dataclass
class Project:
    """The tree under check.

    root: the project's folder; python: interpreter of its virtual environment
    """

    root: Path
    python: str

    @cached_property
    def files(self) -> list[Path]:
        """Files git tracks or would track, sorted."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others"]
        try:
            listed = subprocess.run(
                [*command, "--exclude-standard"], capture_output=True, check=True, text=True
            ).stdout.split("\0")
            paths = {self.root / name for name in listed if name}
        except (OSError, subprocess.CalledProcessError):
            paths = set(self.root.rglob("*"))
        hidden = {".git", ".onep", "__pycache__", "node_modules"}
        return sorted(
            path
            for path in paths
            if path.is_file() and not hidden.intersection(path.relative_to(self.root).parts)
        )

    @cached_property
    def addons(self) -> list[Addon]:
        """The addons that are there."""
        return [
            Addon.read(self.root / name)
            for name in ADDONS
            if (self.root / name / "__manifest__.py").is_file()
        ]

    def name(self, path: Path) -> str:
        """Path as a person types it, from the project's folder."""
        return path.relative_to(self.root).as_posix()

    def within(self, folder: Path, *patterns: str) -> list[Path]:
        """Tracked files below a folder whose name matches one of the patterns."""
        return [
            path
            for path in self.files
            if path.is_relative_to(folder)
            and any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)
        ]

    def program(self, name: str) -> str | None:
        """Path of a program: the virtual environment's, else the machine's."""
        own = Path(self.python).parent / name
        return str(own) if own.is_file() else shutil.which(name)

    def run(self, *command: str, **options) -> subprocess.CompletedProcess:
        """Run a program from the project's folder and keep what it prints."""
        return subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, check=False, **options
        )

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess:
        """Run a Python tool of the virtual environment."""
        return self.run(self.python, "-m", name, *arguments)


def read_output(
    project: Project, done: subprocess.CompletedProcess, advice: str = ""
) -> Iterator[Problem]:
    """Problems of a tool that prints ``path:line: message`` or ``path:line:column: message``."""
    found = False
    for line in done.stdout.splitlines():
        match = re.match(r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?:\d+:)? ?(?P<what>.+)", line)
        if match:
            found = True
            path = match["path"].removeprefix(f"{project.root}{os.sep}").removeprefix("./")
            yield Problem(path, int(match["line"]), match["what"], advice)
    if done.returncode and not found:
        said = (done.stderr or done.stdout).strip().splitlines()
        yield Problem(str(done.args[0]), 0, "; ".join(said[-3:]) or f"ended {done.returncode}")
