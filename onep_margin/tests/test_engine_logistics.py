import numpy as np

from odoo.tests import BaseCase

from ..engine.logistics import FulfilmentTable, Parcels
from . import shipped

STEP = 0.5


class TestParcels(BaseCase):
    """Sides in any order, unknown sides unknown."""

    def test_sorted_whatever_the_order(self):
        for sides in ((10, 20, 30), (30, 10, 20), (20, 30, 10), (30, 20, 10)):
            parcels = Parcels.sort(*(np.array([float(side)]) for side in sides), np.array([1.0]))
            self.assertEqual(
                (parcels.longest[0], parcels.median[0], parcels.shortest[0]), (30, 20, 10)
            )
            self.assertEqual(parcels.girth[0], 90)

    def test_zero_is_unknown(self):
        parcels = Parcels.sort(*(np.array([side]) for side in (0.0, 20.0, 10.0, 0.0)))
        self.assertTrue(np.isnan([parcels.longest[0], parcels.volume[0], parcels.weight[0]]).all())


class TestFulfilment(BaseCase):
    """FBA France 2026 on the shipped figures."""

    def setUp(self):
        super().setUp()
        self.card = shipped.amazon_fr()
        self.table = self.card.fulfilment

    def fee(self, sides, weight, category="toys", price=50.0):
        """Return (tier name, fee before surcharges)."""
        parcels = Parcels.sort(*(np.array([float(value)]) for value in (*sides, weight)))
        index = np.array([shipped.category(self.card, category)])
        cheap = self.table.is_cheap(index, np.array([price]))
        row = self.table.find(parcels, index, cheap)
        if row[0] < 0:
            return None, None
        name = self.table.tier_names[self.table.band_tier[row[0]]]
        billed = self.table.billed_weight(parcels, self.table.band_tier[row])
        return name, round(self.table.base_fee(billed, row)[0], 4)

    def test_every_band_of_the_envelopes(self):
        for weight, fee in (
            (20, 2.75),
            (20.5, 2.76),
            (40, 2.76),
            (60, 2.78),
            (61, 3.30),
            (80, 3.30),
            (100, 3.32),
        ):
            self.assertEqual(self.fee((330, 230, 25), weight), ("Light envelope", fee))
        self.assertEqual(self.fee((330, 230, 25), 101), ("Standard envelope", 3.33))
        self.assertEqual(self.fee((330, 230, 25), 210), ("Standard envelope", 3.33))
        self.assertEqual(self.fee((330, 230, 25), 211), ("Standard envelope", 3.77))
        self.assertEqual(self.fee((330, 230, 25), 461), ("Large envelope", 4.39))
        self.assertEqual(self.fee((330, 230, 40), 960), ("Large envelope", 4.39))
        self.assertEqual(self.fee((330, 230, 60), 960), ("Extra-large envelope", 4.72))

    def test_both_sides_of_every_size_limit(self):
        """Each tier takes its largest parcel, and leaves it when one side grows."""
        light = 10.0
        tiers = [
            tier
            for tier in shipped.tiers("rate_card_amazon_fr")
            if tier["audience"] != "selected"
            and not tier["is_low_price"]
            and not tier["route"]
            and tier["max_median_mm"]
        ]
        for tier in tiers:
            limits = [tier[f"max_{side}_mm"] for side in ("longest", "median", "shortest")]
            weight = tier["min_weight_g"] + light
            name, _fee = self.fee(limits, weight)
            earlier = tiers[: tiers.index(tier) + 1]
            fits = [
                other["name"]
                for other in earlier
                if all(
                    limit <= other[f"max_{side}_mm"]
                    for limit, side in zip(limits, ("longest", "median", "shortest"), strict=True)
                )
                and other["min_weight_g"] < weight <= other["max_weight_g"]
            ]
            self.assertEqual(name, fits[0], tier["name"])
            self.assertIn(tier["name"], fits)
            for place in range(3):
                grown = list(limits)
                grown[place] += STEP
                self.assertNotEqual(self.fee(grown, weight)[0], tier["name"], tier["name"])

    def test_both_sides_of_every_weight_limit(self):
        for tier in shipped.tiers("rate_card_amazon_fr"):
            if (
                tier["route"]
                or tier["audience"] == "selected"
                or tier["is_low_price"]
                or not tier["max_median_mm"]
            ):
                continue
            sides = [tier[f"max_{side}_mm"] for side in ("longest", "median", "shortest")]
            if tier["min_weight_g"]:
                self.assertNotEqual(self.fee(sides, tier["min_weight_g"])[0], tier["name"])
                self.assertEqual(self.fee(sides, tier["min_weight_g"] + STEP)[0], tier["name"])
            self.assertEqual(self.fee(sides, tier["max_weight_g"])[0], tier["name"])
            self.assertNotEqual(self.fee(sides, tier["max_weight_g"] + STEP)[0], tier["name"])

    def test_parcels_billed_on_volume(self):
        # 30 × 20 × 10 cm is 1.2 kg at 5000: band up to 1.4 kg though it weighs 300 g.
        self.assertEqual(self.fee((300, 200, 100), 300), ("Small parcel", 5.87))
        self.assertEqual(self.fee((300, 200, 100), 1500), ("Small parcel", 6.10))
        # 45 × 34 × 26 cm is 7.956 kg: band up to 8.9 kg.
        self.assertEqual(self.fee((450, 340, 260), 1000), ("Standard parcel", 8.84))

    def test_oversize_adds_by_kilogram_pro_rata(self):
        # 60 × 45 × 45 cm is 24.3 kg: 7.05 + 0.20 × (24.3 - 0.76).
        self.assertEqual(self.fee((600, 450, 450), 1760), ("Small oversize", 11.758))
        # Heavy: 15.59 + 0.18 above 31.5 kg of billed weight, here 30 kg.
        self.assertEqual(self.fee((1210, 400, 300), 30000), ("Heavy oversize", 15.59))

    def test_bulky_and_special(self):
        self.assertEqual(self.fee((1750, 300, 300), 20000)[0], "Bulky oversize")
        self.assertEqual(self.fee((1751, 300, 300), 20000), ("Special oversize", 24.88))
        # Length and girth: 150 + 2 × (60 + 45) is 360 cm.
        self.assertEqual(self.fee((1500, 600, 450), 20000)[0], "Bulky oversize")
        self.assertEqual(self.fee((1500, 600, 451), 20000)[0], "Special oversize")
        self.assertEqual(self.fee((300, 300, 300), 31500)[0], "Heavy oversize")
        self.assertEqual(self.fee((300, 300, 300), 31501), ("Special oversize", 28.77))
        # 50.54 + 0.49 for each kilogram above 60.
        self.assertEqual(self.fee((300, 300, 300), 70000), ("Special oversize", 55.44))

    def test_low_price_both_sides_of_the_ceiling(self):
        self.assertEqual(
            self.fee((330, 230, 25), 100, price=20.0), ("Light envelope, low price", 2.81)
        )
        self.assertEqual(self.fee((330, 230, 25), 100, price=20.01), ("Light envelope", 3.32))
        self.assertEqual(
            self.fee((330, 230, 25), 100, "beauty_health", 12.0)[0], "Light envelope, low price"
        )
        self.assertEqual(self.fee((330, 230, 25), 100, "beauty_health", 12.01)[0], "Light envelope")

    def test_low_price_small_parcel_stops_at_400_g(self):
        # Billed on the real weight, even when the volume weighs more.
        self.assertEqual(
            self.fee((350, 250, 120), 400, price=15.0), ("Small parcel, low price", 4.71)
        )
        self.assertEqual(self.fee((350, 250, 120), 401, price=15.0), ("Small parcel", 7.80))

    def test_selected_categories_pay_started_100_g(self):
        name = "Small parcel 1, selected categories"
        self.assertEqual(self.fee((350, 250, 70), 100, "footwear"), (name, 4.97))
        self.assertEqual(self.fee((350, 250, 70), 101, "footwear"), (name, 5.00))
        self.assertEqual(self.fee((350, 250, 70), 200, "footwear"), (name, 5.00))
        self.assertEqual(self.fee((350, 250, 70), 900, "footwear"), (name, 5.21))
        self.assertEqual(self.fee((450, 340, 260), 900, "footwear")[1], 6.89)

    def test_selected_categories_share_envelopes_and_oversize(self):
        self.assertEqual(self.fee((330, 230, 25), 100, "footwear")[0], "Light envelope")
        self.assertEqual(self.fee((600, 450, 450), 1000, "footwear")[0], "Small oversize")

    def test_surcharge(self):
        parcels = Parcels.sort(*(np.array([value]) for value in (330.0, 230.0, 25.0, 100.0)))
        none = np.zeros(1, dtype=np.uint32)
        fee = self.table.price(parcels, np.zeros(1, dtype=int), np.array([False]), none)
        # 1.5 % of 3.32.
        self.assertAlmostEqual(fee.surcharge[0], 0.0498)
        self.assertAlmostEqual(fee.total[0], 3.3698)

    def test_unmapped_or_unknown_has_no_tier(self):
        self.assertEqual(self.fee((330, 230, 25), np.nan), (None, None))
        self.assertEqual(self.fee((330, np.nan, 25), 100), (None, None))

    def test_too_many_tiers_are_refused(self):
        tiers = [{"name": str(number), "bands": []} for number in range(65)]
        with self.assertRaises(ValueError):
            FulfilmentTable.from_rows(tiers, [], 5000.0)
