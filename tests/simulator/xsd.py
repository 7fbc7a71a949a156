"""Fnac's published schemas: which requests its services accept."""

from __future__ import annotations

import threading
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parent / "schemas" / "fnac"
#: both pricing schemas define the same root element, so each has a validator of its own
_FILES = {
    "auth": "AuthenticationService.xsd",
    "prices_query": "PricesQueryService.xsd",
    "pricing_query": "PricingQueryService.xsd",
    "offers_query": "OffersQueryService.xsd",
}
_PARSER_OPTIONS = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
}


class Schemas:
    """Validators by service."""

    def __init__(self, folder: Path = FOLDER):
        self._folder = folder
        self._schemas: dict[str, etree.XMLSchema] = {}
        # a libxml2 validator keeps its errors: one thread at a time
        self._lock = threading.Lock()

    def parse(self, body: bytes):
        """Root of a document, None when it is not XML."""
        try:
            return etree.fromstring(body, etree.XMLParser(**_PARSER_OPTIONS))
        except etree.XMLSyntaxError:
            return None

    def refusal(self, service: str, root) -> str:
        """What is wrong with a request, empty when its schema allows it."""
        with self._lock:
            schema = self._schemas.get(service)
            if schema is None:
                document = etree.parse(str(self._folder / _FILES[service]))
                schema = self._schemas[service] = etree.XMLSchema(document)
            if schema.validate(root):
                return ""
            return schema.error_log[0].message
