import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.onep_sourcing.planning import quantity
from odoo.addons.onep_sourcing.planning.storage import Storage, hold

NAN = float("nan")


def advise(storage, wanted, daily=NAN, available=0.0, minimum=0.0, pack=0.0, **unit):
    """Advised quantities and reasons of articles without a limit of stock, held to a storage."""
    wanted = np.atleast_1d(np.asarray(wanted, float))
    columns = {"volume_m3": NAN, "weight_kg": NAN, "margin": 1.0, **unit}
    columns |= {"minimum": minimum, "pack": pack, "daily": daily, "available": available}
    columns = {name: np.broadcast_to(value, len(wanted)) for name, value in columns.items()}
    daily, available = columns.pop("daily"), columns.pop("available")
    advice = quantity.recommend(wanted, columns["minimum"], columns["pack"], NAN)
    held = hold(advice, storage, storage.most(daily, available), **columns)
    return list(zip(held.quantity.tolist(), held.keys(), strict=True))


@tagged("standard", "post_install", "-at_install")
class TestPlanningStorage(BaseCase):
    """What may be stored bounds an advice, and says so."""

    def test_how_long_an_article_lies(self):
        """2 a day over 30 days, 10 of them here; 20 days may be stored."""
        days = Storage(days=20)
        self.assertEqual(advise(days, 50, daily=2, available=10), [(30, "storage")])
        self.assertEqual(advise(days, 50, daily=2, available=10, pack=12), [(24, "storage")])
        self.assertEqual(advise(days, 20, daily=2, available=10), [(20, "demand")])
        # The smallest order alone would lie 25 days.
        self.assertEqual(advise(days, 50, daily=2, minimum=50), [(0, "storage")])
        # Nobody knows what sells: the smallest order is no guess to be bounded.
        self.assertEqual(advise(days, NAN, minimum=50), [(50, "minimum")])

    def test_room_goes_to_what_earns_most_for_it(self):
        """0.1 m³ of room: the second article earns as much on half the room."""
        room = Storage(volume_m3=0.1)
        pair = {"volume_m3": [0.02, 0.01], "margin": 5.0}
        self.assertEqual(advise(room, [6, 6], **pair), [(2, "storage"), (6, "demand")])
        self.assertEqual(advise(room, [6, 12], **pair), [(0, "storage"), (10, "storage")])
        # What has no known size takes no room that anybody could tell.
        self.assertEqual(advise(room, [6, 6], volume_m3=[NAN, 0.05])[0], (6, "demand"))

    def test_weight_bounds_as_well(self):
        both = Storage(volume_m3=1.0, weight_kg=10.0)
        self.assertEqual(advise(both, [9], volume_m3=0.05, weight_kg=2.0, pack=2), [(4, "storage")])

    def test_without_a_limit_nothing_changes(self):
        self.assertEqual(advise(Storage(), [9], daily=1, volume_m3=9.0), [(9, "demand")])

    @settings(max_examples=50, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(-20, 300),
                st.integers(0, 40),
                st.integers(0, 20),
                st.one_of(st.just(NAN), st.floats(0.001, 2.0)),
                st.one_of(st.just(NAN), st.floats(0.01, 30.0)),
            ),
            min_size=1,
            max_size=20,
        ),
        st.floats(0.01, 50.0),
        st.floats(0.1, 500.0),
    )
    def test_no_advice_exceeds_the_storage_minimum_or_pack(self, rows, room, bearing):
        wanted, minimum, pack, volume, weight = np.array(rows, float).T
        told = advise(
            Storage(volume_m3=room, weight_kg=bearing),
            wanted,
            minimum=minimum,
            pack=pack,
            volume_m3=volume,
            weight_kg=weight,
        )
        units = np.array([bought for bought, _reason in told])
        self.assertLessEqual(np.nansum(units * volume), room * (1 + 1e-6))
        self.assertLessEqual(np.nansum(units * weight), bearing * (1 + 1e-6))
        self.assertTrue((units[units > 0] >= minimum[units > 0]).all())
        self.assertFalse(np.mod(units, np.where(pack > 0, pack, 1.0)).any())
