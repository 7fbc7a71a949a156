from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.clients.steps import Step

from .funnel_case import FunnelCase
from .market_case import gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceHistory(FunnelCase):
    def setUp(self):
        super().setUp()
        self.gtin = gtins(1)[0]

    def lines(self, offer):
        return offer.history_ids.sorted("first_seen_at")

    def test_only_changes_are_written(self):
        offer = self.look(self.gtin, buy_box_price_taxed=20.0)
        line = self.lines(offer)
        self.assertEqual((len(line), line.buy_box_price_taxed), (1, 20.0))
        self.assertEqual(line.buy_box_seller, "S1", "the detailed call completes the line")
        self.age(offer, days=1)
        seen = line.last_seen_at
        offer = self.look(self.gtin)
        self.assertEqual(self.lines(offer), line)
        self.assertGreater(line.last_seen_at, seen + timedelta(hours=23))
        self.assertLess(line.first_seen_at, fields.Datetime.now() - timedelta(hours=23))

        self.age(offer, days=1)
        offer = self.look(self.gtin, buy_box_price_taxed=18.0, buy_box_seller="S2")
        former, newest = self.lines(offer)
        self.assertEqual((former, newest.buy_box_price_taxed), (line, 18.0))
        self.assertEqual((former.buy_box_seller, newest.buy_box_seller), ("S1", "S2"))
        self.assertTrue(newest.is_holder_change)
        self.assertEqual(newest.holder_before, "S1")
        self.assertFalse(former.is_holder_change)
        changes = self.env["onep.marketplace.offer.history"].search(
            [("is_holder_change", "=", True), ("offer_id", "=", offer.id)]
        )
        self.assertEqual(changes, newest)

    def test_what_is_old_goes_by_setting_and_the_present_stays(self):
        offer = self.look(self.gtin, buy_box_price_taxed=20.0)
        for price in (21.0, 22.0):
            self.age(offer, days=100)
            offer = self.look(self.gtin, buy_box_price_taxed=price)
        self.age(offer, days=150)
        self.run_cron("ir_cron_remove_old_history")
        self.assertEqual(len(self.lines(offer)), 3, "two years are kept by default")
        for days, prices in ((300, [21.0, 22.0]), (120, [22.0])):
            self.env["res.config.settings"].create({"onep_market_history_days": days}).set_values()
            self.run_cron("ir_cron_remove_old_history")
            self.assertEqual(
                self.lines(offer).mapped("buy_box_price_taxed"),
                prices,
                f"lines that ended {days} days ago are gone, the present state is not",
            )
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"onep_market_history_days": 30})

    def test_a_call_that_does_not_speak_of_a_figure_leaves_it(self):
        offer = self.look(self.gtin)
        self.assertEqual(offer.buy_box_seller, "S1")
        self.market.steps = {
            step: spec for step, spec in self.market.steps.items() if step is not Step.DETAIL
        }
        offer = self.look(self.gtin, buy_box_price_taxed=21.0)
        self.assertEqual((offer.buy_box_price_taxed, offer.buy_box_seller), (21.0, "S1"))

    def test_an_offer_does_not_stay_refused(self):
        offer = self.look(self.gtin)
        self.assertEqual((offer.state, offer.buy_box_seller), ("found", "S1"))
        self.look(self.gtin, state="error", reason_codes="item-refused")
        self.assertEqual(self.offer(self.gtin).state, "error")
        self.market.rows.clear()
        # the dear call adds nothing this time: the cheap one repeats itself
        self.market.tell(self.gtin, Step.DETAIL, state="error", reason_codes="item-refused")
        self.sync(self.place, [self.gtin])
        offer = self.offer(self.gtin)
        self.assertEqual(
            (offer.state, offer.buy_box_price_taxed, offer.buy_box_seller), ("found", 20.0, "S1")
        )
        self.assertEqual(len(offer.history_ids), 1, "the market did not move")

    def test_an_offer_is_not_found_without_its_figures(self):
        self.look(self.gtin)
        self.market.tell(self.gtin, Step.IDENTITY, state="not_found", reason_codes="unknown-gtin")
        offer = self.offer(self.gtin)
        self.age(offer, days=31)
        self.sync(self.place, [self.gtin])
        offer = self.offer(self.gtin)
        self.assertEqual((offer.state, offer.buy_box_price_taxed), ("not_found", False))
        self.age(offer, days=31)
        self.market.rows.clear()
        self.market.tell(self.gtin, Step.DETAIL, state="error", reason_codes="item-refused")
        self.sync(self.place, [self.gtin])
        offer = self.offer(self.gtin)
        self.assertEqual((offer.state, offer.buy_box_price_taxed), ("found", 20.0))
        self.assertEqual(
            [line.state for line in self.lines(offer)], ["found", "not_found", "found"]
        )

    def test_last_known_figures_keep_their_own_date(self):
        offer = self.look(self.gtin, buy_box_price_taxed=20.0, sales_rank=7)
        self.assertEqual((offer.last_price_taxed, offer.last_rank), (20.0, 7))
        known_at = offer.last_price_at
        self.env.cr.execute(
            "UPDATE onep_marketplace_offer SET last_price_at = last_price_at - interval '1 day',"
            " last_rank_at = last_rank_at - interval '1 day' WHERE id = %s",
            [offer.id],
        )
        offer = self.look(self.gtin, buy_box_price_taxed=None, sales_rank=None, state="no_price")
        self.assertIs(offer.buy_box_price_taxed, False)
        self.assertIs(offer.sales_rank, False)
        self.assertEqual((offer.last_price_taxed, offer.last_rank), (20.0, 7))
        self.assertLess(offer.last_price_at, known_at)
        self.assertGreater(offer.fetched_at, offer.last_price_at)
        self.assertIs(self.lines(offer)[-1].buy_box_price_taxed, False)

    def test_history_goes_with_its_offer(self):
        offer = self.look(self.gtin)
        line = self.lines(offer)
        self.assertTrue(line)
        offer.unlink()
        self.assertFalse(line.exists())

    def make_lines(self, offer, *states):
        """States (days ago it began, price, holder, rank); the newest is still seen now."""
        offer.history_ids.unlink()
        now = self.env.cr.now()
        ends = [days for days, *_rest in states[1:]] + [0]
        self.env["onep.marketplace.offer.history"].create(
            [
                {
                    "offer_id": offer.id,
                    "first_seen_at": now - timedelta(days=begin),
                    "last_seen_at": now - timedelta(days=end),
                    "buy_box_price_taxed": price,
                    "buy_box_seller": holder,
                    "sales_rank": rank,
                    "offer_count": 2,
                    "state": "found",
                }
                for (begin, price, holder, rank), end in zip(states, ends, strict=True)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def test_trends_are_weighted_by_time(self):
        offer = self.look(self.gtin)
        # 28 days at 10.00, then 8 at 20.00 by another holder, 4 at 10.00 again
        self.make_lines(
            offer,
            (40, 10.0, "S1", 100),
            (12, 20.0, "S2", 300),
            (4, 10.0, "S1", False),
        )
        week, month, quarter = offer.trend_ids.sorted("days")
        self.assertEqual([week.days, month.days, quarter.days], [7, 30, 90])
        # the last 7 days: 3 at 20, 4 at 10
        self.assertAlmostEqual(week.price_mean, (3 * 20 + 4 * 10) / 7, 2)
        self.assertEqual((week.price_min, week.price_max), (10.0, 20.0))
        self.assertEqual((week.holder_changes, month.holder_changes), (1, 2))
        self.assertEqual(week.main_holder, "S1")
        self.assertAlmostEqual(week.main_holder_share, 4 / 7, 3)
        self.assertAlmostEqual(month.price_mean, (18 * 10 + 8 * 20 + 4 * 10) / 30, 2)
        mean = (28 * 10 + 8 * 20 + 4 * 10) / 40
        deviation = ((28 * 100 + 8 * 400 + 4 * 100) / 40 - mean**2) ** 0.5
        self.assertAlmostEqual(quarter.price_volatility, deviation / mean, 3)
        self.assertAlmostEqual(quarter.known_days, 40, 2)
        # the rank is unknown in the newest line: its mean is of the days it was known
        self.assertAlmostEqual(week.rank_mean, 300, 0)
        self.assertAlmostEqual(quarter.rank_mean, (28 * 100 + 8 * 300) / 36, 0)

    def test_an_unknown_holder_hides_no_change_of_hands(self):
        offer = self.look(self.gtin)
        self.make_lines(
            offer,
            (6, 10.0, "S1", 1),
            (5, 10.0, False, 1),
            (4, 10.0, False, 1),
            (3, 10.0, "S2", 1),
            (2, 10.0, False, 1),
            (1, 10.0, "S2", 1),
        )
        lines = self.lines(offer)
        self.assertEqual(lines.mapped("is_holder_change"), [False] * 3 + [True] + [False] * 2)
        self.assertEqual(lines[3].holder_before, "S1")
        week = offer.trend_ids.sorted("days")[0]
        self.assertEqual(week.holder_changes, 1, "the list and the trend say the same")

    def test_slope_of_a_steady_rise(self):
        offer = self.look(self.gtin)
        self.make_lines(offer, *((day, 50.0 - day, "S1", 1) for day in range(20, 0, -1)))
        quarter = offer.trend_ids.sorted("days")[-1]
        self.assertAlmostEqual(quarter.price_slope, 1.0, 1)
        self.assertEqual(quarter.holder_changes, 0)

    def test_curve_has_each_day_once(self):
        offer = self.look(self.gtin)
        self.make_lines(offer, (10, 10.0, "S1", 5), (3, 12.0, "S2", 6))
        days = self.env["onep.marketplace.curve"].search([("offer_id", "=", offer.id)])
        self.assertEqual(len(days), 11)
        self.assertEqual(len(set(days.mapped("day"))), 11)
        prices = days.sorted("day").mapped("price")
        self.assertEqual((prices[0], prices[-1]), (10.0, 12.0))
        action = offer.action_open_curve()
        self.assertEqual(action["domain"], [("offer_id", "=", offer.id)])
        groups = self.env["onep.marketplace.curve"].formatted_read_group(
            action["domain"], ["day:week"], ["price:avg", "rank:avg"]
        )
        self.assertTrue(groups)
