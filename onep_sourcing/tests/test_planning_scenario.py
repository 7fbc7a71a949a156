import numpy as np

from odoo.tests import BaseCase

from odoo.addons.onep_margin.engine.batch import MARKETPLACE, MERCHANT
from odoo.addons.onep_margin.engine.cost_sheet import CostSheet
from odoo.addons.onep_margin.engine.price_tiers import PriceTiers
from odoo.addons.onep_margin.engine.rate_card import RateCard

from ..planning import scenario
from ..planning.deals import Terms

CARD = RateCard.from_rows(
    platform="amazon",
    country="AD",
    currency="EUR",
    categories=[{"key": "goods", "vat_rate": 0.2}],
    commissions=[{"category": "goods", "method": "flat", "rate": 0.1}],
    tiers=[{"name": "Any", "bands": [{"weight_max_g": 0, "amount": 4.0}]}],
    carriers=[
        {"code": "post", "lines": [{"weight_max_g": 10_000, "amount": 5.0}]},
        {"code": "dear", "lines": [{"weight_max_g": 10_000, "amount": 9.0}]},
    ],
)
TERMS = Terms(carrier=0, target_roi=0.8, target_margin_rate=0.15)


def batch(buy_price, sell_price=30.0, **columns):
    """Deals sold 30.00 at 20 % VAT: 25.00, less 3.00 of commission and 4.00 of fulfilment."""
    count = len(buy_price)
    filled = {
        "buy_price": buy_price,
        "extra_cost": 0.0,
        "eco_tax": 0.0,
        "sell_price_taxed": sell_price,
        "shipping_charged_taxed": np.nan,
        "vat_rate": np.nan,
        "weight_g": 500.0,
        "length_mm": 200.0,
        "width_mm": 150.0,
        "height_mm": 50.0,
    } | columns
    filled = {name: np.broadcast_to(np.float64(value), (count,)) for name, value in filled.items()}
    return scenario.stored_batch(filled, np.zeros(count, int), np.zeros(count, int))


#: A supplier whose orders of 200.00 bear 20.00 of carriage below 195.00, shared by value.
SHEET = CostSheet.from_rows(
    currencies=[
        {"id": 1, "code": "EUR", "rate": 1.0},
        {"id": 2, "code": "USD", "rate": 0.8, "safety_margin": 0.25},
    ],
    suppliers=[
        {"partner_id": 9, "currency_id": 1, "carriage": 20.0, "carriage_paid_from": 195.0},
        {
            "partner_id": 9,
            "currency_id": 2,
            "order_value": 200.0,
            "carriage": 20.0,
            "spread": "value",
        },
    ],
)


def purchase(price, currency=1, quantity=20.0, tiers=None, partner=9):
    """Columns of ``costs.land``: a price list, nothing that is declared or imported."""
    count = len(price)
    nothing = np.full(count, np.nan)
    return {
        "price": np.asarray(price, np.float64),
        "tiers": tiers,
        "order_quantity": np.full(count, quantity),
        "is_negotiated": np.zeros(count, bool),
        "partner_id": np.full(count, partner),
        "currency_id": np.full(count, currency),
        **dict.fromkeys(
            (
                "supplier_country_id",
                "eco_amount",
                "weight_g",
                "length_mm",
                "width_mm",
                "height_mm",
            ),
            nothing,
        ),
        **dict.fromkeys(("commodity_code", "origin", "eco_kind", "levy_kind"), np.full(count, -1)),
    }


class TestScenario(BaseCase):
    """What moves, what turns, what is summed up."""

    def try_out(self, deals, moved=None, **levers):
        """Prices moved by hand, where :func:`scenario.land` is not what is looked at."""
        levers = scenario.Levers(**levers)
        if moved is None:
            moved = deals.replace(buy_price=deals.buy_price * (1.0 + levers.cost_change))
        return scenario.try_out(deals, moved, CARD, TERMS, levers)

    def land(self, columns, **levers):
        """What a unit is bought at, and what its supplier adds."""
        landed, _assumed = scenario.land(columns, SHEET, scenario.Levers(**levers))
        return [landed.buy_price[0], landed.supplier_extras[0]]

    def verdicts(self, trial):
        return [scenario.VERDICTS[code] for code in trial.verdict]

    def test_supplier_gives_three_percent(self):
        """18.00 is left of the sale: 80 % are reached up to 10.00, so up to 10.309 less 3 %."""
        deals = batch([10.0, 10.30, 10.32, 17.0, np.nan])
        trial = self.try_out(deals, cost_change=-0.03)
        self.assertEqual(
            self.verdicts(trial), ["stays_good", "turns_good", "stays_bad", "stays_bad", "unknown"]
        )
        np.testing.assert_allclose(trial.margin_before[:2], [8.0, 7.7])
        np.testing.assert_allclose(trial.margin_after[:2], [8.3, 18.0 - 10.30 * 0.97])
        totals = scenario.Totals()
        totals.add(trial)
        totals.add(self.try_out(batch([10.0]), cost_change=0.5))
        after = totals.after()
        self.assertEqual(
            [after[name] for name in ("good", "turns_good", "turns_bad", "unknown")], [2, 1, 1, 1]
        )
        before = totals.before()
        self.assertEqual((before["good"], before["unknown"]), (2, 1))
        self.assertAlmostEqual(before["margin"], 8.0 + 7.7 + 7.68 + 1.0 + 8.0)
        self.assertAlmostEqual(before["margin_good"], 16.0)

    def test_ways_of_shipping(self):
        deals = batch([10.0])
        for levers, left in (
            ({}, 8.0),
            ({"way": MERCHANT}, 7.0),
            ({"way": MERCHANT, "carrier": 1}, 3.0),
            ({"way": MARKETPLACE, "carrier": 1}, 8.0),
            ({"price_change": 0.1}, 33.0 / 1.2 - 3.3 - 4.0 - 10.0),
            ({"commission_rate": 0.2}, 5.0),
            ({"vat_rates": np.array([0.5, np.nan])}, 3.0),
        ):
            with self.subTest(levers):
                self.assertAlmostEqual(self.try_out(deals, **levers).margin_after[0], left)

    def test_the_carriage_follows_the_price_and_the_quantity(self):
        """20 units at 10.00 have it paid; at 3 % less the order is 194.00: 1.00 on each unit."""
        self.assertEqual(self.land(purchase([10.0])), [10.0, 0.0])
        np.testing.assert_allclose(self.land(purchase([10.0]), cost_change=-0.03), [9.7, 1.0])
        self.assertEqual(self.land(purchase([9.0]), cost_change=0.1), [9.0 * 1.1, 0.0])
        self.assertEqual(self.land(purchase([10.0], quantity=10.0)), [10.0, 2.0])
        tiers = PriceTiers([0, 1], [15.0], [8.0])
        np.testing.assert_allclose(
            self.land(purchase([10.0], tiers=tiers), cost_change=0.5), [12.0, 0.0]
        )

    def test_a_rate_moves_its_currency_alone(self):
        """The tried rate has the safety margin in it; what is shared by value follows."""
        dollars = purchase([10.0], currency=2)
        np.testing.assert_allclose(self.land(dollars), [10.0, 1.0])
        moved = {"currency": 1, "currency_rate": 1.1}
        np.testing.assert_allclose(self.land(dollars, **moved), [11.0, 1.1])
        np.testing.assert_allclose(self.land(dollars, cost_change=-0.1), [9.0, 0.9])
        self.assertEqual(self.land(purchase([10.0]), **moved), [10.0, 0.0])

    def test_a_condition_that_nobody_understands_stays_unknown(self):
        deals = batch([10.0])
        columns = {name: getattr(deals, name) for name in scenario.STORED}
        strange = scenario.stored_batch(columns, np.zeros(1, int), np.array([-1]))
        trial = self.try_out(strange, cost_change=-0.5)
        self.assertEqual(self.verdicts(trial), ["unknown"])
