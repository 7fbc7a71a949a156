"""Reading Amazon's answers: plain figures out of loosely kept JSON."""

from __future__ import annotations

import json

from .transport import redact

MAIN_RANK = "_display_on_website"


def as_dict(value) -> dict:
    """The value when it is an object, {} otherwise."""
    return value if isinstance(value, dict) else {}


def as_rows(value) -> list[dict]:
    """The objects of a list, [] otherwise."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def as_count(value) -> int | None:
    """The value as a count, None when it is none."""
    try:
        count = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return count if count >= 0 else None


def group_of(groups, marketplace_id: str) -> dict:
    """The group of our marketplace in a dataset grouped by marketplace, {} without one."""
    for group in groups or ():
        if isinstance(group, dict) and group.get("marketplaceId") == marketplace_id:
            return group
    return {}


def amount(money) -> float | None:
    """Amount of ``{Amount, CurrencyCode}`` in either spelling, None without one."""
    if not isinstance(money, dict):
        return None
    value = money.get("Amount")
    if value is None:
        value = money.get("amount")
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def currency_of(*moneys) -> str | None:
    """Currency of the first amount that has one."""
    for money in moneys:
        code = as_dict(money).get("CurrencyCode") or as_dict(money).get("currencyCode")
        if code:
            return str(code)
    return None


def is_new(row: dict) -> bool:
    """Whether a row is about goods in new condition, in whatever case it is written."""
    return str(row.get("condition", "")).lower() == "new"


def buy_box_columns(price: dict) -> dict:
    """Buy box columns of a price block, {} when it has no amount."""
    listing, shipping = amount(price.get("ListingPrice")), amount(price.get("Shipping"))
    landed = amount(price.get("LandedPrice"))
    if listing is None and landed is not None:
        listing = landed if shipping is None else round(landed - shipping, 2)
    if listing is None:
        return {}
    columns = {"buy_box_price_taxed": listing, "buy_box_shipping_taxed": shipping}
    currency = currency_of(price.get("ListingPrice"), price.get("LandedPrice"))
    return columns | ({"currency": currency} if currency else {})


def rank_columns(rankings) -> dict:
    """Rank columns of a ``SalesRankings`` list, {} when it has none.

    The main rank carries a display group's name, the others the number of a shelf.
    """
    ranks = [
        {"category": str(row["ProductCategoryId"]), "rank": rank}
        for row in as_rows(rankings)
        if row.get("ProductCategoryId") and (rank := as_count(row.get("Rank")))
    ]
    if not ranks:
        return {}
    ranks.sort(key=lambda row: not row["category"].endswith(MAIN_RANK))
    return {
        "sales_rank": ranks[0]["rank"],
        "sales_rank_category": ranks[0]["category"],
        "ranks": json.dumps(ranks, ensure_ascii=False, separators=(",", ":")),
    }


def words_of(answer: dict) -> str:
    """What Amazon says of a refused item, in any of its error shapes."""
    error = as_dict(answer.get("Error") or answer.get("error"))
    if not error and as_rows(answer.get("errors")):
        error = as_rows(answer["errors"])[0]
    words = error.get("Message") or error.get("message") or error.get("Code") or error.get("code")
    return redact(str(words or answer.get("status") or answer.get("Status") or ""))
