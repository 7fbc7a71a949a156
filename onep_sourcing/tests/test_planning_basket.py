"""Baskets worked by hand, against every basket tried, and what holds of any."""

import time
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_margin.engine.price_tiers import PriceTiers
from odoo.addons.onep_margin.engine.supplier_terms import SupplierTerms
from odoo.addons.onep_sourcing.planning import basket
from odoo.addons.onep_sourcing.planning.basket_terms import Limits, Offers, Suppliers

from . import random_baskets

NAN = float("nan")
SEEDS = st.integers(10_000, 1_000_000)


def suppliers(*rows, minimum_order=0.0, rate=1.0):
    terms = SupplierTerms.from_rows(
        [{"key": place, **row} for place, row in enumerate(rows or [{}])]
    )
    return Suppliers(terms, minimum_order=minimum_order, rate=rate)


def tiers(*lists):
    """Price lists of (quantity, price)."""
    first = np.cumsum([0] + [len(steps) for steps in lists])
    steps = [step for own in lists for step in own]
    return PriceTiers(first, [step[0] for step in steps], [step[1] for step in steps])


def offers(**columns):
    """Offers of different products, at 10 €, worth 15 €, of which 7 sell."""
    count = max(np.size(value) for name, value in columns.items() if name != "tiers")
    given_columns = {
        "key": np.arange(count),
        "product": np.arange(count),
        "supplier": 0,
        "price": np.full(count, 10.0),
        "value": 15.0,
        "demand": 7.0,
    }
    return Offers(**given_columns | columns)


@tagged("standard", "post_install", "-at_install")
class TestBasketByHand(BaseCase):
    """One limit at a time: quantities, reason, money."""

    def choose(self, of, *, by=None, **limits):
        found = basket.choose(of, by or suppliers(), Limits(**limits), gap=0.0)
        self.assertEqual(found.gap, 0.0)
        return found

    def assertLines(self, found, *lines):
        self.assertEqual(list(zip(found.quantity.tolist(), found.keys(), strict=True)), [*lines])

    def test_one_offer(self):
        for columns, line in (
            ({}, (7, "demand")),
            ({"demand": 7.5}, (7, "demand")),
            ({"demand": -2.0}, (0, "covered")),
            ({"pack": 4}, (4, "pack")),
            ({"pack": 8}, (0, "pack")),
            ({"minimum": 5}, (7, "demand")),
            ({"minimum": 8}, (0, "minimum")),
            ({"minimum": 5, "pack": 4}, (0, "pack")),
            ({"stock": 5}, (5, "stock")),
            ({"stock": 5, "pack": 2}, (4, "stock")),
            ({"stock": 50, "demand": np.inf}, (50, "stock")),
            ({"stock": 2, "minimum": 3}, (0, "stock_short")),
            ({"value": 10.0}, (0, "loss")),
            ({"price": NAN}, (0, "unknown")),
            ({"value": NAN}, (0, "unknown")),
            ({"demand": NAN}, (1, "single")),
            ({"demand": NAN, "minimum": 6}, (6, "minimum")),
            ({"demand": NAN, "pack": 6}, (6, "pack")),
        ):
            with self.subTest(columns):
                self.assertLines(self.choose(offers(**{"price": 10.0} | columns)), line)

    def test_nothing_to_choose_from(self):
        found = self.choose(offers(price=np.empty(0), key=[], product=[], supplier=[]))
        self.assertEqual((found.spend, found.total_margin, found.status_key), (0, 0, "optimal"))

    def test_budget_goes_where_a_euro_earns_most(self):
        found = self.choose(offers(price=[10, 20], value=[15, 28]), budget=115.0)
        self.assertLines(found, (7, "demand"), (2, "budget"))
        self.assertEqual((found.spend, found.total_margin), (110.0, 51.0))
        self.assertAlmostEqual(found.roi, 51 / 110)
        self.assertTrue(np.isnan(found.margin_rate))
        self.assertEqual(found.binding, ("budget", "demand"))
        # The next euro goes to the second: 8 € earned on 20 €.
        self.assertAlmostEqual(found.limit_values["budget"], 0.4, 4)
        more = basket.more_budget(
            offers(price=[10, 20], value=[15, 28]), suppliers(), Limits(115.0), found, 15.0
        )
        self.assertAlmostEqual(more, 8.0)

    def test_no_budget_buys_nothing(self):
        found = self.choose(offers(price=10.0), budget=9.0)
        self.assertLines(found, (0, "budget"))
        self.assertEqual(found.tier.tolist(), [-1])

    def test_offers_share_the_demand_of_their_product(self):
        same = {"product": 1, "price": [9.0, 10.0, 11.0], "stock": [4, NAN, NAN]}
        found = self.choose(offers(**same))
        self.assertLines(found, (4, "stock"), (3, "demand"), (0, "served"))
        endless = self.choose(offers(**same, demand=np.inf), budget=56.0)
        self.assertLines(endless, (4, "stock"), (2, "budget"), (0, "budget"))
        unknown = self.choose(offers(**same, demand=NAN))
        self.assertLines(unknown, (1, "single"), (0, "served"), (0, "served"))

    def test_a_tier_holds_for_all_units(self):
        listed = {"price": 10.0, "value": 12.0, "tiers": tiers([(10, 9.0), (50, 8.0)])}
        found = self.choose(offers(**listed, demand=40), budget=90.0)
        self.assertLines(found, (10, "tier"))
        self.assertEqual((found.tier[0], found.amount[0], found.total_margin), (0, 90.0, 30.0))
        short = self.choose(offers(**listed, demand=9))
        self.assertLines(short, (9, "demand"))
        self.assertEqual((short.tier[0], short.amount[0]), (-1, 90.0))

    def test_an_incremental_tier_holds_for_its_own_units(self):
        listed = {"price": 10.0, "value": 12.0, "tiers": tiers([(6, 8.0), (8, 7.0)])}
        for demand, amount in ((5, 50.0), (6, 58.0), (7, 66.0), (9, 80.0)):
            found = self.choose(offers(**listed, demand=demand, is_incremental=True))
            self.assertEqual((found.quantity[0], found.amount[0]), (demand, amount))
        self.assertAlmostEqual(found.total_margin, 9 * 12 - 80)

    def test_a_price_only_from_a_quantity_on(self):
        found = self.choose(offers(price=NAN, tiers=tiers([(6, 8.0)]), demand=9))
        self.assertEqual((found.quantity[0], found.amount[0], found.tier[0]), (9, 72.0, 0))
        self.assertLines(
            self.choose(offers(price=NAN, tiers=tiers([(6, 8.0)]), demand=5)), (0, "loss")
        )

    def test_a_minimum_order_is_filled_up_or_not_placed(self):
        filler = offers(price=[10.0, 5.0], value=[14.0, 4.9], demand=[4, 30])
        found = self.choose(filler, by=suppliers({}, minimum_order=50.0))
        self.assertLines(found, (4, "demand"), (2, "minimum_order"))
        self.assertAlmostEqual(found.total_margin, 15.8)
        self.assertEqual(found.orders.missing.to_minimum.tolist(), [0.0])
        out = self.choose(
            offers(price=10.0, demand=4, value=14.0), by=suppliers({}, minimum_order=50.0)
        )
        self.assertLines(out, (0, "minimum_order"))
        self.assertEqual(out.orders.missing.to_minimum.tolist(), [50.0])

    def test_carriage_is_paid_spared_or_not_worth_it(self):
        filler = {"price": [10.0, 5.0], "value": [14.0, 4.9], "demand": [4, 30]}
        terms = {"carriage": 10.0, "carriage_paid_from": 50.0}
        spared = self.choose(offers(**filler), by=suppliers(terms))
        self.assertLines(spared, (4, "demand"), (2, "carriage"))
        self.assertEqual(spared.orders.extras.tolist(), [0.0])
        paid = self.choose(offers(**filler), by=suppliers(terms), budget=52.0)
        self.assertEqual(paid.quantity.tolist(), [4, 2])
        # Filling up to 500 € would cost more than the carriage.
        dear = self.choose(offers(**filler), by=suppliers(terms | {"carriage_paid_from": 500.0}))
        self.assertEqual(dear.quantity.tolist(), [4, 0])
        self.assertEqual((dear.spend, dear.total_margin), (50.0, 6.0))
        self.assertEqual(dear.orders.missing.to_carriage_paid.tolist(), [460.0])
        eaten = self.choose(offers(**filler), by=suppliers({"carriage": 17.0}))
        self.assertLines(eaten, (0, "carriage"), (0, "loss"))
        self.assertTrue(np.isinf(eaten.orders.missing.to_carriage_paid[0]))

    def test_a_surcharge_and_handling_count(self):
        terms = {"handling": 3.0, "small_order_below": 60.0, "small_order_surcharge": 8.0}
        found = self.choose(
            offers(price=[10.0, 5.0], value=[15.0, 4.8], demand=[5, 30]), by=suppliers(terms)
        )
        self.assertLines(found, (5, "demand"), (2, "surcharge"))
        self.assertAlmostEqual(found.total_margin, 25 - 0.4 - 3)
        self.assertEqual(found.spend, 63.0)

    def test_thresholds_are_in_the_currency_of_the_supplier(self):
        found = self.choose(
            offers(price=[10.0, 5.0], value=[14.0, 4.9], demand=[4, 30]),
            by=suppliers({}, minimum_order=50.0, rate=1.2),
        )
        # 50 of his are 60 of ours.
        self.assertEqual(found.quantity.tolist(), [4, 4])
        self.assertEqual(found.orders.goods.tolist(), [60.0])

    def test_floors_and_storage(self):
        pair = {"price": [10.0, 10.0], "value": [15.0, 10.8], "revenue": 20.0}
        roi = self.choose(offers(**pair), minimum_roi=0.4)
        self.assertLines(roi, (7, "demand"), (2, "minimum_roi"))
        self.assertGreaterEqual(roi.roi, 0.4)
        rate = self.choose(offers(**pair), minimum_margin_rate=0.2)
        self.assertLines(rate, (7, "demand"), (2, "minimum_margin_rate"))
        self.assertGreaterEqual(rate.margin_rate, 0.2)
        room = self.choose(offers(**pair, volume=2.0), storage=17.0)
        self.assertLines(room, (7, "demand"), (1, "storage"))
        self.assertAlmostEqual(room.limit_values["storage"], 0.4, 4)

    def test_a_margin_out_of_reach_names_what_is_in_the_way(self):
        found = self.choose(offers(price=10.0), budget=55.0, minimum_margin=30.0)
        self.assertEqual((found.status_key, found.total_margin), ("unreached", 25.0))
        self.assertEqual(found.binding, ("budget",))
        reached = self.choose(offers(price=10.0), budget=55.0, minimum_margin=25.0)
        self.assertEqual(reached.status_key, "optimal")
        self.assertEqual(found.untried, ())
        far = self.choose(offers(price=10.0, stock=3), budget=55.0, minimum_margin=300.0)
        self.assertEqual((far.status_key, far.binding), ("unreached", ()))
        blocked = self.choose(
            offers(price=10.0), by=suppliers({}, minimum_order=80.0), minimum_margin=30.0
        )
        self.assertEqual(blocked.binding, ("demand", "minimum_order"))

    def test_what_duty_and_returns_take_from_a_price(self):
        found = self.choose(offers(price=10.0, price_weight=1.2, own_cost=2.0))
        self.assertAlmostEqual(found.total_margin, 7 * 3.0)
        self.assertAlmostEqual(found.roi, 21 / 84)

    def test_ties(self):
        equal = {"product": 1, "price": [10.0, 10.0, 10.0], "key": [7, 3, 5]}
        self.assertEqual(self.choose(offers(**equal)).quantity.tolist(), [0, 7, 0])
        # The same margin on less money.
        cheap = self.choose(offers(product=1, price=[12.0, 10.0], value=[17.0, 15.0]))
        self.assertEqual(cheap.quantity.tolist(), [0, 7])

    def test_wrong_input_is_refused_in_words(self):
        for columns, words in (
            ({"key": [1, 1], "price": [1, 2]}, "same key"),
            ({"product": 1, "price": [1, 2], "demand": [3, 4]}, "same demand"),
            ({"price": 1, "tiers": tiers([(5, 1), (5, 2)])}, "must rise"),
            ({"price": [1, 2], "tiers": tiers([(5, 1)])}, "1 price lists for 2 offers"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValueError, words):
                offers(**columns)
        with self.assertRaisesRegex(ValueError, "not in the list"):
            self.choose(offers(price=1.0, supplier=3))


@tagged("standard", "post_install", "-at_install")
class TestBasketAgainstBruteForce(BaseCase):
    """Every basket of 200 small random cases, tried one after the other."""

    def test_equal(self):
        earning = 0
        for seed in range(200):
            case = random_baskets.small(seed)
            found = basket.choose(case.offers, case.suppliers, case.limits, gap=0.0)
            wanted = random_baskets.best(case)
            told = random_baskets.figures(case, found.quantity)
            with self.subTest(seed=seed):
                self.assertTrue(told.is_allowed)
                self.assertAlmostEqual(found.total_margin, told.margin, 6)
                self.assertAlmostEqual(found.spend, told.spend, 6)
                # Less only by what the tie-break may give up.
                self.assertAlmostEqual(found.total_margin, wanted.margin, delta=0.005)
            earning += found.total_margin > 0.0
        self.assertGreater(earning, 80)


@tagged("standard", "post_install", "-at_install")
class TestBasketProperties(BaseCase):
    """What holds of any basket."""

    def choose(self, case, **limits):
        return basket.choose(case.offers, case.suppliers, replace(case.limits, **limits), gap=0.0)

    @settings(max_examples=25, deadline=None)
    @given(SEEDS)
    def test_no_line_breaks_a_rule(self, seed):
        case = random_baskets.small(seed)
        found = self.choose(case)
        for offer, quantity in enumerate(found.quantity):
            self.assertIn(quantity, random_baskets.quantities(case, offer))
        self.assertTrue(random_baskets.figures(case, found.quantity).is_allowed)
        self.assertLessEqual(found.total_margin, found.bound + 1e-6)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(5, 120), st.integers(1, 60))
    def test_more_budget_never_earns_less(self, seed, budget, more):
        case = random_baskets.small(seed)
        less = self.choose(case, budget=float(budget))
        richer = self.choose(case, budget=float(budget + more))
        self.assertGreaterEqual(richer.total_margin, less.total_margin - 1e-6)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(1, 40))
    def test_a_minimum_margin_is_kept_or_told(self, seed, least):
        case = random_baskets.small(seed)
        found = self.choose(case, minimum_margin=float(least))
        self.assertEqual(
            found.status_key, "optimal" if found.total_margin >= least - 1e-4 else "unreached"
        )

    @settings(max_examples=15, deadline=None)
    @given(SEEDS, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, seed, random):
        case = random_baskets.small(seed)
        order = np.array(random.sample(range(len(case.offers)), len(case.offers)))
        found, again = (
            basket.choose(rows, case.suppliers, case.limits, gap=0.0)
            for rows in (case.offers, case.offers.reordered(order))
        )
        np.testing.assert_array_equal(again.quantity, found.quantity[order])
        self.assertEqual(again.keys(), [found.keys()[place] for place in order])


@tagged("standard", "post_install", "-at_install")
class TestBasketOfSomeSize(BaseCase):
    """A few hundred candidates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = random_baskets.large(3, count=300, supplier_count=4)

    def choose(self, **options):
        return basket.choose(self.case.offers, self.case.suppliers, self.case.limits, **options)

    def test_within_the_gap_and_twice_the_same(self):
        found, again = self.choose(), self.choose()
        self.assertEqual(found.status_key, "optimal")
        self.assertLess(found.gap, 1e-3)
        self.assertGreater(found.total_margin, 0.0)
        np.testing.assert_array_equal(found.quantity, again.quantity)
        told = random_baskets.figures(self.case, found.quantity)
        self.assertAlmostEqual(found.spend, told.spend, 3)
        self.assertTrue(told.is_allowed)

    def test_the_price_of_a_euro_is_what_more_budget_brings(self):
        found = self.choose()
        case = self.case
        more = basket.more_budget(case.offers, case.suppliers, case.limits, found, 500.0)
        told = 500.0 * found.limit_values["budget"]
        self.assertGreater(told, 0.0)
        self.assertAlmostEqual(more, told, delta=0.05 * told)

    def test_all_solves_together_keep_the_time(self):
        """A margin out of reach: the search and what is in the way share the seconds."""
        limits = replace(self.case.limits, minimum_margin=1e9)
        started = time.perf_counter()
        found = basket.choose(self.case.offers, self.case.suppliers, limits, time_limit=1.0)
        self.assertLess(time.perf_counter() - started, 1.0 + 2 * basket.LEAST_SECONDS + 1.0)
        self.assertEqual(found.status_key, "unreached")
        # Neither budget nor anything else alone would bring a milliard.
        self.assertEqual(found.binding, ())
        none = basket.choose(self.case.offers, self.case.suppliers, limits, time_limit=1e-9)
        self.assertEqual(none.status_key, "unreached" if none.bound < 1e9 else "undecided")
        self.assertFalse(set(none.untried) & set(none.binding))

    def test_stopped_in_time(self):
        found = self.choose(time_limit=0.0)
        self.assertEqual(found.status_key, "stopped")
        self.assertGreater(found.gap, 0.0)
        self.assertTrue(random_baskets.figures(self.case, found.quantity).is_allowed)
