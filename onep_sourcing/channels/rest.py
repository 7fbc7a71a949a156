"""Records of a REST source: its pages joined into one JSON file that the ingest reads."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests

from ...onep_marketplace_connectors.clients.auth import fingerprint
from ...onep_marketplace_connectors.clients.pagination import walk
from ...onep_marketplace_connectors.clients.records import Page
from .address import AddressGuard
from .base import Channel, Limits, LocalFile, Peek, RemoteFile, Sink, State
from .errors import ChannelError, ContractChanged, RetryLater, SourceNotFound, TooLarge
from .web import WebSession, host_of, join
from .web_auth import WebAuth

MAX_PAGES = 5_000
#: One answer is held in memory, where its JSON takes several times its size.
MAX_PAGE_BYTES = 64 * 1024 * 1024
#: Pages of a listing that are asked whether they changed; longer ones are read again.
MAX_VERSIONS = 100
#: A listing that waited longer for the rest of its pages begins anew: it may have changed.
CONTINUE_WITHIN_S = 2 * 3600.0
FILE_NAME = "records.json"

#: ETag and Last-Modified of a page, None where the server gives none.
Version = tuple[str | None, str | None]
NO_VERSION: Version = (None, None)

PagingKind = Literal["none", "page", "offset", "cursor", "link"]


@dataclass(frozen=True, slots=True)
class RestRequest:
    """What to ask.

    headers, body: for the source's own origin only, as they may hold keys
    body: JSON of a POST; paging parameters then go into it, else into the address
    records_path: dotted path of the list of records, empty when the answer is the list, or holds
        one list of records only
    """

    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: dict | None = None
    records_path: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How the source is walked.

    parameter: name of the page number, offset or cursor
    first: number of the first page (kind page)
    size_parameter, size: records a page, not sent when the parameter has no name; 0: unknown
    cursor_path: dotted path of the next cursor, or of the next address, in the answer
    """

    kind: PagingKind = "none"
    parameter: str = ""
    first: int = 1
    size_parameter: str = ""
    size: int = 0
    cursor_path: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source says of one page.

    value: its JSON; digest: of its bytes
    """

    value: Any
    digest: str
    version: Version
    response: requests.Response


class RestChannel(Channel):
    """One listing of one source. A quota that is spent half-way costs no page twice, and pages
    that the server says are those of the last time are not sent again.

    now: seconds since the epoch
    """

    def __init__(
        self,
        url: str,
        guard: AddressGuard,
        auth: WebAuth | None = None,
        request: RestRequest | None = None,
        paging: Paging | None = None,
        limits: Limits | None = None,
        certificate: str = "",
        now: Callable[[], float] = time.time,
    ):
        self.notes = []
        self._url = url
        self._host = host_of(url)
        self._limits = limits or Limits()
        self._request = request or RestRequest()
        self._paging = paging or Paging()
        self._web = WebSession(url, guard, auth, limits, certificate=certificate, now=now)
        self._now = now
        self._settings = fingerprint(url, repr(self._request), repr(self._paging))
        self._cursor: str | int | None = None
        self._left = self._limits.max_bytes
        self._pages = 0
        self._last_digest = ""
        self._versions: list[list] | None = []
        self._ahead: dict[str | int | None, Answer] = {}

    def close(self) -> None:
        self._web.close()

    def look(self) -> list[RemoteFile]:
        return [RemoteFile(name=FILE_NAME, path=self._url)]

    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        partial = self._get_partial(state)
        begun = self._get_begun(target, partial)
        versions = [] if begun or partial.get("is_changed") else self._get_versions(state)
        if versions and self._is_unchanged(versions, partial.get("asked", 0)):
            return None
        self._versions = None if begun else []  # those of the pages before are not kept
        count, self._pages = begun.get("count", 0), begun.get("pages", 0)
        self._last_digest = begun.get("digest", "")
        start = begun.get("cursor")
        with Sink(target, self._limits, self._host, is_continued=bool(begun)) as sink:
            self._left = self._limits.max_bytes - sink.size
            try:
                for record in walk(
                    lambda cursor: self._fetch_page(start if cursor is None else cursor)
                ):
                    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                    # half a surrogate pair, as of an emoji cut in two, is no text
                    sink.write(f"{',' if count else '['}\n{text}".encode(errors="replace"))
                    count += 1
            except RetryLater as error:
                if count > begun.get("count", 0):
                    error.progress = self._prepare_progress(count, sink.size)
                elif versions:
                    error.progress = self._prepare_partial(is_changed=True)
                raise
            sink.write(b"\n]\n" if count else b"[]\n")
            seen = {}
            if self._versions or state.get("versions"):  # those of another listing say nothing now
                seen = {"of": self._settings, "versions": self._versions}
            return sink.finish(FILE_NAME, seen)

    def _get_versions(self, state: State) -> list[list]:
        """What the pages of this listing were the last time."""
        is_same = self._has_told_pages and state.get("of") == self._settings
        return (state.get("versions") or []) if is_same else []

    def _is_unchanged(self, versions: list[list], asked: int) -> bool:
        """Whether every page is as it was: the first one says nothing of those behind it.

        The page that did change is kept, so that it is not asked for twice.

        asked: pages that an earlier try found unchanged
        """
        for place, (cursor, *version) in enumerate(versions[asked:], start=asked):
            try:
                answer = self._ask(cursor, tuple(version))
            except (SourceNotFound, RetryLater) as error:
                if not _is_no_page(error):
                    if place > asked:
                        error.progress = self._prepare_partial(asked=place)
                    raise
                if any(version):
                    return False
                continue
            except ChannelError:
                return False  # the whole is asked, and says what is wrong
            if answer:
                self._ahead[cursor] = answer
                return False
        return True

    def _prepare_partial(self, **reached: Any) -> State:
        return {"of": self._settings, "at": self._now(), **reached}

    def _prepare_progress(self, count: int, size: int) -> State:
        """Where to go on: the page that was not answered, after `count` records."""
        return self._prepare_partial(
            cursor=self._cursor,
            pages=self._pages - 1,
            digest=self._last_digest,
            count=count,
            size=size,
        )

    def _get_partial(self, state: State) -> State:
        """How far an earlier try came, when it is of these settings and recent; else empty."""
        partial = state.get("partial") or {}
        is_recent = self._now() - partial.get("at", 0) < CONTINUE_WITHIN_S
        return partial if partial.get("of") == self._settings and is_recent else {}

    def _get_begun(self, target: Path, partial: State) -> State:
        """The same when it left a part of the file, whole; else empty."""
        is_whole = target.exists() and target.stat().st_size == partial.get("size")
        return partial if is_whole else {}

    def peek(self, file: RemoteFile, size: int) -> Peek:
        page = self._fetch_page(None)
        data = json.dumps(list(page.items), ensure_ascii=False, indent=0)
        data = data.encode(errors="replace")
        return Peek(
            RemoteFile(FILE_NAME, file.path, len(data) if page.next is None else None),
            data,
            page.next is None,
        )

    def _fetch_page(self, cursor: str | int | None) -> Page:
        self._cursor = cursor
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise TooLarge("too-many-pages", limit=MAX_PAGES)
        try:
            answer = self._ahead.pop(cursor, None) or self._ask(cursor)
        except (SourceNotFound, RetryLater) as error:
            if _is_no_page(error) and self._pages > 1 and self._paging.kind in ("page", "offset"):
                self._keep_version(cursor, NO_VERSION, is_end=True)
                return Page(items=[])  # many sources say so that there is no such page
            raise
        self._keep_version(cursor, answer.version)
        records = self._records(answer.value)
        if records and answer.digest == self._last_digest:
            if self._pages == 2:
                parameter = self._paging.parameter or self._paging.cursor_path or "next"
                raise ContractChanged("paging-ignored", page=2, parameter=parameter)
            return Page(items=[])  # beyond its end, a source may repeat its last page
        self._last_digest = answer.digest
        following = self._next(cursor, records, answer.value, answer.response)
        return Page(items=records, next=following)

    def _ask(self, cursor: str | int | None, version: Version = NO_VERSION) -> Answer | None:
        """One page; None when the server says that it is still of a version."""
        url, parameters = self._address(cursor)
        body, params = None, parameters
        if self._request.method == "POST":
            body, params = {**(self._request.body or {}), **parameters}, {}
        headers = {"Accept": "application/json", **self._request.headers}
        for name, value in zip(("If-None-Match", "If-Modified-Since"), version, strict=True):
            if value:
                headers[name] = value
        with self._web.open(
            self._request.method, url, headers=headers, params=params, body=body
        ) as response:
            given = response.headers.get("etag"), response.headers.get("last-modified")
            if response.status_code == 304 or (given[0] and given[0] == version[0]):
                return None
            return Answer(*self._parse(response), given, response)

    def _keep_version(
        self, cursor: str | int | None, version: Version, *, is_end: bool = False
    ) -> None:
        """Remember what a page was; one that nobody can tell again makes the others useless."""
        if self._versions is None:
            return
        is_told = any(version) or is_end
        if self._has_told_pages and is_told and len(self._versions) < MAX_VERSIONS:
            self._versions.append([cursor, *version])
        else:
            self._versions = None

    @property
    def _has_told_pages(self) -> bool:
        """Whether a page that is as it was leads to the same next one.

        A link in the headers is no part of what an ETag is of: the last page gains one unseen.
        """
        paging = self._paging
        is_by_header = paging.kind in ("cursor", "link") and not paging.cursor_path
        return self._request.method == "GET" and not is_by_header

    def _address(self, cursor: str | int | None) -> tuple[str, dict[str, Any]]:
        """Where a page is, and the parameters that ask for it."""
        paging = self._paging
        if paging.kind == "link":
            return (str(cursor) if cursor is not None else self._url), self._size_parameter(cursor)
        parameters = self._size_parameter(None)
        if paging.kind in ("page", "offset") and paging.parameter:
            start = paging.first if paging.kind == "page" else 0
            parameters[paging.parameter] = start if cursor is None else cursor
        elif paging.kind == "cursor" and cursor is not None:
            parameters[paging.parameter] = cursor
        return self._url, parameters

    def _size_parameter(self, cursor: str | int | None) -> dict[str, Any]:
        """The wanted page size; a following link carries its own."""
        paging = self._paging
        if paging.kind == "none" or not paging.size_parameter or cursor is not None:
            return {}
        return {paging.size_parameter: paging.size} if paging.size else {}

    def _parse(self, response: requests.Response) -> tuple[Any, str]:
        """A page's JSON and the digest of its bytes; all pages together stay below the limit."""
        chunks, size = [], 0
        for chunk in self._web.read(response):
            size += len(chunk)
            if size > self._left:
                raise TooLarge("file-too-large", limit_bytes=self._limits.max_bytes)
            if size > MAX_PAGE_BYTES:
                raise TooLarge("page-too-large", limit_bytes=MAX_PAGE_BYTES)
            chunks.append(chunk)
        self._left -= size
        data = b"".join(chunks)
        try:
            return json.loads(data), hashlib.sha256(data).hexdigest()
        except (ValueError, RecursionError):
            raise ContractChanged("not-json", host=self._host) from None

    def _records(self, answer: Any) -> list[dict]:
        path = self._request.records_path.strip().strip(".")
        if path:
            found = dig(answer, path)
            if found is None:
                raise ContractChanged("records-not-found", path=path, found=_outline(answer))
        elif isinstance(answer, list):
            found = answer
        else:
            lists = [
                value
                for value in (answer.values() if isinstance(answer, dict) else ())
                if isinstance(value, list) and (not value or isinstance(value[0], dict))
            ]
            if len(lists) != 1:
                raise ContractChanged("records-not-found", path="", found=_outline(answer))
            found = lists[0]
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise ContractChanged("records-not-objects", path=path)
        return found

    def _next(self, cursor, records, answer, response) -> str | int | None:
        """What asks for the page after this one, None on the last."""
        paging = self._paging
        if not records or paging.kind == "none":
            return None
        if paging.kind in ("page", "offset"):
            if paging.size and len(records) < paging.size:
                return None
            if paging.kind == "page":
                return (paging.first if cursor is None else int(cursor)) + 1
            return (0 if cursor is None else int(cursor)) + len(records)
        if paging.cursor_path:
            following = dig(answer, paging.cursor_path)
        else:
            following = (response.links.get("next") or {}).get("url")
        if following in (None, "", False):
            return None
        if paging.kind == "link":
            return join(response.url, str(following))
        return following if isinstance(following, int) else str(following)


def _is_no_page(error: SourceNotFound | RetryLater) -> bool:
    """Whether an answer says that there is no such page."""
    return isinstance(error, SourceNotFound) or error.params.get("status") == 204


def dig(answer: Any, path: str) -> Any:
    """What is at a dotted path (``data.items``, ``pages.0.rows``); None when nothing is."""
    for part in path.strip().strip(".").split("."):
        if isinstance(answer, dict):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return None
    return answer


def _outline(answer: Any) -> str:
    """Paths of an answer that hold lists, else its keys, for a message."""
    if not isinstance(answer, dict):
        return type(answer).__name__
    lists = [name for name, value in answer.items() if isinstance(value, list)]
    lists += [
        f"{name}.{inner}"
        for name, value in answer.items()
        if isinstance(value, dict)
        for inner, deeper in value.items()
        if isinstance(deeper, list)
    ]
    return ", ".join((lists or list(answer))[:8]) or "–"
