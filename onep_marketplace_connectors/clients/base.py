"""The contract of a marketplace: EANs in, columns out."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from .auth import TokenStore, fingerprint
from .breaker import Circuits, MemoryCircuits
from .errors import MarketplaceError, ServiceDown
from .rate_limit import Buckets, Limit, MemoryBuckets, RateLimiter
from .records import CheckReport, FeeQuote, Fetched, MarketOfferDraft
from .transport import Transport


@dataclass(frozen=True, slots=True)
class Account:
    """One sales channel account, as its client needs it.

    key: stable text that names the account in caches and quota buckets
    endpoint_url, token_url: where to call; empty takes the platform's own address
    currency: ISO code of the amounts; country: ISO alpha-2
    settings: what the platform needs besides (seller id, channel, …), no secret
    secrets: keys of the account; never printed
    """

    key: str
    endpoint_url: str = ""
    token_url: str = ""
    country: str = "FR"
    currency: str = "EUR"
    sandbox: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def cache_key(self) -> str:
        """Text that changes with the account's address and secrets, for token caches."""
        return f"{self.key}:{fingerprint(self.endpoint_url, *sorted(self.secrets.values()))}"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can answer, so that "not provided" is told from "none".

    sales_rank, buy_box, package_size: the platform gives it
    price_unsold: prices are given for EANs the account does not sell
    """

    sales_rank: bool = False
    buy_box: bool = False
    package_size: bool = False
    price_unsold: bool = False


class MarketplaceClient(ABC):
    """A marketplace account; one per job, not shared between threads.

    Implementations fill a draft in :meth:`_fetch_into`; an error stops there, what was answered
    before is kept.
    """

    platform: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    #: quota by operation, the platform's published default; an account may have others
    limits: Mapping[str, Limit] = {}
    #: EANs worth giving to one fetch
    batch_size: int = 100

    def __init__(
        self,
        account: Account,
        *,
        transport: Transport | None = None,
        tokens: TokenStore | None = None,
        buckets: Buckets | None = None,
        circuits: Circuits | None = None,
        limits: Mapping[str, Limit] | None = None,
        clock: Callable[[], float] = time.time,
    ):
        self.account = account
        self.transport = transport or Transport()
        self.tokens = tokens or TokenStore(clock)
        #: quota by operation of this account
        self.limits = dict(self.limits if limits is None else limits)
        self.limiter = RateLimiter(
            buckets or MemoryBuckets(), account.key, self.limits, circuits or MemoryCircuits()
        )
        self.transport.watch = self.limiter
        self.clock = clock
        #: settings the server taught, worth keeping for the next run
        self.learned: dict[str, str] = {}

    def __enter__(self) -> MarketplaceClient:
        return self

    def __exit__(self, *_exception) -> None:
        self.close()

    def close(self) -> None:
        """Close connections."""
        self.transport.close()

    @abstractmethod
    def check(self) -> CheckReport:
        """Prove that the account works; raises BadCredentials, RetryLater and so on."""

    def fetch(self, gtins: Sequence[str]) -> Fetched:
        """Ask what the marketplace says of GTINs.

        gtins: canonical 14 digits, any number
        Never raises a MarketplaceError: what was answered comes back with the error and what is
        still to ask.
        """
        draft = MarketOfferDraft(gtins)
        error = None
        try:
            self._fetch_into(draft, list(dict.fromkeys(gtins)))
        except MarketplaceError as caught:
            error = caught
            if isinstance(caught, ServiceDown):
                self.limiter.failed(
                    caught.params.get("operation", ""), caught.params.get("cause", "")
                )
        pending = tuple(draft.pending())
        return Fetched(draft.freeze(), pending, error if pending else None)

    def quote_fees(
        self, external_ids: Sequence[str], prices_taxed: Sequence[float], *, fulfilled: bool
    ) -> FeeQuote | None:
        """The marketplace's own fee estimates, None when the platform gives none.

        fulfilled: the marketplace stores and ships
        """
        return None

    @abstractmethod
    def _fetch_into(self, draft: MarketOfferDraft, gtins: list[str]) -> None:
        """Fill the draft, batch by batch; a raised error leaves the other rows as they are."""


def chunks(values: Sequence, size: int):
    """Consecutive slices of at most `size` values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
