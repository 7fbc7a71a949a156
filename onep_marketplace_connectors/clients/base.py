"""The contract of a marketplace: EANs in, columns out, step by step."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from .auth import TokenStore, fingerprint
from .breaker import Circuits
from .draft import Draft
from .errors import MarketplaceError, ServiceDown
from .rate_limit import Buckets, Limit, MemoryBuckets, RateLimiter
from .records import Answer, CategoryPage, CheckReport, OwnOffers
from .steps import Step, StepSpec, Subjects
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
    own_offers, own_stock, categories: the call of that name gives something
    """

    sales_rank: bool = False
    buy_box: bool = False
    package_size: bool = False
    price_unsold: bool = False
    own_offers: bool = False
    own_stock: bool = False
    categories: bool = False


class MarketplaceClient(ABC):
    """A marketplace account; one per job, not shared between threads.

    Implementations name their steps and fill a draft in :meth:`_ask_step`; an error stops there,
    what was answered before is kept.
    """

    platform: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    #: quota by operation, the platform's published default; an account may have others
    limits: Mapping[str, Limit] = {}

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
        self.limiter = RateLimiter(buckets or MemoryBuckets(), account.key, self.limits, circuits)
        self.transport.watch = self.limiter
        self.transport.hide(account.secrets.values())
        self.clock = clock
        #: what the server taught, to be given back in ``Account.settings`` from now on
        self.learned: dict[str, str] = {}

    def __enter__(self) -> MarketplaceClient:
        return self

    def __exit__(self, *_exception) -> None:
        self.close()

    def close(self) -> None:
        """Close connections."""
        self.transport.close()

    @abstractmethod
    def steps(self) -> Mapping[Step, StepSpec]:
        """Steps this account can be asked for now, in the order of the funnel."""

    def ask(self, step: Step, subjects: Subjects) -> Answer:
        """Ask one step about GTINs, any number.

        Tokens are reserved before each call. Never raises a MarketplaceError: what was answered
        comes back with what is still to ask and why. ValueError for a step the account has not.
        """
        if step not in self.steps():
            raise ValueError(f"{self.platform} has no step {step}")
        draft = Draft(step, subjects)
        error = None
        try:
            if len(draft.subjects):
                self._ask_step(draft)
        except MarketplaceError as caught:
            error = caught
            if isinstance(caught, ServiceDown):
                # a useless answer counts like none, see `RateLimiter.failed`
                self.limiter.failed(
                    caught.params.get("operation", ""), caught.params.get("cause", "")
                )
        finally:
            self.transport.about(())
        return draft.freeze(error)

    def own_offers(self, cursor: str | None = None) -> OwnOffers | None:
        """One page of the account's own offers, None when the platform gives none.

        cursor: ``next`` of the page before. Raises MarketplaceError.
        """
        return None

    def own_stock(self, cursor: str | None = None) -> OwnOffers | None:
        """One page of the account's goods in the marketplace's warehouse; see `own_offers`."""
        return None

    def categories(self, cursor: str | None = None) -> CategoryPage | None:
        """One page of the marketplace's categories; see `own_offers`."""
        return None

    @abstractmethod
    def check(self) -> CheckReport:
        """Prove that the account works; raises BadCredentials, RetryLater and so on."""

    @abstractmethod
    def _ask_step(self, draft: Draft) -> None:
        """Fill the draft, batch by batch; a raised error leaves the other rows as they are."""


def chunks(values: Sequence, size: int):
    """Consecutive slices of at most `size` values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
