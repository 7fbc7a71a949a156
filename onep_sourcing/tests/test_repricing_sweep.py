from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.clients.errors import RateLimited
from odoo.addons.onep_marketplace_connectors.clients.steps import Step
from odoo.addons.onep_marketplace_connectors.tests.fake_marketplace import FakeMarket
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestRepricingSweep(BuyingCase):
    """A long market update is priced while it runs, its end catches what is left."""

    def setUp(self):
        super().setUp()
        self.asked = list(GTINS[:3])
        known = {"first_seen_at": fields.Datetime.now() - timedelta(days=1)}
        self.deals = {gtin: self.make_opportunity(gtin, market_vals=known) for gtin in self.asked}
        self.env["onep.evaluation.mark"].search([]).unlink()
        self.market = FakeMarket(steps=(Step.WIDE,), batch_size=1)
        for gtin in self.asked:
            self.market.tell(gtin, Step.WIDE, buy_box_price_taxed=40.0)
        market = self.market
        self.patch(
            self.env.registry["onep.marketplace"], "_get_client", lambda _place: market.client()
        )

    def work(self):
        """A worker's slice; whether something is left to ask."""
        try:
            self.marketplace._job_ask(0)
        except RetryableJobError:
            return True
        finally:
            self.env.invalidate_all()
        return False

    def marked(self):
        """GTINs of the deals that wait."""
        self.env.flush_all()
        marks = self.env["onep.evaluation.mark"].search([("company_id", "=", self.company.id)])
        return sorted(marks.mapped("supplier_offer_id.gtin"))

    def prices(self):
        """What the opportunities were priced with."""
        self.env.invalidate_all()
        return [self.deals[gtin].sell_price_taxed for gtin in self.asked]

    def test_what_is_stored_is_priced_before_the_end(self):
        self.market.errors = [None, RateLimited(30.0, operation="wide")]
        with trap_jobs() as trap:
            run = self.marketplace._sync(self.asked)
            self.assertTrue(self.work(), "the quota is spent after the first answer")
            ((_step, (first,)),) = self.market.asked
            self.assertEqual(self.marked(), [first])
            trap.assert_enqueued_job(
                self.company._job_price_waiting,
                properties={"identity_key": f"onep_evaluation_waiting-{self.company.id}"},
            )
        self.assertNotEqual(run.state, "done")
        # evaluations are dated to the second
        self.env.cr.execute(
            "UPDATE onep_marketplace_offer SET changed_at = changed_at - interval '1 minute'"
            " WHERE gtin = %s",
            [first],
        )
        self.company._job_price_waiting()
        self.assertEqual(
            dict(zip(self.asked, self.prices(), strict=True)),
            {gtin: 40.0 if gtin == first else 30.0 for gtin in self.asked},
        )
        self.assertEqual((self.marked(), run.state == "done"), ([], False))

        with trap_jobs():
            self.assertFalse(self.work())
            self.assertEqual((run.state, run.changed_count), ("done", 3))
            rest = self.env["onep.evaluation"].search([("sync_id", "=", run.id)])
        rest._job_evaluate()
        self.assertEqual(rest.total_count, 2, "what was priced on the way is not priced again")
        self.assertEqual((self.prices(), self.marked()), ([40.0] * 3, []))

    def test_an_answer_that_moves_nothing_marks_nothing(self):
        for gtin in self.asked:
            self.market.tell(gtin, Step.WIDE, buy_box_price_taxed=30.0)
        with trap_jobs():
            self.marketplace._sync(self.asked)
            self.work()
            # the counts of the first reading differ from those of the fixture
            self.env["onep.evaluation.mark"].search([]).unlink()
            self.marketplace._sync(self.asked)
            self.work()
        self.assertEqual(len(self.market.asked), 6)
        self.assertEqual(self.marked(), [])
