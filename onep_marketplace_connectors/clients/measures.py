"""Sizes and weights in the units marketplaces write."""

from __future__ import annotations

_GRAMS = {
    "gram": 1.0,
    "g": 1.0,
    "kilogram": 1000.0,
    "kg": 1000.0,
    "milligram": 0.001,
    "mg": 0.001,
    "pound": 453.59237,
    "lb": 453.59237,
    "ounce": 28.349523125,
    "oz": 28.349523125,
}
_MILLIMETRES = {
    "millimeter": 1.0,
    "mm": 1.0,
    "centimeter": 10.0,
    "cm": 10.0,
    "meter": 1000.0,
    "m": 1000.0,
    "inch": 25.4,
    "inches": 25.4,
    "in": 25.4,
    "foot": 304.8,
    "feet": 304.8,
    "ft": 304.8,
}


def grams(measure: dict | None) -> float | None:
    """Weight of ``{"value": …, "unit": …}`` [g], None when absent or in an unknown unit."""
    return _convert(measure, _GRAMS)


def millimetres(measure: dict | None) -> float | None:
    """Length of ``{"value": …, "unit": …}`` [mm], None when absent or in an unknown unit."""
    return _convert(measure, _MILLIMETRES)


def _convert(measure, factors):
    if not isinstance(measure, dict):
        return None
    unit = str(measure.get("unit", "")).strip().lower().replace("metre", "meter")
    factor = factors.get(unit) or factors.get(unit.removesuffix("s"))
    try:
        value = float(measure["value"])
    except (KeyError, TypeError, ValueError):
        return None
    if factor is None or value <= 0:
        return None
    return round(value * factor, 2)
