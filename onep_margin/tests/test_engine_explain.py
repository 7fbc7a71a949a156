import numpy as np

from odoo.tests import BaseCase

from ..engine import explain, margin
from ..engine.batch import MERCHANT, DealBatch
from ..engine.causes import Estimate
from ..engine.rate_card import Assumptions
from . import shipped


class TestExplain(BaseCase):
    """The waterfall of one deal adds up, and names its rules."""

    def setUp(self):
        super().setUp()
        self.card = shipped.amazon_fr(
            assumptions=Assumptions(storage_days=30.0, return_rate=0.03, return_cost=2.5)
        )
        self.deal = {
            "buy_price": 20.0,
            "sell_price_taxed": 48.0,
            "shipping_charged_taxed": 3.0,
            "extra_cost": 0.4,
            "weight_g": 700.0,
            "length_mm": 300.0,
            "width_mm": 200.0,
            "height_mm": 100.0,
            "category": shipped.category(self.card, "toys"),
        }

    def lines(self, **changes):
        batch = DealBatch(**self.deal | changes)
        result = margin.compute(batch, self.card)
        return {line.label_key: line for line in explain.explain(batch, result, 0, self.card)}

    def test_bars_add_up_to_the_next_total(self):
        for changes in ({}, {"fulfilment": MERCHANT}, {"eco_tax": 1.0}):
            level = 0.0
            for line in self.lines(**changes).values():
                if line.kind == explain.TOTAL and level:
                    if line.label_key == "sell_price_taxed":
                        continue
                    self.assertAlmostEqual(line.amount, level)
                level = line.amount if line.kind == explain.TOTAL else level + line.amount

    def test_rules_and_notes(self):
        lines = self.lines()
        self.assertEqual(lines["commission"].rule_ref, "commission_amazon_fr_toys")
        self.assertEqual(lines["commission"].note_key, "commission_flat")
        self.assertEqual(lines["fulfilment_fee"].rule_ref, "tier_amazon_fr_small_parcel")
        self.assertAlmostEqual(lines["fulfilment_fee"].amount, -5.87)
        self.assertAlmostEqual(lines["fulfilment_surcharge"].amount, -0.08805)
        self.assertTrue(lines["storage_cost"].estimated)

    def test_minimum_is_said(self):
        line = self.lines(sell_price_taxed=1.0, shipping_charged_taxed=0.0)["commission"]
        self.assertEqual((line.note_key, line.amount), ("minimum", -0.3))

    def test_band_of_the_price_is_said(self):
        lines = self.lines(category=shipped.category(self.card, "jewellery"), sell_price_taxed=400)
        self.assertEqual(lines["commission"].note_key, "commission_marginal")
        self.assertEqual(lines["commission"].params["lower"], 250.0)

    def test_nothing_is_left_out_unless_it_is_free(self):
        self.assertNotIn("eco_tax", self.lines())
        self.assertNotIn("carrier_cost", self.lines())
        lines = self.lines(fulfilment=MERCHANT)
        self.assertEqual(lines["carrier_cost"].params["carrier"], "colissimo_home")
        self.assertNotIn("fulfilment_fee", lines)

    def test_adjustments_name_their_row_and_their_doubt(self):
        for country, codes, ref in (
            ("fr", ("dangerous_goods",), "adjustment_amazon_fr_dangerous_goods"),
            ("de", ("central_europe_stock",), "adjustment_amazon_de_central_europe_stock"),
            ("fr", ("dangerous_goods", "own_packaging"), "the card"),
        ):
            card = shipped.amazon(f"rate_card_amazon_{country}", ref="the card")
            batch = DealBatch(**self.deal | {"adjustments": card.adjustment_bits(*codes)})
            result = margin.compute(batch, card)
            lines = {line.label_key: line for line in explain.explain(batch, result, 0, card)}
            adjustment = lines["fulfilment_adjustment"]
            self.assertEqual((adjustment.rule_ref, adjustment.estimated), (ref, True), codes)

    def test_an_unconfirmed_adjustment_of_a_confirmed_band(self):
        fees = []
        for codes in ((), ("dangerous_goods",)):
            batch = DealBatch(**self.deal | {"adjustments": self.card.adjustment_bits(*codes)})
            result = margin.compute(batch, self.card)
            doubtful = bool(result.estimated[0] & Estimate.FULFILMENT_UNCONFIRMED)
            self.assertEqual(doubtful, bool(codes))
            fees.append(result.fulfilment_fee[0])
            lines = explain.explain(batch, result, 0, self.card)
            base = next(line for line in lines if line.label_key == "fulfilment_fee")
            self.assertEqual((round(base.amount, 4), base.estimated), (-5.87, False))
        self.assertAlmostEqual(fees[1] - fees[0], 0.1 * 1.015)

    def test_unknown_is_none(self):
        lines = self.lines(weight_g=np.nan)
        self.assertIsNone(lines["fulfilment_fee"].amount)
        self.assertIsNone(lines["net_margin"].amount)
        lines = self.lines(category=-1)
        self.assertIsNone(lines["commission"].amount)
        self.assertIsNone(lines["commission"].rule_ref)
