"""The Selling Partner API as Amazon documents it, on the invented market."""

from __future__ import annotations

from . import accounts
from .amazon_catalog import Catalog
from .amazon_country import COUNTRIES, errors
from .amazon_pricing import Pricing
from .amazon_selling import Selling
from .exchange import Call, Reply, as_json
from .market import AMAZON, Market
from .swagger import Models, Operation

TOKEN_PATH = "/auth/o2/token"
_DENIED = "Access to requested resource is denied."


class Amazon:
    """Answers under ``/amazon``.

    models: what its services accept
    """

    platform = AMAZON

    def __init__(self, market: Market):
        self.tokens = accounts.Tokens(3600, "Atza|simulator-")
        self.models = Models()
        catalog, pricing, selling = Catalog(market), Pricing(market), Selling(market)
        self._handlers = {
            "searchCatalogItems": catalog.search,
            "getCompetitivePricing": pricing.competitive,
            "getItemOffers": pricing.offers,
            "getItemOffersBatch": pricing.offers_batch,
            "getCompetitiveSummary": pricing.summary_batch,
            "getMyFeesEstimates": selling.fees,
            "getMyFeesEstimateForASIN": selling.fee,
            "getListingsRestrictions": selling.restrictions,
            "getItemEligibilityPreview": selling.eligibility,
            "getInventorySummaries": selling.inventory,
            "getMarketplaceParticipations": self._participations,
        }

    def operation(self, call: Call) -> str:
        """Name of the operation called, empty for none."""
        if call.path == TOKEN_PATH:
            return "token"
        found = self.models.find(call.method, call.path)
        return found.name if found else ""

    def account(self, call: Call) -> str:
        """Whose quota is used: seller and application; empty for a stranger."""
        account = self.tokens.account(call.headers.get("x-amz-access-token", ""))
        return f"{account['client_id']} {account['seller_id']}" if account else ""

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if operation == "token":
            return self._token(call)
        account = self.tokens.account(call.headers.get("x-amz-access-token", ""))
        if account is None:
            return self._refuse_token(call)
        model = self.models.find(call.method, call.path)
        if model is None:
            # an unknown path is not told from a forbidden one
            return errors(403, "Unauthorized", _DENIED)
        return self._refusal(call, model) or self._handlers[operation](call, account)

    def throttle(self, _call: Call, _wait: float = 2.0) -> Reply:
        """The quota is spent; nothing says when it is not."""
        return errors(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")

    def broken(self) -> Reply:
        """Their own mistake."""
        return errors(500, "InternalFailure", "We encountered an internal error. Please try again.")

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return as_json({})

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        self.tokens.revoke(call.headers.get("x-amz-access-token", ""))
        return errors(403, "Unauthorized", _DENIED, "The access token you provided has expired.")

    @staticmethod
    def _refusal(call: Call, model: Operation) -> Reply | None:
        agent = call.headers.get("user-agent", "")
        if not 0 < len(agent) <= 500:
            return errors(400, "InvalidInput", "User-Agent header is missing or too long.")
        media = call.headers.get("content-type", "").partition(";")[0].strip()
        if call.method == "POST" and media != "application/json":
            return errors(415, "InvalidInput", f"Media type {media!r} is not supported.")
        words = model.refusal(call)
        if not words:
            return None
        if model.api == "listingsRestrictions_2021-08-01":
            return errors(400, "BAD_REQUEST", words)
        return errors(400, "InvalidInput", words)

    def _token(self, call: Call) -> Reply:
        form = call.form
        if call.method != "POST" or form.get("grant_type") != "refresh_token":
            words = "The grant type is not supported."
            return as_json({"error": "unsupported_grant_type", "error_description": words}, 400)
        keys = ("client_id", "client_secret")
        known = [one for one in accounts.AMAZON if all(form.get(key) == one[key] for key in keys)]
        if not known:
            words = "Client authentication failed"
            return as_json({"error": "invalid_client", "error_description": words}, 401)
        account = next(
            (one for one in known if form.get("refresh_token") == one["refresh_token"]), None
        )
        if account is None:
            words = "The request has an invalid grant parameter : refresh_token"
            return as_json({"error": "invalid_grant", "error_description": words}, 400)
        return as_json(
            {
                "access_token": self.tokens.issue(account),
                "token_type": "bearer",
                "expires_in": int(self.tokens.life),
                "refresh_token": account["refresh_token"],
            }
        )

    @staticmethod
    def _refuse_token(call: Call) -> Reply:
        if call.headers.get("x-amz-access-token"):
            detail = "The access token you provided is revoked, malformed or invalid."
        else:
            detail = "Access token is missing in the request header."
        return errors(403, "Unauthorized", _DENIED, detail)

    @staticmethod
    def _participations(_call: Call, _account: dict) -> Reply:
        return as_json(
            {
                "payload": [
                    {
                        "marketplace": {
                            "id": country.id,
                            "countryCode": country.code,
                            "name": country.site,
                            "defaultCurrencyCode": country.currency,
                            "defaultLanguageCode": country.language,
                            "domainName": f"www.{country.site.lower()}",
                        },
                        "storeName": "Boutique de démonstration",
                        "participation": {
                            "isParticipating": country.code != "IT",
                            "hasSuspendedListings": False,
                        },
                    }
                    for country in COUNTRIES.values()
                ]
            }
        )
