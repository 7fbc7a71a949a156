from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ..clients.errors import (
    BadCredentials,
    MissingPermission,
    RateLimited,
    RejectedRequest,
    RetryLater,
)
from ..models import onep_marketplace_reading
from .market_case import MarketplaceCase, gtins
from .own_pages import PagesClient, categories, offers

READING_LOGGER = "odoo.addons.onep_marketplace_connectors.models.onep_marketplace_reading"
LAMP, CHAIR, TABLE = gtins(3)


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceReading(MarketplaceCase):
    """What an account has at a marketplace, page by page."""

    def read_pages(self, marketplace, kind, *pages):
        """Queue a reading and run it on these pages; returns the run."""
        run = self.env["onep.marketplace.reading"]._enqueue_for(marketplace, [kind]).sudo()
        return self.resume(run, *pages)

    def resume(self, run, *pages):
        names = {"offers": "own_offers", "stock": "own_stock", "categories": "categories"}
        self.client = PagesClient(**{names[run.kind]: list(pages)})
        with patch.object(type(self.fnac), "_get_client", lambda _self: self.client):
            run._job_read()
        return run

    def pause(self, run, *pages):
        """Run it on these pages until it gives its worker back; returns for how long."""
        # assertRaises would undo what the job committed
        try:
            self.resume(run, *pages)
        except RetryableJobError as pause:
            return pause.seconds
        self.fail("did not pause")

    def listing(self, marketplace, sku):
        return self.env["onep.marketplace.listing"].search(
            [("marketplace_id", "=", marketplace.id), ("sku", "=", sku)]
        )

    def test_own_offers_page_by_page(self):
        run = self.read_pages(
            self.fnac,
            "offers",
            offers(
                {
                    "sku": "L-1",
                    "gtin": LAMP,
                    "external_id": "123",
                    "name": "Lamp",
                    "state": "active",
                    "price_taxed": 19.9,
                    "quantity": 4,
                    "fulfilment": "merchant",
                    "fee_untaxed": 2.49,
                    "fee_taxed": 2.99,
                    "currency": "EUR",
                },
                following="2",
            ),
            offers({"sku": "C-1", "gtin": CHAIR, "state": "inactive", "quantity": 0}),
        )
        self.assertEqual(run.state, "done", run.error_message)
        self.assertEqual(self.client.asked, [("own_offers", None), ("own_offers", "2")])
        self.assertEqual((run.done_count, run.new_count, run.gone_count), (2, 2, 0))
        lamp, chair = self.listing(self.fnac, "L-1"), self.listing(self.fnac, "C-1")
        self.assertEqual((lamp.name, lamp.price_taxed, lamp.quantity), ("Lamp", 19.9, 4))
        self.assertEqual((lamp.fee_untaxed, lamp.fee_taxed), (2.49, 2.99))
        self.assertEqual(lamp.ean, LAMP[1:])
        self.assertEqual(lamp.company_id, self.fnac.company_id)
        self.assertTrue(lamp.is_demo)
        self.assertEqual(chair.state, "inactive")
        self.assertIs(chair.price_taxed, False, "unknown, not 0")
        self.assertEqual(chair.quantity, 0)
        self.assertEqual(self.fnac.listing_count, 2)

    def test_what_is_not_met_any_more_is_gone(self):
        self.read_pages(
            self.fnac,
            "offers",
            offers(
                {"sku": "L-1", "name": "Lamp", "price_taxed": 19.9, "quantity": 4},
                {"sku": "C-1", "price_taxed": 50.0, "quantity": 1},
            ),
        )
        before = self.listing(self.fnac, "L-1").first_seen_at
        self.env.cr.execute(
            "UPDATE onep_marketplace_listing SET offered_at = offered_at - interval '1 day'"
        )
        run = self.read_pages(
            self.fnac, "offers", offers({"sku": "L-1", "state": "active", "price_taxed": 18.9})
        )
        self.assertEqual((run.done_count, run.new_count, run.gone_count), (1, 0, 1))
        lamp, chair = self.listing(self.fnac, "L-1"), self.listing(self.fnac, "C-1")
        self.assertEqual((lamp.state, lamp.price_taxed, lamp.name), ("active", 18.9, "Lamp"))
        self.assertIs(lamp.quantity, False, "this answer did not say")
        self.assertEqual(lamp.first_seen_at, before)
        self.assertEqual(chair.state, "gone")
        self.assertIs(chair.quantity, False)
        self.fnac.invalidate_recordset(["listing_count"])
        self.assertEqual(self.fnac.listing_count, 1)

    def test_offers_and_stock_make_one_line(self):
        self.read_pages(
            self.amazon,
            "offers",
            offers({"sku": "L-1", "state": "active", "price_taxed": 19.9, "quantity": 0}),
        )
        self.read_pages(
            self.amazon,
            "stock",
            offers(
                {
                    "sku": "L-1",
                    "external_id": "B0LAMP",
                    "fulfilment": "marketplace",
                    "quantity": 12,
                    "quantity_inbound": 30,
                    "quantity_reserved": 2,
                    "quantity_unsellable": 1,
                }
            ),
        )
        self.read_pages(
            self.amazon,
            "offers",
            offers({"sku": "L-1", "state": "active", "price_taxed": 20.9, "quantity": 0}),
        )
        lamp = self.listing(self.amazon, "L-1")
        self.assertEqual(len(lamp), 1)
        self.assertEqual((lamp.price_taxed, lamp.quantity, lamp.quantity_inbound), (20.9, 12, 30))
        self.assertEqual((lamp.quantity_reserved, lamp.quantity_unsellable), (2, 1))
        self.assertEqual((lamp.state, lamp.fulfilment), ("active", "marketplace"))

    def test_ean_of_goods_known_by_reference_only(self):
        for gtin, reference in ((LAMP, "B0LAMP"), (CHAIR, "B0BOTH"), (TABLE, "B0BOTH")):
            self.env["onep.marketplace.offer"].create(
                {"marketplace_id": self.amazon.id, "gtin": gtin, "external_id": reference}
            )
        self.read_pages(
            self.amazon,
            "stock",
            offers(
                {"sku": "L-1", "external_id": "B0LAMP", "quantity": 1},
                {"sku": "X-1", "external_id": "B0BOTH", "quantity": 1},
            ),
        )
        lamp = self.listing(self.amazon, "L-1")
        self.assertEqual(lamp.gtin, LAMP)
        self.assertFalse(lamp.state, "Amazon does not say whether it is on sale")
        self.assertEqual(self.amazon.listing_count, 2)
        self.assertFalse(self.listing(self.amazon, "X-1").gtin, "not guessed")

    def test_spent_quota_goes_on_where_it_was(self):
        run = self.env["onep.marketplace.reading"]._enqueue_for(self.fnac, ["offers"]).sudo()
        seconds = self.pause(
            run,
            offers({"sku": "A", "quantity": 1}, following="2"),
            RateLimited(7, operation="offers_query"),
        )
        self.assertEqual(seconds, 7)
        self.assertEqual((run.state, run.done_count, run.cursor), ("running", 1, "2"))
        self.resume(run, offers({"sku": "B", "quantity": 1}))
        self.assertEqual(self.client.asked, [("own_offers", "2")])
        self.assertEqual((run.state, run.done_count, run.gone_count), ("done", 2, 0))

    def test_cursor_that_expired_starts_once_more(self):
        run = self.env["onep.marketplace.reading"]._enqueue_for(self.amazon, ["stock"]).sudo()
        refused = RejectedRequest(operation="getInventorySummaries", detail="nextToken expired")
        for error in (refused, RetryLater(1, rule="cursor-expired")):
            self.assertEqual(self.pause(run, offers({"sku": "A"}, following="2"), error), 1)
            self.assertFalse(run.cursor)
        self.resume(run, offers({"sku": "A"}, following="2"), offers({"sku": "B"}))
        self.assertEqual(self.client.asked[0], ("own_stock", None))
        self.assertEqual((run.state, run.done_count, run.gone_count), ("done", 2, 0))

    def test_cursor_that_never_lasts_ends_with_what_to_do(self):
        run = self.env["onep.marketplace.reading"]._enqueue_for(self.amazon, ["stock"]).sudo()
        for _time in range(3):
            self.pause(run, RetryLater(1, rule="cursor-expired"))
        self.resume(run, RetryLater(1, rule="cursor-expired"))
        self.assertEqual(run.state, "failed")
        self.assertTrue(run.error_message)

    @mute_logger(READING_LOGGER)
    def test_a_list_without_an_end_marks_nothing_gone(self):
        self.read_pages(self.fnac, "offers", offers({"sku": "A"}, {"sku": "B"}))
        self.env.cr.execute(
            "UPDATE onep_marketplace_listing SET offered_at = offered_at - interval '1 day'"
        )
        page = offers({"sku": "A"}, following="2")
        circle = [offers({"sku": "A"}, following=following) for following in "2323"]
        for pages in ([page, page, page, page], [page, offers(following="3")], circle):
            with patch.object(onep_marketplace_reading, "MAX_PAGES", 4):
                run = self.read_pages(self.fnac, "offers", *pages)
            self.assertEqual(run.state, "failed")
            self.assertIn("does not come to an end", run.error_message)
            self.assertNotEqual(self.listing(self.fnac, "B").state, "gone")
        run.action_retry()
        self.resume(run, offers({"sku": "A"}))
        self.assertEqual(self.client.asked, [("own_offers", None)], "from its start")
        self.assertEqual((run.state, run.done_count, run.page_count), ("done", 1, 1))
        self.assertEqual(self.listing(self.fnac, "B").state, "gone")

    @mute_logger(READING_LOGGER)
    def test_refused_keys_stop_the_account_and_tell_somebody(self):
        run = self.read_pages(self.fnac, "offers", BadCredentials(detail="no"))
        self.assertEqual(run.state, "failed")
        self.assertIn("refuses the keys", run.error_message)
        self.assertEqual(self.fnac.connection_state, "failed")
        self.assertEqual(len(self.fnac.activity_ids), 1)
        run.action_retry()
        self.assertEqual(run.state, "queued")
        self.resume(run, offers({"sku": "A"}))
        self.assertEqual(run.state, "done")

    def test_missing_right_stops_only_this_reading(self):
        self.amazon.connection_state = "ok"
        run = self.read_pages(
            self.amazon,
            "stock",
            MissingPermission(operation="getInventorySummaries", detail="Access denied"),
        )
        self.assertEqual(run.state, "failed")
        self.assertIn("no right to", run.error_message)
        self.assertEqual(self.amazon.connection_state, "ok")

    def test_category_tree(self):
        run = self.read_pages(
            self.cdiscount,
            "categories",
            categories(("0A0102", "Lampes", "0A01"), ("0A", "MAISON", None), following="2"),
            categories(("0A01", "Luminaires", "0A"), ("0B", "Sans parent", "ZZ")),
        )
        self.assertEqual(run.state, "done", run.error_message)
        Category = self.env["onep.marketplace.category"]
        mine = [("marketplace_id", "=", self.cdiscount.id)]
        lamps = Category.search([*mine, ("code", "=", "0A0102")])
        self.assertEqual(lamps.complete_name, "MAISON / Luminaires / Lampes")
        self.assertEqual(lamps.parent_id.code, "0A01")
        self.assertEqual(lamps.takes_products, "yes")
        self.assertEqual(lamps.display_name, "MAISON / Luminaires / Lampes")
        self.assertFalse(Category.search([*mine, ("code", "=", "0B")]).parent_id)
        self.assertEqual(self.cdiscount.category_count, 4)
        self.env.cr.execute(
            "UPDATE onep_marketplace_category SET seen_at = seen_at - interval '1 day'"
        )
        run = self.read_pages(
            self.cdiscount,
            "categories",
            categories(("0A", "MAISON ET DECO", None), ("0A0102", "Lampes", "0A")),
        )
        self.assertEqual(run.gone_count, 2)
        self.assertEqual(lamps.complete_name, "MAISON ET DECO / Lampes")
        self.assertEqual(lamps.parent_id.code, "0A")
        self.cdiscount.invalidate_recordset(["category_count"])
        self.assertEqual(self.cdiscount.category_count, 2)

    def test_parents_in_a_circle_end(self):
        run = self.read_pages(
            self.cdiscount,
            "categories",
            categories(("A", "A", "B"), ("B", "B", "A"), ("C", "C", "C")),
        )
        self.assertEqual(run.state, "done")
        self.assertEqual(self.cdiscount.category_count, 3)

    def test_one_reading_at_a_time(self):
        Reading = self.env["onep.marketplace.reading"]
        with trap_jobs() as trap:
            first = Reading._enqueue_for(self.fnac, ["offers"])
            self.assertEqual(Reading._enqueue_for(self.fnac, ["offers"]), first)
            trap.assert_jobs_count(1)

    def test_a_reading_whose_job_was_lost_is_queued_again(self):
        Reading = self.env["onep.marketplace.reading"]
        with trap_jobs():
            run = Reading._enqueue_for(self.fnac, ["offers"])
        with trap_jobs() as trap:
            self.assertEqual(Reading._enqueue_for(self.fnac, ["offers"]), run)
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                run.sudo()._job_read,
                properties={
                    "identity_key": f"onep_marketplace_reading-{run.id}",
                    "channel": f"root.onep_market.account_{self.fnac.id}",
                },
            )

    def test_every_day_for_accounts_whose_keys_work(self):
        every = self.amazon | self.fnac | self.cdiscount
        self.env["onep.marketplace"].search([("id", "not in", every.ids)]).active = False
        self.fnac.connection_state = "ok"
        self.cdiscount.connection_state = "failed"
        self.env["onep.marketplace"]._cron_read_listings()
        self.assertEqual(self.fnac.reading_ids.mapped("kind"), self.fnac._get_reading_kinds())
        self.assertFalse((self.amazon | self.cdiscount).reading_ids)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_user_asks_for_a_reading_and_changes_none(self):
        user = self.make_user("connector_reader", "group_connector_user")
        action = self.fnac.with_user(user).action_read_listings()
        run = self.env["onep.marketplace.reading"].with_user(user).search(action["domain"])
        self.assertEqual(run.mapped("state"), ["queued"] * len(run))
        self.resume(run.filtered(lambda r: r.kind == "offers").sudo(), offers({"sku": "A"}))
        listing = self.listing(self.fnac, "A").with_user(user)
        self.assertEqual(listing.sku, "A")
        for record in (listing, run):
            with self.assertRaises(AccessError):
                record.unlink()
            with self.assertRaises(AccessError):
                record.write({"marketplace_id": self.amazon.id})
        with self.assertRaises(AccessError):
            run[0].read(["cursor"])
