"""How well the content of a column fits a field: a factor on what its header says.

Above one the content speaks for the field, below one against it; `claims` are the fields that
content alone can name.
"""

from __future__ import annotations

import math

from ..fields import FIELDS
from .evidence import Content

#: No article is without; a column that holds nothing is none of them.
_OF_EVERY_ARTICLE = ("supplier_sku", "name", "purchase_price")
#: Share of known brands from which cells are brands.
_BRANDS = 0.6


def factor(field: str, content: Content) -> float:
    """Return how content changes the belief in a field (0.1 to 1.3); 1 when it tells nothing."""
    if not content.known:
        if content.rows > 1 and field in _OF_EVERY_ARTICLE:
            return 0.45
        return 1.0 if not content.rows else 0.96
    judge = _JUDGES.get(field) or _BY_KIND.get(FIELDS[field].kind)
    return judge(content) if judge else 1.0


def claims(content: Content) -> dict[str, tuple[float, str]]:
    """Return the fields that content names without a header: how sure, and by which reason."""
    found: dict[str, tuple[float, str]] = {}
    enough = content.rows * content.filled >= 3
    if enough and content.gtin >= 0.8 and content.long_digits >= 0.6:
        found["ean"] = (0.9 if content.distinct > 0.7 else 0.6, "content-gtin")
    if enough and content.image >= 0.8:
        found["image_url"] = (0.75, "content-image")
    if enough and content.currency >= 0.95 and content.distinct * content.rows <= 8:
        found["currency"] = (0.7, "content-currency")
    if enough and content.brand >= _BRANDS and not content.is_constant and content.length > 2:
        found["brand"] = (0.6, "content-brand")
    return found


def suits(field: str, content: Content) -> float:
    """Return how well cells alone fit a field (0-1), for a column whose header says nothing."""
    if content.rows * content.filled < 3:
        return 0.0
    judge = _ALONE.get(field)
    return float(judge(content)) if judge else 0.0


def _looks_like_text(content: Content) -> bool:
    return content.letters > 0.9 and content.url < 0.1 and content.numeric < 0.1


def _suits_price(content: Content) -> float:
    if content.numeric < 0.95 or content.gtin > 0.1 or not content.middle > 0:
        return 0.0
    return max(0.0, min(1.0, 1.5 * (1 - content.whole)))


def _suits_stock(content: Content) -> bool:
    return content.count > 0.95 and content.whole == 1 and content.low >= 0 and not content.ordinal


def _suits_vat(content: Content) -> bool:
    few = content.distinct * content.rows * content.filled <= 5
    return content.vat == 1 and few and content.high > 2


def _suits_code(content: Content) -> bool:
    return (
        content.distinct > 0.98
        and content.filled > 0.98
        and 3 <= content.length <= 20
        and content.blanks < 0.1
        and not content.ordinal
        and not (content.numeric > 0.5 and content.whole < 1)
    )


_ALONE = {
    "name": lambda content: (
        _looks_like_text(content)
        and content.blanks > 0.8
        and content.distinct > 0.9
        and 10 <= content.length <= 120
    ),
    "purchase_price": _suits_price,
    "recommended_retail_price": _suits_price,
    "stock_quantity": _suits_stock,
    "vat_rate": _suits_vat,
    "supplier_sku": _suits_code,
    "country_of_origin": lambda content: content.country > 0.9,
    "hs_code": lambda content: content.customs > 0.9,
    "image_url": lambda content: content.image > 0.8,
    "currency": lambda content: content.currency > 0.95,
    "ean": lambda content: content.gtin > 0.8 and content.long_digits > 0.6,
    "brand": lambda content: (
        _looks_like_text(content) and content.distinct < 0.5 and content.length <= 20
    ),
}


def _ean(content: Content) -> float:
    if content.gtin >= 0.7:
        return 1.25
    if content.long_digits >= 0.5 or content.gtin > 0:
        return 1.0
    return 0.85 if content.rows < 5 else 0.4


def _sku(content: Content) -> float:
    if content.url > 0.3 or content.date > 0.6:
        return 0.2
    value = 1.0 if content.filled > 0.6 else 0.5  # every article has one
    if content.rows >= 8 and content.distinct < 0.5:
        value *= 0.5
    elif content.rows >= 3 and content.distinct < 0.8 and content.length <= 2:
        value *= 0.5  # `A`, `A`, `B`
    elif content.distinct > 0.95 and content.filled > 0.95:
        value *= 1.1
    if content.blanks > 0.6 and content.length > 20:
        value *= 0.5
    if content.numeric > 0.95 and content.whole < 0.5:
        # `50.1120`, all alike and none twice, is a code; `14.9` a figure
        value *= 0.7 if content.even > 0.95 and content.distinct > 0.95 else 0.4
    return value


def _mpn(content: Content) -> float:
    if content.url > 0.3 or content.date > 0.6:
        return 0.2
    if content.length <= 4 and content.distinct < 0.8 and content.rows >= 3:
        return 0.5  # `Z16`, `Z16`, `B02`: a group, not a part
    if content.figures < 0.3 and content.blanks > 0.3:
        return 0.5  # `Sandália Rita`: words
    return 0.6 if content.blanks > 0.7 and content.length > 25 else 1.0


def _name(content: Content) -> float:
    if content.url > 0.3:
        return 0.1
    if content.letters < 0.3:
        return 0.3
    if (content.rows >= 8 and content.distinct < 0.2) or content.filled < 0.6:
        return 0.5
    if content.blanks < 0.2 and (content.mixed > 0.8 or content.distinct < 0.7):
        return 0.45  # `PCW08B` is a code, `BOITE`, `BOITE`, `SACHET` a kind of package
    return 1.1 if content.blanks > 0.5 else 0.95


def _description(content: Content) -> float:
    if content.url > 0.5 or content.numeric > 0.8:
        return 0.3
    return 1.05 if content.length > 40 else 1.0


def _brand(content: Content) -> float:
    if content.numeric > 0.8 or content.url > 0.3:
        return 0.25
    if content.filled < 0.5 and content.rows >= 3:
        return 0.6
    if content.brand >= _BRANDS:
        return 1.2
    if content.unit > 0.8 or content.measure > 0.8:
        return 0.4  # `PCE`, `250 g`
    return 0.7 if content.rows >= 20 and content.distinct > 0.9 and content.filled > 0.9 else 1.05


def _category(content: Content) -> float:
    if content.url > 0.3:
        return 0.2
    if content.numeric > 0.8:
        return 0.45
    if content.mixed > 0.8 and content.length <= 3:
        return 0.5  # `A2`, `D2`: a shelf
    if content.unit > 0.8 or content.measure > 0.6:
        return 0.4  # `PCE`, `250 g`
    return 0.7 if content.rows >= 20 and content.distinct > 0.9 else 1.05


def _price(content: Content) -> float:
    if content.numeric < 0.3 or content.url > 0.3 or content.date > 0.5:
        return 0.25
    if content.gtin > 0.6:
        return 0.1
    if content.high == 0:
        return 0.9
    return 1.1 if content.numeric > 0.8 else 0.95


def _condition(content: Content) -> float:
    if content.condition >= 0.6:
        return 1.2
    return 0.3 if content.numeric > 0.8 or content.url > 0.3 else 1.05


def _quantity(content: Content) -> float:
    if content.url > 0.3 or content.date > 0.5:
        return 0.2
    if content.gtin > 0.6:
        return 0.1
    several = content.rows * content.filled >= 3
    if several and content.length >= 4 and min(content.even, content.distinct, content.whole) == 1:
        return 0.45  # `92010`, `92011`: figures as long as each other, none twice, are codes
    if content.count > 0.8:
        return 1.1 if content.whole > 0.8 else 0.95
    if content.count + content.availability > 0.8:
        return 1.1 if content.count > 0.1 else 0.95
    return 0.85 if content.count > 0.2 or content.availability > 0.2 else 0.45


def _availability(content: Content) -> float:
    if content.availability > 0.6:
        return 1.2 if content.count < 0.1 else 0.7
    if content.numeric > 0.8 and not math.isnan(content.high):
        return 1.0 if content.high <= 1 else 0.4  # `12`, `0`, `60` are a stock
    return 0.9


def _pack(content: Content) -> float:
    if content.url > 0.3:
        return 0.2
    if content.numeric > 0.8:
        return 1.1 if content.whole > 0.8 else 0.8
    return 0.9 if content.figures > 0.5 else 0.35  # `Karton 12` has a number, `PCE` is a unit


def _vat(content: Content) -> float:
    if content.numeric < 0.3:
        return 0.8 if content.length <= 6 else 0.3
    if content.vat >= 0.95:
        return 1.2
    if content.vat >= 0.6:
        return 1.0
    few = content.distinct * content.rows * content.filled <= 4
    return 0.9 if few and content.low >= 0 and content.high <= 30 else 0.5


def _measure(content: Content) -> float:
    words = content.letters > 0.9 and content.blanks > 0.5 and content.figures < 0.5
    return 0.4 if content.numeric < 0.2 and words else 1.05  # `0.9 kg` is a measure


def _url(content: Content) -> float:
    if content.image > 0.5:
        return 1.25
    if content.url > 0.5:
        return 1.0
    return 0.7


def _currency(content: Content) -> float:
    if content.currency > 0.9:
        return 1.2
    # `USD ($)`: beyond the codes that are known, but a few short signs
    few = content.distinct * content.rows * content.filled <= 8
    short = content.length <= 8 and (content.letters > 0 or content.length == 1)
    return 0.8 if few and short else 0.3


def _lead_time(content: Content) -> float:
    if content.date > 0.5 or content.url > 0.3:
        return 0.6
    # `2 à 3 jours`, `48h`, `sofort`: words alone are most often how it is sent, or by whom
    return 0.4 if content.figures < 0.2 and content.availability < 0.2 else 1.0


def _country(content: Content) -> float:
    if content.country > 0.8:
        return 1.1
    return 0.9 if content.figures < 0.2 and content.length <= 30 else 0.3


def _discount(content: Content) -> float:
    return 1.05 if content.numeric > 0.8 and not content.high > 100 else 0.5


_JUDGES = {
    "ean": _ean,
    "supplier_sku": _sku,
    "manufacturer_part_number": _mpn,
    "name": _name,
    "description": _description,
    "brand": _brand,
    "category": _category,
    "availability": _availability,
    "vat_rate": _vat,
    "currency": _currency,
    "lead_time_days": _lead_time,
    "condition": _condition,
    "country_of_origin": _country,
    "discount_percent": _discount,
}
_BY_KIND = {
    "price": _price,
    "quantity": _quantity,
    "pack": _pack,
    "weight": _measure,
    "size": _measure,
    "url": _url,
}
