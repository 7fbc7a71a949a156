"""Which of the files that are there are to be taken: pattern, newest only, not taken before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from .base import RemoteFile, State, safe_name

#: Files taken in one check; the next check goes on.
MAX_FILES = 50

#: What a state holds of the one file of a web address.
VALIDATORS = ("etag", "last_modified", "size", "versions")

#: Names under which others upload before they rename.
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits one of the patterns (``tarif_*.csv; *.xlsx``), letter case aside.

    Hidden names and names of unfinished uploads never do.
    """
    name = name.lower()
    if name.startswith(".") or name.endswith(_UNFINISHED):
        return False
    patterns = [part.strip().lower() for part in (pattern or "").replace(",", ";").split(";")]
    patterns = [part for part in patterns if part] or ["*"]
    return any(fnmatchcase(name, part) for part in patterns)


def by_age(files: Iterable[RemoteFile]) -> list[RemoteFile]:
    """Oldest first; names decide where the source gives no date."""
    return sorted(files, key=lambda file: (file.modified_at or _LONG_AGO, file.name))


def choose(
    files: Iterable[RemoteFile], pattern: str, state: State, newest_only: bool
) -> list[RemoteFile]:
    """Files to take now, oldest first, so that the newest has the last word.

    A file whose source gives neither size nor date is taken each time: its checksum decides.
    """
    fitting = by_age(file for file in files if fits(file.name, pattern))
    if newest_only:
        fitting = fitting[-1:]
    seen = state.get("seen") or {}
    new = [
        file for file in fitting if file.mark == [None, None] or seen.get(file.path) != file.mark
    ]
    return new[:MAX_FILES]


def remember(state: State, there: Sequence[RemoteFile], taken: Iterable[RemoteFile]) -> State:
    """The state after files were taken; files that are gone are forgotten."""
    paths = {file.path for file in there}
    seen = {path: mark for path, mark in (state.get("seen") or {}).items() if path in paths}
    seen.update({file.path: file.mark for file in taken})
    kept = {**state, "seen": seen}
    if kept.get("refused"):
        kept["refused"] = find_refused(kept, there)
    return kept


def forget(state: State, name: str) -> State:
    """The state as if the file of this name had never been taken: it will be, once more."""
    kept = {key: value for key, value in state.items() if key not in VALIDATORS}
    if kept.get("refused"):
        kept["refused"] = {
            path: entry
            for path, entry in kept["refused"].items()
            if path and safe_name(path) != safe_name(name)
        }
    if kept.get("seen"):
        kept["seen"] = {
            path: mark for path, mark in kept["seen"].items() if safe_name(path) != safe_name(name)
        }
    return kept


def refuse(state: State, file: RemoteFile, entry: dict, mark: State | None = None) -> State:
    """The state after a file was refused for what it is: the same is not fetched again.

    entry: why, as plain JSON values
    mark: what the file shows, where the source lists nothing
    """
    if mark:
        return {**state, **mark, "sha256": None, "refused": {"": {"name": file.name, **entry}}}
    refused = {**(state.get("refused") or {}), file.path: {"name": file.name, **entry}}
    seen = {**(state.get("seen") or {}), file.path: file.mark}
    return {**state, "seen": seen, "refused": refused}


def find_seen(state: State, there: Iterable[RemoteFile]) -> list[RemoteFile]:
    """Files that did not change since they were dealt with."""
    seen = state.get("seen") or {}
    return [file for file in there if seen.get(file.path) == file.mark]


def find_refused(state: State, there: Iterable[RemoteFile]) -> dict[str, dict]:
    """Why files were refused that are there and the same, by path."""
    same = {file.path for file in find_seen(state, there)}
    refused = state.get("refused") or {}
    return {path: entry for path, entry in refused.items() if not path or path in same}
