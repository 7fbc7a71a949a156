"""Tables without a header: columns named by what they hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers
from .automap.evidence import Content, look
from .dialect import Row

_ROWS = 400
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._/+#-]{1,29}$"


def is_table(rows: Sequence[Row]) -> bool:
    """Tell whether rows are data from the first on: equally wide, figures where others have them."""
    if len(rows) < 2:
        return False
    width = len(rows[0].cells)
    alike = [row for row in rows if abs(len(row.cells) - width) <= 1]
    if width < 2 or len(alike) < 0.8 * len(rows):
        return False
    contents = [look(column) for column in _columns(alike, width)]
    return any(content.gtin >= 0.7 or content.numeric >= 0.7 for content in contents)


def names(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    """Return a name per column: the field it looks like, `Column 4` where nothing tells.

    Article numbers, pictures, currencies and tax rates show by themselves. Of the columns of
    codes the first is the supplier's, of the texts the longest is the name; of two columns of
    amounts the lower one is the purchase price when it is so on nearly every row.
    """
    columns = _columns(rows[:_ROWS], width)
    contents = [look(column) for column in columns]
    found: dict[int, str] = {}

    def give(name: str, index: int | None) -> None:
        if index is not None and index not in found:
            found[index] = name

    free = lambda test: [i for i, c in enumerate(contents) if i not in found and c.known and test(c)]  # noqa: E731
    give("EAN", next(iter(free(lambda c: c.gtin >= 0.7 and c.long_digits >= 0.5)), None))
    give("Image", next(iter(free(lambda c: c.image >= 0.6)), None))
    give("Currency", next(iter(free(lambda c: c.currency >= 0.95 and c.distinct < 0.5)), None))
    codes = free(lambda c: c.distinct > 0.9 and c.filled > 0.8)
    codes = [i for i in codes if _share(columns[i], _CODE) > 0.8 and not _is_amount(columns[i])]
    give("Supplier SKU", next((i for i in codes if not _is_small_count(contents[i])), None))
    _name_prices(columns, contents, found)
    give("VAT rate", next(iter(free(lambda c: c.vat >= 0.95 and c.distinct <= 0.3 and c.high > 0)), None))
    give("Stock", next(iter(free(lambda c: c.count > 0.8 and (c.whole > 0.95 or c.availability > 0) and not c.ordinal and c.high > c.low)), None))
    give("Availability", next(iter(free(lambda c: c.availability > 0.9 and c.distinct <= 0.5)), None))
    texts = free(lambda c: c.letters > 0.7 and c.url < 0.3)
    give("Name", max((i for i in texts if contents[i].distinct > 0.5), key=lambda i: contents[i].length, default=None))
    give("Brand", next((i for i in free(lambda c: c.letters > 0.8 and c.url < 0.3 and c.length <= 20 and c.distinct <= 0.6)), None))
    return tuple(found.get(index, f"Column {index + 1}") for index in range(width))


def _name_prices(columns: list[pa.Array], contents: list[Content], found: dict[int, str]) -> None:
    amounts = [i for i in range(len(columns)) if i not in found and contents[i].known and _is_amount(columns[i])]
    if not amounts:
        return
    values = {i: numbers.parse(columns[i], numbers.style_of(columns[i])).value for i in amounts}
    amounts = [i for i in amounts if (values[i] > 0).mean() > 0.5]
    if len(amounts) == 1:
        found[amounts[0]] = "Purchase price"
        return
    for low in amounts:
        for high in amounts:
            both = ~np.isnan(values[low]) & ~np.isnan(values[high])
            if low != high and both.any():
                below = (values[low][both] <= values[high][both]).mean() >= 0.95
                ratio = np.nanmedian(values[high][both] / np.maximum(values[low][both], 1e-9))
                if below and 1.02 <= ratio <= 6:
                    found[low], found[high] = "Purchase price", "Retail price"
                    return
    if amounts:
        found[amounts[0]] = "Purchase price"


def _columns(rows: Sequence[Row], width: int) -> list[pa.Array]:
    cells = [[row.cells[i] if i < len(row.cells) else "" for row in rows] for i in range(width)]
    return [arrow.text(column) for column in cells]


def _is_amount(column: pa.Array) -> bool:
    """Tell amounts by their cents."""
    values = arrow.pick(column, arrow.known(column))
    if not len(values) or numbers.numeric_share(values) < 0.8:
        return False
    return _share(values, r"\d[.,]\d{1,4}\D*$|[€$£]") >= 0.5


def _is_small_count(content: Content) -> bool:
    """Tell counts from codes made of digits: codes are long, or count up by one."""
    return content.numeric > 0.9 and not content.length >= 5


def _share(column: pa.Array, pattern: str) -> float:
    values = arrow.pick(column, arrow.known(column))
    return pc.sum(pc.match_substring_regex(values, pattern)).as_py() / len(values) if len(values) else 0.0
