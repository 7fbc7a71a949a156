"""A file at a web address, fetched only when it changed."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from ...onep_marketplace_connectors.clients.auth import fingerprint
from .address import AddressGuard
from .base import Channel, Limits, LocalFile, Peek, RemoteFile, Sink, State, safe_name
from .errors import ContractChanged, TooLarge
from .web import WebSession, host_of
from .web_auth import WebAuth

_PAGE = re.compile(rb"^\s*(<!doctype\s+html|<html[\s>]|<head[\s>])", re.IGNORECASE)
_TABLE = re.compile(rb"<table[\s>]", re.IGNORECASE)
_FORM = re.compile(rb"""<input[^>]+type\s*=\s*["']?password""", re.IGNORECASE)


def is_web_page(start: bytes) -> bool:
    """Whether a file begins like a page for people: HTML with a login form or without a table.

    A price list saved as an HTML table under the name of a spreadsheet is none.
    """
    start = start.lstrip(b"\xef\xbb\xbf")
    return bool(_PAGE.match(start)) and (bool(_FORM.search(start)) or not _TABLE.search(start))


class HttpChannel(Channel):
    """One file at one address."""

    def __init__(
        self,
        url: str,
        guard: AddressGuard,
        auth: WebAuth | None = None,
        limits: Limits | None = None,
        certificate: str = "",
    ):
        self.notes = []
        self._url = url
        self._limits = limits or Limits()
        self._web = WebSession(url, guard, auth, limits, certificate=certificate)
        self._host = host_of(url)

    def close(self) -> None:
        self._web.close()

    def look(self) -> list[RemoteFile]:
        """The one file, by its address: its size and date come with the answer."""
        name = unquote(urlsplit(self._url).path).rsplit("/", 1)[-1]
        return [RemoteFile(name=safe_name(name), path=self._url)]

    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        of = fingerprint(self._url)
        if state.get("of") != of:
            state = {}
        headers = {}
        if state.get("etag"):
            headers["If-None-Match"] = state["etag"]
        if state.get("last_modified"):
            headers["If-Modified-Since"] = state["last_modified"]
        with self._web.open("GET", file.path, headers=headers) as response:
            seen = _validators(response) | {"of": of}
            if response.status_code == 304 or _is_same(seen, state):
                return None
            try:
                return self._receive(response, file, target, seen)
            except (TooLarge, ContractChanged) as error:
                if seen["etag"] or seen["last_modified"]:
                    error.mark = seen
                raise

    def _receive(self, response, file, target, seen) -> LocalFile:
        start = b""
        with Sink(target, self._limits, self._host) as sink:
            sink.expect(_announced_size(response))
            for chunk in self._web.read(response):
                if len(start) < 65536:
                    start += chunk[:65536]
                sink.write(chunk)
            self._refuse_page(start)
            return sink.finish(_name(response, file), seen)

    def peek(self, file: RemoteFile, size: int) -> Peek:
        with self._web.open("GET", file.path) as response:
            data = b"".join(self._web.read(response, size))
            self._refuse_page(data)
            is_whole = len(data) < size
            seen = RemoteFile(
                name=_name(response, file),
                path=file.path,
                size=len(data) if is_whole else _announced_size(response),
                modified_at=_modified_at(response),
            )
        return Peek(seen, data, is_whole)

    def _refuse_page(self, start: bytes) -> None:
        if is_web_page(start):
            raise ContractChanged("web-page", host=self._host)


def _validators(response: requests.Response) -> State:
    """What the server says of its file, and what changes when the file does."""
    return {
        "etag": response.headers.get("etag"),
        "last_modified": response.headers.get("last-modified"),
        "size": _announced_size(response),
    }


def _is_same(seen: State, state: State) -> bool:
    """Whether a server that sends its file whatever we say we have shows the same one again.

    One that was refused is told by date and size as well, as those of file servers are.
    """
    if seen["etag"]:
        return seen["etag"] == state.get("etag")
    pair = seen["last_modified"], seen["size"]
    return (
        bool(state.get("refused"))
        and None not in pair
        and pair == (state.get("last_modified"), state.get("size"))
    )


def _announced_size(response: requests.Response) -> int | None:
    """Size of the file as announced; None when unknown or when it travels compressed."""
    value = response.headers.get("content-length", "")
    if not value.isdigit() or response.headers.get("content-encoding"):
        return None
    return int(value)


def _modified_at(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["last-modified"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None


def _name(response: requests.Response, file: RemoteFile) -> str:
    """Name of the file: what the server calls it, else the end of its address."""
    header = Message()
    header["content-disposition"] = response.headers.get("content-disposition", "")
    given = None
    with contextlib.suppress(ValueError):  # an encoding that cannot be one
        given = header.get_filename()
    if not given:
        given = unquote(urlsplit(response.url).path).rsplit("/", 1)[-1]
    return safe_name(given, file.name)
