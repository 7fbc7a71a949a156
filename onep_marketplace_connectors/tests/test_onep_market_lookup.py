from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .market_case import MarketplaceCase, gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketLookup(MarketplaceCase):
    def look_up(self, text):
        wizard = self.env["onep.market.lookup"].create(
            {"marketplace_ids": [(6, 0, (self.amazon | self.fnac).ids)], "eans": text}
        )
        return wizard.action_look_up()

    def test_valid_eans_are_asked_everywhere(self):
        first, second = gtins(2)
        with trap_jobs() as trap:
            action = self.look_up(f"{first[1:]}\n {second} ; 123 rubbish")
            trap.assert_jobs_count(2)
        runs = self.env["onep.market.sync"].search(action["domain"])
        self.assertEqual(runs.marketplace_id, self.amazon | self.fnac)
        for run in runs:
            self.assertEqual(sorted(run.task_ids.mapped("gtin")), sorted([first, second]))

    def test_no_valid_ean_says_why(self):
        with self.assertRaises(UserError) as caught:
            self.look_up("3760123456780 rubbish")
        self.assertIn("rubbish", str(caught.exception))

    def test_marketplaces_of_the_company_by_default(self):
        wizard = self.env["onep.market.lookup"].new({})
        self.assertIn(self.amazon, wizard.marketplace_ids._origin)
