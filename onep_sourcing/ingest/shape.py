"""What a file is, once looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, NamedTuple

Format = Literal[
    "csv", "fixed", "xlsx", "xls", "xlsb", "ods", "html", "spreadsheetml", "json", "xml"
]
SPREADSHEETS = frozenset({"xlsx", "xls", "xlsb", "ods", "html", "spreadsheetml"})


class Merge(NamedTuple):
    """A range of cells that stand as one; rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class SniffOptions:
    """What a person decides instead of detection; None lets it decide.

    header_row: 1-based line of the header
    has_header: False when the first line is already data
    records: path of the repeating element in JSON or XML, such as `catalogue/product`
    member: the file to read in an archive of several
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    has_header: bool | None = None
    records: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class FileShape:
    """How to read a file.

    format: what the bytes are, whatever the name says
    headers: names as the file gives them, blanks around removed; may repeat or be empty
    columns: the same, made unique: what frames and mappings call them
    encoding: Python codec of a text file, else None
    delimiter: of a delimited text, else None
    quoted: double quotes enclose values; wrapped: they enclose whole lines, too
    sheet, sheets: the sheet to read and all there are, for a workbook
    header_row: 1-based line of the file (or row of the sheet); None when it has none
    records: path of the repeating element, in JSON and XML
    guessed: the file has no header and the columns are named by what they hold
    cuts: where the columns of a fixed-width text start, from 0
    pads: per column, the digits its number format shows (a workbook's `00000`), 0 for none
    compression: `gz`, `zip` or `tar.gz`, else None
    member, members: the file of an archive that is read and all that could be
    """

    format: Format
    headers: tuple[str, ...]
    columns: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    quoted: bool = True
    wrapped: bool = False
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    records: str | None = None
    guessed: bool = False
    cuts: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    compression: str | None = None
    member: str | None = None
    members: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def named(self, headers: Sequence[str]) -> FileShape:
        """Return the shape with these header names."""
        return replace(self, headers=tuple(headers), columns=unique_names(headers))

    def to_json(self) -> dict[str, Any]:
        """Return the shape as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> FileShape:
        """Return the shape that `to_json` wrote; keys it does not know are left out."""
        known = {item.name for item in fields(cls)}
        kept = {key: value for key, value in values.items() if key in known}
        for key in ("headers", "columns", "sheets", "cuts", "pads", "members"):
            kept[key] = tuple(kept.get(key) or ())
        return cls(**kept)


def unique_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return one name per column: empty ones are numbered, repeated ones counted.

    `("EAN", "", "EAN")` gives `("EAN", "Column 2", "EAN (2)")`.
    """
    names: list[str] = []
    taken: set[str] = set()
    for index, header in enumerate(headers):
        base = header or f"Column {index + 1}"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        names.append(name)
    return tuple(names)
