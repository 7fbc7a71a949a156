from ..engine import causes, explain, margin
from ..engine.batch import DealBatch
from .margin_case import MarginCase


class TestMarginMixin(MarginCase):
    """Every key that the engine gives has words."""

    def test_words_for_every_key(self):
        mixin = self.env["onep.margin.mixin"]
        self.assertEqual(set(mixin._get_cause_labels()), set(causes.CAUSES.values()))
        self.assertEqual(set(mixin._get_estimate_labels()), set(causes.ESTIMATES.values()))

    def test_words_for_every_line(self):
        mixin = self.env["onep.margin.mixin"]
        card, index = self.engine_card()
        for category in index.values():
            for fulfilment in (0, 1):
                deal = DealBatch(
                    buy_price=5.0,
                    sell_price_taxed=24.0,
                    category=category,
                    weight_g=100.0,
                    length_mm=200.0,
                    width_mm=100.0,
                    height_mm=20.0,
                    fulfilment=fulfilment,
                    extra_cost=1.0,
                    eco_tax=1.0,
                    shipping_charged_taxed=2.0,
                )
                lines = explain.explain(deal, margin.compute(deal, card), 0, card)
                self.assertLessEqual(
                    {line.label_key for line in lines}, set(mixin._get_line_labels())
                )
                waterfall = mixin._prepare_waterfall(lines, self.euro)
                for line, bar in zip(lines, waterfall, strict=True):
                    self.assertEqual(bool(bar["note"]), bool(line.note_key), line)

    def test_reasons_in_words(self):
        deal = self.env["onep.margin.simulator"].new(
            {"unknown_reasons": "category_unmapped,weight_missing"}
        )
        labels = deal._get_cause_labels()
        self.assertEqual(
            deal._join_labels("category_unmapped,weight_missing", labels),
            "category not mapped, no weight",
        )
        self.assertFalse(deal._join_labels(False, labels))
