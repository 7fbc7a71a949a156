"""From an HTTP status to what to do next, and how long to stay away."""

from __future__ import annotations

import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import httpx

from .errors import (
    BadCredentials,
    ItemNotFound,
    MarketplaceError,
    MissingPermission,
    RejectedRequest,
    ServiceDown,
)
from .transport import redact

BACKOFF_BASE_S = 10.0
BACKOFF_CAP_S = 900.0
MAX_ATTEMPTS = 8


def backoff(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Wait before try number `attempt` (1 is the first retry) [s]: doubled, capped, half jitter."""
    ceiling = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2 ** max(attempt - 1, 0))
    return ceiling / 2 + draw() * ceiling / 2


def retry_after(response: httpx.Response, now: float | None = None) -> float | None:
    """Seconds the server asks to wait (Retry-After as seconds or date), None when it does not.

    now: seconds since the epoch, needed for the date form
    """
    value = response.headers.get("retry-after", "")
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError):
        return None
    return max(at - now, 0.0) if now is not None else None


def is_transient(status: int) -> bool:
    """Whether a status may pass by itself (429 excepted: that is a quota)."""
    return status in (408, 409, 425) or status >= 500


def error_for(response: httpx.Response, operation: str, detail: str = "") -> MarketplaceError:
    """The error that tells what to do about a refused call (not 429: see RateLimiter)."""
    status = response.status_code
    detail = redact(detail or response.text)
    context = {"operation": operation, "status": status}
    if is_transient(status):
        wait = retry_after(response)
        return ServiceDown(
            wait if wait is not None else BACKOFF_BASE_S, cause=f"HTTP {status}", **context
        )
    if status == 401:
        return BadCredentials(detail=detail, **context)
    if status == 403:
        return MissingPermission(detail=detail, **context)
    if status == 404:
        return ItemNotFound(reference=operation, **context)
    return RejectedRequest(detail=detail, **context)
