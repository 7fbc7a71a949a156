"""Columns that say what became of an article since the last file: added, changed, deleted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, vocabulary

#: A letter means a change only where every other cell of the column does.
_LONG = 3


def deletes(cells: pa.Array, *, letters: bool = True) -> np.ndarray:
    """Boolean array: the cell says that the article is deleted.

    letters: `D` and the like count too
    """
    words = [
        word
        for word, meaning in vocabulary.codes("change").items()
        if meaning == "deleted" and (letters or len(word) >= _LONG)
    ]
    return arrow.mask(pc.is_in(arrow.fold(cells), pa.array(words, pa.large_string())))


def is_change_flag(header: str, cells: pa.Array) -> bool:
    """Tell a column of change flags: named so, with no other values; or whole words alone."""
    values = pc.unique(arrow.fold(arrow.pick(cells, arrow.known(arrow.trim(cells))))).to_pylist()
    table = vocabulary.codes("change")
    if not values or len(values) > 12 or any(value not in table for value in values):
        return False
    if arrow.fold(arrow.text([header]))[0].as_py().strip(" .:_-") in vocabulary.words(
        "change_header"
    ):
        return True
    deleted = [value for value in values if table[value] == "deleted"]
    return any(len(value) >= _LONG for value in deleted)
