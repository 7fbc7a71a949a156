from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOpportunityScore(BuyingCase):
    """Why a score, what holds it down, and what a buyer is warned of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.env.ref("onep_margin.onep_score_profile_balanced")
        cls.now = fields.Datetime.now()

    def make_history(self, market, prices, holders=None):
        """One state of the market a day up to now, a price each."""
        History = self.env["onep.marketplace.offer.history"]
        count = len(prices)
        for place, price in enumerate(prices):
            line = History.create(
                {
                    "offer_id": market.id,
                    "company_id": self.company.id,
                    "first_seen_at": self.now - timedelta(days=count - place),
                    "last_seen_at": self.now - timedelta(days=count - place - 1),
                    "state": "found",
                    "currency_id": self.eur.id,
                    "buy_box_price_taxed": price,
                    "buy_box_seller": holders[place] if holders else "S",
                    "sales_rank": 1000,
                    "retailer_present": "no",
                }
            )
        market.sudo().history_id = line.id

    def test_lines_add_up_to_the_score(self):
        opportunity = self.make_opportunity(
            offer_vals={"lead_time_days": 5}, market_vals={"candidate_count": 1, "may_sell": "yes"}
        )
        lines = opportunity.with_user(self.buyer).score_lines
        self.assertAlmostEqual(
            sum(line["points"] for line in lines), opportunity.score - 50, delta=1.0
        )
        self.assertAlmostEqual(
            float(opportunity._score_by(self.profile).score[0]), opportunity.score, delta=0.1
        )
        self.assertEqual(len(lines), len(self.profile.line_ids))
        words = {line["key"]: line["label"] for line in lines}
        self.assertEqual(words["roi"], "ROI 80 %")
        self.assertEqual(words["lead_time_days"], "Supplier delivers in 5 days")
        self.assertEqual(words["buy_box_headroom"], "Break-even price 36 % under the buy box")
        self.env["res.lang"]._activate_lang("fr_FR")
        opportunity.write({"units_per_month": 1.5, "lead_time_days": 2.5, "sales_rank": 1234567})
        french = opportunity.with_context(lang="fr_FR")._get_signal_words()
        for signal, figure in (
            ("own_sales", r"\b1,5\b"),
            ("lead_time_days", r"\b2,5\b"),
            ("sales_rank", r"\b1\s234\s567\b"),
            ("margin_rate", r"\b32\b"),
        ):
            self.assertRegex(french[signal], figure)
        missing = {line["key"] for line in lines if not line["is_known"]}
        self.assertLessEqual({"own_sales", "estimated_sales", "price_volatility_30"}, missing)
        self.assertIn("We have not sold it yet", words.values())
        weights = self.profile.line_ids
        known = weights.filtered(lambda line: line.signal not in missing)
        self.assertAlmostEqual(
            opportunity.confidence,
            sum(known.mapped("weight")) / sum(weights.mapped("weight")),
            places=3,
        )

    def test_estimated_sales_by_rank(self):
        self.env["onep.sales.rank.curve"].create(
            {
                "platform": "amazon",
                "country_id": self.country.id,
                "scale": 3000,
                "exponent": 1.0,
                "low_factor": 0.5,
                "high_factor": 2.0,
                "valid_from": "2020-01-01",
            }
        )
        opportunity = self.make_opportunity(market_vals={"sales_rank": 100, "offer_count": 4})
        self.assertRecordValues(
            opportunity,
            [
                {
                    "estimated_sales": 30.0,
                    "estimated_sales_low": 15.0,
                    "estimated_sales_high": 60.0,
                }
            ],
        )
        words = {line["key"]: line["label"] for line in opportunity.score_lines}
        self.assertEqual(
            words["estimated_sales"], "About 30 sold a month by all sellers (15 to 60)"
        )
        # 30 among five sellers, at 8.00 each
        self.assertIn("48.00", words["monthly_margin"])

    def test_unstable_market(self):
        offer = self.make_offer()
        market = self.make_market_offer(changed_at=self.now)
        self.make_history(market, [20, 30, 20, 30, 20, 30], "ABABAB")
        self.evaluate()
        opportunity = self.find(offer)
        self.assertTrue(opportunity.is_unstable)
        # five days at 20 and at 30 in turn: 5 around 25
        self.assertAlmostEqual(opportunity.price_volatility_30, 0.2, places=2)
        self.assertEqual(opportunity.holder_changes, 5)
        self.assertAlmostEqual(opportunity.main_holder_share, 0.5, places=2)
        self.assertIn("Unstable: Price volatility 20 %", opportunity.attention)
        # the same as what the market offer's own page tells
        told = {trend.days: trend for trend in market.trend_ids}
        for days, name in ((30, "price_volatility_30"), (90, "price_volatility_90")):
            self.assertAlmostEqual(opportunity[name], told[days].price_volatility, places=3)
        slope = 30 * told[90].price_slope / told[90].price_mean
        self.assertAlmostEqual(opportunity.price_trend, slope, places=3)
        self.assertAlmostEqual(opportunity.main_holder_share, told[30].main_holder_share, places=3)
        kept = self.env["onep.market.stability"].search([("offer_id", "=", market.id)])
        before = kept.computed_at
        self.evaluate()
        self.env.invalidate_all()
        self.assertEqual(kept.computed_at, before, "what was not read again is not walked again")
        self.assertIn(
            opportunity, self.env["onep.opportunity"].search([("is_unstable", "=", True)])
        )

    def test_short_history_says_nothing(self):
        offer = self.make_offer()
        market = self.make_market_offer()
        self.make_history(market, [20, 30])
        self.evaluate()
        self.assertIs(self.find(offer).price_volatility_30, False)
        self.assertFalse(self.find(offer).is_unstable)

    def test_veto_holds_down_and_says_so(self):
        opportunity = self.make_opportunity(market_vals={"may_sell": "no"})
        self.assertTrue(opportunity.is_vetoed)
        self.assertEqual(opportunity.score, 10.0)
        self.assertEqual(opportunity.grade, "E")
        self.assertFalse(opportunity.is_immediate)
        self.assertEqual(
            opportunity.veto_text,
            "We may not sell it on this marketplace: the score is at most 10.",
        )
        self.assertEqual(opportunity.score_lines[-1]["key"], "veto")
        self.assertAlmostEqual(
            sum(line["points"] for line in opportunity.score_lines), 10 - 50, delta=1.0
        )

    def test_no_score_by_a_veto(self):
        self.profile.veto_ids.filtered(lambda veto: veto.cap == 10).effect = "no_score"
        opportunity = self.make_opportunity(market_vals={"may_sell": "no"})
        self.assertIs(opportunity.score, False)
        self.assertFalse(opportunity.grade)
        self.assertEqual(opportunity.net_margin, 8.0)
        self.assertIn("by a veto", opportunity.score_basis)

    def test_too_good_to_be_true(self):
        """A pack on the marketplace, and a price under half the other supplier's."""
        other = self.make_feed(self.make_supplier("Dear"))
        self.make_offer(GTINS[1], feed=other, supplier_sku="D", price_untaxed=21.0)
        rival = self.make_opportunity(GTINS[1])
        self.assertEqual(rival.suspicious_reasons, "rival")
        pack = self.make_opportunity(GTINS[2], market_vals={"pack_quantity": 6})
        self.assertEqual(pack.suspicious_reasons, "pack")
        self.assertIn("the listing is a pack", pack.attention)
        self.assertTrue(pack.is_suspicious and not pack.is_immediate and pack.score <= 50)
        told = self.make_opportunity(GTINS[3], {"name": "Pen x 6"}, {"pack_quantity": 6})
        self.assertFalse(told.is_suspicious)
        self.assertEqual(told.pack_mismatch, 0)

    def test_hidden_cost(self):
        self.company.onep_extra_cost = 4.0
        opportunity = self.make_opportunity()
        # 8.00 without it, half of which it eats
        self.assertTrue(opportunity.has_hidden_cost)
        self.assertIn("eat 50 % of the margin", opportunity.attention)
        self.company.onep_hidden_cost_share = 0.6
        self.evaluate()
        self.assertFalse(opportunity.has_hidden_cost)

    def test_profiles_side_by_side(self):
        opportunity = self.make_opportunity()
        own = self.profile.copy({"name": "Ours", "company_id": self.company.id, "sequence": 90})
        own.line_ids.filtered(lambda line: line.signal != "roi").unlink()
        stranger = self.env["res.company"].create({"name": "Stranger"})
        self.profile.copy({"name": "Theirs", "company_id": stranger.id})
        table = opportunity.with_user(self.buyer).profile_table
        labels = [column["label"] for column in table["columns"]]
        self.assertEqual(labels[0], "Balanced")
        self.assertTrue(table["columns"][0]["is_reference"])
        self.assertIn("Ours", labels)
        self.assertNotIn("Theirs", labels)
        rows = {row["key"]: row["values"] for row in table["rows"]}
        self.assertEqual(rows["score"][0], int(opportunity.score + 0.5), "as its badge")
        # ROI 80 % on a curve that gives half at 35 % and all at 150 %
        self.assertEqual(rows["score"][labels.index("Ours")], round(100 * (0.5 + 0.5 * 45 / 115)))
        self.assertEqual(rows["confidence"][labels.index("Ours")], 1.0)

    def test_a_changed_profile_is_told(self):
        opportunity = self.make_opportunity()
        self.assertNotIn("profile was changed", opportunity.attention or "")
        self.profile.line_ids.filtered(lambda line: line.signal == "roi").weight = 90
        opportunity.invalidate_recordset()
        self.assertIn("profile was changed", opportunity.attention)
