"""What can go wrong between us and a supplier's file, sorted by what to do next.

::

    ChannelError
    ├── RetryLater        wait `seconds`, then try the same again
    ├── SourceNotFound    nothing is there: the supplier moved it, or has not put it yet
    ├── TooLarge          beyond the limit an administrator set
    ├── ContractChanged   what came is not what was set up: a web page, a missing path
    └── NeedsPerson       trying again is useless, and may do harm, until somebody acts
        ├── BadCredentials    login, key or right refused
        ├── UntrustedServer   host key or certificate is not the one we know
        ├── RefusedAddress    private network or folder that no administrator allowed
        └── BadSettings       a setting cannot work

Each error carries a `rule` of ``rules.ERRORS`` and its `params`, so that whoever shows it
translates by rule. No parameter ever holds a secret; an address is shown by its host only.
"""

from __future__ import annotations

import math
from typing import Any

from .rules import ERRORS


class ChannelError(Exception):
    """Base of all channel errors.

    rule: key of ERRORS
    params: values of its placeholders
    mark: what the file shows that is at fault, as the state of a channel; None when it is not a
        file that is, or when it shows nothing
    """

    mark: dict[str, Any] | None = None

    def __init__(self, rule: str, **params: Any):
        assert rule in ERRORS, rule
        self.rule = rule
        self.params = params
        super().__init__(rule)

    def __str__(self) -> str:
        return ERRORS[self.rule] % self.params


class RetryLater(ChannelError):
    """The same may pass later.

    seconds: how long the server asks to stay away [s], 0 when it does not say
    progress: where to go on, when the channel can and got further than the try before; plain JSON
        values
    """

    progress: dict[str, Any] | None = None

    def __init__(self, rule: str, *, seconds: float = 0.0, **params: Any):
        # a server may ask for an endless wait, or for none that is a number
        wait = float(seconds)
        self.seconds = math.ceil(max(wait, 0.0)) if math.isfinite(wait) else 0
        super().__init__(rule, **params)


class SourceNotFound(ChannelError):
    """Nothing is there."""


class TooLarge(ChannelError):
    """Beyond a limit."""


class ContractChanged(ChannelError):
    """What came is not what was set up."""


class NeedsPerson(ChannelError):
    """Useless to try again until somebody acts."""


class BadCredentials(NeedsPerson):
    """Login, key or right refused."""


class UntrustedServer(NeedsPerson):
    """The server is not the one we know."""


class RefusedAddress(NeedsPerson):
    """An address or folder out of bounds."""


class BadSettings(NeedsPerson):
    """A setting cannot work."""
