import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_margin.engine import margin
from odoo.addons.onep_margin.engine.landed import land
from odoo.addons.onep_margin.engine.purchase import Purchase
from odoo.addons.onep_margin.tests import random_deals
from odoo.addons.onep_sourcing.planning import negotiation

TABLES = random_deals.tables()
CARD = random_deals.card()


@tagged("standard", "post_install", "-at_install")
class TestPlanningNegotiation(BaseCase):
    """The price asked for is the highest that makes a buy of a near-miss."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deals = random_deals.RandomDeals(11, 4_000, CARD, TABLES)
        cls.purchase, cls.sale = deals.purchase(), deals.sale()
        cls.targets = negotiation.Targets(roi=0.25, margin_rate=0.12, largest_cut=0.2)
        landed = land(cls.purchase, TABLES)
        cls.asked = negotiation.ask(
            cls.purchase, TABLES, landed, landed.deals(**cls.sale), CARD, cls.targets
        )

    def is_buy_at(self, price):
        """Whether the same lines are a buy at a net price of a unit."""
        names = [name for name in Purchase.__slots__ if name != "tiers"]
        columns = {name: getattr(self.purchase, name) for name in names}
        free = dict.fromkeys(("discount_1", "discount_2", "discount_3"), 0.0)
        bought = Purchase(**columns | free | {"price": price, "units_priced": 1.0})
        result = margin.compute(land(bought, TABLES).deals(**self.sale), CARD)
        return (result.roi >= self.targets.roi - 1e-9) & (
            result.margin_rate >= self.targets.margin_rate - 1e-9
        )

    def test_every_verdict_is_met(self):
        self.assertEqual(set(self.asked.keys()), set(negotiation.VERDICTS))

    def test_the_wanted_price_is_a_buy_and_a_cent_more_is_none(self):
        asked = np.isin(self.asked.verdict, (negotiation.NEAR, negotiation.FAR))
        self.assertGreater(asked.sum(), 200)
        # What an order's value decides makes the cost fall where the price rises.
        steady = asked & ~TABLES.suppliers.depends_on_value(self.purchase.supplier)
        price = np.where(asked, self.asked.wanted_price, 1.0)
        self.assertTrue(self.is_buy_at(price)[steady].all())
        self.assertFalse(self.is_buy_at(price + 0.01)[asked].any())

    def test_figures(self):
        near = self.asked.verdict == negotiation.NEAR
        self.assertTrue((self.asked.wanted_price[near] < self.asked.price[near]).all())
        self.assertTrue((self.asked.cut[near] <= 0.2).all())
        np.testing.assert_allclose(
            self.asked.saving[near],
            ((self.asked.price - self.asked.wanted_price) * self.purchase.quantity)[near],
        )
        bought = self.asked.verdict == negotiation.BUY
        np.testing.assert_array_equal(self.asked.wanted_price[bought], self.asked.price[bought])
        self.assertFalse(self.asked.cut[bought].any())
        lost = np.isin(self.asked.verdict, (negotiation.NEVER, negotiation.UNKNOWN))
        self.assertTrue(np.isnan(self.asked.wanted_price[lost]).all())
