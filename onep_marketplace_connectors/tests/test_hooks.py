from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.hooks import uninstall_hook

from .market_case import MarketplaceCase, gtins


@tagged("standard", "post_install", "-at_install")
class TestUninstall(MarketplaceCase):
    def test_nothing_points_at_what_is_gone(self):
        self.fnac._sync(gtins(2))
        jobs = self.env["queue.job"].search([("model_name", "=", "onep.marketplace")])
        self.assertTrue(jobs)
        uninstall_hook(self.env)
        self.assertFalse(jobs.exists())
        self.assertFalse(
            self.env["ir.config_parameter"].search(
                [("key", "=like", "onep_marketplace_connectors.%")]
            )
        )
