import json
from pathlib import Path

from odoo.tests import BaseCase

from ..engine import margin
from ..engine.batch import MARKETPLACE, MERCHANT, DealBatch
from ..engine.rate_card import RateCard

EXAMPLES = json.loads(
    (Path(__file__).parent / "data" / "worked_examples.json").read_text(encoding="utf-8")
)


def price(example):
    """Return the figures that the engine gives for a published example."""
    rules = example["commission"]
    rules = rules if isinstance(rules, list) else [rules]
    tier, carrier = example.get("tier"), example.get("carrier")
    card = RateCard.from_rows(
        categories=[{"key": "example"}],
        commissions=[{"category": "example"} | rule for rule in rules],
        tiers=[{"name": "example"} | tier] if tier else [],
        carriers=[{"code": "example"} | carrier] if carrier else [],
        divisor=5000,
        surcharge_rate=example.get("surcharge_rate", 0.0),
    )
    batch = DealBatch(
        **example["deal"], category=0, fulfilment=MERCHANT if carrier else MARKETPLACE
    )
    result = margin.compute(batch, card)
    vat_rate = example["deal"]["vat_rate"]
    commission = result.commission[0]
    return {
        "net_margin": result.net_margin[0],
        "fulfilment_fee": result.fulfilment_fee[0],
        "carrier_cost": result.carrier_cost[0],
        "commission": commission,
        "commission_taxed": commission * (1 + vat_rate),
        "commission_share_of_revenue": commission / result.revenue_untaxed[0],
    }


class TestWorkedExamples(BaseCase):
    """Examples that others published, to the cent."""

    def test_published_examples(self):
        for example in EXAMPLES:
            figures = price(example)
            for name, expected in example["expected"].items():
                with self.subTest(example["id"], figure=name):
                    self.assertAlmostEqual(figures[name], expected, delta=example["tolerance"])
