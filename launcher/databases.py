# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The project's databases: the demo, the tests' templates, and scratch copies of them.

Each carries a mark (a database comment) that says whose it is, what for, and what it was
made from; a database without this copy's mark is never replaced or dropped.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .console import Console, StepFailed, run_logged
from .demo_story import MARKET_PARAMETER
from .odoo_source import Source
from .postgres import Server, call
from .processes import boot_id, start_time
from .settings import Settings
from .stamps import addon_hash, hash_files, outside_dependencies, short
from .warm_assets import BUNDLES

COUNTRY = "FR"
LANGUAGE = "fr_FR"


class Databases:
    """The databases of one copy on one server.

    conf: Odoo configuration file for installs; env: variables for what is started
    """

    def __init__(
        self,
        settings: Settings,
        console: Console,
        source: Source,
        server: Server,
        conf: Path,
        env: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self.console = console
        self.source = source
        self.server = server
        self.conf = conf
        self.env = env
        self.owner = str(settings.state)
        for name in settings.addons:
            if not (settings.root / name / "__manifest__.py").exists():
                raise StepFailed(
                    f"the addon {name} is missing from {settings.root}",
                    "restore the clone: git status shows what is gone",
                )

    # -- what databases are made from -------------------------------------------------

    def addon_hashes(self) -> dict[str, str]:
        """Return the hash of each addon's files."""
        root = self.settings.root
        return {name: addon_hash(root / name)[:16] for name in self.settings.addons}

    def base_key(self) -> str:
        """Return what the tests' base depends on: Odoo, pins, others' addons, its builder."""
        root = self.settings.root
        files = [root / "requirements.txt", root / "launcher" / "odoo_env.py"]
        outside = outside_dependencies(root, self.settings.addons)
        return short(self.source.release, str(self.source.path), hash_files(root, files), outside)

    # -- small operations ---------------------------------------------------------------

    def call(self, *words: str) -> dict[str, Any]:
        """Run a command of database_tool."""
        return call(self.settings, self.server, *words)

    def mark(self, kind: str, **facts: Any) -> str:
        """Return the mark of a database of this copy, as text."""
        return json.dumps({"owner": self.owner, "kind": kind, **facts}, sort_keys=True)

    def read(self, name: str) -> tuple[bool, dict[str, Any]]:
        """Return whether a database exists, and its mark ({} when it has none).

        Raises StepFailed when another copy of the project made it.
        """
        facts = self.call("info", name)
        mark = facts["mark"] or {}
        if mark and mark.get("owner") != self.owner:
            raise StepFailed(
                f"the database {name} belongs to another copy of the project ({mark.get('owner')})",
                "give this copy its own names by ONEP_DB=another_name",
            )
        return facts["exists"], mark

    def _own(self, name: str) -> dict[str, Any]:
        """Return the mark of a database that this copy may replace, {} when there is none."""
        exists, mark = self.read(name)
        if exists and not mark:
            raise StepFailed(
                f"a database {name} exists that this project did not make",
                "rename it, or choose other names by ONEP_DB=another_name",
            )
        return mark

    def filestore(self, name: str) -> Path:
        """Return the folder of a database's files."""
        return self.settings.data / "filestore" / name

    def drop(self, name: str) -> None:
        """Drop a database of this copy with its files; fine when there is none."""
        for dropped in {name, *self.call("drop", name).get("dropped", [])}:
            shutil.rmtree(self.filestore(dropped), ignore_errors=True)

    def copy(self, source: str, target: str, mark: str) -> None:
        """Copy a database with its files (as hard links: Odoo never changes one in place)."""
        self.call("copy", source, target, mark)
        files = self.filestore(target)
        shutil.rmtree(files, ignore_errors=True)
        if self.filestore(source).exists():
            shutil.copytree(self.filestore(source), files, copy_function=_link_or_copy)

    def rename(self, source: str, target: str) -> None:
        """Rename a database of this copy with its files."""
        self.call("rename", source, target)
        shutil.rmtree(self.filestore(target), ignore_errors=True)
        with suppress(FileNotFoundError):
            self.filestore(source).rename(self.filestore(target))

    def _python(self, log: str, failure: str, *words: str) -> None:
        run_logged(
            [self.settings.python, "-m", *words],
            self.settings.log(log),
            failure=failure,
            advice="read the log; an error in an addon's file is named there with its line",
            env=self.env,
            cwd=self.settings.root,
        )

    def _install(self, name: str, addons: list[str], log: str, *words: str) -> None:
        self._python(
            log,
            f"{', '.join(addons)} could not be installed",
            "launcher.odoo_env",
            *("-c", str(self.conf), "-d", name, "--install", ",".join(addons), *words),
        )

    # -- the tests' template ------------------------------------------------------------

    def template(self) -> str:
        """Return the name of the tests' template, rebuilt when what it is made of changed.

        It is made in two floors, so that a changed addon costs its own install only:
        others' addons with French, then ours with the web client's bundles.
        """
        base, name = f"{self.settings.database}_test_base", f"{self.settings.database}_test_tpl"
        base_key = self.base_key()
        key = short(base_key, self.addon_hashes(), BUNDLES)
        if self._own(name).get("key") == key:
            return name
        if self._own(base).get("key") != base_key:
            outside = outside_dependencies(self.settings.root, self.settings.addons)
            with self.console.step(f"Base of the test databases ({', '.join(outside)})") as step:
                self.drop(base)
                self.call("create", base, self.mark("unfinished"))
                self._install(base, outside, "test-base", "--language", LANGUAGE)
                self.call("mark", base, self.mark("base", key=base_key))
                step.note("built")
        addons = list(self.settings.addons)
        with self.console.step(f"Template of the test databases ({', '.join(addons)})") as step:
            self.drop(name)
            self.copy(base, name, self.mark("unfinished"))
            self._install(name, addons, "test-template", "--assets")
            self.call("mark", name, self.mark("template", key=key))
            step.note("built")
        return name

    @contextmanager
    def scratch(self, purpose: str, suffix: str = "") -> Iterator[str]:
        """Give a copy of the template that is dropped at the end; sweeps left-overs first."""
        name = f"{self.settings.database}_{purpose}_{os.getpid()}{suffix and '_' + suffix}"
        with self.settings.lock(self.console):
            template = self.template()
            with self.console.step("Scratch database") as step:
                self.sweep()
                facts = {"pid": os.getpid(), "started": start_time(os.getpid()), "boot": boot_id()}
                self.copy(template, name, self.mark("scratch", **facts))
                step.note(name)
        try:
            yield name
        finally:
            with suppress(StepFailed):
                self.drop(name)

    def sweep(self) -> list[str]:
        """Drop scratch databases of this copy whose command has ended without doing so."""
        swept = []
        for name, mark in self.call("list").items():
            if mark.get("owner") != self.owner or mark.get("kind") != "scratch":
                continue
            if mark.get("boot") == boot_id() and start_time(mark["pid"]) == mark["started"]:
                continue
            self.drop(name)
            swept.append(name)
        return swept

    # -- the demo -----------------------------------------------------------------------

    def demo(self, market_url: str | None, *, reset: bool = False) -> bool:
        """Make the demo database, or bring it to the addons' present files.

        Returns whether it was made now. A new one is built under another name and renamed
        when whole, so that an interrupted first start leaves nothing half made.
        """
        name, building = self.settings.database, f"{self.settings.database}_building"
        exists, mark = self.read(name)
        hashes = self.addon_hashes()
        if exists and reset:
            with self.console.step(f"Dropping the database {name}") as step:
                self._own(name)
                self.drop(name)
                step.note("dropped")
            exists = False
        if exists:
            self._upgrade(name, mark, hashes)
            if market_url:
                self.call("parameter", name, MARKET_PARAMETER, market_url)
            return False
        self._own(building)
        addons = list(self.settings.addons)
        with self.console.step(f"Database {name}: Odoo with purchase, stock, sales") as step:
            self.drop(building)
            self.call("create", building, self.mark("unfinished"))
            words = ["--country", COUNTRY, "--language", LANGUAGE]
            self._install(building, addons, "demo-install", *words)
            step.note("installed")
        with self.console.step("Demo: suppliers, files, market data, opportunities") as step:
            words = ["-c", str(self.conf), "-d", building, "--addons", ",".join(addons)]
            if market_url:
                words += ["--market-url", market_url]
            self._python(
                "demo-story", "the demo could not be loaded", "launcher.demo_story", *words
            )
            step.note("loaded")
        self.rename(building, name)
        self.call("mark", name, self.mark("demo", addons=hashes))
        return True

    def _upgrade(self, name: str, mark: Mapping[str, Any], hashes: dict[str, str]) -> None:
        known = mark.get("addons", {})
        if known == hashes:
            return
        installed = set(self.call("modules", name)["installed"])
        if not mark and not installed & set(hashes):
            raise StepFailed(
                f"a database {name} exists that has none of this project's addons",
                "choose another name by ONEP_DB=another_name",
            )
        changed = [addon for addon, value in hashes.items() if known.get(addon) != value]
        update = [addon for addon in changed if addon in installed]
        new = [addon for addon in changed if addon not in installed]
        with self.console.step(f"Upgrading {', '.join(changed)} in {name}") as step:
            command = [self.settings.python, self.settings.odoo, "server", "-c", self.conf]
            command += ["-d", name, "--stop-after-init", "--no-http"]
            command += ["-u", ",".join(update)] if update else []
            command += ["-i", ",".join(new)] if new else []
            run_logged(
                command,
                self.settings.log("demo-upgrade"),
                failure="the database could not be upgraded to the addons' present files",
                advice="mend the file that the log names; ./onep run --reset makes the demo "
                "database anew (what was entered in it is lost)",
                env=self.env,
                cwd=self.settings.root,
            )
            self.call("mark", name, self.mark("demo", addons=hashes))
            step.note("upgraded")


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
