"""Values of services that do not say exactly what they send: read tolerantly, never guessed."""

from __future__ import annotations

import json

import httpx

from .errors import ServiceDown
from .redaction import redact

UNREADABLE_RETRY_S = 20.0
#: what is larger is no price nor count
_MOST = 1e9


def body_of(response: httpx.Response, operation: str):
    """The answer's JSON; ServiceDown when there is none."""
    try:
        return response.json()
    except ValueError:
        raise ServiceDown(
            UNREADABLE_RETRY_S, cause="unreadable answer", operation=operation
        ) from None


def rows_of(body, *names: str, operation: str = "") -> list[dict]:
    """Items of a listing, under one of these names or bare.

    operation: given when a listing is expected, so that an empty success is told from no items
    """
    for rows in (body, *(pick(body, name) for name in names)):
        if isinstance(rows, list):
            return [row for row in rows if isinstance(row, dict)]
    if operation:
        raise ServiceDown(UNREADABLE_RETRY_S, cause="empty answer", operation=operation)
    return []


def pick(node, *paths: str):
    """First value found among dotted paths, None without one."""
    for path in paths:
        value = node
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def number(value) -> float | None:
    """The value as an amount that may be nothing, such as shipping; None when it is none."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 <= found < _MOST else None


def price(value) -> float | None:
    """The value as a price; nothing is sold for nothing, so 0 is unknown."""
    return number(value) or None


def count(value) -> int | None:
    """The value as a count, None when it is none."""
    found = number(value)
    return None if found is None else int(found)


def text(value) -> str | None:
    """The value as text, None when it is empty or an object."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def words_of(response: httpx.Response) -> str:
    """What a service says is wrong, in whichever of the usual error shapes."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return redact(response.text, 120)
    parts = [body.get(name) for name in ("error_description", "title", "detail", "message")]
    parts += [body["error"]] if isinstance(body.get("error"), str) else []
    parts += [json.dumps(body["errors"])] if body.get("errors") else []
    return redact(" – ".join(dict.fromkeys(str(part) for part in parts if part)))
