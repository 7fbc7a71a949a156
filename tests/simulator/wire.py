"""Calls as a client of each platform makes them, for the simulator's own tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree

from . import accounts
from .amazon import TOKEN_PATH as AMAZON_TOKEN
from .fnac_xml import NAMESPACE
from .numbers import check_digit
from .octopia import PREFIX
from .octopia import TOKEN_PATH as OCTOPIA_TOKEN

FRANCE = "A13V1IB3VIYZZH"
TIMEOUT_S = 10
#: a folder without suppliers' files
NOWHERE = Path("/nonexistent")


def gtin(number: int) -> str:
    """The GTIN-14 of a 13-digit body."""
    body = f"{number:013d}"
    return f"{body}{check_digit(body)}"


#: EANs of no supplier's file
GTINS = [gtin(376055500000 + 13 * n) for n in range(3000)]


@dataclass
class Answer:
    """Status, headers and body of an answer."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def xml(self):
        """The body as XML, whatever encoding its prolog claims."""
        return ElementTree.fromstring(self.body.decode().partition("?>")[2])

    @property
    def code(self) -> str:
        """Code of Amazon's first error."""
        return self.json["errors"][0]["code"]


def call(simulator, path, *, data=None, method=None, **headers) -> Answer:
    """One call; header names with underscores."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    body = data.encode() if isinstance(data, str) else data
    request = Request(simulator.url + path, body, headers, method=method)
    try:
        with urlopen(request, timeout=TIMEOUT_S) as response:
            return Answer(response.status, response.headers, response.read())
    except HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Amazon:
    """A seller on the simulated SP-API."""

    def __init__(self, simulator, account=accounts.AMAZON[0]):
        self._simulator = simulator
        self.seller_id = account["seller_id"]
        form = {"grant_type": "refresh_token"} | {
            name: account[name] for name in ("client_id", "client_secret", "refresh_token")
        }
        answer = call(simulator, f"/amazon{AMAZON_TOKEN}", data=urlencode(form))
        self.token = answer.json["access_token"]

    def get(self, path, *, fault="", **query) -> Answer:
        """A GET with a token."""
        return self._call(f"{path}?{urlencode(query, doseq=True)}", fault=fault)

    def post(self, path, body, *, fault="", content_type="application/json") -> Answer:
        """A POST of JSON with a token."""
        data = body if isinstance(body, str) else json.dumps(body)
        return self._call(path, data=data, fault=fault, content_type=content_type)

    def search(self, gtins, *, fault="", **query) -> Answer:
        """SearchCatalogItems by EAN."""
        query = {
            "marketplaceIds": FRANCE,
            "identifiersType": "EAN",
            "identifiers": ",".join(g[1:] for g in gtins),
            "pageSize": 20,
        } | query
        return self.get("/catalog/2022-04-01/items", fault=fault, **query)

    def prices(self, asins, *, fault="", **query) -> Answer:
        """GetCompetitivePricing by ASIN."""
        query = {"MarketplaceId": FRANCE, "ItemType": "Asin", "Asins": ",".join(asins)} | query
        return self.get("/products/pricing/v0/competitivePrice", fault=fault, **query)

    def _call(self, path, *, data=None, fault="", content_type="") -> Answer:
        headers = {"x_amz_access_token": self.token, "User_Agent": "test/1 (Language=Python)"}
        if content_type:
            headers["Content_Type"] = content_type
        if fault:
            headers["X_Onep_Fault"] = fault
        return call(self._simulator, f"/amazon{path}", data=data, **headers)


class Fnac:
    """A shop on the simulated XML API."""

    def __init__(self, simulator, account=accounts.FNAC[0]):
        self._simulator = simulator
        self._account = account
        keys = ("partner_id", "shop_id", "key")
        parts = "".join(f"<{key}>{account[key]}</{key}>" for key in keys)
        answer = self.post("auth", f'<auth xmlns="{NAMESPACE}">{parts}</auth>')
        self.auth = answer.xml
        self.token = self.auth.findtext(f"{{{NAMESPACE}}}token")

    def post(self, service, body, *, fault="") -> Answer:
        """A document to a service."""
        headers = {"X_Onep_Fault": fault} if fault else {}
        return call(
            self._simulator,
            f"/fnac/api.php/{service}",
            data=f'<?xml version="1.0" encoding="utf-8"?>{body}',
            Content_Type="text/xml",
            **headers,
        )

    def query(self, service, root, content, *, fault="", **attributes) -> Answer:
        """A query with a token."""
        attributes = {
            "partner_id": self._account["partner_id"],
            "shop_id": self._account["shop_id"],
            "token": self.token,
        } | attributes
        given = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return self.post(
            service, f'<{root} xmlns="{NAMESPACE}"{given}>{content}</{root}>', fault=fault
        )

    def prices(self, gtins, service="prices_query", *, kind="Ean", fault="", **attributes):
        """Prices of EANs."""
        content = "".join(
            f'<product_reference type="{kind}">{g}</product_reference>' for g in gtins
        )
        return self.query(service, "pricing_query", content, fault=fault, **attributes)


class Octopia:
    """A seller on the simulated Octopia API."""

    def __init__(self, simulator, account=accounts.CDISCOUNT[0]):
        self._simulator = simulator
        self._seller = account["seller_id"]
        form = {"grant_type": "client_credentials"} | {
            name: account[name] for name in ("client_id", "client_secret")
        }
        answer = call(simulator, f"/octopia{OCTOPIA_TOKEN}", data=urlencode(form))
        self.token = answer.json["access_token"]

    def get(self, path, *, seller="", fault="", accept="application/json", **query) -> Answer:
        """A GET with a token."""
        headers = {"X_Onep_Fault": fault} if fault else {}
        return call(
            self._simulator,
            f"/octopia{PREFIX}{path}?{urlencode(query)}",
            Authorization=f"Bearer {self.token}",
            SellerId=seller or self._seller,
            Accept=accept,
            **headers,
        )


class Mirakl:
    """A shop on the simulated Mirakl API."""

    def __init__(self, simulator, key=accounts.MIRAKL[0]["key"]):
        self._simulator = simulator
        self._key = key

    def get(self, path, *, fault="", **query) -> Answer:
        """A GET with the key."""
        headers = {"X_Onep_Fault": fault} if fault else {}
        return call(
            self._simulator,
            f"/mirakl/api{path}?{urlencode(query)}",
            Authorization=self._key,
            Accept="application/json",
            **headers,
        )

    def offers(self, gtins, *, fault="", **query) -> Answer:
        """P11 by EAN."""
        references = ",".join(f"EAN|{g[1:]}" for g in gtins)
        query = {"product_references": references, "max": 100} | query
        return self.get("/products/offers", fault=fault, **query)
