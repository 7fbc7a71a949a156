"""Values for all rows of a file: `brand` is Lego, `vat_rate` is 20 %.

They fill a field without a column, and the empty cells of one that has a column; a cell that
holds something is never overwritten.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, currency, numbers
from .errors import UnreadableFile
from .fields import FIELDS
from .numbers import NumberStyle

_FIGURES = frozenset({"price", "quantity", "pack", "price_per", "percent"})
#: What names one article or a step of its price cannot be the same for all of them.
NOT_CONSTANT = frozenset({"supplier_sku", "ean", "tier_qty", "tier_price", "image_url"})


class InvalidConstant(UnreadableFile):
    """A value that does not suit its field."""


def clean(field: str, text: str) -> str:
    """Return a value as a mapping keeps it: figures with a decimal point, rates with their sign.

    Raises InvalidConstant, with words for the person.
    """
    text = " ".join(text.split())
    if field in NOT_CONSTANT:
        raise InvalidConstant("constant-not-here", field=field)
    if not text:
        raise InvalidConstant("constant-empty", field=field)
    kind = FIELDS[field].kind
    if kind == "currency":
        code = currency.code_of(text)
        if code is None:
            raise InvalidConstant("constant-no-currency", text=text)
        return code
    if kind not in _FIGURES:
        return text
    cells = arrow.text([text])
    value = float(numbers.parse(cells, numbers.style_of(cells)).value[0])
    if np.isnan(value) or value < 0:
        raise InvalidConstant("constant-not-a-number", field=field, text=text)
    if kind == "percent":
        # No country has a VAT rate below one per cent: 0.2 is a share of one.
        if field == "vat_rate" and 0 < value < 1 and "%" not in text:
            value *= 100
        if value > 100:
            raise InvalidConstant("constant-not-a-number", field=field, text=text)
        return f"{value:.10g}%"
    return f"{value:.10g}"


def fill(cells: pa.Array, field: str, text: str, style: NumberStyle) -> pa.Array:
    """Return the cells of a field with a value wherever they are empty.

    style: how the column writes numbers, which the value then follows
    """
    empty = ~arrow.known(arrow.trim(cells))
    if not empty.any():
        return cells
    if FIELDS[field].kind in _FIGURES and style.decimal == ",":
        text = text.replace(".", ",")
    return pc.if_else(pa.array(empty), pa.scalar(text, cells.type), cells)
