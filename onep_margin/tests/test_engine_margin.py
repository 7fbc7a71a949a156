import numpy as np

from odoo.tests import BaseCase

from ..engine import margin
from ..engine.batch import MERCHANT, DealBatch, MarginResult
from ..engine.causes import CAUSES, Cause, Estimate, keys, texts
from ..engine.currency import convert
from ..engine.rate_card import Assumptions, RateCard
from ..engine.vat import taxed, untaxed
from . import shipped


class TestMargin(BaseCase):
    """The whole waterfall, worked by hand on the shipped figures."""

    def setUp(self):
        super().setUp()
        self.card = shipped.amazon_fr()
        self.deal = {
            "buy_price": 20.0,
            "extra_cost": 0.5,
            "eco_tax": 0.1,
            "sell_price_taxed": 48.0,
            "weight_g": 700.0,
            "length_mm": 300.0,
            "width_mm": 200.0,
            "height_mm": 100.0,
            "category": shipped.category(self.card, "toys"),
        }

    def price(self, card=None, **changes):
        return margin.compute(DealBatch(**self.deal | changes), card or self.card)

    def assertColumns(self, result, **expected):
        for name, value in expected.items():
            self.assertAlmostEqual(getattr(result, name)[0], value, places=6, msg=name)

    def assertUnknown(self, result, *causes):
        self.assertEqual(int(result.unknown[0]), sum(int(cause) for cause in causes))
        self.assertTrue(np.isnan(result.net_margin[0]))
        self.assertTrue(np.isnan(result.roi[0]))

    def test_a_size_is_needed_even_where_no_tier_has_a_limit(self):
        card = RateCard.from_rows(
            categories=[{"key": "x"}],
            commissions=[{"category": "x", "method": "flat", "rate": 0.1}],
            tiers=[{"name": "any", "bands": [{"amount": 3.0}]}],
            default_vat_rate=0.2,
        )
        deal = {"category": 0, "length_mm": np.nan}
        self.assertUnknown(self.price(card, **deal), Cause.DIMENSIONS_MISSING)

    def test_by_the_marketplace(self):
        # 48 / 1.2 = 40. Commission 15 % of 48 = 7.20. Small parcel, 1.2 kg by volume: 5.87,
        # fuel 1.5 %: 5.95805. Digital services: 3 % of 13.15805 = 0.3947415.
        self.assertColumns(
            self.price(),
            revenue_untaxed=40.0,
            landed_cost=20.6,
            commission=7.2,
            closing_fee=0.0,
            fulfilment_fee=5.95805,
            digital_services_fee=0.3947415,
            carrier_cost=0.0,
            storage_cost=0.0,
            return_cost=0.0,
            total_fees=13.5527915,
            net_margin=5.8472085,
            margin_rate=5.8472085 / 40.0,
            margin_on_price_rate=5.8472085 / 48.0,
            roi=5.8472085 / 20.6,
        )
        self.assertEqual(self.price().unknown[0], 0)

    def test_by_us(self):
        # Colissimo 2026 up to 750 g: 8.94. Digital services on the commission alone.
        result = self.price(fulfilment=MERCHANT)
        self.assertColumns(
            result,
            fulfilment_fee=0.0,
            carrier_cost=8.94,
            digital_services_fee=0.216,
            net_margin=40.0 - 20.6 - 7.2 - 0.216 - 8.94,
        )
        self.assertEqual(result.estimated[0], Estimate.CARRIER_UNCONFIRMED)

    def test_shipping_charged_pays_vat_and_commission(self):
        result = self.price(shipping_charged_taxed=6.0)
        self.assertColumns(result, revenue_untaxed=45.0, commission=8.1)

    def test_vat_given_or_usual(self):
        self.assertColumns(self.price(vat_rate=0.0), revenue_untaxed=48.0, commission=7.2)
        books = self.price(category=shipped.category(self.card, "books"))
        self.assertColumns(books, vat_rate=0.055, closing_fee=0.5)

    def test_storage_and_returns(self):
        card = shipped.amazon_fr(
            assumptions=Assumptions(
                storage_days=365.0 / 12.0, return_rate=0.1, return_cost=2.0, return_loss_rate=0.2
            )
        )
        # 6 litres for a month at 36 per m³: 0.216. Returns: 10 % of 5.95805 + 20 % of 7.20
        # + 2 + 20 % of 20.60 = 1.351805.
        result = self.price(card)
        self.assertColumns(result, storage_cost=0.216, return_cost=1.351805)
        self.assertEqual(result.estimated[0], Estimate.STORAGE_ASSUMED | Estimate.RETURNS_ASSUMED)

    def test_storage_by_category(self):
        """Shoes at 21.60 a m³, toys at 36, our own shelves at 5 whatever they hold."""
        card = shipped.amazon_fr(
            assumptions=Assumptions(storage_days=365.0 / 12.0, own_storage_rate=5.0)
        )
        shoes, toys = (shipped.category(card, name) for name in ("footwear", "toys"))
        result = self.price(card, category=[shoes, toys, shoes, -1], fulfilment=[0, 0, 1, 0])
        self.assertTrue(np.allclose(result.storage_cost, [0.1296, 0.216, 0.03, 0.216]))
        pounds = self.price(card.in_currency("GBP", 0.5), category=shoes)
        self.assertAlmostEqual(pounds.storage_cost[0], 0.0648)

    def test_each_missing_input_is_named(self):
        self.assertUnknown(self.price(buy_price=np.nan), Cause.BUY_PRICE_MISSING)
        self.assertUnknown(self.price(extra_cost=np.nan), Cause.EXTRA_COST_MISSING)
        self.assertUnknown(self.price(eco_tax=np.nan), Cause.ECO_TAX_MISSING)
        self.assertUnknown(self.price(sell_price_taxed=np.nan), Cause.SELL_PRICE_MISSING)
        self.assertUnknown(self.price(sell_price_taxed=0.0), Cause.SELL_PRICE_MISSING)
        self.assertUnknown(self.price(category=-1), Cause.CATEGORY_UNMAPPED)
        self.assertUnknown(self.price(weight_g=np.nan), Cause.WEIGHT_MISSING)
        self.assertUnknown(self.price(width_mm=0.0), Cause.DIMENSIONS_MISSING)
        self.assertUnknown(self.price(fulfilment=MERCHANT, weight_g=30001.0), Cause.CARRIER_MISSING)

    def test_several_causes_at_once(self):
        result = self.price(buy_price=np.nan, weight_g=np.nan)
        self.assertUnknown(result, Cause.BUY_PRICE_MISSING, Cause.WEIGHT_MISSING)
        self.assertEqual(texts(result.unknown)[0], "buy_price_missing,weight_missing")

    def test_missing_rules_are_named(self):
        bare = RateCard.from_rows(categories=[{"key": "toys"}], default_vat_rate=0.2)
        result = margin.compute(DealBatch(**self.deal | {"category": 0}), bare)
        self.assertUnknown(result, Cause.COMMISSION_MISSING, Cause.FULFILMENT_MISSING)
        no_vat = RateCard.from_rows(categories=[{"key": "toys"}])
        result = margin.compute(DealBatch(**self.deal | {"category": 0}), no_vat)
        self.assertTrue(result.unknown[0] & Cause.VAT_RATE_MISSING)
        result = margin.compute(DealBatch(buy_price=1.0, sell_price_taxed=9.0), RateCard.missing())
        self.assertTrue(result.unknown[0] & Cause.RATE_CARD_MISSING)

    def test_size_unknown_to_our_carrier_is_an_estimate(self):
        result = self.price(fulfilment=MERCHANT, length_mm=np.nan)
        self.assertFalse(result.unknown[0])
        self.assertTrue(result.estimated[0] & Estimate.SIZE_UNCHECKED)

    def test_known_and_unknown_agree(self):
        rng = np.random.default_rng(7)
        count = 5_000

        def maybe(values):
            return np.where(rng.random(count) < 0.1, np.nan, values)

        batch = DealBatch(
            buy_price=maybe(rng.uniform(1, 50, count)),
            sell_price_taxed=maybe(rng.uniform(5, 90, count)),
            eco_tax=maybe(0.0),
            weight_g=maybe(rng.uniform(10, 40_000, count)),
            length_mm=maybe(rng.uniform(10, 2_000, count)),
            width_mm=rng.uniform(10, 800, count),
            height_mm=rng.uniform(10, 800, count),
            category=rng.integers(-1, len(self.card.category_keys), count),
            fulfilment=rng.integers(0, 2, count),
        )
        result = margin.compute(batch, self.card)
        self.assertTrue((np.isnan(result.net_margin) == (result.unknown != 0)).all())

    def test_chunks_change_nothing(self):
        prices = np.linspace(5.0, 400.0, margin.CHUNK + 10)
        whole = self.price(sell_price_taxed=prices)
        last = self.price(sell_price_taxed=prices[-1])
        self.assertEqual(len(whole), len(prices))
        self.assertEqual(whole.net_margin[-1], last.net_margin[0])

    def test_card_in_another_currency(self):
        card = self.card.in_currency("XXX", 100.0)
        result = margin.compute(
            DealBatch(
                **self.deal
                | {"buy_price": 2000.0, "extra_cost": 50, "eco_tax": 10, "sell_price_taxed": 4800}
            ),
            card,
        )
        self.assertColumns(result, net_margin=584.72085)

    def test_batch_refuses_what_does_not_match(self):
        with self.assertRaises(ValueError):
            DealBatch(buy_price=[1.0, 2.0], sell_price_taxed=[1.0, 2.0, 3.0])
        with self.assertRaises(ValueError):
            DealBatch(buy_price=[[1.0]], sell_price_taxed=1.0)
        self.assertEqual(len(DealBatch(buy_price=[1.0, 2.0], sell_price_taxed=3.0)), 2)

    def test_empty_batch(self):
        result = margin.compute(DealBatch(buy_price=[], sell_price_taxed=[]), self.card)
        self.assertIsInstance(result, MarginResult)
        self.assertEqual(len(result), 0)


class TestSmallStations(BaseCase):
    """VAT, currencies and the words of causes."""

    def test_vat_round_trip(self):
        rate = np.array([0.2, 0.055, 0.0])
        self.assertTrue(
            np.allclose(taxed(untaxed(np.array([12.0, 9.9, 5.0]), rate), rate), [12.0, 9.9, 5.0])
        )

    def test_currency_round_trip_and_margin(self):
        amounts = np.array([10.0, np.nan])
        there = convert(amounts, 1.25)
        self.assertAlmostEqual(convert(there, 1 / 1.25)[0], 10.0)
        self.assertTrue(np.isnan(there[1]))
        self.assertAlmostEqual(convert(10.0, 1.0, safety_margin=0.02), 10.2)

    def test_words_of_masks(self):
        self.assertEqual(keys(0), [])
        self.assertEqual(keys(0b101), ["rate_card_missing", "sell_price_missing"])
        self.assertEqual(
            texts(np.array([0, 2], dtype=np.uint32)).tolist(), [None, "buy_price_missing"]
        )
        self.assertEqual(len(CAUSES), len(Cause))
