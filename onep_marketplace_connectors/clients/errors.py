"""What can go wrong with a marketplace, sorted by what to do next.

::

    MarketplaceError
    ├── RetryLater            wait `seconds`, then ask again
    │   ├── RateLimited       the quota is spent (ours or the server's count)
    │   ├── ServiceDown       5xx, cut or silent connection, empty success
    │   └── CircuitOpen       it failed too often: left alone until a probe works
    ├── BadCredentials        stop this account, a manager has to act
    │   └── MissingPermission the keys are right, a right is missing
    ├── ItemNotFound          the marketplace does not know this reference
    ├── RejectedRow           this one item is refused, the rest is fine
    ├── ContractChanged       the answer is not the one documented
    └── RejectedRequest       the request itself is refused: a bug of ours
        └── WrongAddress      there is no such service: a manager has to correct the address

Each error carries a `rule`, an English message `template` and its `params`, so that whoever
shows it can translate by rule. No parameter ever holds a secret.
"""

from __future__ import annotations

import math


class MarketplaceError(Exception):
    """Base of all client errors.

    rule: stable code, e.g. ``rate-limited``
    template: English text with ``%(name)s`` placeholders
    params: values of the placeholders, plus whatever helps support (status, request_id)
    """

    rule = "marketplace-error"
    template = "The marketplace could not answer."

    def __init__(self, template: str | None = None, *, rule: str | None = None, **params):
        self.rule = rule or self.rule
        self.template = template or self.template
        self.params = params
        super().__init__(self.rule)

    def __str__(self) -> str:
        try:
            return self.template % self.params
        except (KeyError, TypeError, ValueError):
            return self.template


class RetryLater(MarketplaceError):
    """The same call may pass later.

    seconds: how long to wait before the next try [s]
    """

    rule = "retry-later"
    template = "The marketplace asks to come back in %(seconds)s s."

    def __init__(self, seconds: float, template: str | None = None, **kwargs):
        self.seconds = max(float(seconds), 0.0)
        super().__init__(template, seconds=max(1, math.ceil(self.seconds)), **kwargs)


class RateLimited(RetryLater):
    """The quota of an operation is spent."""

    rule = "rate-limited"
    template = "The quota of %(operation)s is spent, next call in %(seconds)s s."


class ServiceDown(RetryLater):
    """The service does not answer, or answers nonsense for now."""

    rule = "service-down"
    template = "The marketplace does not answer (%(cause)s), next try in %(seconds)s s."


class CircuitOpen(RetryLater):
    """An operation failed too often in a row and rests."""

    rule = "circuit-open"
    template = (
        "%(operation)s is paused after %(count)s failures in a row (%(cause)s), next try in"
        " %(seconds)s s."
    )


class BadCredentials(MarketplaceError):
    """The account's keys are refused."""

    rule = "bad-credentials"
    template = "The marketplace refuses these credentials: %(detail)s"


class MissingPermission(BadCredentials):
    """The keys are right but the account may not make this call."""

    rule = "missing-permission"
    template = "The account has no right to %(operation)s: %(detail)s"


class ItemNotFound(MarketplaceError):
    """The marketplace does not know this reference."""

    rule = "item-not-found"
    template = "The marketplace does not know %(reference)s."


class RejectedRow(MarketplaceError):
    """One item of a batch is refused; the others are fine."""

    rule = "item-refused"
    template = "The marketplace refused %(reference)s: %(detail)s"


class ContractChanged(MarketplaceError):
    """A successful answer does not have the documented shape."""

    rule = "contract-changed"
    template = "The answer of %(operation)s has an unexpected shape: %(detail)s"


class RejectedRequest(MarketplaceError):
    """The marketplace finds our request wrong: trying again is useless."""

    rule = "request-refused"
    template = "The marketplace refused the request of %(operation)s: %(detail)s"


class WrongAddress(RejectedRequest):
    """What is called is not the service: no address of one, or one that leads elsewhere."""

    rule = "wrong-address"
    template = "The address of the marketplace is wrong (%(detail)s)."


def class_for(status: int) -> type[MarketplaceError] | None:
    """What an HTTP status means; None for a success."""
    known = {401: BadCredentials, 403: MissingPermission, 404: ItemNotFound, 429: RateLimited}
    if status in known:
        return known[status]
    if status in (408, 409, 425) or status >= 500:
        return ServiceDown
    if 300 <= status < 400:
        return WrongAddress
    return RejectedRequest if status >= 400 else None
