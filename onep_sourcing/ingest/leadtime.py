"""Lead times in days: durations, days after an order, dates and weeks of the calendar."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers, vocabulary
from .cells import Cells, captured, first, once_each
from .numbers import NumberStyle

#: Days of a bare number, by the unit of its column; of five working days a week has seven.
UNITS = {"hours": 1 / 24, "days": 1.0, "working_days": 7 / 5, "weeks": 7.0}
LONG = 120  # days; longer ones make one wonder whether they are meant
_RANGE = r"(\d)\s*([a-z]*)\s*(?:-|–|/|\b(?:a|to|bis|al|do|ate|tot|ou|or|et|and|und)\b)\s*(\d)"
_DURATION = (
    r"(?P<low>\d+(?:[.,]\d+)?)(?:\s*(?P<first>[a-z]+)\.?)?"
    r"(?:-(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>[a-z]*)"
)
_WORKING = (
    r"\b(jours?|jrs?|j|tage?n?|days?|dias?|giorni|dagen|dni) "
    r"(?:ouvre?s?|ouvrables?|ouv\.?|working|habiles|lavorativi|robocz\w*)\b"
)
_DAY_PLUS = r"^(?:j|d|t|jour|tag|day)\s*\+\s*(?P<number>\d+)(?:\s*j(?:ours)?)?$"
_AT_ONCE = (
    r"^(?:immediat|immediate|immediatement|immediately|sofort|en stock|in stock|sur stock|"
    r"du stock|stock|lagernd|same day|subito|immediat[oa]|pronta consegna|inmediato|inmediata|"
    r"direct|od reki|imediato|auf lager|ab lager|op voorraad|disponible|disponibile|dispo|"
    r"ex stock)\b"
)
_NEXT_DAY = (
    r"^(?:next day|next working day|lendemain|le lendemain|demain|morgen|nachster tag|domani|"
    r"manana|overnight)\b"
)
_WEEK = (
    r"^(?:en |in |livraison |dispo\w* )?"
    r"(?:semaine|sem\.?|s|kw|week|wk|w|settimana|semana|tydzien|tyg\.?)\s*(?:n\D{0,2})?"
    r"(?P<week>\d{1,2})(?:\s*[/.-]?\s*(?P<year>20\d{2}))?$"
)
_DATE = (
    r"(?:^|[^\d/.-])(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{2,4})"
    r"(?:[t ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?z?)?$"
    r"|^(?P<y>20\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)$"
)
_DAY_MONTH = r"(?:^|[^\d/.-])(?P<a>0\d|[12]\d|3[01])/(?P<b>0[1-9]|1[0-2])$"
_BARE_RANGE = r"^\d+\s*(?:-|–|/|\ba\b|\bto\b|\bbis\b)\s*\d+$"
_LONGEST = 730  # days; a duration beyond is another kind of column


@once_each
def lead_time(
    column: pa.Array,
    style: NumberStyle,
    unit: str = "days",
    today: datetime.date | None = None,
) -> Cells:
    """Read lead times in days, the longer of a range, rounded up: `48h`, `2-3 sem.`, `J+3`.

    unit: of bare numbers (a key of UNITS); `24/48` are hours, `05/12` a day of a month
    today: the day dates are counted from; without it they are not read
    """
    parsed = numbers.parse(column, style)
    value = parsed.value * UNITS[unit]
    value[(value < 0) | (value > _LONGEST)] = np.nan
    folded = arrow.fold(column)
    unread = parsed.given & np.isnan(value)
    rows = np.flatnonzero(unread)
    dated = np.zeros(len(value), dtype=bool)
    silent = np.zeros(len(value), dtype=bool)
    if rows.size:
        words = folded.take(pa.array(rows))
        value[rows], dated[rows] = delays(words, today)
        silent[rows] = vocabulary.says_nothing(words)
    return Cells(
        np.ceil(np.round(value, 6)),
        {
            "lead-time-in-words": unread & ~np.isnan(value) & ~dated,
            "lead-time-from-date": unread & dated & ~np.isnan(value),
            "lead-time-not-read": unread & np.isnan(value) & ~silent,
        },
    )


def delays(
    folded: pa.Array, today: datetime.date | None = None, *, bare: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return the days that folded texts name (NaN where none), and which of them are dates.

    bare: ranges without a unit and `in stock` count, as they do where only delays are expected
    """
    folded = pc.replace_substring_regex(folded, _WORKING, r"\1")
    value = _durations(folded)
    value[arrow.matches(folded, _NEXT_DAY) & np.isnan(value)] = 1.0
    if bare:
        value[arrow.matches(folded, _AT_ONCE) & np.isnan(value)] = 0.0
    else:
        value[arrow.matches(folded, _BARE_RANGE)] = np.nan
    plus = first(captured(folded, _DAY_PLUS, ("number",)), NumberStyle())
    value = np.where(np.isnan(plus), value, plus)
    dates = arrow.matches(folded, f"{_DATE}|{_DAY_MONTH}|{_WEEK}")
    value[dates] = np.nan
    if today is not None and dates.any():
        rows = np.flatnonzero(dates)
        value[rows] = _days_until(folded.take(pa.array(rows)), today)
    return np.ceil(np.round(value, 6)), dates


def _durations(words: pa.Array) -> np.ndarray:
    parts = pc.extract_regex(pc.replace_substring_regex(words, _RANGE, r"\1\2-\3"), _DURATION)
    low, high = (_number(pc.struct_field(parts, name)) for name in ("low", "high"))
    unit = pc.struct_field(parts, "unit")
    before = pc.struct_field(parts, "first")
    table = vocabulary.figures("days")
    days = arrow.look_up(pc.fill_null(unit, ""), table)
    days = np.where(np.isnan(days), arrow.look_up(pc.fill_null(before, ""), table), days)
    longest = np.fmax(low, high)
    bare = arrow.matches(words, _BARE_RANGE)
    hours = bare & (longest >= 24) & (low % 24 == 0)
    days = np.where(bare, np.where(hours, 1 / 24, 1.0), days)
    result = longest * days
    result[result > _LONGEST] = np.nan
    return result


def _days_until(words: pa.Array, today: datetime.date) -> np.ndarray:
    """Return the days from today to dates; 0 for those gone by, NaN for no date at all."""
    a, b, c, y, m, d = captured(words, _DATE, ("a", "b", "c", "y", "m", "d"))
    first_part, second, third = (_whole(part) for part in (a, b, c))
    iso = first_part >= 1000
    # Which of day and month comes first, the column tells; where it does not, the day.
    american = bool(((second > 12) & ~iso).any() and not ((first_part > 12) & ~iso).any())
    day, month = (second, first_part) if american else (first_part, second)
    year = np.where(iso, first_part, np.where(third < 100, third + 2000, third))
    month = np.where(iso, second, month)
    day = np.where(iso, third, day)
    compact = ~np.isnan(_whole(y))
    year = np.where(compact, _whole(y), year)
    month = np.where(compact, _whole(m), month)
    day = np.where(compact, _whole(d), day)
    short_day, short_month = (_whole(part) for part in captured(words, _DAY_MONTH, ("a", "b")))
    short = np.isnan(year) & ~np.isnan(short_day)
    year = np.where(short, today.year, year)
    month, day = np.where(short, short_month, month), np.where(short, short_day, day)
    days = _days_between(today, year, month, day)
    # A day of a month that is well past is meant for next year.
    days = np.where(short & (days < -180), _days_between(today, year + 1, month, day), days)
    week, week_year = (_whole(part) for part in captured(words, _WEEK, ("week", "year")))
    in_week = ~np.isnan(week)
    if in_week.any():
        days[in_week] = _until_week(today, week[in_week], week_year[in_week])
    return np.where(np.isnan(days), np.nan, np.maximum(days, 0.0))


def _days_between(
    today: datetime.date, year: np.ndarray, month: np.ndarray, day: np.ndarray
) -> np.ndarray:
    parts = pd.DataFrame({"year": year, "month": month, "day": day})
    parts = parts.where((parts["year"] >= 1900) & (parts["year"] <= 2200))
    dates = pd.to_datetime(parts, errors="coerce")
    return (dates - pd.Timestamp(today)).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)


def _until_week(today: datetime.date, week: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Return the days to the Friday of ISO weeks; without a year the next one to come."""
    days = np.full(len(week), np.nan)
    for place, (number, named) in enumerate(zip(week, year, strict=True)):
        start = today.isocalendar().year if np.isnan(named) else int(named)
        try:
            friday = datetime.date.fromisocalendar(start, int(number), 5)
            if np.isnan(named) and (friday - today).days < -180:
                friday = datetime.date.fromisocalendar(start + 1, int(number), 5)
        except ValueError:
            continue
        days[place] = (friday - today).days
    return days


def _whole(text: pa.Array) -> np.ndarray:
    return first([text], NumberStyle())


def _number(text: pa.Array) -> np.ndarray:
    dotted = pc.replace_substring(pc.fill_null(text, ""), ",", ".")
    return numbers.parse(dotted.cast(pa.large_string()), NumberStyle(".")).value
