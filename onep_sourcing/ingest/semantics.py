"""What the figures of a file mean beyond the names of its columns, and how sure that is.

`settle` decides how a file is read; this module says of each decision with what confidence, and
why. Below the bar the decision is `asked`: a person confirms or changes it before the import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from . import figures, measured, money
from .fields import FIELDS
from .figures import LIKELY, FileContext, Look, Said
from .mapping import Mapping
from .numbers import NumberStyle
from .rules import Reason
from .settle import SAMPLE, WEIGHT_UNITS

Kind = Literal[
    "vat",
    "price_basis",
    "currency",
    "decimal",
    "discount_form",
    "vat_form",
    "lead_time_unit",
    "weight_unit",
    "scope",
]
Level = Literal["sure", "likely", "asked"]

SURE = 0.88
_CHOICES: dict[Kind, tuple[str, ...]] = {
    "vat": ("untaxed", "taxed"),
    "price_basis": ("piece", "pack", "100", "1000"),
    "currency": ("EUR", "USD", "GBP", "CHF", "PLN"),
    "decimal": (",", "."),
    "discount_form": ("percent", "share"),
    "vat_form": ("percent", "share"),
    "lead_time_unit": ("days", "working_days", "weeks", "hours"),
    "weight_unit": ("kg", "g", "lb", "oz"),
    "scope": ("full", "delta"),
}
#: Which field's figures a kind is of.
_UNIT_OF = {"weight_unit": "weight", "lead_time_unit": "lead_time_days"}
_FORM_OF = {"discount_form": "discount_percent", "vat_form": "vat_rate"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing the figures mean.

    value: one of `choices`, as `settle` decided it; confidence: 0-1, that it is right
    level: `asked` waits for a person
    """

    kind: Kind
    value: str
    confidence: float
    level: Level
    why: tuple[Reason, ...]
    choices: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, the reasons with their English text."""
        return {
            "kind": self.kind,
            "value": self.value,
            "confidence": self.confidence,
            "level": self.level,
            "why": [reason.to_json() for reason in self.why],
            "choices": list(self.choices),
        }


def judge(
    mapping: Mapping,
    frame: pd.DataFrame,
    context: FileContext | None = None,
    confirmed: Map[str, str] | None = None,
) -> list[Meaning]:
    """Say of each decision of a settled mapping how sure it is.

    frame: the first rows as text
    confirmed: kind → value that a person gave, which nothing doubts any more
    """
    look = Look(mapping, frame.iloc[:SAMPLE], context or FileContext())
    judges: dict[Kind, Callable[[Look], Said | None]] = {
        "vat": figures.vat,
        "price_basis": figures.price_basis,
        "currency": figures.currency_of,
        "decimal": figures.decimal_sign,
        "discount_form": measured.discount_form,
        "vat_form": measured.vat_form,
        "lead_time_unit": measured.lead_time_unit,
        "weight_unit": measured.weight_unit,
        "scope": figures.scope,
    }
    found = []
    for kind, said in ((kind, own(look)) for kind, own in judges.items()):
        if said is not None:
            choices = tuple(dict.fromkeys((said.value, *said.others, *_CHOICES[kind])))
            meaning = Meaning(
                kind, said.value, said.confidence, _level(said.confidence), said.why, choices
            )
            given = (confirmed or {}).get(kind)
            found.append(_confirm(meaning, given) if given else meaning)
    return found


def decide(mapping: Mapping, confirmed: Map[str, str]) -> Mapping:
    """Return a mapping, not settled yet, with what a person said of its figures."""
    options: dict[str, Any] = {}
    for kind, value in confirmed.items():
        if kind == "vat":
            options["prices_include_vat"] = value == "taxed"
        elif kind == "price_basis" and value != "column":
            options["price_basis"] = value
        elif kind == "currency":
            options["currency"] = value
        elif kind in _UNIT_OF:
            units = options.get("units", mapping.units)
            options["units"] = dict(units) | {_UNIT_OF[kind]: value}
        elif kind in _FORM_OF:
            percents = options.get("percents", mapping.percents)
            options["percents"] = dict(percents) | {_FORM_OF[kind]: value == "percent"}
        elif kind == "decimal":
            prices = {
                name: NumberStyle(value, sure=True)
                for name, field in mapping.fields.items()
                if FIELDS[field].kind == "price"
            }
            options["styles"] = prices | dict(mapping.styles)
    return replace(mapping, **options) if options else mapping


def is_possible(kind: str, value: object) -> bool:
    """Tell whether a value can be what a person confirmed; an edited file may hold any."""
    if not isinstance(value, str):
        return False
    if kind == "currency":
        return value in money.iso_codes()
    if kind == "price_basis":
        return value in ("piece", "pack", "column") or bool(re.fullmatch("[1-9][0-9]{0,5}", value))
    if kind == "weight_unit":
        return value in WEIGHT_UNITS
    return kind in _CHOICES and value in _CHOICES[kind]


def asked(meanings: Iterable[Meaning]) -> list[Meaning]:
    """Return what a person must confirm."""
    return [meaning for meaning in meanings if meaning.level == "asked"]


def _level(confidence: float) -> Level:
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "asked"


def _confirm(meaning: Meaning, value: str) -> Meaning:
    why = (Reason("meaning-confirmed", {}),)
    choices = tuple(dict.fromkeys((*meaning.choices, value)))
    return replace(meaning, value=value, confidence=1.0, level="sure", why=why, choices=choices)
