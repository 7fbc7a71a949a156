"""What a person has done to the cells of a field: `× 0.95`, `-5 %`, `"LEG-" + [Ref]`.

Typed as a line of text, kept as plain values, applied to whole columns. An empty cell stays empty,
so that what a supplier did not say never comes from an expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow
from .errors import UnreadableFile
from .fields import FIELDS

#: Kinds of field whose figures can be multiplied and added to, and whose texts can be joined.
FIGURES = frozenset({"price", "quantity", "pack"})
TEXTS = frozenset({"code", "text", "gtin", "url"})
_NUMBER = r"\d+(?:[.,]\d+)?|[.,]\d+"
_STEP = re.compile(
    rf"\s*(?P<sign>[×x*/÷:+\-−–])\s*(?P<number>{_NUMBER})\s*(?P<percent>%)?", re.IGNORECASE
)
_OPERAND = re.compile(
    r"\s*(?:\"(?P<double>(?:[^\"]|\"\")*)\"|“(?P<curly>[^”]*)”|«\s?(?P<guillemets>[^»]*?)\s?»"
    r"|'(?P<single>[^']*)'|\[(?P<column>(?:[^\]]|\]\])*)\]|(?P<bare>[^+\"“«\[]+?))\s*(?=\+|$)"
)


class InvalidExpression(UnreadableFile):
    """An expression that cannot be understood, or does not suit its field."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a joined text: a fixed text, or the cells of a column."""

    text: str = ""
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """Figures become `figure × factor + amount`; texts are their parts, one after the other.

    amount: in the unit of the file's own figures
    """

    factor: float = 1.0
    amount: float = 0.0
    parts: tuple[Part, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns its parts name."""
        return [part.column for part in self.parts if part.column is not None]

    def figures(self, values: np.ndarray) -> np.ndarray:
        """Return figures as changed; zero, negative and unknown ones stay what they are."""
        if self.factor == 1.0 and self.amount == 0.0:
            return values
        return np.where(values > 0, np.round(values * self.factor + self.amount, 9), values)

    def texts(self, cells: Callable[[str], pa.Array]) -> pa.Array:
        """Return the parts joined, empty where all its columns are.

        cells: column name → its cells. A text between two columns stands only between two cells
        that hold something; columns without a text between them are kept apart by a blank.
        """
        columns = {name: arrow.trim(cells(name)) for name in self.columns}
        joined: pa.Array | None = None
        between: str | None = ""
        for part in self.parts:
            if part.column is None:
                between = (between or "") + part.text
                continue
            cell = columns[part.column]
            filled = pc.greater(pc.binary_length(cell), 0)
            if joined is None:
                joined = pc.if_else(filled, _glue(between or "", cell), "")
                prefix = between or ""
            else:
                both = pc.and_(filled, pc.greater(pc.binary_length(joined), 0))
                alone = pc.if_else(filled, _glue(prefix, cell), joined)
                glue = " " if between is None else between
                joined = pc.if_else(both, _glue(joined, glue, cell), alone)
            between = None
        if joined is None:
            raise InvalidExpression("expression-no-column")
        if between:
            known = pc.greater(pc.binary_length(joined), 0)
            joined = pc.if_else(known, _glue(joined, between), "")
        return joined.cast(pa.large_string())

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        if self.parts:
            return {
                "parts": [
                    {"text": part.text} if part.column is None else {"column": part.column}
                    for part in self.parts
                ]
            }
        return {"factor": self.factor, "amount": self.amount}

    @classmethod
    def from_json(cls, values: Map[str, Any]) -> Expression:
        """Read what `to_json` wrote."""
        parts = tuple(
            Part(text=str(part.get("text") or ""), column=part.get("column"))
            for part in values.get("parts") or ()
        )
        return cls(float(values.get("factor", 1.0)), float(values.get("amount", 0.0)), parts)

    def written(self, own: str | None = None, decimal: str = ".") -> str:
        """Return the expression as it is typed; `[]` is the column it stands beside.

        own: that column; decimal: sign between units and tenths. A quote inside of a text and a
        bracket inside of a name are doubled.
        """
        if self.parts:
            return " + ".join(_written(part, own) for part in self.parts)
        pieces = []
        if self.factor != 1.0:
            pieces.append(f"× {self.factor:.10g}")
        if self.amount:
            pieces.append(f"{'+' if self.amount > 0 else '-'} {abs(self.amount):.10g}")
        return " ".join(pieces).replace(".", decimal)


def parse(
    text: str, field: str, columns: Sequence[str] = (), own: str | None = None
) -> Expression | None:
    """Read what a person typed for a field; None when nothing is changed by it.

    columns: those of the file; own: the column it stands beside, which `[]` names
    Raises InvalidExpression, with words for the person.
    """
    text = " ".join(text.split())
    if not text:
        return None
    kind = FIELDS[field].kind
    if kind in FIGURES:
        return _figures(text)
    if kind in TEXTS:
        return _texts(text, columns, own)
    raise InvalidExpression("expression-not-here", field=field)


def is_expression(text: str) -> bool:
    """Tell whether a value names columns in brackets, and is no fixed text."""
    return bool(re.search(r"\[(?:[^\]]|\]\])+\]", text))


def _written(part: Part, own: str | None) -> str:
    if part.column is None:
        return '"' + part.text.replace('"', '""') + '"'
    return "[]" if part.column == own else "[" + part.column.replace("]", "]]") + "]"


def _figures(text: str) -> Expression | None:
    factor, amount, place = 1.0, 0.0, 0
    while place < len(text):
        step = _STEP.match(text, place)
        if not step:
            raise InvalidExpression("expression-not-figures", text=text)
        place = step.end()
        number = float(step["number"].replace(",", "."))
        sign = {"x": "×", "X": "×", "*": "×", ":": "/", "÷": "/", "−": "-", "–": "-"}.get(
            step["sign"], step["sign"]
        )
        if sign in "+-" and not step["percent"]:
            amount += number if sign == "+" else -number
            continue
        if sign in "+-":
            number = 1 + number / 100 if sign == "+" else 1 - number / 100
        elif step["percent"]:
            number /= 100
        if number <= 0:
            raise InvalidExpression("expression-factor", text=text)
        number = 1 / number if sign == "/" else number
        factor, amount = factor * number, amount * number
    factor, amount = round(factor, 12), round(amount, 12)
    return None if factor == 1.0 and amount == 0.0 else Expression(factor, amount)


def _texts(text: str, columns: Sequence[str], own: str | None) -> Expression | None:
    parts: list[Part] = []
    place = 0
    while place < len(text):
        operand = _OPERAND.match(text, place)
        if not operand:
            raise InvalidExpression("expression-not-texts", text=text)
        parts.append(_part(operand, columns, own))
        place = operand.end() + 1  # the plus sign
        if place == len(text):
            raise InvalidExpression("expression-not-texts", text=text)
    if not any(part.column is not None for part in parts):
        raise InvalidExpression("expression-no-column", text=text)
    if parts == [Part(column=own)]:
        return None
    return Expression(parts=tuple(parts))


def _part(operand: re.Match[str], columns: Sequence[str], own: str | None) -> Part:
    quoted = next(
        (
            operand[name]
            for name in ("double", "curly", "guillemets", "single")
            if operand[name] is not None
        ),
        None,
    )
    if quoted is not None:
        return Part(text=quoted if operand["double"] is None else quoted.replace('""', '"'))
    name = operand["bare"] if operand["column"] is None else operand["column"].replace("]]", "]")
    name = name.strip()
    if not name and own is not None:
        return Part(column=own)
    if name in columns:
        return Part(column=name)
    loose = {" ".join(column.split()).casefold(): column for column in reversed(columns)}
    found = loose.get(" ".join(name.split()).casefold())
    if found is None:
        raise InvalidExpression("expression-unknown-column", column=name)
    return Part(column=found)


def _glue(*pieces: pa.Array | str) -> pa.Array:
    """Return columns and fixed texts one after the other."""
    kind = pa.large_string()
    same = [pa.scalar(item, kind) if isinstance(item, str) else item for item in pieces]
    return pc.binary_join_element_wise(*same, pa.scalar("", kind))
