import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import bounds, customs, margin
from ..engine.causes import Cause
from ..engine.landed import land
from ..engine.purchase import Purchase
from ..engine.purchase_bounds import max_purchase_price
from . import random_deals

TABLES = random_deals.tables()
CARD = random_deals.card()


def at_price(purchase, price):
    """Return the same offers at a net price for one unit, without tier nor discount."""
    names = [name for name in Purchase.__slots__ if name != "tiers"]
    columns = {name: getattr(purchase, name) for name in names}
    free = dict.fromkeys(("discount_1", "discount_2", "discount_3"), 0.0)
    return Purchase(**columns | free | {"price": price, "units_priced": 1.0})


class TestPurchaseBounds(BaseCase):
    """The highest purchase price, against the margin that it gives."""

    def price(self, purchase, sale):
        landed = land(purchase, TABLES)
        return landed, margin.compute(landed.deals(**sale), CARD)

    def deals(self, seed, **targets):
        """Return (offers at the highest price, sale, that price, what it earns)."""
        deals = random_deals.RandomDeals(seed, 3_000, CARD, TABLES)
        purchase, sale = deals.purchase(), deals.sale()
        batch = land(purchase, TABLES).deals(**sale)
        landed = bounds.max_landed_cost(
            batch, CARD, targets.get("roi"), target_margin_rate=targets.get("rate")
        )
        price = max_purchase_price(purchase, TABLES, landed)
        usable = price > 0.0
        price = np.where(usable, price, 1.0)
        return at_price(purchase, price), sale, price, usable, landed

    @given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.5))
    @settings(deadline=None, max_examples=15)
    def test_it_earns_the_target_return(self, seed, target):
        purchase, sale, _price, usable, _landed = self.deals(seed, roi=target)
        landed, result = self.price(purchase, sale)
        self.assertGreater(usable.mean(), 0.2)
        wrong = np.abs(result.net_margin - target * landed.landed_cost)[usable]
        self.assertLess(np.nanmax(wrong), 1e-6)
        self.assertFalse(np.isnan(result.net_margin[usable]).any())

    @given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.4))
    @settings(deadline=None, max_examples=15)
    def test_it_earns_the_target_margin(self, seed, target):
        purchase, sale, _price, usable, _landed = self.deals(seed, rate=target)
        _lines, result = self.price(purchase, sale)
        self.assertLess(np.abs(result.margin_rate - target)[usable].max(), 1e-6)

    @given(st.integers(0, 2**32 - 1), st.floats(1.0001, 3.0))
    @settings(deadline=None, max_examples=15)
    def test_no_dearer_price_does(self, seed, factor):
        purchase, _sale, price, usable, landed = self.deals(seed, roi=0.2)
        dearer = land(at_price(purchase, price * factor), TABLES).landed_cost
        self.assertTrue((dearer > landed)[usable].all())

    def test_both_targets_take_the_lower(self):
        deals = random_deals.RandomDeals(3, 2_000, CARD, TABLES)
        batch = land(deals.purchase(), TABLES).deals(**deals.sale())
        both = bounds.max_landed_cost(batch, CARD, 0.3, target_margin_rate=0.15)
        one = bounds.max_landed_cost(batch, CARD, 0.3)
        other = bounds.max_landed_cost(batch, CARD, target_margin_rate=0.15)
        self.assertTrue(np.array_equal(both, np.minimum(one, other), equal_nan=True))

    def test_on_both_sides_of_carriage_paid(self):
        """Ten units, 25 of carriage below 500: 51 lands at 51; 50.99 of room, at 50.99."""
        supplier = TABLES.suppliers.index("carriage")
        purchase = Purchase(price=np.full(5, np.nan), quantity=10, supplier=supplier)
        room = np.array([51.0, 50.0, 49.99, 52.0, 20.0])
        price = max_purchase_price(purchase, TABLES, room)
        expected = [51.0, 50.0, 47.49, 52.0, 17.5]
        self.assertTrue(np.allclose(price, expected, atol=1e-9), price)

    def test_room_that_nothing_fits(self):
        supplier = TABLES.suppliers.index("carriage")
        purchase = Purchase(price=np.nan, quantity=1, supplier=supplier)
        self.assertLessEqual(max_purchase_price(purchase, TABLES, np.array([20.0]))[0], 0.0)
        self.assertTrue(np.isnan(max_purchase_price(purchase, TABLES, np.array([np.nan])))[0])
        abroad = Purchase(price=np.nan, currency=TABLES.currencies.index("TRY"))
        self.assertTrue(np.isnan(max_purchase_price(abroad, TABLES, np.array([20.0])))[0])

    def test_a_break_even_only_where_the_margin_is_known(self):
        """Whatever is hidden of the parcels, whoever ships them."""
        deals = random_deals.RandomDeals(5, 4_000, CARD, TABLES)
        _landed, batch, _result = deals.price()
        rng = np.random.default_rng(5)
        for name in ("weight_g", "length_mm", "height_mm"):
            column = np.where(rng.random(len(batch)) < 0.2, np.nan, getattr(batch, name))
            batch = batch.replace(**{name: column})
        causes = Cause.WEIGHT_MISSING | Cause.DIMENSIONS_MISSING | Cause.STORAGE_MISSING
        unknown = (margin.compute(batch, CARD).unknown & np.uint32(causes)) != 0
        has_price = ~np.isnan(bounds.break_even_price(batch, CARD))
        self.assertFalse((has_price & unknown).any())
        self.assertGreater((has_price & ~unknown).mean(), 0.2)

    def test_one_code_for_many_weights(self):
        """17 % and 0.25 a kilogram, on goods that land at 25."""
        purchase = Purchase(
            price=np.full(3, np.nan),
            supplier=TABLES.suppliers.index("plain"),
            is_imported=True,
            commodity_code=customs.codes(["6402"])[0],
            weight_g=[0.0, 1_000.0, 4_000.0],
        )
        price = max_purchase_price(purchase, TABLES, np.full(3, 25.0))
        self.assertTrue(np.allclose(price, [25 / 1.17, 24.75 / 1.17, 24 / 1.17]), price)

    def test_an_unknown_quantity_has_no_bound(self):
        """Unless the supplier adds nothing, or the order is told."""
        for key, order_value, expected in (
            ("carriage", np.nan, np.nan),
            ("never", np.nan, np.nan),
            ("plain", np.nan, 20.0),
            # 25 of carriage on an order of 100: a quarter of the price.
            ("carriage", 100.0, 16.0),
        ):
            purchase = Purchase(
                price=np.nan,
                quantity=np.nan,
                supplier=TABLES.suppliers.index(key),
                order_value=order_value,
                weight_g=0.0,
            )
            price = max_purchase_price(purchase, TABLES, np.array([20.0]))
            self.assertTrue(np.allclose(price, expected, equal_nan=True), (key, price))

    @given(st.integers(0, 2**32 - 1))
    @settings(deadline=None, max_examples=15)
    def test_break_even_of_any_deal_has_no_margin(self, seed):
        deals = random_deals.RandomDeals(seed, 3_000, CARD, TABLES)
        _landed, batch, _result = deals.price()
        price = bounds.break_even_price(batch, CARD)
        usable = price > 0.0
        self.assertGreater(usable.mean(), 0.4)
        result = margin.compute(batch.replace(sell_price_taxed=np.where(usable, price, 1.0)), CARD)
        self.assertLess(np.abs(result.net_margin[usable]).max(), 1e-6)
        lower = margin.compute(
            batch.replace(sell_price_taxed=np.where(usable, price * 0.97, 1.0)), CARD
        )
        self.assertTrue((lower.net_margin[usable] < 1e-9).all())
