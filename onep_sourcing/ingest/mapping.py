"""Which column of a frame is which field, and everything needed to read its cells alike.

What the headers and the first rows decide (decimal sign, units, taxes, currency) is settled once
and kept, so that each batch of a file, and its next preview, is read the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

from .automap import Proposal
from .errors import UnreadableFile
from .expressions import Expression
from .fields import FIELDS, REPEATABLE, SUMMED
from .numbers import NumberStyle


class InvalidMapping(UnreadableFile):
    """A mapping that does not fit the file or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Columns → fields, and how to read them. None means: not decided yet.

    fields: column name → field; other columns travel as the supplier's own
    prices_include_vat: of the purchase price and its tiers
    retail_includes_vat: of the retail price; eco_tax_includes_vat: of the eco-contribution
    vat_rate: 0-1, used where the file gives none
    currency: ISO code, used where the file gives none
    constants: field → text, used where the file has no column for it and where its cells are empty
    expressions: field → what is done to its cells
    price_basis: what a purchase price is for where the file has no column that says it: `piece`,
        `pack` (its pack size) or a number of pieces
    styles: column name → how it writes numbers
    units: field (`weight`, `length`…) → unit of cells that give none
    unit_styles: column name → how it writes the numbers that stand before a unit (`1,2 kg`)
    hundredths: fields whose prices are in cents
    percents: rate field → its bare numbers are per cent (`30`), not shares of one (`0.3`)
    lacks_check_digit: EANs of 12 digits lack their last one
    doubted_lengths: of numbers in the column of EANs that are the supplier's own
    change_flag: column that marks lines as added, changed or deleted
    settled: everything that the file can decide has been
    """

    fields: Map[str, str]
    prices_include_vat: bool | None = None
    retail_includes_vat: bool | None = None
    eco_tax_includes_vat: bool | None = None
    vat_rate: float | None = None
    currency: str | None = None
    constants: Map[str, str] = field(default_factory=dict)
    expressions: Map[str, Expression] = field(default_factory=dict)
    price_basis: str | None = None
    styles: Map[str, NumberStyle] = field(default_factory=dict)
    units: Map[str, str] = field(default_factory=dict)
    unit_styles: Map[str, NumberStyle] = field(default_factory=dict)
    hundredths: frozenset[str] = frozenset()
    percents: Map[str, bool] = field(default_factory=dict)
    lacks_check_digit: bool = False
    doubted_lengths: frozenset[int] = frozenset()
    change_flag: str | None = None
    settled: bool = False

    def __post_init__(self) -> None:
        counts = Counter(self.fields.values())
        for name, count in counts.items():
            if name not in FIELDS:
                raise InvalidMapping("mapping-unknown-field", field=name)
            if count > 1 and name not in REPEATABLE | SUMMED:
                columns = ", ".join(key for key, value in self.fields.items() if value == name)
                raise InvalidMapping("mapping-field-twice", field=name, columns=columns)
        for name in (*self.constants, *self.expressions):
            if name not in FIELDS:
                raise InvalidMapping("mapping-unknown-field", field=name)

    @classmethod
    def from_proposal(cls, proposal: Proposal, **options: Any) -> Mapping:
        """Take over what a proposal maps; options are attributes of the mapping."""
        return cls(proposal.fields, **options)

    @classmethod
    def from_names(
        cls, columns: Sequence[str], fields: Map[str, str | None], **options: Any
    ) -> Mapping:
        """Build a mapping by hand: names as in the file, blanks and case forgiven.

        columns: the unique names of the file's columns; `Column 3` or `3` names one by its place
        Raises InvalidMapping when a name is not one of them.
        """
        loose = {str(place): name for place, name in enumerate(columns, start=1)}
        loose |= {f"column {place}": name for place, name in loose.items()}
        loose |= {" ".join(name.split()).casefold(): name for name in reversed(columns)}
        found: dict[str, str] = {}
        for name, target in fields.items():
            column = name if name in columns else loose.get(" ".join(name.split()).casefold())
            if target and column is None:
                raise InvalidMapping("mapping-unknown-column", column=name)
            if target and column:
                found[column] = target
        return cls(found, **options)

    @classmethod
    def from_json(cls, values: Map[str, Any]) -> Mapping:
        """Read what `to_json` wrote, or the list a screen keeps.

        `columns` is a list of {column, field, …}; `fields` a dict column → field. What a version
        that knew fewer decisions settled is settled again; the decisions it took stay.
        """
        columns: Iterable[Map[str, Any]] = values.get("columns") or ()
        fields = {item["column"]: item["field"] for item in columns if item.get("field")}
        fields |= {key: value for key, value in (values.get("fields") or {}).items() if value}
        return cls(
            fields,
            prices_include_vat=values.get("prices_include_vat"),
            retail_includes_vat=values.get("retail_includes_vat"),
            eco_tax_includes_vat=values.get("eco_tax_includes_vat"),
            vat_rate=values.get("vat_rate"),
            currency=values.get("currency") or None,
            constants=dict(values.get("constants") or {}),
            expressions={
                name: Expression.from_json(item)
                for name, item in (values.get("expressions") or {}).items()
            },
            price_basis=values.get("price_basis") or None,
            styles=_styles_from_json(values.get("styles")),
            units=dict(values.get("units") or {}),
            unit_styles=_styles_from_json(values.get("unit_styles")),
            hundredths=frozenset(values.get("hundredths") or ()),
            percents=dict(values.get("percents") or {}),
            lacks_check_digit=bool(values.get("lacks_check_digit")),
            doubted_lengths=frozenset(values.get("doubted_lengths") or ()),
            change_flag=values.get("change_flag"),
            settled=bool(values.get("settled")) and {"percents", "change_flag"} <= set(values),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as plain JSON values."""
        return {
            "columns": [{"column": key, "field": name} for key, name in self.fields.items()],
            "prices_include_vat": self.prices_include_vat,
            "retail_includes_vat": self.retail_includes_vat,
            "eco_tax_includes_vat": self.eco_tax_includes_vat,
            "vat_rate": self.vat_rate,
            "currency": self.currency,
            "constants": dict(self.constants),
            "expressions": {name: item.to_json() for name, item in self.expressions.items()},
            "price_basis": self.price_basis,
            "styles": _styles_to_json(self.styles),
            "units": dict(self.units),
            "unit_styles": _styles_to_json(self.unit_styles),
            "hundredths": sorted(self.hundredths),
            "percents": dict(self.percents),
            "lacks_check_digit": self.lacks_check_digit,
            "doubted_lengths": sorted(self.doubted_lengths),
            "change_flag": self.change_flag,
            "settled": self.settled,
        }

    def column(self, target: str) -> str | None:
        """Return the column of a field, None when the file has none."""
        return next((name for name, other in self.fields.items() if other == target), None)

    def columns(self, target: str) -> list[str]:
        """Return all columns of a field, in the order of the file."""
        return [name for name, other in self.fields.items() if other == target]

    def style(self, column: str) -> NumberStyle:
        """Return how a column writes numbers."""
        return self.styles.get(column, NumberStyle())

    def check(self, columns: Sequence[str]) -> None:
        """Raise InvalidMapping when the file lacks a column the mapping expects."""
        named = (name for item in self.expressions.values() for name in item.columns)
        for name in (*self.fields, *named):
            if name not in columns:
                raise InvalidMapping("mapping-unknown-column", column=name)

    def with_options(self, **options: Any) -> Mapping:
        """Return the mapping with attributes that are not None replaced."""
        return replace(self, **{key: value for key, value in options.items() if value is not None})


def _styles_to_json(styles: Map[str, NumberStyle]) -> dict[str, dict[str, Any]]:
    return {name: {"decimal": style.decimal, "sure": style.sure} for name, style in styles.items()}


def _styles_from_json(values: Map[str, Map[str, Any]] | None) -> dict[str, NumberStyle]:
    return {
        name: NumberStyle(style["decimal"], style.get("sure", True))
        for name, style in (values or {}).items()
    }
