from unittest.mock import patch

import numpy as np

from odoo.exceptions import UserError

from ..engine import causes, margin
from ..engine.batch import MARKETPLACE, DealBatch
from ..engine.purchase import CostTables
from ..models.onep_fee_data import OnepFeeData
from . import random_deals, rules, shipped
from .margin_case import MarginCase


class TestFeeData(MarginCase):
    """Shipped rows come and change with the addon; an administrator's stay."""

    def load(self, **changed):
        """Load the shipped data with some rows changed: file=[{id, values}]."""
        read = OnepFeeData._read_file

        def patched(loader, name):
            rows = read(loader, name)
            for change in changed.get(name, []):
                row = next((row for row in rows if row["id"] == change["id"]), None)
                if row is None:
                    rows.append(dict.fromkeys(rows[0], "") | change)
                elif change.get("dropped"):
                    rows.remove(row)
                else:
                    row.update(change)
            return rows

        with patch.object(OnepFeeData, "_read_file", patched):
            return self.env["onep.fee.data"]._load()

    def line(self, name="toys"):
        return self.env.ref(f"onep_margin.commission_amazon_fr_{name}")

    def test_twice_changes_nothing(self):
        self.assertFalse([counts for counts in self.load().values() if any(counts)])

    def test_a_changed_figure_is_updated(self):
        report = self.load(commissions=[{"id": "commission_amazon_fr_toys", "rate": "0.14"}])
        self.assertEqual(report["onep.rate.card.line"], (0, 1))
        self.assertAlmostEqual(self.line().rate, 0.14)
        self.assertEqual(self.line().origin, "shipped")

    def test_a_row_changed_by_a_person_is_kept(self):
        self.line().rate = 0.11
        self.assertEqual(self.line().origin, "administrator")
        self.load(commissions=[{"id": "commission_amazon_fr_toys", "rate": "0.14"}])
        self.assertAlmostEqual(self.line().rate, 0.11)

    def test_an_archived_row_stays_archived(self):
        self.line().active = False
        self.load()
        self.assertFalse(self.line().active)

    def test_a_dropped_row_is_archived(self):
        self.load(commissions=[{"id": "commission_amazon_fr_toys", "dropped": True}])
        self.assertFalse(self.line().active)

    def test_a_new_row_that_conflicts_is_left_out(self):
        self.env["onep.rate.card.line"].create(
            {
                "card_id": self.amazon.id,
                "category_id": self.toys.id,
                "condition": "used",
                "rate": 0.05,
            }
        )
        new = {
            "card_id": "rate_card_amazon_fr",
            "category_id": "fee_category_amazon_toys",
            "condition": "used",
            "method": "flat",
            "rate": "0.2",
            "status": "confirmed",
        }
        other = new | {"condition": "refurbished"}
        with self.assertLogs("odoo.addons.onep_margin.models.onep_fee_data", "WARNING"):
            self.load(commissions=[{"id": "commission_new"} | new, {"id": "other_new"} | other])
        self.assertFalse(self.env.ref("onep_margin.commission_new", raise_if_not_found=False))
        self.assertTrue(self.env.ref("onep_margin.other_new"))

    def test_shipped_rows_are_archived_not_deleted(self):
        with self.assertRaises(UserError):
            self.line().unlink()
        own = self.new_card()
        own.unlink()
        self.assertFalse(own.exists())

    def test_every_row_says_where_it_comes_from(self):
        for name in ("vat_rates", "rate_cards", "commissions", "fulfilment_bands", "carriers"):
            for row in shipped.rows(name):
                self.assertTrue(row["source"] and row["source_date"], row["id"])
                self.assertIn(row["status"], ("confirmed", "inferred", "unconfirmed", "estimate"))

    def test_the_database_prices_like_the_files(self):
        card, index = self.engine_card()
        plain = shipped.amazon_fr()
        keys = {
            self.env.ref(f"onep_margin.{key}").id: place
            for place, key in enumerate(plain.category_keys)
        }
        rng = np.random.default_rng(3)
        count = 2_000
        ids = rng.choice(list(index), count)
        columns = {
            "buy_price": rng.uniform(1, 100, count),
            "sell_price_taxed": rng.uniform(1, 300, count).round(2),
            "weight_g": rng.integers(1, 40_000, count),
            "length_mm": rng.integers(10, 1_300, count),
            "width_mm": rng.integers(10, 500, count),
            "height_mm": rng.integers(10, 400, count),
            "fulfilment": rng.integers(0, 2, count),
        }
        ours = margin.compute(DealBatch(**columns, category=[index[key] for key in ids]), card)
        theirs = margin.compute(DealBatch(**columns, category=[keys[key] for key in ids]), plain)
        self.assertTrue(np.allclose(ours.net_margin, theirs.net_margin, equal_nan=True))
        self.assertTrue((ours.estimated == theirs.estimated).all())

    def test_every_country_prices_like_its_files(self):
        for card_id in random_deals.CARD_IDS:
            plain = shipped.amazon(card_id, carriers=rules.CARRIERS)
            if plain.currency != "EUR":
                continue
            card, index = self.RateCard._get_engine_card("amazon", plain.country, self.today)
            self.assertEqual(
                card.ref, f"onep.rate.card,{self.env.ref(f'onep_margin.{card_id}').id}"
            )
            self.assertEqual(card.subscription, 39.0)
            ids = [self.env.ref(f"onep_margin.{key}").id for key in plain.category_keys]
            deals = random_deals.RandomDeals(9, 3_000, plain, shipped.contributions())
            sale = {name: column for name, column in deals.sale().items() if name != "zone"}
            sale |= {"fulfilment": MARKETPLACE, "buy_price": 5.0, "carrier_options": 0}
            theirs = margin.compute(DealBatch(**sale), plain)
            codes = plain.fulfilment.adjustment_codes
            bits = {0: 0} | {
                plain.adjustment_bits(code): card.adjustment_bits(code) for code in codes
            }
            sale["adjustments"] = [bits[bit] for bit in sale["adjustments"]]
            sale["category"] = [index[ids[place]] for place in sale["category"]]
            ours = margin.compute(DealBatch(**sale), card)
            self.assertTrue(
                np.allclose(ours.net_margin, theirs.net_margin, equal_nan=True), card_id
            )
            self.assertTrue((ours.unknown == theirs.unknown).all(), card_id)
            self.assertTrue((ours.estimated == theirs.estimated).all(), card_id)

    def test_contributions_like_their_file(self):
        rows = self.env["onep.contribution"]._prepare_engine_rows(
            self.france, self.today, {self.euro.id: 1.0}
        )
        ours = CostTables.from_rows(contributions=rows).contributions
        plain = shipped.contributions().contributions
        self.assertEqual(set(ours.keys), set(plain.keys))
        for key in plain.keys:
            for measure in (0.0, 4.0, 5.0, 8.0, 32.0, 33.0, 5_000.0, 10_000.0):
                values = [
                    table.amount[table.find(np.array([table.index(key)]), np.array([measure]))[0]]
                    for table in (ours, plain)
                ]
                self.assertTrue(np.allclose(*values, equal_nan=True), (key, measure))

    def test_back_dated_card(self):
        card, _index = self.engine_card(on_date="2025-06-01")
        self.assertFalse(card.is_missing)
        self.assertEqual((card.route_keys, card.routes[0].tier_names), (("efn",), ()))
        self.assertTrue(self.engine_card(on_date="2026-01-01")[0].is_missing)

    def test_back_dated_cards_of_other_countries(self):
        """One deal of each 2025 card is priced, with the VAT of its day."""
        expected = {"FR": 0.2, "DE": 0.19, "ES": 0.21, "IT": 0.22, "GB": 0.2}
        past = self.RateCard.search([("valid_to", "=", "2025-12-14")])
        self.assertEqual(set(past.country_id.mapped("code")), set(expected))
        pound = self.env.ref("base.GBP")
        self.env["res.currency.rate"].create(
            {
                "currency_id": pound.id,
                "company_id": self.company.id,
                "name": "2025-01-01",
                "rate": 0.85,
            }
        )
        for country, rate in expected.items():
            card, index = self.RateCard._get_engine_card("amazon", country, "2025-06-01")
            deal = DealBatch(
                buy_price=10.0,
                sell_price_taxed=60.0,
                category=index[self.toys.id],
                weight_g=300.0,
                length_mm=300.0,
                width_mm=200.0,
                height_mm=100.0,
            )
            result = margin.compute(deal, card)
            self.assertFalse(result.unknown[0], (country, causes.keys(result.unknown[0])))
            self.assertAlmostEqual(result.vat_rate[0], rate, msg=country)
            self.assertLess(result.net_margin[0], 60.0 / (1.0 + rate) - 10.0, country)
