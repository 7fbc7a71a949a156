"""A call and its answer, as the protocols see them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Call:
    """One request.

    query: values by parameter, repeated ones in order; headers: lower-case names
    now: what time it is for the service [s since 1970]
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    fault: str = ""
    now: float = field(default_factory=time.time)

    def one(self, name: str, default: str = "") -> str:
        """First value of a query parameter."""
        return self.query.get(name, [default])[0]

    @cached_property
    def form(self) -> dict[str, str]:
        """Fields of a form in the body."""
        fields = parse_qs(self.body.decode("utf-8", "replace"))
        return {name: values[0] for name, values in fields.items()}

    @property
    def base(self) -> str:
        """Address under which the caller reached us."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"


@dataclass(slots=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def dump(value) -> bytes:
    """JSON in bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def as_json(value, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(
        status,
        dump(value),
        headers={name.replace("_", "-"): text for name, text in headers.items()},
    )
