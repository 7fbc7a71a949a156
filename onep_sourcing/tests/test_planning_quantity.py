import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_margin.engine.price_tiers import PriceTiers
from odoo.addons.onep_sourcing.planning import quantity

NAN = float("nan")


@tagged("standard", "post_install", "-at_install")
class TestPlanningQuantity(BaseCase):
    """Hand-worked quantities: wanted, minimum, pack, stock → quantity, reason."""

    cases = (
        ((NAN, 0, 0, NAN), (1, "single")),
        ((NAN, 6, 0, NAN), (6, "minimum")),
        ((NAN, 0, 4, NAN), (4, "pack")),
        ((NAN, 6, 4, NAN), (8, "pack")),
        ((25, 6, 0, NAN), (25, "demand")),
        ((25, 6, 10, NAN), (30, "pack")),
        ((3, 6, 0, NAN), (6, "minimum")),
        ((-5, 6, 0, NAN), (6, "covered")),
        ((25, 6, 0, 20), (20, "stock")),
        ((25, 6, 10, 27), (20, "stock")),
        ((NAN, 6, 0, 5), (0, "stock_short")),
        ((NAN, 0, 0, 0), (0, "stock_short")),
    )

    def test_cases(self):
        advice = quantity.recommend(*zip(*(given for given, _wanted in self.cases), strict=True))
        self.assertEqual(
            list(zip(advice.quantity.tolist(), advice.keys(), strict=True)),
            [wanted for _given, wanted in self.cases],
        )

    def test_orderable(self):
        self.assertEqual(
            quantity.to_orderable([3, 9, 0, 5], [6, 6, 6, 0], [4, 4, 4, 0]).tolist(), [8, 12, 0, 5]
        )

    def test_a_better_tier_is_taken_where_it_pays(self):
        """At 10.00, from 50 at 9.00: (wanted, most, pack, stock) → quantity, reason."""
        cases = (
            # 40 cost 400, 50 cost 450: 40 saved for 50 more.
            ((40, 80, 0, NAN), (50, "tier")),
            # 30 cost 300, 50 cost 450: 30 saved for 150 more, 20 %.
            ((30, 60, 0, NAN), (50, "tier")),
            # 13 saved for 320 more: 4 %.
            ((13, 60, 0, NAN), (13, "demand")),
            # Two cover periods sell 44 only.
            ((22, 44, 0, NAN), (22, "demand")),
            # By packs of 12, the tier starts at 60: 480 → 540, 48 saved for 60 more.
            ((48, 96, 12, NAN), (60, "tier")),
            ((40, 80, 0, 45), (40, "demand")),
            # By packs of 46, the tier would take two: nobody knows whether they sell.
            ((NAN, NAN, 46, NAN), (46, "pack")),
            ((-1, 80, 0, NAN), (1, "covered")),
        )
        wanted, most, pack, stock = np.array([given for given, _told in cases], float).T
        count = len(cases)
        tiers = PriceTiers(np.arange(count + 1), np.full(count, 50.0), np.full(count, 9.0))
        advice = quantity.recommend(wanted, np.zeros(count), pack, stock)
        advice = quantity.raise_to_tier(advice, most, np.full(count, 10.0), tiers, pack, stock)
        self.assertEqual(
            list(zip(advice.quantity.tolist(), advice.keys(), strict=True)),
            [told for _given, told in cases],
        )

    def test_more_for_less_is_taken_whatever_sells(self):
        tiers = PriceTiers([0, 1], [50.0], [9.0])
        advice = quantity.recommend([NAN], [46.0], [0.0], [NAN])
        advice = quantity.raise_to_tier(advice, [NAN], [10.0], tiers, [0.0], [NAN])
        self.assertEqual((advice.quantity[0], advice.keys()), (50.0, ["tier"]))

    def test_what_fits_a_budget(self):
        amounts = [60.0, 50.0, NAN, 40.0, 1.0]
        self.assertEqual(
            quantity.within(100.0, None, amounts).tolist(), [True, False, False, True, False]
        )
        self.assertEqual(
            quantity.within(float("inf"), 2, amounts).tolist(), [True, True, False, False, False]
        )

    @settings(max_examples=50, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.one_of(st.just(NAN), st.integers(-50, 500)),
                st.integers(0, 60),
                st.integers(0, 30),
                st.one_of(st.just(NAN), st.integers(0, 400)),
                st.integers(2, 200),
                st.floats(0.3, 1.2),
            ),
            min_size=1,
            max_size=30,
        )
    )
    def test_no_advice_breaks_minimum_pack_or_stock(self, rows):
        wanted, minimum, pack, stock, start, share = np.array(rows, float).T
        tiers = PriceTiers(np.arange(len(rows) + 1), start, 10.0 * share)
        advice = quantity.recommend(wanted, minimum, pack, stock)
        advice = quantity.raise_to_tier(
            advice, wanted * 2, np.full(len(rows), 10.0), tiers, pack, stock
        )
        bought = advice.quantity > 0
        units = np.where(pack > 0, pack, 1.0)
        self.assertTrue((advice.quantity[bought] >= minimum[bought]).all())
        self.assertTrue((np.mod(advice.quantity, units) == 0).all())
        self.assertFalse((advice.quantity > stock).any())
