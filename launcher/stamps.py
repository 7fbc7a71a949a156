# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Hashes of what a step depends on, so that a step done is not done again."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ADDON_SUFFIXES = frozenset(
    {".py", ".xml", ".csv", ".po", ".js", ".scss", ".css", ".svg", ".png", ".json"}
)
"""Files of an addon that can change what its database or its assets hold."""

NOT_IN_DATABASE = frozenset({"tests", "readme", "__pycache__", "node_modules"})
"""Folders of an addon whose files no database depends on (static/tests does count)."""


def hash_files(root: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of relative paths and contents, in sorted order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def addon_files(addon: Path) -> list[Path]:
    """Return the files of an addon that its database depends on.

    Python tests are left out: changing a test must not rebuild a template. Tours live in
    static/tests, are part of a bundle, and count.
    """
    found = []
    for folder, folders, names in os.walk(addon):
        inside = Path(folder).relative_to(addon).parts
        if inside[:1] == ("static",):
            folders[:] = [name for name in folders if name not in ("__pycache__", "node_modules")]
        else:
            folders[:] = [name for name in folders if name not in NOT_IN_DATABASE]
        found += [Path(folder, name) for name in names if Path(name).suffix in ADDON_SUFFIXES]
    return found


def addon_hash(addon: Path) -> str:
    """Return the hash of an addon's files (see addon_files)."""
    return hash_files(addon, addon_files(addon))


def manifest(addon: Path) -> dict[str, Any]:
    """Return an addon's manifest, read without running it."""
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def outside_dependencies(root: Path, addons: Sequence[str]) -> list[str]:
    """Return the addons of others that ours depend on, sorted."""
    wanted = {need for name in addons for need in manifest(root / name).get("depends", [])}
    return sorted(wanted - set(addons))


def short(*parts: object) -> str:
    """Return a 16 digit hash of some values."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object of a file, empty when missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, Any], mode: int = 0o644) -> None:
    """Write a JSON object so that a reader sees the old or the new one, never a half."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n", mode)


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file at once (rename), with the given permissions from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as stream:
        stream.write(text)
    os.replace(partial, path)
