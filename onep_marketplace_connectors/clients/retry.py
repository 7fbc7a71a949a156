"""From an HTTP status to what to do next, and how long to stay away.

=================  ===================  =============================================
what came          error                what the caller does
=================  ===================  =============================================
429                RateLimited          comes back when the bucket has filled
5xx, 408, 409, 425 ServiceDown          comes back after a growing, jittered wait
no answer at all   ServiceDown          the same; a cut connection is tried once more
401                BadCredentials       stops the account (a stale token: once more)
403                MissingPermission    stops the step
404                ItemNotFound         notes it at the item
other 4xx          RejectedRequest      splits the batch, or tells the administrator
=================  ===================  =============================================
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import httpx

from .errors import (
    ItemNotFound,
    MarketplaceError,
    RateLimited,
    ServiceDown,
    class_for,
)
from .redaction import redact

BACKOFF_BASE_S = 10.0
BACKOFF_CAP_S = 900.0
MAX_ATTEMPTS = 8


def backoff(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Wait before try number `attempt` (1 is the first retry) [s]: doubled, capped, half jitter."""
    ceiling = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2 ** min(max(attempt - 1, 0), 30))
    return ceiling / 2 + draw() * ceiling / 2


def retry_after(
    response: httpx.Response, now: float | None = None, longest: float = BACKOFF_CAP_S
) -> float | None:
    """Seconds the server asks to wait (Retry-After as seconds or date), None when it does not.

    now: seconds since the epoch; by default this machine's clock
    longest: more is not believed [s]
    """
    value = response.headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value).timestamp()
        except (TypeError, ValueError):
            return None
        seconds = at - (time.time() if now is None else now)
    return min(max(seconds, 0.0), longest) if math.isfinite(seconds) else None


def is_transient(status: int) -> bool:
    """Whether a status may pass by itself (429 excepted: that is a quota)."""
    return class_for(status) is ServiceDown


def error_for(response: httpx.Response, operation: str, detail: str = "") -> MarketplaceError:
    """The error that tells what to do about a refused call (not 429: see RateLimiter)."""
    status = response.status_code
    detail = redact(detail or response.text)
    context = {"operation": operation, "status": status}
    error_class = class_for(status)
    if error_class is ServiceDown:
        wait = retry_after(response)
        return ServiceDown(
            wait if wait is not None else BACKOFF_BASE_S, cause=f"HTTP {status}", **context
        )
    if error_class is ItemNotFound:
        return ItemNotFound(reference=operation, **context)
    if error_class is None or error_class is RateLimited:
        raise ValueError(f"no error for HTTP {status}")
    return error_class(detail=detail, **context)
