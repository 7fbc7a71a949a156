from itertools import product

import numpy as np

from odoo.tests import BaseCase

from ..engine.logistics import Parcels
from . import random_deals, shipped

#: The published size tiers, in the order of the fact sheet: longest, median and shortest side
#: [cm], unit weight above and up to [kg], billed on the greater of unit and dimensional weight.
#: Written here by hand, not read from the shipped files.
ENVELOPES = (
    ("light_envelope", 33, 23, 2.5, 0, 0.1, False),
    ("standard_envelope", 33, 23, 2.5, 0, 0.46, False),
    ("large_envelope", 33, 23, 4, 0, 0.96, False),
    ("extra_large_envelope", 33, 23, 6, 0, 0.96, False),
)
PARCELS = (
    ("small_parcel", 35, 25, 12, 0, 3.9, True),
    ("standard_parcel", 45, 34, 26, 0, 11.9, True),
)
SELECTED = (
    ("selected_small_parcel_1", 35, 25, 7, 0, 3.9, False),
    ("selected_small_parcel_2", 35, 25, 9, 0, 3.9, False),
    ("selected_small_parcel_3", 35, 25, 12, 0, 3.9, False),
    ("selected_medium_parcel_1", 40, 30, 6, 0, 11.9, False),
    ("selected_medium_parcel_2", 40, 30, 20, 0, 11.9, False),
    ("selected_large_parcel_1", 45, 34, 10, 0, 11.9, False),
    ("selected_large_parcel_2", 45, 34, 26, 0, 11.9, False),
)
OVERSIZE = (
    ("small_oversize", 61, 46, 46, 0, 1.76, True),
    ("standard_oversize_light", 101, 60, 60, 0, 15, True),
    ("standard_oversize_heavy", 101, 60, 60, 15, 23, True),
    ("standard_oversize_large", 120, 60, 60, 0, 23, True),
)
LOW_PRICE = tuple((f"low_{row[0]}", *row[1:]) for row in ENVELOPES) + (
    ("low_small_parcel", 35, 25, 12, 0, 0.4, False),
)
#: Dimensional weight above which no parcel of the tier fits [kg]: published, though the sides
#: already imply all but the last.
VOLUMES = {
    "small_parcel": 2.1,
    "standard_parcel": 7.96,
    "small_oversize": 25.82,
    "standard_oversize_light": 72.72,
    "standard_oversize_heavy": 72.72,
    "standard_oversize_large": 86.4,
}
STEP = 0.1


def classify(sides, weight_g, is_selected, is_cheap, is_local, has_special):
    """Return the tier of a parcel [mm, g] by the published rules, None for none."""
    short, median, long = (side / 10 for side in sorted(sides))
    weight, volume = weight_g / 1000, long * median * short / 5000
    tiers = list(ENVELOPES) + list(SELECTED if is_selected else PARCELS) + list(OVERSIZE)
    if is_cheap and is_local:
        cheap = [row for row in LOW_PRICE if not is_selected or row[0] != "low_small_parcel"]
        tiers = cheap + tiers
    is_special = weight > 31.5 or long > 175 or long + 2 * (median + short) > 360
    for name, longest, middle, shortest, above, up_to, _by_volume in tiers:
        if is_special or not above < weight <= up_to:
            continue
        fits = long <= longest and median <= middle and short <= shortest
        if fits and volume <= VOLUMES.get(name, np.inf):
            return name
    if not is_special and volume <= 126:
        return "heavy_oversize" if weight > 23 else "bulky_oversize"
    return "special_oversize" if has_special and is_local else None


def corners():
    """Return parcels (n, 4) at every corner of every tier, and one step to each side of it."""
    points = set()
    for _name, *sides, above, up_to, _by_volume in (
        *ENVELOPES, *PARCELS, *SELECTED, *OVERSIZE, *LOW_PRICE,
    ):  # fmt: skip
        limits = [[side * 10 + move for move in (-STEP, 0, STEP)] for side in sides]
        weights = [kg * 1000 + move for kg in (above or up_to, up_to) for move in (-STEP, 0, STEP)]
        points.update(product(*limits, weights))
    for longest in (1750 - STEP, 1750, 1750 + STEP):
        # Length and girth of 360 cm, both sides of it.
        rest = (3600 - longest) / 2
        for move in (-STEP, 0, STEP):
            for kg in (10, 23, 31.5):
                for off in (-STEP, 0, STEP):
                    points.add((longest, rest * 0.6 + move, rest * 0.4, kg * 1000 + off))
    return np.array(sorted(points))


class TestSizeTiers(BaseCase):
    """The size tier of parcels around every limit of every tier, on every shipped card."""

    def tiers_of(self, table, points, card, category, price):
        parcels = Parcels.sort(points[:, 0], points[:, 1], points[:, 2], points[:, 3])
        count = len(points)
        index = np.full(count, shipped.category(card, category))
        row = table.find(parcels, index, table.is_cheap(index, np.full(count, price)))
        return [table.refs[line] if line >= 0 else None for line in row]

    def assertTiers(self, card_id, category, price, is_local):
        card = shipped.amazon(card_id)
        table = card.fulfilment if is_local else card.routes[0]
        ids = {tier["ref"] for tier in shipped.tiers(card_id)}
        prefix = card_id.replace("rate_card", "tier") + ("" if is_local else "_efn")
        has_special = f"{prefix}_special_oversize" in ids
        points = corners()
        found = self.tiers_of(table, points, card, category, price)
        for point, ref in zip(points, found, strict=True):
            name = classify(
                point[:3], point[3], category == "footwear", price <= 20, is_local, has_special
            )
            self.assertEqual(ref, name and f"{prefix}_{name}", (card_id, category, point))

    def test_every_corner_of_every_tier(self):
        for card_id in random_deals.CARD_IDS:
            for category in ("toys", "footwear"):
                for price in (20.0, 20.01):
                    with self.subTest(card_id, category=category, price=price):
                        self.assertTiers(card_id, category, price, True)

    def test_every_corner_across_a_border(self):
        """No low-price rate, and nothing above the oversize tiers."""
        for card_id in random_deals.CARD_IDS:
            for category in ("toys", "footwear"):
                with self.subTest(card_id, category=category):
                    self.assertTiers(card_id, category, 15.0, False)

    def test_many_corners_are_tried(self):
        self.assertGreater(len(corners()), 1_000)
