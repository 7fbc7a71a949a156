import numpy as np

from odoo.tests import BaseCase

from ..engine.batch import MERCHANT, DealBatch
from ..engine.carrier import CarrierGrid, choose
from ..engine.causes import Estimate
from ..engine.logistics import Parcels
from ..engine.margin import compute
from ..engine.rate_card import RateCard
from . import shipped


def parcels(weight, length=200.0, width=150.0, height=100.0):
    """Return one parcel."""
    return Parcels.sort(*(np.array([float(value)]) for value in (length, width, height, weight)))


class TestCarrier(BaseCase):
    """Grids by weight, with their limits."""

    def setUp(self):
        super().setUp()
        (row,) = shipped.carriers("carrier_colissimo_fr_2025")
        self.colissimo = CarrierGrid.from_row(row)
        # Written for the tests, not a tariff.
        self.volumetric = CarrierGrid.from_row(
            {
                "code": "volumetric",
                "divisor": 5000,
                "weight_step_g": 500,
                "side_step_mm": 10,
                "max_girth_mm": 4000,
                "fuel_rate": 0.1,
                "fixed_amount": 0.5,
                "lines": [
                    {"weight_max_g": 1000, "amount": 6.5},
                    {"weight_max_g": 2000, "amount": 7.0},
                ],
            }
        )

    def test_bracket_bounds(self):
        for weight, price in (
            (1, 5.25),
            (250, 5.25),
            (251, 7.35),
            (1000, 9.40),
            (1001, 10.70),
            (30000, 37.85),
        ):
            self.assertAlmostEqual(self.colissimo.price(parcels(weight))[0][0], price)

    def test_limits(self):
        self.assertTrue(np.isnan(self.colissimo.price(parcels(30001))[0][0]))
        self.assertEqual(self.colissimo.price(parcels(500, 1000, 300, 200))[1][0], 1)
        self.assertEqual(self.colissimo.price(parcels(500, 1001, 300, 100))[1][0], -1)
        self.assertEqual(self.colissimo.price(parcels(500, 1000, 300, 201))[1][0], -1)

    def test_unknown_size_is_accepted_without_volume(self):
        self.assertAlmostEqual(
            self.colissimo.price(parcels(500, np.nan, np.nan, np.nan))[0][0], 7.35
        )
        self.assertTrue(np.isnan(self.volumetric.price(parcels(500, np.nan, 100, 100))[0][0]))

    def test_billed_weight(self):
        # 30 × 20 × 10 cm at 5000 is 1.2 kg, rounded up to 1.5.
        self.assertEqual(self.volumetric.billed_weight(parcels(800, 300, 200, 100))[0], 1500)
        # 30.4 cm is rounded to 30, 30.5 to 31.
        self.assertEqual(self.volumetric.billed_weight(parcels(100, 304, 200, 100))[0], 1500)
        self.assertEqual(self.volumetric.billed_weight(parcels(2000, 304, 200, 100))[0], 2000)

    def test_fuel_then_fixed(self):
        self.assertAlmostEqual(self.volumetric.price(parcels(900, 100, 100, 100))[0][0], 7.65)

    def test_zone_of_the_country(self):
        """A parcel of which no zone is told is in the grid's usual one; others keep theirs."""
        grid = {"code": "c", "usual_zone": "B"}
        lines = [{"amount": 5.0}, {"zone": "A", "amount": 6.0}, {"zone": "B", "amount": 7.0}]
        zones = ("A", "B", "C")
        for row, costs in (
            (grid, [7.0, 6.0, 7.0, 5.0]),
            (grid | {"usual_zone": None}, [5.0, 6.0, 7.0, 5.0]),
        ):
            own = CarrierGrid.from_row(row | {"lines": lines})
            small = Parcels.sort(*(np.full(4, 100.0) for _side in range(4)))
            found = choose((own,), small, np.array([-1]), np.array([-1, 0, 1, 2]), zones)
            self.assertEqual(found.cost.tolist(), costs)
        self.assertEqual(choose((own,), small, np.array([0])).cost[0], 5.0)

    def test_cheapest_or_given(self):
        grids = (self.colissimo, self.volumetric)
        small = parcels(900, 100, 100, 100)
        cheapest = choose(grids, small, np.array([-1]))
        self.assertEqual((cheapest.carrier[0], round(cheapest.cost[0], 2)), (1, 7.65))
        given = choose(grids, small, np.array([0]))
        self.assertEqual((given.carrier[0], round(given.cost[0], 2)), (0, 9.40))
        # Too heavy for the cheapest: the other takes it.
        heavy = choose(grids, parcels(2001, 100, 100, 100), np.array([-1]))
        self.assertEqual(heavy.carrier[0], 0)

    def test_a_supplement_by_size_is_not_free_where_the_size_is_unknown(self):
        """It is left out of the price, and the estimate says so."""
        grid = {"code": "c", "lines": [{"amount": 5.0}]}
        long, heavy = {"above_longest_mm": 1_000.0}, {"above_weight_g": 20_000.0}
        unknown = {"weight_g": 500.0, "length_mm": np.nan}
        for supplement, columns, cost, is_open in (
            (long, unknown, 5.0, True),
            (long, unknown | {"length_mm": 900.0}, 5.0, False),
            (long, unknown | {"length_mm": 1_100.0}, 9.0, False),
            (heavy, unknown, 5.0, False),
            # The weight alone makes it due.
            (long | heavy, unknown | {"weight_g": 25_000.0}, 9.0, False),
            # An option that nobody asked for, then one that is.
            (long | {"code": "bulky"}, unknown, 5.0, False),
            (long | {"code": "bulky"}, unknown | {"carrier_options": 1}, 5.0, True),
        ):
            card = RateCard.from_rows(
                categories=[{"key": "x"}],
                carriers=[grid | {"supplements": [{"amount": 4.0} | supplement]}],
            )
            columns = {"width_mm": 100.0, "height_mm": 50.0} | columns
            batch = DealBatch(
                buy_price=1.0, sell_price_taxed=9.0, category=0, fulfilment=MERCHANT, **columns
            )
            result = compute(batch, card)
            self.assertEqual(result.carrier_cost[0], cost, (supplement, columns))
            flagged = bool(result.estimated[0] & Estimate.SIZE_UNCHECKED)
            self.assertEqual(flagged, is_open, (supplement, columns))

    def test_no_carrier(self):
        none = choose((), parcels(100), np.array([-1]))
        self.assertTrue(np.isnan(none.cost[0]))
        self.assertEqual((none.carrier[0], none.row[0]), (-1, -1))
