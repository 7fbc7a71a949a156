"""Amazon's marketplaces as the simulator knows them, and what its answers are made of."""

from __future__ import annotations

from dataclasses import dataclass

from .exchange import Reply, as_json
from .market import AMAZON, Offer


@dataclass(frozen=True, slots=True)
class Country:
    """One Amazon marketplace.

    place: its name in the market; retailer: merchant id of Amazon itself there
    """

    id: str
    place: str
    code: str
    site: str
    language: str
    retailer: str
    currency: str = "EUR"


COUNTRIES = {
    country.id: country
    for country in (
        Country("A13V1IB3VIYZZH", AMAZON, "FR", "Amazon.fr", "fr_FR", "A1X6FK5RDHNB96"),
        Country("A1PA6795UKMFR9", "amazon-de", "DE", "Amazon.de", "de_DE", "A3JWKAKR8XB7XF"),
        Country("A1RKKUPIHCS9HS", "amazon-es", "ES", "Amazon.es", "es_ES", "A1AT7YVPFBWXBL"),
        Country("APJ6JRA9NG5V4", "amazon-it", "IT", "Amazon.it", "it_IT", "A11IL2PNWYJU7H"),
    )
}


def money(country: Country, amount: float) -> dict:
    """An amount as v0 services write it."""
    return {"CurrencyCode": country.currency, "Amount": amount}


def prices(country: Country, offer: Offer) -> dict:
    """The three prices of an offer as v0 services write them."""
    return {
        "LandedPrice": money(country, offer.landed),
        "ListingPrice": money(country, offer.price),
        "Shipping": money(country, offer.shipping),
    }


def errors(status: int, code: str, message: str, details: str = "") -> Reply:
    """Amazon's error body."""
    return as_json({"errors": [{"code": code, "message": message, "details": details}]}, status)
