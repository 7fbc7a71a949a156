"""Columns of digits: Arrow texts to numpy matrices and back, and what a check digit is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 14
WEIGHTS = np.array([3, 1] * (LENGTH // 2), dtype=np.int64)
_POWERS = 10 ** np.arange(LENGTH - 1, -1, -1, dtype=np.int64)


def digit_matrix(digits: pa.Array) -> np.ndarray:
    """Return the digits as uint8 (n, 14), zero-padded on the left."""
    padded = pc.utf8_lpad(digits, LENGTH, "0")
    padded = pa.concat_arrays([padded.cast(pa.string())])  # offsets start at 0
    data = np.frombuffer(padded.buffers()[2] or b"", dtype=np.uint8)[: len(digits) * LENGTH]
    return (data - ord("0")).reshape(-1, LENGTH)


def matrix_text(matrix: np.ndarray) -> pa.Array:
    """Return digits (n, 14) as n texts."""
    data = pa.py_buffer(np.ascontiguousarray(matrix + ord("0"), dtype=np.uint8))
    offsets = pa.py_buffer(np.arange(len(matrix) + 1, dtype=np.int32) * np.int32(LENGTH))
    return pa.Array.from_buffers(pa.string(), len(matrix), [None, offsets, data])


def numbers(matrix: np.ndarray) -> np.ndarray:
    """Return digits (n, 14) as int64 numbers; float64 holds 14 digits exactly."""
    return (matrix.astype(np.float64) @ _POWERS.astype(np.float64)).astype(np.int64)


def passes(matrix: np.ndarray) -> np.ndarray:
    """Boolean array (n): the check digit is right."""
    return matrix.astype(np.float64) @ WEIGHTS.astype(np.float64) % 10 == 0  # BLAS is float only


def with_check_digit(matrix: np.ndarray) -> np.ndarray:
    """Shift digits one place left and put the check digit they lacked at the end."""
    shifted = np.roll(matrix, -1, axis=1)
    shifted[:, -1] = -(shifted[:, :-1] @ WEIGHTS[:-1]) % 10
    return shifted


def as_text(values: Iterable) -> pa.Array:
    """Return any column as an Arrow string array, nulls where unknown."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values.cast(pa.string())
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    if series.dtype == object:
        known = series.notna()
        series = series.where(~known, series[known].astype(str))
    array = pa.array(series, pa.string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def as_mask(array: pa.Array) -> np.ndarray:
    """Return an Arrow boolean as a writable numpy one, null as False."""
    return np.array(pc.fill_null(array, False), dtype=bool)


def keep_where(condition: pa.Array, array: pa.Array) -> pa.Array:
    """Keep values where the condition holds, null elsewhere."""
    return pc.if_else(pc.fill_null(condition, False), array, pa.scalar(None, pa.string()))


def put_at(array: pa.Array, positions: np.ndarray, values: pa.Array) -> pa.Array:
    """Return the array with values at positions."""
    mask = np.zeros(len(array), dtype=bool)
    mask[positions] = True
    return pc.replace_with_mask(array, pa.array(mask), values)
