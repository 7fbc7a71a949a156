"""Records of a catalogue, flattened: what they look like, and which of them are articles."""

from __future__ import annotations

from .. import header

#: Column → text of one record.
Record = dict[str, str]
DEPTH = 8  # levels that are looked into


def article_score(count: int, record: Record) -> float:
    """Tell how much records look like articles: by the fields the first names, then by number."""
    names = [name for name in record if name]
    known = header.known_names([name.replace("[]", "").replace("@", " ") for name in names])
    return (0.2 + min(len(names), 5) / 10 + known) ** 2 * count**0.25
