"""Numbers of goods: GTINs, the market's own 50,000 of them, and Amazon's ASINs."""

from __future__ import annotations

import hashlib

#: how many GTINs the market is said to hold, beside the demo suppliers'
COUNT = 50_000
#: ISBN, two French and a German prefix, and American ones that are printed as UPC
_PREFIXES = ("978", "3760", "3401", "4012", "0", "5410", "8711")

_ASIN_SPACE = 36**8
_ASIN_FACTOR = 1_000_000_007 * 5  # odd and not a multiple of 3: invertible
_ASIN_INVERSE = pow(_ASIN_FACTOR, -1, _ASIN_SPACE)
_ASIN_SHIFT = 271_828_182_845
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT_SET = frozenset(_DIGITS)


def check_digit(body: str) -> int:
    """Last digit of a GTIN-14 of these 13."""
    odd, even = sum(map(int, body[0::2])), sum(map(int, body[1::2]))
    return -(3 * odd + even) % 10


def is_gtin(digits: str) -> bool:
    """Whether a text is 14 digits that end with the right check digit."""
    return (
        len(digits) == 14
        and digits.isascii()
        and digits.isdigit()
        and check_digit(digits[:13]) == int(digits[13])
    )


def gtins(count: int = COUNT, seed: int = 1) -> list[str]:
    """GTIN-14s of the market, always the same for a seed; a smaller count is a beginning of a
    larger one.
    """
    found: dict[str, None] = {}
    number = 0
    while len(found) < count:
        digest = hashlib.blake2b(f"{seed}|gtin|{number}".encode(), digest_size=16).digest()
        number += 1
        prefix = _PREFIXES[digest[0] % len(_PREFIXES)]
        digits = str(int.from_bytes(digest[1:9])).zfill(20)
        body = f"0{prefix}{digits[-12 + len(prefix) :]}"
        if not body.startswith(("002", "004", "00000")):  # in-store numbers and EAN-8s
            found[f"{body}{check_digit(body)}"] = None
    return list(found)


def asin(gtin: str, candidate: int = 0) -> str:
    """Amazon's number of a GTIN's n-th product; :func:`gtin_of` undoes it."""
    number = (int(gtin[:13]) * _ASIN_FACTOR + _ASIN_SHIFT) % _ASIN_SPACE
    text = ""
    for _digit in range(8):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return f"B{candidate}{text}"


def gtin_of(code: str) -> tuple[str, int] | None:
    """GTIN and candidate number of an ASIN, None when it is none of ours."""
    if len(code) != 10 or code[0] != "B" or not code[1].isdigit() or not set(code) <= _DIGIT_SET:
        return None
    number = (int(code[2:], 36) - _ASIN_SHIFT) * _ASIN_INVERSE % _ASIN_SPACE
    body = f"{number:013d}"
    if len(body) != 13:
        return None
    return f"{body}{check_digit(body)}", int(code[1])
