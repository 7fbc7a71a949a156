"""A call and its answer, as the protocols see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    query: values by parameter, repeated ones in order; headers: lower-case names
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    fault: str = ""

    def one(self, name: str, default: str = "") -> str:
        """First value of a query parameter."""
        return self.query.get(name, [default])[0]

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


def as_json(value, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(
        status,
        json.dumps(value, ensure_ascii=False).encode(),
        headers={name.replace("_", "-"): text for name, text in headers.items()},
    )
