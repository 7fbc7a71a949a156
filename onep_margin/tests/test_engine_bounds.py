import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import bounds, margin
from ..engine.batch import DealBatch
from ..engine.causes import Cause
from ..engine.price_points import PricePoints
from ..engine.rate_card import Assumptions
from . import shipped

CARD = shipped.amazon_fr(
    assumptions=Assumptions(
        storage_days=45.0, return_rate=0.04, return_cost=2.5, return_loss_rate=0.3
    )
)
money = st.decimals("0.50", "300", places=2).map(float)
small = st.decimals("0", "9.99", places=2).map(float)
deals = st.fixed_dictionaries(
    {
        "buy_price": money,
        "sell_price_taxed": money,
        "extra_cost": small,
        "eco_tax": small,
        "shipping_charged_taxed": small,
        "weight_g": st.integers(1, 29_000).map(float),
        "length_mm": st.integers(10, 600).map(float),
        "width_mm": st.integers(10, 450).map(float),
        "height_mm": st.integers(10, 450).map(float),
        "category": st.integers(0, len(CARD.category_keys) - 1),
        "fulfilment": st.integers(0, 1),
    }
)


class TestBounds(BaseCase):
    """Break-even and highest buying price, against the margin itself."""

    @given(deals)
    @settings(deadline=None, max_examples=300)
    def test_break_even_has_no_margin(self, deal):
        price = bounds.break_even_price(DealBatch(**deal), CARD)
        assume(price[0] > 0.0)
        result = margin.compute(DealBatch(**deal | {"sell_price_taxed": price}), CARD)
        self.assertAlmostEqual(result.net_margin[0], 0.0, places=6)

    @given(deals, st.floats(0.01, 0.99))
    @settings(deadline=None, max_examples=200)
    def test_below_break_even_loses(self, deal, share):
        price = bounds.break_even_price(DealBatch(**deal), CARD)
        assume(price[0] > 0.0)
        lower = margin.compute(DealBatch(**deal | {"sell_price_taxed": price * share}), CARD)
        self.assertLess(lower.net_margin[0], 1e-9)

    @given(deals, st.floats(0.0, 2.0))
    @settings(deadline=None, max_examples=300)
    def test_highest_buying_price_earns_the_target(self, deal, target):
        batch = DealBatch(**deal)
        for result in (None, margin.compute(batch, CARD)):
            price = bounds.max_buy_price(batch, CARD, target, result)
            at_bound = margin.compute(batch.replace(buy_price=price), CARD)
            landed = at_bound.landed_cost[0]
            self.assertAlmostEqual(at_bound.net_margin[0], target * landed, places=6)

    @given(deals, st.sampled_from(["buy_price", "extra_cost", "eco_tax"]), small)
    @settings(deadline=None, max_examples=200)
    def test_a_cost_never_raises_the_margin(self, deal, cost, more):
        before = margin.compute(DealBatch(**deal), CARD).net_margin[0]
        after = margin.compute(DealBatch(**deal | {cost: deal[cost] + more}), CARD).net_margin[0]
        self.assertLessEqual(after, before + 1e-9)

    @given(deals, st.sampled_from(["storage_days", "return_rate", "return_cost"]))
    @settings(deadline=None, max_examples=100)
    def test_an_assumption_never_raises_the_margin(self, deal, name):
        batch = DealBatch(**deal)
        free = margin.compute(batch, shipped.amazon_fr()).net_margin[0]
        card = shipped.amazon_fr(assumptions=Assumptions(**{"return_rate": 0.05} | {name: 0.3}))
        self.assertLessEqual(margin.compute(batch, card).net_margin[0], free + 1e-9)

    def test_a_price_is_not_needed(self):
        deal = {
            "buy_price": 10.0,
            "sell_price_taxed": np.nan,
            "category": 0,
            "weight_g": 100.0,
            "length_mm": 200.0,
            "width_mm": 100.0,
            "height_mm": 20.0,
        }
        self.assertGreater(bounds.break_even_price(DealBatch(**deal), CARD)[0], 10.0)
        deal |= {"buy_price": np.nan, "sell_price_taxed": 90.0}
        self.assertGreater(bounds.max_buy_price(DealBatch(**deal), CARD, 0.2)[0], 10.0)

    def test_unknown_stays_unknown(self):
        deal = {"buy_price": 10.0, "sell_price_taxed": 30.0, "category": 0}
        self.assertTrue(np.isnan(bounds.break_even_price(DealBatch(**deal), CARD)[0]))
        self.assertTrue(np.isnan(bounds.max_buy_price(DealBatch(**deal), CARD, 0.2)[0]))

    def test_no_break_even_where_a_cost_is_unknown(self):
        """Whatever the card lacks or the parcel hides, as in the margin."""
        deal = {"buy_price": 10.0, "sell_price_taxed": 30.0, "category": 0, "weight_g": 500.0}
        sides = {"length_mm": 200.0, "width_mm": 100.0, "height_mm": 20.0}
        rules = {
            "categories": [{"key": "x"}],
            "commissions": [{"category": "x", "method": "flat", "rate": 0.1}],
            # One tier that takes anything: only an unknown size keeps a parcel out of it.
            "tiers": [{"name": "any", "bands": [{"amount": 3.0}]}],
            "default_vat_rate": 0.2,
        }
        stored = rules | {"assumptions": Assumptions(storage_days=30.0)}
        for columns, rows, cause in (
            (sides, rules, 0),
            ({}, rules, Cause.DIMENSIONS_MISSING),
            (sides | {"weight_g": np.nan}, rules, Cause.WEIGHT_MISSING),
            (sides, stored | {"storage_rate": 26.0}, 0),
            (sides, stored | {"storage_rate": np.nan}, Cause.STORAGE_MISSING),
        ):
            card, batch = shipped.RateCard.from_rows(**rows), DealBatch(**deal | columns)
            self.assertEqual(margin.compute(batch, card).unknown[0], cause)
            price = bounds.break_even_price(batch, card)[0]
            self.assertEqual(np.isnan(price), bool(cause), cause)

    def test_shipping_alone_may_pay(self):
        deal = {
            "buy_price": 0.5,
            "sell_price_taxed": 1.0,
            "shipping_charged_taxed": 9.0,
            "category": 0,
            "weight_g": 10.0,
            "length_mm": 200.0,
            "width_mm": 100.0,
            "height_mm": 20.0,
        }
        self.assertEqual(bounds.break_even_price(DealBatch(**deal), CARD)[0], 0.0)

    def test_no_price_makes_up_for_a_commission_above_the_net_price(self):
        card = shipped.RateCard.from_rows(
            categories=[{"key": "x"}],
            commissions=[{"category": "x", "method": "flat", "rate": 0.9}],
            carriers=[{"code": "c", "lines": [{"amount": 1.0}]}],
            default_vat_rate=0.2,
        )
        deal = DealBatch(buy_price=1.0, sell_price_taxed=9.0, category=0, fulfilment=1, weight_g=9)
        self.assertTrue(np.isnan(bounds.break_even_price(deal, card)[0]))

    def test_the_lowest_of_two_break_evens(self):
        """At 10.00 beauty pays 8 %, just above 15 %: the first zero is below the threshold."""
        category = shipped.category(CARD, "beauty_health")
        card = shipped.amazon_fr()
        deal = {
            "buy_price": 2.5,
            "sell_price_taxed": 10.0,
            "category": category,
            "weight_g": 100.0,
            "length_mm": 200.0,
            "width_mm": 100.0,
            "height_mm": 20.0,
        }
        price = bounds.break_even_price(DealBatch(**deal), card)[0]
        self.assertLess(price, 10.0)

    @given(deals, st.floats(0.0, 1.0), st.floats(0.0, 0.4))
    @settings(deadline=None, max_examples=50)
    def test_target_price_earns_the_targets(self, deal, roi, rate):
        batch = DealBatch(**deal)
        price = bounds.target_price(batch, CARD, roi, rate)
        assume(price[0] > 0.0)
        result = margin.compute(batch.replace(sell_price_taxed=price), CARD)
        spare = min(result.roi[0] - roi, result.margin_rate[0] - rate)
        self.assertAlmostEqual(max(spare, 0.0), spare, places=6)
        lower = margin.compute(batch.replace(sell_price_taxed=price * 0.995), CARD)
        self.assertLess(min(lower.roi[0] - roi, lower.margin_rate[0] - rate), 1e-9)

    @given(deals, st.floats(0.0, 1.0), st.sampled_from([(1.0, 0.99), (10.0, 9.9), (1.0, 0.0)]))
    @settings(deadline=None, max_examples=50)
    def test_a_price_on_a_label_earns_the_target_too(self, deal, roi, label):
        """Also where rounding up crosses a threshold of the commission or of the low prices."""
        batch = DealBatch(**deal)
        points = PricePoints(*label)
        exact = bounds.target_price(batch, CARD, roi)
        price = bounds.target_price(batch, CARD, roi, points=points)
        assume(price[0] > 0.0)
        self.assertGreaterEqual(price[0], exact[0] - 1e-8)
        self.assertEqual(points.up(price)[0], price[0])
        result = margin.compute(batch.replace(sell_price_taxed=price), CARD)
        self.assertGreaterEqual(result.roi[0], roi - 1e-8)
