"""Numbers as suppliers write them: the style is decided by the column, never by the cell.

`1.234` is a thousand pieces in one file and a bit more than one euro in another; only the other
cells of the column tell. A style once decided is kept for every batch of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, money

#: Blanks, quotes and signs that are no part of a number.
_BLANK = r"[\s\x{00a0}\x{202f}\x{2009}'’`´\x{200b}]"
_BLANKS = _BLANK + "+"
#: What may stand around a number without changing it: currencies, tax marks, pieces, footnotes.
_AROUND = (
    rf"(?i)(?:{money.signs()}|%|\b(?:{money.codes()}|fr|ft|kn|ht|"
    r"htva|ttc|hors taxes?|tvac|net+[oa]?|brut+o?|h\.t\.?|t\.t\.c\.?|"
    r"excl?\.?|incl?\.?|inkl\.?|exkl\.?|zzgl\.?|tva|vat|mwst|ust|iva|btw|moms|dph|ca\.?|env\.?|pct)\b\.?|"
    r"(?:/|\bla |\bl['’]|\bpar |\bper |\bpro |\bje )\s*"
    r"(?:pi[eè]ce|unit[eé]?|pce|pcs?|stk|stück|st|u|"
    r"ea|each|pz|szt|ud)(?:\.|\s*$)?|,-+|\.-+|\*+\s*$)"
)
_EURO_INSIDE = r"^(\D*\d+)\s*€\s*(\d{2})$"
#: `12,50EUR`, `CHF12.50`: a code parts from its figure as a word would.
_GLUED = rf"(?i)(\d)([a-z]{{2,}})|\b({money.codes()})(\d)"
#: Blanks group digits by three; `12 50` is no number.
_SPLIT_DIGITS = rf"\d{_BLANKS}\d"
_GROUPED_BY_BLANKS = rf"^\D*\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:[.,]\d*)?\D*$"
_SHAPED = r"^[+-]?[\d.,]*\d[\d.,]*$"
_PLAIN = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$"
_PLAIN_COMMA = r"^[+-]?(?:\d+(?:,\d*)?|,\d+)$"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes numbers.

    decimal: `,` or `.`
    sure: False when nothing in the column told and a habit was followed
    """

    decimal: str = "."
    sure: bool = False

    @property
    def thousands(self) -> str:
        """The sign that may group digits by three."""
        return "." if self.decimal == "," else ","


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, arrays of length n.

    value: float64, NaN when unknown
    given: the cell held something
    odd: the cell was written in another style than the column, in a way that reads only once
    """

    value: np.ndarray
    given: np.ndarray
    odd: np.ndarray

    def take(self, rows: np.ndarray) -> Numbers:
        """Return the numbers at these places."""
        return Numbers(self.value[rows], self.given[rows], self.odd[rows])

    @property
    def unread(self) -> np.ndarray:
        """Boolean array: something was given that is no number."""
        return self.given & np.isnan(self.value)


def style_of(column: pa.Array, *, whole: bool = False, habit: str | None = None) -> NumberStyle:
    """Decide how a column writes numbers.

    column: text, a sample or all of it
    whole: the column counts things, so three digits after the only sign group thousands
    habit: decimal sign of the other columns of the file, followed when this one tells nothing

    Without a habit, `1.299` beside `799` groups thousands: fixed decimals would show in both.
    """
    bare = _bare(column)
    bare = arrow.pick(bare, arrow.matches(bare, _SHAPED))  # words have dots too
    comma = arrow.matches(bare, ",")
    dot = arrow.matches(bare, r"\.")
    both = comma & dot
    votes = {",": 0, ".": 0}
    if both.any():
        last_comma = arrow.matches(bare, r"\.\d{3},\d+$|^[^,]*\.[^.]*,\d*$")
        votes[","] += int((both & last_comma).sum())
        votes["."] += int((both & ~last_comma).sum())
    for sign, other, only in ((",", ".", comma & ~dot), (".", ",", dot & ~comma)):
        if not only.any():
            continue
        escaped = rf"\{sign}"
        repeated = only & arrow.matches(bare, rf"{escaped}\d{{3}}{escaped}")
        three = only & ~repeated & arrow.matches(bare, rf"{escaped}\d{{3}}$")
        votes[other] += int(repeated.sum())
        votes[sign] += int((only & ~repeated & ~three).sum())
        votes[sign] += int(_three_are_decimals(bare, three, only, escaped, whole, habit == other))
    if votes[","] == votes["."] == 0:
        if habit is None and not whole and (comma ^ dot).any():
            return NumberStyle(_small_beside_grouped(bare, comma, dot) or ".")
        return NumberStyle(habit or ".", sure=not (comma.any() or dot.any()) or bool(habit))
    return NumberStyle("," if votes[","] > votes["."] else ".", sure=True)


def parse(column: pa.Array, style: NumberStyle) -> Numbers:
    """Read a column of numbers written in one style.

    Currency signs, codes and tax marks around a number are left out; parentheses and a trailing
    minus make it negative; what is not a number is NaN and `unread`.
    """
    few = arrow.distinct(column)
    if few:
        return parse(few[0], style).take(few[1])
    given = arrow.known(column)
    plain = _PLAIN if style.decimal == "." else _PLAIN_COMMA
    if arrow.matches(column, plain)[given].all():
        number = pc.replace_substring(column, ",", ".") if style.decimal == "," else column
        return _cast(number, given, given.copy(), np.zeros(len(column), dtype=bool))
    given = arrow.known(arrow.trim(column))
    bare = _bare(column)
    thousands, decimal = rf"\{style.thousands}", rf"\{style.decimal}"
    grouped = rf"^[+-]?\d{{1,3}}(?:{thousands}\d{{3}})+(?:{decimal}\d*)?$"
    single = rf"^[+-]?(?:\d+(?:{decimal}\d*)?|{decimal}\d+)$"
    # The other sign once, not before three digits: it can only be a decimal sign.
    foreign = rf"^[+-]?(?:\d+{thousands}(?:\d{{1,2}}|\d{{4,}})|0{thousands}\d+)$"
    # Both signs, or one repeated, the other way round: it groups thousands.
    reverse = (
        rf"^[+-]?\d{{1,3}}(?:{decimal}\d{{3}})+{thousands}\d*$"
        rf"|^[+-]?[1-9]\d{{0,2}}(?:{decimal}\d{{3}}){{2,}}$"
    )
    is_single = arrow.matches(bare, single)
    is_grouped = arrow.matches(bare, grouped) & ~arrow.matches(bare, rf"^[+-]?0{thousands}")
    is_foreign = ~is_single & ~is_grouped & arrow.matches(bare, rf"{foreign}|{reverse}")
    number = pc.replace_substring(bare, style.thousands, "")
    number = pc.replace_substring(number, style.decimal, ".")
    if is_foreign.any():
        turned = pc.if_else(
            pa.array(arrow.matches(bare, reverse)),
            pc.replace_substring(bare, style.decimal, ""),
            bare,
        )
        turned = pc.replace_substring(turned, style.thousands, ".")
        number = pc.if_else(pa.array(is_foreign), turned, number)
    return _cast(number, given, given & (is_single | is_grouped | is_foreign), is_foreign & given)


def are_numeric(column: pa.Array) -> np.ndarray:
    """Boolean array: the cell is a number in some style."""
    return arrow.matches(_bare(column), _SHAPED)


def numeric_share(column: pa.Array) -> float:
    """Return the share (0-1) of filled cells that are a number in some style."""
    given = arrow.known(arrow.trim(column))
    return float(are_numeric(column)[given].mean()) if given.any() else 0.0


def _three_are_decimals(
    bare: pa.Array,
    three: np.ndarray,
    only: np.ndarray,
    escaped: str,
    whole: bool,
    against_habit: bool,
) -> int:
    """Votes of cells with one sign and three digits after it: `1,234` or `489,000`.

    They are decimals when one starts with zero (`0,450`), or when every number of the column has
    exactly three (a fixed format); thousands when smaller numbers stand without a sign. A fixed
    format that would go against the habit of the file must at least fill up with zeros.
    """
    if not three.any():
        return 0
    leading_zero = arrow.matches(bare, rf"^[+-]?0{escaped}\d{{3}}$|^[+-]?0\d+{escaped}")
    if (three & leading_zero).any():
        return int(three.sum())
    long_head = arrow.matches(bare, rf"^[+-]?\d{{4,}}{escaped}\d{{3}}$")
    if (three & long_head).any():
        return int(three.sum())
    numbers = arrow.matches(bare, r"^[+-]?\d[\d.,]*$")
    if (only & ~three).any():
        return int(three.sum())
    if (numbers & three).sum() == numbers.sum():
        zeros = arrow.matches(bare, rf"{escaped}000$")
        if whole:
            return int(three.sum()) if (zeros & three).sum() == three.sum() > 1 else -1
        padded = arrow.matches(bare, "0$")[three].all()
        return 0 if against_habit and not padded else int(three.sum())
    return -int(three.sum()) if whole else 0


def _small_beside_grouped(bare: pa.Array, comma: np.ndarray, dot: np.ndarray) -> str | None:
    """Return the decimal sign of a column whose numbers group by three from a thousand on.

    None where some number from a thousand on stands without a sign, or none below it does.
    """
    if comma.any() and dot.any():
        return None
    small = arrow.matches(bare, r"^[+-]?\d{1,3}$")
    grouped = arrow.matches(bare, r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$")
    if not small.any() or not (small | grouped | ~arrow.known(bare)).all():
        return None
    return "." if comma.any() else ","


def _bare(column: pa.Array) -> pa.Array:
    """Strip a column of all but digits, signs and separators; odd cells keep their letters."""
    bare = pc.replace_substring_regex(column, _BLANKS, "")
    messy = arrow.matches(bare, r"[^\d.,+-]")
    if messy.any():
        rows = pa.array(np.flatnonzero(messy))
        cleaned = pc.replace_substring_regex(column.take(rows), _EURO_INSIDE, r"\1,\2")
        cleaned = pc.replace_substring_regex(cleaned, _GLUED, r"\1\3 \2\4")
        cleaned = pc.replace_substring_regex(cleaned, _AROUND, " ")
        cleaned = pc.utf8_trim_whitespace(pc.replace_substring_regex(cleaned, _BLANKS, " "))
        bare = pc.replace_with_mask(bare, pa.array(messy), cleaned)
        bare = pc.if_else(_torn(bare), bare, pc.replace_substring_regex(bare, _BLANKS, ""))
        bare = pc.replace_substring_regex(bare, r"^\((.*)\)$", r"-\1")
    torn = _torn(column)
    if pc.any(torn).as_py():
        bare = pc.if_else(torn, column, bare)
    return pc.replace_substring_regex(
        pc.replace_substring_regex(
            pc.replace_substring_regex(bare, "[−–—]", "-"), r"^([\d.,]*\d)-$", r"-\1"
        ),
        r"[.,]-*$",
        "",
    )


def _torn(column: pa.Array) -> pa.Array:
    """Booleans: blanks between digits do not group them by three (`12 50`, `57  (34,2)`)."""
    split = pc.match_substring_regex(column, _SPLIT_DIGITS)
    if not pc.any(split).as_py():
        return split
    return pc.and_(split, pc.invert(pc.match_substring_regex(column, _GROUPED_BY_BLANKS)))


def _cast(number: pa.Array, given: np.ndarray, valid: np.ndarray, odd: np.ndarray) -> Numbers:
    if valid.all():
        usable = number
    else:
        usable = pc.if_else(pa.array(valid), number, pa.scalar(None, pa.large_string()))
    usable = pc.replace_substring_regex(usable, r"^\+", "") if _any_plus(usable) else usable
    value = np.asarray(pc.cast(usable, pa.float64()).to_numpy(zero_copy_only=False)).copy()
    value[~np.isfinite(value)] = np.nan
    return Numbers(value, given, odd)


def _any_plus(array: pa.Array) -> bool:
    return bool(pc.any(pc.starts_with(array, "+")).as_py())
