from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects
from odoo.addons.queue_job.tests.common import trap_jobs

from .market_case import MarketplaceCase, gtins

LOGGER = "odoo.addons.onep_marketplace_connectors.models.onep_marketplace_worker"


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketSync(MarketplaceCase):
    def offers(self, marketplace):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["onep.marketplace.offer"].search(
            [("marketplace_id", "=", marketplace.id)], order="gtin"
        )

    def figures(self, marketplace, *names):
        self.env.cr.execute(
            f"SELECT {', '.join(names)} FROM onep_marketplace_offer"
            " WHERE marketplace_id = %s ORDER BY gtin",
            [marketplace.id],
        )
        return self.env.cr.fetchall()

    def test_question_wakes_one_worker_of_the_account_s_channel(self):
        with trap_jobs() as trap:
            run = self.amazon._sync(gtins(3))
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                self.amazon._job_ask,
                args=(0,),
                properties={
                    "identity_key": f"onep_market-{self.amazon.id}-0",
                    "channel": f"root.onep_market.account_{self.amazon.id}",
                },
            )
        self.assertEqual((run.state, run.asked_count, run.kind), ("queued", 3, "now"))

    def test_sweep_wakes_the_workers(self):
        self.sync(self.fnac, gtins(3))
        self.fnac.offer_ids.fetched_at = "2026-01-01"
        self.fnac.worker_count = 3
        with trap_jobs() as trap:
            self.fnac._sync()
            trap.assert_jobs_count(3)

    def test_job_may_commit_and_has_its_channel(self):
        config = self.env["queue.job.function"].job_config(
            self.env["queue.job.function"].job_function_name("onep.marketplace", "_job_ask")
        )
        self.assertTrue(config.allow_commit)
        self.assertEqual(config.channel, "root.onep_market")
        self.assertEqual(config.on_fail_method_name, "_job_ask_failed")

    def test_update_stores_every_ean(self):
        for marketplace in (self.amazon, self.fnac, self.cdiscount):
            asked = gtins(60)
            run = self.sync(marketplace, asked)
            self.assertEqual(run.state, "done", run.error_message)
            offers = self.offers(marketplace)
            self.assertEqual(offers.mapped("gtin"), sorted(asked))
            self.assertEqual(run.done_count, 60)
            self.assertEqual(run.found_count + run.not_found_count + run.failed_count, 60)
            self.assertEqual(run.new_count, 60)
            self.assertEqual(run.changed_count, 0)
            priced = offers.filtered(lambda o: o.buy_box_price_taxed or o.lowest_price_taxed)
            self.assertEqual(run.priced_count, len(priced))
            self.assertEqual(run.progress, 100)
            self.assertFalse(run.task_ids, "nothing is left waiting")
            self.assertTrue(all(offers.mapped("is_demo")))
            self.assertEqual(offers.company_id, marketplace.company_id)
            self.assertEqual(offers.currency_id, self.env.ref("base.EUR"))
            self.assertEqual(marketplace.connection_state, "ok")
            self.assertTrue(marketplace.last_sync_at)

    def test_unknown_is_null_never_zero(self):
        self.sync(self.cdiscount, gtins(60))
        rows = self.figures(
            self.cdiscount, "state", "buy_box_price_taxed", "sales_rank", "weight_g", "offer_count"
        )
        self.assertTrue(all(rank is None and weight is None for _s, _p, rank, weight, _o in rows))
        unknown = [row for row in rows if row[0] == "no_price"]
        self.assertTrue(unknown)
        self.assertTrue(
            all(price is None and count is None for _s, price, _r, _w, count in unknown)
        )
        self.assertNotIn(0, [price for _s, price, *_rest in rows])

    def test_amazon_without_each_offer(self):
        self.amazon.amazon_offer_detail = False
        run = self.sync(self.amazon, gtins(20))
        self.assertEqual(run.state, "done", run.error_message)
        called = {call[1] for call in self.simulator.calls}
        self.assertIn("getCompetitivePricing", called)
        self.assertNotIn("getItemOffersBatch", called)
        self.assertNotIn("detail", run.funnel_ids.mapped("step"))
        self.amazon.action_check_connection()
        self.assertFalse({"getItemOffersBatch"} & {call[1] for call in self.simulator.calls})

    def test_second_update_changes_nothing(self):
        asked = gtins(60)
        names = ("id", "gtin", "state", "buy_box_price_taxed", "sales_rank", "name", "changed_at")
        self.sync(self.amazon, asked)
        before = self.figures(self.amazon, *names)
        run = self.sync(self.amazon, asked)
        self.assertEqual(self.figures(self.amazon, *names), before)
        self.assertEqual((run.new_count, run.changed_count), (0, 0))

    def test_moved_market_updates_what_moved(self):
        asked = gtins(60)
        self.sync(self.amazon, asked)
        self.env.cr.execute(
            "UPDATE onep_marketplace_offer SET first_seen_at = '2026-01-01',"
            " fetched_at = '2026-01-01', changed_at = '2026-01-01'"
        )
        before = dict(self.figures(self.amazon, "gtin", "buy_box_price_taxed"))
        self.simulator.market.tick = 3
        run = self.sync(self.amazon, asked)
        after = dict(self.figures(self.amazon, "gtin", "buy_box_price_taxed"))
        moved = {gtin for gtin in asked if before[gtin] != after[gtin]}
        self.assertTrue(moved)
        self.assertEqual(len(self.offers(self.amazon)), 60)
        changed = self.offers(self.amazon).filtered(lambda o: o.changed_at.month != 1)
        self.assertLessEqual(moved, set(changed.mapped("gtin")))
        self.assertEqual(run.changed_count, len(changed))
        offers = self.offers(self.amazon)
        self.assertTrue(all(offer.fetched_at.year > 2025 for offer in offers))
        self.assertEqual({offer.first_seen_at.month for offer in offers}, {1})

    def test_quota_gives_the_worker_back_and_goes_on(self):
        asked = gtins(60)
        self.simulator.faults.add(
            "rate-limit", platform="amazon", operation="searchCatalogItems", skip=1
        )
        run = self.amazon._sync(asked)
        pause = self.pause_of(self.amazon)
        self.assertTrue(pause.ignore_retry)
        self.assertGreater(pause.seconds, 0)
        self.assertEqual(run.state, "running")
        self.assertIn("quota", run.phase)
        self.assertFalse(self.amazon.waiting_message, "a spent quota is no trouble")
        started_at, calls = run.started_at, len(self.simulator.calls)
        self.amazon._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count, run.started_at), ("done", 60, started_at))
        searches = [c for c in self.simulator.calls[calls:] if c[1] == "searchCatalogItems"]
        self.assertEqual(len(searches), 2, "what was answered is not asked again")
        self.assertEqual(run.new_count, 60)

    def test_outage_is_said_on_the_account_and_ends_by_itself(self):
        self.simulator.faults.add("html-503", platform="fnac", count=None)
        run = self.fnac._sync(gtins(3))
        pause = self.pause_of(self.fnac)
        self.assertGreater(pause.seconds, 1)
        self.assertIn("503", self.fnac.waiting_message)
        self.assertTrue(self.fnac.is_held_up)
        self.assertEqual(run.task_ids.mapped("attempts"), [1] * 3)
        self.assertEqual(set(run.task_ids.mapped("rule")), {"service-down"})

        self.simulator.faults.clear()
        self.make_due(run)
        self.fnac._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("done", 3))
        self.assertFalse(self.fnac.waiting_message)

    def make_due(self, run):
        """As if the time of putting off had passed."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE onep_market_task SET not_before = NULL WHERE sync_id = %s", [run.id]
        )
        self.env.invalidate_all()

    @mute_logger(LOGGER)
    def test_one_marketplace_fails_alone(self):
        asked = gtins(20)
        self.amazon.amazon_client_secret = "planted-wrong"
        runs = {m: self.sync(m, asked) for m in (self.amazon, self.fnac, self.cdiscount)}
        self.assertEqual(runs[self.amazon].state, "failed")
        self.assertIn("Rotate it", runs[self.amazon].error_message)
        self.assertIn("Rotate it", self.amazon.waiting_message)
        self.assertEqual(self.amazon.connection_state, "failed")
        self.assertFalse(self.offers(self.amazon))
        for marketplace in (self.fnac, self.cdiscount):
            self.assertEqual(runs[marketplace].state, "done")
            self.assertEqual(len(self.offers(marketplace)), 20)

    @mute_logger(LOGGER)
    def test_responsible_is_warned_once(self):
        self.amazon.amazon_client_secret = "wrong"
        for _run in range(2):
            self.sync(self.amazon, gtins(2))
        self.assertEqual(len(self.amazon.activity_ids), 1)
        self.assertEqual(self.amazon.activity_ids.user_id, self.amazon.user_id)

    def test_refused_item_keeps_what_was_known(self):
        asked = gtins(20)
        self.sync(self.amazon, asked)
        before = self.offers(self.amazon)
        prices = {offer.gtin: offer.buy_box_price_taxed for offer in before}
        self.simulator.faults.add("bad-item", platform="amazon", operation="getCompetitivePricing")
        run = self.sync(self.amazon, asked)
        self.assertEqual((run.state, run.failed_count, run.issue_count), ("done", 1, 1))
        refused = self.offers(self.amazon).filtered(lambda offer: offer.state == "error")
        self.assertEqual(len(refused), 1)
        self.assertEqual(refused.buy_box_price_taxed, prices[refused.gtin])
        self.assertIn("refused", refused.reason)
        self.assertIn("ASIN is not valid", refused.reason)

    def test_stop_and_resume(self):
        run = self.fnac._sync(gtins(10))
        run.action_cancel()
        self.fnac._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("cancelled", 0))
        run.action_retry()
        self.fnac._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("done", 10))

    def test_done_run_is_not_run_twice(self):
        self.sync(self.fnac, gtins(3))
        calls = len(self.simulator.calls)
        self.fnac._job_ask(0)
        self.assertEqual(len(self.simulator.calls), calls)

    def test_fnac_s_fallback_is_remembered(self):
        self.simulator.fnac.has_v3 = False
        run = self.sync(self.fnac, gtins(20))
        self.assertEqual(run.state, "done", run.error_message)
        with self.fnac._get_client() as client:
            self.assertEqual(client.steps()[Step.WIDE].batch_size, 10)

    def test_unforeseen_failure_is_told_by_the_queue(self):
        run = self.fnac._sync(gtins(3))
        self.fnac._job_ask_failed()
        self.assertEqual(run.state, "failed")
        self.assertIn("Resume", run.error_message)

    def test_hook_after_a_run(self):
        with patch.object(self.env.registry["onep.market.sync"], "_after_sync") as hook:
            self.sync(self.fnac, gtins(3))
        hook.assert_called_once()

    def test_storing_does_not_depend_on_the_size_of_a_batch(self):
        small, large = gtins(10), gtins(200)
        Offer = self.env["onep.marketplace.offer"]
        with self.fnac._get_client() as client:
            answers = [client.ask(Step.WIDE, Subjects(asked)) for asked in (small, large)]
        Offer._store_answer(self.fnac, answers[0])  # warm
        counts = []
        for answer in answers:
            before = self.cr.sql_log_count
            Offer._store_answer(self.fnac, answer)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], 6)
