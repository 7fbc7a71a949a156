# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Manifests of the addons: what they declare, and what they forget."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .project import ADDONS, LeftOut, Problem, Project
from .requirements import normal, read_pins

VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")


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
