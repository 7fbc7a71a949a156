"""Tables without a header: columns named by what they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, money, numbers
from .automap.evidence import Content, look_at_all
from .dialect import Row

_ROWS = 400
_MOST_STOCK = 1_000_000
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._/+#-]{1,29}$"
#: Names that are given, and the field each speaks of. Mappings keep them: none may change.
FIELD_OF_NAME = {
    "EAN": "ean",
    "Image": "image_url",
    "Currency": "currency",
    "Supplier SKU": "supplier_sku",
    "Purchase price": "purchase_price",
    "Retail price": "recommended_retail_price",
    "VAT rate": "vat_rate",
    "Stock": "stock_quantity",
    "Availability": "availability",
    "Name": "name",
    "Brand": "brand",
}


def is_table(rows: Sequence[Row]) -> bool:
    """Tell whether rows are data from the first on: equally wide, with columns of figures."""
    if len(rows) < 2:
        return False
    width = len(rows[0].cells)
    alike = [row for row in rows if abs(len(row.cells) - width) <= 1]
    if width < 2 or len(alike) < 0.8 * len(rows):
        return False
    contents = look_at_all(_columns(alike, width))
    return any(content.gtin >= 0.7 or content.numeric >= 0.7 for content in contents)


def names(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    """Return a name per column: the field it looks like, `Column 4` where nothing tells.

    Article numbers, pictures, currencies and tax rates show by themselves. Of the columns of
    codes the first is the supplier's, of the texts the longest is the name; of two columns of
    amounts the lower one is the purchase price when it is so on nearly every row.
    """
    table = _Table(_columns(rows[:_ROWS], width))
    table.give("EAN", table.first(lambda c: c.gtin >= 0.7 and c.long_digits >= 0.5))
    table.give("Image", table.first(lambda c: c.image >= 0.6))
    table.give("Currency", table.first(lambda c: c.currency >= 0.95 and c.distinct < 0.5))
    table.give("Supplier SKU", table.codes())
    table.name_prices()
    rate = table.first(lambda c: c.vat >= 0.95 and c.distinct <= 0.3 and c.high > 0)
    table.give("VAT rate", rate)
    table.give("Stock", table.first(_is_stock))
    flags = table.first(lambda c: c.availability > 0.9 and c.distinct <= 0.5)
    table.give("Availability", flags)
    texts = table.free(lambda c: c.letters > 0.7 and c.url < 0.3 and c.distinct > 0.5)
    longest = max(texts, key=lambda place: table.contents[place].length, default=None)
    table.give("Name", longest)
    brand = table.first(
        lambda c: c.letters > 0.8 and c.url < 0.3 and c.length <= 20 and c.distinct <= 0.6
    )
    table.give("Brand", brand)
    return tuple(table.found.get(place, f"Column {place + 1}") for place in range(width))


def is_enough(names: Sequence[str]) -> bool:
    """Tell whether an article and its price were found among the columns."""
    return "Purchase price" in names and bool({"EAN", "Supplier SKU"} & set(names))


class _Table:
    """Columns, what they hold, and the names found so far by their place."""

    def __init__(self, columns: list[pa.Array]) -> None:
        self.columns = columns
        self.contents = look_at_all(columns)
        self.found: dict[int, str] = {}

    def free(self, test: Callable[[Content], bool]) -> list[int]:
        """Return the places of columns without a name yet that pass a test."""
        return [
            place
            for place, content in enumerate(self.contents)
            if place not in self.found and content.known and test(content)
        ]

    def first(self, test: Callable[[Content], bool]) -> int | None:
        """Return the first of them."""
        return next(iter(self.free(test)), None)

    def give(self, name: str, place: int | None) -> None:
        """Name a column, when there is one."""
        if place is not None:
            self.found[place] = name

    def codes(self) -> int | None:
        """Return the first column of codes, each another one."""
        for place in self.free(lambda c: c.distinct > 0.9 and c.filled > 0.8):
            column, content = self.columns[place], self.contents[place]
            # Counts are digits too, but codes made of digits are long.
            counts = content.numeric > 0.9 and content.length < 5
            if not counts and _share(column, _CODE) > 0.8 and not _is_amount(column):
                return place
        return None

    def name_prices(self) -> None:
        """Name the purchase price, and the retail price that stands above it."""
        values = {
            place: numbers.parse(column, numbers.style_of(column)).value
            for place, column in enumerate(self.columns)
            if place not in self.found and self.contents[place].known and _is_amount(column)
        }
        places = [place for place, figures in values.items() if (figures > 0).mean() > 0.5]
        for low in places:
            for high in places:
                both = ~np.isnan(values[low]) & ~np.isnan(values[high]) & (values[low] > 0)
                if low == high or not both.any():
                    continue
                ratio = values[high][both] / values[low][both]
                if (ratio >= 1).mean() >= 0.95 and 1.02 <= np.median(ratio) <= 6:
                    self.found[low], self.found[high] = "Purchase price", "Retail price"
                    return
        if places:
            self.found[places[0]] = "Purchase price"


def _is_stock(content: Content) -> bool:
    figures = content.count > 0.8 and (content.whole > 0.95 or content.availability > 0)
    if not figures or content.ordinal or content.long_digits > 0.2:
        return False
    return content.low < content.high < _MOST_STOCK


def _columns(rows: Sequence[Row], width: int) -> list[pa.Array]:
    cells = [[row.cells[i] if i < len(row.cells) else "" for row in rows] for i in range(width)]
    return [arrow.text(column) for column in cells]


def _is_amount(column: pa.Array) -> bool:
    """Tell amounts by their cents."""
    values = arrow.pick(column, arrow.known(column))
    if not len(values) or numbers.numeric_share(values) < 0.8:
        return False
    return _share(values, rf"(?i)\d[.,]\d{{1,4}}\D*$|{money.signs()}") >= 0.5


def _share(column: pa.Array, pattern: str) -> float:
    values = arrow.pick(column, arrow.known(column))
    if not len(values):
        return 0.0
    return pc.sum(pc.match_substring_regex(values, pattern)).as_py() / len(values)
