"""GTIN: the pivot between what suppliers sell and what marketplaces show.

Every spelling of an article number (EAN-8, UPC-12, EAN-13, GTIN-14, ISBN-10, lost leading zeros,
spreadsheet notation, glued labels) ends in one canonical form, 14 digits of text, or in nothing
with the rule that says why. Whole columns are treated at once; no Python runs per value.

The check digit is the same whatever the padding, since weights count from the right: a number that
lost its leading zeros can be restored without guessing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .gtin_digits import (
    LENGTH,
    WEIGHTS,
    as_mask,
    as_text,
    digit_matrix,
    keep_where,
    matrix_text,
    numbers,
    passes,
    put_at,
    with_check_digit,
)

_OWN_LENGTHS = (8, 9, 10, 11)  # of codes that are taken for EANs
_UPC_STARTS = (0, 1, 6, 7, 8)  # what is sold anywhere; the others are coupons, weights, drugs
SHORTEST = 8  # below, any number would pass for one whose zeros were lost


def _(text: str) -> str:
    """Mark an English text for extraction into the addon's .po files; returns it as it is."""
    return text


#: What was repaired: the value stays usable.
REPAIRS = {
    "gtin-cleaned": _("Spaces, hyphens or quotes were removed from the EAN."),
    "gtin-decimal": _("The EAN was written as a decimal number; the decimals were removed."),
    "gtin-scientific": _("The EAN in scientific notation had all its digits; it was written out."),
    "gtin-label": _("A label was glued to the EAN; it was removed."),
    "gtin-zeros": _("The EAN had lost its leading zeros; they were restored."),
    "gtin-isbn10": _("The ISBN-10 was turned into its EAN."),
    "gtin-several": _("The cell held several EANs; the first valid one was kept."),
    "gtin-completed": _("The EAN lacked its check digit; it was computed."),
}
#: What makes a value unusable as a pivot.
REFUSALS = {
    "gtin-check-digit": _("The check digit of the EAN is wrong."),
    "gtin-doubtful": _(
        "The number passes for an EAN by chance: most of its column that are as long do not."
    ),
    "gtin-length": _("An EAN has 8, 12, 13 or 14 digits."),
    "gtin-not-a-number": _("The EAN is not a number."),
    "gtin-scientific-lossy": _("The EAN was in scientific notation and has lost digits."),
    "gtin-placeholder": _("The EAN is a placeholder, not an article number."),
}
#: Valid numbers that mean something only inside one company.
FLAGS = {
    "gtin-restricted": _(
        "The EAN is an in-store or coupon number: it means nothing outside "
        "the company that wrote it."
    ),
}
RULES = REPAIRS | REFUSALS | FLAGS

_ISBN10_WEIGHTS = np.arange(10, 1, -1, dtype=np.int64)
_LABEL = (
    r"(?i)^\s*(?:ean|gtin|upc|isbn|code[ -]?barres?|barcode|gencod)"
    r"(?:[-_ ]?(?:8|10|12|13|14|a|e)?[\s:#=._-]+)?"
)
_NOISE = r"[\s\x{00a0}\x{202f}\x{200b}\x{feff}'\"`´’=‐-–-]"
_GROUPED = r"^\d{1,3}(?:[.,]\d{3}){2,}$"
_SCIENTIFIC = r"^(?P<head>\d)(?:[.,](?P<tail>\d*))?[eE]\+?(?P<power>\d{1,2})$"
_EMPTY_WORDS = r"(?i)^(?:0+|-+|n\.?/?a\.?|nan|null|none|vide|sans|aucun|keine?|no|n/?d|\?+|x+)$"
_REPUNITS = np.array([0, *((10**length - 1) // 9 for length in range(1, LENGTH + 1))])
_SAMPLES = (1234567890128, 123456789012, 12345670)  # found in every manual


@dataclass(frozen=True, slots=True)
class GtinColumn:
    """Canonical GTINs of a column, arrays of equal length n.

    gtin: 14-digit text, or None when there is none to use
    rule: code of RULES when the value was repaired, refused or flagged; None when it was empty or
        already fine
    reason: the English text of that rule, or None
    """

    gtin: np.ndarray
    rule: np.ndarray
    reason: np.ndarray

    def __len__(self) -> int:
        """Return n."""
        return len(self.gtin)

    @property
    def refused(self) -> np.ndarray:
        """Boolean array (n): a value was given and cannot be used."""
        return np.isin(self.rule.astype("U32"), list(REFUSALS))


def canonical(
    values: Iterable, *, complete: bool = False, doubted: Collection[int] = ()
) -> GtinColumn:
    """Return the canonical GTIN-14 of each value, with what was repaired or refused.

    values: n texts or numbers, None or NaN where unknown
    complete: compute the check digit of 12-digit numbers (only when the whole column is known to
        lack it; see `lacks_check_digit`); those that pass as UPC too are left out, unless no UPC
        starts like them
    doubted: lengths of which numbers are not believed; see `doubted_lengths`

    Restricted numbers are returned (they are well formed) under the rule `gtin-restricted`: who
    matches across companies must leave them out.
    """
    text = as_text(values)
    digits, rule = _extract(text)
    gtin, rule = _validate(digits, rule, complete, doubted)
    return _column(gtin, rule)


def lacks_check_digit(values: Iterable) -> bool:
    """Tell whether a column holds EAN-13 without their last digit: 12 digits that fail as UPC.

    One in ten would pass by chance; at least ten values are wanted, most of them failing.
    """
    digits, _rule = _extract(as_text(values))
    twelve = digits.filter(pc.fill_null(pc.equal(pc.utf8_length(digits), 12), False))
    if len(twelve) < 10:
        return False
    return float(passes(digit_matrix(twelve)).mean()) < 0.3


def doubted_lengths(values: Iterable) -> frozenset[int]:
    """Return the lengths of a column's numbers that are codes of its author, no EANs.

    One number in ten has the right check digit by chance: of such a length less than three in ten
    do, among ten numbers at least.
    """
    digits, _rule = _extract(as_text(values))
    digits = digits.drop_null()
    length = np.asarray(pc.utf8_length(digits))
    found = set()
    for number in _OWN_LENGTHS:
        some = digits.filter(pa.array(length == number))
        if len(some) >= 10 and is_valid(some).mean() < 0.3:
            found.add(number)
    return frozenset(found)


def is_valid(values: Iterable) -> np.ndarray:
    """Boolean array (n): the value has a usable article number, whatever its spelling."""
    return pd.notna(canonical(values).gtin)


def is_restricted(gtin: str) -> bool:
    """Tell whether a canonical GTIN means something only inside one company.

    In-store numbers (EAN 02, 04, 2x; EAN-8 0x, 2x), refund receipts and coupons (980-984, 99).
    """
    return bool(restricted([gtin])[0])


def restricted(gtins: Iterable) -> np.ndarray:
    """Boolean array (n): `is_restricted` of each canonical GTIN; False where None."""
    text = as_text(gtins)
    known = as_mask(pc.is_valid(text))
    known[known] = _restricted(numbers(digit_matrix(text.drop_null())))
    return known


def printed(gtin: str) -> str:
    """A canonical GTIN as it is printed: 13 digits, 8 for an EAN-8, 14 when it needs them."""
    return gtin[6:] if gtin.startswith("000000") else gtin.removeprefix("0")


def spellings(gtin: str) -> list[str]:
    """Return every usual spelling of a canonical GTIN, the one printed on the article first.

    Use it to look a number up where people type barcodes: `spellings("00012345678905")` is
    `["0012345678905", "012345678905", "00012345678905"]`.
    """
    lengths = [length for length in (8, 13, 12) if not gtin[: LENGTH - length].strip("0")]
    return [gtin[LENGTH - length :] for length in lengths] + [gtin]


def _extract(text: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Return the digits each cell holds (null when none) and the rule that got or refused them."""
    trimmed = pc.utf8_trim_whitespace(text)
    rule = np.full(len(text), None, dtype=object)
    plain = as_mask(pc.match_substring_regex(trimmed, r"^\d{1,14}$"))
    filled = as_mask(pc.greater(pc.utf8_length(trimmed), 0))
    digits = pc.if_else(pa.array(plain), trimmed, pa.scalar(None, pa.string()))
    rule[plain & as_mask(pc.match_substring_regex(trimmed, r"^0+$"))] = "gtin-placeholder"
    odd = np.flatnonzero(filled & ~plain)
    if odd.size:
        odd_digits, odd_rule = _extract_odd(trimmed.take(pa.array(odd)))
        digits = put_at(digits, odd, odd_digits)
        rule[odd] = odd_rule
    return digits, rule


def _extract_odd(text: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Extract digits from cells that are not plain numbers; each stage takes what it knows."""
    rule = np.full(len(text), "gtin-not-a-number", dtype=object)
    digits = pa.nulls(len(text), pa.string())
    pending = np.ones(len(text), dtype=bool)

    def settle(found: pa.Array, code: str) -> None:
        nonlocal digits
        hit = pending & as_mask(pc.is_valid(found))
        digits = pc.if_else(pa.array(hit), found, digits)
        rule[hit] = code
        pending[hit] = False

    empty = as_mask(pc.match_substring_regex(text, _EMPTY_WORDS))
    rule[empty] = "gtin-placeholder"
    pending &= ~empty
    unlabelled = pc.replace_substring_regex(text, _LABEL, "")
    labelled = pc.not_equal(unlabelled, text)
    compact = pc.replace_substring_regex(unlabelled, _NOISE, "")

    settle(
        keep_where(
            pc.match_substring_regex(compact, r"^\d{8,14}[.,]0+$"),
            pc.replace_substring_regex(compact, r"[.,]0+$", ""),
        ),
        "gtin-decimal",
    )
    written, lossy = _scientific(compact)
    settle(written, "gtin-scientific")
    rule[pending & lossy] = "gtin-scientific-lossy"
    pending &= ~lossy
    isbn = pc.match_substring_regex(compact, r"^\d{9}[xX]$")
    settle(keep_where(isbn, pc.utf8_upper(compact)), "gtin-isbn10")
    number = pc.match_substring_regex(compact, r"^\d{1,14}$")
    settle(keep_where(pc.and_(number, labelled), compact), "gtin-label")
    settle(keep_where(number, compact), "gtin-cleaned")
    grouped = pc.match_substring_regex(compact, _GROUPED)
    settle(keep_where(grouped, pc.replace_substring_regex(compact, r"[.,]", "")), "gtin-cleaned")

    # Spaces may separate codes as well as cut one, so this looks at what the others left.
    several = np.flatnonzero(pending & as_mask(pc.match_substring_regex(text, r"\d{7}.*\D.*\d{7}")))
    if several.size:
        settle(
            put_at(
                pa.nulls(len(text), pa.string()),
                several,
                _first_valid(text.take(pa.array(several))),
            ),
            "gtin-several",
        )
    rule[pending & as_mask(pc.match_substring_regex(compact, r"^\d{15,}$"))] = "gtin-length"
    return digits, rule


def _scientific(text: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Write scientific notation out; null unless every digit is there, and a mask of lossy ones."""
    parts = pc.extract_regex(text, _SCIENTIFIC)
    head, tail = pc.struct_field(parts, "head"), pc.struct_field(parts, "tail")
    power = pc.fill_null(pc.cast(pc.struct_field(parts, "power"), pa.int64()), -1)
    length = pc.fill_null(pc.utf8_length(tail), 0)
    matched = as_mask(pc.greater_equal(power, 0))
    lossless = matched & as_mask(pc.equal(length, power))
    joined = pc.binary_join_element_wise(head, tail, "")
    return pc.if_else(pa.array(lossless), joined, pa.scalar(None, pa.string())), matched & ~lossless


def _first_valid(text: pa.Array) -> pa.Array:
    """Return the first valid GTIN among those each cell lists, null when none is."""
    lists = pc.split_pattern_regex(text, r"[^0-9]+")
    parent = np.asarray(pc.list_parent_indices(lists))
    flat = pc.list_flatten(lists)
    found, _rule = _validate(flat, np.full(len(flat), None, dtype=object))
    kept = np.flatnonzero(pd.notna(found))
    owners, first = np.unique(parent[kept], return_index=True)
    result = np.full(len(text), None, dtype=object)
    result[owners] = found[kept[first]]
    return pa.array(result, pa.string())


def _validate(
    digits: pa.Array, rule: np.ndarray, complete: bool = False, doubted: Collection[int] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Check digits of any length; return object arrays: GTIN-14 or None, and the rules."""
    count = len(digits)
    gtin = np.full(count, None, dtype=object)
    given = as_mask(pc.is_valid(digits))
    long = given & as_mask(pc.greater(pc.utf8_length(digits), LENGTH))
    if long.any():
        rule = rule.copy()
        rule[long] = "gtin-length"
    present = np.flatnonzero(given & ~long & (rule != "gtin-placeholder"))
    if not present.size:
        return gtin, rule
    digits = digits.take(pa.array(present))
    codes = rule[present]

    own = np.zeros(len(digits), dtype=bool)
    if doubted:
        own = np.isin(np.asarray(pc.utf8_length(digits)), list(doubted))
    digits, from_isbn = _isbn10_to_ean(digits)
    codes[from_isbn] = "gtin-isbn10"
    length = np.asarray(pc.utf8_length(digits))
    matrix = digit_matrix(digits)
    valid = passes(matrix)
    if complete:
        twelve = length == 12
        own |= twelve & valid & np.isin(matrix[:, 2], _UPC_STARTS)
        lacking = twelve & ~own
        matrix[lacking] = with_check_digit(matrix[lacking])
        valid |= lacking
        codes[lacking] = "gtin-completed"

    number = numbers(matrix)
    restored = np.flatnonzero(valid & (length >= 9) & (length <= 11) & ~from_isbn)
    codes[restored[codes[restored] == None]] = "gtin-zeros"  # noqa: E711 elementwise
    short = length < SHORTEST
    # one digit repeated, as written, whatever its padding
    placeholder = number == matrix[:, -1] * _REPUNITS[length]
    for sample in _SAMPLES:
        placeholder |= number == sample
    codes[valid & _restricted(number)] = "gtin-restricted"
    codes[~valid] = "gtin-check-digit"
    codes[valid & own] = "gtin-doubtful"
    codes[short] = "gtin-length"
    codes[placeholder] = "gtin-placeholder"
    usable = valid & ~own & ~short & ~placeholder
    gtin[present[usable]] = matrix_text(matrix[usable]).to_numpy(zero_copy_only=False)
    rule = rule.copy()
    rule[present] = codes
    return gtin, rule


def _isbn10_to_ean(digits: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Turn valid ISBN-10 into EAN-13 digits; return the column and the mask of those turned."""
    ten = as_mask(pc.equal(pc.utf8_length(digits), 10))
    turned = np.zeros(len(digits), dtype=bool)
    where = np.flatnonzero(ten)
    if not where.size:
        return digits, turned
    candidates = digits.take(pa.array(where))
    body = pc.utf8_slice_codeunits(candidates, 0, 9)
    last = pc.utf8_slice_codeunits(candidates, 9, 10)
    values = np.asarray(pc.cast(pc.replace_substring(pc.utf8_upper(last), "X", "10"), pa.int64()))
    matrix = digit_matrix(body)[:, LENGTH - 9 :].astype(np.int64)
    valid = (matrix @ _ISBN10_WEIGHTS + values) % 11 == 0
    ean = np.zeros((len(where), LENGTH), dtype=np.uint8)
    ean[:, 1:4] = (9, 7, 8)
    ean[:, 4:13] = matrix
    ean[:, 13] = -(ean[:, :13] @ WEIGHTS[:-1]) % 10
    turned[where[valid]] = True
    texts = pc.utf8_slice_codeunits(matrix_text(ean[valid]), 1, LENGTH)
    digits = put_at(digits, where[valid], texts)
    # An X that is no ISBN is no digit either: make it fail as a check digit, not as a crash.
    return pc.replace_substring_regex(digits, r"[xX]$", "0"), turned


def _restricted(number: np.ndarray) -> np.ndarray:
    """Boolean array (n): see `is_restricted`; of GTINs as numbers."""
    prefix = number // 10**10 % 1000  # the GS1 prefix follows the packaging digit
    ean8 = number < 10**8
    tens = prefix // 10
    company = (tens == 2) | (tens == 4) | (tens == 99) | (prefix // 100 == 2) | (prefix // 5 == 196)
    if not ean8.any():
        return company
    first = number // 10**7
    return np.where(ean8, (first == 0) | (first == 2), company)


def _column(gtin: np.ndarray, rule: np.ndarray) -> GtinColumn:
    reason = np.full(len(rule), None, dtype=object)
    told = np.flatnonzero(rule != None)  # noqa: E711 elementwise
    reason[told] = [RULES[code] for code in rule[told]]
    return GtinColumn(gtin, rule, reason)
