import csv
import json
from pathlib import Path

from odoo.tests import BaseCase

from ..engine import margin
from ..engine.batch import MARKETPLACE, MERCHANT, DealBatch
from ..engine.logistics import Parcels
from ..engine.rate_card import RateCard
from . import shipped

FOLDER = Path(__file__).parent / "data"
EXAMPLES = json.loads((FOLDER / "worked_examples.json").read_text(encoding="utf-8"))
with (FOLDER / "worked_examples.csv").open(encoding="utf-8", newline="") as stream:
    #: The same examples as they were collected, one row per published figure.
    PUBLISHED = list(csv.DictReader(stream))
#: Words of the published rows → figures of ``price``, and what one is in the other.
METRICS = {
    "commission_excl_vat": ("commission", 1),
    "referral_fee": ("commission", 1),
    "commission_incl_vat": ("commission_taxed", 1),
    "vat_on_commission": ("commission_vat", 1),
    "commission_percent_of_net_revenue": ("commission_share_of_revenue", 100),
    "net_margin_amount": ("net_margin", 1),
    "fulfilment_fee": ("fulfilment_fee", 1),
    "billable_weight_kg": ("billed_weight", 0.001),
}


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
    parcels = Parcels.sort(batch.length_mm, batch.width_mm, batch.height_mm, batch.weight_g)
    return {
        "billed_weight": card.carriers[0].billed_weight(parcels)[0] if carrier else None,
        "commission_vat": commission * vat_rate,
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

    def test_every_published_row(self):
        rules = {example["id"]: example for example in EXAMPLES}
        for row in PUBLISHED:
            with self.subTest(row["id"], metric=row["expected_metric"]):
                example = rules[row["id"]]
                name, factor = METRICS[row["expected_metric"]]
                if row["price_gross"]:
                    self.assertEqual(float(row["price_gross"]), example["deal"]["sell_price_taxed"])
                figure = price(example)[name] * factor
                self.assertAlmostEqual(
                    figure, float(row["expected_value"]), delta=float(row["tolerance"])
                )

    def test_shipped_fees_give_the_published_backpack(self):
        """S4 and S5: the shipped rate cards of 2026 kept the tariff of May 2025."""
        for card_id, expected in (("rate_card_amazon_gb", 3.13), ("rate_card_amazon_it", 5.31)):
            card = shipped.amazon(card_id, surcharge_rate=0.0)
            batch = DealBatch(
                buy_price=1.0,
                sell_price_taxed=40.0,
                category=shipped.category(card, "bags"),
                weight_g=900.0,
                length_mm=400.0,
                width_mm=300.0,
                height_mm=60.0,
            )
            self.assertAlmostEqual(margin.compute(batch, card).fulfilment_fee[0], expected, 2)
