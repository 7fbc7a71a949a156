import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine.effect import Effect, Outcome, measure


@tagged("standard", "post_install", "-at_install")
class TestEffect(BaseCase):
    """What moves between two sets of rules."""

    def test_every_way_a_deal_can_move(self):
        nan = np.nan
        before = Outcome(
            np.array([5.0, 5.0, 1.0, nan, 4.0, 3.0]),
            np.array([True, True, False, False, True, True]),
        )
        after = Outcome(
            np.array([5.001, 2.0, 3.0, 2.5, nan, 2.5]),
            np.array([True, False, True, True, False, True]),
        )
        effect = measure(before, after, "abcdef", total=9)
        self.assertEqual((effect.compared, effect.total, effect.moved), (6, 9, 5))
        self.assertEqual((effect.turn_good, effect.turn_bad), (1, 1))
        self.assertEqual((effect.become_unknown, effect.become_known), (1, 1))
        self.assertAlmostEqual(effect.margin_moved, 0.001 - 3.0 + 2.0 - 0.5)
        self.assertEqual([deal.key for deal in effect.top], ["e", "b", "d", "c", "f"])
        self.assertEqual((effect.top[0].before, effect.top[0].after), (4.0, None))

    def test_two_places_add_up(self):
        good = Outcome(np.array([2.0]), np.array([True]))
        bad = Outcome(np.array([1.0]), np.array([False]))
        both = Effect().plus(measure(good, bad, [1])).plus(measure(bad, good, [2]))
        self.assertEqual((both.compared, both.turn_good, both.turn_bad), (2, 1, 1))
        self.assertEqual(both.margin_moved, 0.0)
        self.assertEqual(len(both.plus(both, limit=3).top), 3)
