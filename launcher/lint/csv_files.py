# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""CSV of the addons, and the access rights of every model."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

from .project import Addon, Problem, Project

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
