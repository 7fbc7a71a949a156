"""Small steps on columns of text that pandas and numpy lack, done by Arrow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_STRING = pd.StringDtype("pyarrow", na_value=np.nan)


def text(values: pd.Series | pa.Array | list) -> pa.Array:
    """Return a column as Arrow text; unknown values become empty."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, pa.Array):
        values = pa.array(values, pa.large_string(), from_pandas=True)
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
    values = values.cast(pa.large_string())
    return pc.fill_null(values, "") if values.null_count else values


def encodable(cell: object) -> str:
    """Return a cell as text PostgreSQL and Arrow can hold: no lone surrogate, no NUL."""
    if cell is None or cell != cell:  # NaN
        return ""
    text = cell if isinstance(cell, str) else str(cell)
    if text.isascii():
        return text.replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def mask(array: pa.Array) -> np.ndarray:
    """Return Arrow booleans as a writable numpy array, unknown as False."""
    return np.array(pc.fill_null(array, False), dtype=bool)


def matches(array: pa.Array, pattern: str) -> np.ndarray:
    """Boolean array: the pattern (RE2) is found in the text."""
    return mask(pc.match_substring_regex(array, pattern))


def fold(array: pa.Array) -> pa.Array:
    """Return text as it is compared: no accents, lower case, single blanks."""
    few = distinct(array)
    if few:
        return fold(few[0]).take(pa.array(few[1]))
    plain = array
    if not _is_ascii(array):
        plain = pc.replace_substring_regex(pc.utf8_normalize(plain, "NFKD"), r"\p{Mn}", "")
        for letter, written in (("ł", "l"), ("Ł", "l"), ("ß", "ss"), ("ø", "o"), ("œ", "oe")):
            plain = pc.replace_substring(plain, letter, written)
    plain = pc.replace_substring_regex(pc.utf8_lower(plain), r"[\s\x{00a0}]+", " ")
    return pc.utf8_trim_whitespace(plain)


def trim(array: pa.Array) -> pa.Array:
    """Return text without blanks around it (also the no-break ones)."""
    return pc.utf8_trim_whitespace(array)


def pick(array: pa.Array, where: np.ndarray) -> pa.Array:
    """Return the values at a boolean mask."""
    return array.filter(pa.array(where))


def known(array: pa.Array) -> np.ndarray:
    """Boolean array: the text is not empty."""
    return mask(pc.greater(pc.binary_length(array), 0))


def series(array: pa.Array) -> pd.Series:
    """Return Arrow text as a pandas string column, empty as unknown."""
    filled = known(array)
    if not filled.all():
        array = pc.if_else(pa.array(filled), array, pa.scalar(None, array.type))
    return strings(array)


def strings(array: pa.Array) -> pd.Series:
    """Return Arrow text as a pandas string column, without copying; null stays unknown."""
    return pd.Series(_STRING.__from_arrow__(array.cast(pa.large_string())))


def distinct(array: pa.Array) -> tuple[pa.Array, np.ndarray] | None:
    """Return the distinct values and the place of each row among them; None when most differ.

    What is costly is then done once a value: suppliers repeat brands, rates and quantities.
    """
    if len(array) < 256:
        return None
    head = pc.count_distinct(array.slice(0, 2048)).as_py()
    if head > 0.5 * min(len(array), 2048):
        return None
    encoded = pc.dictionary_encode(array)
    if len(encoded.dictionary) > 0.6 * len(array):
        return None
    return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False)


def raw_bytes(array: pa.Array) -> np.ndarray:
    """Return the characters of all values, one after the other, as uint8."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
    first, last = offsets[array.offset], offsets[array.offset + len(array)]
    data = array.buffers()[2]
    if data is None or first == last:
        return np.empty(0, dtype=np.uint8)
    return np.frombuffer(data, dtype=np.uint8)[first:last]


def first_bytes(array: pa.Array) -> np.ndarray:
    """Return the first byte of each value as uint8; that of the next one where it is empty."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
    starts = offsets[array.offset : array.offset + len(array)]
    data = array.buffers()[2]
    if data is None or not len(data):
        return np.zeros(len(array), dtype=np.uint8)
    return np.frombuffer(data, dtype=np.uint8)[np.minimum(starts, len(data) - 1)]


def look_up(array: pa.Array, table: dict[str, float]) -> np.ndarray:
    """Return the number each text stands for in a table, NaN where it is not there."""
    keys = pa.array(list(table), pa.large_string())
    values = np.array([*table.values(), np.nan])
    found = pc.index_in(array.cast(pa.large_string()), keys)
    return values[np.asarray(pc.fill_null(found, len(table)))]


def _is_ascii(array: pa.Array) -> bool:
    return not (raw_bytes(array) > 127).any()
