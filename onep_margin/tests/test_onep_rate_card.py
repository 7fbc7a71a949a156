from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..engine import margin
from ..engine.batch import DealBatch
from ..engine.causes import Cause
from .margin_case import MarginCase


class TestRateCard(MarginCase):
    """From dated rows to the engine: the right card, built once, dropped on change."""

    def test_query_count(self):
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.engine_card()
        with self.assertQueryCount(0):
            self.engine_card()
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            self.engine_card()

    def test_change_is_seen_at_once(self):
        card, index = self.engine_card()
        deal = DealBatch(
            buy_price=5.0,
            sell_price_taxed=24.0,
            category=index[self.toys.id],
            weight_g=100.0,
            length_mm=200.0,
            width_mm=100.0,
            height_mm=20.0,
        )
        self.assertAlmostEqual(margin.compute(deal, card).commission[0], 3.6)
        self.env.ref("onep_margin.commission_amazon_fr_toys").rate = 0.10
        card, _index = self.engine_card()
        self.assertAlmostEqual(margin.compute(deal, card).commission[0], 2.4)
        self.company.margin_storage_days = 12.0
        self.assertEqual(self.engine_card()[0].assumptions.storage_days, 12.0)

    def test_no_card_says_so(self):
        card, index = self.engine_card(on_date="2019-01-01")
        self.assertTrue(card.is_missing)
        self.assertEqual(index, {})
        result = margin.compute(DealBatch(buy_price=1.0, sell_price_taxed=2.0), card)
        self.assertTrue(result.unknown[0] & Cause.RATE_CARD_MISSING)

    def test_country_by_record_or_code(self):
        by_code = self.RateCard._get_engine_card("amazon", "FR", self.today)
        self.assertEqual(by_code[0].ref, self.engine_card()[0].ref)

    def test_dates(self):
        card = self.new_card(valid_to="2026-06-30")
        later = self.new_card(name="Later", valid_from="2026-07-01")
        belgium = self.env.ref("base.be")
        for day, expected in (("2026-06-30", card), ("2026-07-01", later)):
            engine, _index = self.RateCard._get_engine_card("fnac", belgium, day)
            self.assertEqual(engine.ref, f"onep.rate.card,{expected.id}")

    def test_overlap_names_the_other(self):
        self.new_card(name="First")
        with self.assertRaisesRegex(ValidationError, "First"), self.env.cr.savepoint():
            self.new_card(name="Second", valid_from="2026-08-01")
        with self.assertRaises(ValidationError):
            self.new_card(name="Backwards", valid_to="2025-12-31")

    def test_card_of_the_company_wins(self):
        self.new_card(name="Shared")
        own = self.new_card(name="Own", company_id=self.company.id)
        engine, _index = self.RateCard._get_engine_card("fnac", "BE", self.today)
        self.assertEqual(engine.ref, f"onep.rate.card,{own.id}")

    def test_card_of_the_operator_wins(self):
        """Two operators of one platform in one country; who names none is for all the others."""
        general = self.new_card(name="General", company_id=self.company.id)
        named = self.new_card(name="Of one", operator=" Cultura  SA ")
        for operator, card in (
            ("cultura sa", named),
            ("CULTURA SA", named),
            ("Another", general),
            (None, general),
        ):
            engine, _index = self.RateCard._get_engine_card("fnac", "BE", self.today, operator)
            self.assertEqual(engine.ref, f"onep.rate.card,{card.id}", operator)
        with self.assertRaisesRegex(ValidationError, "Of one"), self.env.cr.savepoint():
            self.new_card(name="Twice", operator="CULTURA sa")
        general.active = False
        engine, _index = self.RateCard._get_engine_card("fnac", "BE", self.today, "Another")
        self.assertTrue(engine.is_missing)

    def test_copy_is_archived_with_its_rows(self):
        copy = self.amazon.copy()
        self.assertFalse(copy.active)
        self.assertEqual(copy.origin, "administrator")
        self.assertEqual(len(copy.line_ids), len(self.amazon.line_ids))
        self.assertEqual(len(copy.tier_ids.band_ids), len(self.amazon.tier_ids.band_ids))
        self.assertTrue(self.amazon.adjustment_ids)
        self.assertEqual(len(copy.adjustment_ids), len(self.amazon.adjustment_ids))
        adjustments = copy.tier_ids.adjustment_ids
        self.assertEqual(len(adjustments), len(self.amazon.tier_ids.adjustment_ids))
        self.assertEqual(adjustments.card_id, copy)

    def test_surcharges_by_date(self):
        self.assertEqual(self.engine_card(on_date="2026-04-16")[0].fulfilment.surcharge_rate, 0.0)
        self.assertEqual(self.engine_card(on_date="2026-04-17")[0].fulfilment.surcharge_rate, 0.015)

    def test_storage_by_season(self):
        self.assertEqual(self.engine_card(on_date="2026-09-30")[0].storage_rate, 26.0)
        self.assertEqual(self.engine_card(on_date="2026-10-01")[0].storage_rate, 36.0)
        self.amazon.write({"storage_peak_from_month": 11, "storage_peak_to_month": 1})
        for day, rate in (("10-31", 26.0), ("11-01", 36.0), ("01-31", 36.0), ("02-01", 26.0)):
            self.assertEqual(self.engine_card(on_date=f"2027-{day}")[0].storage_rate, rate, day)
        self.amazon.storage_peak_rate = 0.0
        self.assertEqual(self.engine_card(on_date="2027-01-31")[0].storage_rate, 26.0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.amazon.write({"storage_peak_to_month": 13})
            self.amazon.flush_recordset()

    def test_clothing_is_stored_at_its_own_rate(self):
        shoes = self.env.ref("onep_margin.fee_category_amazon_footwear")
        for day, rate in (("2026-09-30", 15.6), ("2026-10-01", 21.6)):
            card, index = self.engine_card(on_date=day)
            self.assertEqual(card.category_storage[index[shoes.id]], rate)
            self.assertEqual(card.category_storage[index[self.toys.id]], card.storage_rate)
            self.assertEqual(card.category_storage[-1], card.storage_rate)
        self.amazon.storage_clothing_rate = 0.0
        self.assertFalse(len(self.engine_card(on_date="2026-10-01")[0].category_storage))

    def test_another_currency(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.new_card(currency_id=pound.id)
        engine, _index = self.RateCard._get_engine_card("fnac", "BE", self.today)
        self.assertEqual(engine.missing_cause, Cause.CURRENCY_RATE_MISSING)
        pound.rate_ids.create(
            {
                "currency_id": pound.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.8,
            }
        )
        engine, _index = self.RateCard._get_engine_card("fnac", "BE", self.today)
        self.assertEqual(engine.currency, "EUR")
        self.assertFalse(engine.is_missing)

    def test_counts(self):
        doubtful = self.env["onep.rate.card.line"].search_count(
            [("card_id", "=", self.amazon.id), ("status", "in", ("unconfirmed", "estimate"))]
        )
        self.assertEqual(self.amazon.doubtful_count, doubtful)
        self.assertTrue(doubtful)
        self.assertEqual(self.amazon.action_view_lines()["res_model"], "onep.rate.card.line")
