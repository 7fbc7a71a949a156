"""The contract of a marketplace: EANs in, columns out, step by step."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .auth import TokenStore, fingerprint
from .batches import Batches
from .breaker import Circuits
from .draft import Draft
from .errors import BadCredentials, MarketplaceError
from .rate_limit import Buckets, Limit, MemoryBuckets, RateLimiter
from .records import Answer, CategoryPage, CheckReport, OwnOffers
from .steps import Step, StepSpec, Subjects
from .transport import Transport

#: settings that say who calls, and which of them say for which seller
_CALLERS = ("client_id", "partner_id", "shop_id", "seller_id", "endpoint")
_SELLERS = ("shop_id", "seller_id")
#: setting under which a client teaches the shop that the marketplace named, where nobody entered it
KNOWN_SHOP = "known_shop_id"


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
        """Text that changes with the account's addresses, ids and secrets, for token caches."""
        secrets = [f"{name}={value}" for name, value in sorted(self.secrets.items())]
        return f"{self.key}:{fingerprint(self.token_url, *self._caller(), *secrets)}"

    def quota_key(self) -> str:
        """Text that accounts of one seller share: marketplaces count calls by seller.

        The shop is the one entered, else the one that the marketplace named. An account with
        ``quota_scope`` "account" is counted alone: whether Amazon counts by country is not told.
        """
        if self.settings.get("quota_scope") == "account":
            return self.key
        shop = self.settings.get("shop_id") or self.settings.get(KNOWN_SHOP, "")
        settings = {**self.settings, "shop_id": shop}
        if not any(settings.get(name) for name in _SELLERS):
            return self.key
        return f"seller:{fingerprint(*self._caller(settings))}"

    def _caller(self, settings: Mapping[str, str] | None = None) -> list[str]:
        ids = [(settings or self.settings).get(name, "") for name in _CALLERS]
        return [self.endpoint_url, str(self.sandbox), *ids]


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
        self.limiter = RateLimiter(
            buckets or MemoryBuckets(),
            account.key,
            self.limits,
            circuits,
            seller=account.quota_key(),
        )
        self.transport.watch = self.limiter
        self.limiter.complain = self.transport.complain
        self.transport.hide(account.secrets.values())
        self.clock = clock
        #: what the server taught, to be given back in ``Account.settings`` from now on
        self.learned: dict[str, str] = {}
        self.batches = Batches({})
        self._sizes_taught: dict[str, int] = {}
        self._refused_tokens = 0

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
            with self.limiter.judging():
                if len(draft.subjects):
                    self._ask_step(draft)
        except MarketplaceError as caught:
            error = caught
        finally:
            self.transport.about(())
            self._teach_sizes()
        return draft.freeze(error)

    def own_offers(self, cursor: str | None = None) -> OwnOffers | None:
        """One page of the account's own offers, None when the platform gives none.

        cursor: ``next`` of the page before. Raises MarketplaceError.
        """
        with self.limiter.judging():
            return self._own_offers(cursor)

    def own_stock(self, cursor: str | None = None) -> OwnOffers | None:
        """One page of the account's goods in the marketplace's warehouse; see `own_offers`."""
        with self.limiter.judging():
            return self._own_stock(cursor)

    def categories(self, cursor: str | None = None) -> CategoryPage | None:
        """One page of the marketplace's categories; see `own_offers`."""
        with self.limiter.judging():
            return self._categories(cursor)

    def check(self) -> CheckReport:
        """Prove that the account works; raises BadCredentials, RetryLater and so on."""
        with self.limiter.judging():
            return self._check()

    def _own_offers(self, cursor: str | None) -> OwnOffers | None:
        return None

    def _own_stock(self, cursor: str | None) -> OwnOffers | None:
        return None

    def _categories(self, cursor: str | None) -> CategoryPage | None:
        return None

    @abstractmethod
    def _check(self) -> CheckReport:
        """See `check`."""

    @abstractmethod
    def _ask_step(self, draft: Draft) -> None:
        """Fill the draft, batch by batch; a raised error leaves the other rows as they are."""

    def _get_token(self, fetch: Callable[[], tuple[str, float]]) -> str:
        """The access token, which no answer may show from now on."""
        token = self.tokens.get(self.account.cache_key(), fetch)
        self.transport.hide_token(token)
        return token

    def _accept_token(self) -> None:
        """The access token was good for a call."""
        self._refused_tokens = 0

    def _refuse_token(self, operation: str, detail: str) -> None:
        """Forget an access token that was refused; the call may be made with a new one.

        Raises BadCredentials when that is refused too, even if a quota stood between the calls.
        """
        self.tokens.drop(self.account.cache_key())
        self.transport.complain(operation, BadCredentials.rule)
        self._refused_tokens += 1
        if self._refused_tokens > 1:
            self._refused_tokens = 0
            raise BadCredentials(detail=detail, operation=operation)

    def _get_batches(self, usual: Mapping[str, int], **options) -> Batches:
        """Batch sizes as they were learned."""
        told = {name: self.account.settings.get(self._size_setting(name), "") for name in usual}
        batches = Batches(
            usual, {name: int(size) for name, size in told.items() if size.isdigit()}, **options
        )
        self._sizes_taught = batches.sizes
        return batches

    def _size_setting(self, operation: str) -> str:
        """Name under which the batch size of an operation is taught."""
        return f"batch_{operation}"

    def _teach_sizes(self) -> None:
        """Give back the batch sizes that changed; empty where the usual one passes again."""
        sizes = self.batches.sizes
        for name in self._sizes_taught.keys() | sizes.keys():
            if self._sizes_taught.get(name) != sizes.get(name):
                self.learned[self._size_setting(name)] = str(sizes.get(name, ""))
        self._sizes_taught = sizes
