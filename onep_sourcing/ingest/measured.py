"""What speaks for the unit of bare figures: of weights, of lead times, of rates (10 or 0.1).

Only where a person's word would change something: figures that give their own unit keep it.
"""

from __future__ import annotations

import numpy as np

from . import arrow, leadtime, measures, numbers, vocabulary
from .figures import Look, Said
from .rules import Reason
from .settle import header_time_unit, header_unit


def weight_unit(look: Look) -> Said | None:
    """In what unit weights without one are."""
    name = look.column("weight")
    if name is None:
        return None
    unit = look.mapping.units.get("weight", "kg")
    cells = look.cells(name)
    parsed = numbers.parse(cells, look.mapping.style(name))
    bare = parsed.value[parsed.value > 0]
    named = header_unit("weight", name)
    given = measures.weight(cells, look.mapping.style(name), unit)
    with_unit = int((parsed.unread & ~np.isnan(given.value)).sum())
    if named:
        why = [Reason("unit-in-header", {"column": name, "unit": named})]
        middle = float(np.median(bare)) if bare.size else np.nan
        grams = middle * vocabulary.figures("grams")[named]
        if named == unit and not np.isnan(grams) and not 1 <= grams <= 100_000:
            why.append(Reason("unit-range", {"value": f"{middle:g}", "unit": named}))
            return Said(unit, 0.5, tuple(why))
        return Said(unit, 0.97 if named == unit else 0.45, tuple(why))
    if with_unit and not bare.size:
        return Said(unit, 0.95, (Reason("unit-in-cells", {"column": name}),))
    if not bare.size:
        return None
    middle = float(np.median(bare))
    params = {"value": f"{middle:g}", "unit": unit}
    fractions = float((bare != np.round(bare)).mean())
    if unit == "g" and (middle < 50 or (fractions < 0.5 and middle >= 200)):
        return Said(unit, 0.85 if middle >= 50 else 0.5, (Reason("unit-range", params),))
    if unit == "kg" and (fractions >= 0.5 or middle < 10):
        return Said(unit, 0.85 if middle < 50 else 0.5, (Reason("unit-range", params),))
    return Said(unit, 0.55, (Reason("unit-open", params),))


def lead_time_unit(look: Look) -> Said | None:
    """In what unit lead times without one are."""
    name = look.column("lead_time_days")
    if name is None:
        return None
    cells = look.cells(name)
    unit = look.mapping.units.get("lead_time_days", "days")
    bare = numbers.parse(cells, look.mapping.style(name)).value
    if not (bare > 0).any():
        return None
    named = header_time_unit(name)
    if named:
        why = (Reason("lead-time-in-header", {"column": name}),)
        return Said(unit, 0.95 if named == unit else 0.45, why)
    if unit == "hours":
        return Said(unit, 0.8, (Reason("lead-time-hours", {}),))
    longest = float(np.nanmax(bare))
    params = {"value": f"{longest:g}"}
    if longest * leadtime.UNITS[unit] > leadtime.LONG:
        return Said(unit, 0.65, (Reason("lead-time-long", params),))
    return Said(unit, 0.8, (Reason("lead-time-usual", params),))


def discount_form(look: Look) -> Said | None:
    """Whether 10 or 0.1 is written for a discount of 10 %."""
    return _rate_form(look, "discount_percent")


def vat_form(look: Look) -> Said | None:
    """Whether 20 or 0.2 is written for a VAT of 20 %."""
    return _rate_form(look, "vat_rate")


def _rate_form(look: Look, field: str) -> Said | None:
    name = look.column(field)
    if name is None:
        return None
    cells = arrow.pick(look.cells(name), ~arrow.matches(look.cells(name), "%"))
    bare = numbers.parse(cells, look.mapping.style(name)).value
    bare = bare[bare > 0]
    if not bare.size:
        return None
    value = "percent" if look.mapping.percents.get(field, True) else "share"
    params = {"low": f"{bare.min():g}", "high": f"{bare.max():g}"}
    fitting = (bare < 1) == (value == "share")
    if fitting.all():
        return Said(value, 0.95, (Reason(f"rate-{value}", params),))
    return Said(value, 0.65, (Reason("rate-mixed", params),))
