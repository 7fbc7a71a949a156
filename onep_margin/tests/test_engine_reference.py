from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import margin
from ..engine.batch import DealBatch
from ..engine.rate_card import Assumptions
from . import reference, shipped

ASSUMED = {
    "storage_days": Decimal(45),
    "return_rate": Decimal("0.04"),
    "return_cost": Decimal("2.5"),
    "return_loss_rate": Decimal("0.3"),
}
CARD = shipped.amazon_fr(
    assumptions=Assumptions(**{name: float(value) for name, value in ASSUMED.items()})
)
COUNT = 1_500


def price(deals):
    """Return the engine's margins of deals given as decimals."""
    columns = {
        name: [float(deal[name]) for deal in deals]
        for name in deals[0]
        if name not in ("category", "fulfilment")
    }
    batch = DealBatch(
        **columns,
        category=[CARD.category_index(deal["category"]) for deal in deals],
        fulfilment=[deal["fulfilment"] for deal in deals],
    )
    return margin.compute(batch, CARD).net_margin


#: Values at and around every bound of the tables, where a mistake would show.
edges = st.sampled_from(
    ["10", "10.01", "12", "12.01", "15", "15.01", "19.99", "20", "20.01", "50", "100", "250.01"]
)
money = st.one_of(edges.map(Decimal), st.decimals("0.50", "400", places=2))
small = st.decimals("0", "9.99", places=2)
sides = st.one_of(
    st.sampled_from([25, 40, 60, 120, 230, 250, 260, 330, 340, 350, 450, 600, 610, 1010, 1200]),
    st.integers(1, 2_000),
).map(Decimal)
weights = st.one_of(
    st.sampled_from([20, 21, 100, 101, 210, 400, 460, 461, 960, 1760, 3900, 11900, 23000, 31500]),
    st.integers(1, 70_000),
).map(Decimal)
deals = st.fixed_dictionaries(
    {
        "buy_price": money,
        "sell_price_taxed": money,
        "extra_cost": small,
        "eco_tax": small,
        "shipping_charged_taxed": small,
        "weight_g": weights,
        "length_mm": sides,
        "width_mm": sides,
        "height_mm": sides,
        "category": st.sampled_from(CARD.category_keys),
        "fulfilment": st.integers(0, 1),
    }
)


class TestReference(BaseCase):
    """The engine against decimals, one deal at a time."""

    def assertSame(self, engine, expected, deal):
        if expected is None:
            self.assertTrue(np.isnan(engine), deal)
        else:
            self.assertAlmostEqual(engine, float(expected), places=6, msg=str(deal))

    @given(st.lists(deals, min_size=1, max_size=20))
    @settings(deadline=None, max_examples=60)
    def test_around_the_bounds(self, batch):
        for engine, deal in zip(price(batch), batch, strict=True):
            self.assertSame(engine, reference.net_margin(deal, ASSUMED), deal)

    def test_random_deals(self):
        rng = np.random.default_rng(20261123)

        def cents(low, high):
            return Decimal(int(rng.integers(low, high))) / 100

        batch = [
            {
                "buy_price": cents(50, 20_000),
                "sell_price_taxed": cents(100, 40_000),
                "extra_cost": cents(0, 300),
                "eco_tax": cents(0, 200),
                "shipping_charged_taxed": cents(0, 800),
                "weight_g": Decimal(int(10 ** rng.uniform(1, 4.7))),
                "length_mm": Decimal(int(rng.integers(20, 1_500))),
                "width_mm": Decimal(int(rng.integers(10, 700))),
                "height_mm": Decimal(int(rng.integers(5, 500))),
                "category": CARD.category_keys[int(rng.integers(len(CARD.category_keys)))],
                "fulfilment": int(rng.integers(2)),
            }
            for _deal in range(COUNT)
        ]
        for engine, deal in zip(price(batch), batch, strict=True):
            self.assertSame(engine, reference.net_margin(deal, ASSUMED), deal)
