"""Reading Amazon's answers: plain figures out of loosely kept JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .reading import count, number, pick, text
from .redaction import redact

MAIN_RANK = "_display_on_website"


def as_dict(value) -> dict:
    """The value when it is an object, {} otherwise."""
    return value if isinstance(value, dict) else {}


def as_rows(value) -> list[dict]:
    """The objects of a list, [] otherwise."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def group_of(groups, marketplace_id: str) -> dict:
    """The group of our marketplace in a dataset grouped by marketplace, {} without one."""
    for group in as_rows(groups):
        if group.get("marketplaceId") == marketplace_id:
            return group
    return {}


def amount(money) -> float | None:
    """Amount of ``{Amount, CurrencyCode}`` in either spelling, None without one."""
    return number(pick(money, "Amount", "amount"))


def currency_of(*moneys) -> str | None:
    """Currency of the first amount that has one."""
    for money in moneys:
        code = text(pick(money, "CurrencyCode", "currencyCode"))
        if code:
            return code
    return None


def is_new(row: dict) -> bool:
    """Whether a row is about goods in new condition, in whatever case it is written."""
    return str(row.get("condition", "")).lower() == "new"


def buy_box_columns(price: dict) -> dict:
    """Buy box columns of a price block, {} when it has no amount."""
    listing, shipping = amount(price.get("ListingPrice")), amount(price.get("Shipping"))
    landed = amount(price.get("LandedPrice"))
    if not listing and landed:
        listing = round(landed - (shipping or 0.0), 2)
    if not listing or listing < 0:
        return {}
    columns = {"buy_box_price_taxed": listing, "buy_box_shipping_taxed": shipping}
    currency = currency_of(price.get("ListingPrice"), price.get("LandedPrice"))
    return columns | ({"currency": currency} if currency else {})


def rank_columns(rankings) -> dict:
    """Rank columns of a ``SalesRankings`` list, {} when it has none."""
    return ranks_of((row.get("ProductCategoryId"), row.get("Rank")) for row in as_rows(rankings))


def ranks_of(rows: Iterable[tuple]) -> dict:
    """Rank columns of (category, rank) pairs, {} without any.

    The main rank carries a display group's name, the others the number of a shelf. A shelf's rank
    is on another scale: it never stands for the main one.
    """
    ranks = sorted(
        (not str(category).endswith(MAIN_RANK), str(category), place)
        for category, rank in rows
        if category and (place := count(rank))
    )
    if not ranks:
        return {}
    told = [{"category": category, "rank": place} for _shelf, category, place in ranks]
    is_shelf, _category, first = ranks[0]
    return {
        "sales_rank": None if is_shelf else first,
        "ranks": json.dumps(told, ensure_ascii=False, separators=(",", ":")),
    }


def words_of(answer: dict) -> str:
    """What Amazon says of a refused item, in any of its error shapes."""
    error = as_dict(answer.get("Error") or answer.get("error"))
    if not error and as_rows(answer.get("errors")):
        error = as_rows(answer["errors"])[0]
    words = error.get("Message") or error.get("message") or error.get("Code") or error.get("code")
    return redact(str(words or answer.get("status") or answer.get("Status") or ""))
