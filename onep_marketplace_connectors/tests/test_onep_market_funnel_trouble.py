"""What the funnel does when a marketplace does not answer, refuses or makes no sense."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.onep_marketplace_connectors.clients.errors import (
    BadCredentials,
    ContractChanged,
    MissingPermission,
    ServiceDown,
)
from odoo.addons.onep_marketplace_connectors.clients.retry import MAX_ATTEMPTS
from odoo.addons.onep_marketplace_connectors.clients.steps import Step

from .fake_marketplace import FakeMarket
from .funnel_case import FunnelCase
from .market_case import gtins

WORKER_LOGGER = "odoo.addons.onep_marketplace_connectors.models.onep_marketplace_worker"


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketFunnelTrouble(FunnelCase):
    def test_put_off_then_listed_with_its_reason(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        for _try in range(2):
            self.market.errors = [ContractChanged(operation="search", detail="no items")]
            self.pause_of(self.place)
            self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
        self.market.errors = [ContractChanged(operation="search", detail="no items")]
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.failed_count), ("done", 1))
        offer = self.offer(gtin)
        self.assertEqual((offer.state, offer.reason_detail), ("error", "no items"))
        self.assertEqual(
            offer.reason,
            "The marketplace gave no answer for this EAN. Its answers came in a form that could"
            " not be read. no items",
        )

    def test_one_question_that_spoils_its_batch_is_listed_alone(self):
        self.market = FakeMarket(batch_size=20)
        asked = gtins(20)
        bad = asked[13]
        self.market.poison = {bad}
        run = self.place._sync(asked)
        self.shifts(run)
        self.assertEqual((run.state, run.failed_count, run.found_count), ("done", 1, 19))
        self.assertEqual({gtin for gtin in asked if self.offer(gtin).state == "error"}, {bad})
        self.assertEqual(len(self.asked(Step.IDENTITY)), 19, "each answered once")
        failed = [count for step, count in self.market.senseless if step == Step.IDENTITY]
        # twice whole, then by halves, twice alone
        self.assertEqual(failed, [20, 20, 10, 5, 2, 1, 1])

    def test_outages_between_do_not_list_the_neighbours(self):
        asked = gtins(20)
        self.market.poison = {asked[3]}
        down = ServiceDown(10, cause="HTTP 503")
        run = self.place._sync(asked)
        for _time in range(4):
            self.market.errors = [down]
            self.shifts(run, 2)
        self.shifts(run)
        self.assertEqual((run.state, run.failed_count, run.found_count), ("done", 1, 19))
        self.assertEqual(self.offer(asked[3]).state, "error")

    def test_what_overtakes_is_asked_in_whole_batches(self):
        asked = gtins(10)
        self.market.poison = {asked[0]}
        self.place._sync(asked)
        self.pause_of(self.place)
        self.assertEqual(self.part_sizes(), {10})
        self.place._sync(asked)
        self.assertEqual(self.part_sizes(), {None})

    def part_sizes(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT part_size FROM onep_market_task WHERE marketplace_id = %s",
            [self.place.id],
        )
        return {size for (size,) in self.env.cr.fetchall()}

    @mute_logger(WORKER_LOGGER)
    def test_a_marketplace_that_makes_no_sense_is_stopped_and_somebody_told(self):
        asked = gtins(40)
        self.market.poison = set(asked)
        run = self.place._sync(asked)
        self.shifts(run)
        self.assertEqual(run.state, "failed")
        self.assertIn("unexpected form", run.error_message)
        self.assertEqual(len(self.market.senseless), 12, "counted across shifts")
        self.assertEqual(len(run.task_ids), 40, "no EAN is listed for it")
        self.assertEqual(len(self.place.activity_ids), 1)
        self.assertEqual(self.place.connection_state, "unchecked", "its keys are not in doubt")
        # the connector was updated
        self.market.poison = set()
        run.action_retry()
        self.shifts(run)
        self.assertEqual((run.state, run.found_count), ("done", 40))

    def test_an_outage_that_does_not_end_lists_what_it_reached(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        for _try in range(MAX_ATTEMPTS - 1):
            self.market.errors = [ServiceDown(10, cause="HTTP 503")]
            self.pause_of(self.place)
            self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
        self.assertEqual(run.state, "running")
        self.market.errors = [ServiceDown(10, cause="HTTP 503")]
        self.place._job_ask(0)
        offer = self.offer(gtin)
        self.assertEqual((run.state, offer.state), ("done", "error"))
        self.assertIn("gave no answer", offer.reason)
        self.assertIn("HTTP 503", offer.reason)

    def test_connected_when_something_was_answered(self):
        gtin = gtins(1)[0]
        self.market.poison = {gtin}
        self.shifts(self.place._sync([gtin]))
        self.assertEqual(self.offer(gtin).state, "error")
        self.assertEqual(self.place.connection_state, "unchecked", "nothing was answered")
        self.market.poison = set()
        self.place.connection_state = "limited"
        self.sync(self.place, [gtin])
        self.assertEqual(self.place.connection_state, "limited", "other calls miss the right")
        self.place.connection_state = "failed"
        self.sync(self.place, [gtin])
        self.assertEqual(self.place.connection_state, "ok")

    def test_a_dear_call_that_counts_otherwise_is_no_change(self):
        gtin = gtins(1)[0]
        self.market.tell(gtin, Step.WIDE, offer_count=9)
        self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((offer.offer_count, len(offer.history_ids)), (3, 1))
        run = self.sync(self.place, [gtin])
        self.assertEqual((run.changed_count, len(self.offer(gtin).history_ids)), (0, 1))
        self.market.tell(gtin, Step.WIDE, offer_count=8)
        self.market.tell(gtin, Step.DETAIL, offer_count=2)
        run = self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((run.changed_count, offer.offer_count), (1, 2))
        self.assertEqual(offer.history_ids.mapped("offer_count"), [2, 3])

    @mute_logger(WORKER_LOGGER)
    def test_refused_keys_stop_this_account_and_are_resumed(self):
        run = self.place._sync(gtins(3))
        self.market.errors = [BadCredentials(detail="key unknown")]
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual(run.state, "failed")
        self.assertIn("key unknown", run.error_message)
        self.assertEqual(len(run.task_ids), 3, "what was not asked still waits")
        run.action_retry()
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("done", 3))

    def test_a_missing_right_skips_the_step_only(self):
        gtin = gtins(1)[0]
        self.market.errors = [
            None,
            None,
            None,
            MissingPermission(operation="getListingsRestrictions", detail="role missing"),
        ]
        run = self.sync(self.place, [gtin])
        self.assertEqual(run.state, "done")
        offer = self.offer(gtin)
        self.assertFalse(offer.may_sell)
        self.assertEqual(offer.fee_total, 5.0)
        self.assertIn("role missing", self.place.waiting_message)

    def test_a_missing_right_in_mid_sweep_leaves_nothing_waiting(self):
        asked = gtins(25)
        self.market.errors = [
            None,
            None,
            MissingPermission(operation="getItemOffersBatch", detail="role missing"),
        ]
        run = self.sync(self.place, asked)
        self.assertEqual(run.state, "done")
        self.assertFalse(self.asked(Step.DETAIL))
        self.assertEqual({self.offer(gtin).fee_total for gtin in asked}, {5.0})
        answered, found, passed, ended = self.gates(run)["detail"]
        self.assertEqual((answered, found, ended), (0, 0, 0), "it was never asked")
        self.assertGreater(passed, 0)
        self.assertEqual(run.failed_count, 0)

    def test_what_waits_for_a_step_that_is_gone_moves_on(self):
        gtin = gtins(1)[0]
        run = self.place._sync([gtin])
        self.market.errors = [None, None, ServiceDown(10, cause="HTTP 503")]
        self.pause_of(self.place)
        self.assertEqual(run.task_ids.step, "detail")
        self.market.steps.pop(Step.DETAIL)
        self.place._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.offer(gtin).fee_total, 5.0)

    def test_a_dear_call_that_fails_keeps_what_the_cheap_one_said(self):
        gtin = gtins(1)[0]
        self.market.tell(gtin, Step.DETAIL, state="error", reason_codes="item-refused")
        self.sync(self.place, [gtin])
        offer = self.offer(gtin)
        self.assertEqual((offer.state, offer.buy_box_price_taxed), ("found", 20.0))
        self.assertIn("refused", offer.reason)

    def test_outage_leaves_what_it_did_not_reach_alone(self):
        self.known(30)
        run = self.place._sync()
        self.market.errors = [ServiceDown(10, cause="HTTP 503")]
        pause = self.pause_of(self.place, 1)
        self.assertGreater(pause.seconds, 5)
        self.assertEqual(sum(run.task_ids.mapped("attempts")), 10, "one batch was tried")

    def test_account_that_is_not_set_up_says_so_and_holds_nothing_up(self):
        bare = self.make_marketplace("cdiscount", cdiscount_client_secret=False)
        run = bare._sync(gtins(1))
        self.assertEqual(run.state, "failed")
        self.assertIn("not set up", run.error_message)
        self.assertEqual(bare.connection_state, "failed")
        nowhere = self.make_marketplace("amazon", country_id=self.env.ref("base.ad").id)
        run = nowhere._sync(gtins(1))
        self.assertEqual(run.state, "failed")
        self.assertIn("no marketplace in AD", run.error_message)
