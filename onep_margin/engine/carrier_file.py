"""A carrier's grid as carriers send it: a table of prices by weight, and by zone.

One price a row (weight, zone, price), or one zone a column. What the columns are is recognised
from their header, and can be told. Each row gives a price or a problem; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: What a column can hold. ``zone_price``: the prices of the zone that its header names.
ROLES = (
    "ignore",
    "weight_from",
    "weight_to",
    "zone",
    "price",
    "zone_price",
    "currency",
    "divisor",
    "fuel",
    "fixed",
)
#: What holds for the whole grid: one value, repeated or not.
SETTINGS = ("currency", "divisor", "fuel", "fixed")
#: Words of headers, the first that is found decides; without accents, in lower case.
_WORDS = (
    ("fuel", r"fuel|carburant|gazole|gasoil|treibstoff|energie"),
    ("divisor", r"divis|volumetr|cm3|diviseur"),
    ("fixed", r"fix|per parcel|par colis|label|etiquette"),
    ("currency", r"currency|devise|monnaie|wahrung"),
    (
        "weight_from",
        r"^(weight|poids) (from|mini?|above|debut|des?)(?= *(\(|k?g$|$))|^(from|des?|mini?|von)\b",
    ),
    ("zone", r"zone|departement|region|destination|pays|country"),
    ("price", r"price|prix|tarif|cout|cost|amount|montant|eur|€|ht$"),
    (
        "weight_to",
        r"weight|poids|kg|gramm|tranche|up to|jusqu|^a$|^to$|max|gewicht|bis|\bg\b",
    ),
)
_CURRENCIES = {"€": "EUR", "£": "GBP", "$": "USD"}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_ENDLESS = re.compile(r"^(\+|∞|et plus|and more|illimite|sans limite|no limit)$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: its header, its role, a few of its cells."""

    header: str
    role: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a parcel up to a weight; weight 0 for no limit, zone "" for any."""

    line: int
    zone: str
    weight_from_g: float | None
    weight_to_g: float
    amount: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line of the file cannot be used: a key, and what its words need.

    Keys: weight_missing, weight_unreadable, weight_order, price_missing, price_unreadable,
    price_not_positive, double, hole, setting_unreadable, setting_differs, no_weight, no_price
    """

    line: int
    key: str
    params: Mapping


@dataclass(frozen=True, slots=True)
class Grid:
    """What a file says: prices by zone and weight, settings, and what is wrong with it."""

    prices: tuple[Price, ...]
    settings: Mapping
    problems: tuple[Problem, ...]


def plain(text) -> str:
    """Return a text in lower case, without accents nor doubled spaces."""
    decomposed = unicodedata.normalize("NFKD", str(text if text is not None else "").casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.replace("\u00a0", " ").replace("\u202f", " ").split())


def find_header(rows: Sequence[Sequence]) -> int:
    """Return the index of the header: the first row that names a weight and has company."""
    for place, row in enumerate(rows[:30]):
        roles = [role_of(cell) for cell in row if plain(cell) and not _is_number(cell)]
        if len(roles) > 1 and ("weight_to" in roles or "weight_from" in roles):
            return place
    return 0


def role_of(header) -> str:
    """Return what a header names, "ignore" when it cannot be told."""
    words = plain(str(header if header is not None else "").replace("_", " "))
    for role, pattern in _WORDS:
        if re.search(pattern, words):
            return role
    return "ignore"


def recognise(rows: Sequence[Sequence], header: int) -> list[Column]:
    """Return the columns of a table with what each seems to hold.

    Without a column of prices, those of figures that nothing else claims are zones.
    """
    names = [str(cell if cell is not None else "").strip() for cell in rows[header]]
    body = rows[header + 1 :]
    cells = [
        [row[place] for row in body if place < len(row) and plain(row[place])]
        for place in range(len(names))
    ]
    roles = [role_of(name) for name in names]
    lone = [place for place, role in enumerate(roles) if role == "zone"]
    # "Zone 1", "Zone 2" side by side, or one that holds figures with decimals: prices by zone.
    if "price" not in roles:
        for place, role in enumerate(roles):
            # Some cells may be wrong: each is told later, none is passed over.
            figures = 2 * sum(map(_is_number, cells[place])) >= max(len(cells[place]), 1)
            if (
                names[place]
                and figures
                and (role == "ignore" or (role == "zone" and len(lone) > 1))
            ):
                roles[place] = "zone_price"
    seen = set()
    for place, role in enumerate(roles):
        if role in seen and role not in ("ignore", "zone_price"):
            roles[place] = "ignore"
        seen.add(role)
    return [
        Column(name, role, tuple(str(cell) for cell in own[:3]))
        for name, role, own in zip(names, roles, cells, strict=True)
    ]


def weight_unit(columns: Sequence[Column]) -> str:
    """Return "kg" or "g" as headers or cells write it, "" when nothing says so."""
    for column in columns:
        if column.role not in ("weight_to", "weight_from"):
            continue
        for text in (column.header, *column.samples):
            words = plain(text)
            if re.search(r"kg|kilo", words):
                return "kg"
            if re.search(r"gramm|(?<![a-z])g(?![a-z])", words):
                return "g"
    return ""


def parse(
    rows: Sequence[Sequence], header: int, roles: Sequence[str], unit: str, names: Sequence[str]
) -> Grid:
    """Read the rows under a header.

    roles: one of ``ROLES`` by column
    unit: of the weights, "kg" or "g"
    names: headers, the zones of the columns of role ``zone_price``
    """
    factor = 1000.0 if unit == "kg" else 1.0
    prices, problems, settings = [], [], {}
    if not {"weight_to", "weight_from"} & set(roles):
        problems.append(Problem(header + 1, "no_weight", {}))
    if not {"price", "zone_price"} & set(roles):
        problems.append(Problem(header + 1, "no_price", {}))
    if problems:
        return Grid((), {}, tuple(problems))
    for place, row in enumerate(rows[header + 1 :], header + 2):
        cells = {
            role: row[column]
            for column, role in enumerate(roles)
            if role not in ("ignore", "zone_price") and column < len(row)
        }
        by_zone = [
            (names[column], row[column])
            for column, role in enumerate(roles)
            if role == "zone_price" and column < len(row)
        ]
        if not any(plain(cell) for cell in (*cells.values(), *(cell for _zone, cell in by_zone))):
            continue
        _read_settings(place, cells, settings, problems)
        weights = _read_weights(place, cells, factor, problems)
        if weights is None:
            continue
        zone = str(cells.get("zone") or "").strip()
        # In a table of zones an empty cell is a zone not served; in a list it is a mistake.
        offers = [(name, cell) for name, cell in by_zone if plain(cell)]
        for name, cell in [(zone, cells["price"])] if "price" in cells else offers:
            amount = _read_price(place, cell, problems)
            if amount is not None:
                prices.append(Price(place, name, *weights, amount))
    _check_steps(prices, problems)
    problems.sort(key=lambda problem: problem.line)
    return Grid(tuple(prices), settings, tuple(problems))


def number(cell) -> float | None:
    """Return the figure of a cell; None when there is none, or not one alone."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", plain(cell))
    text = re.sub(r"[€£$%]|\b(eur|gbp|usd|kg|kgs|kilos?|grammes?|g|ht)\b", "", text).strip()
    if text.count(",") == 1 and text.count(".") == 1:
        thousands = min(",.", key=text.index)
        text = text.replace(thousands, "")
    return float(text.replace(",", ".")) if re.fullmatch(r"-?\d+([.,]\d+)?", text) else None


def _is_number(cell) -> bool:
    return number(cell) is not None


def _read_weights(place, cells, factor, problems) -> tuple[float | None, float] | None:
    """Return (from or None, to) in grams of a row; None, and a problem, when unreadable."""
    lower_cell, upper_cell = cells.get("weight_from"), cells.get("weight_to")
    lower = number(lower_cell)
    if plain(lower_cell) and lower is None:
        problems.append(Problem(place, "weight_unreadable", {"text": str(lower_cell)}))
        return None
    words = plain(upper_cell)
    if not words and lower is None:
        problems.append(Problem(place, "weight_missing", {}))
        return None
    upper = number(upper_cell)
    if upper is None:
        figures = [float(text.replace(",", ".")) for text in _NUMBER.findall(words)]
        if not words or _ENDLESS.match(words):
            upper = 0.0
        elif len(figures) == 2:
            lower, upper = figures
        elif len(figures) == 1 and not re.search(r"[>+]|plus|above|over|dela", words):
            upper = figures[0]
        else:
            problems.append(Problem(place, "weight_unreadable", {"text": str(upper_cell)}))
            return None
    if upper < 0 or (lower or 0.0) < 0 or (lower and upper and lower >= upper):
        problems.append(Problem(place, "weight_order", {"text": f"{lower or 0:g} → {upper:g}"}))
        return None
    return None if lower is None else round(lower * factor, 1), round(upper * factor, 1)


def _read_price(place, cell, problems) -> float | None:
    amount = number(cell)
    if not plain(cell):
        problems.append(Problem(place, "price_missing", {}))
    elif amount is None:
        problems.append(Problem(place, "price_unreadable", {"text": str(cell)}))
    elif amount <= 0:
        problems.append(Problem(place, "price_not_positive", {"text": str(cell)}))
        amount = None
    return amount


def _read_settings(place, cells, settings, problems) -> None:
    """Keep what a row says of the whole grid; another value further down is a problem."""
    for name in SETTINGS:
        cell = cells.get(name)
        if not plain(cell):
            continue
        value = _setting(name, cell)
        if value is None:
            problems.append(Problem(place, "setting_unreadable", {"name": name, "text": str(cell)}))
        elif settings.setdefault(name, value) != value:
            problems.append(Problem(place, "setting_differs", {"name": name, "text": str(cell)}))


def _setting(name, cell):
    """Return the value of a setting; a percentage is a share, whether it says so or not."""
    if name == "currency":
        text = str(cell).strip()
        code = _CURRENCIES.get(text, text.upper())
        return code if re.fullmatch(r"[A-Z]{3}", code) else None
    value = number(cell)
    if value is None or value < 0:
        return None
    if name == "fuel":
        return round(value / 100.0, 5) if "%" in str(cell) or value >= 1.0 else value
    return value


def _check_steps(prices, problems) -> None:
    """Weights of a zone follow each other: no double, and no hole where "from" is given."""
    zones: dict[str, list[Price]] = {}
    for price in prices:
        zones.setdefault(price.zone, []).append(price)
    for own in zones.values():
        own = sorted(own, key=lambda price: (price.weight_to_g or float("inf"), price.line))
        reached = 0.0
        for before, price in zip([None, *own], own, strict=False):
            if before and before.weight_to_g == price.weight_to_g:
                problems.append(
                    Problem(
                        price.line,
                        "double",
                        {"weight": price.weight_to_g, "zone": price.zone, "other": before.line},
                    )
                )
            elif price.weight_from_g is not None and abs(price.weight_from_g - reached) > 1.0:
                # A gram apart: some carriers write 0–250, 251–500.
                problems.append(
                    Problem(
                        price.line,
                        "hole",
                        {"reached": reached, "start": price.weight_from_g, "zone": price.zone},
                    )
                )
            reached = price.weight_to_g
