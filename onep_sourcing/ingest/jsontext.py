"""Columns joined into JSON objects of text, without a Python object per row."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from . import arrow


def objects(names: Sequence[str], columns: Sequence[pa.Array]) -> pa.Array:
    """Return per row the JSON object of the cells that are not empty; null when none is.

    names: the keys; columns: text of equal length n
    """
    if not columns:
        raise ValueError("no column to join")
    members = []
    for name, column in zip(names, columns, strict=True):
        cells = _escaped(arrow.trim(column))
        key = json.dumps(name, ensure_ascii=False)
        member = pc.binary_join_element_wise(_text(f'{key}: "'), cells, _text('"'), _text(""))
        members.append(pc.if_else(pa.array(arrow.known(cells)), member, _text(None)))
    joined = pc.binary_join_element_wise(*members, _text(", "), null_handling="skip")
    wrapped = pc.binary_join_element_wise(_text("{"), joined, _text("}"), _text(""))
    return pc.if_else(pa.array(arrow.known(joined)), wrapped, _text(None))


def _text(value: str | None) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _escaped(column: pa.Array) -> pa.Array:
    data = arrow.raw_bytes(column)
    if not ((data < 32) | (data == 34) | (data == 92)).any():  # controls, " and backslash
        return column
    for raw, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        column = pc.replace_substring(column, raw, written)
    return pc.replace_substring_regex(column, r"[\x00-\x1f]", " ")
