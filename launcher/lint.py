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

ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")
LANGUAGES = ("fr",)
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
GROUPS = ("odoo", "product", "oca", "dev")


class LeftOut(Exception):
    """This machine cannot run the check; the message says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    path: file, relative to the project; line: 1-based, 0 for the file as a whole
    what: the finding; todo: what to do about it, when the finding does not say it
    """

    path: str
    line: int
    what: str
    todo: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}" + (f". {self.todo}" if self.todo else "")


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
    project: Project, done: subprocess.CompletedProcess, todo: str = ""
) -> Iterator[Problem]:
    """Problems of a tool that prints ``path:line: message`` or ``path:line:column: message``."""
    found = False
    for line in done.stdout.splitlines():
        match = re.match(r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?:\d+:)? ?(?P<what>.+)", line)
        if match:
            found = True
            path = match["path"].removeprefix(f"{project.root}{os.sep}").removeprefix("./")
            yield Problem(path, int(match["line"]), match["what"], todo)
    if done.returncode and not found:
        said = (done.stderr or done.stdout).strip().splitlines()
        yield Problem(str(done.args[0]), 0, "; ".join(said[-3:]) or f"ended {done.returncode}")


# Python


def check_ruff(project: Project) -> Iterator[Problem]:
    """Python style and likely errors (pyproject.toml)"""
    yield from read_output(
        project, project.module("ruff", "check", "--output-format=concise", "--quiet", ".")
    )


def check_format(project: Project) -> Iterator[Problem]:
    """Python layout, as ruff format writes it"""
    done = project.module("ruff", "format", "--check", "--output-format=concise", "--quiet", ".")
    for path, found in groupby(read_output(project, done), key=lambda problem: problem.path):
        line = min(problem.line for problem in found)
        yield Problem(path, line, "not formatted", "Run ./onep lint --fix")


def check_pylint(project: Project) -> Iterator[Problem]:
    """Odoo practice, by pylint-odoo (.pylintrc)"""
    if not project.addons:
        raise LeftOut("no addon is there yet")
    names = [addon.name for addon in project.addons]
    yield from read_output(project, project.module("pylint", "--rcfile=.pylintrc", *names))


# Manifests and requirements


def normal(name: str) -> str:
    """Distribution name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of requirements.txt; marker is "" or what stands after the semicolon."""

    line: int
    group: str
    name: str
    version: str
    marker: str


def read_pins(project: Project) -> tuple[list[Pin], list[Problem]]:
    """Pins of requirements.txt, and what is wrong with its lines."""
    path = project.root / "requirements.txt"
    pins, problems, group = [], [], ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if match := re.match(r"# === (\w+):", line):
            group = match[1]
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(.+))?", line.strip())
        if match:
            pins.append(Pin(number, group, normal(match[1]), match[2], match[3] or ""))
        else:
            problems.append(
                Problem("requirements.txt", number, f"not a pin: {line!r}", "Write name==version")
            )
    return pins, problems


def applies(marker: str) -> bool:
    """Whether a pin's marker holds for this interpreter."""
    if not marker:
        return True
    from packaging.markers import Marker

    return Marker(marker).evaluate()


def check_requirements(project: Project) -> Iterator[Problem]:
    """requirements.txt: pinned, grouped, and what is installed"""
    pins, problems = read_pins(project)
    yield from problems
    for group in GROUPS:
        if not any(pin.group == group for pin in pins):
            yield Problem(
                "requirements.txt", 0, f'no "# === {group}:" group', "docker/Dockerfile reads them"
            )
    wanted = [pin for pin in pins if applies(pin.marker)]
    for name, count in Counter(pin.name for pin in wanted).items():
        if count > 1:
            yield Problem("requirements.txt", 0, f"{name} is pinned {count} times")
    installed = {
        normal(found.metadata["Name"]): found.version
        for found in importlib.metadata.distributions()
    }
    for pin in wanted:
        if pin.name not in installed:
            yield Problem("requirements.txt", pin.line, f"{pin.name} is not installed")
        elif installed[pin.name] != pin.version:
            yield Problem(
                "requirements.txt",
                pin.line,
                f"{pin.name} {installed[pin.name]} is installed, {pin.version} is pinned",
                "Run ./onep test once to set the environment up again, or change the pin",
            )


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every absolute import of a file."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError:
        return  # ruff says it
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


def load_rank(name: str) -> int:
    """Place of a data file in the order groups, access, rules, data, views, wizards, menus."""
    if name.endswith("_groups.xml"):
        return 0
    if name.endswith("ir.model.access.csv"):
        return 1
    if name.endswith("_menus.xml"):
        return 7
    folders = ("security", "data", "views", "report", "wizards")
    top = name.split("/")[0]
    return 2 + folders.index(top) if top in folders else 3


def check_manifests(project: Project) -> Iterator[Problem]:
    """Manifests: keys, version, licence, files, load order, Python packages"""
    if not project.addons:
        raise LeftOut("no addon is there yet")
    pins, _ = read_pins(project)
    group_of = {pin.name: pin.group for pin in pins}
    owners = importlib.metadata.packages_distributions()
    declared = {
        addon.name: {
            normal(name)
            for name in addon.manifest.get("external_dependencies", {}).get("python", [])
        }
        for addon in project.addons
    }
    by_name = {addon.name: addon for addon in project.addons}

    def all_declared(name: str) -> set[str]:
        found = set(declared.get(name, ()))
        if name in by_name:
            for other in by_name[name].manifest.get("depends", []):
                found |= all_declared(other)
        return found

    for addon in project.addons:
        place = f"{addon.name}/__manifest__.py"
        if addon.error:
            yield Problem(place, addon.error[0], f"cannot be read: {addon.error[1]}")
            continue
        manifest = addon.manifest
        for key in ("name", "summary", "version", "category", "author", "license", "depends"):
            if not manifest.get(key):
                yield Problem(place, 0, f'"{key}" is missing')
        if not VERSION.fullmatch(str(manifest.get("version", ""))):
            yield Problem(
                place, addon.line_of('"version"'), "version is not of the form 19.0.x.y.z"
            )
        if manifest.get("license") != "AGPL-3":
            yield Problem(place, addon.line_of('"license"'), 'licence is not "AGPL-3"')

        for name in addon.loaded:
            if not (addon.folder / name).is_file():
                yield Problem(place, addon.line_of(name), f"{name} does not exist")
        for name, count in Counter(addon.loaded).items():
            if count > 1:
                yield Problem(place, addon.line_of(name), f"{name} is listed {count} times")
        before = ""
        for name in manifest.get("data", []):
            if name.startswith("demo/"):
                yield Problem(place, addon.line_of(name), f'{name} belongs under "demo"')
            if before and load_rank(name) < load_rank(before):
                yield Problem(
                    place,
                    addon.line_of(name),
                    f"{name} comes after {before}",
                    "Load groups, access, rules, data, views, reports, wizards, menus",
                )
            before = name
        for bundle, entries in manifest.get("assets", {}).items():
            for entry in entries:
                pattern = entry if isinstance(entry, str) else entry[-1]
                inside = pattern.startswith(f"{addon.name}/")
                if inside and not any(project.root.glob(pattern)):
                    yield Problem(
                        place, addon.line_of(pattern), f"{bundle}: no file matches {pattern}"
                    )

        for name in sorted(declared[addon.name]):
            pinned = name in group_of or any(normal(o) in group_of for o in owners.get(name, ()))
            if not pinned:
                yield Problem(
                    place, addon.line_of(name), f"{name} is not pinned in requirements.txt"
                )
        allowed = all_declared(addon.name)
        seen = set()
        for path in project.within(addon.folder, "*.py"):
            if path.relative_to(addon.folder).parts[0] in ("tests", "migrations"):
                continue
            for line, module in imported_modules(path):
                if module in sys.stdlib_module_names or module in ("odoo", *ADDONS):
                    continue
                distributions = {normal(owner) for owner in owners.get(module, ())}
                if (addon.name, module) in seen:
                    continue
                seen.add((addon.name, module))
                if not distributions & group_of.keys():
                    yield Problem(
                        project.name(path), line, f"{module} is not pinned in requirements.txt"
                    )
                elif all(group_of[name] == "odoo" for name in distributions & group_of.keys()):
                    continue  # Odoo itself cannot start without it
                elif not allowed & (distributions | {normal(module)}):
                    yield Problem(
                        project.name(path),
                        line,
                        f"{module} is missing from the manifest",
                        'Add it to "external_dependencies" / "python"',
                    )


ALLOWED_LICENCES = re.compile(
    r"\b(0bsd|apache|bsd|cc0|expat|hpnd|isc|l?gpl|agpl|mit|mit-0|mit-cmu|mpl|ofl|psfl?|psf-2\.0"
    r"|python software foundation|public domain|unlicense|zlib|zpl|zope public"
    r"|gnu (lesser|affero|general))",
    re.IGNORECASE,
)
REFUSED_LICENCES = re.compile(
    r"gpl-2\.0-only|gplv2 only|proprietary|non-?commercial|\bsspl\b|\bbusl\b|elastic license"
    r"|commons clause|polyform|all rights reserved",
    re.IGNORECASE,
)
# Distributions whose metadata names no licence or a misspelt one; read in their own files.
READ_LICENCES: dict[str, str] = {}


def licence_of(found: importlib.metadata.Distribution) -> str:
    """What a distribution says of its licence: expression, classifiers, else free text."""
    metadata = found.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::") and line != "License :: OSI Approved"
    ]
    if classifiers:
        return " / ".join(classifiers)
    text = (metadata.get("License") or "").strip()
    if text and text.upper() != "UNKNOWN":
        return text.splitlines()[0]
    for file in found.files or []:
        if re.search(r"(licen[cs]e|copying)[^/]*$", str(file), re.IGNORECASE):
            try:
                head = file.read_text()[:600]
            except (OSError, UnicodeDecodeError):
                continue
            if head and (match := ALLOWED_LICENCES.search(head)):
                return f"{match[0]} (from {file.name})"
    return ""


def check_licences(project: Project) -> Iterator[Problem]:
    """Licences: ours is the AGPL-3, those of the pinned packages agree with it"""
    text = project.root / "LICENSE"
    if not text.is_file():
        yield Problem("LICENSE", 0, "is missing")
    elif "GNU AFFERO GENERAL PUBLIC LICENSE" not in text.read_text("utf-8")[:200]:
        yield Problem("LICENSE", 1, "is not the text of the AGPL-3")
    pins, _ = read_pins(project)
    for pin in pins:
        try:
            found = importlib.metadata.distribution(pin.name)
        except importlib.metadata.PackageNotFoundError:
            continue  # check_requirements says it
        licence = READ_LICENCES.get(pin.name) or licence_of(found)
        if not licence:
            yield Problem(
                "requirements.txt",
                pin.line,
                f"{pin.name} names no licence",
                "Read it, and add it to READ_LICENCES in launcher/lint.py or drop the package",
            )
        elif REFUSED_LICENCES.search(licence) or not ALLOWED_LICENCES.search(licence):
            yield Problem(
                "requirements.txt",
                pin.line,
                f"the licence of {pin.name} is {licence[:80]!r}",
                "It must agree with the AGPL-3: use another package",
            )


# XML


def localname(element) -> str:
    """Tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def arch_problems(record) -> Iterator[tuple[int, str, str]]:
    """Line, finding and advice for what Odoo 19 no longer takes in a view."""
    for element in record.iter():
        if not isinstance(element.tag, str):
            continue
        tag = localname(element)
        if tag == "tree":
            yield element.sourceline, "<tree> is gone", "Write <list>"
        if "attrs" in element.attrib:
            yield element.sourceline, "attrs= is gone", "Write invisible= or readonly= inline"
        if "states" in element.attrib:
            yield element.sourceline, "states= is gone", "Write invisible=\"state != 'draft'\""
        if element.get("t-name") == "kanban-box":
            yield element.sourceline, "kanban-box is gone", 'Write <t t-name="card">'
        if "t-raw" in element.attrib:
            yield element.sourceline, "t-raw is gone", "Write t-out"
        if tag == "div" and "oe_chatter" in element.get("class", ""):
            yield element.sourceline, "oe_chatter is gone", "Write <chatter/>"
        in_search = any(localname(parent) == "search" for parent in element.iterancestors())
        if tag == "group" and "expand" in element.attrib and in_search:
            yield element.sourceline, "a search <group> takes no expand=", "Remove it"


def naming_problems(record, demo: bool) -> Iterator[str]:
    """What is wrong with an XML id, by the house style."""
    identifier = record.get("id") or ""
    tag, model = localname(record), record.get("model")
    if not identifier or "." in identifier:
        return  # an external id is a record of another addon
    if demo and not identifier.endswith("_demo"):
        yield "ids of demo records end in _demo"
    if tag == "menuitem" and "_menu" not in identifier:
        yield "ids of menus read onep_supplier_feed_menu"
    if tag != "record":
        return
    values = {child.get("name"): child for child in record if localname(child) == "field"}
    if model == "ir.ui.view":
        about = values.get("model")
        stem = (about.text or "").strip().replace(".", "_") if about is not None else ""
        if stem and not re.match(rf"(onep_)?{re.escape(stem)}_(\w+_)?view", identifier):
            yield f"ids of views of this model read {stem}_view_form"
    elif model == "ir.actions.act_window":
        if "_action" not in identifier:
            yield "ids of actions read onep_supplier_feed_action"
        modes = values.get("view_mode")
        if modes is not None and "tree" in (modes.text or "").split(","):
            yield "view_mode takes list, not tree"
    elif model == "ir.rule" and "_rule_" not in identifier:
        yield "ids of record rules read onep_supplier_feed_rule_company"
    elif model == "res.groups":
        if not identifier.startswith("group_"):
            yield "ids of groups read group_sourcing_user"
        for gone, now in (("category_id", "privilege_id"), ("users", "user_ids")):
            if gone in values:
                yield f"res.groups has no {gone} any more: use {now}"


def check_xml(project: Project) -> Iterator[Problem]:
    """XML: well-formed, loaded by its manifest, nothing Odoo 19 dropped, ids in house style"""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in project.files:
        if path.suffix not in (".xml", ".svg"):
            continue
        place = project.name(path)
        addon = next((a for a in project.addons if path.is_relative_to(a.folder)), None)
        inside = path.relative_to(addon.folder).as_posix() if addon else ""
        if re.search(r"(^|/)tests/data/", place):
            continue  # recorded answers and damaged files, as they came
        try:
            root = etree.parse(str(path), parser).getroot()
        except etree.XMLSyntaxError as error:
            line = error.position[0] or 0
            yield Problem(place, line, f"not well-formed: {error.msg}")
            continue
        if not addon or path.suffix == ".svg":
            continue
        top = inside.split("/")[0]
        if top == "static":
            for line, what, todo in arch_problems(root):
                yield Problem(place, line, what, todo)
            continue
        if top in ("tests", "i18n", "migrations"):
            continue
        if not addon.error and inside not in addon.loaded:
            yield Problem(
                place, 0, "is loaded by no one", f"List it in {addon.name}/__manifest__.py"
            )
        if localname(root) != "odoo":
            yield Problem(place, root.sourceline, f"begins with <{localname(root)}>, not <odoo>")
        for line, what, todo in arch_problems(root):
            yield Problem(place, line, what, todo)
        for element in root.iter("record", "menuitem", "template"):
            for what in naming_problems(element, inside.startswith("demo/")):
                yield Problem(place, element.sourceline, f"{element.get('id')}: {what}")
    yield from duplicate_ids(project, parser)


def duplicate_ids(project: Project, parser) -> Iterator[Problem]:
    """Ids given twice in one addon: the second silently rewrites the first."""
    from lxml import etree

    for addon in project.addons:
        seen: dict[str, str] = {}
        for name in addon.loaded:
            path = addon.folder / name
            if path.suffix != ".xml" or not path.is_file():
                continue
            try:
                root = etree.parse(str(path), parser).getroot()
            except etree.XMLSyntaxError:
                continue
            for element in root.iter("record", "menuitem", "template"):
                identifier = element.get("id") or ""
                place = f"{project.name(path)}:{element.sourceline}"
                if not identifier or "." in identifier:
                    continue
                if identifier in seen:
                    yield Problem(
                        project.name(path),
                        element.sourceline,
                        f"{identifier} is defined at {seen[identifier]} already",
                    )
                seen.setdefault(identifier, place)


# CSV

ACCESS_HEADER = [
    "id", "name", "model_id:id", "group_id:id",
    "perm_read", "perm_write", "perm_create", "perm_unlink",
]  # fmt: skip


def check_csv(project: Project) -> Iterator[Problem]:
    """CSV of the addons: UTF-8, one column count, no line twice"""
    for addon in project.addons:
        for path in project.within(addon.folder, "*.csv"):
            place = project.name(path)
            if path.relative_to(addon.folder).parts[0] == "tests":
                continue
            try:
                text = path.read_text("utf-8")
            except UnicodeDecodeError as error:
                yield Problem(place, 0, f"is not UTF-8: {error}")
                continue
            lines = text.splitlines()
            if not lines:
                yield Problem(place, 0, "is empty")
                continue
            delimiter = max(",;\t", key=lines[0].count)
            reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
            try:
                rows = [(reader.line_num, row) for row in reader]
            except csv.Error as error:
                yield Problem(place, reader.line_num, f"cannot be parsed: {error}")
                continue
            header = rows[0][1]
            if len(set(header)) < len(header) or not all(name.strip() for name in header):
                yield Problem(place, 1, "has an empty or repeated column name")
            seen: dict[tuple[str, ...], int] = {}
            for line, row in rows[1:]:
                if len(row) != len(header):
                    yield Problem(place, line, f"{len(row)} columns, the header has {len(header)}")
                elif tuple(row) in seen:
                    yield Problem(place, line, f"repeats line {seen[tuple(row)]}")
                seen.setdefault(tuple(row), line)


def model_names(addon: Addon) -> dict[str, tuple[Path, int]]:
    """Models an addon brings into the database, with the class's file and line."""
    found = {}
    for path in sorted(addon.folder.rglob("*.py")):
        if path.relative_to(addon.folder).parts[0] in ("tests", "migrations"):
            continue
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {ast.unparse(base) for base in node.bases}
            if not bases & {"models.Model", "models.TransientModel"}:
                continue
            values = {
                target.id: statement.value
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
            }
            name = values.get("_name")
            if not isinstance(name, ast.Constant):
                continue
            parents = values.get("_inherit")
            extended = parents is not None and repr(name.value) in ast.unparse(parents)
            if not extended:
                found[name.value] = (path, node.lineno)
    return found


def check_access(project: Project) -> Iterator[Problem]:
    """ir.model.access.csv: header, groups, a line for every model"""
    for addon in project.addons:
        models = model_names(addon)
        path = addon.folder / "security" / "ir.model.access.csv"
        place = f"{addon.name}/security/ir.model.access.csv"
        if not path.is_file():
            if models:
                yield Problem(place, 0, f"is missing, and {addon.name} has models")
            continue
        rows = list(csv.reader(path.read_text("utf-8").splitlines()))
        if not rows or [name.removesuffix("/id") for name in rows[0]] != [
            name.removesuffix("/id") for name in ACCESS_HEADER
        ]:
            yield Problem(place, 1, "unexpected header", f"Write {','.join(ACCESS_HEADER)}")
            continue
        granted = set()
        for line, row in enumerate(rows[1:], 2):
            if len(row) != len(ACCESS_HEADER):
                continue  # check_csv says it
            identifier, _, model, group, *permissions = row
            granted.add(model)
            if not identifier.startswith("access_"):
                yield Problem(place, line, f"{identifier}: ids read access_onep_supplier_feed_user")
            if not group:
                yield Problem(place, line, f"{identifier} is open to everybody", "Name a group")
            if set(permissions) - {"0", "1"}:
                yield Problem(place, line, f"{identifier}: permissions are 0 or 1")
        for model, (source, line) in sorted(models.items()):
            name = f"model_{model.replace('.', '_')}"
            if name not in granted and f"{addon.name}.{name}" not in granted:
                yield Problem(
                    project.name(source), line, f"nobody may use {model}", f"Add a line to {place}"
                )


# Translations

NAMED = re.compile(r"%\(\w+\)[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
PLAIN = re.compile(r"(?<!%)%[-+#0]*\d*(?:\.\d+)?[sdifrx](?!\w)")
BRACED = re.compile(r"\{\w*\}")
TAGS = re.compile(r"</?[a-zA-Z][\w-]*")


def placeholders(text: str, code: bool) -> Counter[str]:
    """What a translation must carry over; plain %s counts in terms of code only."""
    found = Counter(NAMED.findall(text))
    if code:
        found.update(PLAIN.findall(NAMED.sub("", text)))
        found.update(BRACED.findall(text))
    found.update(TAGS.findall(text))
    return found


def check_po(project: Project) -> Iterator[Problem]:
    """Translations: complete, not fuzzy, no term twice, same placeholders"""
    import polib

    for addon in project.addons:
        for language in LANGUAGES:
            if not (addon.folder / "i18n" / f"{language}.po").is_file():
                yield Problem(f"{addon.name}/i18n/{language}.po", 0, "is missing")
        for path in project.within(addon.folder, "*.po", "*.pot"):
            place, template = project.name(path), path.suffix == ".pot"
            try:
                catalogue = polib.pofile(str(path), encoding="utf-8")
            except (OSError, UnicodeDecodeError, ValueError) as error:
                yield Problem(place, 0, f"cannot be parsed: {error}")
                continue
            language = catalogue.metadata.get("Language", "")
            if not template and language.split("_")[0] != path.stem.split("_")[0]:
                yield Problem(place, 0, f'header says "Language: {language}"')
            if "UTF-8" not in catalogue.metadata.get("Content-Type", "UTF-8").upper():
                yield Problem(place, 0, "header does not say charset=UTF-8")
            seen = defaultdict(list)
            for entry in catalogue:
                seen[entry.msgctxt, entry.msgid].append(entry.linenum)
                if entry.obsolete:
                    yield Problem(place, entry.linenum, "obsolete term", "Remove it")
                elif template:
                    continue
                elif entry.fuzzy:
                    yield Problem(place, entry.linenum, "fuzzy", "Read it, then remove the mark")
                elif not entry.msgstr:
                    yield Problem(place, entry.linenum, f"not translated: {entry.msgid[:60]!r}")
                else:
                    code = "odoo-python" in entry.comment or "odoo-javascript" in entry.comment
                    wanted = placeholders(entry.msgid, code)
                    given = placeholders(entry.msgstr, code)
                    if wanted != given:
                        lost, added = wanted - given, given - wanted
                        yield Problem(
                            place,
                            entry.linenum,
                            f"placeholders differ: lost {sorted(lost)}, added {sorted(added)}",
                        )
                    if entry.msgid.startswith("\n") != entry.msgstr.startswith("\n") or (
                        entry.msgid.endswith("\n") != entry.msgstr.endswith("\n")
                    ):
                        yield Problem(place, entry.linenum, "line breaks at the ends differ")
            for (_, term), lines in seen.items():
                if len(lines) > 1:
                    yield Problem(place, lines[1], f"{term[:60]!r} is at line {lines[0]} already")


# All files

# Written in two parts so that this file passes its own check.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("registry.npmjs", "org"),
        ("deb.debian", "org"), ("security.debian", "org"), ("archive.ubuntu", "com"),
        ("security.ubuntu", "com"), ("ports.ubuntu", "com"), ("proxy.golang", "org"),
    )
)  # fmt: skip
MACHINE_PATHS = re.compile(
    r"(?<![\w./~-])/(?:work|root|Users|home/(?!odoo\b)\w+)/[\w.]|(?<![\w./])\.\./shared/|/tmp/onepdev"
)
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)")


def registry_hosts() -> set[str]:
    """Public registries, and those this machine is set up with."""
    hosts = set(HOSTS)
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY"):
        hosts.update(urlsplit(url).hostname or "" for url in os.environ.get(variable, "").split())
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(
            [
                "/etc/pip.conf",
                *(Path.home() / name for name in (".pip/pip.conf", ".config/pip/pip.conf")),
            ]
        )
    except configparser.Error:
        return hosts - {""}
    for section in settings.sections():
        for key in ("index-url", "extra-index-url"):
            urls = settings.get(section, key, fallback="").split()
            hosts.update(urlsplit(url).hostname or "" for url in urls)
    return hosts - {"", "localhost", "127.0.0.1"}


def check_traces(project: Project) -> Iterator[Problem]:
    """No path or registry of one machine, private key or merge mark in any file"""
    hosts = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}\b" for host in registry_hosts()))
    for path in project.files:
        if path == Path(__file__).resolve() or path.stat().st_size > 20_000_000:
            continue
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        place = project.name(path)
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if match := MACHINE_PATHS.search(line):
                yield Problem(place, number, f"path of one machine: {line[match.start() :][:40]!r}")
            if match := hosts.search(line):
                yield Problem(
                    place, number, f"registry host {match[0]}", "Let the machine's settings decide"
                )
            if PRIVATE_KEY.search(line):
                yield Problem(place, number, "private key", "Revoke it and remove it from history")
            if CONFLICT.match(line):
                yield Problem(place, number, "merge conflict mark")


# Shell and Docker


def check_shell(project: Project) -> Iterator[Problem]:
    """Shell scripts, by shellcheck"""
    program = project.program("shellcheck")
    scripts = []
    for path in project.files:
        with path.open("rb") as file:
            first = file.readline(80)
        if path.suffix == ".sh" or re.match(rb"#!.*\b(ba|da)?sh\b", first):
            scripts.append(project.name(path))
    if not scripts:
        raise LeftOut("no shell script is there yet")
    if not program:
        raise LeftOut("shellcheck is not installed")
    yield from read_output(
        project, project.run(program, "--format=gcc", "--external-sources", *scripts)
    )


def check_docker(project: Project) -> Iterator[Problem]:
    """Dockerfile by hadolint, compose file by docker compose config"""
    folder = project.root / "docker"
    if not (folder / "Dockerfile").is_file():
        raise LeftOut("no docker folder is there yet")
    missing = []
    if hadolint := project.program("hadolint"):
        done = project.run(hadolint, "--no-color", "docker/Dockerfile")
        yield from read_output(project, done)
    else:
        missing.append("hadolint")
    docker = shutil.which("docker")
    if docker and project.run(docker, "compose", "version").returncode == 0:
        command = [docker, "compose", "-f", "docker/compose.yaml"]
        command += ["--env-file", "docker/.env.example", "config", "--quiet"]
        done = project.run(*command)
        for line in done.stderr.strip().splitlines():
            yield Problem("docker/compose.yaml", 0, line)
    else:
        missing.append("docker compose")
    if len(missing) == 2:
        raise LeftOut(f"{' and '.join(missing)} are not installed")
    for name in missing:
        print(f"          {name} is not installed: that half was left out")


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


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent, sys.executable, sys.argv[1:]))
