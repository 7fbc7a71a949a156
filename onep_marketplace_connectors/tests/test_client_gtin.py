"""The pivot: every spelling of an article number ends in one form or in a reason."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..clients import gtin


def check_digit(body):
    """The digit that completes the others: by hand, three times every other one from the right."""
    weighed = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return -weighed % 10


# given, canonical, rule
CASES = [
    # well formed
    ("3760456000012", "03760456000012", None),
    ("03760456000012", "03760456000012", None),
    ("4006381333931", "04006381333931", None),
    ("036000291452", "00036000291452", None),
    ("96385074", "00000096385074", None),
    ("14006381333938", "14006381333938", None),
    (4006381333931, "04006381333931", None),
    # repaired
    (4006381333931.0, "04006381333931", "gtin-decimal"),
    ("4006381333931.0", "04006381333931", "gtin-decimal"),
    ("4006381333931,00", "04006381333931", "gtin-decimal"),
    ("3 760456 000012", "03760456000012", "gtin-cleaned"),
    ("3760456\u00a0000012", "03760456000012", "gtin-cleaned"),
    ("'4006381333931", "04006381333931", "gtin-cleaned"),
    ('="4006381333931"', "04006381333931", "gtin-cleaned"),
    ("4-006381-333931", "04006381333931", "gtin-cleaned"),
    ("4.006.381.333.931", "04006381333931", "gtin-cleaned"),
    ("  4006381333931 ", "04006381333931", None),
    ("36000291452", "00036000291452", "gtin-zeros"),
    ("3.760456000012E12", "03760456000012", "gtin-scientific"),
    ("3,760456000012e+12", "03760456000012", "gtin-scientific"),
    ("EAN4006381333931", "04006381333931", "gtin-label"),
    ("EAN 4006381333931", "04006381333931", "gtin-label"),
    ("EAN13: 4006381333931", "04006381333931", "gtin-label"),
    ("gtin=04006381333931", "04006381333931", "gtin-label"),
    ("0306406152", "09780306406157", "gtin-isbn10"),
    ("2-07-036822-X", "09782070368228", "gtin-isbn10"),
    ("080442957X", "09780804429573", "gtin-isbn10"),
    ("ISBN 0-8044-2957-X", "09780804429573", "gtin-isbn10"),
    ("4006381333931;5901234123457", "04006381333931", "gtin-several"),
    ("4006381333932, 5901234123457", "05901234123457", "gtin-several"),
    ("4006381333931 5901234123457", "04006381333931", "gtin-several"),
    ("4006381333931|4006381333931", "04006381333931", "gtin-several"),
    # refused
    ("4006381333932", None, "gtin-check-digit"),
    ("3600000000001", None, "gtin-check-digit"),
    ("0804429570", None, "gtin-check-digit"),
    ("3,76046E+12", None, "gtin-scientific-lossy"),
    ("4.00638E12", None, "gtin-scientific-lossy"),
    ("EAN090909", None, "gtin-length"),
    ("17", None, "gtin-length"),
    ("123456789012345", None, "gtin-length"),
    ("abc", None, "gtin-not-a-number"),
    ("40063813339A1", None, "gtin-not-a-number"),
    ("0000000000000", None, "gtin-placeholder"),
    ("0", None, "gtin-placeholder"),
    ("1111111111111", None, "gtin-placeholder"),
    ("1234567890128", None, "gtin-placeholder"),
    ("n/a", None, "gtin-placeholder"),
    ("-", None, "gtin-placeholder"),
    # means something in one company only
    ("2000000000015", "02000000000015", "gtin-restricted"),
    ("0200000000011", "00200000000011", "gtin-restricted"),
    ("0412345678903", "00412345678903", "gtin-restricted"),
    ("9800000000007", "09800000000007", "gtin-restricted"),
    # nothing
    (None, None, None),
    ("", None, None),
    ("   ", None, None),
    (float("nan"), None, None),
]


class TestGtin(BaseCase):
    def test_each_spelling(self):
        column = gtin.canonical([value for value, _gtin, _rule in CASES])
        for (value, expected, rule), found, code, reason in zip(
            CASES, column.gtin, column.rule, column.reason, strict=True
        ):
            with self.subTest(value=value):
                self.assertEqual(found, expected)
                self.assertEqual(code, rule)
                self.assertEqual(reason, gtin.RULES.get(rule))

    def test_a_column_reads_as_its_cells(self):
        values = [value for value, _gtin, _rule in CASES]
        whole = gtin.canonical(values).gtin.tolist()
        self.assertEqual(whole, [gtin.canonical([value]).gtin[0] for value in values])

    def test_columns_of_every_kind(self):
        expected = ["04006381333931", None]
        for column in (
            pd.Series(["4006381333931", None], dtype="str"),
            pd.Series(["4006381333931", None], dtype=object),
            np.array(["4006381333931", ""], dtype=object),
            ["4006381333931", None],
        ):
            self.assertEqual(gtin.canonical(column).gtin.tolist(), expected)
        self.assertEqual(len(gtin.canonical([])), 0)

    def test_refused(self):
        column = gtin.canonical(["4006381333931", "4006381333932", None, "2000000000015"])
        self.assertEqual(column.refused.tolist(), [False, True, False, False])

    def test_restricted(self):
        self.assertTrue(gtin.is_restricted("02000000000015"))
        self.assertTrue(gtin.is_restricted("00000020000004"))
        self.assertFalse(gtin.is_restricted("04006381333931"))
        self.assertFalse(gtin.is_restricted("00000096385074"))
        self.assertEqual(gtin.restricted(["02000000000015", None]).tolist(), [True, False])

    def test_spellings(self):
        self.assertEqual(gtin.spellings("04006381333931"), ["4006381333931", "04006381333931"])
        self.assertEqual(
            gtin.spellings("00036000291452"), ["0036000291452", "036000291452", "00036000291452"]
        )
        self.assertEqual(gtin.spellings("00000096385074")[0], "96385074")
        self.assertEqual(gtin.spellings("14006381333938"), ["14006381333938"])

    def test_missing_check_digits_are_the_columns_matter(self):
        bodies = [f"3760456{number:05d}" for number in range(40)]
        self.assertTrue(gtin.lacks_check_digit(bodies))
        whole = [body + str(check_digit(body)) for body in bodies]
        self.assertFalse(gtin.lacks_check_digit(whole))
        completed = gtin.canonical(bodies, complete=True)
        lacking = completed.rule == "gtin-completed"
        self.assertGreater(lacking.sum(), 30)
        self.assertEqual(
            completed.gtin[lacking].tolist(), [f"0{code}" for code in np.array(whole)[lacking]]
        )

    def test_a_body_that_passes_by_chance_is_no_upc(self):
        """3760… starts no UPC: it is completed; 8001… may be either and stays out."""
        french = [f"3760456{number:05d}" for number in range(40)]
        self.assertEqual(
            set(gtin.canonical(french, complete=True).gtin),
            {f"0{body}{check_digit(body)}" for body in french},
        )
        italian = [f"8001456{number:05d}" for number in range(40)]
        by_chance = gtin.is_valid(italian)
        self.assertTrue(by_chance.any())
        found = gtin.canonical(italian, complete=True)
        self.assertEqual(set(found.rule[by_chance]), {"gtin-doubtful"})
        self.assertFalse(pd.notna(found.gtin[by_chance]).any())

    def test_codes_of_ones_own_are_no_eans(self):
        own = [f"2{number * 7919:09d}" for number in range(60)]
        self.assertTrue(gtin.is_valid(own).any())
        doubted = gtin.doubted_lengths([*own, "4006381333931", "96385074"])
        self.assertEqual(doubted, {10})
        found = gtin.canonical([*own, "4006381333931"], doubted=doubted)
        self.assertEqual(pd.notna(found.gtin).sum(), 1)
        self.assertEqual(set(found.rule[:-1]), {"gtin-doubtful", "gtin-check-digit"})
        lost_zeros = [f"{number:011d}" for number in range(36000291450, 36000292450)]
        upcs = [code.lstrip("0") for code in lost_zeros if gtin.is_valid([code])[0]]
        self.assertEqual(gtin.doubted_lengths(upcs), frozenset())

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet="0123456789", min_size=7, max_size=13))
    def test_a_completed_body_is_valid_in_every_spelling(self, body):
        code = body + str(check_digit(body))
        canonical = gtin.canonical([code]).gtin[0]
        if canonical is None:  # repeated digits, an ISBN-10 that fails, or a manual's example
            return
        if len(code) != 10:
            self.assertEqual(canonical, code.zfill(14))
        for spelling in gtin.spellings(canonical):
            self.assertEqual(gtin.canonical([spelling]).gtin[0], canonical)

    def test_a_number_longer_than_any_gtin_leaves_the_others_alone(self):
        found = gtin.canonical(["1,0899517746188552E+16", "3760000000017"])
        self.assertEqual(list(found.gtin), [None, "03760000000017"])
        self.assertEqual(list(found.rule), ["gtin-length", None])

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats())))
    def test_anything_ends_in_a_gtin_or_a_reason(self, values):
        column = gtin.canonical(values)
        for value, code, rule in zip(values, column.gtin, column.rule, strict=True):
            if code is not None:
                self.assertRegex(code, r"^\d{14}$")
                self.assertEqual(str(check_digit(code[:-1])), code[-1])
            elif value is not None and value == value and str(value).strip("\x1f").strip():
                self.assertIn(rule, gtin.RULES)
        again = gtin.canonical(column.gtin)
        self.assertEqual(again.gtin.tolist(), column.gtin.tolist())
