import numpy as np

from odoo.tests import BaseCase

from ..engine.steps import FitTable, StepTable, first_bit


class TestSteps(BaseCase):
    """Tables: up to is inclusive, gaps and unknowns have no row."""

    def setUp(self):
        super().setUp()
        self.table = StepTable.build([(0, 0.0, 10.0), (0, 10.0, np.inf), (1, 5.0, 20.0)], groups=2)

    def find(self, group, value):
        return self.table.find(np.array([group]), np.array([value]))[0]

    def test_bound_belongs_below(self):
        self.assertEqual(self.find(0, 10.0), 0)
        self.assertEqual(self.find(0, np.nextafter(10.0, 11.0)), 1)

    def test_gap_and_beyond(self):
        self.assertEqual(self.find(1, 5.0), -1)
        self.assertEqual(self.find(1, 20.0), 2)
        self.assertEqual(self.find(1, 20.01), -1)

    def test_unknown_group_and_value(self):
        self.assertEqual(self.find(-1, 3.0), -1)
        self.assertEqual(self.find(0, np.nan), -1)

    def test_scaled_bounds(self):
        scaled = self.table.scaled(2.0)
        self.assertEqual(scaled.find(np.array([0]), np.array([20.0]))[0], 0)
        self.assertEqual(scaled.find(np.array([0]), np.array([20.01]))[0], 1)

    def test_empty(self):
        empty = StepTable.build([], groups=0)
        self.assertEqual(empty.find(np.array([-1]), np.array([1.0]))[0], -1)


class TestFit(BaseCase):
    """Bits of the tiers that a value fits."""

    def test_maximum_included_minimum_not(self):
        table = FitTable.build([100.0, 200.0, np.inf], [0.0, 100.0, 0.0])
        bits = table.fit(np.array([100.0, 100.5, 200.0, 201.0, np.nan]))
        self.assertEqual(bits.tolist(), [0b101, 0b110, 0b110, 0b100, 0])

    def test_first_bit(self):
        masks = np.array([0, 1, 6, 1 << 63], dtype=np.uint64)
        self.assertEqual(first_bit(masks).tolist(), [64, 0, 1, 63])
