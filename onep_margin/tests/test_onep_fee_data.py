from unittest.mock import patch

import numpy as np

from odoo.exceptions import UserError

from ..engine import margin
from ..engine.batch import DealBatch
from ..models.onep_fee_data import OnepFeeData
from . import shipped
from .common import MarginCase


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
