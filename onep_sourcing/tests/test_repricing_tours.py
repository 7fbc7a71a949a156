from odoo.tests import HttpCase, tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestRepricingTours(BuyingCase, HttpCase):
    """A rule is changed: its form and the opportunities tell what waits, one click prices it."""

    def test_a_changed_rule_shows_what_waits(self):
        opportunity = self.make_opportunity()
        self.rate_card.line_ids.rate = 0.2
        self.env.flush_all()
        self.start_tour(
            f"/odoo/margin-rate-cards/{self.rate_card.id}",
            "onep_sourcing_rule_waiting",
            login="manager_onep",
        )
        self.start_tour("/odoo/opportunities", "onep_sourcing_repricing", login="buyer_onep")
        self.company._job_price_waiting()
        self.env.invalidate_all()
        self.assertEqual(opportunity.commission, 6.0)
