import numpy as np

from odoo.tests import BaseCase

from odoo.addons.onep_margin.engine.score import SIGNALS

from ..planning import signals

NAN = np.nan


class TestSignals(BaseCase):
    """Signals and flags out of the columns of a deal, by hand."""

    def columns(self, **known):
        sizes = {len(values) for values in known.values()}
        columns = {name: np.full(max(sizes), NAN) for name in signals.SOURCES}
        return columns | {name: np.array(values, float) for name, values in known.items()}

    def test_gathered(self):
        """Break-even 20 under 25 is a fifth; 4 a month are ours of 40 among ten sellers."""
        found = signals.gather(
            self.columns(
                break_even_price_taxed=[20, 20, NAN],
                sell_price_taxed=[24, 25, 25],
                shipping_charged_taxed=[1, NAN, 0],
                net_margin=[3, 3, 3],
                estimated_sales=[40, 40, NAN],
                offer_count=[9, 9, 9],
                units_per_month=[NAN, 10, NAN],
                roi=[0.1, 0.2, 0.3],
            )
        )
        self.assertTrue(np.allclose(found.buy_box_headroom, [0.2, 0.2, NAN], equal_nan=True))
        self.assertTrue(np.allclose(found.monthly_margin, [12, 30, NAN], equal_nan=True))
        self.assertTrue(np.allclose(found.own_sales, [NAN, 10, NAN], equal_nan=True))
        self.assertEqual(found.roi.tolist(), [0.1, 0.2, 0.3])

    def test_margin_of_a_month_needs_a_demand(self):
        """A stock bounds what is sold; where no demand is known, it is no demand."""
        found = signals.gather(
            self.columns(
                net_margin=[3, 3, 3, 3],
                units_per_month=[10, 10, NAN, NAN],
                supplier_stock=[4, NAN, 100, 0],
            )
        )
        self.assertTrue(np.allclose(found.monthly_margin, [12, 30, NAN, NAN], equal_nan=True))

    def test_every_signal_has_a_source(self):
        columns = self.columns(**{name: [0.5] for name in signals.SOURCES})
        found = signals.gather(columns)
        self.assertFalse([name for name in SIGNALS if np.isnan(getattr(found, name)[0])])

    def test_suspicions(self):
        deals = {
            "rival_ratio": np.array([NAN, NAN, 2.25, 0.9, NAN, NAN]),
            "pack_mismatch": np.array([NAN, 1, 0, 0, 0, 1]),
            "price_level": np.array([1, NAN, 1, 1, 1.6, 1]),
        }
        roi = np.array([2.5, 0.5, 0.5, 0.5, 0.5, -0.2])
        bits = signals.suspicions(deals, roi, signals.Limits())
        self.assertEqual(bits.tolist(), [1, 2, 4, 0, 8, 0])

    def test_unstable(self):
        columns = self.columns(
            price_volatility_30=[0.2, NAN, 0.1, NAN],
            price_volatility_90=[NAN, 0.15, 0.1, NAN],
            holder_changes=[0, NAN, 10, NAN],
        )
        self.assertEqual(
            signals.is_unstable(columns, signals.Limits()).tolist(), [True, True, True, False]
        )

    def test_hidden_cost(self):
        """4 of added costs eat 40 % of a margin of 10; of a loss without them, nothing is said."""
        share = signals.added_cost_share(
            np.array([14, 13, 12, 11.0]), np.array([10, 10, 10, 10.0]), np.array([6, 7, -5, 0.5])
        )
        self.assertTrue(np.allclose(share, [0.4, 0.3, NAN, 2 / 3], equal_nan=True))
        limits = signals.Limits()
        rate = np.array([0.3, 0.1, 0.1, 0.3])
        margin = np.array([6, 7, -5, 6.0])
        share[3] = 0.1
        for assumed, expected in ((False, [1, 0, 0, 0]), (True, [1, 1, 0, 0])):
            flagged = signals.has_hidden_cost(share, margin, rate, np.full(4, assumed), limits)
            self.assertEqual(flagged.tolist(), [bool(up) for up in expected])
