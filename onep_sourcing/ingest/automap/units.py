"""Whether a column came to mean another unit: grams for kilograms, packages for pieces, VAT in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .. import basis
from ..fields import FIELDS
from ..rules import Reason
from ..settle import header_unit
from .fingerprint import Fingerprint

#: A column under its name.
Named = tuple[str, Fingerprint]
#: Before, after, what tells.
Finding = tuple[str, str, Reason]

_FEWEST = 3  # articles met again
_MOST = 0.75  # of the articles
_FACTORS = {"price": (10.0, 100.0, 1000.0),
            "weight": (1000.0, 453.59237, 28.3495, 2.20462, 100.0, 10.0),
            "size": (10.0, 25.4, 2.54, 100.0, 1000.0)}  # fmt: skip
#: Factors of medians over other articles that only another unit explains; and numbers needed.
_MAGNITUDE = {"price": (100.0,), "weight": (1000.0,), "size": (10.0, 1000.0)}
_WIDE = {"price": 1.25, "weight": 3.0, "size": 1.3}
_ENOUGH = 20


def compare(
    target: str,
    before: Named,
    after: Named,
    pairs: tuple[np.ndarray, np.ndarray],
    currency: str | None,
    vat_rates: Sequence[float],
) -> list[Finding]:
    """Tell what speaks for another unit; empty when nothing does.

    target: the field it fills; pairs: its numbers for the same articles, before and after
    currency: of prices that name none; vat_rates: 0-1, that prices may have gained or lost
    """
    kind = FIELDS[target].kind
    if kind == "currency":
        return _currency(before[1], after[1], None)
    if kind not in _FACTORS:
        return []
    if kind == "price":
        told = [*_currency(before[1], after[1], currency), *_package(before[0], after[0])]
        told += _taxed(before[1], after[1], pairs)
    else:
        told = _unit(kind, before[0], after[0])
    return told or _by_figures(kind, before[1], after[1], pairs, vat_rates)


def _currency(old: Fingerprint, new: Fingerprint, usual: str | None) -> list[Finding]:
    was = old.currency or (usual if old.is_known else None)
    if not was or not new.currency or new.currency == was:
        return []
    return [(was, new.currency, Reason("drift-currency", {}))]


def _unit(kind: str, old: str, new: str) -> list[Finding]:
    was, is_now = (header_unit(kind, header) for header in (old, new))
    if not was or not is_now or was == is_now:
        return []
    return [(was, is_now, Reason("drift-header-unit", {}))]


def _package(old: str, new: str) -> list[Finding]:
    was, is_now = basis.in_header(old), basis.in_header(new)
    if is_now == "pack" != was:
        return [(old, new, Reason("drift-header-package", {}))]
    if was == "pack" and is_now == "piece":
        return [(old, new, Reason("drift-header-piece", {}))]
    return []


def _taxed(
    old: Fingerprint, new: Fingerprint, pairs: tuple[np.ndarray, np.ndarray]
) -> list[Finding]:
    """What headers or cells say of VAT; what one of them leaves unsaid is told by the figures."""
    if old.taxed is new.taxed or not old.is_known:
        return []
    if None in (old.taxed, new.taxed):
        said_in = new.taxed or old.taxed  # it was, or is, said that VAT is in
        if not said_in or (len(pairs[0]) >= _FEWEST and abs(_centre(pairs)[0] - 1) < 0.02):
            return []
    rule = "drift-vat-in" if new.taxed or (new.taxed is None and not old.taxed) else "drift-vat-out"
    return [(_figure(old.middle), _figure(new.middle), Reason(rule, {}))]


def _by_figures(
    kind: str,
    old: Fingerprint,
    new: Fingerprint,
    pairs: tuple[np.ndarray, np.ndarray],
    vat_rates: Sequence[float],
) -> list[Finding]:
    """What the figures themselves say: those of the same articles, else their magnitude."""
    if len(pairs[0]) < _FEWEST:
        reason = _by_magnitude(kind, old, new)
    else:
        reason = _by_articles(kind, pairs, vat_rates)
    return [(_figure(old.middle), _figure(new.middle), reason)] if reason else []


def _by_magnitude(kind: str, old: Fingerprint, new: Fingerprint) -> Reason | None:
    few = any(sum(value is not None for value in one.numbers) < _ENOUGH for one in (old, new))
    if few or not old.middle or not new.middle or old.middle * new.middle < 0:
        return None
    ratio = new.middle / old.middle
    size = max(ratio, 1 / ratio)
    if any(near / _WIDE[kind] <= size <= near * _WIDE[kind] for near in _MAGNITUDE[kind]):
        return _scaled("drift-magnitude", ratio)
    return None


def _by_articles(
    kind: str, pairs: tuple[np.ndarray, np.ndarray], vat_rates: Sequence[float]
) -> Reason | None:
    ratios = pairs[1] / pairs[0]
    centre, alike = _centre(pairs)
    if (np.abs(ratios - 1) > 0.005).mean() < _MOST:
        return None
    if alike >= _MOST:
        if _is_near(max(centre, 1 / centre), _FACTORS[kind], 0.02):
            return _scaled("drift-ratio", centre)
        if kind != "price":
            return None
        for rate in sorted(vat_rates, reverse=True):
            for factor, rule in ((1 + rate, "drift-vat-added"), (1 / (1 + rate), "drift-vat-left")):
                if rate and abs(centre / factor - 1) < 0.003:
                    return Reason(rule, {"rate": f"{rate * 100:g}"})
    if kind == "price":
        for factors, rule in ((ratios, "drift-per-package"), (1 / ratios, "drift-per-piece")):
            whole = np.abs(factors / np.maximum(np.round(factors), 1) - 1) < 0.03
            if ((factors >= 1.9) & whole).mean() >= _MOST:
                return Reason(rule, {"factor": f"{np.median(factors):.3g}"})
    return None


def _centre(pairs: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    """Return the median ratio of the same articles, and the share of them that moved so."""
    ratios = pairs[1] / pairs[0]
    centre = float(np.median(ratios))
    return centre, float((np.abs(ratios / centre - 1) < 0.02).mean())


def _scaled(rule: str, ratio: float) -> Reason:
    name = f"{rule}-up" if ratio >= 1 else f"{rule}-down"
    return Reason(name, {"factor": f"{float(f'{max(ratio, 1 / ratio):.3g}'):g}"})


def _is_near(value: float, others: Iterable[float], within: float) -> bool:
    return any(abs(value / other - 1) < within for other in others)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
