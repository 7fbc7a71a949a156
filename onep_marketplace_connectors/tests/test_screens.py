from odoo.tests import HttpCase, tagged

from .market_case import MarketplaceCase, gtins, start_simulator


@tagged("standard", "post_install", "-at_install")
class TestScreens(HttpCase):
    """The screens of a marketplace in a real browser."""

    def test_marketplace_tour(self):
        simulator = start_simulator(type(self))
        self.env["ir.config_parameter"].set_param(
            "onep_marketplace_connectors.demo_market_url", simulator.url
        )
        for client_class in self.env["onep.marketplace"]._get_client_classes().values():
            self.patch(client_class, "limits", {})
        self.env["onep.marketplace"].search([]).active = False
        fnac = MarketplaceCase.make_marketplace.__func__(type(self), "fnac", name="Fnac tour")
        fnac._sync(gtins(30))
        fnac._job_ask(0)
        self.start_tour("/odoo/marketplaces", "onep_marketplace_tour", login="admin")
        self.assertEqual(fnac.connection_state, "ok")
