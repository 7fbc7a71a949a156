"""python-amazon-sp-api, hardened.

The library raises only when an answer has an ``errors`` list: an HTML 503 looks like an empty
success, the HTTP status is lost, an expired token stays cached, LWA calls have their own
timeout. Here all its calls, token calls included, go through one :class:`GuardedTransport` that
settles the HTTP side first, and its token cache is replaced by ours.

Pinned to 2.1.35: ``_transport`` is a private attribute of its clients.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable
from types import SimpleNamespace

import httpx
from sp_api.auth import AccessTokenClient
from sp_api.auth.access_token_response import AccessTokenResponse
from sp_api.auth.credentials import Credentials
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base.credential_provider import FromCodeCredentialProvider, MissingCredentials
from sp_api.base.exceptions import SellingApiException

from .auth import TokenStore
from .errors import (
    BadCredentials,
    ItemNotFound,
    MarketplaceError,
    MissingPermission,
    RejectedRequest,
    ServiceDown,
)
from .rate_limit import RateLimiter
from .redaction import redact
from .retry import error_for, retry_after
from .transport import Transport

UNREADABLE_RETRY_S = 20.0
TOKEN_OPERATION = "LWA token"  # noqa: S105 - a name, not a secret
RATE_HEADER = "x-amzn-ratelimit-limit"

_STALE = ("expired", "revoked", "malformed", "invalid")


class _NoHeaders(logging.Filter):
    """Leaves out what the library writes of a request's headers: the access token is in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "Headers" not in str(record.msg)


# whatever level somebody sets: the library writes them at DEBUG
logging.getLogger("sp_api.base.client").addFilter(_NoHeaders())


class StaleToken(MarketplaceError):
    """The access token is refused: a new one may do."""

    rule = "stale-token"


class GuardedTransport:
    """What the library takes for its transport.

    Answers that are not clean JSON, throttles and outages become our errors before the library
    can misread them.
    """

    def __init__(self, transport: Transport, limiter: RateLimiter):
        self._transport = transport
        self._limiter = limiter
        self.operation = ""
        #: access tokens refused one after the other
        self.refusals = 0

    def request(self, method, url, *, params=None, data=None, content=None, headers=None):
        """One call of the library; returns an answer the library reads correctly."""
        operation = TOKEN_OPERATION if data is not None else self.operation
        response = self._transport.request(
            method,
            url,
            params=params,
            data=data,
            content=_without_nulls(content),
            headers=headers,
            operation=operation,
            logs_in=operation == TOKEN_OPERATION,
        )
        if response.status_code == 429:
            raise self._limiter.throttled(operation, retry_after(response))
        if response.status_code >= 500:
            raise error_for(response, operation)
        body = _json(response)
        if body is None:
            if response.status_code >= 400:
                raise error_for(response, operation)
            raise ServiceDown(UNREADABLE_RETRY_S, cause="unreadable answer", operation=operation)
        if operation != TOKEN_OPERATION:
            self._limiter.learn(operation, response.headers.get(RATE_HEADER))
            self._refuse_stale_token(response, body)
            if response.status_code >= 400 and not _errors(body):
                raise error_for(response, operation)
        # parsed once: the library asks for it again
        response.json = lambda: body
        return response

    def hide(self, token: str) -> None:
        """Strike an access token out of what is answered from now on."""
        self._transport.hide_token(token)

    def close(self):
        """The session belongs to the client, which closes it."""

    def _refuse_stale_token(self, response, body):
        words = json.dumps(_errors(body)).lower() if response.status_code == 403 else ""
        is_named = "token" in words and any(word in words for word in _STALE)
        if is_named or response.status_code == 401:
            self.refusals += 1
            raise StaleToken()
        self.refusals = 0


class Library:
    """The library's API classes for one account, sharing one guarded transport.

    endpoint, token_url: addresses; marketplace_id: Amazon's id of the country
    """

    def __init__(
        self,
        *,
        endpoint: str,
        token_url: str,
        marketplace_id: str,
        credentials: dict[str, str],
        transport: Transport,
        limiter: RateLimiter,
        tokens: TokenStore,
        token_key: str,
    ):
        self._guard = GuardedTransport(transport, limiter)
        self._tokens = tokens
        self._token_key = token_key
        self._marketplace = SimpleNamespace(
            endpoint=endpoint, marketplace_id=marketplace_id, region="eu-west-1"
        )
        self._credentials = credentials
        self._auth_class = _auth_class(token_url, self._guard, tokens, token_key)
        self._user_agent = transport.user_agent
        self._apis: dict[tuple[type, str | None], object] = {}

    def call(self, operation: str, api_class: type, version: str | None, use: Callable):
        """Run ``use(api)`` and return its ApiResponse; every failure is a MarketplaceError.

        A refused token is renewed once, even if a quota stands between the two calls.
        """
        while True:
            try:
                return self._call_once(operation, api_class, version, use)
            except StaleToken:
                self._tokens.drop(self._token_key)
            if self._guard.refusals > 1:
                self._guard.refusals = 0
                raise BadCredentials(
                    rule="authorisation-revoked", operation=operation, detail="token refused"
                )

    def _call_once(self, operation, api_class, version, use):
        self._guard.operation = operation
        try:
            return use(self._api(api_class, version))
        except AuthorizationError as error:
            raise _token_error(error) from None
        except MissingCredentials:
            raise BadCredentials(rule="keys-missing", operation=operation, detail="") from None
        except SellingApiException as error:
            raise _api_error(error, operation) from None
        except (json.JSONDecodeError, httpx.HTTPError) as error:
            raise ServiceDown(
                UNREADABLE_RETRY_S, cause=type(error).__name__, operation=operation
            ) from None

    def _api(self, api_class, version):
        key = api_class, version
        if key not in self._apis:
            api = api_class(
                marketplace=self._marketplace,
                credentials=self._credentials,
                credential_providers=(FromCodeCredentialProvider,),
                auth_token_client_class=self._auth_class,
                # its own session is never used: no time for certificates it would not need
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                **({"version": version} if version else {}),
            )
            # the environment may override what was passed: say it again
            api.endpoint = self._marketplace.endpoint
            api.marketplace_id = self._marketplace.marketplace_id
            api.user_agent = self._user_agent
            api._transport.close()
            api._transport = self._guard
            self._apis[key] = api
        return self._apis[key]


def _auth_class(token_url, guard, tokens, token_key):
    """The library's token client, with our transport and our cache."""

    class TokenClient(AccessTokenClient):
        def __init__(self, refresh_token=None, credentials=None, **_options):
            self.cred = Credentials(refresh_token, credentials)
            self._transport = guard

        def get_auth(self):
            token = tokens.get(token_key, self._fetch)
            guard.hide(token)
            return AccessTokenResponse(access_token=token)

        def _fetch(self):
            answer = self._request(token_url, self.data, self.headers)
            try:
                return answer["access_token"], float(answer.get("expires_in") or 3600)
            except (KeyError, TypeError, ValueError):
                raise ServiceDown(
                    UNREADABLE_RETRY_S, cause="empty token answer", operation=TOKEN_OPERATION
                ) from None

    return TokenClient


def _token_error(error: AuthorizationError) -> MarketplaceError:
    rules = {"invalid_client": "secret-expired", "invalid_grant": "authorisation-revoked"}
    return BadCredentials(
        rule=rules.get(error.error_code, "bad-credentials"),
        operation=TOKEN_OPERATION,
        detail=redact(str(error.message or error.error_code)),
    )


def _api_error(error: SellingApiException, operation: str) -> MarketplaceError:
    detail = redact(str(getattr(error, "message", "") or getattr(error, "amzn_code", "")))
    code = getattr(error, "amzn_code", "") or ""
    context = {"operation": operation, "code": code}
    if error.code == 403 or code == "Unauthorized":
        return MissingPermission(detail=detail, **context)
    if error.code == 404:
        return ItemNotFound(reference=operation, **context)
    return RejectedRequest(detail=detail, **context)


def _json(response):
    """The answer's JSON as the library can take it, None when it is none."""
    try:
        body = response.json()
    except ValueError:
        return None
    if isinstance(body, list):
        return body if all(isinstance(row, dict) for row in body) else None
    if not isinstance(body, dict):
        return None
    # names that the library passes on to a call of its own
    return {name: value for name, value in body.items() if name not in ("self", "headers")}


def _errors(body) -> list:
    errors = body.get("errors") if isinstance(body, dict) else None
    return errors if isinstance(errors, list) else []


def _without_nulls(content: str | None) -> str | None:
    """A request without the nulls that the library writes where nothing was given."""
    if not content or "null" not in content:
        return content

    def bare(value):
        if isinstance(value, dict):
            return {name: bare(one) for name, one in value.items() if one is not None}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return json.dumps(bare(json.loads(content)))
