"""Walking a listing to its end, whatever the paging style, without ever looping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx

from .records import Page

MAX_PAGES = 10_000

_LINK = re.compile(r'<(?P<url>[^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


def walk(fetch: Callable[[str | int | None], Page]) -> Iterator[dict]:
    """All items of a listing; stops on the last page, an empty page or a cursor seen before.

    fetch: returns the page of a cursor, None for the first
    """
    cursor, seen = None, set()
    for _page in range(MAX_PAGES):
        page = fetch(cursor)
        yield from page.items
        if page.next is None or not page.items or page.next in seen:
            return
        cursor = page.next
        seen.add(cursor)


def next_cursor(
    response: httpx.Response, body: dict | None = None, host: str | None = None
) -> str | None:
    """Cursor of the next page, from the body or from the ``Link`` header (any letter case).

    host: where a link has to point; one that leads elsewhere is not followed
    """
    if isinstance(body, dict):
        for name in ("nextCursor", "cursor"):
            if body.get(name):
                return str(body[name])
    found = _LINK.search(response.headers.get("link", ""))
    if not found:
        return None
    try:
        url = httpx.URL(found["url"])
    except httpx.InvalidURL:
        return None
    if host and url.host and url.host != host:
        return None
    for name, value in url.params.multi_items():
        if name.lower() == "cursor":
            return value
    return None
